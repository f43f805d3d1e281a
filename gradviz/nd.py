"""The namespace in which gates compute when some values are arrays: NumPy's functions, and those that it has not.

Importing this module imports NumPy (0.1 s), so the rest of the program imports it only when there are arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy
from numpy import (  # the names of which the gate table makes use
    absolute,
    asarray,
    broadcast_to,
    concatenate,
    cos,
    cosh,
    cumprod,
    divide,
    exp,
    expand_dims,
    expm1,
    frexp,
    inf,
    isfinite,
    ldexp,
    log,
    log1p,
    matmul,
    max,
    maximum,
    min,
    minimum,
    moveaxis,
    ones,
    power,
    prod,
    reshape,
    sign,
    sin,
    sqrt,
    stack,
    sum,
    swapaxes,
    tan,
    tanh,
    transpose,
    where,
    zeros,
)  # fmt: skip

__all__ = [
    "absolute", "asarray", "broadcast_to", "concatenate", "cos", "cosh", "cumprod", "divide", "each", "erfc", "exp",
    "expand_dims", "expm1", "frexp", "inf", "isfinite", "ldexp", "log", "log1p", "matmul", "max", "maximum", "min",
    "minimum", "moveaxis", "number", "ones", "placed", "power", "prod", "reshape", "scalar", "sign", "sin", "sqrt",
    "stack", "sum", "swapaxes", "tan", "tanh", "transpose", "where", "zeros",
]  # fmt: skip


def number(value: Any) -> Any:
    """A number or an array as an array of float64."""
    return numpy.asarray(value, dtype=float)


def scalar(x: Any) -> Any:
    """An array without axes as a float; one that writes down what is done to it as it is."""
    return x if hasattr(x, "tape") else float(x)


def _noted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function for arrays that write down what is done to them too, as NumPy's own are."""

    @wraps(function)
    def call(*operands: Any) -> Any:
        tape = next((each.tape for each in operands if hasattr(each, "tape")), None)
        return function(*operands) if tape is None else tape.call(call, operands, {})

    return call


@_noted
def each(function: Callable[..., float], *xs: Any) -> Any:
    """A function of numbers, applied to the entries of arrays that broadcast."""
    return numpy.vectorize(function, otypes=[float])(*xs)


def erfc(x: Any) -> Any:
    """The complementary error function, which NumPy has not."""
    return each(math.erfc, x)


@_noted
def placed(x: Any, at: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape, with an array at some entries."""
    found = numpy.zeros(shape)
    found[at] = x
    return found
