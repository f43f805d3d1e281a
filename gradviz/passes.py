"""The two passes over a circuit: values forward, then gradients backward by the chain rule.

Values are floats, arrays of one number a row (`many`), or arrays as they are (`tensors`): what a gate computes and its
derivative are declared once, against a namespace `xp`.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from gradviz import ieee
from gradviz.graph import Graph
from gradviz.slots import Slots

Value = Any  # a float, or an array of float64

SEED: Final = 1.0  # d output / d output


def forward(graph: Graph, inputs: Sequence[Value], xp: Any = ieee) -> list[Value]:
    """The value of each node, in order; then the folded constants, reversed, so that every operand is an index."""
    values: list[Value] = [0.0] * len(graph) + [xp.number(c.value) for c in reversed(graph.folded)]
    values[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        values[node] = xp.number(constant.value)
    operands = map(values.__getitem__, graph.operands.flat)
    take, rows = operands.__next__, {gate: (gate.forward, gate.arity) for gate in graph.kinds}
    for node, gate in enumerate(graph.gates):
        if gate is not None:
            compute, arity = rows[gate]
            if arity == 2:  # the usual ones without a tuple on the way
                values[node] = compute(xp, take(), take())
            elif arity == 1:
                values[node] = compute(xp, take())
            else:
                values[node] = compute(xp, *islice(operands, arity))
    return values


def local_gradients(graph: Graph, values: Sequence[Value], xp: Any = ieee) -> Slots:
    """For each node the derivative of its output by each operand, at `values` of `forward`, all gates element-wise."""
    local: list[Value] = []
    operands, extend = map(values.__getitem__, graph.operands.flat), local.extend
    take, rows = operands.__next__, {gate: (gate.partials, gate.arity) for gate in graph.kinds}
    for gate, value in zip(graph.gates, values, strict=False):
        if gate is not None:
            partials, arity = rows[gate]
            assert partials is not None, "asked of element-wise gates only"
            if arity == 2:
                extend(partials(xp, value, take(), take()))
            elif arity == 1:
                extend(partials(xp, value, take()))
            else:
                extend(partials(xp, value, *islice(operands, arity)))
    return Slots(array("d", local) if xp is ieee else local, graph.operands.bounds)


def backward(graph: Graph, local: Slots, seed: Value = SEED) -> tuple[list[Value], Slots]:
    """The gradient d output / d node of each node, and the share that each wire brings back."""
    grads: list[Value] = [0.0] * (len(graph) + len(graph.folded))
    grads[graph.output] = seed
    shares: list[Value] = []
    pay = shares.append
    wires = zip(reversed(graph.operands.flat), reversed(graph.targets), reversed(local.flat), strict=True)
    for source, target, partial in wires:
        share = partial * grads[target]  # chain rule: local x upstream
        pay(share)
        grads[source] = grads[source] + share  # fan-out: shares add up
    shares.reverse()
    return grads, Slots(array("d", shares) if isinstance(local.flat, array) else shares, graph.operands.bounds)
