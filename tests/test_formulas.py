"""Formulas of gradients: as a lecture writes them, and their values those of the backward pass."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, Phase, given, settings

from gradviz import ieee
from gradviz.api import parse
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph, GraphBuilder
from gradviz.notation import Formula, names
from gradviz.rewrite import fold
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from gradviz.spelling import Term
from gradviz.symbolic import formulas, further_gate
from gradviz.symbolic.forms import unshared
from gradviz.symbolic.formulas import Closed, closed_forms, local_formulas, local_gradients
from gradviz.symbolic.lecture import written
from gradviz.symbolic.shortest import shortest
from gradviz.symbolic.slopes import LARGEST, NoForm, checked
from tests.circuits import circuits

EXACT = 1e-9  # a formula in 30 digits against products of as many floats as there are gates
POINTS = 20
OF_NUMBERS = {name: gate for name, gate in GATES.items() if gate.partials is not None}


def graph_of(program: str) -> Graph:
    return fold(parse(program))


def closed_texts(program: str, *, upstream: str | None = None) -> dict[str, str]:
    """The closed form of each node's gradient by the node's name."""
    graph = graph_of(program)
    called = names(graph, upstream)
    return {called.nodes[node]: closed.formula.text for node, closed in closed_forms(graph, called).items()}


def local_texts(program: str) -> list[str | None]:
    """The local gradients of the output's gate, by slot."""
    graph = graph_of(program)
    return [found and found.text for found in local_formulas(graph, graph.output, names(graph))]


# local gradients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("w*x", ["x", "w"]),
        ("x*x", ["x", "x"]),
        ("a + b", ["1", "1"]),
        ("a - b", ["1", "−1"]),
        ("g + 1", ["1", None]),
        ("g * -1", ["−1", None]),
        ("-g", ["−1"]),
        ("1/g", [None, "−1/g²"]),
        ("a/b", ["1/b", "−a/b²"]),
        ("g/2", ["1/2", None]),
        ("exp(g)", ["e^g"]),
        ("log(g)", ["1/g"]),
        ("sqrt(g)", ["1/(2·√g)"]),
        ("g^2", ["2·g", None]),
        ("square(g)", ["2·g"]),
        ("g^3", ["3·g²", None]),
        ("2^g", [None, "2^g·log(2)"]),
        ("x^y", ["y·x^(y − 1)", "x^y·log(x)"]),
        ("tanh(g)", ["1 − tanh²(g)"]),
        ("sigmoid(g)", ["σ(g)·(1 − σ(g))"]),
        ("sin(g)", ["cos(g)"]),
        ("cos(g)", ["−sin(g)"]),
        ("tan(g)", ["1 + tan²(g)"]),
        ("relu(g)", ["1 if g > 0, else 0"]),
        ("leaky_relu(g)", ["1 if g > 0, else 0.01"]),
        ("leaky_relu(g, 0.2)", ["1 if g > 0, else 0.2"]),
        ("elu(g)", ["1 if g > 0, else e^g"]),
        ("abs(g)", ["sign(g)"]),
        ("max(x, y)", ["1 if x > y, 1/2 if x = y, else 0", "1 if x < y, 1/2 if x = y, else 0"]),
        ("max(0, g)", [None, "1 if g > 0, 1/2 if g = 0, else 0"]),
        ("clip(x, -1, 1)", ["0 if x < −1 or x > 1, else 1", None, None]),
        ("where(c, a, b)", ["0", "1 if c ≠ 0, else 0", "0 if c ≠ 0, else 1"]),
        ("x > y", ["0", "0"]),
        ("erf(x)", ["2·e^(−x²)/√π"]),
        ("def n(w, x): return sigmoid(w*x)\nn(a, b)", ["b·σ(a·b)·(1 − σ(a·b))", "a·σ(a·b)·(1 − σ(a·b))"]),
        ("def first(x, y): return 3*x\nfirst(a, b)", ["3", "0"]),
        ("W @ x", [None, None]),
        ("sum(x)", [None]),
        ("softmax(x)", [None]),
        ("def f(x, y): ...\nf(a, b)", [None, None]),
        ("x", []),
    ],
)
def test_a_local_gradient_is_written_as_in_a_lecture(program: str, expected: list[str | None]) -> None:
    assert local_texts(program) == expected


def test_local_gradients_have_their_tex() -> None:
    def tex(program: str) -> list[str | None]:
        graph = graph_of(program)
        return [found and found.tex for found in local_formulas(graph, graph.output, names(graph))]

    assert tex("1/x0") == [None, r"-\frac{1}{x_{0}^{2}}"]
    assert tex("sigmoid(g)") == [r"\sigma(g) \cdot (1 - \sigma(g))"]
    assert tex("tanh(g)") == [r"1 - \tanh^{2}(g)"]
    assert tex("relu(g)") == [r"\begin{cases} 1 & \text{if } g > 0 \\ 0 & \text{else} \end{cases}"]


