"""Forward mode: d node / d input for every node, from the inputs on, by the local gradients of a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradviz.evaluator import Trace


def tangents(trace: Trace, seeds: Mapping[int, Any]) -> list[Any]:
    """The tangent of each node: how it changes with the inputs whose changes are the `seeds`, by node.

    With the seed 1 for one number it is its derivative by that (Baydin et al., Automatic Differentiation in Machine
    Learning: a Survey (2018), table 2). A tangent is a float, or an array of the shape of the node; nodes that do not
    depend on these inputs have 0.0.
    """
    if all(isinstance(local, float) for local in trace.locals.flat):
        return _pushed(trace, seeds)
    from numpy import errstate

    with errstate(all="ignore"):
        return _pushed(trace, seeds)


def _pushed(trace: Trace, seeds: Mapping[int, Any]) -> list[Any]:
    found: list[Any] = [0.0] * len(trace.graph)
    for node, seed in seeds.items():
        found[node] = seed
    for node, operands in enumerate(trace.graph.operands):
        for operand, local in zip(operands, trace.locals[node], strict=True):
            if operand >= 0 and not _is_zero(tangent := found[operand]):
                found[node] = found[node] + (tangent * local if isinstance(local, float) else local.forward(tangent))
    return found


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, float) and tangent == 0.0
