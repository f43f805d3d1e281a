"""What is around some nodes of a circuit: everything within a number of wires of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from heapq import nlargest
from typing import Any, Final, NamedTuple

from gradviz.errors import OptionError, in_words, printable
from gradviz.evaluator import Trace
from gradviz.graph import Graph
from gradviz.notation import UPSTREAM, Names, names
from gradviz.views.parts import Node, listed, newest, part

RADIUS: Final = 2  # wires around what is focused on, unless said otherwise
AROUND_LARGEST: Final = 1  # and around the largest gradients
TOLD: Final = 5  # gradients that the note tells


class View(NamedTuple):
    """A part of a circuit, and what the gradients in it are derivatives of."""

    graph: Graph
    trace: Trace | None
    top: str | None  # a name; None where the output is in it


def around(
    graph: Graph,
    trace: Trace | None,
    focus: str | Collection[str],
    radius: int | None = None,
    *,
    named: bool = False,
    upstream: str | None = None,
) -> View:
    """The nodes of some names (in one text with commas, or several) and everything within `radius` wires.

    Operands that are cut off are inputs of the view. `named` calls every node what it is called in the whole, where
    `upstream` names what comes after the output. Raises `OptionError` for a name that the program has not.
    """
    wanted = listed(focus)
    if not wanted:
        raise OptionError("a focus needs names of the program: h3,loss")
    centres = dict.fromkeys(newest(graph, name) for name in wanted)
    wide = RADIUS if radius is None else radius
    centre = in_words(printable(name) for name in wanted)
    told = f"those within {_wires(wide)} of {centre}" if wide else f"{centre} alone"
    return _view(graph, trace, centres, wide, told, named=named, called=_names(graph, trace, upstream))


def largest(
    graph: Graph,
    trace: Trace | None,
    count: int,
    radius: int | None = None,
    *,
    named: bool = False,
    upstream: str | None = None,
) -> View:
    """The `count` nodes with the largest gradients (of an array its largest entry), and what is around them.

    Constants have no gradient, and the output's is given: it stands alone where there are no others. Raises
    `OptionError` without numbers.
    """
    if trace is None:
        raise OptionError("the largest gradients need values for the program's names")
    nodes = (node for node in range(len(graph)) if node not in graph.constants and node != graph.output)
    found = nlargest(count, nodes, key=lambda node: _size(trace.node_grads[node])) or [graph.output]
    called, wide = _names(graph, trace, upstream), AROUND_LARGEST if radius is None else radius
    told = ", ".join(f"{called.nodes[node]} {_size(trace.node_grads[node]):.3g}" for node in found[:TOLD])
    more = " …" if len(found) > TOLD else ""
    what = "largest gradient" if len(found) == 1 else f"{len(found)} largest gradients"
    told = f"the {what} ({told}{more}){' and what is around' if wide else ''}"
    return _view(graph, trace, found, wide, told, named=named, called=called)


def _size(grad: Any) -> float:
    """The largest entry, a nan being the largest of all."""
    if isinstance(grad, float):
        return math.inf if math.isnan(grad) else abs(grad)
    size = float(abs(grad).max(initial=0.0))
    return math.inf if math.isnan(size) else size


def _wires(radius: int) -> str:
    return f"{radius} wire" if radius == 1 else f"{radius} wires"


def _names(graph: Graph, trace: Trace | None, upstream: str | None) -> Names:
    return names(graph, upstream, seeded=trace is not None and trace.is_seeded)


def _view(
    graph: Graph,
    trace: Trace | None,
    centres: Collection[int],
    radius: int,
    told: str,
    *,
    named: bool,
    called: Names,
) -> View:
    inner = _within(graph, centres, radius)
    nodes = list(_cut(graph, trace, inner, called, range(len(graph)) if named else frozenset(centres)))
    smaller, numbers = part(graph, trace, nodes, f"{len(nodes):,} of {len(graph):,} nodes: {told}")
    has_output = any(node.number == graph.output for node in nodes)
    return View(smaller, numbers, None if has_output else _top(called, smaller.names))


def _top(called: Names, taken: Collection[str | None]) -> str:
    """What the gradients are derivatives of where the output is not drawn: its name, or one that nothing drawn has.

    The output of a program that assigns its name again has primes; without an older one in the view it needs none.
    """
    plain = called.top.rstrip("′")
    numbered = (f"{UPSTREAM[0]}{number}" for number in range(len(taken) + 1))
    return next(name for name in (plain, *UPSTREAM, *numbered) if name not in taken)


def _within(graph: Graph, centres: Collection[int], radius: int) -> set[int]:
    """The nodes within some wires of others, either way."""
    users: dict[int, list[int]] = {}
    for source, target, _ in graph.wires:
        users.setdefault(source, []).append(target)
    found, edge = set(centres), set(centres)
    for _ in range(min(radius, len(graph))):
        beside = {k for node in edge for k in (*graph.operands[node], *users.get(node, ())) if k >= 0}
        edge = beside - found
        found |= edge
    return found


def _cut(
    graph: Graph, trace: Trace | None, inner: Collection[int], called: Names, named: Collection[int]
) -> Iterator[Node]:
    """The nodes of a view. A gate is drawn where an operand of it is inside; those that are not are inputs then."""
    drawn = {node for node in inner if any(k in inner for k in graph.operands[node])}
    edge = {k for node in drawn for k in graph.operands[node] if k >= 0} - set(inner)
    for node in sorted({*inner, *edge}):
        own = graph.names[node]
        if node in drawn:
            name = called.nodes[node] if node in named else own
            numbers = (trace.locals[node], trace.shares[node]) if trace else ((), ())
            yield Node(node, graph.gates[node], graph.operands[node], name, *numbers)
        else:
            yield Node(node, None, name=own if node in graph.constants else called.nodes[node])
