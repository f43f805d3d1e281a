"""THE TABLE OF LIMITS: what each protects, and how it is raised.

A limit is checked before the work that it is about. It is read when it is asked for, so that a server may set it
beside other settings, and a stranger who writes expressions and options may not.
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from gradviz.errors import OptionError

PREFIX: Final = "GRADVIZ_MAX_"  # of environment variables


class Limit(NamedTuple):
    """A row of the table."""

    name: str
    most: float  # unless the environment says otherwise
    of: str  # what is counted
    protects: str

    @property
    def variable(self) -> str:
        """The environment variable that raises or lowers it."""
        return PREFIX + self.name.upper()


_ROWS: Final = (
    # programs
    Limit("text", 4_000_000, "letters of a program", "the time and memory of reading it"),
    Limit("tokens", 1_500_000, "names, numbers and marks of a program", "the time of reading it"),
    Limit("nesting", 200_000, "brackets and signs inside one another", "the memory of reading them"),
    Limit("name", 200, "letters of a name", "the width of a figure, and messages"),
    Limit("names", 200_000, "names of a program", "the memory of a table of names"),
    Limit("nodes", 250_000, "nodes of a program", "the time of reading it, of opening its gates and of evaluating it"),
    Limit("definitions", 10_000, "definitions of a program", "the time of making gates of them"),
    Limit("parameters", 20_000, "parameters of a definition", "the time of reading it and of calling it"),
    Limit("defined", 100_000, "gates that a definition stands for", "what grows exponentially in few lines"),
    Limit("computed", 500_000, "gates computed in closed definitions", "the time of evaluating them"),
    Limit("latex", 30_000, "letters of a formula in LaTeX", "the time of reading it, which grows faster than it"),
    # numbers
    Limit("literal", 1_000_000, "numbers written in a program or a value", "the time and memory of reading them"),
    Limit("file", 8_000_000, "bytes of a .csv or .json of numbers", "the memory of reading it"),
    Limit("entries", 10_000_000, "entries of an array", "memory: 8 bytes each"),
    Limit("numbers", 40_000_000, "numbers in all arrays of a circuit", "memory: 8 bytes each"),
    Limit("arrays", 30_000, "nodes of a circuit with arrays", "the time of evaluating it, node by node"),
    Limit("products", 10_000_000_000, "multiplications in products of matrices", "the time of evaluating them"),
    Limit("operands", 3_000, "operands of a gate on arrays", "time, which grows faster than they"),
    Limit("jacobian", 1_000, "entries of an output with a Jacobian", "time: a backward pass each"),
    Limit("jacobians", 10_000_000, "numbers in the Jacobians of a circuit", "memory: 8 bytes each, and for shares"),
    Limit("differences", 5_000_000, "numbers computed for central differences", "time"),
    Limit("walked", 20_000_000, "numbers of all iterations of a descent", "memory: 8 bytes each"),
    # pictures
    Limit("shown", 50_000, "nodes of a picture, a table or JSON", "time and memory"),
    Limit("wires", 150_000, "wires of a picture, a table or JSON", "time and memory"),
    Limit("listed", 3_000_000, "numbers of arrays in JSON", "memory, and whoever reads it"),
    Limit("gates", 30_000, "gates of a drawing", "the time of its layout, and browsers"),
    Limit("places", 100_000, "places of an exact layout", "the time and memory of arranging them"),
    Limit("layout", 7, "seconds of an exact layout", "time"),
    Limit("engine", 60, "seconds of Graphviz for one drawing", "time"),
    Limit("steps", 12_000, "nodes in all steps of a lecture", "the time of drawing each of them"),
    Limit("told", 1_000, "gates of an explanation", "time, and whoever reads it"),
    Limit("trees", 10_000, "nodes of a program as a tree for SymPy", "time: what is used twice counts twice"),
    Limit("factors", 1_000, "equal factors of a power in SymPy", "time: numbers of many digits"),
    Limit("sums", 64, "equal sums multiplied in SymPy", "time: their terms without end"),
    Limit("symbolic", 7, "seconds of SymPy for one request", "time"),
    # files
    Limit("figures", 10_000_000, "bytes of a figure file or a line of a list", "the memory of reading it"),
    Limit("sample", 120, "seconds of one figure of a batch", "the others of the batch"),
    Limit("line", 100_000, "letters of a line of a table", "the memory of reading it"),
)
LIMITS: Final = {row.name: row for row in _ROWS}


def most(name: str) -> float:
    """The limit in force; raises `OptionError` for an environment variable that is not a positive number."""
    row = LIMITS[name]
    text = os.environ.get(row.variable)
    if text is None:
        return row.most
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise OptionError(f"{row.variable} must be a positive number, not '{text[:40]}'")
    return number


def beyond(name: str, found: float | None = None) -> str:
    """The end of a message: how much was found if that is known, the limit in force, and how to raise it.

    >>> beyond("nesting", 300_000)
    '300 000 brackets and signs inside one another; 200 000 are the most (GRADVIZ_MAX_NESTING raises it)'
    """
    row = LIMITS[name]
    count = grouped(most(name))
    lead = f"{count} {row.of}" if found is None else f"{grouped(found)} {row.of}; {count}"
    return f"{lead} are the most ({row.variable} raises it)"


def grouped(number: float) -> str:
    """A number with its digits in threes.

    >>> grouped(20_000), grouped(0.5)
    ('20 000', '0.5')
    """
    whole = number == number // 1 and abs(number) < 1e15
    return f"{int(number):,}".replace(",", " ") if whole else f"{number:g}"
