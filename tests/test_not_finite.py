"""A nan or an infinity: drawn, marked where it arises, told in one line, refused under `strict`; in every view."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy
import pytest

from gradviz import evaluator, large, nd
from gradviz.api import draw, draw_many, evaluate, evaluate_many, explain, parse
from gradviz.errors import ValuesError
from gradviz.evaluator import Trace
from gradviz.gates import GATES, Gate
from gradviz.jacobians import locals_of
from tests.commands import Gradviz, process

INF, NAN = math.inf, math.nan
HUGE = 1.7e308
ALARM = 'class="node shelf alarm"'
AT, AND_MORE = r"( (in entry \[[\d, ]*\] )?at .+?| in entry \[[\d, ]*\])?", r"( \(and \d+ more\))?"

# A circuit of each gate that can make one of finite numbers, its values, and what is told.
ARISES: list[tuple[str, str, dict[str, Any], str]] = [
    ("add", "a + b", {"a": HUGE, "b": HUGE}, "gate '+' gives inf"),
    ("sub", "a - b", {"a": -HUGE, "b": HUGE}, "gate '-' gives -inf"),
    ("mul", "a*b", {"a": 1e200, "b": -1e200}, "gate '*' gives -inf"),
    ("div", "a/b", {"a": 1, "b": 0}, "gate '/' gives inf"),
    ("div", "a/b", {"a": 0, "b": 0}, "gate '/' gives nan"),
    ("div", "a/b", {"a": 1, "b": 1e-200}, "gate '/' brings back the gradient -inf"),
    ("pow", "a^b", {"a": 0, "b": -1}, "gate '^' gives inf"),
    ("pow", "a^b", {"a": -2, "b": 0.5}, "gate '^' gives nan"),
    ("pow", "a^b", {"a": 0, "b": 0.5}, "gate '^' brings back the gradient inf"),
    ("exp", "exp(x)", {"x": 710}, "gate 'exp' gives inf"),
    ("log", "log(x)", {"x": 0}, "gate 'log' gives -inf"),
    ("log", "log(x)", {"x": -1}, "gate 'log' gives nan"),
    ("sqrt", "sqrt(x)", {"x": -1}, "gate '√' gives nan"),
    ("sqrt", "sqrt(x)", {"x": 0}, "gate '√' brings back the gradient inf"),
    ("square", "square(x)", {"x": 1e200}, "gate '^2' gives inf"),
    ("reciprocal", "reciprocal(x)", {"x": 0}, "gate '1/x' gives inf"),
    ("reciprocal", "reciprocal(x)", {"x": 1e-200}, "gate '1/x' brings back the gradient -inf"),
    ("leaky_relu", "leaky_relu(x, 3)", {"x": -1e308}, "gate 'leaky' gives -inf"),
    ("matmul", "a @ b", {"a": [1e200, 1], "b": [1e200, 1]}, "gate '@' gives inf"),
    ("sum", "sum(x)", {"x": [HUGE, HUGE]}, "gate 'sum' gives inf"),
    ("mean", "mean(x)", {"x": []}, "gate 'mean' gives nan"),
    ("prod", "prod(x)", {"x": [1e200, 1e200]}, "gate '∏' gives inf"),
    ("norm", "norm(x)", {"x": [HUGE, HUGE]}, "gate '‖x‖' gives inf"),
    ("L2", "L2(x)", {"x": [1e200, 1]}, "gate 'L2' gives inf"),
    ("log_softmax", "sum(log_softmax(x))", {"x": [HUGE, -HUGE]}, "gate 'log softmax' gives -inf in entry [1]"),
    ("mse", "mse(a, b)", {"a": [1e200, 1], "b": [0, 1]}, "gate 'mse' gives inf"),
    ("binary_cross_entropy", "bce(p, t)", {"p": [0.0, 0.5], "t": [1.0, 0.0]}, "gate 'BCE' gives inf"),
    ("cross_entropy", "cross_entropy(x, t)", {"x": [HUGE, -HUGE], "t": [0, 1]}, "gate 'CE' gives inf"),
]
# Circuits in which it arises on the way, or is given.
MORE: list[tuple[str, dict[str, Any], str]] = [
    ("exp(x) - exp(y)", {"x": 1000, "y": 1000}, "gate 'exp' gives inf"),
    ("y*exp(x)", {"x": 1000, "y": 0}, "gate 'exp' gives inf"),
    ("1e200*(1e200*(1e-300*x))", {"x": 1}, "gate '*1e+200' brings back the gradient inf"),
    ("x*1e308 + x*1e308", {"x": 0.1}, "the gradients that reach 'x' add up to inf"),
    ("sum(x*1e308) + sum(x*1e308)", {"x": [0.1, 0.1]}, "the gradients that reach 'x' add up to inf in entry [0]"),
    ("sqrt(relu(x))", {"x": -1}, "gate '√' brings back the gradient inf"),
    ("where(x > 0, log(x), 0)", {"x": -1}, "gate 'log' gives nan"),
    ("sum(x/y)", {"x": [1, 0], "y": [1, 0]}, "gate '/' gives nan in entry [1] at 0, 0"),
    ("def f(a): return log(a)*a\nf(x) + x", {"x": 0}, "gate 'f' gives nan"),
    ("x + 1", {"x": NAN}, "the value of 'x' is nan"),
    ("x + y", {"x": INF, "y": -INF}, "the value of 'x' is inf"),
    ("x*y", {"x": INF, "y": 0}, "the value of 'x' is inf"),
    ("mean(x)", {"x": [1, NAN]}, "the value of 'x' is nan in entry [1]"),
    ("softmax(x)[0]", {"x": [INF, 1]}, "the value of 'x' is inf in entry [0]"),
]
CASES = [*((text, values, told) for _, text, values, told in ARISES), *MORE]
EACH = pytest.mark.parametrize(("text", "values", "told"), CASES, ids=[f"{text} {values}" for text, values, _ in CASES])


def numbers_only(values: Mapping[str, Any]) -> bool:
    return not any(map(numpy.ndim, values.values()))


def is_told(notes: Sequence[str], told: str) -> bool:
    """Whether there is one line, of one origin, where it is and how many more."""
    return len(notes) == 1 and re.fullmatch(f"{re.escape(told)}{AT}{AND_MORE}", notes[0]) is not None


# every gate ----------------------------------------------------------------------------------------------------------

SHAPES = {
    "transpose",
    "swapaxes",
    "reshape",
    "broadcast_to",
    "flatten",
    "concatenate",
    "stack",
    "index",
}  # compute nothing
EXTREMES = (HUGE, -HUGE, 1e160, -1e-160, 5e-324, 1.0, -0.5, 0.0, -0.0)


def outcomes(gate: Gate) -> Iterator[Any]:
    """Values and local gradients at extreme numbers, that are alone or three in an array."""
    of_arrays = gate.pull is not None
    for xs in product(EXTREMES, repeat=3 if of_arrays else gate.arity):
        arrays = (nd.number(xs), -nd.number(xs))[: gate.arity] if of_arrays else tuple(map(nd.number, xs))
        y = nd.number(gate.forward(nd, *arrays))
        yield y
        yield from (nd.number(local * numpy.ones(y.shape)) for local in locals_of(gate, y, arrays))


def makes_some(gate: Gate) -> bool:
    if gate.name in SHAPES:
        return False
    with numpy.errstate(all="ignore"):
        return not all(numpy.isfinite(each).all() for each in outcomes(gate))


def test_every_gate_that_makes_a_nan_or_an_infinity_has_a_circuit() -> None:
    of_settings = {"leaky_relu"}  # with a slope above 1
    nothing = {"mean"}  # of nothing
    assert {name for name, *_ in ARISES} == {
        name for name, gate in GATES.items() if makes_some(gate)
    } | of_settings | nothing


# walks and views -----------------------------------------------------------------------------------------------------


@EACH
def test_it_is_marked_and_told_in_one_line(text: str, values: dict[str, Any], told: str) -> None:
    figure = draw(text, values)
    assert figure.trace is not None
    assert is_told(figure.trace.notes, told), figure.trace.notes
    assert figure.trace.origins
    assert ALARM in figure.svg


@EACH
def test_under_strict_it_is_an_error_that_says_the_same(text: str, values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValuesError) as caught:
        draw(text, values, strict=True)
    assert str(caught.value).startswith(told)
    assert caught.value.exit_code == 2


LOOKS: list[dict[str, Any]] = [
    {"show": "values,grads,local,formulas,names"}, {"local_jacobians": True}, {"layout": "fast"}, {"theme": "print"},
    {"expand": ["all"], "frame": True}, {"fold": False}, {"top_gradients": 3, "radius": 3},
]  # fmt: skip


@EACH
def test_it_is_drawn_in_every_look_and_format(text: str, values: dict[str, Any], told: str) -> None:
    """Some of which are of circuits of numbers; opened, it may arise in another gate."""
    start = sum(map(ord, text)) % len(LOOKS)  # some of them for each circuit
    for look in [LOOKS[start], LOOKS[start - 3]]:
        figure = draw(text, values, **look)
        assert len(figure.trace.notes if figure.trace else ()) == 1, look
        assert ALARM in figure.svg, look
    for kind in [("dot", "tex"), ("json", "text")][start % 2]:
        assert figure.render(kind), told


def test_it_is_marked_where_statements_are_closed() -> None:
    figure = draw("a = log(x)*y; b = a + y; b*b", {"x": 0, "y": 2}, closed=True)
    assert len(figure.graph) == 5
    assert ALARM in figure.svg


@EACH
def test_it_is_told_step_by_step(text: str, values: dict[str, Any], told: str) -> None:
    first, *_, last = draw(text, values).steps().pictures
    assert not any(node.alarm for node in first.nodes)
    assert any(node.alarm for node in last.nodes)
    for language in ("en", "ko"):
        notes = explain(text, values, language=language).notes
        assert len(notes) == 1
        assert is_told(notes, told), notes


@EACH
def test_it_is_in_every_row(text: str, values: dict[str, Any], told: str) -> None:
    """With a row that is fine beside it, where the gate's own numbers are."""
    rows = {name: numpy.array([value, value], dtype=float) for name, value in values.items()}
    assert [ALARM in svg for svg in draw_many(text, rows)] == [True, True], told
    table = evaluate_many(parse(text), rows)
    one = evaluate(parse(text), values)
    assert list(table.not_finite) == ([0, 1] if _shows(one) else [])


