"""Traces: values, gradients and shares of known figures, nan and infinities, and values that are refused."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest

from gradviz.errors import ValuesError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES
from gradviz.language.parser import parse
from gradviz.rewrite import fold

INF, NAN = math.inf, math.nan


def trace_of(program: str, **values: Any) -> Trace:
    return evaluate(fold(parse(program, values)), values)


def rounded(numbers: Any) -> list[float]:
    return [round(number, 2) for number in numbers]


# known figures -------------------------------------------------------------------------------------------------------


def test_the_first_figure_of_cs231n() -> None:
    """f = (x + y)z at -2, 5, -4, as printed in the course notes."""
    trace = trace_of("q = x + y\nf = q * z", x=-2, y=5, z=-4)
    assert trace.output == -12
    assert dict(trace.grads) == {"x": -4, "y": -4, "q": -4, "z": 3, "f": 1}
    assert dict(trace.values) == {"x": -2, "y": 5, "q": 3, "z": -4, "f": -12}


def test_the_neuron_of_cs231n() -> None:
    """The numbers of the lecture's figure, to its two decimals."""
    trace = trace_of("1/(1+exp(-(w0*x0+w1*x1+w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    assert [trace.graph.label(node) for node in range(13)] == \
        ["w0", "x0", "w1", "x1", "w2", "*", "*", "+", "+", "*-1", "exp", "+1", "1/x"]  # fmt: skip
    assert rounded(trace.node_values) == [2, -1, -3, -2, -3, -2, 6, 4, 1, -1, 0.37, 1.37, 0.73]
    assert rounded(trace.node_grads) == \
        [-0.2, 0.39, -0.39, -0.59, 0.2, 0.2, 0.2, 0.2, 0.2, -0.2, -0.53, -0.53, 1]  # fmt: skip


def test_a_wire_used_twice_brings_back_two_shares() -> None:
    """x*x at 3: each wire brings back 3, so dx is 6."""
    trace = trace_of("x*x", x=3)
    assert trace.shares[1] == (3, 3)
    assert trace.grads["x"] == 6


def test_doubling_sixty_times() -> None:
    """The gradient of the input is exactly 2**60; the name means the last node."""
    trace = trace_of("x = x + x\n" * 60, x=1)
    assert (trace.output, trace.node_grads[0], trace.grads["x"]) == (2**60, 2**60, 1)


def test_a_share_is_local_times_upstream() -> None:
    trace = trace_of("(x*y)*z", x=2, y=3, z=5)
    assert (trace.locals[3], trace.shares[3]) == ((3, 2), (15, 10))


def test_a_drawn_constant_has_a_value_and_an_input_its_gradient() -> None:
    trace = trace_of("h = 0.5; h*x", x=4)
    assert trace.values["h"] == 0.5
    assert (trace.output, trace.grads["x"]) == (2, 0.5)


def test_folded_constants_take_part_in_values_and_local_gradients() -> None:
    trace = trace_of("2*x^3", x=2)
    assert tuple(trace.node_values) == (2, 8, 16)
    assert tuple(trace.node_grads) == (24, 2, 1)
    assert trace.locals[1][0] == 12


def test_an_input_alone_is_its_own_output() -> None:
    assert (trace_of("x", x=7).output, trace_of("x", x=7).grads["x"]) == (7, 1)


def test_a_program_of_constants_needs_no_values() -> None:
    assert trace_of("2*3 + 1").output == 7


def test_e_is_a_variable_when_it_has_a_value() -> None:
    assert trace_of("e*x", x=1, e=3).output == 3
    assert trace_of("e*x", x=1).output == math.e


def test_another_output_has_gradients_of_its_own() -> None:
    graph = parse("g = w*x\nf = g*b", of="g")
    trace = evaluate(graph, {"w": 2, "x": 3, "b": 5})
    assert (trace.output, trace.grads["w"]) == (6, 3)


def test_names_are_normalised_like_the_programs() -> None:
    trace = trace_of("x₁ * 2", **{"x₁": 3})
    assert (trace.output, trace.grads["x₁"], trace.grads["x1"]) == (6, 2, 2)


def test_numbers_are_float64() -> None:
    trace = trace_of("x*y/3", x=2**60 + 1, y=True + 1)
    assert {type(number) for number in (*trace.node_values, *trace.node_grads)} == {float}


@pytest.mark.parametrize("value", [3, 3.0, Fraction(3), Decimal(3), "numpy"])
def test_a_value_may_be_any_real_number(value: Any) -> None:
    number = pytest.importorskip("numpy").float64(3) if value == "numpy" else value
    assert trace_of("x*x", x=number).output == 9


def test_a_trace_reads_like_a_dictionary() -> None:
    trace = trace_of("g = w*x", w=2, x=3)
    assert (list(trace.values), len(trace.values)) == (["w", "x", "g"], 3)
    assert repr(trace.grads) == "{'w': 3.0, 'x': 2.0, 'g': 1.0}"
    with pytest.raises(KeyError):
        trace.values["b"]


# nan and infinities --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "values", "note"),
    [
        ("log(x) + y", {"x": 0, "y": 1}, "gate 'log' gives -inf at 0"),
        ("log(x) - log(x)", {"x": 0}, "gate 'log' gives -inf at 0"),
        ("exp(log(x)*2)", {"x": -1}, "gate 'log' gives nan at -1"),
        ("1/x", {"x": 0}, "gate '1/x' gives inf at 0"),
        ("a/b", {"a": 0, "b": 0}, "gate '/' gives nan at 0, 0"),
        ("exp(x)", {"x": 1000}, "gate 'exp' gives inf at 1000"),
        ("x*y", {"x": 1e200, "y": 1e200}, "gate '*' gives inf at 1e+200, 1e+200"),
        ("x + y", {"x": INF, "y": 1}, "the value of 'x' is inf"),
        ("x + y", {"x": 1, "y": NAN}, "the value of 'y' is nan"),
        ("where(c, x, y)/x", {"c": 1, "x": 0, "y": 1}, "gate '/' gives nan at 0, 0"),
        ("sqrt(x)", {"x": 0}, "gate '√' brings back the gradient inf at 0"),
        ("sqrt(x*y)", {"x": 0, "y": 1}, "gate '√' brings back the gradient inf at 0"),
        ("0*sqrt(x)", {"x": 0}, "gate '√' brings back the gradient nan at 0"),
        ("x^y", {"x": -2, "y": 2}, "gate '^' brings back the gradient nan at -2, 2"),
        ("x*1e308 + x*1e308", {"x": 0.1}, "the gradients that reach 'x' add up to inf"),
    ],
)
def test_one_note_names_the_gate_where_it_arises(program: str, values: dict[str, float], note: str) -> None:
    trace = trace_of(program, **values)
    assert len(trace.notes) == 1
    assert re.fullmatch(re.escape(note) + r"( \(and \d+ more\))?", trace.notes[0])
    assert trace.origins
    with pytest.raises(ValuesError) as caught:
        evaluate(trace.graph, values, strict=True)
    assert caught.value.problem == note
    start, end = caught.value.place or (0, 0)
    assert start < end <= len(program)


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize(
    "program", ["x**2", "h = 2; x**h", "log(2)*x", "relu(x)", "abs(x)", "max(x, x)", "x**0", "x/1e-300"]
)
@pytest.mark.parametrize("x", [-3, 0])
def test_there_is_no_note_where_every_shown_number_is_finite(program: str, folded: bool, x: float) -> None:
    """The gradient of x**2 by its 2 is nan below zero, but a constant has no gradient to show."""
    graph = fold(parse(program)) if folded else parse(program)
    trace = evaluate(graph, {"x": x}, strict=True)
    assert (trace.notes, trace.origins) == ((), frozenset())


