"""Graph -> program text, so that parsing it again gives the same graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gradviz.gates import CONSTANTS, GATES, Gate
from gradviz.gates.arrays import index_text
from gradviz.graph import Constant, Graph
from gradviz.nested import written

Piece = str | int  # text, or the node whose expression stands there

LONGEST: Final = 60  # letters of an array in an expression that is shown
_ATOM: Final = 99  # binds tighter than any operator
_NEG: Final = GATES["neg"]


def to_program(graph: Graph) -> str:
    """The program of a graph: its definitions, then a line for each node with a name, the output last.

    A name that several nodes had is numbered (`x`, `x_2`). A node that is used twice gets a name.
    """
    names, first = _names(graph), len(graph.inputs)
    write = _Writer(graph, names)
    lines = [f"{name} = {write.expression(node)}" for node, name in names.items() if node >= first]
    if graph.output not in names or graph.output < first:
        lines.append(names.get(graph.output) or write.expression(graph.output))
    return "\n".join([*_definitions(graph), *lines])


def expressions(graph: Graph, most: int = 100) -> list[str]:
    """For each node its expression in terms of the names in the program; an ellipsis is what is beyond `most` gates.

    >>> from gradviz.language.parser import parse
    >>> expressions(parse("g = w*x; (g + b)**2"))
    ['w', 'x', 'b', 'w * x', 'g + b', '2', '(g + b)**2']
    """
    write = _Writer(graph, {node: name for node, name in enumerate(graph.names) if name}, LONGEST)
    return [write.expression(node, most) for node in range(len(graph))]


def _definitions(graph: Graph) -> list[str]:
    """The `def` lines of the gates that the program defines, each after those that it uses."""
    written: dict[Gate, str] = {}
    waiting = _defined(graph)[::-1]
    while waiting:
        gate = waiting[-1]
        if missing := [inner for inner in _defined(gate.body) if inner not in written]:
            waiting += missing[::-1]
            continue
        waiting.pop()
        if gate.body is None:
            written[gate] = f"def {gate.name}({', '.join(gate.inputs)}): ..."
        elif gate not in written:
            body = _Writer(gate.body, dict(zip(gate.body.inputs, gate.body.input_names, strict=True)))
            written[gate] = f"def {gate.name}({', '.join(gate.inputs)}): return {body.output()}"
    return list(written.values())


def _defined(graph: Graph | None) -> list[Gate]:
    gates = dict.fromkeys(graph.gates) if graph else ()
    return [gate for gate in gates if gate and (gate.body is not None or gate.is_abstract)]


def _names(graph: Graph) -> dict[int, str]:
    uses = Counter(wire.source for wire in graph.wires)
    uses.update(_negated(graph))
    names: dict[int, str] = {}
    taken: set[str] = set()
    latest: dict[str, int] = {}  # the number that a name had last
    for node, given in enumerate(graph.names):
        if given is None and uses[node] < 2:
            continue
        name = base = given or "t"
        while name in taken:
            latest[base] = latest.get(base, 1) + 1
            name = f"{base}_{latest[base]}"
        names[node] = name
        taken.add(name)
    return names


def _negated(graph: Graph) -> Iterator[int]:
    """Numbers that a gate negates, as opened gates do: without a name a minus and a number are one number."""
    if graph.constants:
        negations = (operands[0] for gate, operands in zip(graph.gates, graph.operands, strict=True) if gate is _NEG)
        yield from (k for k in negations if k in graph.constants and isinstance(graph.constants[k].value, float))


@dataclass(slots=True)
class _Writer:
    """Writes the expressions of a graph, with names for the operands that have one."""

    graph: Graph
    names: Mapping[int, str]  # by node
    longest: float = float("inf")  # letters of an array
    taken: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = set(self.names.values())

    def expression(self, node: int, most: float = float("inf")) -> str:
        text: list[str] = []
        waiting = self.pieces(node)[::-1]
        while waiting:
            piece = waiting.pop()
            if isinstance(piece, str):
                text.append(piece)
            elif (most := most - 1) > 0:
                waiting += self.pieces(piece)[::-1]
            else:
                text.append("…")
        return "".join(text)

    def output(self) -> str:
        """The output's expression, or its name."""
        return self.names.get(self.graph.output) or self.expression(self.graph.output)

    def pieces(self, node: int) -> list[Piece]:
        """A node's expression in terms of its operands."""
        gate, operands = self.graph.gates[node], self.graph.operands[node]
        if gate is None:
            constant = self.graph.constants.get(node)
            return [self.number(constant) if constant else self.names[node]]
        if (mark := _mark(gate)) is None:
            return self.entries(operands) if self.is_array(node) else self.call(gate, operands)
        if gate.arity == 1:
            return [mark, *self.operand(operands[0], gate.binds)]
        left = self.operand(operands[0], gate.binds + gate.right or 1)  # comparisons do not follow one another
        right = self.operand(operands[1], gate.binds + (not gate.right))
        return [*left, mark if gate.right else f" {mark} ", *right]

    def call(self, gate: Gate, operands: tuple[int, ...]) -> list[Piece]:
        """A function of its operands and settings; an index stands behind its operand."""
        if gate.name == "index":
            return [*self.operand(operands[0], _ATOM), index_text(**gate.chosen)]
        inputs = self.entries(operands) if gate.variadic else self.listed(operands)
        settings = [f", {name}={value!r}" for name, value in gate.chosen.items()]
        return [f"{gate.name}(", *inputs, *settings, ")"]

    def entries(self, operands: tuple[int, ...]) -> list[Piece]:
        """Operands as a list in brackets."""
        return ["[", *self.listed(operands), "]"]

    def listed(self, operands: tuple[int, ...]) -> list[Piece]:
        """Operands with commas."""
        return [piece for k in operands for piece in (", ", *self.operand(k, 0))][1:]

    def is_array(self, node: int) -> bool:
        """Whether a node is written `[a, b]`: a stack along the first axis, and not of numbers alone."""
        gate = self.graph.gates[node]
        stacks = gate is not None and gate.name == "stack" and not gate.chosen
        return stacks and any(k in self.names or k not in self.graph.constants for k in self.graph.operands[node])

    def operand(self, k: int, at_least: int) -> list[Piece]:
        """An operand, in parentheses when it binds looser than `at_least`."""
        if k in self.names:
            return [self.names[k]]
        constant = self.graph.folded[-1 - k] if k < 0 else self.graph.constants.get(k)
        piece: Piece = self.number(constant) if constant else k
        return [piece] if self.binds(piece) >= at_least else ["(", piece, ")"]

    def binds(self, piece: Piece) -> int:
        if isinstance(piece, str):
            return _NEG.binds if piece.startswith("-") else _ATOM
        gate = self.graph.gates[piece]
        return gate.binds if gate and _mark(gate) else _ATOM

    def number(self, constant: Constant) -> str:
        """A constant so that it reads back exactly; e and pi by a name that means nothing else in the program."""
        if not isinstance(constant.value, float):
            return written(constant.value, _digits) if len(constant.text) <= self.longest else "[…]"
        if not constant.text.removeprefix("-").isalpha():
            return _digits(constant.value)
        size = abs(constant.value)
        named = (name for name, value in CONSTANTS.items() if value == size and name not in self.taken)
        return ("-" if constant.value < 0 else "") + next(named, repr(size))


def _digits(value: float) -> str:
    return repr(value).removesuffix(".0")


def _mark(gate: Gate) -> str | None:
    """How the gate is written as an operator, if it is."""
    return next((mark for mark in gate.operators if mark.isascii()), None)
