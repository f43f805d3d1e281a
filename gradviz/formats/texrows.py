"""Rows of runs -> TikZ: texts in their room, arrays in brackets and fractions, at the places of the layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

from gradviz.blocks import Block
from gradviz.formats import texmath
from gradviz.formats.ink import COLORS, Pen
from gradviz.layout import Shelf
from gradviz.layout.metrics import SPACE, block_size, row_height, run_width
from gradviz.layout.routes import Point
from gradviz.runs import Role, Row, Run, is_plain

Box = tuple[float, float, float, float]  # left, top, right, bottom

BASE: Final = 0.3  # ems from the middle of a row of text down to its base line
AXIS: Final = 0.25  # where fractions and the signs of gates have their middle
POINT: Final = 10.0  # the size of TeX's font that others are scaled from
BETWEEN: Final = 0.15  # ems that stay free between two columns of an array
ROW: Final = 1.3  # height of a row of text


def rows(above: Row, below: Row, shelf: Shelf, pen: Pen) -> Iterator[str]:
    """What stands on a shelf and what hangs below it."""
    for row, y, height in (
        (above, shelf.y - shelf.row / 2, shelf.row),
        (below, shelf.y + shelf.under / 2, shelf.under),
    ):
        middle, room = ((shelf.x0 + shelf.x1) / 2, y), (shelf.x1 - shelf.x0, height)
        if any(run.block for run in row):
            yield from _cells(row, middle, pen)
        elif row:
            base = (BASE if is_plain(row) else AXIS) * pen.size
            yield put((middle[0], y + base), "base", pen.size, room, _joined(row, pen))


def _joined(row: Row, pen: Pen) -> str:
    return _SPACE.join(_run(run, pen) for run in row).join("$$")


_SPACE: Final = f"\\hspace{{{SPACE}em}}"


def _run(run: Run, pen: Pen) -> str:
    if run.role == "gap":
        return f"\\hspace{{{run_width(run, 1.0):.2f}em}}"
    tex = texmath.run(run)
    slants = run.role in texmath.NUMBERS and not run.tex
    return colored(_slanted(tex, run.role, pen) if slants else tex, COLORS[run.role])


def _slanted(tex: str, role: Role, pen: Pen) -> str:
    """Numbers in italics where the layout has them so."""
    return f"\\mathit{{{tex}}}" if pen.is_italic(role) else tex


def _cells(row: Row, middle: Point, pen: Pen) -> Iterator[str]:
    """The runs of a row with arrays or fractions, each in a cell of its own."""
    widths, space = [ceil(run_width(run, pen.size)) for run in row], ceil(SPACE * pen.size)
    x, y = middle[0] - (sum(widths) + space * (len(row) - 1)) / 2, middle[1]
    for run, width in zip(row, widths, strict=True):
        if run.block and run.role != "gap":
            yield from _block(run.block, run.role, (x + width / 2, y), pen)
        elif not run.block:
            room = (width + space, max(row_height((run,), pen.size), ROW * pen.size))
            yield put((x + width / 2, y + AXIS * pen.size), "base", pen.size, room, _joined((run,), pen))
        x += width + space


def _block(array: Block, role: Role, middle: Point, pen: Pen) -> Iterator[str]:
    """An array: its brackets, and its entries row by row."""
    measures, color = block_size(array, pen.size), COLORS[role]
    left, top = middle[0] - measures.width / 2, middle[1] - measures.row * len(array.rows) / 2
    if array.brackets:
        yield from _brackets((left, top, left + measures.width, middle[1] * 2 - top), measures.bracket, color)
    for number, row in enumerate(array.rows):
        base, x = top + measures.row * (number + 0.5) + BASE * pen.size, left + measures.bracket + measures.inside
        free = measures.inside
        for shown, width in zip(row, measures.columns, strict=True):
            x += width
            tex = math(_slanted(texmath.entry(shown), role, pen), color)
            if array.brackets:
                yield put((x, base), "base,right", pen.size, (width + free, measures.row), tex)
            else:
                yield put((x - width / 2, base), "base", pen.size, (width, measures.row), tex)
            free = -ceil(BETWEEN * pen.size)


def _brackets(around: Box, width: float, color: str) -> Iterator[str]:
    left, top, right, bottom = around
    for x, inner in ((left, left + width), (right, right - width)):
        corners = ((inner, top), (x, top), (x, bottom), (inner, bottom))
        yield f"\\draw[gv bracket, draw={named(color)}] {line(corners)};"


# TeX -----------------------------------------------------------------------------------------------------------------


def put(place: Point, anchor: str, size: float, room: tuple[float, float], tex: str) -> str:
    """A text at a place, in points; it shrinks to the width and the height that it has."""
    return f"\\gvtext({at(*place)})[{anchor}]{{{n(size / POINT)}}}{{{n(room[0])}}}{{{n(room[1])}}}{{{tex}}}"


def math(tex: str, color: str) -> str:
    """What stands in math mode, in a colour of the theme."""
    return f"${colored(tex, color)}$"


def colored(tex: str, color: str) -> str:
    """A part of a formula in a colour of the theme."""
    return f"{{\\color{{{named(color)}}}{tex}}}"


def named(color: str) -> str:
    """What a colour of the theme is called in the file.

    >>> named("gate_fill")
    'gvgatefill'
    """
    return f"gv{color.replace('_', '')}"


def corners(corners: Box) -> str:
    """A box for TikZ."""
    left, top, right, bottom = corners
    return f"({at(left, top)}) rectangle ({at(right, bottom)})"


def line(points: Sequence[Point]) -> str:
    """A line for TikZ."""
    return " -- ".join(f"({at(*point)})" for point in points)


def at(x: float, y: float) -> str:
    """A place for TikZ, in points and y down."""
    return f"{n(x)},{n(y)}"


def n(points: float) -> str:
    """A length with at most two decimals."""
    return f"{round(points, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
