"""The two stacks of the shunting-yard algorithm (Dijkstra, 1961): operands, and the operators that wait for them."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from gradviz.gates import Gate
from gradviz.graph import Constant, GraphBuilder
from gradviz.language.calls import Call
from gradviz.language.tokens import Source, Token

Place = tuple[int, int]


class Operator(NamedTuple):
    """An operator on the stack that waits for its last operand."""

    gate: Gate
    place: Place


class Open:
    """An open bracket on the stack, whose first value is `values[base]`."""

    __slots__ = ("at", "axes", "base", "bracket", "call", "listed", "many", "place")

    def __init__(
        self, bracket: str, place: Place, base: int, call: Call | None = None, *, axes: int = 0, at: int = 0
    ) -> None:
        self.bracket, self.place, self.base, self.call = bracket, place, base, call
        self.axes = axes  # of an array literal: how many of its brackets are open, this one included
        self.at = at  # its token
        self.listed = False  # where the list of operands of a call may stand
        self.many = False  # a comma was found in it


class Stacks:
    """Nodes that wait to be operands, and the operators and brackets around them."""

    __slots__ = ("builder", "depth", "source", "stack", "values")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.values: list[int] = []
        self.stack: list[Operator | Open] = []
        self.depth = 0  # open brackets on the stack
        self.builder = GraphBuilder(source.text)

    def fail(self, problem: str, place: Place) -> NoReturn:
        """Raise `ProgramError` at a place."""
        self.source.fail(problem, place)

    def infix(self, gate: Gate, token: Token) -> None:
        """An operator between two operands, the second of which follows."""
        self.reduce(gate.binds + gate.right or 1)
        if not gate.binds and self.stack and isinstance(self.stack[-1], Operator):
            both = f"(a {self.source.piece(self.stack[-1].place)} b) * (b {token.text} c)"
            self.fail(f"write two comparisons one by one: {both}", token.place)
        self.stack.append(Operator(gate, token.place))

    def reduce(self, binds: int) -> None:
        """Apply the waiting operators that bind at least as tight as `binds`, down to the last open bracket."""
        while self.stack and isinstance(top := self.stack[-1], Operator) and top.gate.binds >= binds:
            gate, place = top
            self.stack.pop()
            operands = tuple(self.values[-gate.arity :])
            del self.values[-gate.arity :]
            self.apply(gate, operands, place)

    def apply(self, gate: Gate, operands: tuple[int, ...], place: Place) -> None:
        """A gate on operands that were taken from `values`; its output is put there."""
        constant = self.builder.constants.get(operands[0])
        is_number = constant and self.builder.names[operands[0]] is None and isinstance(constant.value, float)
        if constant and is_number and gate.name == "neg":  # -2 is a number
            text = constant.text.removeprefix("-") if constant.text.startswith("-") else f"-{constant.text}"
            self.builder.constants[operands[0]] = Constant(-constant.value, text)
            self.values.append(operands[0])
        else:
            self.values.append(self.builder.gate(gate, operands, place))

    def open(self, opened: Open) -> None:
        """A bracket, around what follows."""
        self.stack.append(opened)
        self.depth += 1

    def innermost(self) -> Open:
        """The open bracket on top of the stack, once the operators above it are reduced."""
        top = self.stack[-1]
        assert isinstance(top, Open), "reduce(0) leaves a bracket on top"
        return top

    def finish(self) -> int:
        """The node of the whole expression."""
        self.reduce(0)
        if self.stack:
            opened = self.innermost()
            self.fail(f"this '{opened.bracket}' is never closed", opened.place)
        return self.values.pop()
