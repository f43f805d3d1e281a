"""Texts -> HTML-like labels of Graphviz: escaped, coloured, and in the tables that are shelves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import graphviz

from gradviz.blocks import POINT, Block
from gradviz.errors import printable
from gradviz.layout import Name, Shelf
from gradviz.layout.metrics import BlockSize, block_size
from gradviz.layout.sizes import BLOCK_AIR
from gradviz.picture import PictureNode, PictureWire
from gradviz.themes import Theme

PIECE: Final = 8_000  # letters of a string on one line; Graphviz reads no more than 16 384 at once
_LONG: Final = re.compile(f".{{{PIECE}}}.*?, ", re.DOTALL)
_PORT: Final = "v"  # of the upper cell: at its lower corners lies the line
_TABLE: Final = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def html(text: str) -> str:
    """Text for XML: nothing in it is markup, and what XML forbids or hides is made visible.

    >>> html("<b> & x")
    '&lt;b&gt; &amp; x'
    """
    return printable(text).translate(_ENTITIES)


def label(text: str) -> str:
    """Text inside an HTML-like label, where Graphviz still replaces its escapes."""
    return html(text).replace("\\", "\\\\")


_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def tooltip(text: str) -> str:
    """Text for an attribute: no escape of Graphviz, no entity; line ends stay.

    A long list is continued on further lines, which are one when they are read.
    """
    safe = "\n".join(map(printable, text.split("\n")))
    escaped = str(graphviz.escape(safe.replace("&", "&amp;")))
    return _LONG.sub(r"\g<0>\\\n", escaped) if len(escaped) > PIECE else escaped


def name_table(text: str, name: Name) -> str:
    """The name left of a shelf, flush right."""
    cell = f'<TD WIDTH="{name.width:.0f}" ALIGN="RIGHT">{label(text)}</TD>'
    return f"<{_TABLE}><TR>{cell}</TR></TABLE>>"


def shelf_table(node: PictureNode, theme: Theme, shelf: Shelf) -> str:
    """The table that is a shelf: value row, rule, gradient row."""
    value = Ink(theme.value, theme.font_size)
    grad = Ink(theme.grad, theme.font_size, italic=theme.grad_italic)
    back = f' BGCOLOR="{theme.alarm}"' if node.alarm else ""
    above, below = Side(node.name, node.value, node.above, value, back), Side("", node.grad, node.below, grad, back)
    return _table(above, below, theme, shelf)


def fork_table(wire: PictureWire, theme: Theme, shelf: Shelf) -> str:
    """The table that is a wire's own shelf: the local gradient, rule, the share."""
    local = Ink(theme.ink, theme.share_size, italic=True, small=True)
    share = Ink(theme.grad, theme.share_size, italic=True, small=True)
    return _table(Side("", wire.local, wire.above, local), Side("", wire.share, wire.below, share), theme, shelf)


class Ink(NamedTuple):
    """How a number is written."""

    color: str
    size: float
    italic: bool = False
    small: bool = False  # the size is not the theme's

    def font(self, text: str) -> str:
        """Text in this colour, escaped."""
        return font(text, self.color, italic=self.italic, size=self.size if self.small else None)


class Side(NamedTuple):
    """What stands above or below the line of a shelf."""

    name: str  # in front of a number
    text: str
    block: Block | None
    ink: Ink
    back: str = ""  # an attribute


def ends(key: str, shelf: Shelf) -> tuple[str, str]:
    """Where the line of a shelf with the id `key` begins and ends, as ports."""
    return (f"{key}:w", f"{key}:e") if shelf.row == shelf.under else (f"{key}:{_PORT}:sw", f"{key}:{_PORT}:se")


def middle(shelf: Shelf) -> tuple[float, float]:
    """The middle of its table."""
    return (shelf.x0 + shelf.x1) / 2, shelf.y + (shelf.under - shelf.row) / 2


def _table(above: Side, below: Side, theme: Theme, shelf: Shelf) -> str:
    port = "" if shelf.row == shelf.under else f' PORT="{_PORT}"'
    width = f'FIXEDSIZE="TRUE" WIDTH="{shelf.x1 - shelf.x0:.0f}"'
    upper = _cell(above, theme, f'{width} HEIGHT="{shelf.row:.0f}"{port}')
    lower = _cell(below, theme, f'{width} HEIGHT="{shelf.under:.0f}"')
    return f'<{_TABLE} COLOR="{theme.ink}"><TR>{upper}</TR><HR/><TR>{lower}</TR></TABLE>>'


def _cell(side: Side, theme: Theme, size: str) -> str:
    if side.block:
        return f'<TD {size} CELLPADDING="{BLOCK_AIR}">{_block(side.block, side, theme)}</TD>'
    name = font(side.name + " " if side.name and side.text else side.name, theme.ink)
    return f"<TD {size}{side.back}>{name}{side.ink.font(side.text)}</TD>"


def _block(block: Block, side: Side, theme: Theme) -> str:
    """A table in the table: head, bracket, the rows cell by cell, bracket."""
    measures, count = block_size(block, side.ink.size), len(block.rows)
    height = measures.row * count
    tall = f'ROWSPAN="{count}" FIXEDSIZE="TRUE" HEIGHT="{height}"'
    head = side.ink._replace(color=theme.ink, italic=side.ink.small).font(block.head)
    left = [f'<TD {tall} WIDTH="{measures.head}" ALIGN="LEFT">{head}</TD>'] if head else []
    right: list[str] = []
    if block.brackets:
        bracket = f'<TD {tall} WIDTH="{measures.bracket}" BORDER="1" COLOR="{side.ink.color}"'
        left.append(f'{bracket} SIDES="LTB"></TD>')
        right = [f'<TD {tall} WIDTH="{measures.inside}"></TD>', f'{bracket} SIDES="TRB"></TD>']
    rows = [_row(row, block, measures, side.ink) for row in block.rows]
    rows[0] = "".join([*left, rows[0], *right])
    size = f'FIXEDSIZE="TRUE" WIDTH="{measures.width}" HEIGHT="{height}"{side.back}'
    return f"{_TABLE} {size}>{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>"


def _row(row: Sequence[str], block: Block, measures: BlockSize, ink: Ink) -> str:
    align = ' ALIGN="RIGHT"' if block.brackets else ""
    widths = (measures.columns[0] + measures.inside, *measures.columns[1:])
    return "".join(
        f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{measures.row}"{align}>{ink.font(text)}</TD>'
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
