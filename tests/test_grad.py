"""The gradient as a program: its numbers are those of the backward pass, and differentiated again SymPy's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import assume, given, settings

import gradviz
from gradviz import nd
from gradviz.errors import GradvizError, OptionError, ProgramError, ValuesError
from gradviz.evaluator import evaluate
from gradviz.gates import GATES, Gate
from gradviz.gradient.differentiating import differentiated
from gradviz.gradient.naming import derivative_name
from gradviz.gradient.shares import is_declared
from gradviz.graph import Graph, GraphBuilder
from gradviz.language.parser import parse
from gradviz.language.unparse import to_program
from gradviz.passes import forward
from tests.array_cases import CASES, Case, numbers
from tests.array_programs import Program, array_programs
from tests.circuits import circuits, expression, run
from tests.figures import FIGURES
from tests.test_unparse import structure

CLOSE = 1e-12  # relative: some hundred roundings of 1e-16
NOT_WRITTEN = {"prod"}  # gates without a program
SMOOTH = [gate for gate in GATES.values() if gate.partials and gate.derivative and gate.sympy and gate.name != "where"]


def text(program: str, wrt: str | None = None, **options: Any) -> str:
    """The gradient program."""
    return gradviz.grad(program, wrt, **options).program


def applied(gate: Gate, count: int | None = None) -> Graph:
    """A gate of inputs x0, x1, …, times weights where it has arrays."""
    builder = GraphBuilder()
    inputs = [builder.input(f"x{slot}") for slot in range(count or gate.arity)]
    return builder.build(builder.gate(gate.of(count or gate.arity), inputs))


def value_of(graph: Graph, values: Mapping[str, Any]) -> Any:
    """The output of a program, of any shape."""
    inputs = [values[name] for name in graph.input_names]
    with numpy.errstate(all="ignore"):
        return forward(graph, [nd.number(value) for value in inputs], nd)[graph.output]


def differences(
    graph: Graph, values: Mapping[str, Any], tolerance: float = CLOSE, of: Graph | None = None
) -> list[str]:
    """The names by which a gradient program (that of `of` if given) is not the backward pass."""
    grads = evaluate(graph, values).node_grads
    found = []
    for node, name in zip(graph.inputs, graph.input_names, strict=True):
        value = value_of(gradviz.grad(of or graph, [name], values=values), values)
        largest = numpy.max(numpy.abs(grads[node]), where=numpy.isfinite(grads[node]), initial=1.0)
        if numpy.shape(value) != numpy.shape(grads[node]) or not numpy.allclose(
            value, grads[node], rtol=tolerance, atol=tolerance * largest, equal_nan=True
        ):
            found.append(f"{name}: {value}, not {grads[node]}")
    return found


# how it is written ---------------------------------------------------------------------------------------------------

WRITTEN = [
    ("sigmoid(w*x)", "w", "g = w * x\nf = sigmoid(g)\ndf_dg = f * (1 - f)\ndf_dw = df_dg * x"),
    ("w*x + b", "w", "df_dw = x"),
    ("w*x + b", "w,b", "df_dw = x\ndf_db = 1\ngradient = [df_dw, df_db]"),
    ("x*x", "x", "df_dx = x + x"),
    ("x**3", "x", "df_dx = 3 * x**2"),
    ("c = a + b; d = b + 1; e = c*d", "b", "c = a + b\nd = b + 1\nde_db = c + d"),
    ("c = a + b; d = b + 1; e = c*d", "a", "d = b + 1\nde_da = d"),
    ("c = a/b", "b", "c = a / b\ndc_db = -c / b"),
    ("max(0, x)", "x", "df_dx = where(x == 0, 0.5, x > 0)"),
    ("relu(w*x)", "w", "g = w * x\ndf_dg = g > 0\ndf_dw = df_dg * x"),
    ("x - y", "y", "df_dy = -1"),
    ("x > 0", "x", "df_dx = 0"),
    ("x", "x", "dx_dx = 1"),
    ("g = w*x; f = g", "w", "df_dw = x"),
    ("df_dw = x", "x", "d2f_dw_dx = 1"),
    ("x = 2*x; x = x*x", "x", "x_2 = 2 * x\ndx_3_dx_2 = x_2 + x_2\ndx_3_dx = 2 * dx_3_dx_2"),
    ("df_dw = w*w; f = df_dw*w", "w", "df_dw = w * w\ndf_dw_2 = df_dw + df_dw + df_dw"),
    ("gamma(x)", "x", "f = gamma(x)\ndf_dx = f * polygamma(0, x)"),
    ("def sq(a): return a*a\nsq(x)", "x", "df_dx = x + x"),
]


@pytest.mark.parametrize(("program", "wrt", "written"), WRITTEN)
def test_a_derivative_is_written_as(program: str, wrt: str, written: str) -> None:
    assert text(program, wrt) == written


ARRAYS = {"W": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0], "b": [0.5, 0.5], "t": [0.0, 1.0], "X": [[1.0, 0.0]] * 3}
WRITTEN_OF_ARRAYS = [
    ("sum((X @ W)**2)", "W", "g1 = X @ W\ndf_dg1 = 2 * g1\ndf_dW = transpose(X) @ df_dg1"),
    ("sum((X @ W)**2)", "X", "g1 = X @ W\ndf_dg1 = 2 * g1\ndf_dX = df_dg1 @ transpose(W)"),
    ("sum(X + b)", "b", "df_db = broadcast_to(3, shape=2)"),
    ("sum((X + b)**2)", "b", "g1 = X + b\ndf_dg1 = 2 * g1\ndf_db = sum(df_dg1, axis=0)"),
    ("mse(x, t)", "x", "df_dx = x - t"),
    ("max(x)", "x", "f = amax(x)\nt = x == f\ndf_dx = t / sum(t, axis=None, keepdims=True)"),
    ("x[0]*b[1]", "b", "df_db = concatenate([broadcast_to(0, shape=1), reshape(x[0], shape=1)], axis=0)"),
]


@pytest.mark.parametrize(("program", "wrt", "written"), WRITTEN_OF_ARRAYS)
def test_a_derivative_by_an_array_is_written_as(program: str, wrt: str, written: str) -> None:
    values = {name: ARRAYS[name] for name in parse(program).input_names}
    assert text(program, wrt, values=values) == written


@pytest.mark.parametrize(
    ("of", "by", "name"),
    [("f", "w", "df_dw"), ("df_dw", "x", "d2f_dw_dx"), ("d2f_dw_dx", "w", "d3f_dw_dx_dw"), ("f", "w" * 90, "d")],
)
def test_a_derivative_is_called(of: str, by: str, name: str) -> None:
    assert derivative_name(of, by, set()) == name
    assert derivative_name(of, by, {name}) == f"{name}_2"


@settings(deadline=None, max_examples=40)
@given(circuits)
def test_the_text_is_parsed_to_the_same_graph(circuit: tuple[str, dict[str, float]]) -> None:
    program, values = circuit
    graph = gradviz.grad(program, [next(iter(parse(program, values).input_names))], fold=False)
    for again in (graph.program, to_program(graph)):
        assert structure(gradviz.parse(again, graph.input_names, fold=False)) == structure(graph)


# the numbers ---------------------------------------------------------------------------------------------------------


def points(gate: Gate) -> Iterator[tuple[float, ...]]:
    """Points of a gate: inside its domain, at kinks, and its special points."""
    for share in (0.2, 0.5, 0.9):
        yield tuple(low + (high - low) * share * (1 - 0.1 * slot) for slot, (low, high) in enumerate(gate.domain))
    yield from (xs for xs, _, _ in gate.special)
    yield (1.0,) * gate.arity
    yield (0.0,) * gate.arity


ROWS = [pytest.param(gate, id=gate.name) for gate in GATES.values() if gate.partials]


@pytest.mark.parametrize("gate", ROWS)
def test_every_declaration_gives_the_numbers_of_the_partials(gate: Gate) -> None:
    assert gate.derivative is not None
    for xs in points(gate):
        assert differences(applied(gate), {f"x{slot}": x for slot, x in enumerate(xs)}) == [], xs


def is_written(case: Case) -> bool:
    """Whether there are entries, and a text: an index of nothing and a shape that is left out have none."""
    required = [setting.name for setting in case.gate.settings if setting.required]
    has_text = all(name in case.settings for name in required) and case.settings.get("at") != ()
    return case.name not in NOT_WRITTEN and has_text and all(shape.count(0) == 0 for shape in case.shapes)


def in_steps(case: Case) -> bool:
    return any(isinstance(each, tuple) and abs(each[2] or 1) > 1 for each in case.settings.get("at", ()))


def weighted(case: Case) -> tuple[Graph, dict[str, Any]]:
    """A gate made a number by weights that are apart, so that no entry stands for another."""
    xs = numbers(case)
    inner = applied(case.gate, len(xs))
    builder = GraphBuilder.of(inner)
    weights = builder.input("weights")
    product = builder.gate(GATES["mul"], [inner.output, weights])
    shape = numpy.shape(case.gate.forward(nd, *xs))
    values = {f"x{slot}": x for slot, x in enumerate(xs)} | {"weights": numpy.random.default_rng(1).normal(size=shape)}
    return builder.build(builder.gate(GATES["sum"], [product])), values


@pytest.mark.parametrize("case", [case for case in CASES if is_written(case) and not in_steps(case)], ids=str)
def test_every_declaration_gives_the_numbers_of_the_pull(case: Case) -> None:
    assert differences(*weighted(case), 1e-11) == []  # weights cancel in sums


@pytest.mark.parametrize("case", [case for case in CASES if is_written(case) and in_steps(case)], ids=str)
def test_what_has_no_program_is_told(case: Case) -> None:
    graph, values = weighted(case)
    with pytest.raises(ProgramError, match="entries taken in steps have no derivative that is a program"):
        gradviz.grad(graph, "x0", values=values)


@pytest.mark.parametrize("name", ["sigmoid", "div", "max", "softmax", "mean", "matmul"])
def test_a_declaration_that_is_off_is_found(name: str) -> None:
    case = next(case for case in CASES if case.name == name and len(case.shapes[0]) == 2)
    graph, values = weighted(case)
    row = case.gate
    off = ("u*0.999",) * row.arity
    wrong = replace(row, derivative=off)
    builder = GraphBuilder.of(graph)
    node = graph.gates.index(row)
    builder.change(node, wrong, graph.operands[node])
    assert differences(graph, values, 1e-11, of=builder.build(graph.output)) != []


@settings(deadline=None, max_examples=30)
@given(circuits)
def test_random_circuits_have_the_numbers_of_the_backward_pass(circuit: tuple[str, dict[str, float]]) -> None:
    """`sizes` are what is added up: rounding is small against them, while sums may cancel."""
    program, values = circuit
    graph = gradviz.parse(program, values)
    trace = evaluate(graph, {name: values[name] for name in graph.input_names})
    sizes = run(program, values).output.sizes
    gradient = gradviz.grad(graph, graph.input_names)
    found = numpy.atleast_1d(value_of(gradient, values))
    for name, node, value in zip(graph.input_names, graph.inputs, found, strict=True):
        assert value == pytest.approx(trace.node_grads[node], rel=CLOSE, abs=CLOSE * (1 + sizes.get(name, 0))), name


@settings(deadline=None, max_examples=30)
@given(array_programs)
def test_random_programs_with_arrays_have_the_numbers_of_the_backward_pass(program: Program) -> None:
    graph = gradviz.parse(program.text, program.values)
    values = {name: value for name, value in program.values.items() if name in graph.input_names}
    assume(graph.input_names and all(gate.name not in NOT_WRITTEN for gate in graph.kinds))
    assume(not re.search(r"::-?[2-9]|prod", to_program(graph)))
    assert differences(graph, values, 1e-10) == []


# second derivatives --------------------------------------------------------------------------------------------------


def second_by_sympy(graph: Graph, name: str, values: Mapping[str, float]) -> float:
    """SymPy's second derivative, at the values in 30 digits."""
    expression, symbol = graph.to_sympy().doit(), sympy.Symbol(name, real=True)  # type: ignore[attr-defined]
    at = {sympy.Symbol(each, real=True): sympy.Float(value, 30) for each, value in values.items()}
    return float(expression.diff(symbol, 2).xreplace(at).evalf(30))


