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
from itertools import islice
from typing import Final, TypeVar

LONGEST_WORD: Final = 100  # letters of one for which a near one is looked for, at a cost that is quadratic
MOST_TRIED: Final = 2_000  # words that it is compared with
MOST_WORDS: Final = 40  # of a list in a message; a large circuit has thousands of names

Row = TypeVar("Row")

LINE_WIDTH = 76  # characters of a long source line shown around the caret


class GradvizError(Exception):
    """Base of all errors that a user can cause; `str()` is the whole message, with the place when there is one.

    `place` is a pair of offsets into `program`; one that holds nothing of it is none.
    """

    exit_code = 2

    def __init__(self, problem: str, program: str = "", place: tuple[int, int] | None = None) -> None:
        said = printable_lines(problem)
        place = place if place and place[0] < place[1] else None
        super().__init__(said if place is None else f"{said}\n{excerpt(program, place)}")
        self.problem, self.program, self.place = said, program, place


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
    """The columns of a terminal that a text takes: two for East Asian characters, none for marks on others."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in _NO_COLUMN else 2 if east_asian_width(c) in "WF" else 1 for c in text)


_NO_COLUMN: Final = frozenset({"Mn", "Me", "Cf"})


# what is seen --------------------------------------------------------------------------------------------------------

# Characters that Python calls printable and that show nothing (Default_Ignorable_Code_Point, and blanks).
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
).union(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


def is_seen(text: str) -> bool:
    """Whether every character of a text shows itself, and none is obeyed."""
    return text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text))


def printable(text: str) -> str:
    r"""`text` with what a reader would obey or not see replaced by a visible character, one for one.

    That is what controls, what turns the direction of writing, what is blank or invisible, and what has no meaning
    in Unicode. Joiners stay where they work.

    >>> print(ascii(printable("a\N{ESCAPE}[1m")))
    'a\ufffd[1m'
    """
    if is_seen(text):
        return text
    from gradviz.joiners import WORKING

    pieces = WORKING.split(text)
    pieces[::2] = ["".join([c if is_seen(c) else "\N{REPLACEMENT CHARACTER}" for c in piece]) for piece in pieces[::2]]
    return "".join(pieces)


def printable_lines(text: str) -> str:
    """The same, line by line."""
    return "\n".join(map(printable, text.split("\n")))


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """Offers the legal choice nearest to `word`, as "; did you mean 'exp'?"; "" when none is near.

    >>> nearest("exq", ["log", "exp"])
    "; did you mean 'exp'?"
    """
    by_lower = {choice.lower(): choice for choice in choices}
    close = near(word.lower(), by_lower, cutoff)
    return f"; did you mean '{by_lower[close]}'?" if close else ""


def near(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The nearest of some words, "" where none is near; of very many only the first ones that are as long are tried."""
    if len(word) > LONGEST_WORD:
        return ""
    from difflib import get_close_matches

    as_long = (choice for choice in choices if 2 * min(len(choice), len(word)) >= cutoff * (len(choice) + len(word)))
    return next(iter(get_close_matches(word, islice(as_long, MOST_TRIED), n=1, cutoff=cutoff)), "")


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
