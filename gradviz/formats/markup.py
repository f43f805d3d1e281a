"""Texts -> HTML-like labels of Graphviz: escaped, coloured, and in the tables that are shelves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import Final

import graphviz

from gradviz.blocks import POINT, Block
from gradviz.errors import printable_lines
from gradviz.formats.ink import Pen, html
from gradviz.layout import Caption, Name, Shelf
from gradviz.layout.metrics import (
    BLOCK_AIR,
    FRACTION,
    SPACE,
    BlockSize,
    block_size,
    row_height,
    run_height,
    run_width,
    wrapped,
)
from gradviz.picture import PictureNode, PictureWire
from gradviz.runs import Role, Row, Run, is_plain
from gradviz.themes import Theme

PIECE: Final = 8_000  # letters of a string on one line; Graphviz reads no more than 16 384 at once
_LONG: Final = re.compile(f".{{{PIECE}}}.*?, ", re.DOTALL)
_PORT: Final = "v"  # of the upper cell: at its lower corners lies the line
BLANK_LINE: Final = "\N{NO-BREAK SPACE}"  # a line without words
_TABLE: Final = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def label(text: str) -> str:
    """Text inside an HTML-like label, where Graphviz still replaces its escapes."""
    return html(text).replace("\\", "\\\\")


def tooltip(text: str) -> str:
    """Text for an attribute: no escape of Graphviz, no entity; line ends stay.

    A long list is continued on further lines, which are one when they are read.
    """
    escaped = graphviz.escape(printable_lines(text).replace("&", "&amp;"))
    return graphviz.nohtml(_LONG.sub(r"\g<0>\\\n", escaped) if len(escaped) > PIECE else escaped)


def name_table(text: str, name: Name) -> str:
    """The name left of a shelf, flush right."""
    cell = f'<TD WIDTH="{name.width:.0f}" ALIGN="RIGHT">{label(text)}</TD>'
    return f"<{_TABLE}><TR>{cell}</TR></TABLE>>"


def shelf_table(node: PictureNode, theme: Theme, shelf: Shelf) -> str:
    """The table that is a shelf: value row, rule, gradient row."""
    pen = Pen(theme, theme.font_size)
    back = f' BGCOLOR="{theme.alarm}"' if node.alarm else ""
    return _table(node.above, node.below, pen, shelf, back)


def fork_table(wire: PictureWire, theme: Theme, shelf: Shelf) -> str:
    """The table that is a wire's own shelf: the local gradient, rule, the share."""
    return _table(wire.above, wire.below, Pen(theme, theme.share_size, small=True), shelf)


def caption_table(text: str, theme: Theme, place: Caption) -> str:
    """What is said below the figure, in lines from the left."""
    lines = wrapped(text, place.width, place.size)
    lines += [""] * (place.rows - len(lines))
    size = f'FIXEDSIZE="TRUE" WIDTH="{place.width:.0f}" HEIGHT="{place.height / place.rows:.0f}" ALIGN="LEFT"'
    size_of = place.size if place.size != theme.font_size else None
    rows = [f"<TR><TD {size}>{font(line or BLANK_LINE, theme.ink, size=size_of)}</TD></TR>" for line in lines]
    return f"<{_TABLE}>{''.join(rows)}</TABLE>>"


def written(text: str, role: Role, pen: Pen, scale: float = 1.0) -> str:
    """Text in the colour of its role, escaped."""
    size = pen.size * scale if pen.small or scale != 1.0 else None
    return font(text, pen.color(role), italic=pen.is_italic(role), size=size)


def ends(key: str, shelf: Shelf) -> tuple[str, str]:
    """Where the line of a shelf with the id `key` begins and ends, as ports."""
    return (f"{key}:w", f"{key}:e") if shelf.row == shelf.under else (f"{key}:{_PORT}:sw", f"{key}:{_PORT}:se")


def middle(shelf: Shelf) -> tuple[float, float]:
    """The middle of its table."""
    return (shelf.x0 + shelf.x1) / 2, shelf.y + (shelf.under - shelf.row) / 2


