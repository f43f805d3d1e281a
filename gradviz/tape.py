"""The passes of a circuit -> a tape: NumPy's operations on columns of rows, without those that are not needed.

The passes run once, over symbols for what differs from row to row. What does not is computed on the way, an operation
that stands there already is not repeated, and one that reaches no result is left out. The tape then runs over chunk
after chunk of rows, in registers that stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple

import numpy

from gradviz import nd

Column = Any  # array of float64, one number a row
Function = Callable[..., Any]  # writes into `out`
Operand = Any  # a Symbol or a number


class Symbol:
    """A column that is not there yet: an input, or what an operation gives."""

    __slots__ = ("number", "tape", "truth")
    __array_ufunc__ = None  # NumPy's numbers leave operators to this class

    def __init__(self, tape: Tape, number: int, *, truth: bool = False) -> None:
        """`number` counts symbols; `truth` tells that its entries are true or false."""
        self.tape, self.number, self.truth = tape, number, truth

    __hash__ = object.__hash__


def _operator(function: Function) -> Function:
    return lambda *operands: operands[0].tape.apply(function, *operands)


def _reflected(function: Function) -> Function:
    return lambda symbol, other: symbol.tape.apply(function, other, symbol)


for _name, _function in {
    "neg": numpy.negative, "add": numpy.add, "sub": numpy.subtract, "mul": numpy.multiply, "truediv": numpy.divide,
    "and": numpy.logical_and, "or": numpy.logical_or, "lt": numpy.less, "le": numpy.less_equal, "eq": numpy.equal,
    "ne": numpy.not_equal, "gt": numpy.greater, "ge": numpy.greater_equal,
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_function))
    setattr(Symbol, f"__r{_name}__", _reflected(_function))
_TRUTHS: Final = frozenset((
    numpy.logical_and, numpy.logical_or, numpy.less, numpy.less_equal, numpy.equal, numpy.not_equal, numpy.greater,
    numpy.greater_equal,
))  # fmt: skip

# operations that NumPy has not ---------------------------------------------------------------------------------------


def choose(condition: Column, a: Operand, b: Operand, out: Column) -> None:
    """`a` where the condition holds, else b."""
    numpy.copyto(out, b)
    numpy.copyto(out, a, where=condition)


def _each(function: Callable[..., float]) -> Function:
    def each(*xs: Operand, out: Column) -> None:
        out[...] = nd.each(function, *xs)

    return each


_erfc: Final = _each(math.erfc)


def tanh_of(decay: Column, x: Column, out: Column) -> None:
    """tanh(x) of the decay exp(-2|x|), which also gives its slope; NumPy's own where 1 - decay cancels."""
    numpy.subtract(1.0, decay, out=out)
    numpy.divide(out, 1.0 + decay, out=out)
    numpy.copysign(out, x, out=out)
    small = decay > _CANCELS
    if small.any():
        out[small] = numpy.tanh(x[small])


_CANCELS: Final = 0.98  # 1 - decay has an error of 1e-16; below this one part in 1e14

# recording -----------------------------------------------------------------------------------------------------------


class Operation(NamedTuple):
    """A function of symbols and numbers; an input has none."""

    function: Function | None
    operands: tuple[Operand, ...] = ()


