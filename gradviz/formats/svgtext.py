"""Rows of runs -> SVG: texts centred in their room, arrays in brackets and fractions, at the places of the layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

from gradviz.blocks import POINT, Block
from gradviz.formats.ink import COLORS, Pen, html
from gradviz.layout import Shelf
from gradviz.layout.metrics import FRACTION, SPACE, block_size, row_height, run_height, run_width
from gradviz.runs import Role, Row, Run, is_plain

BASE: Final = 0.33  # sizes of the font from the middle of a line of text down to its base line
_LEFTWARD: Final = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]+"
LEFTWARD: Final = re.compile(f"{_LEFTWARD}(?: {_LEFTWARD})*")  # words that are written from right to left
ISOLATED: Final = r'<tspan unicode-bidi="isolate">\g<0></tspan>'  # else Hebrew moves the minus of a number beside it
GAP: Final = "\N{NO-BREAK SPACE}"  # between runs; readers may drop a plain space at the end of a piece


class Hand(NamedTuple):
    """How runs are written within a group: what its texts inherit is not said with each of them."""

    pen: Pen
    drop: float  # from the middle of a line down to its base line
    styles: Mapping[Role, str]  # attributes of a text


def hand(pen: Pen) -> Hand:
    """For a group that has what `inherited` says."""
    return Hand(pen, BASE * pen.size, {role: _style(pen, role) for role in COLORS})


def inherited(pen: Pen) -> str:
    """What texts of a pen have in common."""
    slant = ' font-style="italic"' if pen.small else ""
    return f'fill="{_usual(pen)}" font-size="{pen.size:g}"{slant}'


def _usual(pen: Pen) -> str:
    """The colour that is not said."""
    return pen.theme.grad if pen.small else pen.theme.ink


def _style(pen: Pen, role: Role) -> str:
    fill = f' fill="{pen.color(role)}"' if pen.color(role) != _usual(pen) else ""
    return f'{fill} font-style="italic"' if pen.is_italic(role) and not pen.small else fill


def shelf_rows(above: Row, below: Row, shelf: Shelf, by: Hand) -> str:
    """What stands on a shelf and what hangs below it."""
    x0, x1, y, row, under = shelf
    middle = (x0 + x1) / 2
    upper = _row(above, middle, y - row / 2, by) if above else ""
    return upper + _row(below, middle, y + under / 2, by) if below else upper


def text(shown: str, x: float, y: float, attributes: str = "") -> str:
    """A text with its middle at a place: the base line is `BASE` below, which is the caller's."""
    return f'<text x="{x:.2f}" y="{y:.2f}"{attributes}>{_escaped(shown)}</text>\n'


def prose(shown: str, x: float, y: float, attributes: str = "") -> str:
    """A text of the user's own words, whose order is that of their language."""
    return f'<text x="{x:.2f}" y="{y:.2f}"{attributes}>{html(shown)}</text>\n'


def _row(row: Row, x: float, y: float, by: Hand) -> str:
    """A row with its middle at a place."""
    if not is_plain(row):
        return "".join(_cells(row, x, y, by))
    if len(row) > 1:
        return _sentence(row, x, y, by)
    return text(row[0].text, x, y + by.drop, by.styles[row[0].role])


def _sentence(row: Row, x: float, y: float, by: Hand) -> str:
    """Several runs on one line, as far apart as the reader's font has its space."""
    gaps = [*(POINT if run.role == "gap" else GAP for run in row[:-1]), ""]
    pieces = [_piece(run.text + gap, by.styles[run.role]) for run, gap in zip(row, gaps, strict=True)]
    return f'<text x="{x:.2f}" y="{y + by.drop:.2f}">{"".join(pieces)}</text>\n'


def _piece(shown: str, style: str) -> str:
    return f"<tspan{style}>{_escaped(shown)}</tspan>" if style else _escaped(shown)


@lru_cache(maxsize=10_000)  # numbers repeat
def _escaped(shown: str) -> str:
    body = shown.rstrip(POINT)  # what aligns numbers is ours, and no character to be made visible
    return LEFTWARD.sub(ISOLATED, html(body)) + shown[len(body) :]


# arrays and fractions ------------------------------------------------------------------------------------------------


def _cells(row: Row, x: float, y: float, by: Hand) -> Iterator[str]:
    """The runs of a row, each in a cell of its own."""
    size = by.pen.size
    widths, space = [ceil(run_width(run, size)) for run in row], ceil(SPACE * size)
    left, height = x - (sum(widths) + space * (len(row) - 1)) / 2, row_height(row, size)
    for run, width in zip(row, widths, strict=True):
        middle = left + width / 2
        if run.block:
            yield from _block(run.block, run, middle, y - height / 2 + run_height(run, size) / 2, by)
        elif run.fraction:
            yield from _fraction(run, middle, y, by)
        else:
            yield text(run.text, middle, y + by.drop, by.styles[run.role])
        left += width + space


def _fraction(run: Run, x: float, y: float, by: Hand) -> Iterator[str]:
    """Numerator, rule, denominator."""
    assert run.fraction is not None
    pen = by.pen
    half, wide = run_height(run, pen.size) / 2, ceil(run_width(run, pen.size)) / 2
    size = pen.size * FRACTION
    style = f'{by.styles[run.role]} font-size="{size:g}"'
    for shown, middle in zip(run.fraction, (y - half / 2, y + half / 2), strict=True):
        yield text(shown, x, middle + BASE * size, style)
    yield f'<path fill="none" stroke="{pen.color(run.role)}" d="M{x - wide:.2f},{y:.2f} {x + wide:.2f},{y:.2f}"/>\n'


def _block(array: Block, run: Run, x: float, y: float, by: Hand) -> Iterator[str]:
    """An array with its middle at a place: its entries row by row, and its brackets."""
    measures = block_size(array, by.pen.size)
    half, top = measures.width / 2, y - measures.row * len(array.rows) / 2
    style = by.styles[run.role] + (' text-anchor="end"' if array.brackets else "")
    for number, row in enumerate(array.rows):
        base = top + measures.row * (number + 0.5) + by.drop
        right = x - half + measures.bracket + measures.inside
        for shown, width in zip(row, measures.columns, strict=True):
            right += width
            if shown:
                yield text(shown, right if array.brackets else right - width / 2, base, style)
    if array.brackets:
        bottom, color = 2 * y - top, by.pen.color(run.role)
        yield _bracket(x - half, x - half + measures.bracket, top, bottom, color)
        yield _bracket(x + half, x + half - measures.bracket, top, bottom, color)


def _bracket(x: float, inner: float, top: float, bottom: float, color: str) -> str:
    corners = f"{inner:.2f},{top:.2f} {x:.2f},{top:.2f} {x:.2f},{bottom:.2f} {inner:.2f},{bottom:.2f}"
    return f'<polyline fill="none" stroke="{color}" points="{corners}"/>\n'