def test_nan_and_infinities_go_through() -> None:
    trace = trace_of("g = log(x)\nf = g*y", x=0, y=2)
    assert dict(trace.values) == {"x": 0, "y": 2, "g": -INF, "f": -INF}
    assert dict(trace.grads) == {"x": INF, "g": 2, "y": -INF, "f": 1}


# values that are refused ---------------------------------------------------------------------------------------------

MUST = "must be a number or an array of numbers, not"


@pytest.mark.parametrize(
    ("program", "values", "problem", "at"),
    [
        ("w*x + b", {"w": 1}, "no value for x and b", "x"),
        ("w*x + b", {}, "no value for w, x and b", "w"),
        ("wx + b", {"w": 1, "x": 2, "b": 3}, "no value for wx; did you mean w*x?", "wx"),
        ("wx0 + b", {"w": 1, "x": 2, "x0": 2, "b": 3}, "no value for wx0; did you mean w*x0?", "wx0"),
        ("f = aab\nf+b", {"a": 1, "b": 2}, "no value for aab; did you mean a*a*b?", "aab"),
        ("wx + bc", {"w": 1, "x": 2, "b": 3}, "no value for wx and bc; did you mean w*x?", "wx"),
        ("w*x", {"w": 1, "x": 2, "y": 3}, "the program has no name 'y'", None),
        ("weight*x", {"wieght": 1, "x": 2}, "the program has no name 'wieght'; did you mean 'weight'?", None),
        ("g = w*x\ng+1", {"w": 1, "x": 2, "g": 3}, "'g' is computed by the program; give values to w and x", None),
        ("w*x", {"w": "1", "x": 2}, f"the value of 'w' {MUST} '1'", None),
        ("w*x", {"w": None, "x": 2}, f"the value of 'w' {MUST} None", None),
        ("w*x", {"w": True, "x": 2}, f"the value of 'w' {MUST} True", None),
        ("w*x", {"w": 1j, "x": 2}, f"the value of 'w' {MUST} 1j", None),
        ("w*x", {"w": b"12", "x": 2}, f"the value of 'w' {MUST} b'12'", None),
        ("w*x", {"w": {1: 2}, "x": 2}, f"the value of 'w' {MUST} {{1: 2}}", None),
        ("w*x", {"w": 10**400, "x": 2}, "the value of 'w' is too large for a float64", None),
    ],
)
def test_values_are_refused(program: str, values: dict[str, Any], problem: str, at: str | None) -> None:
    with pytest.raises(ValuesError) as caught:
        evaluate(parse(program), values)
    error = caught.value
    assert error.problem == problem
    assert (error.program[slice(*error.place)] if error.place else None) == at


