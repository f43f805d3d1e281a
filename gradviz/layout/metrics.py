"""How wide text is, and how large blocks of it, by the ems of a Times-like face: enough without asking a font."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple
from unicodedata import combining, east_asian_width

from gradviz.blocks import POINT, Block
from gradviz.runs import Row, Run

# In ems.
ROW: Final = 1.25  # height of a row of a block
GAP: Final = 0.55  # between two columns
SPACE: Final = 0.25  # between two runs
BIG: Final = 100.0  # points, where a width is to be known in sizes of the font
FRACTION: Final = 0.8  # of the font, for numerator and denominator
FRACTION_ROW: Final = 1.15  # height of either, in sizes of its font
BRACKET: Final = 0.25  # width of a bracket
INSIDE: Final = 0.2  # between a bracket and the rows
BLOCK_AIR: Final = 3  # points around a block

_BREAKS: Final = re.compile("(?<![=≈·+−→]) (?![=≈·+−→])")  # spaces outside equations
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
    return size * _ems(text)


@lru_cache(maxsize=10_000)
def _ems(text: str) -> float:
    return sum(map(_em, text))


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

    @property
    def width(self) -> int:
        """Of the whole block."""
        return sum(self.columns) + 2 * (self.bracket + self.inside)


def block_size(block: Block, size: float) -> BlockSize:
    """The measures of a block at a font size."""
    widths = [widest(column, size) for column in zip(*block.rows, strict=True)]
    gap, bracket, inside = (ceil(size * em) for em in (GAP, BRACKET, INSIDE))
    columns = tuple(width + (gap if k else 0) for k, width in enumerate(widths))
    return BlockSize(ceil(size * ROW), columns, *((bracket, inside) if block.brackets else (0, 0)))


def row_width(row: Row, size: float) -> float:
    """The width of a row of runs."""
    return sum([run_width(run, size) for run in row]) + (len(row) - 1) * SPACE * size if row else 0.0


def run_width(run: Run, size: float) -> float:
    """The width of one of them; of an array or a fraction in whole points."""
    if run.block:
        return block_size(run.block, size).width + 2 * BLOCK_AIR
    return widest(run.fraction, size * FRACTION) if run.fraction else text_width(run.text, size)


def gap(run: Run) -> Run:
    """Room where a run will stand, so that what stands beside it does not move."""
    width, height = run_width(run, 1.0), 1
    if run.block:
        width, height = block_size(run.block, BIG).width / BIG, len(run.block.rows)
    space = POINT * round(width / SPACE)
    block = Block(((space,), *[(POINT,)] * (height - 1)), brackets=False) if run.block else None
    return Run("" if block else space, "gap", block)


def row_height(row: Row, size: float) -> int:
    """The height of the arrays and fractions in a row in whole points, 0 where there are none."""
    return max([run_height(run, size) for run in row if run.block or run.fraction], default=0)


def run_height(run: Run, size: float) -> int:
    """The height of an array or a fraction."""
    if run.block:
        return block_size(run.block, size).row * len(run.block.rows) + 2 * BLOCK_AIR
    return 2 * ceil(size * FRACTION * FRACTION_ROW) if run.fraction else 0


def widest(texts: Iterable[str], size: float) -> int:
    """The width of the widest text, in whole points."""
    return ceil(max(text_width(text, size) for text in texts))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most `width` points, as far as its words allow; a line end in it stays one.

    An equation that fits a line is not broken.

    >>> wrapped("one two three = 3", 60, 16)
    ['one two', 'three = 3']
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.append("")
        for word in _words(paragraph, width, size):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if lines[-1] and text_width(longer, size) > width:
                lines.append(word)
            else:
                lines[-1] = longer
    return lines


def _words(paragraph: str, width: float, size: float) -> Iterator[str]:
    """What is not broken, unless it is wider than a line."""
    for word in _BREAKS.split(paragraph):
        yield from [word] if text_width(word, size) <= width else word.split(" ")
