"""THE TABLE OF UPDATES: from a gradient to the step that parameters take.

All parameters are one vector. A row's formula is the one that PyTorch documents for `torch.optim`, so that both give
the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy

from gradviz.descent.rows import chosen

Vector = Any  # an array of float64
Step = Callable[
    [Vector, float, int], Vector
]  # gradient, learning rate, number of the step from 1 -> what is subtracted


class Update(NamedTuple):
    """A row: `rule(count, *settings)` begins at rest, for so many parameters."""

    name: str
    does: str
    source: str
    rule: Callable[..., Step]
    settings: tuple[tuple[str, float], ...] = ()  # names and defaults, in the order in which they are written


def _plain(_: int) -> Step:
    return lambda g, lr, _: lr * g


def _momentum(count: int, momentum: float) -> Step:
    velocity = numpy.zeros(count)

    def step(g: Vector, lr: float, _: int) -> Vector:
        numpy.multiply(velocity, momentum, out=velocity)
        numpy.add(velocity, g, out=velocity)
        return lr * velocity

    return step


def _nesterov(count: int, momentum: float) -> Step:
    velocity = numpy.zeros(count)

    def step(g: Vector, lr: float, _: int) -> Vector:
        velocity[:] = momentum * velocity + g
        return lr * (g + momentum * velocity)

    return step


def _adagrad(count: int, epsilon: float) -> Step:
    squares = numpy.zeros(count)

    def step(g: Vector, lr: float, _: int) -> Vector:
        squares[:] += g * g
        return lr * g / (numpy.sqrt(squares) + epsilon)

    return step


def _rmsprop(count: int, alpha: float, epsilon: float) -> Step:
    squares = numpy.zeros(count)

    def step(g: Vector, lr: float, _: int) -> Vector:
        squares[:] = alpha * squares + (1 - alpha) * g * g
        return lr * g / (numpy.sqrt(squares) + epsilon)

    return step


def _adam(count: int, beta1: float, beta2: float, epsilon: float) -> Step:
    mean, squares = numpy.zeros(count), numpy.zeros(count)

    def step(g: Vector, lr: float, number: int) -> Vector:
        mean[:] = beta1 * mean + (1 - beta1) * g
        squares[:] = beta2 * squares + (1 - beta2) * g * g
        return lr / (1 - beta1**number) * mean / (numpy.sqrt(squares / (1 - beta2**number)) + epsilon)

    return step


_ROWS: Final = (
    Update("gd", "θ − η·g", "Cauchy (1847); torch.optim.SGD", _plain),
    Update("momentum", "v ← μ·v + g; θ − η·v", "Polyak (1964); torch.optim.SGD(momentum=μ)", _momentum,
           (("momentum", 0.9),)),
    Update("nesterov", "v ← μ·v + g; θ − η·(g + μ·v)", "Nesterov (1983); torch.optim.SGD(nesterov=True)", _nesterov,
           (("momentum", 0.9),)),
    Update("adagrad", "s ← s + g²; θ − η·g/(√s + ε)", "Duchi, Hazan, Singer (2011); torch.optim.Adagrad", _adagrad,
           (("epsilon", 1e-10),)),
    Update("rmsprop", "s ← α·s + (1 − α)·g²; θ − η·g/(√s + ε)", "Hinton, lecture 6e (2012); torch.optim.RMSprop",
           _rmsprop, (("alpha", 0.99), ("epsilon", 1e-8))),
    Update("adam", "m ← β₁·m + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; θ − η·m̂/(√ŝ + ε)",
           "Kingma, Ba (2015); torch.optim.Adam", _adam, (("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8))),
)  # fmt: skip
UPDATES: Final = {row.name: row for row in _ROWS}


def update(text: str, count: int) -> Step:
    """The rule of a text such as "adam" or "momentum=0.8", at rest, for so many parameters; raises `OptionError`."""
    row, settings = chosen("update", text, UPDATES)
    return row.rule(count, *settings)
