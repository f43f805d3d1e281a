"""The slope of a function by differences, at a step of the right scale; and kinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, isnan
from typing import Final, NamedTuple

from gradviz import ieee

EPSILON: Final = 2.220446049250313e-16  # of float64
STEP: Final = EPSILON ** (1 / 3)  # of the scale: where the errors of rounding and of the formula are about equal
SETTLED: Final = 1e-6  # relative error of differences from which on another scale is tried
SMALLEST: Final = 1e-290  # scale that is tried: differences of what is smaller are lost
INF: Final = float("inf")
KINK: Final = 1e-6  # relative difference of the slopes on both sides that is seen
STAYS: Final = 0.75  # part of it that is still there at half the step: all at a kink, half where it only bends


class Slopes(NamedTuple):
    """Differences of a function around a number."""

    central: float
    noise: float  # what rounding may make of it
    kink: tuple[float, float] | None  # the slopes on the left and on the right, where they differ
    error: float  # as far as can be seen


def slopes(at: Callable[[float], float], x: float, step: float | None = None, scales: Sequence[float] = ()) -> Slopes:
    """The slope of `at` around x by differences; the best `step` is looked for unless given.

    Numerical Recipes takes the cube root of epsilon times the scale on which the function changes, which is that of x,
    or 1: where the first does not settle, the other is tried too.

    >>> round(slopes(lambda x: x * x, 3.0).central, 6), slopes(abs, 0.0).kink
    (6.0, (-1.0, 1.0))
    """
    here = at(x)
    if step is not None:
        return _slopes(at, x, here, step * max(1.0, abs(x)))
    found: list[Slopes] = []
    wanted = {1.0, *(scale for scale in scales or [abs(x)] if SMALLEST < scale < INF)}
    for scale in sorted(wanted, reverse=True):
        found.append(_slopes(at, x, here, STEP * scale))
        if found[-1].error <= SETTLED * abs(found[-1].central):
            break
    return min(found, key=lambda each: each.error)


def _slopes(at: Callable[[float], float], x: float, here: float, step: float) -> Slopes:
    (high, low), (nearer_high, nearer_low) = ((x + each, x - each) for each in (step, step / 2))
    above, below, nearer_above, nearer_below = map(at, (high, low, nearer_high, nearer_low))
    central = ieee.divide(above - below, high - low)
    nearer = ieee.divide(nearer_above - nearer_below, nearer_high - nearer_low)
    noise = 4 * EPSILON * max(abs(above), abs(below), abs(here)) / step
    error = abs(central - nearer) + noise
    left, right = ieee.divide(here - below, x - low), ieee.divide(above - here, high - x)
    bend = abs(right - left)
    nearer_bend = abs(
        ieee.divide(nearer_above - here, nearer_high - x) - ieee.divide(here - nearer_below, x - nearer_low)
    )
    # what bends comes together with the step, the slopes at a kink do not
    is_kink = bend > max(KINK * max(abs(left), abs(right)), 10 * noise) and nearer_bend > STAYS * bend
    return Slopes(central, noise, (left, right) if is_kink else None, INF if isnan(error) else error)


def relative(a: float, b: float, least: float) -> float:
    """|a - b| over the larger of them, or `least`; 0 for what is equal, infinite for one nan.

    >>> relative(1.0, 2.0, 0.0), relative(0.0, 1e-12, 1e-6), relative(float("inf"), float("inf"), 0.0)
    (0.5, 1e-06, 0.0)
    """
    if a == b or (isnan(a) and isnan(b)):
        return 0.0
    if not (isfinite(a) and isfinite(b)):
        return INF
    return abs(a - b) / max(abs(a), abs(b), least)
