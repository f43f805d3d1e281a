"""Random circuits with fan-out against Python on dual numbers, which shares neither parser nor derivatives."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES
from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.rewrite import fold
from tests.circuits import FUNCTIONS, UNARY, Run, circuits, run
from tests.shares import examples

VALUE = 1e-12  # relative to the sizes that were added up: some hundred roundings of 1e-16
GRAD = 1e-9  # gradients are products of as many factors, and two orders of summation
TINY = 1e-290  # below, factors such as tanh'(400) have fewer digits or none


def traced(program: str, values: dict[str, float], *, folded: bool) -> Trace:
    graph = parse(program)
    graph = fold(graph) if folded else graph
    return evaluate(graph, {name: values[name] for name in graph.input_names})


def wrong(trace: Trace, truth: Run) -> list[str]:
    """The names whose value or gradient is not the truth."""
    output, found = truth.output, []
    if abs(trace.output - output.value) > VALUE * output.scale:
        found.append("output")
    nodes = {name: trace.node_grads[i] for i, name in enumerate(trace.graph.input_names)}
    for name, node in trace.graph.bindings.items():
        key, number = truth.names[name]
        if abs(trace.node_values[node] - number.value) > VALUE * number.scale:
            found.append(f"value of {name}")
        nodes[key] = trace.node_grads[node]
    for key, grad in nodes.items():
        if abs(grad - output.slopes.get(key, 0.0)) > GRAD * output.sizes.get(key, 0.0) + TINY:
            found.append(f"gradient of {key}")
    return found


@settings(max_examples=examples(600), deadline=None)
@given(circuits)
def test_values_and_gradients_are_those_of_dual_numbers(circuit: tuple[str, dict[str, float]]) -> None:
    program, values = circuit
    truth = run(program, values)
    assume(all(map(math.isfinite, truth.output.slopes.values())))  # kinks such as sqrt(0) have tests of their own
    for folded in (False, True):
        assert wrong(traced(program, values, folded=folded), truth) == []


@settings(max_examples=200, deadline=None)
@given(circuits)
def test_the_grad_of_a_node_is_the_sum_of_the_shares_of_its_wires(circuit: tuple[str, dict[str, float]]) -> None:
    trace = traced(*circuit, folded=True)
    brought: list[list[float]] = [[] for _ in trace.node_grads]
    for wire in trace.graph.wires:
        share = trace.shares[wire.target][wire.slot]
        assert same(share, trace.locals[wire.target][wire.slot] * trace.node_grads[wire.target]), "local x upstream"
        brought[wire.source].append(share)
    brought[trace.graph.output].append(1.0)
    for grad, shares in zip(trace.node_grads, brought, strict=True):
        size = math.fsum(map(abs, shares))  # the order of a sum moves it by some roundings of its largest partial sum
        assert same(grad, math.fsum(shares), 1e-14 * size)


def same(a: float, b: float, tolerance: float = 0.0) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance


@settings(max_examples=100, deadline=None)
@given(circuits)
def test_folding_changes_no_number(circuit: tuple[str, dict[str, float]]) -> None:
    """Apart from `e^x`, which becomes exp and may round otherwise."""
    program, values = circuit
    plain, folded = traced(program, values, folded=False), traced(program, values, folded=True)
    assert math.isclose(plain.output, folded.output, rel_tol=VALUE, abs_tol=VALUE * run(program, values).output.scale)


def test_the_dual_numbers_know_every_function_of_the_table() -> None:
    """Of one or two numbers; `where` and `clip` are held to central differences like all others."""
    functions = {gate.name for gate in GATES.values() if gate.partials and not gate.operators and gate.arity < 3}
    written = functions | {"sqrt"}
    assert written == FUNCTIONS.keys() - {"power"}
    assert written - {"max", "min"} == set(UNARY)


def with_gate(graph: Graph, name: str, **changes: object) -> Graph:
    """The graph with another declaration of a gate."""
    changed = replace(GATES[name], **changes)  # type: ignore[arg-type]
    return replace(graph, gates=tuple(changed if gate is GATES[name] else gate for gate in graph.gates))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"partials": lambda _xp, _y, _a, b: (b, b)}, ["gradient of x"]),
        ({"forward": lambda _xp, a, b: a * b + 1e-6}, ["output", "value of f"]),
    ],
    ids=["partials", "forward"],
)
def test_a_wrong_gate_is_found(changes: dict[str, object], found: list[str]) -> None:
    values = {"w": 2.0, "x": 3.0}
    graph = parse("f = w*x + w")
    assert wrong(evaluate(graph, values), run("f = w*x + w", values)) == []
    assert wrong(evaluate(with_gate(graph, "mul", **changes), values), run("f = w*x + w", values)) == found
