"""SymPy behind the gates: its derivatives check every row, graphs go there and back, its functions are gates."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from random import Random
from typing import Any

import mpmath
import numpy
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import ieee
from gradviz.api import parse
from gradviz.errors import GradvizError, OptionError, ProgramError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import CONSTANTS, GATES, Gate
from gradviz.graph import Graph, GraphBuilder
from gradviz.symbolic import TRANSFORMS, from_sympy, further_gate, further_names, to_sympy, transformed

EXACT = 1e-9  # both sides are float64 formulas of a few operations, in another order
POINTS = 20
OF_NUMBERS = {name: gate for name, gate in GATES.items() if gate.sympy is not None}
EACH = pytest.mark.parametrize("gate", OF_NUMBERS.values(), ids=OF_NUMBERS)
X, Y, Z = sympy.symbols("x y z", real=True)


# derivatives ---------------------------------------------------------------------------------------------------------


def sympy_partials(gate: Gate, at: list[float]) -> list[float]:
    """The derivatives of the gate's SymPy form at a point."""
    xs = sympy.symbols(f"x:{gate.arity}", real=True)
    form = gate.sympy(sympy, *xs)
    return [float(sympy.diff(form, x).doit().subs(dict(zip(xs, at, strict=True))).evalf(30)) for x in xs]


def check_partials(gate: Gate, seed: int = 0) -> None:
    """Partials and value of a row against its SymPy form, at random points of its domain."""
    random = Random(seed)
    xs = sympy.symbols(f"x:{gate.arity}", real=True)
    for _ in range(POINTS):
        at = [random.uniform(low, high) for low, high in gate.domain]
        value = gate.forward(ieee, *at)
        exact = float(gate.sympy(sympy, *xs).subs(dict(zip(xs, at, strict=True))).evalf(30))
        assert value == pytest.approx(exact, rel=EXACT, abs=EXACT), at
        assert gate.partials(ieee, value, *at) == pytest.approx(sympy_partials(gate, at), rel=EXACT, abs=EXACT), at


@EACH
def test_partials_are_sympys_derivatives(gate: Gate) -> None:
    check_partials(gate)


@EACH
def test_a_wrong_partial_or_value_is_caught(gate: Gate) -> None:
    """The checker can fail: each partial off by a millionth, and the value."""
    for slot in range(gate.arity):

        def wrong(xp: Any, y: Any, *xs: Any, slot: int = slot) -> tuple[Any, ...]:
            right = list(gate.partials(xp, y, *xs))
            right[slot] += 1e-6
            return tuple(right)

        with pytest.raises(AssertionError):
            check_partials(replace(gate, partials=wrong))
    with pytest.raises(AssertionError):
        check_partials(replace(gate, forward=lambda xp, *xs: gate.forward(xp, *xs) + 1e-6))


@EACH
def test_the_expression_of_a_gate_can_be_differentiated(gate: Gate) -> None:
    """SymPy's diff of to_sympy is the grad that the backward pass brings, and doit the gate's definition."""
    graph = gate_graph(gate)
    at = {name: 0.3 + 0.4 * i for i, name in enumerate(graph.input_names)}
    trace, expression = evaluate(graph, at), to_sympy(graph)
    symbols = {sympy.Symbol(name, real=True): value for name, value in at.items()}
    for symbol in symbols:
        slope = sympy.diff(expression, symbol).doit().subs(symbols).evalf()
        assert float(slope) == pytest.approx(trace.grads[symbol.name], rel=EXACT)
    assert float(expression.doit().subs(symbols).evalf()) == pytest.approx(trace.output, rel=EXACT)
    assert float(expression.evalf(subs=symbols)) == pytest.approx(trace.output, rel=EXACT)


# Graph -> SymPy -> Graph ---------------------------------------------------------------------------------------------