@pytest.mark.parametrize("gate", SMOOTH, ids=lambda gate: gate.name)
def test_second_derivatives_of_gates_are_those_of_sympy(gate: Gate) -> None:
    graph = applied(gate)
    values = {f"x{slot}": low + (high - low) * (0.7 - 0.2 * slot) for slot, (low, high) in enumerate(gate.domain)}
    for name in graph.input_names:
        found = value_of(gradviz.grad(graph, name, order=2), values)
        assert float(found) == pytest.approx(second_by_sympy(graph, name, values), rel=1e-10, abs=1e-12)


SMOOTH_FORMS = re.compile(r"max|min|abs|relu|elu")


@pytest.mark.parametrize("seed", range(25))
def test_second_derivatives_of_random_circuits_are_those_of_sympy(seed: int) -> None:
    random = Random(seed)
    program = expression(random, ("w", "x"), 4)
    while SMOOTH_FORMS.search(program) or "x" not in program or "gelu" in program:
        program = expression(random, ("w", "x"), 4)
    values = {"w": 0.7, "x": 1.3}
    graph = gradviz.parse(program)
    if "x" in graph.input_names:
        found = float(value_of(gradviz.grad(graph, "x", order=2), values))
        used = {name: values[name] for name in graph.input_names}
        try:
            wanted = second_by_sympy(graph, "x", used)
        except (TypeError, ZeroDivisionError):  # no real number
            wanted = math.nan
        if math.isfinite(wanted) and abs(wanted) < 1e8:
            assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), program