def test_the_walk_of_the_sigmoid_has_the_locals_of_the_lecture() -> None:
    """−1/x², 1, e^x, −1: in the order of the backward pass."""
    graph = graph_of("a = z * -1; b = exp(a); c = b + 1; g = 1/c")
    called = names(graph)
    walk = [
        (called.local(graph, wire).text, str((local_formulas(graph, wire.target, called)[wire.slot] or wire)[0]))
        for wire in reversed(list(graph.wires))
    ]
    assert walk == [("∂g/∂c", "−1/c²"), ("∂c/∂b", "1"), ("∂b/∂a", "e^a"), ("∂a/∂z", "−1")]


def one_gate(gate: Gate) -> Graph:
    builder = GraphBuilder(gate.name)
    return builder.build(builder.gate(gate, tuple(builder.input(name) for name in "xyz"[: gate.arity])))


def check_local(gate: Gate, *, off: float = 0.0) -> None:
    """The formulas of a gate's local gradients against the partials of its row, at random points of its domain."""
    graph, random = one_gate(gate), Random(1)
    found = local_gradients(graph, graph.output, names(graph))
    for _ in range(POINTS):
        at = [random.uniform(low, high) for low, high in gate.domain]
        value = gate.forward(ieee, *at)
        assert gate.partials is not None
        for local, partial in zip(found, gate.partials(ieee, value, *at), strict=True):
            assert local is not None
            assert math.isclose(local.at([*at, value]), partial + off, rel_tol=EXACT, abs_tol=EXACT), local.formula


FURTHER = [gate for name in ("erf", "erfc", "sinh", "cosh", "atan", "gamma") if (gate := further_gate(name, 1))]
CHOSEN = GATES["leaky_relu"].choose({"negative_slope": 0.2})
OWN = parse("def h(x, y): return tanh(x*y) + max(x, 0.5)*y\nh(a, b)").gates[-1]
EACH = [*OF_NUMBERS.values(), *FURTHER, CHOSEN, *([OWN] if OWN else [])]


@pytest.mark.parametrize("gate", EACH, ids=lambda gate: gate.name)
def test_a_local_formula_is_the_partial_of_the_row(gate: Gate) -> None:
    check_local(gate)


@pytest.mark.parametrize("gate", EACH, ids=lambda gate: gate.name)
def test_a_wrong_local_formula_is_caught(gate: Gate) -> None:
    with pytest.raises(AssertionError):
        check_local(gate, off=1e-6)


def at_kinks() -> list[tuple[Gate, tuple[float, ...], tuple[float, ...]]]:
    """The rows' conventions at numbers where a formula has a value."""
    return [
        (gate, xs, partials)
        for gate in OF_NUMBERS.values()
        for xs, _, partials in gate.special
        if all(map(math.isfinite, (*xs, *partials))) and not (gate.name == "pow" and xs[0] <= 0)
    ]


@pytest.mark.parametrize(("gate", "xs", "partials"), at_kinks())
def test_a_local_formula_keeps_the_conventions_at_kinks(
    gate: Gate, xs: tuple[float, ...], partials: tuple[float, ...]
) -> None:
    graph = one_gate(gate)
    found = local_gradients(graph, graph.output, names(graph))
    values = [local.at([*xs, gate.forward(ieee, *xs)]) for local in found if local]
    assert values == pytest.approx(partials, rel=EXACT)


# closed forms --------------------------------------------------------------------------------------------------------


def test_the_closed_forms_of_sung_kims_lecture() -> None:
    assert closed_texts("g = w*x; f = g + b") == {"w": "x", "x": "w", "b": "1", "g": "1", "f": "1"}


@pytest.mark.parametrize(
    ("program", "name", "expected"),
    [
        ("1/(1 + exp(-x))", "x", "e^x/(1 + e^x)²"),
        ("a = z * -1; b = exp(a); c = b + 1; g = 1/c", "b", "−1/(b + 1)²"),
        ("a = z * -1; b = exp(a); c = b + 1; g = 1/c", "c", "−1/c²"),
        ("sigmoid(w*x + b)", "w", "x·σ(w·x + b)·(1 − σ(w·x + b))"),
        ("tanh(w*x)", "w", "x·(1 − tanh²(w·x))"),
        ("(w*x - y)^2", "w", "2·x·(w·x − y)"),
        ("(w*x - y)^2", "y", "2·(y − w·x)"),
        ("relu(w*x + b)", "w", "x if w·x + b > 0, else 0"),
        ("z = w*x + b; p = sigmoid(z); -(y*log(p) + (1 - y)*log(1 - p))", "z", "σ(z) − y"),
        ("z = w*x + b; p = sigmoid(z); -(y*log(p) + (1 - y)*log(1 - p))", "w", "x·(σ(w·x + b) − y)"),
        ("(x + y)*z", "x", "z"),
        ("x/(x + y)", "x", "y/(x + y)²"),
        ("x*x", "x", "2·x"),
        ("x + x", "x", "2"),
        ("sqrt(x^2 + y^2)", "x", "x/√(x² + y²)"),
        ("g = w*x; g^2", "g", "2·g"),
        ("0.5*x^2", "x", "x"),
        ("3.7*x^2", "x", "7.4·x"),
        ("e^x*pi", "x", "π·e^x"),
        ("(a + b + c)/3", "a", "1/3"),
        ("x - x", "x", "0"),
        ("def sq(x): return x*x\nsq(a + b)", "a", "2·(a + b)"),
        ("x", "x", "1"),
    ],
)
def test_a_closed_form_is_written_as_in_a_lecture(program: str, name: str, expected: str) -> None:
    assert closed_texts(program)[name] == expected