def columns(graph: Graph) -> list[Any]:
    """Everything about a graph except places and the names of nodes that are not inputs."""
    names = [graph.names[i] for i in graph.inputs]
    gates = [(gate and gate.name, graph.label(i)) for i, gate in enumerate(graph.gates) if i not in graph.inputs]
    constants = [*graph.constants.items(), *graph.folded]
    return [names, gates, graph.operands, repr(constants), graph.output]


def gate_graph(gate: Gate) -> Graph:
    """One gate on inputs of their own."""
    builder = GraphBuilder(gate.name)
    return builder.build(builder.gate(gate, tuple(builder.input(name) for name in "xyz"[: gate.arity])))


GATES_AND_CHOSEN = [*OF_NUMBERS.values(), GATES["leaky_relu"].choose({"negative_slope": 0.2})]


@pytest.mark.parametrize("gate", GATES_AND_CHOSEN, ids=[*OF_NUMBERS, "leaky_relu 0.2"])
def test_every_gate_comes_back(gate: Gate) -> None:
    graph = gate_graph(gate)
    assert graph.gates[graph.output] is gate
    assert columns(from_sympy(to_sympy(graph))) == columns(graph)


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize(
    "program",
    [
        "x + x", "x - x", "x*x + x*x", "x + (-y)", "x - (-y)", "-x + y", "x**-1", "x*y**-1", "x*(1/y)", "1/x*y",
        "x/y/z",
        "x/(y*z)", "-1*x", "x*-1", "-(-x)", "-(2)^2", "x - -3", "x + -3", "x - 3", "3 - x", "2/3*x", "x/2", "x*0.5",
        "x^0.5", "sqrt(x)", "x^2", "square(x)", "x*x", "e^x", "exp(x)", "2^x", "max(x, x)", "max(y, x)", "max(0, x)",
        "max(x, 0)", "min(max(x, y), x)", "pi*x - e", "-e*x", "-0*x", "0*x", "1*x", "x + 0", "x^1", "x^0", "1e300*x",
        "0.1*x", "1e-7*x", "5e-324*x", "123456789*x", "12345678901234567890*x", "2*3", "2 + x*0", "x", "7", "-x", "-7",
        "reciprocal(x)/reciprocal(y)", "abs(abs(x))", "exp(x)*exp(x)", "1/(1+exp(-(w*x+b)))", "relu(sigmoid(x))",
        "erf(x)*besselj(0, x) + atan2(y, x)", "x + y + z", "x + (y + z)", "x*y*z", "x*(y*z)", "x^y^z", "(x^y)^z",
    ],
)  # fmt: skip
def test_a_program_comes_back_as_it_was_written(program: str, fold: bool) -> None:
    graph = parse(program, fold=fold)
    assert columns(parse(to_sympy(graph), fold=fold)) == columns(graph)


def test_gates_with_other_settings_are_other_functions() -> None:
    """Equal names, yet SymPy neither merges them nor takes one slope for the other."""
    builder = GraphBuilder("?")
    x = builder.input("x")
    steep, flat = (builder.gate(GATES["leaky_relu"].choose({"negative_slope": slope}), (x,)) for slope in (0.5, 0.25))
    graph = builder.build(builder.gate(GATES["add"], (steep, flat)))
    written: Any = to_sympy(graph)
    assert columns(from_sympy(written)) == columns(graph)
    assert written.doit().subs(sympy.Symbol("x", real=True), -4) == sympy.Float(-3)
    simple = transformed(graph, "simplify")
    assert evaluate(simple, {"x": -4}).output == -3


# arrays --------------------------------------------------------------------------------------------------------------

OF_ARRAYS = [gate for gate in GATES.values() if gate.sympy is None]


@pytest.mark.parametrize("gate", OF_ARRAYS, ids=lambda gate: gate.name)
def test_a_gate_of_arrays_is_no_expression_and_the_error_names_it(gate: Gate) -> None:
    builder = GraphBuilder("12345 @ x")
    graph = builder.build(builder.gate(gate, tuple(builder.input(name) for name in "xy"[: gate.arity]), (6, 7)))
    for failing in (lambda: to_sympy(graph), graph.to_sympy, lambda: transformed(graph, "simplify")):
        with pytest.raises(ProgramError) as caught:
            failing()
        assert caught.value.problem == f"'{gate.name}' works on arrays; SymPy's expressions are numbers"
        assert caught.value.place == (6, 7)


