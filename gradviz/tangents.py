"""Forward mode: d node / d input for every node, from the inputs on, by the local gradients of a trace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gradviz.errors import OptionError, ValuesError, in_words, nearest, printable
from gradviz.evaluator import Trace
from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.limits import beyond, most

_ENTRY: Final = re.compile(r"\s*([^\[\]]+?)\s*(?:\[\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\])?\s*")
MOST_NAMES: Final = 8  # in a message


class Tangents(NamedTuple):
    """Derivatives of all nodes by one number of the inputs."""

    by: str  # its name: x1, W[0,1]
    reached: frozenset[int]  # the nodes that depend on it
    numbers: tuple[Any, ...] | None  # by node, in the shapes of the values; None without values


def tangents_by(graph: Graph, trace: Trace | None, wrt: str | None) -> Tangents:
    """The tangents by the input `wrt`, an entry of an array with its index: `W[0,1]`; the only input unless given.

    Raises `OptionError` for what is no number of the inputs, `ValuesError` for a gate whose Jacobian is too large.
    """
    names = graph.input_names
    if wrt is None and len(names) != 1:
        offer = in_words(names[:MOST_NAMES]) if names else "this program has none"
        raise OptionError(f"forward mode is by one input, which --wrt names: {offer}")
    found = _ENTRY.fullmatch(wrt if wrt is not None else names[0])
    name = normal(found[1]) if found else ""
    if not found or name not in names:
        raise OptionError(f"'{printable(str(wrt))}' is no input of the program{nearest(name, names)}")
    node, place = names.index(name), tuple(map(int, found[2].split(","))) if found[2] else ()
    by = f"{name}[{','.join(map(str, place))}]" if place else name
    numbers = None if trace is None else _numbers(trace, node, _unit(trace.node_values[node], name, place))
    return Tangents(by, _reached(graph, node), numbers)


def _unit(value: Any, name: str, place: tuple[int, ...]) -> Any:
    """The tangent of the input itself: 1, or an array with a 1 at the entry."""
    shape = getattr(value, "shape", ())
    if len(place) != len(shape) or any(k >= size for k, size in zip(place, shape, strict=True)):
        if not shape:
            raise OptionError(f"'{name}' is one number, it has no entries")
        offer = f"{name}[{','.join('0' * len(shape))}]"
        raise OptionError(
            f"'{name}' is an array of shape {shape}; forward mode is by one of its numbers, such as {offer}"
        )
    if not shape:
        return 1.0
    unit = value.copy()
    unit[...] = 0.0
    unit[place] = 1.0
    return unit


def _reached(graph: Graph, start: int) -> frozenset[int]:
    found = {start}
    for node, operands in enumerate(graph.operands):
        if not found.isdisjoint(operands):
            found.add(node)
    return frozenset(found)


def _numbers(trace: Trace, node: int, unit: Any) -> tuple[Any, ...]:
    for wire, local in zip(trace.graph.wires, trace.locals.flat, strict=False):
        if not isinstance(local, float) and local.size > most("jacobians"):
            problem = f"forward mode writes a Jacobian out that is large: {beyond('jacobians', local.size)}"
            raise ValuesError(problem, trace.graph.program, trace.graph.place(wire.target))
    found = tangents(trace, {node: unit})
    return tuple(_shaped(tangent, value) for tangent, value in zip(found, trace.node_values, strict=True))


def _shaped(tangent: Any, value: Any) -> Any:
    """A tangent of the shape of the value, also where the value does not depend on the input."""
    if isinstance(value, float):
        return float(tangent)
    from numpy import broadcast_to

    return broadcast_to(tangent, value.shape)


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
