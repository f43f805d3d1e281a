"""How wide text is, and how large blocks of it, by the ems of a Times-like face: enough without asking a font."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Final, NamedTuple
from unicodedata import combining, east_asian_width

from gradviz.blocks import Block

# In ems.
ROW: Final = 1.25  # height of a row of a block
GAP: Final = 0.55  # between two columns
HEAD_GAP: Final = 0.3  # between a head and its rows
BRACKET: Final = 0.25  # width of a bracket
INSIDE: Final = 0.2  # between a bracket and the rows

_WIDTHS: Final = {
    **dict.fromkeys("0123456789$*_ghknpvxyubdq", 0.5),
    **dict.fromkeys(".,;: \N{NO-BREAK SPACE}", 0.25),
    **dict.fromkeys("ijlt/|'", 0.29),
    **dict.fromkeys("()[]-frs", 0.36),
    **dict.fromkeys("aceozσπ∂√^", 0.51),
    **dict.fromkeys("+−=<>×÷≈", 0.57),
    **dict.fromkeys("EFLPSTZ", 0.62),
    **dict.fromkeys("ABCDGHIJKNOQRUVXY∞w", 0.73),
    **dict.fromkeys("Mm", 0.89),
    "W": 0.95,
    "…": 1.0,
}
_OTHER, _WIDE = 0.65, 1.0


def text_width(text: str, size: float) -> float:
    """The width of `text` in points at a font size; a little generous.

    >>> round(text_width("−10.00", 16), 1)
    45.1
    """
    return size * sum(map(_em, text))


def _em(char: str) -> float:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if combining(char):
        return 0.0
    return _WIDE if east_asian_width(char) in "WF" else _OTHER


class BlockSize(NamedTuple):
    """The measures of a block in whole points."""

    row: int  # height of each
    columns: tuple[int, ...]  # widths, with the gap left of all but the first
    bracket: int  # width of each, 0 without
    inside: int  # between a bracket and the rows
    head: int  # width of what stands in front

    @property
    def width(self) -> int:
        """Of the whole block."""
        return self.head + sum(self.columns) + 2 * (self.bracket + self.inside)


def block_size(block: Block, size: float) -> BlockSize:
    """The measures of a block at a font size."""
    widths = [widest(column, size) for column in zip(*block.rows, strict=True)]
    gap, bracket, inside = (ceil(size * em) for em in (GAP, BRACKET, INSIDE))
    columns = tuple(width + (gap if k else 0) for k, width in enumerate(widths))
    head = widest([block.head], size) + ceil(size * HEAD_GAP) if block.head else 0
    return BlockSize(ceil(size * ROW), columns, *((bracket, inside) if block.brackets else (0, 0)), head)


def widest(texts: Iterable[str], size: float) -> int:
    """The width of the widest text, in whole points."""
    return ceil(max(text_width(text, size) for text in texts))
