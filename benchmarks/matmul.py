"""One matmul of large arrays and its sum, forward and backward, against the same products in plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

from benchmarks.clock import Run, race
from benchmarks.findings import OURS, Part, compared
from gradviz import evaluate, parse


def by_numpy(values: dict[str, Any]) -> tuple[Any, ...]:
    """Three products: the output, and the gradient of each factor."""
    w, x = values["W"], values["x"]
    y = w @ x
    upstream = numpy.ones(y.shape)
    return y.sum(), upstream @ x.T, w.T @ upstream


def measure(runs: int, size: int) -> Iterator[Part]:
    """Both, of square arrays."""
    random, graph = numpy.random.default_rng(0), parse("sum(W @ x)")
    values = {name: random.standard_normal((size, size)) for name in "Wx"}
    contestants = {
        OURS: Run(lambda: evaluate(graph, values), 1, lambda trace: [trace.output, trace.grads["W"].sum()]),
        "numpy": Run(lambda: by_numpy(values), 1, lambda found: [found[0], found[1].sum()]),
    }
    outcomes = race(contestants, runs)
    yield Part(f"{size}x{size}", outcomes, (compared(f"sum(W @ x), {size}x{size}", outcomes, "numpy", None),))
