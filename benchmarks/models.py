"""Models for many rows, each as a program of gradviz and as a function of a peer's namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy

HIDDEN: Final = 8


class Model(NamedTuple):
    """The same expression twice; the function takes the namespace, then the inputs: `columns`, then `numbers`."""

    program: str
    function: Callable[..., Any]
    columns: tuple[str, ...]  # inputs that differ from row to row
    numbers: tuple[str, ...] = ()  # inputs that all rows share


def _line(_xp: Any, w: Any, x: Any, b: Any) -> Any:
    return w * x + b


def _neuron(xp: Any, *inputs: Any) -> Any:
    w0, x0, w1, x1, w2 = inputs
    return 1 / (1 + xp.exp(-(w0 * x0 + w1 * x1 + w2)))


def _net(xp: Any, x: Any, y: Any, *weights: Any) -> Any:
    total = weights[0]
    for i in range(HIDDEN):
        w, v, b, u = weights[1 + 4 * i : 5 + 4 * i]
        total = total + u * xp.tanh(w * x + v * y + b)
    return total


_UNITS = "".join(f" + u{i}*tanh(w{i}*x + v{i}*y + b{i})" for i in range(HIDDEN))
_WEIGHTS = tuple(f"{name}{i}" for i in range(HIDDEN) for name in "wvbu")

MODELS: Final[Mapping[str, Model]] = {
    "w*x + b": Model("w*x + b", _line, ("w", "x", "b")),
    "neuron": Model("1/(1 + exp(-(w0*x0 + w1*x1 + w2)))", _neuron, ("w0", "x0", "w1", "x1", "w2")),
    "net of 56 gates": Model(f"c{_UNITS}", _net, ("x", "y"), ("c", *_WEIGHTS)),
}


class Xor(NamedTuple):
    """The two-layer network of Sung Kim's lecture 9, and where its descent starts: W1 by rows, b1, W2, b2."""

    x: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
    y: tuple[float, ...] = (0.0, 1.0, 1.0, 0.0)
    weights: tuple[float, ...] = (0.6, -0.9, 0.8, -0.4, 0.1, 0.2, 1.1, -0.7, 0.3)
    lr: float = 0.1
    arrays: str = "h = sigmoid(X @ W1 + b1); p = sigmoid(h @ W2 + b2); cost = -mean(Y*log(p) + (1 - Y)*log(1 - p))"
    rows: str = (
        "h1 = sigmoid(a*x1 + c*x2 + e); h2 = sigmoid(b*x1 + d*x2 + f); p = sigmoid(u*h1 + v*h2 + w); "
        "cost = -(y*log(p) + (1 - y)*log(1 - p))"
    )  # of one row, whose mean is the cost


def values(model: Model, rows: int) -> dict[str, Any]:
    """Columns of `rows` random numbers, and the numbers that all rows share."""
    random = numpy.random.default_rng(5)
    columns = {name: random.uniform(-2, 2, rows) for name in model.columns}
    return columns | {name: float(random.uniform(-2, 2)) for name in model.numbers}
