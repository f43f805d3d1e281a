"""The namespace in which gates compute when every value is a number: floats by IEEE-754, so that log(0) is -inf.

The names are NumPy's, so that one gate declaration serves floats and arrays. Nothing here raises for a float.
"""

from __future__ import annotations

import math
from collections.abc import Callable

INF, NAN = math.inf, math.nan
number = float


def _total(function: Callable[[float], float], overflow: float = NAN) -> Callable[[float], float]:
    """`function` of `math`, with `overflow` for a result that is too large and nan outside the domain."""

    def total(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return overflow
        except ValueError:
            return NAN

    return total


exp = _total(math.exp, INF)
expm1 = _total(math.expm1, INF)
cosh = _total(math.cosh, INF)
sin, cos, tan = _total(math.sin), _total(math.cos), _total(math.tan)
tanh = math.tanh
sqrt = _total(math.sqrt)
absolute = math.fabs
erfc = math.erfc


def log(x: float) -> float:
    """Natural logarithm: -inf at zero, nan below."""
    if x > 0:
        return math.log(x)
    return -INF if x == 0 else NAN


def log1p(x: float) -> float:
    """log(1 + x), exact for small x."""
    if x > -1:
        return math.log1p(x)
    return -INF if x == -1 else NAN


def divide(a: float, b: float) -> float:
    """`a / b`: signed infinity for a division by zero, nan for 0/0."""
    try:
        return a / b
    except ZeroDivisionError:
        return NAN if a == 0 or math.isnan(a) else math.copysign(INF, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """`a ** b` in the reals: nan for a negative base with a broken exponent, inf where it is too large."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -INF if a < 0 and b % 2 == 1 else INF
    except ValueError:
        if a == 0:  # a pole: odd negative exponents keep the sign of the zero
            return math.copysign(INF, a) if b % 2 == 1 else INF
        return NAN


def sign(x: float) -> float:
    """-1, 0 or 1; nan stays nan."""
    return x if math.isnan(x) else float(x > 0) - float(x < 0)


def where(condition: bool, a: float, b: float) -> float:
    """`a` where the condition holds, else b; both have been computed."""
    return a if condition else b


def maximum(a: float, b: float) -> float:
    """The larger one; nan when either is nan."""
    return a if a >= b or math.isnan(a) else b


def minimum(a: float, b: float) -> float:
    """The smaller one; nan when either is nan."""
    return a if a <= b or math.isnan(a) else b


def each(function: Callable[..., float], *xs: float) -> float:
    """A function of numbers, applied."""
    return function(*xs)
