"""Trace -> whether its numbers suit an exercise: small, told by few digits, none to be copied from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import Final, NamedTuple

from gradviz import ieee
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.passes import SEED, local_gradients

LARGEST: Final = 100.0  # of every value, gradient and share
SMALLEST: Final = 0.1  # of a number that is rounded
DECIMALS: Final = 2  # of rounded numbers
EDGE: Final = 0.02  # how near a rounded number may come to the middle between two, in its last decimal
TIE: Final = 1e-6  # how near it is in the middle, but for the error of float64
DIFFERENT: Final = 3  # gradients at least, the 1 of the output among them
PRODUCTS: Final = frozenset({"mul", "div", "pow", "reciprocal", "square"})  # gates that 0 and ±1 make trivial
REPEAT: Final = frozenset({"max", "min"})  # gates whose value is that of one of their operands
CURVES: Final[dict[str, Callable[[float], float]]] = {
    "sigmoid": lambda y: y * (1 - y),
    "exp": lambda y: y,
}  # gates that take whole numbers, 0 among them; their local gradients by their own value, as the lecture has them
STEEPEST: Final = 3  # what they take at most, so that they are neither flat nor large


class Wanted(NamedTuple):
    """What the numbers of an exercise are to be."""

    fraction: float = 1.0  # all are multiples of it
    rounded: frozenset[str] = frozenset()  # unless one of these gates makes them rounded
    products: int = 1  # wires at least whose local and upstream gradient are both neither 0 nor ±1


class Facts(NamedTuple):
    """What the tests need to know of a circuit. Nodes are indices."""

    factors: tuple[int, ...]  # what is multiplied, divided or squared
    fed: frozenset[int]  # what goes into an exp or a sigmoid
    ties: tuple[tuple[int, ...], ...]  # what is compared
    different: tuple[int, ...]  # every node but those that repeat an operand's value
    wires: tuple[Wire, ...]
    rounds: bool  # whether numbers may be rounded


def facts(graph: Graph, wanted: Wanted) -> Facts:
    """The facts of a graph."""
    gates = {node: gate.name for node, gate in enumerate(graph.gates) if gate is not None}
    operands = {node: tuple(k for k in graph.operands[node] if k >= 0) for node in gates}
    return Facts(
        tuple({k for node, gate in gates.items() if gate in PRODUCTS for k in operands[node]}),
        frozenset(k for node, gate in gates.items() if gate in CURVES for k in operands[node]),
        tuple(operands[node] for node, gate in gates.items() if gate in REPEAT),
        tuple(node for node in range(len(graph)) if gates.get(node) not in REPEAT),
        tuple(graph.wires),
        any(gate in wanted.rounded for gate in gates.values()),
    )


def has_friendly_values(values: Sequence[float], of: Facts, wanted: Wanted) -> bool:
    """Whether the nodes' values are small, each is another one, and none makes its gate trivial."""
    if not all(abs(x) <= LARGEST and _is_shown(x, of, wanted) for x in values):
        return False
    sizes = [_size(x) for x in values]
    return (
        len({sizes[k] for k in of.different}) == len(of.different)
        and not any(sizes[k] in (0, 1) for k in of.factors)
        and all(sizes[a] != sizes[b] for a, b in of.ties)
        and all(x or node in of.fed for node, x in enumerate(values))
        and all(values[k].is_integer() and sizes[k] <= STEEPEST for k in of.fed)
    )


def is_friendly(trace: Trace, of: Facts, wanted: Wanted) -> bool:
    """Whether the gradients are small too, no copies of values, few of them 0, and not without multiplying."""
    grads, inputs = trace.node_grads, len(trace.graph.inputs)
    shares = [trace.shares[wire.target][wire.slot] for wire in of.wires]
    routed = [node for node, grad in enumerate(grads) if grad == 0]
    return (
        has_friendly_values(trace.node_values, of, wanted)
        and all(abs(x) <= LARGEST and _is_shown(x, of, wanted) for x in (*grads, *shares))
        and all(node < inputs and not any(_shares(trace, node)) for node in routed)
        and 2 * len(routed) < inputs
        and all(_size(x) != _size(grad) for x, grad in zip(trace.node_values, grads, strict=True))
        and len({*grads}) >= DIFFERENT
        and len({*grads[:inputs]}) > 1
        and _products(trace) >= wanted.products
        and (not of.rounds or _by_hand(trace))
    )


def _size(x: float) -> float:
    return abs(round(x, DECIMALS))


def _is_shown(x: float, of: Facts, wanted: Wanted) -> bool:
    """Whether a number is a multiple of the fraction, or where it may be rounded told by two decimals."""
    return (x / wanted.fraction).is_integer() or (of.rounds and _is_told(x))


def _is_told(x: float) -> bool:
    """Whether a number is not too small to be rounded, nor nearly in the middle between two.

    >>> _is_told(0.7311), _is_told(0.0452), _is_told(1.2349)
    (True, False, False)
    """
    return abs(x) >= SMALLEST and abs(x * 10**DECIMALS % 1 - 0.5) >= EDGE


def _shares(trace: Trace, node: int) -> list[float]:
    return [trace.shares[wire.target][wire.slot] for wire in trace.graph.wires if wire.source == node]


def _products(trace: Trace) -> int:
    """Over how many wires a gradient comes back that is neither the local nor the upstream one, nor their opposite."""
    pairs = [(trace.locals[wire.target][wire.slot], trace.node_grads[wire.target]) for wire in trace.graph.wires]
    return sum(_size(local) not in (0, 1) and _size(upstream) not in (0, 1) for local, upstream in pairs)


def _by_hand(trace: Trace) -> bool:
    """Whether those who round every number and go on with it find the same ones, whichever local gradient they take.

    They may take the exact one, or that of rounded values.
    """
    graph, values = trace.graph, _rounded_values(trace)
    local = [*local_gradients(graph, values)]
    for node, gate in enumerate(graph.gates):
        if gate is not None and gate.name in CURVES:
            local[node] = (CURVES[gate.name](values[node]),)
    exact = [round(x, DECIMALS) for x in (*trace.node_values, *trace.node_grads)]
    return all([*values[: len(graph)], *_rounded_grads(graph, each)] == exact for each in (local, trace.locals))


def _rounded_values(trace: Trace) -> list[float]:
    """The values, then the folded constants; each of them of rounded ones."""
    graph = trace.graph
    values = [*trace.node_values, *(constant.value for constant in reversed(graph.folded))]
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        if gate is not None:
            values[node] = _rounded(gate.forward(ieee, *[values[k] for k in operands]))
    return values


def _rounded_grads(graph: Graph, local: Sequence[Sequence[float]]) -> list[float]:
    grads = [0.0] * len(graph)
    grads[graph.output] = SEED
    for source, target, slot in reversed(list(graph.wires)):
        grads[source] = _rounded(grads[source] + _rounded(local[target][slot] * grads[target]))
    return grads


def _rounded(x: float) -> float:
    """A number to two decimals; nan where it lies in the middle between two, and people round one way or the other."""
    return nan if abs(x * 10**DECIMALS % 1 - 0.5) < TIE else round(x, DECIMALS)