def test_a_value_for_a_node_that_is_left_out_is_no_mistake() -> None:
    assert trace_of("g = a*b\nx + 1", x=1, a=2, b=3).output == 2


# arrays --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [
    [1, 2, 3], (1, 2, 3), [1.0, 2, 3], numpy.array([1, 2, 3]), [numpy.float32(1), 2, 3],
    *[numpy.array([1, 2, 3], dtype=kind) for kind in ("f2", "f4", "f8", "g", "i1", "i8", "u1", "u8", ">f8")],
    numpy.array([[1, 9], [2, 9], [3, 9]])[:, 0],
], ids=repr)  # fmt: skip
def test_a_value_may_be_any_array_of_real_numbers(value: Any) -> None:
    trace = trace_of("sum(x*x)", x=value)
    assert (trace.output, trace.grads["x"].tolist(), trace.values["x"].tolist()) == (14, [2, 4, 6], [1, 2, 3])
    assert {trace.values["x"].dtype, trace.grads["x"].dtype} == {numpy.dtype(float)}
    assert type(trace.output) is float


@pytest.mark.parametrize("three", [numpy.float32(3), numpy.array(3), numpy.array(3.0), numpy.int8(3)], ids=repr)
def test_an_array_without_axes_is_a_number(three: Any) -> None:
    trace = trace_of("x*x", x=three)
    assert (trace.output, type(trace.values["x"]), type(trace.grads["x"])) == (9, float, float)