def _table(above: Row, below: Row, pen: Pen, shelf: Shelf, back: str = "") -> str:
    port = "" if shelf.row == shelf.under else f' PORT="{_PORT}"'
    width = f'FIXEDSIZE="TRUE" WIDTH="{shelf.x1 - shelf.x0:.0f}"'
    upper = _cell(above, pen, f'{width} HEIGHT="{shelf.row:.0f}"{port}', back)
    lower = _cell(below, pen, f'{width} HEIGHT="{shelf.under:.0f}"', back)
    return f'<{_TABLE} COLOR="{pen.theme.ink}"><TR>{upper}</TR><HR/><TR>{lower}</TR></TABLE>>'


def _cell(row: Row, pen: Pen, size: str, back: str = "") -> str:
    if is_plain(row):
        spaces = [POINT if run.role == "gap" else " " for run in row[:-1]]
        words = [*(f"{run.text}{space}" for run, space in zip(row, spaces, strict=False)), row[-1].text] if row else []
        texts = (written(word, run.role, pen) for word, run in zip(words, row, strict=True))
        return f"<TD {size}{back}>{''.join(texts)}</TD>"
    height, space = row_height(row, pen.size), ceil(SPACE * pen.size)
    gap = f'<TD FIXEDSIZE="TRUE" WIDTH="{space}" HEIGHT="{height}"></TD>'
    cells = gap.join(_run(run, pen, height) for run in row)
    width = sum(ceil(run_width(run, pen.size)) for run in row) + space * (len(row) - 1)
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"'
    return f"<TD {size}{back}>{_TABLE} {fixed}><TR>{cells}</TR></TABLE></TD>"


def _run(run: Run, pen: Pen, height: int) -> str:
    """A cell of a row that is not plain."""
    cell = f'<TD FIXEDSIZE="TRUE" WIDTH="{ceil(run_width(run, pen.size))}" HEIGHT="{height}"'
    if run.block:
        return f'{cell} CELLPADDING="{BLOCK_AIR}">{_block(run.block, run.role, pen)}</TD>'
    return f"{cell}>{_fraction(run, pen) if run.fraction else written(run.text, run.role, pen)}</TD>"


def _fraction(run: Run, pen: Pen) -> str:
    """Numerator, rule, denominator."""
    assert run.fraction is not None
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{ceil(run_width(run, pen.size))}"'
    size = f'{fixed} HEIGHT="{run_height(run, pen.size) // 2}"'
    over, under = (f"<TR><TD {size}>{written(text, run.role, pen, FRACTION)}</TD></TR>" for text in run.fraction)
    whole = f'{fixed} HEIGHT="{run_height(run, pen.size)}"'
    return f'{_TABLE} {whole} COLOR="{pen.color(run.role)}">{over}<HR/>{under}</TABLE>'


def _block(block: Block, role: Role, pen: Pen) -> str:
    """A table in the table: bracket, the rows cell by cell, bracket."""
    measures, count = block_size(block, pen.size), len(block.rows)
    height = measures.row * count
    tall = f'ROWSPAN="{count}" FIXEDSIZE="TRUE" HEIGHT="{height}"'
    left = right = ""
    if block.brackets:
        bracket = f'<TD {tall} WIDTH="{measures.bracket}" BORDER="1" COLOR="{pen.color(role)}"'
        left = f'{bracket} SIDES="LTB"></TD>'
        right = f'<TD {tall} WIDTH="{measures.inside}"></TD>{bracket} SIDES="TRB"></TD>'
    rows = [_entries(row, block, measures, role, pen) for row in block.rows]
    rows[0] = f"{left}{rows[0]}{right}"
    size = f'FIXEDSIZE="TRUE" WIDTH="{measures.width}" HEIGHT="{height}"'
    return f"{_TABLE} {size}>{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>"


def _entries(row: Sequence[str], block: Block, measures: BlockSize, role: Role, pen: Pen) -> str:
    align = ' ALIGN="RIGHT"' if block.brackets else ""
    widths = (measures.columns[0] + measures.inside, *measures.columns[1:])
    return "".join(
        f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{measures.row}"{align}>{written(text, role, pen)}</TD>'
        for text, width in zip(row, widths, strict=True)
    )


def font(text: str, color: str, *, italic: bool = False, size: float | None = None) -> str:
    """Text in a colour, escaped."""
    if not text:
        return ""
    body = text.rstrip(POINT)  # what aligns numbers is ours, and no character to be made visible
    escaped = label(body) + text[len(body) :]
    shown = f"<I>{escaped}</I>" if italic else escaped
    points = f' POINT-SIZE="{size:g}"' if size else ""
    return f'<FONT COLOR="{color}"{points}>{shown}</FONT>'
