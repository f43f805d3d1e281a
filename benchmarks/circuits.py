"""Shapes of circuits as operations with their operands, for every contestant the same; as programs and as DOT.

Every node reaches the output. Values and gradients stay finite at any size: a product has an input as its second
factor, and every third gate is a tanh.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final, NamedTuple

Gate = tuple[str, int] | tuple[str, int, int]  # an operation and its operands

FEW_INPUTS: Final = 8
WINDOW: Final = 50
LAYERS: Final = 50
KINDS: Final = ("add", "mul", "tanh")
FORMS: Final[Mapping[str, str]] = {"add": "{} + {}", "mul": "{}*{}", "tanh": "tanh({})"}


class Circuit(NamedTuple):
    """Nodes by index: the inputs, then one gate each; the last is the output."""

    inputs: tuple[float, ...]
    gates: list[Gate]

    def __len__(self) -> int:
        return len(self.inputs) + len(self.gates)

    @property
    def columns(self) -> tuple[list[str], list[int]]:
        """The operations, and all their operands one after the other."""
        return [gate[0] for gate in self.gates], [operand for gate in self.gates for operand in gate[1:]]


def seeded(seed: int) -> Random:
    """Numbers that are the same in every run."""
    return Random(seed)  # noqa: S311  circuits, not secrets


class _Unused:
    """The nodes that no gate has taken yet, oldest first."""

    def __init__(self, nodes: int) -> None:
        self.waiting: deque[int] = deque()
        self.taken = bytearray(nodes)
        self.count = 0

    def add(self, node: int) -> None:
        self.waiting.append(node)
        self.count += 1

    def take(self, node: int) -> int:
        """The same node, from here on in use."""
        self.count -= not self.taken[node]
        self.taken[node] = 1
        while self.waiting and self.taken[self.waiting[0]]:
            self.waiting.popleft()
        return node


def joined(gates: int, pick: Callable[[Random, int], int]) -> Circuit:
    """A random circuit of which every node reaches the output; `pick` gives an operand among the first nodes."""
    random, nodes = seeded(gates), FEW_INPUTS + gates
    unused = _Unused(nodes)
    found: list[Gate] = []
    for node in range(FEW_INPUTS):
        unused.add(node)
    for node in range(FEW_INPUTS, nodes):
        tidying = unused.count > min(WINDOW, nodes - node - 2)
        kind = "add" if tidying else KINDS[node % 3]
        left = unused.take(unused.waiting[0] if tidying or random.random() < 0.5 else pick(random, node))
        if kind == "tanh":
            found.append((kind, left))
        elif kind == "mul":
            found.append((kind, left, unused.take(random.randrange(FEW_INPUTS))))
        else:
            right = unused.waiting[0] if tidying and unused.waiting else pick(random, node)
            found.append((kind, left, unused.take(right)))
        unused.add(node)
    return Circuit(tuple(0.3 + 0.02 * i for i in range(FEW_INPUTS)), found)


def anywhere(gates: int) -> Circuit:
    """Any earlier node is an operand: much fan-out, wires of every length."""
    return joined(gates, lambda random, node: random.randrange(node))


def window(gates: int) -> Circuit:
    """Operands are among the last 50 nodes."""
    return joined(gates, lambda random, node: random.randrange(max(0, node - WINDOW), node))


def chain(gates: int) -> Circuit:
    """tanh(w*v + b) again and again: as deep as there are gates."""
    found: list[Gate] = []
    for i in range(gates):
        before = 2 + i if i else 0
        found.append((("mul", before, 1), ("add", before, 2), ("tanh", before))[i % 3])
    return Circuit((0.5, 0.9, 0.1), found)


def wide(gates: int) -> Circuit:
    """50 layers of equal width, each gate on its neighbour before and another one, and a tree of sums at the end."""
    random, width = seeded(gates), max(2, (gates + 1) // (LAYERS + 1))
    found: list[Gate] = []
    while len(found) + 2 * width - 1 <= gates:
        start, kind = len(found), KINDS[len(found) // width % 3]
        others = {"add": range(start, start + width), "mul": range(width)}.get(kind)
        for node in range(start, start + width):
            found.append((kind, node, random.choice(others)) if others else (kind, node))
    for pair in range(width - 1):
        first = len(found) + pair  # each sum takes the two oldest that are not summed yet
        found.append(("add", first, first + 1))
    return Circuit(tuple(0.3 + 0.4 * i / width for i in range(width)), found)


def perceptron(gates: int) -> Circuit:
    """A multi-layer perceptron: every unit a sum of weighted units before it and a bias, then tanh; about `gates`."""
    width = max(2, min(32, round(gates**0.5 / 5)))
    layers = max(1, gates // (width * (2 * width + 1)))
    inputs = tuple(0.1 + 0.5 * (i % 7) / width for i in range(width + layers * width * (width + 1)))
    found: list[Gate] = []

    def gate(*applied: Any) -> int:
        found.append(applied)
        return len(inputs) + len(found) - 1

    weights = iter(range(width, len(inputs)))
    units = list(range(width))
    for _ in range(layers):
        units = [_unit(gate, units, weights) for _ in range(width)]
    total = units[0]
    for unit in units[1:]:
        total = gate("add", total, unit)
    return Circuit(inputs, found)


def _unit(gate: Callable[..., int], units: list[int], weights: Iterator[int]) -> int:
    """One unit of a layer: tanh(b + w*u + w*u + ...)."""
    total = next(weights)
    for unit in units:
        total = gate("add", total, gate("mul", unit, next(weights)))
    return gate("tanh", total)


SHAPES: Final[Mapping[str, Callable[[int], Circuit]]] = {
    "wide": wide,
    "window": window,
    "chain": chain,
    "random": anywhere,
    "perceptron": perceptron,
}


def values(circuit: Circuit) -> dict[str, float]:
    """The inputs by their names in the program."""
    return {f"x{i}": value for i, value in enumerate(circuit.inputs)}


def program(circuit: Circuit) -> str:
    """The circuit as a program, a gate a line."""
    names = [f"x{i}" for i in range(len(circuit.inputs))] + [f"v{i}" for i in range(len(circuit.gates))]
    first = len(circuit.inputs)
    return "\n".join(
        f"{name} = {FORMS[kind].format(*map(names.__getitem__, operands))}"
        for name, (kind, *operands) in zip(names[first:], circuit.gates, strict=True)
    )


def dot(circuit: Circuit) -> str:
    """The circuit as the DOT of a lecture's figure: a circle a gate, then its shelf with value and gradient."""
    first = len(circuit.inputs)
    shelf = "<<TABLE BORDER='0'><TR><TD>0.50</TD></TR><HR/><TR><TD>0.50</TD></TR></TABLE>>"
    lines = ["digraph {", "rankdir=LR"]
    lines += [f"s{i} [shape=plain label={shelf}]" for i in range(len(circuit))]
    for i, (kind, *operands) in enumerate(circuit.gates, first):
        lines += [f"g{i} [shape=circle label={kind}]", f"g{i} -> s{i}"]
        lines += [f"s{source} -> g{i}" for source in operands]
    return "\n".join([*lines, "}"])
