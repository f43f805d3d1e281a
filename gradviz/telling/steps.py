"""Graph -> Steps: the order in which a lecture fills in a figure, and what each step reveals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from gradviz.graph import Graph, Wire

Kind = Literal["graph", "inputs", "forward", "seed", "backward", "finished"]


class Sum(NamedTuple):
    """A node whose last share has arrived: its gradient is the sum of the shares of its wires."""

    node: int
    wires: tuple[int, ...]  # in the order in which the backward pass adds them


class Step(NamedTuple):
    """What one frame adds. Nodes are indices, and so are wires: into `tuple(graph.wires)`."""

    kind: Kind
    node: int | None = None  # the gate that it is about, or the output for the seed
    wires: tuple[int, ...] = ()  # the wires that it is about: those into that gate
    values: tuple[int, ...] = ()  # nodes whose value is known from here on
    grads: tuple[int, ...] = ()  # nodes whose gradient is
    shares: tuple[int, ...] = ()  # wires whose share is
    sums: tuple[Sum, ...] = ()  # where several shares have come together


class Revealed(NamedTuple):
    """All that is known after a step."""

    values: frozenset[int]
    grads: frozenset[int]
    shares: frozenset[int]


def steps(graph: Graph) -> tuple[Step, ...]:
    """The lecture in order.

    The bare graph; the values of inputs and constants; the value of each gate; the seed, which is the gradient of the
    output; each gate backward, with the shares of its wires and the gradients that are whole with them; the finished
    figure. Constants have no gradient, and a gate of constants alone has no step backward.
    """
    given = tuple(node for node, gate in enumerate(graph.gates) if gate is None)
    first = [Step("graph"), Step("inputs", values=given)] if given else [Step("graph")]
    seeded = () if graph.output in graph.constants else (graph.output,)
    seed = Step("seed", graph.output, grads=seeded)
    return (*first, *_forward(graph), seed, *_backward(graph), Step("finished"))


def revealed(told: Iterable[Step]) -> Iterator[Revealed]:
    """What is known after each of the steps."""
    known = Revealed(frozenset(), frozenset(), frozenset())
    for step in told:
        known = Revealed(
            known.values | set(step.values), known.grads | set(step.grads), known.shares | set(step.shares)
        )
        yield known


def _by_target(graph: Graph) -> dict[int, list[tuple[int, Wire]]]:
    """The wires into each gate, with their indices."""
    return {target: list(each) for target, each in groupby(enumerate(graph.wires), lambda pair: pair[1].target)}


def _forward(graph: Graph) -> Iterator[Step]:
    wires = _by_target(graph)
    for node, gate in enumerate(graph.gates):
        if gate is not None:
            yield Step("forward", node, tuple(k for k, _ in wires.get(node, ())), values=(node,))


def _backward(graph: Graph) -> Iterator[Step]:
    """Each gate, the last first; a node's gradient is whole when the share of its last wire has arrived."""
    uses = Counter(wire.source for wire in graph.wires)
    arrived: dict[int, list[int]] = {}
    for target, pairs in reversed(_by_target(graph).items()):
        open_wires = [(k, wire.source) for k, wire in pairs if wire.source not in graph.constants]
        for k, source in open_wires:
            arrived.setdefault(source, []).append(k)
        whole = [node for node in dict.fromkeys(source for _, source in open_wires) if len(arrived[node]) == uses[node]]
        wires = tuple(k for k, _ in open_wires)
        sums = tuple(Sum(node, tuple(arrived[node])) for node in whole if uses[node] > 1)
        if wires:
            yield Step("backward", target, wires, grads=tuple(whole), shares=wires, sums=sums)
