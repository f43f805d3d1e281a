"""Compound gates opened into the gates they are made of, recognised where they are written out, and framed."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy
import pytest

import gradviz
from gradviz.closing import closed, framed, matches
from gradviz.errors import OptionError, ProgramError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.opening import is_compound, opened
from gradviz.rewrite import fold

COMPOUNDS = {gate.name: gate for gate in GATES.values() if is_compound(gate)}
CLOSE = 1e-12  # relative: the same function by other operations
AT: dict[str, list[Any]] = {
    "binary_cross_entropy": [[0.3, 0.8], [1.0, 0.25]],
    "cross_entropy": [[0.3, 0.8], [1.0, 0.0]],
}
SETTINGS: dict[str, list[Any]] = {"axis": [None, 0, 1, -1], "keepdims": [False, True], "negative_slope": [0.01, 0.2]}


def inputs(gate: Gate) -> list[Any]:
    """A place to compute at: numbers for an element-wise gate, else small matrices."""
    if gate.pull is None:
        return [0.7, -1.3][: gate.arity]
    return AT.get(gate.name, [[[0.3, -1.2, 2.0], [0.5, 0.1, -0.4]], [[1.0, 0.2, 0.7], [0.1, 0.2, 0.3]]][: gate.arity])


def choices(gate: Gate) -> list[Gate]:
    """The gate with its settings, in every combination that it takes."""
    names = [setting.name for setting in gate.settings]
    legal = [[value for value in SETTINGS[s.name] if s.legal(value)] for s in gate.settings]
    return [gate.choose(dict(zip(names, values, strict=True))) for values in product(*legal)]


CASES = [
    pytest.param(gate, id=f"{name} {dict(gate.chosen)}") for name, row in COMPOUNDS.items() for gate in choices(row)
]


def call(gate: Gate) -> str:
    """The program that applies a gate; what it gives is summed when it is an array."""
    settings = [f"{name}={value}" for name, value in gate.chosen.items()]
    return f"f = {gate.name}({', '.join([*'ab'[: gate.arity], *settings])})"


def numbers(graph: Graph, at: list[Any]) -> tuple[Trace, dict[str, Any]]:
    values = dict(zip("ab", at, strict=False))
    shape = numpy.shape(evaluate(graph, values, jacobian=True).output)
    seed = numpy.linspace(0.5, 1.5, int(numpy.prod(shape))).reshape(shape) if shape else 1.0
    trace = evaluate(graph, values, seed=seed)
    return trace, {**{f"d{name}": trace.grads[name] for name in values}, "f": trace.output}


def names(graph: Graph) -> list[str]:
    return [gate.name for gate in graph.gates if gate is not None]


def framed_names(graph: Graph) -> list[tuple[str, list[str]]]:
    """Each group's name and the gates in it."""
    return [(g.name, [gate.name for k in sorted(g.nodes) if (gate := graph.gates[k])]) for g in graph.groups]


# opened --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", CASES)
def test_an_opened_gate_gives_the_same_numbers_outside(gate: Gate) -> None:
    graph, at = parse(call(gate)), inputs(gate)
    inside = opened(graph, [gate.name])
    assert gate.name not in names(inside)
    assert len(inside) > len(graph)
    _, want = numbers(graph, at)
    _, got = numbers(inside, at)
    for name in want:
        numpy.testing.assert_allclose(got[name], want[name], rtol=CLOSE, atol=1e-15)


@pytest.mark.parametrize("gate", CASES)
def test_every_definition_of_a_gate_is_its_function(gate: Gate) -> None:
    at = inputs(gate)
    _, want = numbers(parse(call(gate)), at)
    for number, text in enumerate(gate.made_of):
        if [s.name for s in gate.settings if f"{{{s.name}}}" not in text and gate.chosen.get(s.name) is not None]:
            continue  # tells of every axis
        program = f"{gate.definition(number)}"
        for name, letter in zip(gate.input_names, "ab", strict=False):
            program = f"{name} = {letter}\n{program}" if name != letter else program
        _, got = numbers(parse(program), at)
        numpy.testing.assert_allclose(got["f"], want["f"], rtol=CLOSE, atol=1e-15)