def test_integers_beyond_numpys_are_numbers_too() -> None:
    assert trace_of("sum(x)", x=[10**25, 1]).output == 1e25


@pytest.mark.parametrize(("value", "problem"), [
    ([[1, 2], [3]], "the value of 'x' must be a list of numbers, or of rows of one length"),
    ([1, [2]], "the value of 'x' must be a list of numbers, or of rows of one length"),
    (["1", "2"], f"the value of 'x' {MUST} ['1', '2']"),
    ([1, "2"], f"the value of 'x' {MUST} [1, '2']"),
    ([1, None], f"the value of 'x' {MUST} [1, None]"),
    ([True, False], f"the value of 'x' {MUST} [True, False]"),
    ([1j, 2], f"the value of 'x' {MUST} [1j, 2]"),
    (numpy.array([[True], [False]]), f"the value of 'x' {MUST} array([[ True], [False]])"),
    (numpy.array([1j]), f"the value of 'x' {MUST} array([0.+1.j])"),
    (numpy.array(1j), f"the value of 'x' {MUST} array(0.+1.j)"),
    (numpy.array("3"), f"the value of 'x' {MUST} array('3', dtype='<U1')"),
    (numpy.True_, f"the value of 'x' {MUST} np.True_"),
    (numpy.array([{}, {}]), f"the value of 'x' {MUST} array([{{}}, {{}}], dtype=object)"),
    (numpy.array(["2020"], dtype="M8[Y]"), f"the value of 'x' {MUST} array(['2020'], dtype='datetime64[Y]')"),
    ([10**400, 1], "the value of 'x' has a number that is too large for a float64"),
])  # fmt: skip
def test_arrays_are_refused_in_one_line_that_names_the_input(value: Any, problem: str) -> None:
    with pytest.raises(ValuesError) as caught:
        evaluate(parse("x*y"), {"x": value, "y": 1})
    assert str(caught.value) == problem


def test_a_number_that_only_a_longer_float_holds_is_refused() -> None:
    value = numpy.array([numpy.longdouble("1e400")])
    if numpy.isinf(value[0]):
        pytest.skip("a long double is a double here")
    with pytest.raises(ValuesError, match="too large for a float64"):
        trace_of("sum(x)", x=value)
    assert math.isinf(trace_of("sum(x)", x=numpy.array([numpy.longdouble("inf")])).output)


def test_changing_what_was_given_changes_no_trace() -> None:
    w, seed = numpy.array([1.0, 2.0]), numpy.array([1.0, 1.0])
    trace = evaluate(parse("w*3"), {"w": w}, seed=seed)
    w[:], seed[:] = 9, 9
    assert (trace.values["w"].tolist(), trace.output.tolist(), trace.grads["w"].tolist()) == ([1, 2], [3, 6], [3, 3])
    assert trace.node_grads[trace.graph.output].tolist() == [1, 1]


@pytest.mark.parametrize("jacobian", [False, True])
def test_no_array_of_a_trace_can_be_written(jacobian: bool) -> None:
    """A transpose shares its memory with what it was made of; a trace is frozen, so no change goes astray."""
    graph = parse("transpose(a) + flatten(b) + sum(c)")
    values = {"a": [1, 2], "b": [3, 4], "c": [5, 6, 7]}
    trace = evaluate(graph, values, jacobian=jacobian, seed=None if jacobian else [1, 1])
    arrays = [x for column in (trace.node_values, trace.node_grads, *trace.shares) for x in column if numpy.ndim(x)]
    assert len(arrays) > 10
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize(
    ("program", "values", "jacobian"),
    [
        ("sqrt(x)", {"x": [0, 4]}, [[math.inf, 0], [0, 0.25]]),
        ("1/x", {"x": [0, 2]}, [[-math.inf, 0], [0, -0.25]]),
        ("[sqrt(x), 3*x]", {"x": 0}, [math.inf, 3]),
        ("[sqrt(a), 3*x]", {"a": 0, "x": 1}, [0, 3]),
    ],
)
def test_an_entry_of_a_jacobian_that_depends_on_nothing_is_0_beside_a_pole(
    program: str, values: dict[str, Any], jacobian: list[Any]
) -> None:
    numpy.testing.assert_array_equal(evaluate(parse(program), values, jacobian=True).grads["x"], jacobian)