HESSIANS: list[tuple[str, dict[str, Any]]] = [
    ("sigmoid(w*x + b)", {"w": 2.0, "x": -1.0, "b": 0.5}),
    ("a*b*c + a**b", {"a": 1.5, "b": 2.5, "c": -1.0}),
    ("sum((W @ x - t)**2)", {"W": [[1.0, 2.0], [3.0, -1.0]], "x": [0.5, 1.0], "t": [1.0, 0.0]}),
    (
        "cross_entropy(W @ x + b, t)",
        {"W": [[0.1, 0.2], [0.3, -0.1]], "x": [0.5, 1.0], "b": [0.1, 0.2], "t": [1.0, 0.0]},
    ),
    ("norm(x)*w + mean(tanh(x*w))", {"x": [0.3, -0.4, 1.2], "w": 0.7}),
    ("relu(w*x) + x", {"w": 2.0, "x": 3.0}),
]


@pytest.mark.parametrize(("program", "values"), HESSIANS)
def test_a_hessian_is_symmetric_and_the_difference_of_gradients(program: str, values: dict[str, Any]) -> None:
    found = gradviz.hessian(program, values)
    step, graph = 1e-5, gradviz.parse(program, values)
    for by, row in found.items():
        for name, entries in row.items():
            axes = numpy.ndim(values[by])
            turned = (
                numpy.moveaxis(numpy.asarray(found[name][by]), range(-axes, 0), range(axes))
                if axes
                else found[name][by]
            )
            numpy.testing.assert_allclose(entries, turned, rtol=1e-12, atol=1e-13)
            numpy.testing.assert_allclose(entries, central(graph, values, by, name, step), rtol=1e-6, atol=1e-8)


