"""The passes of a circuit with arrays, recorded once and played again with other numbers of the same shapes.

Gates compute with NumPy's functions. Here these are called with arrays that write down what is done to them: what is
left are the calls that reach a result, each bound to the arrays that it reads and writes. What only looks at an array
in another way, such as a transpose, is made once; what depends on shapes is decided; what all plays share is computed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy
from numpy.lib.mixins import NDArrayOperatorsMixin

from gradviz import nd
from gradviz.graph import Graph
from gradviz.passes import SEED, backward, forward
from gradviz.tape import choose
from gradviz.tensors import locals_at

Array = Any  # of float64
Function = Callable[..., Any]
_ABOUT: Final = (numpy.ndim, numpy.shape, numpy.size)  # an array's form, which is always the same
_OUT_BY_NAME: Final = (numpy.maximum, numpy.minimum)
_NEUTRAL: Final[Mapping[Function, float]] = {numpy.add: 0.0, numpy.multiply: 1.0}
_REDUCTIONS: Final[Mapping[Function, Function]] = {
    numpy.sum: numpy.add.reduce,
    numpy.max: numpy.maximum.reduce,
    numpy.min: numpy.minimum.reduce,
    numpy.prod: numpy.multiply.reduce,
    numpy.all: numpy.logical_and.reduce,
}


class NotRecordedError(Exception):
    """What is done depends on numbers in a way that cannot be written down."""


class ChangedError(Exception):
    """Numbers decided otherwise than when it was recorded."""


class Step(NamedTuple):
    """A call with the arrays that it reads, and the one that it writes."""

    function: Function
    arguments: tuple[Array, ...]


class Noted(NDArrayOperatorsMixin):
    """An array that writes down what is done to it. For NumPy's functions it is one like any other."""

    def __init__(self, value: Array, calls: tuple[int, ...], tape: Recorder) -> None:
        """`calls` are the numbers of the calls that it comes from."""
        self.value, self.calls, self.tape = value, calls, tape

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)

    def __array_ufunc__(self, function: Any, method: str, *operands: Any, **options: Any) -> Any:
        """A ufunc on it."""
        if method != "__call__" or "out" in options:
            raise NotRecordedError
        if function.nout > 1:
            return tuple(self.tape.call(partial(_nth, function, k), operands, options) for k in range(function.nout))
        return self.tape.call(function, operands, options)

    def __array_function__(self, function: Function, _types: Any, operands: Any, options: Any) -> Any:
        """Any other function of NumPy."""
        if function in _ABOUT:
            return function(operands[0].value)
        return self.tape.call(function, operands, options)

    def __array__(self, *_: Any, **__: Any) -> Array:
        """It is not to be read: what became of its numbers would not be known."""
        raise NotRecordedError

    __float__ = __int__ = __index__ = __iter__ = __len__ = __setitem__ = __array__

    def __bool__(self) -> bool:
        """What a condition says now; it must say the same whenever this is played."""
        return self.tape.decided(self)

    def __getitem__(self, at: Any) -> Any:
        """Entries."""
        return self.tape.call(operator.getitem, (self, at), {})

    def reshape(self, *shape: Any) -> Any:
        """The same numbers in another shape."""
        return numpy.reshape(self, shape[0] if len(shape) == 1 else shape)

    def sum(self, **options: Any) -> Any:
        """The sum."""
        return numpy.sum(self, **options)

    def all(self) -> Any:
        """Whether all hold."""
        return numpy.all(self)


