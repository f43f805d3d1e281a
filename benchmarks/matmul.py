"""One matmul of large arrays and its sum, forward and backward: gradviz against the same products in plain NumPy.

    python -m benchmarks.matmul [SIZE] [RUNS]

The runs are interleaved, so that both meet the same machine; the numbers are medians.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy

from gradviz import evaluate, parse

Arrays = dict[str, numpy.ndarray]


def by_numpy(values: Arrays) -> tuple[numpy.ndarray, ...]:
    """Three products: the output, and the gradient of each factor."""
    w, x = values["W"], values["x"]
    y = w @ x
    upstream = numpy.ones(y.shape)
    return y.sum(), upstream @ x.T, w.T @ upstream


def timed(run: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = perf_counter()
    run()
    return perf_counter() - start


def main(size: int = 1000, runs: int = 15) -> None:
    """Print both medians and their ratio."""
    random = numpy.random.default_rng(0)
    values = {"W": random.standard_normal((size, size)), "x": random.standard_normal((size, size))}
    graph = parse("sum(W @ x)")
    pairs = [(timed(lambda: evaluate(graph, values)), timed(lambda: by_numpy(values))) for _ in range(runs + 1)]
    ours, numpys = (median(column) for column in zip(*pairs[1:], strict=True))  # the first run imports
    ratio = median(a / b for a, b in pairs[1:])
    print(f"{size}x{size}: gradviz {ours * 1e3:.1f} ms, NumPy {numpys * 1e3:.1f} ms, ratio {ratio:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
