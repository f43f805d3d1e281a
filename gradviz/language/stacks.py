"""The stacks of the shunting-yard algorithm (Dijkstra, 1961): operands, and the operators that wait for them."""

from __future__ import annotations

from typing import Final, NoReturn

from gradviz.gates import GATES, INFIX, PREFIX, Gate
from gradviz.graph import Constant, GraphBuilder
from gradviz.language.calls import Call
from gradviz.language.tokens import Source, Word
from gradviz.limits import beyond, most

Place = tuple[int, int]

_NEG: Final = GATES["neg"]
_UNARY: Final = frozenset(PREFIX.values())


class Open:
    """An open bracket, whose first value is `values[base]`, and whose first operator `operators[floor]`."""

    __slots__ = ("at", "axes", "base", "bracket", "call", "floor", "listed", "many", "place")

    def __init__(
        self, bracket: str, place: Place, base: int, call: Call | None = None, *, axes: int = 0, at: int = 0
    ) -> None:
        self.bracket, self.place, self.base, self.call = bracket, place, base, call
        self.axes = axes  # of an array literal: how many of its brackets are open, this one included
        self.at = at  # its token
        self.floor = 0
        self.listed = False  # where the list of operands of a call may stand
        self.many = False  # a comma was found in it


class Stacks:
    """Nodes that wait to be operands, and the operators and brackets around them, up to the token `at`."""

    __slots__ = (
        "at", "builder", "deepest", "floor", "gates", "marks", "opened", "operators", "source", "values", "widest",
        "words",
    )  # fmt: skip

    def __init__(self, source: Source) -> None:
        self.source, self.words = source, source.words
        self.at = 0  # the next token
        self.values: list[int] = []
        self.operators: list[Gate] = []
        self.marks: list[int] = []  # the tokens of the operators
        self.opened: list[Open] = []
        self.floor = 0  # operators before the innermost bracket
        self.builder = GraphBuilder(source.text)
        self.gates = self.builder.gates
        self.widest, self.deepest = most("nodes"), most("nesting")

    def fail(self, problem: str, place: Place) -> NoReturn:
        """Raise `ProgramError` at a place."""
        self.source.fail(problem, place)

    def prefix(self, word: Word) -> bool:
        """An operator before its operand."""
        if len(self.operators) > self.deepest:
            self.too_deep(self.source.place(self.at - 1))
        self.operators.append(PREFIX[word.text])
        self.marks.append(self.at - 1)
        return True

    def infix(self, word: Word) -> bool:
        """An operator between two operands, the second of which follows."""
        gate, at = INFIX[word.text], self.at - 1
        self.reduce(gate.binds + gate.right or 1)
        if not gate.binds and len(self.operators) > self.floor:
            both = f"(a {self.words[self.marks[-1]].text} b) * (b {word.text} c)"
            self.fail(f"write two comparisons one by one: {both}", self.source.place(at))
        if gate.right and len(self.operators) > self.deepest:
            self.too_deep(self.source.place(at))
        self.operators.append(gate)
        self.marks.append(at)
        return True

    def reduce(self, binds: int) -> None:
        """Apply the waiting operators that bind at least as tight as `binds`, down to the innermost bracket."""
        if len(self.gates) > self.widest:
            problem = f"a large program: {beyond('nodes')}"
            self.fail(problem, self.source.place(self.at - 1))
        operators, values = self.operators, self.values
        while len(operators) > self.floor and operators[-1].binds >= binds:
            gate, last = operators.pop(), values.pop()
            operands = (last,) if gate in _UNARY else (values.pop(), last)
            self.apply(gate, operands, self.source.place(self.marks.pop()))

    def apply(self, gate: Gate, operands: tuple[int, ...], place: Place) -> None:
        """A gate on operands that were taken from `values`; its output is put there."""
        if gate is _NEG and self.negated(operands[0]):  # -2 is a number
            self.values.append(operands[0])
        else:
            self.values.append(self.builder.gate(gate, operands, place))

    def negated(self, node: int) -> bool:
        """Whether a node is a number without a name, which gets the other sign."""
        constant = self.builder.constants.get(node)
        if not constant or self.builder.names[node] is not None or not isinstance(constant.value, float):
            return False
        text = constant.text.removeprefix("-") if constant.text.startswith("-") else f"-{constant.text}"
        self.builder.constants[node] = Constant(-constant.value, text)
        return True

    def open(self, opened: Open) -> None:
        """A bracket, around what follows."""
        if len(self.opened) + len(self.operators) > self.deepest:
            self.too_deep(opened.place)
        self.opened.append(opened)
        opened.floor = self.floor = len(self.operators)

    def too_deep(self, place: Place) -> NoReturn:
        """Complain of one bracket or sign too many that waits for its end."""
        self.fail(f"nested too deeply: {beyond('nesting', len(self.opened) + len(self.operators))}", place)

    def shut(self) -> None:
        """The end of the innermost bracket, whose operators are applied."""
        self.opened.pop()
        self.floor = self.opened[-1].floor if self.opened else 0

    def around(self) -> Open | None:
        """The innermost bracket, if no operator stands between it and what follows."""
        return self.opened[-1] if self.opened and len(self.operators) == self.floor else None

    def finish(self) -> int:
        """The node of the whole expression."""
        self.reduce(0)
        if self.opened:
            self.fail(f"this '{self.opened[-1].bracket}' is never closed", self.opened[-1].place)
        return self.values.pop()
