"""What is known while LaTeX is read: pieces of the program, names and what they are, functions that are defined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, NoReturn

from gradviz.errors import ProgramError, printable
from gradviz.gates import CONSTANTS
from gradviz.latex import kinds
from gradviz.latex.items import MOST_LEVELS, Place, too_deep
from gradviz.latex.names import Name, Names
from gradviz.latex.tables import WHOLE

Piece = tuple[str, Place]  # a piece of the program and where it stands in the LaTeX


class Expr(NamedTuple):
    """A translated piece: program text by pieces, how tight its outermost operator binds, its kind (`kinds.py`)."""

    pieces: list[Piece]
    place: Place
    binds: int = WHOLE
    kind: str = "p"
    bracketed: bool = False  # whether it stood in parentheses
    hidden: bool = False  # whether it stood in bare braces, which nobody sees in print
    loose: str = ""  # the function whose argument without parentheses ends here


class Reading:
    """What is known while a text is read: names and what they are, functions that it defines, how deep it is."""

    __slots__ = ("assigned", "axes", "called", "heads", "latex", "level", "names", "written")

    def __init__(self, latex: str, axes: Mapping[str, int], called: Collection[str]) -> None:
        self.latex, self.axes, self.names, self.level = latex, axes, Names(latex), 0
        self.assigned: dict[str, str] = {}  # the kinds of the names on left sides
        self.written: dict[str, tuple[Name, Place]] = {}  # how each name is written where it is first met
        self.heads: dict[str, tuple[str, ...]] = {}  # f(x, y) = ...: the names in parentheses
        self.called = set(called)  # of these, those that are also called with something else in parentheses

    def fail(self, problem: str, place: Place) -> NoReturn:
        """Raise `ProgramError` at a place of the LaTeX."""
        raise ProgramError(problem, self.latex, place)

    def program_name(self, name: Name, place: Place) -> str:
        """The name in the program; raises `ProgramError` where another one would become the same."""
        known, first = self.written.setdefault(name.text, (name, place))
        if known != name:
            pieces = self.latex[slice(*first)], self.latex[slice(*place)]
            self.fail(f"'{pieces[0]}' and '{pieces[1]}' would both be '{name.text}'; rename one of them", place)
        if not name.text.isidentifier():
            self.fail(f"'{printable(name.text)}' is not a name", place)
        if name.text in CONSTANTS and name.bold and name.text not in (*self.assigned, *self.axes):
            self.fail(f"'{name.text}' would be the constant; give the vector another name", place)
        return name.text

    def kind_of(self, name: Name) -> str:
        """The kind of a name: as its value, its assignment, or its letter says."""
        if name.text in CONSTANTS and name.text not in (*self.assigned, *self.axes):
            return "s"
        kind = kinds.letter(name.base, bold=name.bold, axes=self.axes.get(name.text))
        assigned = self.assigned.get(name.text, "p")
        return assigned if assigned in kinds.ARRAYS else "s" if assigned in "ns" else kind

    def deeper(self, place: Place) -> None:
        """One level down; what is too deep is told before Python's stack ends."""
        self.level += 1
        if self.level > MOST_LEVELS:
            too_deep(self.latex, place)
