"""The ways in which gradviz computes a gate at many points: value and partials, a row each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from gradviz import ieee, large, many, nd
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph, GraphBuilder

Array = Any
Row = tuple[float, ...]
Walk = Callable[[Gate, Sequence[Row]], Array]


def one_by_one(gate: Gate, points: Sequence[Row]) -> Array:
    """In the namespace of numbers."""
    assert gate.partials is not None
    values = [gate.forward(ieee, *xs) for xs in points]
    return numpy.array([(y, *gate.partials(ieee, y, *xs)) for y, xs in zip(values, points, strict=True)])


def at_once(gate: Gate, points: Sequence[Row]) -> Array:
    """In the namespace of arrays."""
    assert gate.partials is not None
    columns = numpy.array(points).T
    with numpy.errstate(all="ignore"):
        y = gate.forward(nd, *columns)
        found = [y, *gate.partials(nd, y, *columns)]
    return numpy.array(numpy.broadcast_arrays(*found)).T


def circuit(gate: Gate, points: Sequence[Row], *, chained: bool) -> Graph:
    """The gate at each of the points, and their sum: of pairs, or a chain of them."""
    builder = GraphBuilder()
    inputs = [[builder.input(f"x{row}_{slot}") for slot in range(gate.arity)] for row in range(len(points))]
    found = [builder.gate(gate, each) for each in inputs]
    while len(found) > 1 and not chained:
        pairs = [found[k : k + 2] for k in range(0, len(found), 2)]
        found = [builder.gate(GATES["add"], pair) if len(pair) == 2 else pair[0] for pair in pairs]
    total = found[0]
    for each in found[1:]:
        total = builder.gate(GATES["add"], (total, each))
    return builder.build(total)


def in_blocks(*, chained: bool) -> Walk:
    """In a large circuit, which is wide or narrow; what is read are its columns."""

    def walk(gate: Gate, points: Sequence[Row]) -> Array:
        points = list(points) * (1 + 1000 // len(points))  # as many as make a level
        graph = circuit(gate, points, chained=chained)
        assert large.plan(graph).is_wide != chained
        values, local, _, _ = large.passes(graph, [x for xs in points for x in xs], 1.0)
        first = next(node for node, each in enumerate(graph.gates) if each is not None)
        rows = range(first, first + len(points))
        return numpy.array([(values[node], *local[node]) for node in rows])

    def first_round(gate: Gate, points: Sequence[Row]) -> Array:
        return walk(gate, points)[: len(points)]

    return first_round


def one_gate(gate: Gate) -> Graph:
    builder = GraphBuilder()
    return builder.build(builder.gate(gate, tuple(builder.input(f"x{slot}") for slot in range(gate.arity))))


def in_rows(gate: Gate, points: Sequence[Row]) -> Array:
    """By the tape of many rows."""
    columns = {f"x{slot}": numpy.array(column) for slot, column in enumerate(zip(*points, strict=True))}
    table = many.evaluate_rows(one_gate(gate), columns)
    return numpy.array([table.output, *(table.grads[name] for name in columns)]).T


def in_columns(gate: Gate, points: Sequence[Row]) -> Array:
    """By the columns from which many figures are drawn."""
    values, _, local, _ = many.columns(one_gate(gate), numpy.array(points).T)
    return numpy.array(numpy.broadcast_arrays(values[-1], *local.flat)).T


WALKS: dict[str, tuple[Walk, float]] = {  # and how many times the roundings of the scalar walk are allowed
    "numbers": (one_by_one, 1),
    "arrays": (at_once, 2),  # NumPy's own functions are good to some units in the last place
    "wide": (in_blocks(chained=False), 2),
    "narrow": (in_blocks(chained=True), 2),
    "rows": (in_rows, 2),
    "columns": (in_columns, 2),
}
