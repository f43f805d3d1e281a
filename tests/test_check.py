"""The gradient check: gradients that are right pass in every way there is, wrong ones are found and named."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given

import gradviz
from gradviz import api
from gradviz.differences import relative, slopes
from gradviz.evaluator import evaluate
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from gradviz.tangents import tangents
from tests.array_programs import Program, array_programs
from tests.circuits import circuits
from tests.commands import POSIX, Gradviz, on_terminal
from tests.pages import Page
from tests.test_imports import loaded_by

PAGE = Page("gradient-check.md")
NEURON = ("1/(1+exp(-(w0*x0+w1*x1+w2)))", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3})
BAYDIN = ("log(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5})
ARRAYS = ("sum(relu(W @ x)*c)", {"W": [[1, 2], [-3, 4]], "x": [1, 2], "c": [1, 5]})
SAMPLES = [
    sample
    for sample in read_samples(shipped())
    if isinstance(sample, Sample) and sample.values and "seed" not in sample.options and "of" not in sample.options
]


# gradients that are right --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "values"), [NEURON, BAYDIN, ARRAYS], ids=["neuron", "baydin", "arrays"])
def test_right_gradients_pass(program: str, values: dict[str, Any]) -> None:
    check = gradviz.check(program, values)
    assert check.ok
    assert (check.wrong, check.suspects) == ([], ())
    assert max(row.error for row in check.rows) < 1e-8
    numbers = [row for row in check.rows if row.closed is not None]
    assert len(numbers) == (0 if program == ARRAYS[0] else len(values))


def test_the_rows_say_what_the_survey_prints() -> None:
    x1, x2 = gradviz.check(*BAYDIN).rows
    assert [round(float(each), 9) for each in x1[1:5] if each is not None] == [5.5] * 4
    assert [round(float(each), 3) for each in x2[1:5] if each is not None] == [1.716] * 4


def test_there_is_a_row_for_each_number_of_an_array() -> None:
    names = [row.name for row in gradviz.check(*ARRAYS).rows]
    assert names == ["W[0,0]", "W[0,1]", "W[1,0]", "W[1,1]", "x[0]", "x[1]", "c[0]", "c[1]"]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_the_samples_pass_but_for_kinks(sample: Sample) -> None:
    trace = evaluate(api.parse(sample.expr, sample.values), sample.values, jacobian=True)
    if getattr(trace.output, "ndim", 0) or not all(math.isfinite(x) for x in trace.node_values if type(x) is float):
        pytest.skip("its output is no number, or not finite")
    check = gradviz.check(sample.expr, sample.values)
    assert [row for row in check.wrong if not row.kink] == []
    assert check.suspects == ()


def forward_equals_backward(graph: Graph, values: dict[str, Any]) -> None:
    trace = evaluate(graph, {name: values[name] for name in graph.input_names})
    for node in graph.inputs:
        value, grad = trace.node_values[node], trace.node_grads[node]
        if isinstance(value, float):
            found = [tangents(trace, {node: 1.0})[graph.output]]
            wanted = [grad]
        else:
            found, wanted = [], list(grad.flat)
            for entry in range(value.size):
                seed = value * 0.0
                seed.flat[entry] = 1.0
                found.append(tangents(trace, {node: seed})[graph.output])
        size = max(1.0, *(abs(float(number)) for number in wanted))
        assert [float(x) for x in found] == pytest.approx([float(x) for x in wanted], rel=1e-12, abs=1e-11 * size)


@given(circuits)
def test_forward_mode_gives_the_gradients_of_the_backward_pass(circuit: tuple[str, dict[str, float]]) -> None:
    forward_equals_backward(gradviz.parse(circuit[0], circuit[1]), circuit[1])


@given(array_programs)
def test_forward_mode_of_arrays_does_too(program: Program) -> None:
    forward_equals_backward(gradviz.parse(program.text, program.values), dict(program.values))


# gradients that are wrong --------------------------------------------------------------------------------------------


def with_wrong(graph: Graph, name: str, **wrong: Callable[..., Any]) -> Graph:
    """The graph with another derivative of one kind of gate."""

    def gate(each: Gate | None) -> Gate | None:
        return replace(each, **wrong) if each is not None and each.name == name else each

    return replace(graph, gates=tuple(gate(each) for each in graph.gates))


WRONG = {
    "sin": ("w*sin(x)", {"w": 2, "x": 1}, {"partials": lambda _xp, y, _x: (y,)}, {"x"}),
    "mul": ("w*x + b", {"w": 2, "x": 3, "b": 1}, {"partials": lambda _xp, _y, a, b: (b, 1.001 * a)}, {"x"}),
    "sum": ("sum(x*y)", {"x": [1, 2], "y": 3}, {"pull": lambda _xp, _slot, u, _y, x: 2 * u + 0 * x}, {"x", "y"}),
    "matmul": (
        "sum(W @ x)", {"W": [[1, 2], [3, 4]], "x": [5, 6]},
        {"pull": lambda _xp, slot, u, _y, a, b: (u[:, None] * b[None, :], a @ u)[slot]}, {"x"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_found_and_its_gate_named(name: str) -> None:
    program, values, wrong, inputs = WRONG[name]
    check = gradviz.check(with_wrong(gradviz.parse(program), name, **wrong), values)
    assert not check.ok
    assert {row.name.partition("[")[0] for row in check.wrong} == inputs
    assert check.suspects == (f"'{GATES[name].symbol}'",)
    assert gradviz.check(program, values).ok


def test_the_command_ends_with_1_and_names_input_and_gate(
    gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = api.parse
    wrong: Any = {"partials": lambda _xp, y, _x: (y,)}
    monkeypatch.setattr(api, "parse", lambda *args, **options: with_wrong(parse(*args, **options), "sin", **wrong))
    done = gradviz_command("check", "g = sin(x); g*w", "--w=2", "--x=1")
    assert done.status == 1
    assert "the gradient by x disagrees by 0.36 (tolerance 1e-05); look at 'sin' of g" in done.err
    assert [line.split("\t")[-1] for line in done.out.splitlines()[1:]] == ["differs", "ok"]


def test_of_several_the_worst_is_told(gradviz_command: Gradviz) -> None:
    done = gradviz_command("check", "relu(x) + relu(y)", "--x=0", "--y=0", "--tolerance=0.1")
    assert done.status == 1
    assert (
        "2 of 2 gradients disagree, the worst by x by 1 (tolerance 0.1); x is at a kink: 0 on the left, 1" in done.err
    )


# kinks, and what is not finite ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "x", "left", "right"), [
    ("relu(x)", 0, 0, 1), ("abs(x)", 0, -1, 1), ("max(x, 3)", 3, 0, 1), ("2*min(x, 3)", 3, 2, 0),
    ("leaky_relu(x)", 0, 0.01, 1), ("sum(relu([x, 2*x]))", 0, 0, 3),
])  # fmt: skip
def test_a_kink_is_told(program: str, x: float, left: float, right: float) -> None:
    check = gradviz.check(program, {"x": x})
    (row,) = check.rows
    assert row.kink == pytest.approx((left, right), abs=1e-9)
    assert check.suspects == ()


@pytest.mark.parametrize("program", ["x*x", "exp(3*x)", "x**9", "sin(40*x)", "softplus(8*x)"])
@pytest.mark.parametrize("x", [-1.3, 0.0, 0.7, 2.5])
def test_what_bends_is_no_kink(program: str, x: float) -> None:
    (row,) = gradviz.check(program, {"x": x}).rows
    assert row.kink is None


def test_what_is_not_finite_is_not_called_right(gradviz_command: Gradviz) -> None:
    done = gradviz_command("check", "exp(x)", "--x=800")
    assert done.status == 1
    assert "the gradient by x cannot be checked: inf backward, nan by differences" in done.err
    done = gradviz_command("check", "exp(x)", "--x=800", "-f", "json")
    (row,) = json.loads(done.out)["rows"]
    assert (row["backward"], row["differences"], row["error"]) == ("inf", "nan", "inf")


# the numbers ---------------------------------------------------------------------------------------------------------


def test_relative_differences() -> None:
    assert relative(2.0, 1.0, 0.0) == relative(1.0, 2.0, 0.0) == 0.5
    assert relative(1e-9, 0.0, 1e-6) == pytest.approx(1e-3)
    assert relative(math.nan, math.nan, 0.0) == 0.0
    assert relative(math.nan, 1.0, 0.0) == relative(math.inf, 1.0, 0.0) == math.inf


@pytest.mark.parametrize(("name", "x"), [
    ("sin", 0.1), ("sin", -30.0), ("sin", 1e6), ("sin", 1e-9), ("log", 1e-9), ("log", 1e9), ("sqrt", 1e-12),
    ("exp", 300.0), ("exp", -300.0), ("relu", 1e-7), ("square", 1e12), ("reciprocal", -1e-5), ("tanh", 5.0),
])  # fmt: skip
def test_a_step_of_the_right_scale_is_found(name: str, x: float) -> None:
    (row,) = gradviz.check(f"{name}(x)", {"x": x}).rows
    assert row.error < 1e-6
    assert row.kink is None


def test_a_step_can_be_too_large_and_too_small() -> None:
    assert gradviz.check("sin(x)", {"x": 1}, step=1e-4).ok
    assert not gradviz.check("sin(x)", {"x": 1}, step=0.5).ok
    assert gradviz.check("sin(x)", {"x": 1}, step=0.5, tolerance=0.5).ok


@pytest.mark.parametrize("x", [5e-324, 1e-300, -1e-310, 1.7e308, -1.7e308, math.inf, math.nan, 0.0, -0.0])
@pytest.mark.parametrize("program", ["x", "x*x", "max(x < 9, x)", "1/x", "sum([x, 2])", "exp(x)"])
def test_numbers_at_the_ends_of_the_line_are_told_of(program: str, x: float) -> None:
    check = gradviz.check(program, {"x": x})
    assert all(row.error >= 0 for row in check.rows)
    if not math.isfinite(x):
        assert not check.ok or program == "max(x < 9, x)" or math.isnan(x)


def test_rounding_is_no_error() -> None:
    """A gradient of 0 beside differences of 1e-8, where the output is a large number."""
    check = gradviz.check("1e8 + 0*x + sin(y)*1e-6", {"x": 1, "y": 2})
    assert check.ok


def test_slopes_of_what_is_straight() -> None:
    found = slopes(lambda x: 3 * x + 1, 2.0)
    assert found.central == pytest.approx(3.0)
    assert found.kink is None
    assert abs(found.central - 3.0) <= found.error < 1e-8


# the command ---------------------------------------------------------------------------------------------------------


def without_errors(text: str) -> str:
    """The error of a difference is that of rounding, which machines do differently."""
    return re.sub(r"\de-[01]\d", "tiny", text)


@pytest.mark.parametrize(("command", "shown"), PAGE.examples, ids=[command for command, _ in PAGE.examples])
def test_the_page_shows_what_its_commands_give(gradviz_command: Gradviz, command: str, shown: str) -> None:
    done = gradviz_command(*shlex.split(command)[1:])
    assert without_errors(done.out + done.err) == without_errors(shown)


def test_its_python_gives_its_results() -> None:
    failed, tried = PAGE.run_python()
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(("words", "problem"), [
    (["x*x", "--x=1", "--step=0"], "the step must be a positive number, not 0"),
    (["x*x", "--x=1", "--step=-1"], "the step must be a positive number, not -1"),
    (["x*x", "--x=1", "--tolerance=nan"], "the tolerance must be a positive number, not nan"),
    (["x*y", "--x=1"], "no value for y"),
    (["x*x", "--x=[1,2]"], "the output is an array of shape (2,)"),
    (["x*", "--x=1"], "the expression ends"),
    (["x*x", "--x=1", "--jacobian"], "jacobian"),
    (["x*x", "--x=1", "--stepp=1"], "did you mean '--step'"),
])  # fmt: skip
def test_bad_input_is_one_line(gradviz_command: Gradviz, words: list[str], problem: str) -> None:
    done = gradviz_command("check", *words)
    assert done.status == 2
    assert done.out == ""
    assert problem in done.err
    assert "Traceback" not in done.err


def test_an_array_needs_a_seed(gradviz_command: Gradviz) -> None:
    done = gradviz_command("check", "x*y", "--x=[1,2]", "--y=2", "--seed=[1,2]")
    assert done.status == 0
    assert [line.split("\t")[:2] for line in done.out.splitlines()[1:]] == [["x[0]", "2"], ["x[1]", "4"], ["y", "5"]]


def test_json_has_all_rows(gradviz_command: Gradviz, tmp_path: Path) -> None:
    done = gradviz_command("check", "sum(x*x)", f"--x={list(range(1, 61))}", "-o", str(tmp_path / "check.json"))
    assert (done.status, done.out) == (0, "")
    written = json.loads((tmp_path / "check.json").read_text())
    assert written["ok"]
    assert [row["backward"] for row in written["rows"]] == [2.0 * k for k in range(1, 61)]


def test_of_many_the_worst_are_shown(gradviz_command: Gradviz) -> None:
    done = gradviz_command("check", "sum(relu(x))", f"--x={[*range(1, 60), 0]}")
    lines = [line.split("\t") for line in done.out.splitlines()[1:]]
    assert done.status == 1
    assert lines[0][0] == "x[59]"
    assert lines[-1][0] == "and 20 more with smaller errors"
    assert len(lines) == 41


def test_of_large_arrays_a_sample_of_each_is_checked(gradviz_command: Gradviz, tmp_path: Path) -> None:
    numpy.save(tmp_path / "W.npy", numpy.linspace(-1, 1, 10_000).reshape(100, 100) + 0.003)
    done = gradviz_command("check", "sum(relu(W @ x) + b)", "--W=@W.npy", f"--x={[*range(100)]}", "--b=1", "-f", "json")
    assert done.status == 0
    assert re.search(r"note: \d\d of 10 101 numbers are checked, drawn at random \(GRADVIZ_MAX_DIFFERENCES", done.err)
    names = [row["name"] for row in json.loads(done.out)["rows"]]
    assert {name[0] for name in names} == {"W", "x", "b"}
    assert len(names) == len(set(names)) == int(done.err.split("note: ")[1].split()[0])


@POSIX
def test_a_terminal_gets_a_table() -> None:
    out = on_terminal("check", "x*x", "--x=3", "--digits=3").out
    assert [line.split() for line in out.splitlines() if line.strip()][-1][:5] == ["x", "6", "6", "6", "6"]


def test_a_function_of_sympy_alone_is_checked(gradviz_command: Gradviz) -> None:
    assert gradviz_command("check", "erf(x)*besselj(1, y)", "--x=0.3", "--y=1.5").status == 0


def test_its_help_imports_no_heavy_library() -> None:
    assert loaded_by("import gradviz.checking, gradviz.gradcheck").isdisjoint({"numpy", "sympy", "rich"})