def test_an_array_is_no_expression() -> None:
    builder = GraphBuilder("[1, 2] * x")
    numbers = builder.constant((1.0, 2.0), "[1, 2]", (0, 6))
    graph = builder.build(builder.gate(GATES["mul"], (numbers, builder.input("x"))))
    with pytest.raises(ProgramError, match=r"^\[1, 2\] is an array; SymPy's expressions are numbers"):
        to_sympy(graph)


def test_a_graph_of_numbers_may_still_get_arrays() -> None:
    graph = from_sympy(to_sympy(parse("x*y + 1")))
    trace = evaluate(graph, {"x": [1, 2], "y": 3}, seed=[1, 1])
    assert (trace.output.tolist(), trace.grads["y"]) == ([4, 7], 3)


@pytest.mark.parametrize(("program", "at"), [
    ("erf(x)", {"x": [[0.1, -2.0], [0.0, 3.0]]}), ("erf(x)", {"x": []}),
    ("atan2(x, y)", {"x": [1, 2], "y": [[1], [3]]}),
    ("besselj(0, x)", {"x": [0.5, 1.5]}), ("gamma(x)", {"x": [0.0, 1.5, math.nan]}),
])  # fmt: skip
def test_a_further_function_takes_arrays_entry_by_entry(program: str, at: dict[str, Any]) -> None:
    graph = parse(program)
    arrays = numpy.broadcast_arrays(*at.values())
    trace = evaluate(graph, at, seed=numpy.ones(arrays[0].shape))
    entries = [
        evaluate(graph, dict(zip(at, map(float, xs), strict=True)))
        for xs in zip(*map(numpy.ravel, arrays), strict=True)
    ]
    assert repr(trace.output.ravel().tolist()) == repr([entry.output for entry in entries])
    total = {name: sum(entry.grads[name] for entry in entries) for name in at}
    for name, value in at.items():
        assert trace.grads[name].shape == numpy.shape(value)
        assert float(trace.grads[name].sum()) == pytest.approx(total[name], rel=1e-14, nan_ok=True)  # another order


# fan-out and names ---------------------------------------------------------------------------------------------------


def test_a_node_used_twice_stays_one_and_equal_nodes_stay_two() -> None:
    """Fan-out survives: SymPy alone would hold both as the same expression."""
    assert len(from_sympy(to_sympy(parse("g = x*x; g + g")))) == 3
    assert len(from_sympy(to_sympy(parse("x*x + x*x")))) == 4


def test_a_constant_with_a_name_loses_only_its_name() -> None:
    graph = parse("h = 2; -h * x")
    assert [gate.name for gate in from_sympy(to_sympy(graph)).gates if gate] == ["neg", "mul"]


ONE, TWO, THREE = ([name for name, gate in OF_NUMBERS.items() if gate.arity == count and not gate.operators]
                   for count in (1, 2, 3))  # fmt: skip
