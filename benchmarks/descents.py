"""Gradient descent: iterations of XOR's two-layer network, building included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import gradviz
from benchmarks.clock import Run, race
from benchmarks.findings import OURS, Part, Target, compared
from benchmarks.models import Xor
from benchmarks.peers import of

TARGETS: Final = {"micrograd": Target("≥", 20), "torch": Target("≥", 3)}


def measure(runs: int, iterations: int) -> Iterator[Part]:
    """The network as arrays, and as a program of one row with the rows as data, against each peer's own way."""
    task = Xor()
    for what, ours in {"XOR as arrays": as_arrays, "XOR row by row": as_rows}.items():
        contestants = {OURS: ours(task, iterations)}
        contestants |= {peer: of(peer, "descent", task, iterations) for peer in TARGETS}
        outcomes = race(contestants, runs)
        found = [compared(what, outcomes, peer, target, item="iteration") for peer, target in TARGETS.items()]
        yield Part(f"{what}, {iterations:,} iterations", outcomes, tuple(found))


def as_arrays(task: Xor, iterations: int) -> Run:
    """`descend` on a program whose values are the whole batch."""
    a, b, c, d, e, f, u, v, w = task.weights
    start = {"W1": [[a, b], [c, d]], "b1": [e, f], "W2": [[u], [v]], "b2": [w]}
    values = {"X": task.x, "Y": [[y] for y in task.y], **start}

    def call() -> Any:
        return gradviz.descend(task.arrays, values, wrt=list(start), lr=task.lr, iterations=iterations)

    return Run(call, iterations, reached)


def as_rows(task: Xor, iterations: int) -> Run:
    """`descend` on a program of one row."""
    start = dict(zip("abcdefuvw", task.weights, strict=True))
    data = {"x1": [x[0] for x in task.x], "x2": [x[1] for x in task.x], "y": task.y}

    def call() -> Any:
        return gradviz.descend(task.rows, start, wrt=list(start), data=data, lr=task.lr, iterations=iterations)

    return Run(call, iterations, reached)


def reached(learned: Any) -> list[float]:
    """The loss at the end, and the weights."""
    return [float(learned.run.losses[-1]), *learned.run.vectors[-1].tolist()]
