"""Definitions in the gate table and whole circuits against exact mathematics: mpmath's directional differences.

A circuit is computed a second time by the references of its gates alone, in numbers of fifty digits.
"""

# ruff: noqa: ARG005  the gates that are found wrong take what a gate takes
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import mpmath
import numpy
import pytest

from gradviz import nd
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.many import evaluate_rows
from gradviz.rewrite import fold
from tests.array_cases import cases_of, numbers
from tests.references import number, objects, reference
from tests.test_array_oracles import CLOSE, DIGITS, far, slope
from tests.test_levels import VALUES, wide

Array = Any

# definitions ---------------------------------------------------------------------------------------------------------

DEFINED = [(name, k) for name, gate in GATES.items() for k in range(len(gate.made_of))]
SHAPES = [(3,), (2, 3)]
OF_ONE_AXIS = {("softmax", 1), ("softmax", 3)}  # definitions in which the sum is that of all entries


def off_the_definition(name: str, definition: int) -> Iterator[tuple[str, list[str]]]:
    """The cases in which a program of the table is not the reference of its gate, or has other gradients."""
    for case in cases_of(name):
        if case.shapes[0] in SHAPES[: 1 if (name, definition) in OF_ONE_AXIS else None]:
            graph, gate = parse(case.gate.definition(definition)), case.gate
            xs = dict(zip(gate.input_names, numbers(case), strict=True))
            with mpmath.workdps(DIGITS):
                at = [number(xs[each]) for each in graph.input_names]
                opened = exact_values(graph, at)[graph.output]
                truth = reference(name)(*[number(x) for x in xs.values()], **case.settings)
            found = off_exact(graph, {each: xs[each] for each in graph.input_names})
            if found or far(opened.astype(float), truth):
                yield str(case), found


@pytest.mark.parametrize(("name", "definition"), DEFINED)
def test_what_a_gate_is_made_of_is_the_same_function(name: str, definition: int) -> None:
    """The programs in the table, with every setting, against the reference of the gate itself."""
    assert list(off_the_definition(name, definition)) == []


# circuits ------------------------------------------------------------------------------------------------------------

PROGRAMS: dict[str, dict[str, Any]] = {
    "x*x": {"x": 3.1},
    "y = x*x; y*y + x/y": {"x": -1.3},
    "s = sigmoid(x); s*(1 - s)*x + tanh(s)": {"x": 2.7},
    "a = exp(x); b = exp(-x); (a - b)/(a + b) + max(a, b)*min(x, y)": {"x": 0.4, "y": 0.9},
    "x^y + y^x + log(x)^2": {"x": 1.7, "y": 2.3},
    "x = x + x; x = x*x; x = sin(x); x*x": {"x": 0.3},
    "def t(a, b): return a*b + a\ndef f(a, b): return t(a, b)*sigmoid(t(b, a))\nf(x, f(y, x)) + f(x, x)":
        {"x": 0.8, "y": -0.6},
    "sum(W*b + b*W)": {"W": [[1.5, -2.1, 0.3], [0.7, 1.1, -0.2]], "b": [0.4, -0.9, 2.2]},
    "sum((c + r)*c*r) + s*sum(r)": {"c": [[1.2], [-0.4]], "r": [0.3, 0.8, -1.7], "s": 0.6},
    "h = tanh(W @ x + b); p = softmax(h); sum(p*h) + mean(x*x)":
        {"W": [[0.5, -1.2], [0.8, 0.1], [-0.3, 0.9]], "x": [1.1, -0.7], "b": 0.2},
    "d = x - mean(x); sum(d/norm(d) * d)": {"x": [0.3, -1.4, 2.0, 0.9]},
    "k = relu(W @ x); cross_entropy([k[0], k[1], s], t) + sum(x*k[1])":
        {"W": [[0.4, 1.3], [1.1, 0.2]], "x": [0.9, 1.8], "s": 0.5, "t": [0.0, 1.0, 0.0]},
    "def g(v): return v/sum(v)\nq = g(exp(x)); sum(q*log(q)) + sum(g(x*x)*x)": {"x": [0.2, 1.1, -0.5]},
    "where(x > 0, x*x, gelu(x)) * clip(y, -1, 1) + leaky_relu(x*y, 0.2)": {"x": -0.6, "y": 0.4},
    "sum(concatenate(x, x*y) * concatenate(y, x)) + prod(stack(y, y))": {"x": [0.3, 1.2], "y": [-0.8, 0.5]},
}  # fmt: skip
MOST = 3  # inputs of which the gradients are checked
FORMS = {"plain": lambda graph: graph, "folded": fold}