LEAVES = st.sampled_from(["w", "x", "b", "N", "E", "beta", "0", "1", "2", "3", "0.5", "1e-3", "e", "pi"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^", ">", "<="]), inner).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
        inner.map("-({})".format),
        st.tuples(st.sampled_from(["sqrt", *ONE]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(TWO), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(st.sampled_from(THREE), inner, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]}, {t[3]})"),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=12), st.booleans())
def test_random_circuits_come_back(program: str, fold: bool) -> None:
    graph = parse(program, fold=fold)
    back = parse(to_sympy(graph), fold=fold)
    assert columns(back) == columns(graph)
    at = {name: 0.7 + 0.3 * i for i, name in enumerate(graph.input_names)}
    assert numbers(evaluate(back, at)) == numbers(evaluate(graph, at))


def numbers(trace: Trace) -> str:
    """All numbers to the last bit; as text, so that nan equals nan."""
    return repr((trace.node_values, trace.node_grads, trace.shares))


LINES = ["x = x + x", "x = x*w", "w = sigmoid(x)", "g = w - x; x = g/w", "x = max(x, g)"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_random_fan_out_comes_back(lines: list[str]) -> None:
    graph = parse("\n".join([*lines, "x*g*w*x"]))
    back = from_sympy(to_sympy(graph))
    at = {name: {"x": 0.7, "g": -1.3, "w": 0.4}[name] for name in graph.input_names}
    there, here = evaluate(graph, at), evaluate(back, at)
    assert (len(back), len(list(back.wires))) == (len(graph), len(list(graph.wires)))
    for name in graph.input_names:
        i, j = graph.input_names.index(name), back.input_names.index(name)
        assert here.node_grads[j] == pytest.approx(there.node_grads[i], rel=1e-12)  # shares may add up in another order


def test_names_that_sympy_knows_are_plain_symbols() -> None:
    names = ["N", "E", "S", "I", "O", "Q", "beta", "gamma", "zeta", "lambda", "oo", "nan", "pi_", "max", "Symbol"]
    graph = parse(" + ".join(names))
    expression: Any = to_sympy(graph)
    assert expression.free_symbols == {sympy.Symbol(name, real=True) for name in names}
    assert from_sympy(expression).input_names == tuple(names)


NUMBERS = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, 123456.789, 1e22, math.pi, -0.0]


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_come_back_to_the_last_bit(value: float) -> None:
    graph = from_sympy(to_sympy(parse(f"x + ({value!r})", fold=False)))
    assert [math.copysign(1, c.value) * abs(c.value) for c in graph.constants.values()] == [value]
    assert math.copysign(1, graph.constants[1].value) == math.copysign(1, value)


def test_deep_and_shared_expressions_need_no_recursion() -> None:
    deep = parse("tanh(" * 3000 + "x" + ")" * 3000)
    assert len(from_sympy(to_sympy(deep))) == 3001
    doubled = parse("; ".join(["x = x + x"] * 60))
    back = from_sympy(to_sympy(doubled))
    assert len(back) == 61
    assert evaluate(back, {"x": 1.0}).grads["x"] == 2.0**60


# SymPy -> Graph ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "program"),
    [
        (X + 1, "1 + x"),  # SymPy's own order of the args
        (1 / (1 + sympy.exp(-X)), "1 / (1 + exp(-x))"),
        (sympy.sqrt(X), "sqrt(x)"),
        (1 / sympy.sqrt(X), "1 / sqrt(x)"),
        (X**2 / 3, "x**2 / 3"),
        (2 * X / 3, "2 * x / 3"),
        (X - Y, "x - y"),
        (X - Y * Z, "x - y * z"),
        (-X, "-x"),
        (-X * Y, "-(x * y)"),
        (-X / 2, "-(x / 2)"),
        (X / (Y * Z), "x / (y * z)"),
        (sympy.exp(X) / (1 + sympy.exp(Y)), "exp(x) / (1 + exp(y))"),
        (sympy.Max(X, Y, Z), "max(max(x, y), z)"),
        (sympy.Abs(X), "abs(x)"),
        (sympy.pi * X + sympy.E, "e + pi * x"),
        (sympy.Add(X, X, evaluate=False), "x + x"),
        (sympy.Mul(2, 3, evaluate=False), "2 * 3"),
        (sympy.Add(X, 1, evaluate=False), "x + 1"),
        (sympy.Symbol("y") * sympy.Symbol("y", positive=True), "y * y"),
        (sympy.sinh(X) * sympy.erf(Y), "erf(y) * sinh(x)"),
    ],
)
def test_a_sympy_expression_is_drawn_as_it_stands(expression: Any, program: str) -> None:
    assert parse(expression, fold=False).program == program
    assert columns(parse(expression)) == columns(parse(program))


def test_a_fraction_is_one_constant() -> None:
    graph = parse(X + sympy.Rational(1, 3))
    assert [(c.value, c.text) for c in graph.folded] == [(1 / 3, "1/3")]
    assert columns(parse(to_sympy(graph))) == columns(graph)


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (sympy.Function("f")(X), "undefined function 'f'"),
        (X + sympy.I, "'I'"),
        (sympy.Derivative(sympy.Function("f")(X), X), "'Derivative'"),
        (sympy.Integral(sympy.exp(X**2), X), "'Integral'"),
        (sympy.Piecewise((X, X > 0), (0, True)), "'Piecewise'"),
        (sympy.Lambda(X, X + 1), "'Lambda'"),
        (X < 1, "'StrictLessThan'"),
        (sympy.oo + X * 0, "oo"),
        (sympy.nan, "nan"),
        (sympy.zoo, "zoo"),
        (sympy.Integer(10) ** 400 * X, "too large"),
        (sympy.Matrix([[X]]), "Matrix"),
        (sympy.Tuple(X), "'Tuple'"),
        (sympy.Symbol("a b"), "'a b'"),
        (sympy.Dummy("x"), "'x'"),
        (sympy.true, "'BooleanTrue'"),
        (sympy.conjugate(sympy.Symbol("x")), "'conjugate'"),
        (3.5, "float"),
        (None, "NoneType"),
    ],
)
def test_what_no_gate_draws_is_named(thing: Any, said: str) -> None:
    with pytest.raises(ProgramError) as caught:
        from_sympy(thing)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# transformations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "how", "result"),
    [
        ("x + x", "simplify", "2 * x"),
        ("sin(x)^2 + cos(x)^2", "simplify", "1"),
        ("sigmoid(x)*(1 + exp(-x))", "simplify", "1"),
        ("square(x)*reciprocal(x)", "simplify", "x"),
        ("relu(x) + relu(x)", "simplify", "2 * relu(x)"),
        ("max(x, y) + max(y, x)", "simplify", "2 * max(x, y)"),
        ("erf(x) + erf(x)", "simplify", "2 * erf(x)"),
        ("0.5*x + 0.5*x", "simplify", "x"),
        ("(a + b)^2", "expand", "a**2 + 2 * a * b + b**2"),
        ("-2*(a - b)", "expand", "2 * b - 2 * a"),
        ("a - (b - c)/2", "expand", "a - b / 2 + c / 2"),
        ("0.1*(a + b)", "expand", "0.1 * a + 0.1 * b"),
        ("y - x", "expand", "y - x"),
        ("x^-2", "expand", "1 / x**2"),
        ("a^2 + 2*a*b + b^2", "factor", "(a + b)**2"),
        ("x^3 - x", "factor", "x * (x - 1) * (x + 1)"),
        ("1/x + 1/y", "factor", "(x + y) / (x * y)"),
    ],
)
def test_transformations(program: str, how: str, result: str) -> None:
    assert parse(program, fold=False, transform=how).program == parse(result, fold=False).program == result


