"""The two passes over a large circuit of numbers: gates of one kind at once, by NumPy, wherever they need not wait.

In a wide circuit all gates of a kind on one level are such a block, forward and backward. In a narrow one values and
gradients are walked node by node; local gradients and shares, which wait for nothing but those, are computed a kind
after the other.
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
from gradviz.levels import Index, levels
from gradviz.passes import forward
from gradviz.slots import Slots

LEAST: Final = 40  # nodes a kind and level from which levels pay
PIECE: Final = 100_000  # wires that are turned at once, for memory

Column = Any  # array of float64


class Block(NamedTuple):
    """Gates of one kind."""

    gate: Gate
    nodes: Index | slice
    wires: tuple[Index | slice, ...]  # theirs by slot
    sources: tuple[Index, ...]  # nodes by slot; negative for folded constants, which stand behind the nodes


class Plan(NamedTuple):
    """A circuit as blocks, each after those that it needs where `is_wide`."""

    is_wide: bool
    blocks: tuple[Block, ...]


def plan(graph: Graph) -> Plan:
    """The plan of a circuit of element-wise gates, found once."""
    if "plan" not in graph.memory:
        graph.memory["plan"] = _plan(graph)
    found: Plan = graph.memory["plan"]
    return found


def passes(graph: Graph, inputs: Sequence[float], seed: float) -> tuple[array[float], Slots, array[float], Slots]:
    """Values, local gradients, gradients and shares; in columns by node the folded constants stand behind the nodes."""
    is_wide, blocks = plan(graph)
    with numpy.errstate(all="ignore"):
        values = _forward(graph, blocks, inputs) if is_wide else array("d", forward(graph, inputs))
        local = _local_gradients(graph, blocks, values)
        grads = (_backward if is_wide else _walked_back)(graph, blocks, local, seed)
        shares = _shares(blocks, local, grads)
    return values, Slots(local, graph.operands.bounds), grads, Slots(shares, graph.operands.bounds)


# plan ----------------------------------------------------------------------------------------------------------------


def _plan(graph: Graph) -> Plan:
    numbers: dict[Gate | None, int] = {gate: number for number, gate in enumerate((None, *graph.kinds))}
    kinds = numpy.fromiter(map(numbers.__getitem__, graph.gates), numpy.int64, len(graph))
    sources, bounds = _index(graph.operands.flat), _index(graph.operands.bounds)
    level = levels(sources, bounds, LEAST * (len(numbers) - 1))
    blocks = _blocks(tuple(numbers), kinds if level is None else level * len(numbers) + kinds, sources, bounds)
    return Plan(level is not None, tuple(blocks))


def _index(column: Sequence[int]) -> Index:
    return numpy.asarray(column, numpy.int32)


def _blocks(gates: Sequence[Gate | None], key: Index, sources: Index, bounds: Index) -> Iterator[Block]:
    """The nodes with equal keys, which are kinds as the rests of a division by the number of `gates`."""
    order = numpy.argsort(key.astype(numpy.uint16 if key.max() < 1 << 16 else numpy.uint64), kind="stable")
    key = key[order]
    for start, end in pairwise([0, *(numpy.flatnonzero(numpy.diff(key)) + 1).tolist(), len(order)]):
        gate = gates[int(key[start]) % len(gates)]
        if gate is not None:
            nodes, wires = _places(order[start:end], bounds, gate.arity)
            yield Block(gate, nodes, wires, tuple(sources[each] for each in wires))


def _places(nodes: Index, bounds: Index, arity: int) -> tuple[Index | slice, tuple[Index | slice, ...]]:
    """Rising nodes, and their wires by slot: slices where the nodes stand side by side."""
    first, last = int(nodes[0]), int(nodes[-1])
    if last - first < len(nodes):
        wire, end = int(bounds[first]), int(bounds[last + 1])
        return slice(first, last + 1), tuple(slice(wire + slot, end, arity) for slot in range(arity))
    return nodes.astype(bounds.dtype), tuple(bounds[nodes] + numpy.int32(slot) for slot in range(arity))


# passes --------------------------------------------------------------------------------------------------------------


def _zeros(count: int) -> tuple[array[float], Column]:
    """Numbers that are floats of Python, and the same for NumPy."""
    found = array("d", bytes(8 * count))
    return found, numpy.frombuffer(found)


def _forward(graph: Graph, blocks: Sequence[Block], inputs: Sequence[float]) -> array[float]:
    found, values = _zeros(len(graph) + len(graph.folded))
    values[len(graph) :] = [constant.value for constant in reversed(graph.folded)]
    values[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        values[node] = constant.value
    for gate, nodes, _, sources in blocks:
        values[nodes] = gate.forward(nd, *map(values.__getitem__, sources))
    return found


def _local_gradients(graph: Graph, blocks: Sequence[Block], values: array[float]) -> array[float]:
    (found, local), ys = _zeros(len(graph.operands.flat)), numpy.frombuffer(values)
    for gate, nodes, wires, sources in blocks:
        assert gate.partials is not None, "planned for element-wise gates only"
        partials = gate.partials(nd, ys[nodes], *map(ys.__getitem__, sources))
        for wire, partial in zip(wires, partials, strict=True):
            local[wire] = partial
    return found


def _backward(graph: Graph, blocks: Sequence[Block], local: array[float], seed: float) -> array[float]:
    (found, grads), partials = _zeros(len(graph) + len(graph.folded)), numpy.frombuffer(local)
    grads[graph.output] = seed
    for _, nodes, wires, sources in reversed(blocks):
        upstream = grads[nodes]
        for wire, source in zip(wires, sources, strict=True):
            numpy.add.at(grads, source, partials[wire] * upstream)
    return found


def _walked_back(graph: Graph, _: Sequence[Block], local: array[float], seed: float) -> array[float]:
    """Gradients wire by wire."""
    grads = [0.0] * (len(graph) + len(graph.folded))
    grads[graph.output] = seed
    targets = numpy.arange(len(graph), dtype=numpy.int32).repeat(numpy.diff(_index(graph.operands.bounds)))
    columns = _index(graph.operands.flat), targets, numpy.frombuffer(local)
    for end in range(len(local), 0, -PIECE):
        wires = (_turned(column[max(0, end - PIECE) : end]) for column in columns)
        for source, target, partial in zip(*wires, strict=True):
            grads[source] += partial * grads[target]  # chain rule; shares add up
    return array("d", grads)


def _turned(column: Any) -> array[Any]:
    """A column from its end, as plain numbers."""
    return array(column.dtype.char, column[::-1].tobytes())


def _shares(blocks: Sequence[Block], local: array[float], grads: array[float]) -> array[float]:
    (found, shares), partials, upstream = _zeros(len(local)), numpy.frombuffer(local), numpy.frombuffer(grads)
    for _, nodes, wires, _ in blocks:
        for wire in wires:
            shares[wire] = partials[wire] * upstream[nodes]
    return found
