"""Where a nan or an infinity arises in a trace, told in words."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from gradviz.graph import Graph

LARGE: Final = 2_000  # numbers that NumPy looks through; it has computed them


class Origin(NamedTuple):
    """The node whose shelf shows it, the gate that makes it, the line to tell."""

    shown: int
    gate: int
    told: str


def origins(graph: Graph, values: Sequence[Any], grads: Sequence[Any], shares: Sequence[Sequence[Any]]) -> list[Origin]:
    """The origins of what is not finite: values as they are computed, then gradients as they come back."""
    if _are_finite(values) and _are_finite(grads):
        return []
    found: list[Origin] = []
    for node, operands in enumerate(graph.operands):
        if _arises(values[node], [values[i] for i in operands]):
            gives = f"gate '{graph.label(node)}' gives" if operands else f"the value of '{graph.label(node)}' is"
            found.append(Origin(node, node, f"{gives} {_shown(values[node])}{_at(graph, values, node, values[node])}"))
    for source, target, slot in reversed(list(graph.wires)):
        share, around = shares[target][slot], [values[i] for i in graph.operands[target]]
        calm = all(map(_is_finite, (*around, values[target])))  # else it comes from the value
        if calm and source not in graph.constants and _arises(share, [grads[target]]):
            brings = f"gate '{graph.label(target)}' brings back the gradient {_shown(share)}"
            found.append(Origin(source, target, brings + _at(graph, values, target, share)))
    overflown = [i for i in range(len(graph)) if i not in graph.constants and not _is_finite(grads[i])]
    if overflown and not found:  # shares that are finite one by one
        node = max(overflown)
        told = f"the gradients that reach '{graph.label(node)}' add up to {_shown(grads[node])}"
        found.append(Origin(node, node, told))
    return found


def _are_finite(column: Sequence[Any]) -> bool:
    if isinstance(column, array):
        if len(column) >= LARGE:
            from numpy import frombuffer, isfinite

            return bool(isfinite(frombuffer(column)).all())
        return math.isfinite(sum(column)) or all(map(math.isfinite, column))  # a sum may overflow
    return all(map(_is_finite, column))


def _is_finite(x: Any) -> bool:
    if isinstance(x, float):
        return math.isfinite(x)
    from numpy import isfinite

    return bool(isfinite(x).all())


def _has_nan(x: Any) -> bool:
    if isinstance(x, float):
        return math.isnan(x)
    from numpy import isnan

    return bool(isnan(x).any())


def _arises(number: Any, before: Iterable[Any]) -> bool:
    """Whether a nan comes from no nan, or an infinity from finite numbers."""
    if _is_finite(number):
        return False
    if _has_nan(number):
        return not any(map(_has_nan, before))
    return all(map(_is_finite, before))


def _shown(number: Any) -> str:
    """The number, or the first entry of an array that is not finite and where it stands."""
    if isinstance(number, float):
        return str(number)
    first = _first(number)
    return f"{float(number[first])} in entry {list(first)}"


def _first(number: Any) -> tuple[int, ...]:
    from numpy import argwhere, isfinite

    return tuple(argwhere(~isfinite(number))[0].tolist())


def _at(graph: Graph, values: Sequence[Any], node: int, number: Any) -> str:
    """The operands at which a gate gives or brings back `number`; of an element-wise gate the entries that met."""
    gate, operands = graph.gates[node], [values[i] for i in graph.operands[node] if i >= 0]
    if gate and gate.partials and not isinstance(number, float) and number.shape == getattr(values[node], "shape", ()):
        from numpy import broadcast_to

        operands = [float(broadcast_to(x, number.shape)[_first(number)]) for x in operands]
    at = ", ".join(f"{x:.6g}" if isinstance(x, float) else f"an array of shape {x.shape}" for x in operands)
    return f" at {at}" if at else ""