@pytest.mark.parametrize(("program", "values", "problem", "at"), [
    ("b + W @ x", {"W": [[1, 2]], "x": [1, 2, 3], "b": 0}, "(1, 2) and (3,)", "@"),
    ("(a + b)*2", {"a": [1, 2], "b": [1, 2, 3]}, "(2,) and (3,)", "+"),
    ("f = exp(a)\ng = mse(f, b)", {"a": [1, 2], "b": [1, 2, 3]}, "(2,) and (3,)", "mse"),
    ("max(a)", {"a": []}, "(0,)", "max"),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_an_error_with_both_and_the_place(
    program: str, values: dict[str, Any], problem: str, at: str
) -> None:
    with pytest.raises(ValuesError) as caught:
        evaluate(parse(program), values)
    error = caught.value
    assert problem in error.problem
    assert error.program[slice(*(error.place or (0, 0)))] == at


# outputs that are arrays ---------------------------------------------------------------------------------------------


def test_an_array_as_output_offers_the_three_ways() -> None:
    with pytest.raises(ValuesError) as caught:
        trace_of("W @ x", W=[[1, 2], [3, 4]], x=[1, 1])
    assert "the output is an array of shape (2,)" in caught.value.problem
    assert all(offer in caught.value.problem for offer in ("sum(", "--seed='[1, 0]'", "--jacobian"))
    assert caught.value.place == (2, 3)


@pytest.mark.parametrize(("seed", "problem"), [
    ([1, 2, 3], "the seed has the shape (3,), the output (2,)"),
    (1, "the seed has the shape () (a number), the output (2,)"),
    ([[1, 2]], "the seed has the shape (1, 2), the output (2,)"),
    ([1, "2"], f"the seed {MUST} [1, '2']"),
])  # fmt: skip
def test_a_seed_has_the_shape_of_the_output(seed: Any, problem: str) -> None:
    with pytest.raises(ValuesError) as caught:
        evaluate(parse("x*x"), {"x": [1, 2]}, seed=seed)
    assert caught.value.problem == problem


def test_a_seed_weighs_the_gradients() -> None:
    assert evaluate(parse("x*x"), {"x": [1, 2]}, seed=[10, 1]).grads["x"].tolist() == [20, 4]
    assert evaluate(parse("sum(x*x)"), {"x": [1, 2]}, seed=3).grads["x"].tolist() == [6, 12]
    assert evaluate(parse("x*x"), {"x": 5}, seed=3).grads["x"] == 30
    with pytest.raises(ValuesError, match=r"the output is a number, but the seed has the shape \(2,\)"):
        evaluate(parse("x*x"), {"x": 5}, seed=[1, 2])


@pytest.mark.parametrize("x", [3, [3.0]])
def test_a_seed_and_the_jacobian_exclude_each_other(x: Any) -> None:
    with pytest.raises(ValuesError, match="exclude each other"):
        evaluate(parse("x*x"), {"x": x}, seed=x, jacobian=True)


def test_the_jacobian_of_a_circuit_of_numbers_is_its_gradient() -> None:
    trace = evaluate(parse("x*x"), {"x": 3}, jacobian=True)
    assert (trace.grads["x"], trace.jacobian) == (6, False)


def test_a_jacobian_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValuesError, match="1 001 entries of an output with a Jacobian; 1 000 are the most"):
        evaluate(parse("x*x"), {"x": numpy.ones(1001)}, jacobian=True)
    with pytest.raises(ValuesError, match="404 160 000 numbers in the Jacobians of a circuit; 10 000 000 are the most"):
        evaluate(parse("W @ x"), {"W": numpy.ones((200, 5000)), "x": numpy.ones((5000, 2))}, jacobian=True)


# nan and infinities in arrays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "values", "note"), [
    ("sum(log(x))", {"x": [1, 0, -1]}, "gate 'log' gives -inf in entry [1] at 0"),
    ("sum(a/b)", {"a": [[1, 2], [3, 0]], "b": [1, 0]}, "gate '/' gives inf in entry [0, 1] at 2, 0"),
    ("sum(a/b)", {"a": [[1, 2], [3, 0]], "b": 0}, "gate '/' gives inf in entry [0, 0] at 1, 0"),
    ("sum(x)", {"x": [1, NAN]}, "the value of 'x' is nan in entry [1]"),
    ("sum(x)", {"x": [1e308, 1e308]}, "gate 'sum' gives inf at an array of shape (2,)"),
    ("sum(a @ b)", {"a": [[1e200, 0]], "b": [[1e200], [0]]},
     "gate '@' gives inf in entry [0, 0] at an array of shape (1, 2), an array of shape (2, 1)"),
    ("sum(sqrt(x))", {"x": [4, 0]}, "gate '√' brings back the gradient inf in entry [1] at 0"),
])  # fmt: skip
def test_a_note_names_the_gate_and_the_first_entry(program: str, values: dict[str, Any], note: str) -> None:
    trace = trace_of(program, **values)
    assert len(trace.notes) == 1
    assert re.fullmatch(re.escape(note) + r"( \(and \d+ more\))?", trace.notes[0])
    with pytest.raises(ValuesError) as caught:
        evaluate(trace.graph, values, strict=True)
    assert caught.value.problem == note