@pytest.mark.parametrize("how", TRANSFORMS)
def test_a_transformation_changes_neither_value_nor_gradients(how: str) -> None:
    program = "sigmoid(w*x + b) + (w + x)^2*softplus(b) - max(x, w)/2 + relu(b)"
    at = {"w": -2.0, "x": 0.5, "b": 0.3}
    before, after = evaluate(parse(program), at), evaluate(parse(program, transform=how), at)
    assert after.output == pytest.approx(before.output, rel=EXACT)
    assert dict(after.grads) == pytest.approx({name: before.grads[name] for name in after.grads}, rel=EXACT)


def test_an_input_that_vanishes_may_still_have_a_value() -> None:
    graph = parse("x - x + y", transform="simplify")
    assert graph.unused == {"x"}
    assert evaluate(graph, {"x": 1.0, "y": 2.0}).output == 2.0


def test_equal_parts_of_a_result_are_one_node() -> None:
    graph = transformed(parse("exp(a)*(exp(a) + b)"), "factor")
    assert [gate.name for gate in graph.gates if gate].count("exp") == 1


@pytest.mark.parametrize(
    ("program", "how", "error", "said"),
    [
        ("x", "simplifi", OptionError, "did you mean 'simplify'?"),
        ("1/0*x", "simplify", ProgramError, "zoo"),
        ("9^9^9^9*x", "expand", ProgramError, "exponent"),
        ("(a + b + c)^1000", "expand", ProgramError, "64 equal sums"),
        ("((a + b)^60)^60", "expand", ProgramError, "64 equal sums"),
        ("tanh(" * 3000 + "x" + ")" * 3000, "expand", ProgramError, "too deep for SymPy's expand"),
        ("; ".join(["x = tanh(x)*x"] * 60), "factor", ProgramError, "too large for SymPy's factor"),
    ],
)
def test_a_transformation_fails_with_one_line(program: str, how: str, error: type[GradvizError], said: str) -> None:
    with pytest.raises(error) as caught:
        parse(program, transform=how)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_within_sympy_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(expression: Any) -> Any:
        raise NotImplementedError(expression)

    monkeypatch.setitem(TRANSFORMS, "factor", fails)
    with pytest.raises(ProgramError, match=r"^SymPy cannot factor this program \(NotImplementedError\)$"):
        parse("x*y", transform="factor")


