"""A part of a circuit as a circuit of its own, with the numbers of the whole."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gradviz.errors import OptionError, nearest, printable
from gradviz.evaluator import Trace
from gradviz.gates import Gate
from gradviz.graph import Graph, Group
from gradviz.language.tokens import normal
from gradviz.slots import Slots


class Node(NamedTuple):
    """A node of the part: its number in the whole, and what it is here. Inputs and constants have no gate."""

    number: int
    gate: Gate | None
    operands: Sequence[int] = ()  # by slot; numbers in the whole, or negative for folded constants
    name: str | None = None
    locals: Sequence[Any] = ()  # by slot, where there is a trace
    shares: Sequence[Any] = ()
    inside: Sequence[int] = ()  # nodes of the whole that are closed into it


def newest(graph: Graph, name: str) -> int:
    """The node that a name of the program means at its end; raises `OptionError` for a name that is none."""
    if normal(name) not in graph.bindings:
        raise OptionError(f"the program has no name '{printable(name)}'{nearest(normal(name), graph.bindings)}")
    return graph.bindings[normal(name)]


def listed(names: str | Collection[str]) -> list[str]:
    """Names in one text with commas, or several.

    >>> listed("h3, loss"), listed(["h3"]), listed("")
    (['h3', 'loss'], ['h3'], [])
    """
    found = names.split(",") if isinstance(names, str) else names
    return [name.strip() for name in found if name.strip()]


def part(graph: Graph, trace: Trace | None, nodes: Iterable[Node], view: str) -> tuple[Graph, Trace | None]:
    """The circuit of some nodes, in order of the whole but inputs first; `view` says what it is of the whole.

    Its output is that of the whole, or the last node. A view of a view says also what that is.
    """
    view += f"; these are {graph.view}" if graph.view else ""
    chosen = sorted(nodes, key=lambda node: (node.gate is not None or node.number in graph.constants, node.number))
    new = {node.number: place for place, node in enumerate(chosen)}
    smaller = replace(
        graph,
        gates=tuple(node.gate for node in chosen),
        operands=Slots.of([tuple(k if k < 0 else new[k] for k in node.operands) for node in chosen]),
        names=tuple(node.name for node in chosen),
        starts=array("q", (graph.starts[node.number] for node in chosen)),
        ends=array("q", (graph.ends[node.number] for node in chosen)),
        constants={new[k]: constant for k, constant in graph.constants.items() if k in new},
        output=new.get(graph.output, len(chosen) - 1),
        bindings={name: new[k] for name, k in graph.bindings.items() if k in new},
        groups=tuple(
            Group(group.name, inside)
            for group in graph.groups
            if (inside := frozenset(new[k] for k in group.nodes if k in new))
        ),
        view=view,
        has_output=graph.output in new,
    )
    return smaller, None if trace is None else _numbers(smaller, trace, chosen)


def _numbers(graph: Graph, trace: Trace, chosen: Sequence[Node]) -> Trace:
    return replace(
        trace,
        graph=graph,
        node_values=[trace.node_values[node.number] for node in chosen],
        node_grads=[trace.node_grads[node.number] for node in chosen],
        locals=Slots.of([node.locals for node in chosen]),
        shares=Slots.of([node.shares for node in chosen]),
        origins=frozenset(
            place for place, node in enumerate(chosen) if not trace.origins.isdisjoint((node.number, *node.inside))
        ),
    )
