"""Numbers and names: the nodes that are no gates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gradviz.gates import CONSTANTS
from gradviz.language.constants import number, shown
from gradviz.language.stacks import Place, Stacks
from gradviz.language.tokens import Source, Word

_SHOWN: Final = {"pi": "π"}  # constants whose name is shown otherwise than it is written


class Leaves(Stacks):
    """Stacks with the nodes of numbers and names.

    `known` are the names that have values or are assigned; `inside` is the function whose body is read, if it is one.
    """

    __slots__ = ("inside", "known")

    def __init__(self, source: Source, known: Collection[str], inside: str = "") -> None:
        super().__init__(source)
        self.known, self.inside = known, inside

    def literal(self) -> int:
        """The node of the number that was read last."""
        at = self.at - 1
        value = number(self.source, at)
        return self.builder.constant(value, shown(value), self.source.place(at))

    def number(self, _: Word) -> bool:
        """A number as an operand."""
        self.values.append(self.literal())
        return False

    def name(self, at: int) -> None:
        """The value of the name at a token: what it was assigned, a constant, or an input from here on."""
        node = self.builder.bindings.get(self.words[at].text)
        self.values.append(self.first_use(at) if node is None else node)

    def first_use(self, at: int) -> int:
        """The node of a name that was not met before."""
        name, place = self.words[at].text, self.source.place(at)
        if name in CONSTANTS and name not in self.known:
            return self.constant(name, place)
        if self.inside:
            uses = "its parameters, constants, and functions defined before it"
            self.fail(f"'{name}' is not a parameter of '{self.inside}'; a definition uses only {uses}", place)
        return self.builder.input(name, place)

    def constant(self, name: str, place: Place) -> int:
        """A number that the language names."""
        return self.builder.constant(CONSTANTS[name], _SHOWN.get(name, name), place)