# further functions ---------------------------------------------------------------------------------------------------


def _xi(s: Any) -> Any:
    return s * (s - 1) / 2 * mpmath.pi ** (-s / 2) * mpmath.gamma(s / 2) * mpmath.zeta(s)


FURTHER = {  # values by mpmath or math, which SymPy's classes are not asked for
    "erf": (math.erf, 0.7), "erfc": (math.erfc, -0.3), "gamma": (math.gamma, 3.7), "loggamma": (math.lgamma, 2.2),
    "sinh": (math.sinh, 1.1), "cosh": (math.cosh, -0.4), "asinh": (math.asinh, 2.0), "acosh": (math.acosh, 2.0),
    "atanh": (math.atanh, 0.3), "asin": (math.asin, 0.3), "acos": (math.acos, -0.3), "atan": (math.atan, 5.0),
    "atan2": (math.atan2, 1.5, -0.5), "factorial": (mpmath.factorial, 2.5), "LambertW": (mpmath.lambertw, 1.3),
    "besselj": (mpmath.besselj, 0.0, 1.7), "bessely": (mpmath.bessely, 1.0, 2.1), "besseli": (mpmath.besseli, 0.5, 0.9),
    "besselk": (mpmath.besselk, 1.5, 1.2), "zeta": (mpmath.zeta, 2.5), "airyai": (mpmath.airyai, -1.2),
    "digamma": (mpmath.digamma, 0.8), "beta": (mpmath.beta, 1.3, 0.6), "Ei": (mpmath.ei, 1.4), "Si": (mpmath.si, 2.0),
    "polylog": (mpmath.polylog, 2.0, 0.3), "legendre": (mpmath.legendre, 3.0, 0.4), "sinc": (mpmath.sinc, 0.7),
    "chebyshevt": (mpmath.chebyt, 4.0, 0.3), "erfinv": (mpmath.erfinv, 0.35), "elliptic_k": (mpmath.ellipk, 0.5),
    "binomial": (mpmath.binomial, 4.5, 1.5), "sec": (mpmath.sec, 0.6), "cot": (mpmath.cot, 0.6),
    "lowergamma": (lambda a, x: mpmath.gammainc(a, 0, x), 1.5, 0.7), "expint": (mpmath.expint, 1.5, 0.8),
    "Heaviside": (lambda x: float(x > 0), 0.5), "sign": (lambda x: math.copysign(1, x), -2.5),
    "floor": (math.floor, 2.5),
    "fresnels": (mpmath.fresnels, 0.9), "hermite": (mpmath.hermite, 3.0, 0.4), "acoth": (mpmath.acoth, 1.7),
    "Mod": (lambda a, b: a % b, 5.3, 2.0), "riemann_xi": (_xi, 2.5), "frac": (lambda x: x % 1, 2.3),
}  # fmt: skip
QUOTIENT = 1e-9  # central differences at 40 digits err less; gates are float64