class Tape:
    """Records operations on symbols; for the gate table it is a namespace like `nd`.

    A number of the program is NumPy's, so that it is told apart from the 0.0 with which the sum of shares begins.
    """

    def __init__(self) -> None:
        """Without operations."""
        self.inputs: list[Symbol] = []  # before all others
        self.operations: list[Operation] = []
        self.symbols: list[Symbol] = []
        self._known: dict[tuple[Any, ...], Symbol] = {}

    number = numpy.float64

    def input(self) -> Symbol:
        """A column that is given."""
        self.inputs.append(self._symbol(Operation(None)))
        return self.inputs[-1]

    def __getattr__(self, name: str) -> Function:
        """A function of the namespace."""
        return partial(self.apply, getattr(nd, name))

    def where(self, condition: Operand, a: Operand, b: Operand) -> Operand:
        """The same as `nd.where`; what a known condition chooses."""
        if isinstance(condition, Symbol):
            return self.apply(choose, condition, a, b)
        return a if condition else b

    def each(self, function: Callable[..., float], *xs: Operand) -> Operand:
        """A function of numbers, row by row."""
        return self.apply(_each(function), *xs) if _has_symbols(xs) else number(function(*xs))

    def erfc(self, x: Operand) -> Operand:
        """The complementary error function."""
        return self.apply(_erfc, x) if isinstance(x, Symbol) else number(math.erfc(x))

    def tanh(self, x: Operand) -> Operand:
        """The hyperbolic tangent, by the exponential that its slope needs too."""
        return self.apply(tanh_of, self._decay(x), x) if isinstance(x, Symbol) else numpy.tanh(x)

    def _decay(self, x: Operand) -> Operand:
        return self.exp(-2.0 * self.absolute(x))

    def power(self, a: Operand, b: Operand) -> Operand:
        """`a ** b`; a small whole exponent is a product, and cosh(x)**-2 is 4 decay / (1 + decay)**2."""
        if not isinstance(a, Symbol) or isinstance(b, Symbol) or b not in _PRODUCTS:
            return self.apply(numpy.power, a, b)
        function, operands = self.operations[a.number]
        if b == -2 and function is numpy.cosh:
            decay = self._decay(*operands)
            return 4.0 * decay / ((1.0 + decay) * (1.0 + decay))
        return _PRODUCTS[b](self, a)

    def apply(self, function: Function, *operands: Operand) -> Operand:
        """What an operation gives: a number where all operands are, a symbol already there, or one more."""
        if not _has_symbols(operands):
            with numpy.errstate(all="ignore"):
                return function(*operands)
        if function in _SIMPLER and (simpler := _SIMPLER[function](self, *operands)) is not None:
            return simpler
        key = _key(function, operands)
        if key not in self._known:
            self._known[key] = self._symbol(Operation(function, operands))
        return self._known[key]

    def _symbol(self, operation: Operation) -> Symbol:
        self.operations.append(operation)
        self.symbols.append(Symbol(self, len(self.symbols), truth=operation.function in _TRUTHS))
        return self.symbols[-1]


number: Final = numpy.float64


def _has_symbols(operands: Iterable[Operand]) -> bool:
    return any(isinstance(each, Symbol) for each in operands)


def _key(function: Function, operands: Iterable[Operand]) -> tuple[Any, ...]:
    """An operation as a key; the signs of zeros count."""
    return function, *(each.number if isinstance(each, Symbol) else float(each).hex() for each in operands)


def _product(tape: Tape, a: Operand, b: Operand) -> Operand | None:
    """Products by 1 and by -1."""
    symbol, factor = (a, b) if isinstance(a, Symbol) else (b, a)
    if isinstance(factor, Symbol) or abs(factor) != 1:
        return None
    return symbol if factor == 1 else tape.apply(numpy.negative, symbol)


def _sum(_tape: Tape, a: Operand, b: Operand) -> Operand | None:
    """The first share of a sum; of the program's own zeros the sign counts."""
    return b if type(a) is float and a == 0 else None


_SIMPLER: Final[dict[Function, Callable[..., Operand | None]]] = {numpy.multiply: _product, numpy.add: _sum}
_PRODUCTS: Final[dict[float, Callable[[Tape, Symbol], Operand]]] = {
    1: lambda _, a: a,
    2: lambda tape, a: tape.apply(numpy.multiply, a, a),
    3: lambda tape, a: tape.apply(numpy.multiply, tape.apply(numpy.multiply, a, a), a),
    -1: lambda tape, a: tape.apply(numpy.divide, 1.0, a),
    -2: lambda tape, a: tape.apply(numpy.divide, 1.0, tape.apply(numpy.multiply, a, a)),
}
