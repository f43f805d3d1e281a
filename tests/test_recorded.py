"""Recorded passes: what is played gives what the evaluator gives, with other numbers too."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given

import gradviz
from gradviz.descent.objectives import Batch, Parameters, Whole, objective
from gradviz.evaluator import evaluate
from gradviz.recorded import ChangedError, NotRecordedError, Recorded, Recorder
from tests.array_programs import Program, array_programs, made

NET = "h = sigmoid(X @ W + b); p = sigmoid(h @ v); -mean(Y*log(p) + (1 - Y)*log(1 - p))"
DATA: dict[str, Any] = {"X": [[0, 0], [0, 1], [1, 0]], "Y": [0, 1, 1]}


def start(seed: int) -> dict[str, Any]:
    random = numpy.random.default_rng(seed)
    return {"W": random.normal(size=(2, 4)), "b": random.normal(size=4), "v": random.normal(size=4)}


def recorded(program: str, values: dict[str, Any], moving: dict[str, Any]) -> Recorded:
    graph = gradviz.parse(program, {**values, **moving})
    nodes = dict(zip(graph.input_names, graph.inputs, strict=True))
    return Recorded(graph, values, moving, [nodes[name] for name in moving])


def test_a_play_gives_the_evaluator_s_numbers_to_the_last_bit() -> None:
    moving = start(0)
    tape = recorded(NET, DATA, moving)
    for seed in range(5):
        for name, array in start(seed).items():
            moving[name][...] = array
        tape.play()
        output, *grads = tape.results
        trace = evaluate(gradviz.parse(NET, {**DATA, **moving}), {**DATA, **moving})
        assert output == trace.output
        for name, grad in zip(moving, grads, strict=True):
            numpy.testing.assert_array_equal(grad, trace.grads[name])


@given(array_programs)
def test_random_programs_go_down_as_the_evaluator_says(program: Program) -> None:
    graph = gradviz.parse(program.text, program.values)
    values = {name: program.values[name] for name in graph.input_names}
    begin = Parameters(values)
    if not values:
        return
    whole = Whole(graph, {}, begin)
    for factor in (1.0, 0.7, -1.1, 1.0):
        with numpy.errstate(all="ignore"):
            loss, grad = whole.at(begin.vector * factor)
        trace = evaluate(graph, begin.named(begin.vector * factor))
        expected = numpy.concatenate([numpy.ravel(trace.node_grads[node]) for node in graph.inputs])
        numpy.testing.assert_allclose(loss, trace.output, rtol=1e-13, equal_nan=True)
        numpy.testing.assert_allclose(grad, expected, rtol=1e-12, atol=1e-12, equal_nan=True)


def test_random_programs_can_be_recorded() -> None:
    for seed in range(40):
        program = made(6, 3, seed)
        graph = gradviz.parse(program.text, program.values)
        whole = Whole(graph, {}, Parameters({name: program.values[name] for name in graph.input_names}))
        assert whole.plain or whole.recorded, program.text


def test_what_a_number_decides_is_decided_again() -> None:
    moving = {"x": numpy.array([1e300, 1e300])}
    tape = recorded("mean(x*y)", {"y": 1.0}, moving)
    tape.play()
    assert tape.results[0] == 1e300
    moving["x"][:] = 1.5e308  # the sum overflows, and a mean is computed in another way
    with pytest.raises(ChangedError), numpy.errstate(all="ignore"):
        tape.play()
    begin = Parameters({"x": [1e300, 1e300]})
    whole = Whole(gradviz.parse("mean(x*y)", ["x", "y"]), {"y": 1.0}, begin)
    with numpy.errstate(all="ignore"):
        loss, grad = whole.at(numpy.array([1.5e308, 1.5e308]))
    assert (loss, grad.tolist()) == (1.5e308, [0.5, 0.5])


@pytest.mark.parametrize("program", ["sum(x[0]*x)", "sum(gelu(x)*x[::-1])", "prod(x) + max(x)", "sum(softmax(x)*x)"])
def test_many_gates_can_be_written_down(program: str) -> None:
    values = {"x": [0.5, -1.0, 2.0]}
    whole = Whole(gradviz.parse(program, values), {}, Parameters(values))
    assert whole.recorded
    whole.at(numpy.array([0.0, 0.0, 0.0]))
    loss, grad = whole.at(numpy.array(values["x"]))
    trace = evaluate(gradviz.parse(program, values), values)
    assert (loss, grad.tolist()) == (trace.output, trace.grads["x"].tolist())


def test_what_cannot_be_written_down_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise NotRecordedError

    monkeypatch.setattr("gradviz.descent.objectives.Recorded", refuses)
    whole = Whole(gradviz.parse("sum(x*x)", ["x"]), {}, Parameters({"x": [1.0, 2.0]}))
    assert whole.recorded is None
    loss, grad = whole.at(numpy.array([0.5, 3.0]))
    assert (loss, grad.tolist()) == (9.25, [1.0, 6.0])


@pytest.mark.parametrize("reads", [numpy.asarray, float, list, len, numpy.add.reduce, numpy.linalg.svd])
def test_numbers_are_not_read_unnoticed(reads: Any) -> None:
    with pytest.raises(NotRecordedError):
        reads(Recorder().input(numpy.ones((2, 2))))


def test_only_what_reaches_a_result_is_done() -> None:
    """The gradient of the data is not asked for, and what data alone decide is there already."""
    moving = start(0)
    with_all = recorded(NET, {}, {**moving, **{name: numpy.array(value, float) for name, value in DATA.items()}})
    without = recorded(NET, DATA, moving)
    assert len(without.steps) < len(with_all.steps)
    assert not any(step.function is numpy.negative and step.arguments[0] is DATA["Y"] for step in without.steps)


def test_nothing_is_computed_twice() -> None:
    moving = {"x": numpy.array([0.5, 2.0])}
    functions = [step.function for step in recorded("sum(exp(x)*exp(x))", {}, moving).steps]
    assert functions.count(numpy.exp) == 1


def test_rows_with_arrays_are_played_one_by_one() -> None:
    columns = {"x": numpy.arange(12.0).reshape(4, 3) / 7, "y": numpy.array([0.0, 1.0, 1.0, 0.0])}
    values = {"w": numpy.array([0.3, -0.2, 0.1])}
    graph = gradviz.parse("(sigmoid(w @ x) - y)**2", [*columns, *values])
    found = objective(graph, values, columns, Parameters(values), Batch(2))
    batches = found.batches()
    for rows in ((0, 1), (2, 3), (0, 1)):
        loss, grad = found.at(values["w"], next(batches))
        traces = [evaluate(graph, {**values, "x": columns["x"][k], "y": columns["y"][k]}) for k in rows]
        assert loss == pytest.approx(sum(float(trace.output) for trace in traces) / 2, rel=1e-15)
        numpy.testing.assert_allclose(grad, sum(trace.grads["w"] for trace in traces) / 2, rtol=1e-14)


@pytest.mark.parametrize(("program", "values", "problem"), [
    ("W @ x", {"W": [[1, 2]], "x": [1, 2]}, "the output is an array of shape (1,)"),
    ("sum(W @ x)", {"W": [[1, 2]], "x": [1, 2, 3]}, "'@'"),
])  # fmt: skip
def test_shapes_are_checked_before(program: str, values: dict[str, Any], problem: str) -> None:
    with pytest.raises(gradviz.GradvizError) as error:
        gradviz.descend(program, values, wrt="W")
    assert problem in str(error.value)