def _shows(trace: Trace) -> bool:
    """Whether the output or the gradient of an input is not finite."""
    ends = [trace.output, *trace.node_grads[: len(trace.graph.inputs)]]
    return not all(numpy.isfinite(each).all() for each in ends)


OF_NUMBERS = [case for case in CASES if numbers_only(case[1])]


@pytest.mark.parametrize("wide", [False, True])
def test_it_is_told_where_numpy_computes_many_gates_at_once(wide: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in large circuits, in blocks of levels or of kinds; here of few gates."""
    monkeypatch.setattr(evaluator, "SMALLEST", 0)
    monkeypatch.setattr(large, "LEAST", 0 if wide else 1_000)
    for text, values, told in OF_NUMBERS:
        trace = evaluate(parse(text), values)
        assert large.plan(trace.graph).is_wide == wide
        assert is_told(trace.notes, told), trace.notes


@pytest.mark.parametrize("line", ["calm{0} = u*{0}", "calm{0} = calm{1} + u"], ids=["wide", "narrow"])
def test_it_is_told_and_marked_in_a_large_circuit(line: str) -> None:
    """Beside thousands of gates that are fine."""
    last = evaluator.SMALLEST
    lines = ["calm0 = u", *(line.format(k, k - 1) for k in range(1, last)), "it = exp(x)*y"]
    graph = parse("\n".join([*lines, f"it + {' + '.join(f'calm{k}' for k in range(last))}"]))
    trace = evaluate(graph, {"x": 1000, "y": 2, "u": 1e-3})
    assert is_told(trace.notes, "gate 'exp' gives inf"), trace.notes
    assert [graph.gates[node] for node in trace.origins] == [GATES["exp"]]


# the command ---------------------------------------------------------------------------------------------------------


def words(values: Mapping[str, Any]) -> list[str]:
    return [f"--{name}={str(value).replace(' ', '')}" for name, value in values.items()]


@EACH
def test_the_command_warns_in_one_line_and_refuses_under_strict(
    gradviz_command: Gradviz, text: str, values: dict[str, Any], told: str
) -> None:
    warned = gradviz_command(text, *words(values), "-f", "json")
    assert (warned.status, warned.err.count("\n")) == (0, 1)
    assert warned.err.startswith(f"gradviz: warning: {told}")
    refused = gradviz_command(text, *words(values), "--strict", "-f", "json")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith(f"gradviz: error: {told}")


def test_numpy_s_own_warnings_do_not_reach_the_terminal(tmp_path: Any) -> None:
    """In a process of its own, in which nobody has silenced them; a table of rows too."""
    done = process("sum(log(x)/y) + 1e200*(1e200*u)", "--x=[0,-1]", "--y=[0,0]", "--u=1", "-o", "f.svg", cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 0
    assert [line[:17] for line in lines if "warning" in line.lower()] == ["gradviz: warning:"]
    (tmp_path / "rows.csv").write_text("x\n1\n0\n")
    done = process("table", "rows.csv", "1e200*(1e200*(1e-300*c/x)) + log(x)", "--c=1", cwd=tmp_path)
    assert done.returncode == 0
    assert [line[:17] for line in done.stderr.decode().splitlines()] == ["gradviz: warning:"]


def test_what_rows_share_overflows_in_silence() -> None:
    """It is computed once, while the circuit is recorded."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = evaluate_many(parse("1e200*(1e200*(1e-300*x))"), {"x": [1.0, 2.0]})
    assert table.grads["x"].tolist() == [INF, INF]


def test_a_line_that_tells_nothing_is_found() -> None:
    assert is_told(("gate 'log' gives -inf at 0 (and 2 more)",), "gate 'log' gives -inf")
    assert is_told(("gate '@' gives inf at an array of shape (2,), an array of shape (2,)",), "gate '@' gives inf")
    assert not is_told((), "gate 'log' gives -inf")
    assert not is_told(("gate 'log' gives -inf at 0",), "gate 'exp' gives inf")
    assert not is_told(("gate 'log' gives -inf at 0", "another"), "gate 'log' gives -inf")
