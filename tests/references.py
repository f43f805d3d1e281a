"""What every gate of the table is in exact mathematics: written anew in mpmath, of numbers and of arrays of them.

Nothing here is taken from the gate table: neither a formula nor a function. A number is an `mpf` of as many digits as
the caller works with; an array is NumPy's, of such objects. Gates on arrays take SymPy's symbols as well.
"""

# ruff: noqa: ARG005  a slope takes what the gate takes

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy
import sympy
from mpmath import erfc, exp, expm1, log, log1p, mpf, sech, sqrt

Number = Any  # mpf
Array = Any  # of objects

HALF = mpf(1) / 2
BEYOND = 1e6  # e**-x**2 is nothing there


class Reference(NamedTuple):
    """An element-wise gate: its value, and its partials in a form that cancels no digits."""

    value: Callable[..., Number]
    slopes: tuple[Callable[..., Number], ...]


def sigmoid(x: Number) -> Number:
    return 1 / (1 + exp(-x))


def density(x: Number) -> Number:
    return exp(-x * x / 2) / sqrt(2 * mpmath.pi) if abs(x) < BEYOND else mpf(0)


def below(x: Number) -> Number:
    """The normal distribution's probability below x."""
    return erfc(-x / sqrt(mpf(2))) / 2 if abs(x) < BEYOND else mpf(x > 0)


def power(a: Number, b: Number) -> Number:
    """In the reals: nothing for a negative base with a broken exponent."""
    if b == 0:
        return mpf(1)
    if a > 0:
        return exp(b * log(a))
    if b != int(b):
        return mpmath.nan if a < 0 else mpf(0) if b > 0 else mpmath.inf
    if a == 0:
        return mpf(0) if b > 0 else mpmath.inf
    return exp(b * log(-a)) * (-1) ** (int(b) % 2)


def tested(holds: Callable[[Number, Number], bool]) -> Reference:
    """A comparison."""
    return Reference(lambda a, b: mpf(holds(a, b)), (lambda a, b: mpf(0), lambda a, b: mpf(0)))


def chosen(holds: bool, a: Number = 1, b: Number = 0) -> Number:
    return mpf(a if holds else b)


def side(a: Number, b: Number) -> Number:
    return HALF if a == b else mpf(a > b)


REFERENCES: dict[str, Reference] = {
    "add": Reference(lambda a, b: a + b, (lambda a, b: mpf(1), lambda a, b: mpf(1))),
    "sub": Reference(lambda a, b: a - b, (lambda a, b: mpf(1), lambda a, b: mpf(-1))),
    "mul": Reference(lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    "div": Reference(lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b**2)),
    "neg": Reference(lambda x: -x, (lambda x: mpf(-1),)),
    "pow": Reference(power, (lambda a, b: b * power(a, b - 1) if b else mpf(0), lambda a, b: power(a, b) * log(a))),
    "exp": Reference(exp, (exp,)),
    "log": Reference(log, (lambda x: 1 / x,)),
    "sqrt": Reference(sqrt, (lambda x: HALF / sqrt(x),)),
    "square": Reference(lambda x: x * x, (lambda x: 2 * x,)),
    "reciprocal": Reference(lambda x: 1 / x, (lambda x: -1 / x**2,)),
    "abs": Reference(abs, (lambda x: mpf(mpmath.sign(x)),)),
    "sin": Reference(mpmath.sin, (mpmath.cos,)),
    "cos": Reference(mpmath.cos, (lambda x: -mpmath.sin(x),)),
    "tan": Reference(mpmath.tan, (lambda x: mpmath.sec(x) ** 2,)),
    "tanh": Reference(mpmath.tanh, (lambda x: sech(x) ** 2,)),
    "sigmoid": Reference(sigmoid, (lambda x: sigmoid(x) * sigmoid(-x),)),
    "relu": Reference(lambda x: chosen(x > 0, x), (lambda x: chosen(x > 0),)),
    "elu": Reference(lambda x: x if x > 0 else expm1(x), (lambda x: exp(min(x, mpf(0))),)),
    "softplus": Reference(lambda x: log1p(exp(-abs(x))) + max(x, mpf(0)), (sigmoid,)),
    "leaky_relu": Reference(
        lambda x, negative_slope=0.01: chosen(x > 0, x, mpf(negative_slope) * x),
        (lambda x, negative_slope=0.01: chosen(x > 0, 1, negative_slope),),
    ),
    "gelu": Reference(lambda x: x * below(x), (lambda x: below(x) + x * density(x),)),
    "swish": Reference(lambda x: x * sigmoid(x), (lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),)),
    "max": Reference(max, (side, lambda a, b: side(b, a))),
    "min": Reference(min, (lambda a, b: side(b, a), side)),
    "where": Reference(
        lambda c, a, b: a if c else b,
        (lambda c, a, b: mpf(0), lambda c, a, b: chosen(c != 0), lambda c, a, b: chosen(c == 0)),
    ),
    "clip": Reference(
        lambda x, low, high: min(max(x, low), high),
        (
            lambda x, low, high: chosen(low <= x <= high),
            lambda x, low, high: chosen(x < low <= high),
            lambda x, low, high: chosen(high < max(x, low)),
        ),
    ),
    "greater": tested(lambda a, b: a > b),
    "greater_equal": tested(lambda a, b: a >= b),
    "less": tested(lambda a, b: a < b),
    "less_equal": tested(lambda a, b: a <= b),
    "equal": tested(lambda a, b: a == b),
    "not_equal": tested(lambda a, b: a != b),
}

