"""What stands above or below the line of a shelf: texts, arrays and fractions side by side."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

from gradviz.blocks import Block, Number, block, line, shape_text

Role = Literal["name", "equals", "value", "new", "derivative", "grad", "local", "share", "blank", "gap"]

BLANK: Final = "_____"  # a line to write on
BLANK_ENTRY: Final = "___"  # in an array


class Run(NamedTuple):
    """A piece of a row, ready to be drawn, not yet escaped."""

    text: str  # on one line
    role: Role
    block: Block | None = None  # an array as it stands
    fraction: tuple[str, str] | None = None  # numerator and denominator, where they stand above one another
    tex: str = ""  # for TeX's math mode, where it is not to be read from the text


Row = tuple[Run, ...]  # with a space between any two


def text(row: Row, roles: Collection[str] = ()) -> str:
    """A row on one line, or its runs of these roles."""
    return " ".join(run.text for run in row if not roles or run.role in roles)


def is_plain(row: Row) -> bool:
    """Whether all of a row is text on one line."""
    return all(run.block is None and run.fraction is None for run in row)


def number_run(value: object, number: Number, role: Role, most: tuple[int, int] | None = None) -> Run:
    """A number, or an array in brackets; a larger one than `most` rows and columns as its shape and first numbers."""
    if isinstance(value, float):
        return Run(number(value), role)
    as_it_stands = block(value, number) if most is None else block(value, number, most=most)
    return Run(line(value, number), role, as_it_stands)


def blank(run: Run) -> Run:
    """A line to write on instead of a number, or of each entry of an array."""
    if run.block is None or not run.block.brackets:
        return Run(BLANK, "blank")
    rows = tuple(tuple(BLANK_ENTRY for _ in row) for row in run.block.rows)
    size = shape_text((len(rows), len(rows[0])))
    return Run(f"{BLANK} ({size})", "blank", Block(rows))


def blanked(row: Row, roles: Collection[str]) -> Row:
    """A row with lines to write on for runs of these roles."""
    return tuple(blank(run) if run.role in roles else run for run in row)