def test_all_leaves_no_compound_gate() -> None:
    graph = parse("\n".join(f"f{k} = {call(gate)[4:]}" for k, gate in enumerate(COMPOUNDS.values())) + "\nsum(f0 + f1)")
    assert not any(map(is_compound, opened(graph, ["all"]).gates))


def test_gates_in_a_definition_are_opened_when_they_are_named_too() -> None:
    graph = parse("swish(x)")
    assert names(opened(graph, ["swish"])) == ["sigmoid", "mul"]
    assert names(opened(graph, ["swish", "sigmoid"])) == ["neg", "exp", "add", "div", "mul"]


def test_a_name_that_opens_nothing_is_told() -> None:
    graph = opened(parse("sigmoid(x) + 1"), ["relu", "sigmoid", "tanh"])
    assert graph.notes == ("nothing to open: the program has no relu and tanh",)
    assert opened(parse("x + 1"), ["all"]).notes == ()


def test_names_of_nodes_stay_outside_and_none_come_from_inside() -> None:
    trace = evaluate(opened(parse("z = w*x\na = 2\ns = softplus(z)\ns*a"), ["all"]), {"w": 2, "x": 3})
    assert dict(trace.values) == {"w": 2.0, "x": 3.0, "z": 6.0, "a": 2.0, "s": pytest.approx(6.0024756851377)}


def test_an_opened_sigmoid_is_drawn_as_the_lecture_writes_it() -> None:
    graph = fold(opened(parse("sigmoid(w*x)"), ["σ"]))
    assert [graph.label(k) for k in range(2, len(graph))] == ["*", "*-1", "exp", "+1", "1/x"]


def test_each_opened_gate_is_a_group_of_its_own() -> None:
    graph = fold(opened(parse("swish(x) + sigmoid(y)"), ["all"], frame=True))
    assert framed_names(graph) == [
        ("sigmoid", ["neg", "exp", "add", "div"]),
        ("swish", ["neg", "exp", "add", "div", "mul"]),
        ("sigmoid", ["neg", "exp", "add", "div"]),
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("sigmod", "unknown compound gate 'sigmod'; did you mean 'sigmoid'?; those that open are tanh, sigmoid, "),
        ("exp", "'exp' is no compound gate; those that open are tanh, sigmoid, "),
    ],
)
def test_what_does_not_open_is_told(name: str, problem: str) -> None:
    with pytest.raises(OptionError) as error:
        opened(parse("sigmoid(x)"), [name])
    assert str(error.value).startswith(problem)
    assert str(error.value).endswith(" and all")


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_the_softmax_of_a_number_opens_too(name: str) -> None:
    """To the sums along the last axis that it is made of, a number is one entry."""
    trace = evaluate(opened(parse(f"{name}(x)"), ["all"]), {"x": 0.5})
    assert (trace.output, trace.grads["x"]) == (evaluate(parse(f"{name}(x)"), {"x": 0.5}).output, 0)


