"""The order of the lecture: every number is revealed once, and none before what it is made of."""

from __future__ import annotations

from typing import Any

import pytest

import gradviz
from gradviz.graph import Graph
from gradviz.telling.steps import Step, Sum, revealed, steps
from tests.lectures import NAMES, lecture

EVERY = pytest.mark.parametrize("name", NAMES)


def told(program: str) -> tuple[Step, ...]:
    return steps(gradviz.parse(program))


def test_the_lecture_for_wx_plus_b() -> None:
    """g = w*x; f = g + b: nodes are w x b g f, wires w→g x→g g→f b→f."""
    assert told("g = w*x; f = g + b") == (
        Step("graph"),
        Step("inputs", values=(0, 1, 2)),
        Step("forward", 3, wires=(0, 1), values=(3,)),
        Step("forward", 4, wires=(2, 3), values=(4,)),
        Step("seed", 4, grads=(4,)),
        Step("backward", 4, wires=(2, 3), grads=(3, 2), shares=(2, 3)),
        Step("backward", 3, wires=(0, 1), grads=(0, 1), shares=(0, 1)),
        Step("finished"),
    )


def test_a_fork_is_summed_where_its_last_share_arrives() -> None:
    """c = a + b; d = b + 1; e = c*d: b gets a share from d first, then from c."""
    backward = [step for step in told("c = a + b; d = b + 1; e = c*d") if step.kind == "backward"]
    assert [(step.node, step.grads, step.sums) for step in backward] == [
        (4, (2, 3), ()),
        (3, (), ()),
        (2, (0, 1), (Sum(1, (2, 1)),)),
    ]


def test_both_wires_of_a_node_into_one_gate_add_up_in_its_step() -> None:
    assert told("x*x")[-2] == Step("backward", 1, (0, 1), grads=(0,), shares=(0, 1), sums=(Sum(0, (0, 1)),))


def test_constants_get_nothing() -> None:
    graph = gradviz.parse("h = 2; x*h + 3*4", fold=False)
    constants = set(graph.constants)
    found = steps(graph)
    wires = list(graph.wires)
    assert all(node not in constants for step in found for node in step.grads)
    assert all(wires[k].source not in constants for step in found for k in step.shares)
    assert [graph.label(step.node) for step in found if step.kind == "backward" and step.node] == ["+", "*"]


def test_a_program_without_inputs_has_its_steps() -> None:
    assert [step.kind for step in told("2*3")] == ["graph", "inputs", "forward", "seed", "finished"]
    assert told("2")[-2] == Step("seed", 0)
    assert [step.kind for step in told("x")] == ["graph", "inputs", "seed", "finished"]


def faults(graph: Graph, found: tuple[Step, ...]) -> list[str]:
    """What is revealed twice, not at all, or too early, a line each."""
    wires = tuple(graph.wires)
    open_wires = {k for k, wire in enumerate(wires) if wire.source not in graph.constants}
    wanted = {
        "values": set(range(len(graph))),
        "grads": set(range(len(graph))) - set(graph.constants),
        "shares": open_wires,
    }
    lines = [
        f"{column}: {sorted(each)}"
        for column, want in wanted.items()
        if sorted(each := [k for step in found for k in getattr(step, column)]) != sorted(want)
    ]
    for before, after, step in zip([None, *revealed(found)], revealed(found), found, strict=False):
        for node in step.values:
            lines += [f"value {node} early" for k in graph.operands[node] if k >= 0 and k not in after.values]
        for k in step.shares:
            lines += [f"share {k} early"] if before is None or wires[k].target not in before.grads else []
        for node in step.grads:
            uses = {k for k in open_wires if wires[k].source == node}
            lines += [f"grad {node} early"] if not uses <= after.shares else []
    return lines


@EVERY
def test_every_number_is_revealed_once_and_in_time(name: str) -> None:
    graph = lecture(name).graph
    assert faults(graph, steps(graph)) == []


@pytest.mark.parametrize("lost", range(7))
def test_a_step_that_is_missing_or_told_twice_is_found(lost: int) -> None:
    graph = gradviz.parse("c = a + b; d = b + 1; e = c*d")
    found = steps(graph)
    without = tuple(step for k, step in enumerate(found) if k != lost + 1)
    twice = (*found[: lost + 2], *found[lost + 1 :])
    assert faults(graph, without) != []
    assert faults(graph, twice) != []
    assert faults(graph, tuple(reversed(found))) != []


@EVERY
def test_the_sums_are_those_of_the_backward_pass(name: str) -> None:
    """Added in the order of the steps, shares are the gradient to the last bit."""
    trace = lecture(name)
    wires = tuple(trace.graph.wires)
    for step in steps(trace.graph):
        for found in step.sums:
            total: Any = 0.0
            for k in found.wires:
                total = total + trace.shares[wires[k].target][wires[k].slot]
            assert repr(total) == repr(trace.node_grads[found.node])


def test_a_long_program_is_told_in_time() -> None:
    found = told(";".join(["a0 = x", *(f"a{k + 1} = a{k} * x + {k}" for k in range(5000))]))
    assert len(found) == 2 + 10_000 + 1 + 10_000 + 1
