"""What if: new values beside the old, what the gradient predicted and what happened."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest

import gradviz
from gradviz.errors import GradvizError, OptionError, ValuesError
from gradviz.nudging import changes, nudged
from gradviz.runs import text

WX_B, WX_B_VALUES = "g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3}


def test_b_to_4_moves_f_by_1_as_in_the_lecture() -> None:
    picture = gradviz.draw(WX_B, WX_B_VALUES, nudge={"b": 1}).picture
    assert [text(node.above) for node in picture.nodes] == ["−2", "5", "3 → 4", "g −10", "f −7 → −6"]
    assert [text(node.below) for node in picture.nodes] == ["5", "−2", "1", "1", "1"]
    lines = picture.caption.split("\n")
    assert "b: 3 → 4, Δb = 1" in lines[0]
    assert lines[1].endswith("Δf ≈ ∂f/∂b · Δb = 1 · 1 = 1")
    assert lines[2].endswith("f: −7 → −6, Δf = 1")
    assert "exact" in lines[3]


def test_it_is_told_in_korean_with_the_same_numbers() -> None:
    caption = gradviz.draw(WX_B, WX_B_VALUES, nudge="b=+1", language="ko").picture.caption
    assert "Δf ≈ ∂f/∂b · Δb = 1 · 1 = 1" in caption
    assert "예측" in caption


@pytest.mark.parametrize(
    ("program", "values", "nudge", "predicted", "happened"),
    [
        ("x^2", {"x": 3}, "x=+1", "= 6", "Δf = 7"),
        ("x*y", {"x": 3, "y": 4}, "x=-1, y=+2", "= 2", "Δf = 0"),
        ("x*y", {"x": 3, "y": 4}, "x=1/2", "= 2.00", "Δf = 2.00"),
        ("sum(x*x)", {"x": [1, 2]}, "x=+1", "= 6", "Δf = 8"),
    ],
)
def test_the_gradient_predicts_to_first_order(
    program: str, values: dict[str, Any], nudge: str, predicted: str, happened: str
) -> None:
    lines = gradviz.draw(program, values, nudge=nudge).picture.caption.split("\n")
    assert lines[1].endswith(predicted)
    assert lines[2].endswith(happened)


def test_the_prediction_is_the_gradient_times_the_change() -> None:
    """The error shrinks with the square of the change."""
    graph = gradviz.parse("sin(x)*exp(y)")
    trace = gradviz.evaluate(graph, {"x": 0.3, "y": -0.2})
    errors = []
    for step in (1e-2, 1e-3):
        after = nudged(graph, trace, {"x": step, "y": -2 * step})
        errors.append(abs(after.output - trace.output - step * (trace.grads["x"] - 2 * trace.grads["y"])))
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.05)


def test_an_array_moves_by_a_number_or_by_an_array() -> None:
    graph = gradviz.parse("sum(W @ x)")
    trace = gradviz.evaluate(graph, {"W": [[1, 2], [3, 4]], "x": [1, -1]})
    assert nudged(graph, trace, {"x": 1}).values["x"].tolist() == [2, 0]
    assert nudged(graph, trace, {"x": numpy.array([0.5, 0])}).values["x"].tolist() == [1.5, -1]
    shown = gradviz.draw("sum(W @ x)", {"W": [[1, 2], [3, 4]], "x": [1, -1]}, nudge={"x": 1}).picture
    assert text(shown.nodes[1].above) == "[1, −1] → [2, 0]"


@pytest.mark.parametrize(
    ("texts", "found"),
    [("b=+1", {"b": 1.0}), ("b=-1/2,w=2", {"b": -0.5, "w": 2.0}), (["a=1", "b=pi"], {"a": 1.0, "b": math.pi})],
)
def test_changes_are_read(texts: Any, found: dict[str, float]) -> None:
    assert changes(texts) == found


@pytest.mark.parametrize("wrong", ["b", "b=", "b=x", "b=nan", "b=inf", "=1", "b=1,b=2", "b=[1,2]", "b=1;c=2", ""])
def test_what_is_no_change_is_told(wrong: str) -> None:
    with pytest.raises(OptionError, match="nudge") as error:
        nudged(gradviz.parse("w*b"), gradviz.evaluate(gradviz.parse("w*b"), {"w": 1, "b": 2}), changes(wrong))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("program", "values", "nudge", "kind", "problem"),
    [
        ("w*x", {"w": 1, "x": 2}, {"ww": 1}, OptionError, "no input 'ww'; did you mean 'w'"),
        ("q = w*x; q + 1", {"w": 1, "x": 2}, {"q": 1}, OptionError, "no input 'q'"),
        ("x*2", {"x": [1, 2]}, {"x": 1}, ValuesError, "the output is an array"),
        ("log(x)", {"x": 1}, {"x": -1}, ValuesError, "-inf"),
        ("sum(x)", {"x": [1, 2]}, {"x": [1, 2, 3]}, ValuesError, "shape"),
        ("w*x", {}, {"x": 1}, OptionError, "needs values"),
    ],
)
def test_a_nudge_that_cannot_be_is_told(
    program: str, values: dict[str, Any], nudge: dict[str, Any], kind: type[GradvizError], problem: str
) -> None:
    options: dict[str, Any] = {"jacobian": True} if problem == "the output is an array" else {"strict": True}
    with pytest.raises(kind, match=problem):
        gradviz.draw(program, values, nudge=nudge, **options)


@pytest.mark.parametrize("options", [{"seed": 2}, {"upstream": "L"}, {"hide": "b"}])
def test_a_nudge_tells_what_the_output_does_and_all_of_it(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="excludes"):
        gradviz.draw(WX_B, WX_B_VALUES, nudge="b=1", **options)


def test_the_description_tells_the_new_values() -> None:
    assert "value −7 → −6" in gradviz.draw(WX_B, WX_B_VALUES, nudge="b=1").picture.description