def wrong(trace: Trace, *, off: float = 0.0) -> list[str]:
    """The closed forms whose value is not the gradient of the backward pass."""
    called = names(trace.graph)
    return [
        f"{called.nodes[node]}: {closed.formula.text}"
        for node, closed in closed_forms(trace.graph, called).items()
        if not _same(closed.at(trace.node_values) + off, trace.node_grads[node])
    ]


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=EXACT, abs_tol=EXACT)


SCALARS = {
    sample.name: sample
    for sample in read_samples(shipped())
    if isinstance(sample, Sample) and all(isinstance(value, int | float) for value in sample.values.values())
}


@pytest.mark.parametrize("sample", SCALARS.values(), ids=SCALARS)
def test_closed_forms_of_samples_are_their_gradients(sample: Sample) -> None:
    assert wrong(evaluate(graph_of(sample.expr), sample.values)) == []


def test_a_closed_form_that_is_not_the_gradient_is_found() -> None:
    trace = evaluate(graph_of("g = w*x; f = g + b"), {"w": -2, "x": 5, "b": 3})
    assert len(wrong(trace, off=1e-6)) == len(closed_forms(trace.graph, names(trace.graph))) == 5


# no shrinking: a second of SymPy for each step of it
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(circuits)
def test_closed_forms_of_random_circuits_are_their_gradients(circuit: tuple[str, dict[str, float]]) -> None:
    program, values = circuit
    graph = graph_of(program)
    trace = evaluate(graph, {name: values[name] for name in graph.input_names})
    if all(map(math.isfinite, trace.node_grads)) and not near_a_kink(trace):
        assert wrong(trace) == []


def near_a_kink(trace: Trace) -> bool:
    """Whether a gate is so near to where its slope jumps that digits decide."""
    for node, operands in enumerate(trace.graph.operands):
        xs = [trace.node_values[k] if k >= 0 else trace.graph.folded[-1 - k].value for k in operands]
        gate = trace.graph.gates[node]
        if (
            gate
            and (gate.slopes or gate.special)
            and any(abs(a - b) < 1e-6 for a in xs for b in [0.0, *xs] if a is not b)
        ):
            return True
    return False


def test_every_node_but_constants_has_a_closed_form() -> None:
    graph = parse("2*x + 3*4")
    found = closed_forms(graph, names(graph))
    assert set(found) == set(range(len(graph))) - set(graph.constants)
    assert closed_forms(graph, names(graph), [0]).keys() == {0}


def test_names_mean_what_the_program_says() -> None:
    """Names that are SymPy's own, or one another's after sorting, are names like any other."""
    assert closed_texts("E*I + S*pi2 + beta*N")["E"] == "I"
    assert closed_texts("x = x*x; x = x*y; x")["x"] == "2·x·y"


@pytest.mark.parametrize(
    "program",
    ["W @ x", "sum(x*y)", "x + [1, 2]", "def f(x, y): ...\nf(a, b)", "def f(x): ...\ng = f(a); g*2", "besselj(n, x)*n"],
)
def test_what_has_no_closed_form_has_no_entry(program: str) -> None:
    graph = graph_of(program)
    assert graph.input_names[0] not in {names(graph).nodes[node] for node in closed_forms(graph, names(graph))}, (
        "an input that reaches a gate without a formula"
    )