@pytest.mark.parametrize("name", FURTHER)
def test_further_functions_are_mpmaths(name: str) -> None:
    """Values, and every partial (by SymPy's formula or quotient) against mpmath's numerical derivative."""
    function, *at = FURTHER[name]
    gate = further_gate(name, len(at))
    assert gate is not None
    value = gate.forward(ieee, *at)
    assert value == pytest.approx(float(mpmath.re(function(*at))), rel=1e-14, abs=1e-15)  # float64's last digits
    for slot, partial in enumerate(gate.partials(ieee, value, *at)):
        if name in {"legendre", "chebyshevt", "hermite"} and slot == 0:
            continue  # the degree is a whole number
        assert partial == pytest.approx(slope(function, at, slot), rel=QUOTIENT, abs=QUOTIENT)


def slope(function: Any, at: list[float], slot: int) -> float:
    """A central difference, extrapolated once; in 40 digits where mpmath computes, in 16 where math does."""
    number, h = (float, 1e-3) if function.__module__ == "math" else (mpmath.mpf, mpmath.mpf("1e-8"))

    def moved(by: Any) -> Any:
        return function(*(number(x) + by if i == slot else number(x) for i, x in enumerate(at)))

    with mpmath.workdps(40):
        near, far = ((moved(step) - moved(-step)) / (2 * step) for step in (h, 2 * h))
        return float(mpmath.re(4 * near - far) / 3)


@pytest.mark.parametrize("name", further_names())
def test_no_further_function_raises(name: str) -> None:
    """Anywhere: at zero, poles, outside the domain, at nan and infinities; and partials are as many as inputs."""
    gates = [gate for count in range(1, 5) if (gate := further_gate(name, count))]
    assert gates
    for gate in gates:
        for x in (0.0, -0.0, 1.0, -1.5, -2.0, math.nan, math.inf, -math.inf):
            at = [x] * gate.arity
            value = gate.forward(ieee, *at)
            partials = gate.partials(ieee, value, *at)
            assert isinstance(value, float)
            assert [type(partial) for partial in partials] == [float] * gate.arity


def test_poles_kinks_and_places_outside_the_reals_are_nan() -> None:
    def at(name: str, x: float) -> tuple[float, float]:
        gate = further_gate(name, 1)
        assert gate is not None
        value = gate.forward(ieee, x)
        return value, gate.partials(ieee, value, x)[0]

    assert repr(at("gamma", 0.0)) == repr(at("acos", 2.0)) == repr(at("LambertW", -1.0)) == "(nan, nan)"
    assert repr(at("Heaviside", 0.0)) == "(0.5, nan)"
    assert repr(at("floor", 2.0)) == "(2.0, nan)"
    assert at("gamma", 200.5)[0] == math.inf
    assert at("LambertW", 0.0) == (0.0, 1.0)  # SymPy's formula has 0/0 here
    assert at("sinc", 0.0) == (1.0, 0.0)


def test_a_further_function_is_one_gate_everywhere() -> None:
    first, second = parse("erf(x)"), parse("erf(y) * 2")
    assert first.gates[1] is second.gates[1] is further_gate("erf", 1) is from_sympy(sympy.erf(X)).gates[1]
    assert further_gate("tanh", 1) is GATES["tanh"]


def test_a_further_function_in_a_circuit() -> None:
    trace = evaluate(parse("erf(w*x) + besselj(0, x)"), {"w": -2.0, "x": 0.5})
    by_x = -2 * 2 / math.sqrt(math.pi) * math.exp(-1) - float(mpmath.besselj(1, 0.5))
    assert trace.output == pytest.approx(math.erf(-1) + float(mpmath.besselj(0, 0.5)), rel=1e-15)
    assert trace.grads["x"] == pytest.approx(by_x, rel=1e-14)
    assert parse("besselj(0, x)").label(1) == "besselj(0,x)"