@pytest.mark.parametrize(
    "program", ["mean((a - b)**2)", "mean((b - a)**2)", "-mean(b*log(a) + (1-b)*log(1-a))", "mean((a - 0.5)**2)"]
)
@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((2, 3), ()), ((3,), (1, 1)), ((1, 2), (3, 2))])
def test_a_loss_that_is_closed_still_repeats_an_input(program: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    at = [numpy.linspace(0.2, 0.7, int(numpy.prod(shape))).reshape(shape) for shape in shapes]
    values = {name: at["ab".index(name)] for name in parse(program).input_names}
    want, got = evaluate(parse(program), values), evaluate(closed(parse(program)), values)
    assert len(got.graph) < len(want.graph)
    for name in values:
        numpy.testing.assert_allclose(got.grads[name], want.grads[name], rtol=CLOSE, atol=1e-15)
    assert got.output == pytest.approx(want.output, rel=CLOSE)


# closed --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", CASES)
def test_an_opened_gate_is_recognised(gate: Gate) -> None:
    again = closed(opened(parse(call(gate)), [gate.name]))
    assert names(again) == [gate.name]
    _, want = numbers(parse(call(gate)), inputs(gate))
    _, got = numbers(again, inputs(gate))
    numpy.testing.assert_allclose(got["f"], want["f"], rtol=CLOSE)


@pytest.mark.parametrize(
    ("program", "gates"),
    [
        ("1/(1+exp(-(w*x+b)))", ["mul", "add", "sigmoid"]),
        ("1/(1+e^-z)", ["sigmoid"]),
        ("1/(exp(-z)+1)", ["sigmoid"]),
        ("z = -x\na = exp(z)\nb = 1 + a\n1/b", ["sigmoid"]),
        ("(exp(x)-exp(-x))/(exp(x)+exp(-x))", ["tanh"]),
        ("a = exp(x); b = exp(-x); (a - b)/(b + a)", ["tanh"]),
        ("q = W @ x; sum(q**2)", ["matmul", "L2"]),
        ("sqrt(sum(square(x)))", ["norm"]),
        ("sum(x*x, axis=1)", ["L2"]),
        ("exp(z)/sum(exp(z))", ["softmax"]),
        ("exp(z - max(z))/sum(exp(z - max(z)))", ["softmax"]),
        ("-mean(Y*log(p) + (1-Y)*log(1-p))", ["binary_cross_entropy"]),
        ("H = sigmoid(z); -mean(Y*log(H) + (1-Y)*log(1-H))", ["sigmoid", "binary_cross_entropy"]),
        ("mean((h - y)**2)", ["mse"]),
        ("where(x > 0, x, 0.3*x)", ["leaky_relu"]),
        ("x*(1/(1+exp(-x)))", ["swish"]),
        ("1/(2+exp(-z))", ["neg", "exp", "add", "div"]),
        ("1/(1+exp(z))", ["exp", "add", "div"]),
        ("a = exp(-z); 1/(1+a) + a", ["neg", "exp", "add", "div", "add"]),
        ("(exp(x)-exp(-y))/(exp(x)+exp(-x))", ["exp", "neg", "exp", "sub", "exp", "neg", "exp", "add", "div"]),
        ("exp(x)/sum(exp(y))", ["exp", "exp", "sum", "div"]),
        ("sum(x*y)", ["mul", "sum"]),
    ],
)
def test_what_is_written_out_is_closed_if_it_is_the_gate(program: str, gates: list[str]) -> None:
    assert names(closed(parse(program))) == gates


def test_the_lecture_s_vectorised_figure_closes_to_l2() -> None:
    graph = fold(closed(parse("f(x, W) = sum((W @ x)**2)")))
    assert [graph.label(k) for k in range(2, len(graph))] == ["@", "L2"]


def test_a_closed_node_keeps_its_name_and_inner_names_are_left_out() -> None:
    graph = closed(parse("z = -x\ns = 1/(1 + exp(z))\ns*2"))
    assert graph.bindings.keys() == {"x", "s"}
    assert graph.unused == {"z"}


def test_recognised_gates_are_framed_where_they_stand() -> None:
    graph = fold(framed(parse("1/(1+exp(-(w0*x0 + w1*x1 + w2)))")))
    assert framed_names(graph) == [("sigmoid", ["neg", "exp", "add", "div"])]
    assert names(graph) == names(fold(parse("1/(1+exp(-(w0*x0 + w1*x1 + w2)))")))
    assert gradviz.evaluate(graph, {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}).grads["w0"] == pytest.approx(
        -0.19661193324
    )


def test_one_gate_alone_is_not_framed() -> None:
    assert framed(parse("sigmoid(x) + y")).groups == ()


def test_matches_share_no_gate() -> None:
    found = matches(parse("a = 1/(1+exp(-x)); b = 1/(1+exp(-a)); mean((a - b)**2)"))
    assert [match.gate.name for match in found] == ["mse", "sigmoid", "sigmoid"]
    assert sum(len(match.nodes) for match in found) == len(frozenset.union(*(match.nodes for match in found)))


@pytest.mark.parametrize("body", ["x*x", "x"], ids=["of gates", "of no gate"])
def test_opening_ends_at_a_limit(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"def f0(x): return {body}"] + [f"def f{k}(x): return f{k - 1}(f{k - 1}(x))" for k in range(1, 13)]
    graph = parse("\n".join(lines) + "\n" + "f12(" * 30 + "x" + ")" * 30)
    monkeypatch.setenv("GRADVIZ_MAX_NODES", "10000")
    with pytest.raises(ProgramError, match="nodes of a program; 10 000 are the most"):
        opened(graph, ["all"])
