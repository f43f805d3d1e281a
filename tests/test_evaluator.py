"""Traces: values, gradients and shares of known figures, nan and infinities, and values that are refused."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradviz.errors import ValuesError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES
from gradviz.parser import parse
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
    assert trace.node_values == (2, 8, 16)
    assert trace.node_grads == (24, 2, 1)
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
        ("w*x", {"w": "1", "x": 2}, "the value of 'w' must be a number, not '1'", None),
        ("w*x", {"w": None, "x": 2}, "the value of 'w' must be a number, not None", None),
        ("w*x", {"w": True, "x": 2}, "the value of 'w' must be a number, not True", None),
        ("w*x", {"w": 1j, "x": 2}, "the value of 'w' must be a number, not 1j", None),
        ("w*x", {"w": [1], "x": 2}, "the value of 'w' must be a number, not [1]", None),
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
        evaluate(parse("a" * LONG), {"a": 1, "aa": 2})


# the checks can fail -------------------------------------------------------------------------------------------------


def test_a_wrong_partial_changes_the_gradient() -> None:
    wrong = replace(GATES["mul"], partials=lambda _xp, _y, a, b: (a, b))
    graph = parse("x*y")
    graph = replace(graph, gates=tuple(gate and wrong for gate in graph.gates))
    assert evaluate(graph, {"x": 2, "y": 3}).grads["x"] != trace_of("x*y", x=2, y=3).grads["x"]