def test_the_number_of_inputs_is_checked() -> None:
    assert further_gate("erf", 2) is None
    assert further_gate("zeta", 0) is None
    assert further_gate("besselj", 1) is None
    with pytest.raises(ProgramError, match="erf"):
        parse("erf(x, y)")


@pytest.mark.parametrize(
    "name",
    ["__import__", "__builtins__", "eval", "exec", "open", "sympify", "parse_expr", "lambdify", "Lambda", "S", "N", "I",
     "Symbol", "symbols", "preview", "init_printing", "sympy", "source", "srepr", "Function", "Piecewise", "Derivative",
     "Integral", "Matrix", "Poly", "solve", "diff", "Order", "Permutation", "FiniteSet", "Eq", "And", "UnevaluatedExpr",
     "os", "sys", "evalf", "ERF", "Erf", "erf ", "erf.diff", "sympy.erf", "", "hyper", "meijerg", "re", "conjugate"],
)  # fmt: skip
def test_names_that_are_no_function_of_real_numbers_are_unknown(name: str) -> None:
    assert all(further_gate(name, count) is None for count in range(5))


WATCHED = """
import sys
import gradviz, sympy, sympy.parsing.sympy_parser
texts = []
def watch(event, args):
    if event == "compile" and str(args[1]).startswith("<"):  # not a module that is imported
        texts.append(str(args[0]))
sympify = sys.modules["sympy.core.sympify"].sympify
sys.addaudithook(watch)
def profile(frame, event, arg):
    if event == "call" and frame.f_code in (sympify.__code__, sympy.parsing.sympy_parser.parse_expr.__code__):
        given = frame.f_locals.get("a", frame.f_locals.get("s"))
        if isinstance(given, str):
            texts.append(given)
sys.setprofile(profile)
if len(sys.argv) > 2:
    sympy.sympify("zqzq + 1")
graph = gradviz.parse(sys.argv[1])
gradviz.evaluate(graph, {name: 0.3 for name in graph.input_names})
gradviz.parse(graph.to_sympy())
gradviz.parse(sys.argv[1], transform="expand")
sys.setprofile(None)
print([text for text in texts if "zqzq" in text or "erf" in text or "bessel" in text])
"""


def watched(*args: str) -> str:
    done = subprocess.run([sys.executable, "-c", WATCHED, *args], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_text_is_compiled_or_sympified() -> None:
    """The interpreter tells of every text that is compiled; none has a part of the program, nor is one sympified."""
    program = "erf(zqzq) + besselj(0, zqzq) * LambertW(zqzq) + zeta(2 + zqzq) + 0.1 + e"
    assert watched(program) == "[]"
    assert "zqzq" in watched(program, "and now a text that is sympified")


def test_constants_of_the_parser_are_sympys() -> None:
    assert (float(sympy.E), float(sympy.pi)) == (CONSTANTS["e"], CONSTANTS["pi"])


def test_inputs_that_sympy_would_compute_for_minutes_are_refused() -> None:
    graph = parse("besselk(n, x)")
    with pytest.raises(GradvizError, match="only computed for inputs of 1e-100 to 1000 in size, not 100000"):
        evaluate(graph, {"n": 1e5, "x": 1e5})
    assert evaluate(graph, {"n": 1, "x": 2}).output == pytest.approx(0.13986588181652243)  # mpmath.besselk(1, 2)


def test_sympys_own_spelling_of_a_gate_is_that_gate() -> None:
    for text, gate in {"Max(x, y)": "max", "Min(x, y)": "min", "Abs(x)": "abs"}.items():
        assert parse(text).gates[-1] is GATES[gate]
    with pytest.raises(GradvizError, match=r"'Max' (takes 2 inputs, not 3|does not take 3 inputs)"):
        parse("Max(x, y, z)")
