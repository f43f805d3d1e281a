"""Circuits with numbers that are told step by step: the samples, the figures of the tests, and odd ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import gradviz
from gradviz.choices import keywords
from gradviz.evaluator import Trace
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from tests.figures import ARRAY_FIGURES, FIGURES, ArrayFigure

SAMPLES = {sample.name: sample for sample in read_samples(shipped()) if isinstance(sample, Sample)}
ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "input alone": ("x", {"x": 3}),
    "constant alone": ("2", {}),
    "constants": ("2*3", {}),
    "named constant": ("h = 0.01; x*h", {"x": 2}),
    "thrice": ("a = x*x; a*x + x", {"x": 3}),
    "kinks": ("max(x, y) + relu(z) + sqrt(u)", {"x": 1, "y": 1, "z": 0, "u": 0}),
    "without a name": ("where(x > 0, x*x, -x)", {"x": 2}),
    "assigned again": ("x = x + x; x = x * x; x", {"x": 2}),
}


def _of_sample(sample: Sample) -> Trace:
    trace = gradviz.draw(sample.expr, sample.values, **keywords(sample.options)).trace
    assert trace is not None
    return trace


def _of_program(program: str, values: dict[str, Any], **evaluated: Any) -> Trace:
    return gradviz.evaluate(gradviz.parse(program, values), values, **evaluated)


def _of_arrays(figure: ArrayFigure) -> Trace:
    return _of_program(figure.program, figure.values, **figure.evaluated)


_MAKERS: dict[str, Callable[[], Trace]] = {
    **{f"sample-{name}": partial(_of_sample, sample) for name, sample in SAMPLES.items()},
    **{f"figure-{name}": partial(_of_program, *figure) for name, figure in FIGURES.items()},
    **{f"array-{name}": partial(_of_arrays, figure) for name, figure in ARRAY_FIGURES.items()},
    **{f"odd-{name}": partial(_of_program, *odd) for name, odd in ODD.items()},
    "seeded": partial(_of_program, "a = x*y; a*a", {"x": 2, "y": -3}, seed=0.5),
    "seeded array": partial(_of_program, "relu(W @ x)", {"W": [[1, -2], [3, 4]], "x": [1, 1]}, seed=[1, -1]),
}
NAMES = tuple(_MAKERS)


@cache
def lecture(name: str) -> Trace:
    """One of `NAMES` with its numbers."""
    return _MAKERS[name]()
