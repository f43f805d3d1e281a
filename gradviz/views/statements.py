"""What computes a name of the program, closed to one gate; numbers are those of the whole circuit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gradviz.errors import OptionError, ValuesError
from gradviz.evaluator import Trace
from gradviz.gates import Gate
from gradviz.gates.row import ANY
from gradviz.graph import Graph
from gradviz.limits import beyond, most
from gradviz.views.parts import Node, listed, newest, part

MOST_OPEN: Final = 3_000  # nodes of a circuit that is drawn open by itself; of a larger one no one reads every number
ENOUGH: Final = 0.7  # of the nodes at most are left where closing helps
FEWEST: Final = 10  # gates that are left where closing helps; one gate for everything tells nothing
ALL: Final = "all"
_SYMBOL: Final = "…"


def closes_by_itself(graph: Graph, trace: Trace | None) -> bool:
    """Whether a drawing of the circuit has its statements closed unless one says otherwise."""
    if len(graph) <= MOST_OPEN or not _are_numbers(trace):
        return False
    left = set(_owners(graph, frozenset()))
    gates = sum(graph.gates[node] is not None for node in left)
    return gates >= FEWEST and len(left) <= ENOUGH * len(graph)


def closed(graph: Graph, trace: Trace | None, opened: str | Collection[str] = ()) -> tuple[Graph, Trace | None]:
    """The circuit with a gate `…` for all gates that only a named one uses; statements of the names `opened` stay.

    A share is the sum of those of the wires that were closed in. Raises `OptionError` for a name that is none, and for
    circuits with arrays.
    """
    stay = names_opened(graph, opened)
    if stay is None:
        return graph, trace
    if not _are_numbers(trace):
        raise OptionError("statements are closed in circuits of numbers only; this one has arrays")
    owners = _owners(graph, stay)
    count = len(set(owners))
    if count == len(graph):
        return graph, trace
    if count > most("shown"):
        raise OptionError(f"a large circuit: closed, {beyond('shown', count)}; --focus shows a part of it")
    view = f"{count:,} of {len(graph):,} nodes: a gate … stands for all that computes its name"
    return part(graph, trace, _closed(graph, trace, owners), view)


def names_opened(graph: Graph, opened: str | Collection[str]) -> frozenset[int] | None:
    """The nodes of names that stay open, None for all; raises `OptionError` for a name that is none."""
    wanted = listed(opened)
    return None if ALL in wanted else frozenset(newest(graph, name) for name in wanted)


def _are_numbers(trace: Trace | None) -> bool:
    return trace is None or all(isinstance(value, float) for value in trace.node_values)


def _owners(graph: Graph, opened: Collection[int]) -> list[int]:
    """For each node the named gate that it is closed into, or itself.

    A gate without a name, or a constant, belongs where all its uses do.
    """
    owners = list(range(len(graph)))
    free = [name is None and node != graph.output for node, name in enumerate(graph.names)]
    users: list[int] = [-1] * len(graph)  # the one owner of all uses; -2 where there are several
    for target in range(len(graph) - 1, -1, -1):
        if free[target] and users[target] >= 0 and users[target] not in opened:
            owners[target] = users[target]
        if graph.names[target] is None and target != graph.output and owners[target] == target:
            owner = target if graph.gates[target] is None else -2
        else:
            owner = owners[target]
        for source in graph.operands[target]:
            if source >= 0:
                same = users[source] in (-1, owner)
                users[source] = owner if same and owner >= 0 else -2
    gates = Counter(owners[node] for node, gate in enumerate(graph.gates) if gate is not None)
    return [owner if gates[owner] > 1 else node for node, owner in enumerate(owners)]


def _closed(graph: Graph, trace: Trace | None, owners: list[int]) -> Iterator[Node]:
    members: dict[int, list[int]] = {}
    for node, owner in enumerate(owners):
        members.setdefault(owner, []).append(node)
    for owner, inside in members.items():
        if len(inside) == 1:
            numbers = (trace.locals[owner], trace.shares[owner]) if trace else ((), ())
            yield Node(owner, graph.gates[owner], graph.operands[owner], graph.names[owner], *numbers)
        else:
            yield _statement(graph, trace, owner, inside)


def _statement(graph: Graph, trace: Trace | None, owner: int, inside: list[int]) -> Node:
    """One gate for the gates of a statement; its operands are what they use from outside, in order of first use."""
    own = set(inside)
    outside = dict.fromkeys(
        source for node in inside for source in graph.operands[node] if source >= 0 and source not in own
    )
    local, shares = _paths(graph, trace, inside, outside) if trace else ({}, {})
    gate = Gate(
        "statement", _SYMBOL, _not_computed, None, None, "all that computes a name", domain=(ANY,) * len(outside)
    )
    numbers = (tuple(local[k] for k in outside), tuple(shares[k] for k in outside)) if trace else ((), ())
    return Node(owner, gate, tuple(outside), graph.names[owner], *numbers, inside)


def _not_computed(*_: Any) -> Any:
    raise ValuesError("a closed statement is not computed; its numbers are those of the whole circuit")


def _paths(
    graph: Graph, trace: Trace, inside: list[int], outside: Collection[int]
) -> tuple[Mapping[int, Any], Mapping[int, Any]]:
    """The derivative of a statement's last gate by each operand, and the share that each operand gets from it."""
    within = dict.fromkeys(inside, 0.0) | {inside[-1]: 1.0}
    local, shares = dict.fromkeys(outside, 0.0), dict.fromkeys(outside, 0.0)
    for node in reversed(inside):
        for source, partial, share in zip(graph.operands[node], trace.locals[node], trace.shares[node], strict=True):
            if source in within:
                within[source] += partial * within[node]
            elif source >= 0:
                local[source] += partial * within[node]
                shares[source] += share
    return local, shares