def exact_values(graph: Graph, inputs: list[Array]) -> list[Array]:
    """The value of every node, then of the folded constants, by the references alone."""
    values: list[Array] = [objects(None)] * (len(graph) + len(graph.folded))
    values[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        values[node] = number(constant.value)
    for k, constant in enumerate(graph.folded):
        values[-1 - k] = number(constant.value)
    for node, gate in enumerate(graph.gates):
        if gate is not None:
            values[node] = applied(gate, [values[k] for k in graph.operands[node]])
    return values


def applied(gate: Gate, xs: list[Array]) -> Array:
    if gate.body is None:
        return reference(gate.name)(*xs, **gate.chosen)
    inputs = [xs[gate.inputs.index(name)] for name in gate.body.input_names]
    return exact_values(gate.body, inputs)[gate.body.output]


def off_exact(graph: Graph, values: Mapping[str, Any], trace: Trace | None = None) -> list[str]:
    """The names of inputs whose gradient is not the directional difference; "" for the output."""
    with mpmath.workdps(DIGITS):
        inputs = [number(values[name]) for name in graph.input_names]
        output = exact_values(graph, inputs)[graph.output]
        seed = numpy.random.default_rng(5).uniform(0.5, 1, output.shape) if output.ndim else 1.0
        trace = trace or evaluate(graph, values, seed=seed)
        found = [""] if far(nd.number(trace.output), output) else []
        for slot, name in enumerate(graph.input_names[:MOST]):
            way = numpy.random.default_rng(slot).uniform(0.5, 1, inputs[slot].shape)
            moved = slope(lambda *xs: exact_values(graph, list(xs))[graph.output], inputs, slot, number(way))
            grad = trace.node_grads[slot] * way
            expected = numpy.sum(number(seed) * moved)
            if far(numpy.sum(grad), objects(expected), float(numpy.sum(abs(grad)))):
                found.append(name)
    return found


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("form", FORMS)
def test_circuits_with_reuse_and_broadcasting_have_exact_gradients(program: str, form: str) -> None:
    assert off_exact(FORMS[form](parse(program)), PROGRAMS[program]) == []


def test_a_circuit_with_a_wrong_gate_is_found() -> None:
    graph = parse("y = x*x; y*w + sin(y)")
    worse = replace(GATES["sin"], partials=lambda xp, y, x: (xp.cos(x) * (1 + 1e-9),))
    gates = tuple(worse if gate is GATES["sin"] else gate for gate in graph.gates)
    assert off_exact(graph, {"x": 1.1, "w": 0.4}) == []
    assert off_exact(replace(graph, gates=gates), {"x": 1.1, "w": 0.4}) == ["x"]


@pytest.mark.parametrize("width", [400, 3])
def test_large_circuits_have_exact_gradients(width: int) -> None:
    """Wide, in blocks of its levels, and narrow, walked."""
    graph = wide(2_000, width, names=("add", "sub", "tanh", "sin", "max"))
    assert off_exact(graph, {name: VALUES[name] for name in graph.input_names}) == []


OF_NUMBERS = [text for text, values in PROGRAMS.items() if not any(map(numpy.ndim, values.values()))]


@pytest.mark.parametrize("program", OF_NUMBERS)
def test_many_rows_have_exact_gradients(program: str) -> None:
    """The second of three rows."""
    graph, values = fold(parse(program)), PROGRAMS[program]
    table = evaluate_rows(graph, {name: numpy.array([x / 2, x, x * 1.1]) for name, x in values.items()})
    trace = evaluate(graph, values)
    grads = [float(table.grads[name][1]) for name in graph.input_names]
    of_row = replace(trace, node_grads=[*grads, *trace.node_grads[len(grads) :]])
    assert math.isclose(table.output[1], trace.output, rel_tol=CLOSE)
    assert off_exact(graph, values, of_row) == []