# gates on arrays -----------------------------------------------------------------------------------------------------


def number(value: Any) -> Array:
    """Floats as exact numbers, in an array of their shape."""
    return each(mpf, numpy.asarray(value, dtype=float))


def each(function: Callable[..., Number], *xs: Array, **settings: Any) -> Array:
    """A function of numbers, entry by entry."""
    return objects(numpy.frompyfunc(lambda *at: function(*at, **settings), len(xs), 1)(*xs))


def objects(value: Any) -> Array:
    """An array, also of one number: NumPy gives back the object itself."""
    if isinstance(value, numpy.ndarray):
        return value
    made = numpy.empty((), dtype=object)
    made[()] = value
    return made


def _sum(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    x = objects(x)
    return objects(numpy.sum(x, axis=axis if x.ndim else None, keepdims=keepdims, initial=mpf(0)))


def _apply(name: str, x: Array) -> Array:
    """A function of SymPy's for its symbols, mpmath's for numbers."""
    return each(lambda at: getattr(sympy if isinstance(at, sympy.Basic) else mpmath, name)(at), x)


def _count(x: Array, axis: Any, keepdims: bool) -> Any:
    """How many entries each sum has."""
    return _sum(number(numpy.ones(x.shape)), axis, keepdims)


def _mean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    x = objects(x)
    return each(lambda total, n: total / n if n else mpmath.nan, _sum(x, axis, keepdims), _count(x, axis, keepdims))


def _norm(x: Array, **reduction: Any) -> Array:
    return _apply("sqrt", _sum(x * x, **reduction))


def _logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return _apply("log", _sum(_apply("exp", x), axis, keepdims))


def _log_softmax(x: Array, axis: Any = -1) -> Array:
    return x - _logsumexp(x, axis, keepdims=True)


def _softmax(x: Array, axis: Any = -1) -> Array:
    return _apply("exp", x) / _sum(_apply("exp", x), axis, keepdims=True)


def _bce(p: Array, t: Array) -> Array:
    def weighted(weight: Number, function: Callable[[], Number]) -> Number:
        return weight * function() if weight else mpf(0)

    def loss(p: Number, t: Number) -> Number:
        if isinstance(p, sympy.Basic):
            return -t * sympy.log(p) - (1 - t) * sympy.log(1 - p)
        return -weighted(t, lambda: log(p)) - weighted(1 - t, lambda: log1p(-p))

    return _mean(each(loss, p, t))


def _cross_entropy(x: Array, t: Array) -> Array:
    return _mean(_sum(-t * _log_softmax(x), axis=-1))


def _extreme(of_numbers: Callable[..., Number], of_symbols: Any) -> Callable[..., Array]:
    def larger(a: Number, b: Number) -> Number:
        return (of_symbols if isinstance(a, sympy.Basic) else of_numbers)(a, b)

    def extreme(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        ufunc = numpy.frompyfunc(larger, 2, 1)
        for k in sorted(_axes(x, axis), reverse=True):
            x = objects(ufunc.reduce(x, axis=k, keepdims=keepdims))
        return x

    return extreme


def _axes(x: Array, axis: Any) -> list[int]:
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return [k % x.ndim for k in axes] if x.ndim else []


def _prod(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    return objects(numpy.prod(x, axis=axis if x.ndim else None, keepdims=keepdims, initial=mpf(1)))


def _repeated(x: Array, shape: Any = (-1, -1)) -> Array:
    """As PyTorch's expand: -1 is the size that there is."""
    sizes = list(shape) if isinstance(shape, tuple) else [shape]
    for k in range(1, x.ndim + 1):
        sizes[-k] = x.shape[-k] if sizes[-k] == -1 else sizes[-k]
    return numpy.broadcast_to(x, sizes)


def _taken(x: Array, at: tuple[Any, ...] = ()) -> Array:
    return objects(x[tuple(slice(*part) if isinstance(part, tuple) else part for part in at)])


OF_ARRAYS: dict[str, Callable[..., Array]] = {
    "matmul": lambda a, b: objects(numpy.matmul(a, b)),
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "amax": _extreme(max, sympy.Max),
    "amin": _extreme(min, sympy.Min),
    "transpose": lambda x, axes=None: numpy.transpose(x, axes),
    "swapaxes": lambda x, axis=0, other=1: numpy.swapaxes(x, axis, other),
    "reshape": lambda x, shape=-1: numpy.reshape(x, shape),
    "broadcast_to": _repeated,
    "flatten": lambda x: x.reshape(-1),
    "concatenate": lambda *xs, axis=0: numpy.concatenate(xs, axis=axis),
    "stack": lambda *xs, axis=0: numpy.stack(xs, axis=axis),
    "index": _taken,
    "softmax": lambda x, axis=-1: _softmax(x, axis if x.ndim else None),
    "log_softmax": lambda x, axis=-1: _log_softmax(x, axis if x.ndim else None),
    "logsumexp": _logsumexp,
    "norm": _norm,
    "L2": lambda x, **reduction: _sum(x * x, **reduction),
    "mse": lambda a, b: _mean((a - b) * (a - b)),
    "binary_cross_entropy": _bce,
    "cross_entropy": _cross_entropy,
}


def reference(name: str) -> Callable[..., Array]:
    """A gate on arrays of exact numbers; the element-wise ones broadcast."""
    if name in OF_ARRAYS:
        return lambda *xs, **settings: objects(OF_ARRAYS[name](*map(objects, xs), **settings))
    return lambda *xs, **settings: each(REFERENCES[name].value, *xs, **settings)
