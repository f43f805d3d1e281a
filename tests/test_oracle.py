"""The worked examples of lectures, books and papers, and the conventions at kinks, against what gradviz computes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import gradviz
from tests.oracle.check import EXAMPLES, PUBLISHED, SCALAR, Numbers, disagreements, leaves, numbers

CONVENTIONS = {convention["id"]: convention for convention in PUBLISHED["conventions"]}


def computed(example: dict[str, Any], **options: Any) -> Numbers:
    """What gradviz says about an example's program at its inputs."""
    graph = gradviz.parse(example["program"], example["inputs"], **options)
    return numbers(gradviz.evaluate(graph, example["inputs"]))


@pytest.mark.parametrize("fold", [True, False], ids=["folded", "as written"])
@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_published_number_is_what_gradviz_computes(example: dict[str, Any], fold: bool) -> None:
    assert disagreements(example, computed(example, fold=fold)) == []


def moved(x: Any) -> Any:
    """A number that is off by a little; of an array the last one."""
    return [*x[:-1], moved(x[-1])] if isinstance(x, list) else x + 2e-9 * max(1.0, abs(x))


def test_the_published_set_is_whole() -> None:
    assert len(PUBLISHED["examples"]) == PUBLISHED["count"] == 28
    assert len(SCALAR) == 22


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("column", ["values", "grads"])
def test_the_checker_sees_every_number_that_is_off_or_missing(example: dict[str, Any], column: str) -> None:
    right = computed(example)
    for name in example[column] | example["published"][column]:
        key = name.replace(" ", "")
        off, missing = copy.deepcopy(right), copy.deepcopy(right)
        off[column][key] = moved(off[column][key])
        del missing[column][key]
        assert any(
            line.startswith((f"{column}.{name}:", f"{column}.{name}[")) for line in disagreements(example, missing)
        )
        if name in example[column]:
            last = list(leaves(f"{column}.{name}", right[column][key], 0))[-1][0]
            assert any(f"{last}:" in line for line in disagreements(example, off))


def test_the_checker_sees_a_printed_number_that_is_off_by_one_unit() -> None:
    example = copy.deepcopy(SCALAR["cs231n-sigmoid-circuit"])
    assert disagreements(example, computed(example)) == []
    example["published"]["grads"]["x0"] = "0.38"
    assert [line.split(":")[0] for line in disagreements(example, computed(example))] == ["grads.x0"]


def test_the_checker_sees_a_wrong_step_of_gradient_descent() -> None:
    example = copy.deepcopy(SCALAR["mazur"])
    assert disagreements(example, computed(example)) == []
    example["update"]["params"]["w5"] = "0.35891649"
    assert [line.split(":")[0] for line in disagreements(example, computed(example))] == ["update.w5"]


def test_the_checker_sees_another_shape() -> None:
    example = EXAMPLES["cs231n-vectorized"]
    got = computed(example)
    got["values"]["q"] = [got["values"]["q"]]
    assert {line.split(":")[0] for line in disagreements(example, got)} == {"values.q[0]", "values.q[1]"}


def test_the_checker_sees_nan() -> None:
    got = computed(SCALAR["cs231n-mul"])
    got["grads"]["x"] = float("nan")
    assert len(disagreements(SCALAR["cs231n-mul"], got)) == 2  # the exact and the printed number


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_the_gradient_at_a_kink_is_the_recommended_one(convention: dict[str, Any]) -> None:
    graph = gradviz.parse(convention["program"], convention["inputs"])
    grads = dict(gradviz.evaluate(graph, convention["inputs"]).grads)
    want = {name: float(number) for name, number in convention["recommended"].items()}
    assert grads == pytest.approx(want, rel=0, abs=0, nan_ok=True)