# bounds --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        "+".join(f"a{k}*b{k}" for k in range(60)),
        "\n".join(["t = x"] + ["t = t*t + t"] * 30),
        "t = 3*x\n" + "\n".join(["t = t*t"] * 40),
        "\n".join(["t = x"] + ["t = tanh(t)"] * 90),
        "(2*x)^1000000000",
        "((2*x)^1000)^1000",
        "x * 2^1000^1000",
        "(a + b + c + d)^60 * (a - b)^60",
        "x * gamma(1000000000)",
        "x^0.123457*y + x^(y + 0.37)*sin(x)",
        "exp(1000*x)*y + exp(x)*y^0.001",
        "sin(tanh((x + y)^60) * relu((x - y)^61))",
        "x / 0",
        "def f(x): return x - x\n" + "\n".join(f"def f{k}(x): return {p}(x) + {p}(x)" for k, p in
                                           enumerate(["f", *(f"f{k}" for k in range(10))])) + "\nf10(a)*a",
    ],
    ids=lambda program: program[:20],
)  # fmt: skip
def test_nothing_takes_long(program: str) -> None:
    """Each of these is refused or simple: what is left is small, and quick (the suite has a time limit)."""
    graph = graph_of(program)
    called = names(graph)
    found = closed_forms(graph, called)
    locals_ = [each for node in range(len(graph)) for each in local_formulas(graph, node, called) if each]
    assert all(len(text) <= formulas.LONGEST for text, _ in [*locals_, *(each.formula for each in found.values())])


def test_a_formula_that_is_too_long_or_too_deep_is_refused() -> None:
    x = sympy.Symbol("x", real=True)
    assert checked(x**2) == x**2
    for refused in (sum(x**k for k in range(LARGEST)), sympy.I * x, sympy.nan, sympy.Integer(2) ** 100_000):
        with pytest.raises(NoForm):
            checked(refused)


# notation ------------------------------------------------------------------------------------------------------------

X, Y = sympy.symbols("x y", real=True)
NAMES = {X: Term("x", "x"), Y: Term("y", "y")}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (-X - Y, "−(x + y)"),
        (Y - X, "y − x"),
        (-X * (Y + 1), "−x·(y + 1)"),
        (unshared(sympy.Mul, X, -Y - 1), "−x·(y + 1)"),
        (-X * sympy.exp(X) * (X - Y), "x·e^x·(y − x)"),
        (X ** sympy.Rational(-1, 2), "1/√x"),
        (X ** sympy.Rational(2, 3), "x^(2/3)"),
        (X**-Y, "1/x^y"),
        (3 * X / (2 * Y), "3·x/(2·y)"),
        (sympy.Rational(37, 10) * X, "3.7·x"),
        (sympy.Rational(-1, 3), "−1/3"),
        (sympy.sin(X) ** 2, "sin²(x)"),
        (sympy.erf(X) ** 2, "erf(x)²"),
        ((X + Y) ** 2, "(x + y)²"),
        ((X**2) ** Y, "|x|^(2·y)"),
        (sympy.exp(2), "e²"),
        (sympy.pi * X, "π·x"),
        (sympy.Integer(10) ** 12 * X, "1e+12·x"),
    ],
)
def test_an_expression_is_written_in_lecture_notation(expression: Any, expected: str) -> None:
    assert written(expression, NAMES).text == expected


def test_what_has_no_notation_is_refused() -> None:
    for expression in (sympy.Derivative(sympy.Function("u")(X), X), sympy.oo, sympy.Function("u")(X)):
        with pytest.raises(NoForm):
            written(expression, NAMES)


def test_the_shortest_way_brings_no_function_that_is_not_there() -> None:
    """SymPy makes 1/cosh² of 1 − tanh²."""
    expression = X * (1 - sympy.tanh(X) ** 2) + 0 * Y
    assert shortest(expression, lambda each: written(each, NAMES))[1].text == "x·(1 − tanh²(x))"


def test_a_value_that_is_no_real_number_is_nan() -> None:
    closed = Closed(Formula("", ""), sympy.log(X), {0: X})
    assert math.isnan(closed.at([-1.0]))
    assert closed.at([math.e]) == pytest.approx(1.0, rel=EXACT)


def check_tex(tex: str) -> None:
    """Braces and \\left, \\right are balanced, and nothing is left that TeX would not set."""
    assert tex.isascii(), tex
    assert tex.count("{") == tex.count("}")
    assert tex.count(r"\left(") == tex.count(r"\right)")
    assert not re.search(r"(?<!\\)[%$#~*]|\^\^|\{\}", tex), tex


def all_tex() -> Mapping[str, str]:
    found = {}
    for sample in SCALARS.values():
        graph = graph_of(sample.expr)
        for node, closed in closed_forms(graph, names(graph)).items():
            found[f"{sample.name} {node}"] = closed.formula.tex
    return found


def test_the_tex_of_closed_forms_is_well_formed() -> None:
    for tex in all_tex().values():
        check_tex(tex)


@pytest.mark.parametrize("tex", ["x·y", "{x", r"\left(x)", "a*b", "x^{}"])
def test_wrong_tex_is_found(tex: str) -> None:
    with pytest.raises(AssertionError):
        check_tex(tex)


def test_spelling_loads_no_sympy() -> None:
    code = "import gradviz.spelling, sys; assert not {'sympy', 'numpy', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
