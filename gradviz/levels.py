"""The same passes over a wide circuit of numbers: all gates of one kind on one level at once, by NumPy.

A node's level is one more than the highest among its operands. Nodes are sorted by level and kind, so that what a group
computes is one piece of a column; the wires are sorted by source, so that the shares of a node stand side by side and
add up in one piece. It pays from some dozen nodes a group on; a narrow circuit is better walked node by node.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy

from gradviz import nd
from gradviz.gates import Gate
from gradviz.graph import Graph
from gradviz.slots import Slots

LEAST: Final = 16  # nodes of a group on average
TRIED: Final = 32  # levels that are walked before a circuit is judged

Column = Any  # array of float64
Index = Any  # array of whole numbers


class Group(NamedTuple):
    """Gates of one kind on one level: nodes [start, end) in the order of the plan."""

    gate: Gate
    start: int
    end: int
    wire: int  # the first of theirs; they follow slot by slot
    operands: tuple[Index, ...]  # by slot; places in the column of values


class Plan(NamedTuple):
    """A circuit in order of levels."""

    order: Index  # node by place
    groups: tuple[Group, ...]
    steps: tuple[tuple[int, int, int, int], ...]  # from the top: places [a, b) and their wires [c, d), by source
    sources: Index  # by wire in order of source: where it stands in the order of groups
    targets: Index  # by wire in order of source: the place of its target
    starts: Index  # by place: its first wire in order of source
    locals: Index  # by wire of the graph: where it stands in the order of groups
    gates: Index  # by wire of the graph: its target


def plan(graph: Graph) -> Plan | None:
    """The plan of a circuit of element-wise gates, found once; None when it is too narrow for one."""
    if "levels" not in graph.memory:
        graph.memory["levels"] = _plan(graph)
    found: Plan | None = graph.memory["levels"]
    return found


def _plan(graph: Graph) -> Plan | None:
    kinds: dict[Gate | None, int] = {gate: number for number, gate in enumerate((None, *graph.kinds))}
    wires = _wires(graph)
    levels = _levels(wires, LEAST * (len(kinds) - 1))
    if levels is None:
        return None
    key = levels * len(kinds) + numpy.fromiter(map(kinds.__getitem__, graph.gates), numpy.int64, len(graph))
    order = numpy.argsort(key, kind="stable")
    place = numpy.arange(len(graph) + len(graph.folded))  # folded constants stay behind the nodes
    place[order] = numpy.arange(len(graph))
    return _planned(wires, order, place, key[order], tuple(kinds))


class _Wires(NamedTuple):
    """The uses of nodes by gates, those of folded constants too; their sources are behind the nodes."""

    sources: Index
    targets: Index
    bounds: Index  # by node: its first wire as a gate

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.bounds) - 1


def _wires(graph: Graph) -> _Wires:
    sources, bounds = numpy.array(graph.operands.flat, numpy.int64), numpy.array(graph.operands.bounds, numpy.int64)
    sources[sources < 0] += len(graph) + len(graph.folded)
    return _Wires(sources, numpy.repeat(numpy.arange(len(graph)), numpy.diff(bounds)), bounds)


def _levels(wires: _Wires, least: int) -> Index | None:
    """The level of each node; None when they have, as soon as that is seen, less than `least` nodes on average.

    Nodes whose operands are all done make the next level (Kahn, 1962).
    """
    inner = wires.sources < wires.nodes
    sources, targets = wires.sources[inner], wires.targets[inner]
    by_source = numpy.argsort(sources, kind="stable")
    targets = targets[by_source]
    first = numpy.searchsorted(sources[by_source], numpy.arange(wires.nodes + 1))
    waits = numpy.bincount(targets, minlength=wires.nodes)
    levels, done, level = numpy.zeros(wires.nodes, numpy.int64), 0, 0
    ready = numpy.flatnonzero(waits == 0)
    while len(ready):
        levels[ready] = level
        done, level = done + len(ready), level + 1
        if level >= TRIED and done < least * level:
            return None
        fed = targets[_ranges(first[ready], first[ready + 1])]
        numpy.subtract.at(waits, fed, 1)
        ready = numpy.unique(fed[waits[fed] == 0])
    return levels if done >= least * level else None


def _ranges(starts: Index, ends: Index) -> Index:
    """All whole numbers in [start, end), for one after the other.

    >>> _ranges(numpy.array([3, 7]), numpy.array([5, 8]))
    array([3, 4, 7])
    """
    counts = ends - starts
    return numpy.arange(counts.sum()) + numpy.repeat(starts - (counts.cumsum() - counts), counts)


def _planned(wires: _Wires, order: Index, place: Index, key: Index, kinds: tuple[Gate | None, ...]) -> Plan:
    """The groups of nodes in order, and their wires sorted by source."""
    groups = tuple(_groups(wires, order, place, key, kinds))
    by_group = numpy.empty(len(wires.sources), numpy.int64)
    for group in groups:
        for slot in range(group.gate.arity):
            start = group.wire + slot * (group.end - group.start)
            by_group[wires.bounds[order[group.start : group.end]] + slot] = numpy.arange(
                start, start + group.end - group.start
            )
    sources = place[wires.sources]
    by_source = numpy.argsort(sources, kind="stable")[: int((sources < wires.nodes).sum())]
    sources = sources[by_source]
    return Plan(
        _small(order),
        groups,
        tuple(_steps(key // len(kinds), sources)),
        *map(
            _small,
            (
                by_group[by_source],
                place[wires.targets][by_source],
                numpy.searchsorted(sources, numpy.arange(wires.nodes)),
                by_group,
                wires.targets,
            ),
        ),
    )


def _small(index: Index) -> Index:
    """The same in half the memory."""
    return index.astype(numpy.int32)


def _groups(wires: _Wires, order: Index, place: Index, key: Index, kinds: tuple[Gate | None, ...]) -> Iterator[Group]:
    wire = 0
    for start, end in pairwise([0, *(numpy.flatnonzero(numpy.diff(key)) + 1).tolist(), len(order)]):
        gate = kinds[int(key[start]) % len(kinds)]
        if gate is not None:
            slots = (wires.bounds[order[start:end]] + slot for slot in range(gate.arity))
            yield Group(gate, start, end, wire, tuple(_small(place[wires.sources[each]]) for each in slots))
            wire += gate.arity * (end - start)


def _steps(levels: Index, sources: Index) -> Iterator[tuple[int, int, int, int]]:
    """From the top: the places of a level, and the wires from there."""
    cuts = [0, *(numpy.flatnonzero(numpy.diff(levels)) + 1).tolist(), len(levels)]
    wires = numpy.searchsorted(sources, cuts).tolist()
    yield from reversed([(*nodes, *ends) for nodes, ends in zip(pairwise(cuts), pairwise(wires), strict=True)])


def passes(
    graph: Graph, plan: Plan, inputs: Sequence[float], seed: float
) -> tuple[array[float], Slots, array[float], Slots]:
    """Values, local gradients, gradients and shares; in columns by node the folded constants stand behind the nodes."""
    with numpy.errstate(all="ignore"):
        values, by_group = _forward(graph, plan, inputs)
        grads = _by_node(_backward(plan, by_group.take(plan.sources), seed), plan)
        local = by_group.take(plan.locals)
        shares = local * grads.take(plan.gates)
    bounds = graph.operands.bounds
    return _plain(_by_node(values, plan)), Slots(_plain(local), bounds), _plain(grads), Slots(_plain(shares), bounds)


def _plain(column: Column) -> array[float]:
    """A column whose entries are floats of Python."""
    return array("d", column.tobytes())


def _forward(graph: Graph, plan: Plan, inputs: Sequence[float]) -> tuple[Column, Column]:
    """Values by place, and local gradients by wire in order of groups."""
    given = numpy.zeros(len(graph))
    given[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        given[node] = constant.value
    values = numpy.concatenate([given[plan.order], [c.value for c in reversed(graph.folded)]])
    local = numpy.empty(len(plan.locals))
    for gate, start, end, wire, operands in plan.groups:
        xs = [values.take(each) for each in operands]
        y = values[start:end] = gate.forward(nd, *xs)
        assert gate.partials is not None, "planned for element-wise gates only"
        for slot, partial in enumerate(gate.partials(nd, y, *xs)):
            local[wire + slot * (end - start) : wire + (slot + 1) * (end - start)] = partial
    return values, local


def _backward(plan: Plan, local: Column, seed: float) -> Column:
    """Gradients by place, of local gradients by wire in order of source; each node but the output has uses."""
    grads = numpy.empty(len(plan.order))
    grads[-1] = seed
    for start, end, first, last in plan.steps[1:]:
        shares = local[first:last] * grads.take(plan.targets[first:last])
        grads[start:end] = numpy.add.reduceat(shares, plan.starts[start:end] - first)
    return grads


def _by_node(column: Column, plan: Plan) -> Column:
    found = column.copy()
    found[plan.order] = column[: len(plan.order)]
    return found