def central(graph: Graph, values: Mapping[str, Any], by: str, name: str, step: float) -> Any:
    """Central differences of the gradient by one name, by the entries of another, whose axes come last."""
    x = numpy.asarray(values[name], dtype=float)
    columns = []
    for k in range(x.size):
        moved = numpy.zeros(x.size)
        moved[k] = step
        ends = [
            evaluate(graph, {**values, name: (x + sign * moved.reshape(x.shape))[()]}).grads[by] for sign in (1, -1)
        ]
        columns.append((numpy.asarray(ends[0]) - ends[1]) / (2 * step))
    return numpy.stack(columns, axis=-1).reshape(numpy.shape(values[by]) + x.shape)


def test_a_difference_that_is_off_is_found() -> None:
    program, values = HESSIANS[0]
    with pytest.raises(AssertionError):
        numpy.testing.assert_allclose(
            gradviz.hessian(program, values)["w"]["x"], 1.01 * central(gradviz.parse(program), values, "w", "x", 1e-5),
            rtol=1e-6,
        )  # fmt: skip


# sizes, errors, choices ----------------------------------------------------------------------------------------------


def test_a_chain_of_ten_thousand_gates_is_differentiated() -> None:
    program = "x1 = sin(x0)\n" + "\n".join(f"x{k + 1} = x{k}*w" for k in range(1, 10_000))
    gradient = gradviz.grad(program, "x0")
    assert gradient.program.count("\n") == 9_998
    assert value_of(gradient, {"x0": 0.0, "w": 1.0}) == 1.0


