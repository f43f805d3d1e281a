"""Large circuits, wide or narrow, have the numbers of the walk node by node."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gradviz import evaluator, large, levels
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES
from gradviz.graph import Graph, GraphBuilder
from gradviz.language.parser import parse
from gradviz.rewrite import fold

SMOOTH = ("add", "sub", "mul", "neg", "tanh", "sigmoid", "sin", "max", "where", "clip", "abs")


def wide(count: int, width: int, seed: int = 0, names: Sequence[str] = SMOOTH) -> Graph:
    """Layers of `width` random gates, then a sum of the last one."""
    choose, builder = random.Random(seed), GraphBuilder()
    before = [builder.input(f"x{k}") for k in range(5)]
    while len(builder.gates) < count:
        layer = []
        for k in range(width):
            gate = GATES[choose.choice(names)]
            operands = [before[k % len(before)], *choose.choices(before, k=gate.arity - 1)]
            layer.append(builder.gate(gate, operands))
        before = layer
    while len(before) > 1:
        before = [
            builder.gate(GATES["add"], pair) if len(pair) == 2 else pair[0]
            for pair in (before[k : k + 2] for k in range(0, len(before), 2))
        ]
    return builder.build(before[0])


VALUES = {f"x{k}": 0.3 * k - 0.5 for k in range(5)}


def numbers(trace: Trace) -> list[float]:
    """All of a trace, one after the other."""
    return [*trace.node_values, *trace.node_grads, *trace.locals.flat, *trace.shares.flat]


def near(expected: list[float]) -> Any:
    """The same numbers, apart from the order in which shares add up."""
    return pytest.approx(expected, rel=1e-9, abs=1e-13, nan_ok=True)


def walked(graph: Graph, values: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> Trace:
    """The trace node by node."""
    with monkeypatch.context() as patched:
        patched.setattr(evaluator, "SMALLEST", len(graph) + 1)
        return evaluate(graph, values)


@pytest.mark.parametrize("seed", range(5))
def test_levels_have_the_numbers_of_the_walk(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = wide(12_000, 1_500, seed)
    assert large.plan(graph).is_wide
    assert numbers(evaluate(graph, VALUES)) == near(numbers(walked(graph, VALUES, monkeypatch)))


@pytest.mark.parametrize("least", [0, 40])
def test_constants_folded_and_drawn_take_part(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"y{k} = tanh({k % 7}*x{k % 5} - 0.5)^2 + h" for k in range(1_000)]
    graph = fold(parse("\n".join(["h = 0.25", *lines, "+".join(f"y{k}" for k in range(1_000))])))
    values = {f"x{k}": VALUES[f"x{k}"] for k in range(5)}
    expected = numbers(walked(graph, values, monkeypatch))
    monkeypatch.setattr(large, "LEAST", least)  # the sum is a chain
    graph.memory.clear()
    assert large.plan(graph).is_wide == (least == 0)
    assert numbers(evaluate(graph, values)) == near(
        expected
    )  # nan: the local gradient by an exponent that is a constant


def test_a_difference_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = wide(9_000, 1_000)
    other = {**VALUES, "x0": VALUES["x0"] + 1e-6}
    assert numbers(evaluate(graph, VALUES)) != near(numbers(walked(graph, other, monkeypatch)))


@pytest.mark.parametrize("names", [["add"], ["tanh", "mul"]])
def test_a_narrow_circuit_is_walked(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    graph = wide(3_000, 3, names=names)
    assert not large.plan(graph).is_wide
    assert numbers(evaluate(graph, VALUES)) == near(numbers(walked(graph, VALUES, monkeypatch)))


def test_the_plan_is_made_once() -> None:
    graph = wide(9_000, 1_000)
    assert large.plan(graph) is large.plan(graph)


def test_infinities_go_through_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    graph = wide(3_000, 500, names=["mul", "exp"])
    trace = evaluate(graph, dict.fromkeys(VALUES, 30.0))
    assert not all(map(math.isfinite, trace.node_values))
    assert trace.notes
    assert not recwarn.list


def test_a_chain_of_many_nodes_needs_no_recursion() -> None:
    builder = GraphBuilder()
    builder.input("x")
    graph = builder.build(builder.extend(["neg"] * 200_000, range(200_000)))
    trace = evaluate(graph, {"x": 2.0})
    assert (trace.output, trace.grads["x"]) == (2.0, 1.0)


def test_numbers_of_a_large_circuit_are_floats() -> None:
    trace = evaluate(wide(9_000, 1_000), VALUES)
    assert {type(x) for x in (trace.output, trace.grads["x1"], trace.locals[3_000][0], trace.shares[3_000][0])} == {
        float
    }


@pytest.mark.parametrize("seed", range(3))
def test_levels_are_one_more_than_the_highest_operand_in_any_order(seed: int) -> None:
    choose = random.Random(seed)
    rows: list[list[int]] = []
    for node in range(5_000):  # trees one after the other, so that no run is long
        base = node - node % 20
        rows.append([choose.randrange(base, node) for _ in range(choose.randrange(3))] if node > base else [])
        rows[-1] += [-1] * choose.randrange(2)  # a folded constant
    expected: list[int] = []
    for operands in rows:
        expected.append(1 + max((expected[k] for k in operands if k >= 0), default=-1))
    sources, bounds = [k for row in rows for k in row], np.cumsum([0, *map(len, rows)], dtype=np.int32)
    found = levels.levels(np.array(sources, np.int32), bounds, 100)
    assert found is not None
    assert found.tolist() == expected
    assert levels.levels(np.array(sources, np.int32), bounds, 1_000) is None
