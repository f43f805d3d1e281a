"""Forward, backward, update, again and again -> Run: where the parameters were, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isfinite, sqrt
from typing import Any, Final, NamedTuple

import numpy

from gradviz.descent.objectives import Found, Parameters, Vector
from gradviz.descent.schedules import Rate
from gradviz.descent.updates import Step

GROWING: Final = 10  # successive iterations of a growing loss after which a descent is given up
AGAIN: Final = 1.0  # and by how much of itself it has grown since the start
DONE, REACHED, DIVERGED, INTERRUPTED = "done", "tolerance", "diverged", "interrupted"  # how a run ends

Tell = Callable[[int, float, float], object]  # iteration, loss, norm of the gradient


class Plan(NamedTuple):
    """How a descent goes."""

    step: Step
    rate: Rate  # the learning rate of each iteration
    iterations: int
    tolerance: float = 0.0  # of the norm of the gradient


class Run(NamedTuple):
    """A descent: entry k is before the update of iteration k, the last one after the last update."""

    losses: Vector
    norms: Vector  # of the gradient
    vectors: Any  # a row of parameters for each
    start: Parameters
    ended: str  # DONE, REACHED, DIVERGED or INTERRUPTED
    lr: float = 0.0

    @property
    def last(self) -> int:
        """The number of updates."""
        return len(self.losses) - 1

    def at(self, iteration: int) -> dict[str, Any]:
        """The parameters by name after so many updates."""
        return self.start.named(self.vectors[iteration])

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that were reached: the last ones with a finite loss."""
        finite = numpy.flatnonzero(numpy.isfinite(self.losses))
        return self.at(int(finite[-1]) if len(finite) else 0)


def descend(
    at: Callable[[Vector, Any], Found], batches: Iterator[Any], start: Parameters, plan: Plan, tell: Tell | None = None
) -> Run:
    """Walk down from `start`: `at(vector, batch)` is the loss and its gradient.

    It ends before its time when the norm of the gradient is at most the tolerance, when the loss is not finite or has
    grown for `GROWING` iterations and beyond twice what it was, or with an interrupt, which keeps what was reached.
    """
    with numpy.errstate(all="ignore"):
        return _walk(at, batches, start, plan, tell)


def _walk(
    at: Callable[[Vector, Any], Found], batches: Iterator[Any], start: Parameters, plan: Plan, tell: Tell | None
) -> Run:
    losses, norms = numpy.empty(plan.iterations + 1), numpy.empty(plan.iterations + 1)
    vectors = numpy.empty((plan.iterations + 1, len(start.vector)))
    vector, growing, before, ended, last = start.vector.copy(), 0, float("inf"), DONE, -1
    try:
        for k in range(plan.iterations + 1):
            loss, grad = at(vector, next(batches))
            norm = sqrt(grad @ grad)
            losses[k], norms[k], vectors[k], last = loss, norm, vector, k
            growing = growing + 1 if loss > before else 0
            before = loss
            if tell:
                tell(k, loss, norm)
            if not isfinite(loss) or (growing >= GROWING and loss > losses[0] + AGAIN * abs(losses[0])):
                ended = DIVERGED
                break
            if norm <= plan.tolerance:
                ended = REACHED
                break
            if k < plan.iterations:
                vector = vector - plan.step(grad, plan.rate(k), k + 1)
    except KeyboardInterrupt:
        ended = INTERRUPTED
    count = max(last + 1, 0)
    return Run(losses[:count], norms[:count], vectors[:count], start, ended)


def told(run: Run, lr: float) -> str:
    """A sentence on how a run ended; "" when it took all of its iterations."""
    if run.ended == REACHED:
        return f"stopped after {_updates(run)}: the gradient is nearly zero, its norm {run.norms[-1]:.3g}"
    if run.ended == INTERRUPTED:
        return f"interrupted after {_updates(run)}; what was reached is kept"
    if run.ended == DIVERGED and not run.last:
        return f"the loss is {run.losses[0]:g} at the start, so there is no way down"
    if run.ended == DIVERGED:
        what = f"grew from {run.losses[0]:.4g} to {run.losses[-1]:.4g}"
        what = what if isfinite(run.losses[-1]) else f"is {run.losses[-1]:g}"
        return (
            f"diverged: the loss {what} after {_updates(run)}; the learning rate {lr:g} is too large, try {lr / 10:g}"
        )
    return ""


def _updates(run: Run) -> str:
    return "1 update" if run.last == 1 else f"{run.last} updates"


def numbers(start: Parameters, vector: Vector) -> Mapping[str, float]:
    """Each number of the parameters by the name of its entry: w, W[0,1]."""
    return dict(zip(start.entries, vector.tolist(), strict=True))