# sizes ---------------------------------------------------------------------------------------------------------------

LONG = 100_000


def test_a_long_chain_is_evaluated() -> None:
    trace = trace_of("x" + "+1" * LONG, x=0)
    assert (trace.output, trace.node_grads[0]) == (LONG, 1)


def test_a_long_sum_of_inputs_is_evaluated() -> None:
    names = [f"x{i}" for i in range(LONG)]
    graph = parse("+".join(names))
    trace = evaluate(graph, dict.fromkeys(names, 1))
    assert trace.output == LONG
    assert set(trace.node_grads) == {1.0}


def test_a_long_missing_name_is_refused_at_once() -> None:
    with pytest.raises(ValuesError, match="the program has no name 'a'"):
        evaluate(parse("a" * 200), {"a": 1, "aa": 2})


# the checks can fail -------------------------------------------------------------------------------------------------


def test_a_wrong_partial_changes_the_gradient() -> None:
    wrong = replace(GATES["mul"], partials=lambda _xp, _y, a, b: (a, b))
    graph = parse("x*y")
    graph = replace(graph, gates=tuple(gate and wrong for gate in graph.gates))
    assert evaluate(graph, {"x": 2, "y": 3}).grads["x"] != trace_of("x*y", x=2, y=3).grads["x"]


@pytest.mark.parametrize(
    ("program", "problem", "at"),
    [
        (f"sum(x[{'None, ' * 32}])", "an array of 33 axes; at most 32 are possible", 5),
        (f"sum(reshape(x, ({'1, ' * 70})))", "an array of 70 axes; at most 32 are possible", 4),
        ("sum(x[:, None] * x)", "(100000, 100000) has 10 000 000 000 entries of an array; 10 000 000 are the most", 15),
        ("sum(reshape(x[:0], (0, 999999999, 999999999)))", "(0, 999999999, 999999999) has 1e+18 entries", 4),
    ],
)
def test_arrays_without_room_are_refused_before_anything_is_computed(program: str, problem: str, at: int) -> None:
    value = numpy.zeros(1 if "1, 1" in program else 100_000)
    with pytest.raises(ValuesError, match=re.escape(problem)) as error:
        trace_of(program, x=value)
    assert error.value.place is not None
    assert error.value.place[0] == at
