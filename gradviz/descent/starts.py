"""THE TABLE OF STARTS: parameters at random, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any, Final, NamedTuple

import numpy

from gradviz.errors import row_named

Shape = tuple[int, ...]


class Start(NamedTuple):
    """A row; `draw(random, shape, into, outof)` for a parameter between so many inputs and outputs."""

    name: str
    does: str
    source: str
    draw: Callable[[Any, Shape, int, int], Any]


_ROWS: Final = (
    Start("normal", "N(0, 1)", "tf.random_normal, torch.randn", lambda r, s, i, o: r.standard_normal(s)),
    Start("uniform", "U(−1, 1)", "—", lambda r, s, i, o: r.uniform(-1, 1, s)),
    Start("xavier", "N(0, 2/(in + out))", "Glorot, Bengio (2010); xavier_normal_",
          lambda r, s, i, o: r.standard_normal(s) * sqrt(2 / (i + o))),
    Start("he", "N(0, 2/in)", "He, Zhang, Ren, Sun (2015); kaiming_normal_",
          lambda r, s, i, o: r.standard_normal(s) * sqrt(2 / i)),
    Start("zeros", "0", "—", lambda r, s, i, o: numpy.zeros(s)),
)  # fmt: skip
STARTS: Final = {row.name: row for row in _ROWS}


def started(name: str, shapes: Mapping[str, Shape], seed: int) -> dict[str, Any]:
    """A number for each name, or an array of its shape, in their order.

    A matrix of shape (a, b) has a inputs and b outputs, as in `X @ W`; a vector or a number has as many of both as
    entries. Raises `OptionError` for an unknown row.
    """
    row, random = row_named("init", name, STARTS), numpy.random.default_rng(seed)
    return {each: _one(row, random, shape) for each, shape in shapes.items()}


def _one(row: Start, random: Any, shape: Shape) -> Any:
    into, outof = shape[-2:] if len(shape) > 1 else (max(1, *shape, 1),) * 2
    found = row.draw(random, shape, into, outof)
    return found if shape else float(found)
