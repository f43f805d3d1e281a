"""What can go wrong, told in one way: the problem, the place, the nearest legal thing.

    GradvizError              exit status 2: the input is wrong
    ├── ProgramError          the text of the program, with its place
    ├── ValuesError           the values given to the program's names
    ├── OptionError           an option, a theme, a format, a word of the command line
    ├── SampleError           a figure file or a line of a list of figures
    └── RenderError           exit status 1: the picture could not be made or written

A name that is not legal never falls back to a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

MOST_WORDS: Final = 40  # of a list in a message; a large circuit has thousands of names

Row = TypeVar("Row")

LINE_WIDTH = 76  # characters of a long source line shown around the caret


class GradvizError(Exception):
    """Base of all errors that a user can cause; `str()` is the whole message, with the place when there is one.

    `place` is a pair of offsets into `program`.
    """

    exit_code = 2

    def __init__(self, problem: str, program: str = "", place: tuple[int, int] | None = None) -> None:
        super().__init__(problem if place is None else f"{problem}\n{excerpt(program, place)}")
        self.problem, self.program, self.place = problem, program, place


class ProgramError(GradvizError):
    """The program's text is not understood."""


class ValuesError(GradvizError):
    """A value is missing, not a number, for a name that the program has not, or makes a nan under `strict`."""


class OptionError(GradvizError):
    """An option or a word of the command line is not understood."""


class SampleError(GradvizError):
    """A figure file cannot be read."""


class RenderError(GradvizError):
    """The picture could not be made or written."""

    exit_code = 1


def excerpt(program: str, place: tuple[int, int]) -> str:
    r"""The line of `program` that holds `place`, and carets below it.

    >>> print(excerpt("1/(1+exq(-x))", (5, 8)))
      1/(1+exq(-x))
           ^^^
    >>> print(excerpt("a = 1\nb = c d", (12, 13)))
      line 2: b = c d
                    ^
    """
    start = min(place[0], len(program))
    line_start = program.rfind("\n", 0, start) + 1
    line = program[line_start:].split("\n", 1)[0].rstrip()
    column, length = start - line_start, place[1] - place[0]
    if len(line) > LINE_WIDTH:
        cut = max(0, min(column - LINE_WIDTH // 2, len(line) - LINE_WIDTH))
        line, column = ("…" if cut else "") + line[cut : cut + LINE_WIDTH], column - cut + bool(cut)
    lead = f"  line {program.count(chr(10), 0, start) + 1}: " if "\n" in program.strip("\n") else "  "
    line = printable(line.replace("\t", " "))
    carets = "^" * max(1, columns(line[column : column + length]))
    return f"{lead}{line}\n{' ' * (len(lead) + columns(line[:column]))}{carets}"


def columns(text: str) -> int:
    """The columns of a terminal that a text takes: two for East Asian characters, none for combining ones."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def printable(text: str) -> str:
    """`text` with characters that a terminal would obey or hide replaced by a visible one."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def nearest(word: str, choices: Iterable[str]) -> str:
    """Offers the legal choice nearest to `word`, as "; did you mean 'exp'?"; "" when none is near.

    >>> nearest("exq", ["log", "exp"])
    "; did you mean 'exp'?"
    """
    from difflib import get_close_matches

    by_lower = {c.lower(): c for c in choices}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[close[0]]}'?" if close else ""


def row_named(kind: str, name: str, table: Mapping[str, Row]) -> Row:
    """The row of a table; raises `OptionError` that names the nearest one and lists all."""
    if name not in table:
        offer = nearest(name, table) or ";"
        raise OptionError(f"unknown {kind} '{printable(name)}'{offer} {kind}s are {in_words(table)}")
    return table[name]


def in_words(words: Iterable[str]) -> str:
    """A list as in a sentence.

    >>> in_words(["w", "x", "b"])
    'w, x and b'
    >>> in_words(map(str, range(1000))).endswith("38, 39 and 960 more")
    True
    """
    *front, last = words
    if len(front) >= MOST_WORDS:
        front, last = front[:MOST_WORDS], f"{len(front) + 1 - MOST_WORDS} more"
    return f"{', '.join(front)} and {last}" if front else last
