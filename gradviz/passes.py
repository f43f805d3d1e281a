"""The two passes over a circuit: values forward, then gradients backward by the chain rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gradviz import ieee
from gradviz.graph import Graph

Value = Any  # a float, or an array of float64
Columns = tuple[tuple[Value, ...], ...]  # by node and slot

SEED: Final = 1.0  # d output / d output


def forward(graph: Graph, inputs: Sequence[Value], xp: Any = ieee) -> list[Value]:
    """The value of each node, in order; then the folded constants, reversed, so that every operand is an index."""
    values: list[Value] = [0.0] * len(graph) + [xp.number(c.value) for c in reversed(graph.folded)]
    values[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        values[node] = xp.number(constant.value)
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        if gate is not None:
            values[node] = gate.forward(xp, *[values[i] for i in operands])
    return values


def local_gradients(graph: Graph, values: Sequence[float]) -> Columns:
    """For each node the derivative of its output by each operand, at `values` of `forward`, all numbers."""
    return tuple(
        () if gate is None else gate.partials(ieee, values[node], *[values[i] for i in operands])  # type: ignore[misc]
        for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True))
    )


def backward(graph: Graph, local: Columns, seed: Value = SEED) -> tuple[list[Value], Columns]:
    """The gradient d output / d node of each node, and the share that each wire brings back."""
    grads: list[Value] = [0.0] * (len(graph) + len(graph.folded))
    shares: list[tuple[Value, ...]] = [()] * len(graph)
    grads[graph.output] = seed
    for target in range(len(graph) - 1, -1, -1):
        upstream = grads[target]
        shares[target] = tuple([partial * upstream for partial in local[target]])  # chain rule: local x upstream
        for source, share in zip(graph.operands[target], shares[target], strict=True):
            grads[source] = grads[source] + share  # fan-out: shares add up
    return grads, tuple(shares)