def test_a_gradient_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_NODES", "60")
    with pytest.raises(ProgramError, match=r"a large gradient: .*GRADVIZ_MAX_NODES raises it"):
        gradviz.grad("y = " + "*".join(f"x{k}" for k in range(20)), None)


@pytest.mark.parametrize(
    ("program", "options", "error", "told"),
    [
        ("w*x", {"wrt": "v"}, OptionError, "the program has no name 'v'"),
        ("weight*x", {"wrt": "wight"}, OptionError, "did you mean 'weight'?"),
        ("w*x", {"wrt": "w,x", "order": 2}, OptionError, "by one name; the matrix of second ones is the hessian"),
        ("w*x", {"wrt": "w", "order": 0}, OptionError, "a whole number from 1 to"),
        ("sum(w)", {"wrt": "w"}, OptionError, "give a value for each of w"),
        ("2*w", {"wrt": "w", "values": {"w": [1, 2]}}, ProgramError, "the output is an array of shape (2,)"),
        ("prod(w)", {"wrt": "w", "values": {"w": [1, 2]}}, ProgramError, "the derivative of prod is not a program"),
        (
            "def f(x): ...; f(w)",
            {"wrt": "w"},
            ProgramError,
            "the derivative of f is not a program: it is only declared",
        ),
        ("2*3", {}, OptionError, "this one has none"),
        ("w*x", {"wrt": "w", "values": {"w": 1}}, ValuesError, "no value for x"),
        ("DiracDelta(x)*zeta(x)", {"wrt": "x"}, ProgramError, "the derivative of "),
    ],
)
def test_errors(program: str, options: dict[str, Any], error: type[GradvizError], told: str) -> None:
    with pytest.raises(error) as caught:
        gradviz.grad(program, options.pop("wrt", None), **options)
    assert told in str(caught.value)


def test_every_gate_is_declared_or_is_known_not_to_be() -> None:
    missing = {gate.name for gate in GATES.values() if not is_declared(gate) and not gate.made_of}
    assert missing == NOT_WRITTEN


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - {"hostile-names"}))
def test_the_figures_of_the_lectures_are_differentiated(name: str) -> None:
    program, values = FIGURES[name]
    graph = gradviz.parse(program, values)
    if values:
        assert differences(graph, {each: values[each] for each in graph.input_names}) == []


def test_an_input_called_e_is_no_constant() -> None:
    assert value_of(gradviz.grad("e*e*x", "e", values={"e": 3.0, "x": 1.0}), {"e": 3.0, "x": 1.0}) == 6.0
    assert differentiated(gradviz.parse("e**x"), ["x"], None, None).program == "f = exp(x)\ndf_dx = f"
