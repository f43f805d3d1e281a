"""THE TABLE OF SCHEDULES: the learning rate of each step."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi
from typing import Final, NamedTuple

from gradviz.descent.rows import chosen

Rate = Callable[[int], float]  # number of the step from 0 -> the factor of the learning rate


class Schedule(NamedTuple):
    """A row; `factor(k, n, *settings)` is that of step k of n, counted from 0."""

    name: str
    does: str
    source: str
    factor: Callable[..., float]
    settings: tuple[tuple[str, float], ...] = ()  # names and defaults, in the order in which they are written


_ROWS: Final = (
    Schedule("constant", "1", "—", lambda k, n: 1.0),
    Schedule("step", "γ^⌊k/s⌋: times γ every s steps", "torch.optim.lr_scheduler.StepLR",
             lambda k, n, size, gamma: gamma ** (k // size), (("size", 30), ("gamma", 0.1))),
    Schedule("exponential", "γ^k", "torch.optim.lr_scheduler.ExponentialLR",
             lambda k, n, gamma: gamma**k, (("gamma", 0.99),)),
    Schedule("inverse", "1/(1 + d·k)", "Robbins, Monro (1951)",
             lambda k, n, decay: 1 / (1 + decay * k), (("decay", 0.01),)),
    Schedule("linear", "1 − k/n: to 0 at the end", "torch.optim.lr_scheduler.LinearLR", lambda k, n: 1 - k / n),
    Schedule("cosine", "(1 + cos(π·k/n))/2: to 0 at the end", "Loshchilov, Hutter (2017); CosineAnnealingLR",
             lambda k, n: (1 + cos(pi * k / n)) / 2),
)  # fmt: skip
SCHEDULES: Final = {row.name: row for row in _ROWS}


def schedule(text: str, steps: int) -> Rate:
    """The schedule of a text such as "cosine", "exponential=0.99" or "step=100,0.5", for a number of steps.

    Raises `OptionError`.
    """
    row, settings = chosen("schedule", text, SCHEDULES)
    return lambda k: row.factor(k, max(steps, 1), *settings)