class Recorder:
    """Calls in the order in which they were made."""

    def __init__(self) -> None:
        """Without calls."""
        self.steps: list[Step] = []
        self.needs: list[tuple[int, ...]] = []  # of each step the calls before it
        self.guards: list[int] = []
        self.known: dict[Any, tuple[Noted, Any]] = {}  # what a call gave, by what it is; its operands stay alive

    def input(self, value: Array) -> Noted:
        """An array whose numbers will be others."""
        return Noted(value, (), self)

    def call(self, function: Function, operands: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """What a function gives, written down unless it only looks at an array in another way."""
        if (same := _same(function, operands, options)) is not None:
            return same
        noted: list[Noted] = []
        plain = [_plain(each, noted) for each in operands]
        key = function, tuple(map(_identity, plain)), repr(options)
        if key not in self.known:
            self.known[key] = self._called(function, plain, options, noted), plain
        return self.known[key][0]

    def _called(self, function: Function, plain: list[Any], options: Mapping[str, Any], noted: list[Noted]) -> Noted:
        calls = tuple(sorted({call for each in noted for call in each.calls}))
        found = function(*plain, **options)
        if not isinstance(found, numpy.ndarray | numpy.generic):
            raise NotRecordedError
        if any(numpy.may_share_memory(found, each.value) for each in noted):
            return Noted(found, calls, self)
        out = numpy.array(found)
        self.steps.append(_writing(function, plain, options, out))
        self.needs.append(calls)
        return Noted(out, (len(self.steps) - 1,), self)

    def decided(self, condition: Noted) -> bool:
        """What a condition says, and a step that raises `ChangedError` when it says something else."""
        found = bool(condition.value)
        self.steps.append(Step(partial(_check, found), (condition.value,)))
        self.needs.append(condition.calls)
        self.guards.append(len(self.steps) - 1)
        return found

    def reaching(self, results: Sequence[Any]) -> list[Step]:
        """The steps that some results, and the decisions, come from."""
        needed = {*self.guards, *(call for each in results if isinstance(each, Noted) for call in each.calls)}
        for number in range(len(self.steps) - 1, -1, -1):
            if number in needed:
                needed.update(self.needs[number])
        return [self.steps[number] for number in sorted(needed)]


def _same(function: Function, operands: Sequence[Any], options: Mapping[str, Any]) -> Noted | None:
    """The operand where nothing is done: a sum with the 0.0 at which shares begin, a product with the seed's 1.0."""
    neutral = _NEUTRAL.get(function)
    if neutral is None or options or len(operands) != 2:
        return None
    number, noted = operands if isinstance(operands[1], Noted) else operands[::-1]
    return noted if type(number) is float and number == neutral else None


def _identity(operand: Any) -> Any:
    """An array, or a number with the sign of its zero, as a part of a key."""
    if isinstance(operand, list | tuple):
        return tuple(map(_identity, operand))
    return id(operand) if isinstance(operand, numpy.ndarray) else repr(operand)


def _plain(operand: Any, noted: list[Noted]) -> Any:
    """An operand as NumPy takes it; what is noted in it is added to `noted`."""
    if isinstance(operand, Noted):
        noted.append(operand)
        return operand.value
    if isinstance(operand, list | tuple):
        return type(operand)([_plain(each, noted) for each in operand])
    return operand


def _writing(function: Function, plain: Sequence[Any], options: Mapping[str, Any], out: Array) -> Step:
    """The call of a function that writes into `out`."""
    if isinstance(function, numpy.ufunc) and not options:
        if function in _OUT_BY_NAME:
            return Step(partial(function, out=out), _as_arrays(plain))
        return Step(function, (*_as_arrays(plain), out))  # by its place: a tenth of the time less
    if function is numpy.where and len(plain) == 3 and not options:
        return Step(choose, (*plain, out))
    if function in _REDUCTIONS and len(plain) == 1:
        return Step(partial(_REDUCTIONS[function], **{"axis": None, **options, "out": out}), tuple(plain))
    return Step(partial(_copied, partial(function, **options), out), tuple(plain))


def _as_arrays(operands: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers beside arrays of float64 as such arrays, which NumPy takes faster."""
    arrays = [each for each in operands if isinstance(each, numpy.ndarray)]
    if len(arrays) < len(operands) and all(each.dtype == float for each in arrays):
        return tuple(numpy.asarray(each, dtype=float) for each in operands)
    return tuple(operands)


def _copied(function: Function, out: Array, *operands: Any) -> None:
    out[...] = function(*operands)


def _nth(function: Function, number: int, *operands: Any, **options: Any) -> Array:
    """One of several results."""
    return function(*operands, **options)[number]


def _check(expected: bool, condition: Array) -> None:
    if bool(condition) != expected:
        raise ChangedError


class Recorded:
    """A circuit's output and what is wanted of its nodes, for values of the inputs that move while others stay."""

    def __init__(
        self,
        graph: Graph,
        values: Mapping[str, Array],
        moving: Mapping[str, Array],
        grads: Sequence[int],
        *,
        kept: Sequence[int] = (),
        seed: Array = SEED,
    ) -> None:
        """`moving` are written to between plays; the nodes whose gradients are wanted, and those whose values are.

        Raises `NotRecordedError`.
        """
        tape = Recorder()
        inputs = [tape.input(moving[name]) if name in moving else nd.number(values[name]) for name in graph.input_names]
        with numpy.errstate(all="ignore"):
            columns = forward(graph, inputs, nd)
            columns = [column if isinstance(column, Noted) else nd.number(column) for column in columns]
            upstream, _ = backward(graph, locals_at(graph, columns), seed)
        found = [columns[graph.output], *(upstream[node] for node in grads), *(columns[node] for node in kept)]
        shapes = (columns[node].shape for node in (graph.output, *grads, *kept))
        self.steps: Final = tape.reaching(found)
        self.results: Final = [numpy.broadcast_to(_array(e), shape) for e, shape in zip(found, shapes, strict=True)]

    def play(self) -> None:
        """Compute what stands in `results`: the output, gradients, values.

        Raises `ChangedError` where another way would have to be gone.
        """
        for function, arguments in self.steps:
            function(*arguments)


def _array(result: Any) -> Array:
    return result.value if isinstance(result, Noted) else nd.number(result)
