"""Numbers as on a slide: rounded for the eye, never for the computation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

LARGE: Final = 1e6  # from here on with an exponent
MOST_DIGITS: Final = 17  # more decimals say nothing of a float64


def short(x: float, digits: int = 2, significant: int | None = None) -> str:
    """A number as on a lecture slide; never '-0.00', and '0.00' only for zero.

    `digits` are decimals; from a million on there is an exponent, and `significant` digits (as many unless given).

    >>> short(-12), short(0.3679), short(-0.00004)
    ('-12.00', '0.37', '-4e-05')
    >>> short(0.004), short(1234567), short(5, 0), short(-0.0), short(float("-inf"))
    ('0.004', '1.2e+06', '5', '0.00', '-inf')
    """
    if not math.isfinite(x):
        return str(x)
    if abs(round(x, digits)) >= LARGE:
        return f"{x:.{max(digits if significant is None else significant, 1)}g}"
    text = f"{x:.{digits}f}"
    if float(text) == 0:
        return f"{x:.1g}" if x else text.removeprefix("-")
    return text


def digits_for(numbers: Iterable[Any], digits: int) -> int:
    """Decimals for a figure of numbers and arrays: none when every number of it is an integer.

    >>> digits_for([-2.0, 5.0, math.inf], 2), digits_for([0.5, 1.0], 2)
    (0, 2)
    """
    return 0 if all(map(_is_whole, numbers)) else digits


def _is_whole(x: Any) -> bool:
    if isinstance(x, float):
        return x.is_integer() or not math.isfinite(x)
    return bool(((x == x.round()) | ~(abs(x) < math.inf)).all())


def drawn(text: str) -> str:
    """A number's text in a drawing: with a minus instead of a hyphen, and ∞.

    >>> drawn("-0.53"), drawn("-inf")
    ('−0.53', '−∞')
    """
    return text.replace("-", "−").replace("inf", "∞")
