"""Graph -> program text, so that parsing it again gives the same graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gradviz.gates import CONSTANTS, GATES, Gate
from gradviz.graph import Constant, Graph

Piece = str | int  # text, or the node whose expression stands there

_ATOM: Final = 99  # binds tighter than any operator


def to_program(graph: Graph) -> str:
    """The program of a graph, a line for each node with a name, the output last.

    A name that several nodes had is numbered (`x`, `x_2`). A node that is used twice gets a name.
    """
    names, first = _names(graph), len(graph.inputs)
    write = _Writer(graph, names)
    lines = [f"{name} = {write.expression(node)}" for node, name in names.items() if node >= first]
    if graph.output not in names or graph.output < first:
        lines.append(names.get(graph.output) or write.expression(graph.output))
    return "\n".join(lines)


def expressions(graph: Graph, most: int = 100) -> list[str]:
    """For each node its expression in terms of the names in the program; what is beyond `most` gates is an ellipsis.

    >>> from gradviz.parser import parse
    >>> expressions(parse("g = w*x; (g + b)**2"))
    ['w', 'x', 'b', 'w * x', 'g + b', '2', '(g + b)**2']
    """
    write = _Writer(graph, {node: name for node, name in enumerate(graph.names) if name})
    return [write.expression(node, most) for node in range(len(graph))]


def _names(graph: Graph) -> dict[int, str]:
    uses = Counter(wire.source for wire in graph.wires)
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


@dataclass(slots=True)
class _Writer:
    """Writes the expressions of a graph, with names for the operands that have one."""

    graph: Graph
    names: Mapping[int, str]  # by node
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

    def pieces(self, node: int) -> list[Piece]:
        """A node's expression in terms of its operands."""
        gate, operands = self.graph.gates[node], self.graph.operands[node]
        if gate is None:
            constant = self.graph.constants.get(node)
            return [self.number(constant) if constant else self.names[node]]
        mark = _mark(gate)
        if mark is None:
            arguments = [piece for k in operands for piece in (", ", *self.operand(k, 0))]
            return [f"{gate.name}(", *arguments[1:], ")"]
        if gate.arity == 1:
            return [mark, *self.operand(operands[0], gate.binds)]
        left = self.operand(operands[0], gate.binds + gate.right)
        right = self.operand(operands[1], gate.binds + (not gate.right))
        return [*left, mark if gate.right else f" {mark} ", *right]

    def operand(self, k: int, at_least: int) -> list[Piece]:
        """An operand, in parentheses when it binds looser than `at_least`."""
        if k in self.names:
            return [self.names[k]]
        constant = self.graph.folded[-1 - k] if k < 0 else self.graph.constants.get(k)
        piece: Piece = self.number(constant) if constant else k
        return [piece] if self.binds(piece) >= at_least else ["(", piece, ")"]

    def binds(self, piece: Piece) -> int:
        if isinstance(piece, str):
            return GATES["neg"].binds if piece.startswith("-") else _ATOM
        gate = self.graph.gates[piece]
        return gate.binds if gate and _mark(gate) else _ATOM

    def number(self, constant: Constant) -> str:
        """A number so that it reads back exactly; e and pi by a name that means nothing else in the program."""
        if not constant.text.removeprefix("-").isalpha():
            return repr(constant.value).removesuffix(".0")
        size = abs(constant.value)
        named = (name for name, value in CONSTANTS.items() if value == size and name not in self.taken)
        return ("-" if constant.value < 0 else "") + next(named, repr(size))


def _mark(gate: Gate) -> str | None:
    """How the gate is written as an operator, if it is."""
    return next((mark for mark in gate.operators if mark.isascii()), None)
