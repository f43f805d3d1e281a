"""Gates that a program defines: closed, opened and framed, their numbers are those of the gates in them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy
import pytest

import gradviz
from gradviz.compounds import DEEPEST
from gradviz.errors import GradvizError
from gradviz.evaluator import evaluate
from gradviz.language.parser import parse
from gradviz.opening import opened
from gradviz.rewrite import fold

NEURON = "def neuron(w, x, b): return sigmoid(w*x + b)\n"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "numbers": (NEURON + "neuron(w, x, b)", {"w": 2, "x": -1, "b": 0.5}),
    "twice": (NEURON + "neuron(u, neuron(w, x, b), b)", {"u": 3, "w": 2, "x": -1, "b": 0.5}),
    "one input for two": (NEURON + "neuron(x, x, b)", {"x": -1, "b": 0.5}),
    "another order": ("def f(a, b): return b/a\nf(x, y)", {"x": 2, "y": 3}),
    "unused": ("def f(a, b): return a**2\nf(x, y) + y", {"x": 2, "y": 3}),
    "a constant": ("def f(a): return 2*a + pi\nf(x)", {"x": 2}),
    "folded": (NEURON + "neuron(w, 2, 1)", {"w": 0.5}),
    "vectors": (NEURON + "sum(neuron(w, x, b))", {"w": [2, 3], "x": [-1, 0.5], "b": 0.5}),
    "layer": ("def layer(W, x, b): return relu(W @ x + b)\nsum(layer(W, x, b)**2)",
              {"W": [[1, 2], [3, -4]], "x": [0.5, 2], "b": [1, 1]}),
    "reduced": ("def loss(p, y): return mean((p - y)**2)\nloss(p, y)", {"p": [1, 2], "y": [3, 5]}),
    "unused array": ("def f(a, b): return sum(a)\nf(x, y) + sum(y)", {"x": [2, 1], "y": [3, 4]}),
}  # fmt: skip


@pytest.mark.parametrize(("program", "values"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("folds", [False, True])
def test_closed_and_opened_have_the_same_numbers(program: str, values: dict[str, Any], folds: bool) -> None:
    closed, inside = parse(program), opened(parse(program), ["all"])
    want, got = ((evaluate(fold(g), values) if folds else evaluate(g, values)) for g in (inside, closed))
    assert got.output == pytest.approx(want.output, rel=1e-14)
    for name in values:
        numpy.testing.assert_allclose(got.grads[name], want.grads[name], rtol=1e-14)
        assert numpy.shape(got.grads[name]) == numpy.shape(got.values[name])


def test_a_defined_gate_is_one_circle_with_its_name() -> None:
    graph = parse(NEURON + "neuron(w, x, b)")
    assert [graph.label(node) for node in range(len(graph))] == ["w", "x", "b", "neuron"]


def test_opened_it_is_what_it_was_defined_as() -> None:
    graph = opened(parse(NEURON + "neuron(w, x, b)"), ["neuron"], frame=True)
    assert [graph.label(node) for node in range(3, len(graph))] == ["*", "+", "σ"]
    assert [(group.name, sorted(group.nodes)) for group in graph.groups] == [("neuron", [3, 4, 5])]


def test_shares_of_a_closed_gate_are_local_times_upstream() -> None:
    trace = evaluate(parse("def f(a, b): return a*b\n3 * f(x, y)"), {"x": 2, "y": 5})
    node = 3 if trace.locals[3] else 2
    assert (trace.locals[node], trace.shares[node]) == ((5.0, 2.0), (15.0, 6.0))


def test_a_shape_that_does_not_fit_is_told_where_the_definition_has_it() -> None:
    with pytest.raises(GradvizError) as error:
        evaluate(parse("def layer(W, x): return W @ x\nsum(layer(W, x))"), {"W": [[1, 2]], "x": [1, 2, 3]})
    assert "(1, 2) and (3,)" in str(error.value)
    assert "line 1: def layer(W, x): return W @ x" in str(error.value)


def test_definitions_cannot_be_nested_without_end() -> None:
    lines = ["def f0(x): return x + 1"] + [f"def f{k}(x): return f{k - 1}(x)" for k in range(1, DEEPEST + 2)]
    with pytest.raises(GradvizError, match="nested too far; at most 50 deep"):
        parse("\n".join(lines) + f"\nf{DEEPEST + 1}(x)")


def test_definitions_cannot_stand_for_any_number_of_gates() -> None:
    lines = ["def f0(x): return x + x"] + [f"def f{k}(x): return f{k - 1}(f{k - 1}(x))" for k in range(1, 40)]
    with pytest.raises(GradvizError, match=r"nested too far; 131 072 gates .*; 100 000 are the most"):
        parse("\n".join(lines) + "\nf39(x)")


@pytest.mark.parametrize("program", ["a*b", "a*sum(b)"])
def test_definitions_within_definitions_take_arrays_in_linear_time(program: str) -> None:
    """Each brings back the gradients of its two inputs together: one by one that would be 2**40 passes."""
    lines = [f"def f0(a, b): return {program}"] + [f"def f{k}(a, b): return f{k - 1}(a, b)" for k in range(1, 41)]
    trace = evaluate(parse("\n".join(lines) + "\nsum(f40(x, y))"), {"x": 2, "y": [3, 4]})
    assert (trace.grads["x"], trace.grads["y"].tolist()) == (7.0, [2.0, 2.0])


def test_a_compound_gate_of_the_table_can_be_defined_anew() -> None:
    graph = parse("def sigmoid(x): return 1/(1 + np.exp(-x))\nsigmoid(w*x)")
    assert evaluate(graph, {"w": 2, "x": 1}).output == pytest.approx(0.8807970779778823)
    inside = fold(opened(graph, ["sigmoid"], frame=True))
    assert [inside.label(node) for node in range(2, len(inside))] == ["*", "*-1", "exp", "+1", "1/x"]
    assert [group.name for group in inside.groups] == ["sigmoid"]


def test_it_has_a_sympy_form() -> None:
    graph = gradviz.parse(NEURON + "neuron(w, x, b)")
    assert str(graph.to_sympy().doit()) == "1/(exp(-b - w*x) + 1)"


def test_numbers_need_no_numpy() -> None:
    code = f"import gradviz, sys; gradviz.draw({NEURON + 'neuron(w, x, b)'!r}, dict(w=2, x=3, b=1)).svg"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'numpy' not in sys.modules"], check=True)
