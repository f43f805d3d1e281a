"""Rows of runs -> SVG: texts centred in their room, arrays in brackets and fractions, at the places of the layout."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Final

from gradviz.blocks import POINT, Block
from gradviz.formats.ink import Pen, html
from gradviz.layout import Shelf
from gradviz.layout.metrics import FRACTION, SPACE, block_size, row_height, run_height, run_width
from gradviz.runs import Role, Row, Run, is_plain

BASE: Final = 0.33  # sizes of the font from the middle of a line of text down to its base line
GAP: Final = "\N{NO-BREAK SPACE}"  # between runs; readers may drop a plain space at the end of a piece


def shelf_rows(above: Row, below: Row, shelf: Shelf, pen: Pen) -> Iterator[str]:
    """What stands on a shelf and what hangs below it."""
    middle = (shelf.x0 + shelf.x1) / 2
    if above:
        yield from _row(above, middle, shelf.y - shelf.row / 2, pen)
    if below:
        yield from _row(below, middle, shelf.y + shelf.under / 2, pen)


def _row(row: Row, x: float, y: float, pen: Pen) -> Iterator[str]:
    """A row with its middle at a place."""
    if len(row) == 1 and is_plain(row):
        yield _line(row[0].text, row[0].role, x, y, pen)
    elif is_plain(row):
        yield _sentence(row, x, y, pen)
    else:
        yield from _cells(row, x, y, pen)


def text(shown: str, x: float, y: float, color: str, attributes: str = "") -> str:
    """A text with its middle at a place: the base line is `BASE` below, which is the caller's."""
    return f'<text x="{x:.2f}" y="{y:.2f}" fill="{color}"{attributes}>{_escaped(shown)}</text>\n'


def _line(shown: str, role: Role, x: float, y: float, pen: Pen) -> str:
    return text(shown, x, y + BASE * pen.size, pen.color(role), _style(pen, role))


def _sentence(row: Row, x: float, y: float, pen: Pen) -> str:
    """Several runs on one line, as far apart as the reader's font has its space."""
    gaps = [POINT if run.role == "gap" else GAP for run in row[:-1]]
    pieces = (
        f'<tspan fill="{pen.color(run.role)}"{_style(pen, run.role)}>{_escaped(run.text + gap)}</tspan>'
        for run, gap in zip(row, [*gaps, ""], strict=True)
    )
    return f'<text x="{x:.2f}" y="{y + BASE * pen.size:.2f}">{"".join(pieces)}</text>\n'


def _style(pen: Pen, role: Role) -> str:
    """The size of a run, unless it is the figure's, and its slant."""
    size = f' font-size="{pen.size:g}"' if pen.size != pen.theme.font_size else ""
    return f'{size} font-style="italic"' if pen.is_italic(role) else size


def _escaped(shown: str) -> str:
    body = shown.rstrip(POINT)  # what aligns numbers is ours, and no character to be made visible
    return html(body) + shown[len(body) :] if body != shown else html(shown)


# arrays and fractions ------------------------------------------------------------------------------------------------


def _cells(row: Row, x: float, y: float, pen: Pen) -> Iterator[str]:
    """The runs of a row, each in a cell of its own."""
    widths, space = [ceil(run_width(run, pen.size)) for run in row], ceil(SPACE * pen.size)
    left, height = x - (sum(widths) + space * (len(row) - 1)) / 2, row_height(row, pen.size)
    for run, width in zip(row, widths, strict=True):
        middle = left + width / 2
        if run.block:
            yield from _block(run.block, run, middle, y - height / 2 + run_height(run, pen.size) / 2, pen)
        elif run.fraction:
            yield from _fraction(run, middle, y, pen)
        else:
            yield _line(run.text, run.role, middle, y, pen)
        left += width + space


def _fraction(run: Run, x: float, y: float, pen: Pen) -> Iterator[str]:
    """Numerator, rule, denominator."""
    assert run.fraction is not None
    half, wide = run_height(run, pen.size) / 2, ceil(run_width(run, pen.size)) / 2
    small = pen._replace(size=pen.size * FRACTION)
    for shown, middle in zip(run.fraction, (y - half / 2, y + half / 2), strict=True):
        yield _line(shown, run.role, x, middle, small)
    yield f'<path fill="none" stroke="{pen.color(run.role)}" d="M{x - wide:.2f},{y:.2f} {x + wide:.2f},{y:.2f}"/>\n'


def _block(array: Block, run: Run, x: float, y: float, pen: Pen) -> Iterator[str]:
    """An array with its middle at a place: its entries row by row, and its brackets."""
    measures = block_size(array, pen.size)
    half, top = measures.width / 2, y - measures.row * len(array.rows) / 2
    anchor = ' text-anchor="end"' if array.brackets else ""
    style = anchor + _style(pen, run.role)
    for number, row in enumerate(array.rows):
        base = top + measures.row * (number + 0.5) + BASE * pen.size
        right = x - half + measures.bracket + measures.inside
        for shown, width in zip(row, measures.columns, strict=True):
            right += width
            if shown:
                place = right if array.brackets else right - width / 2
                yield text(shown, place, base, pen.color(run.role), style)
    if array.brackets:
        bottom, color = 2 * y - top, pen.color(run.role)
        yield _bracket(x - half, x - half + measures.bracket, top, bottom, color)
        yield _bracket(x + half, x + half - measures.bracket, top, bottom, color)


def _bracket(x: float, inner: float, top: float, bottom: float, color: str) -> str:
    corners = f"{inner:.2f},{top:.2f} {x:.2f},{top:.2f} {x:.2f},{bottom:.2f} {inner:.2f},{bottom:.2f}"
    return f'<polyline fill="none" stroke="{color}" points="{corners}"/>\n'
