"""The local gradients of gates on arrays: linear maps that carry an upstream gradient back, without a matrix.

A local of a gate whose inputs and output are all numbers is a plain float. Both kinds are multiplied by what arrives
upstream (`local * upstream`), so that the chain rule is one line for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy

from gradviz import nd
from gradviz.gates import Gate, Shape
from gradviz.gates.arrays import unbroadcast

Array = Any  # of float64
Value = Any  # a float, or an Array
_ONE: Final = numpy.ones(())


@dataclass(frozen=True, slots=True, eq=False)
class Diagonal:
    """The local of an element-wise gate: its Jacobian is diagonal, but for axes along which the input repeats."""

    partial: Any  # broadcasts to the shape of the output
    output: Shape
    input: Shape

    def __mul__(self, upstream: Array) -> Array:
        share = upstream * self.partial
        if numpy.shape(share) != self.output:
            share = numpy.broadcast_to(share, self.output)
        return share if self.output == self.input else unbroadcast(nd, share, self.input)

    def forward(self, tangent: Value) -> Array:
        """What a small change of the input becomes: the Jacobian times it."""
        return numpy.broadcast_to(numpy.where(tangent == 0, 0.0, self.partial * tangent), self.output)

    @property
    def size(self) -> int:
        """How many numbers say it."""
        return int(numpy.prod(self.output))

    def array(self) -> Array:
        """The diagonal, of the shape of the output: for each entry its derivative by the entry that it was made of."""
        return numpy.broadcast_to(numpy.asarray(self.partial, dtype=float), self.output)


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """The local of any other gate: it knows how to pull a gradient back."""

    gate: Gate
    slot: int
    y: Array
    xs: tuple[Array, ...]
    last: list[tuple[Any, tuple[Array, ...]]]  # an upstream gradient and its `pulls`, for the locals of all slots

    def __mul__(self, upstream: Array) -> Array:
        if self.gate.pulls is None:
            assert self.gate.pull is not None, "only gates that pull have such a local"
            return self.gate.pull(nd, self.slot, self._whole(upstream), self.y, *self.xs)
        return self._together(upstream) if self.y.ndim else self._together(_ONE) * upstream

    def _together(self, upstream: Array) -> Array:
        """The share of this slot; computed with those of all slots, else nested definitions take exponential time."""
        last = self.last[0] if self.last else None
        if last is None or last[0] is not upstream:
            assert self.gate.pulls is not None, "asked of gates that find the shares of their inputs together"
            last = upstream, self.gate.pulls(nd, self._whole(upstream), self.y, *self.xs)
            self.last[:] = [last]
        return last[1][self.slot]

    def _whole(self, upstream: Array) -> Array:
        return upstream if numpy.shape(upstream) == self.y.shape else numpy.broadcast_to(upstream, self.y.shape)

    def forward(self, tangent: Value) -> Array:
        """What a small change of the input becomes; the Jacobian is written out for it."""
        given = self.xs[self.slot]
        return numpy.tensordot(self.array(), numpy.broadcast_to(tangent, given.shape), given.ndim)

    @property
    def size(self) -> int:
        """How many numbers say it."""
        return int(self.y.size * self.xs[self.slot].size)

    def array(self) -> Array:
        """The Jacobian: the axes of the output, then those of the input."""
        return by_entries(self.y.shape, lambda seed: self * seed, self.xs[self.slot].shape)


Local = Diagonal | Pulled


@dataclass(frozen=True, slots=True, eq=False)
class Seeded:
    """A local for the passes of a Jacobian: what is 0 upstream brings back 0, however steep the gate is.

    An entry of the output that does not depend on an entry of the input would otherwise get 0 x inf = nan.
    """

    local: float | Local

    def __mul__(self, upstream: Array) -> Array:
        if isinstance(self.local, Diagonal):
            return replace(self.local, partial=numpy.where(upstream == 0, 0.0, self.local.partial)) * upstream
        return self.local * upstream if numpy.any(upstream) else 0.0


def by_entries(output: Shape, pull: Any, shape: Shape) -> Array:
    """A Jacobian of shape `output + shape`: `pull` of the seed that is 1 at one entry of the output, for each."""
    with numpy.errstate(all="ignore"):
        rows = [pull(seed) for seed in basis(output)]
    return numpy.array(rows, dtype=float).reshape(*output, *shape)


def basis(shape: Shape) -> Iterator[Array]:
    """The arrays of a shape with a 1 at one entry and zeros elsewhere, by entry."""
    for entry in range(int(numpy.prod(shape))):
        seed = numpy.zeros(shape)
        seed.flat[entry] = 1.0
        yield seed


def locals_of(gate: Gate, y: Array, xs: tuple[Array, ...]) -> tuple[Any, ...]:
    """The local of each input: a number where all are numbers, else a linear map."""
    if gate.pull is not None or gate.pulls is not None:
        last: list[tuple[Any, tuple[Array, ...]]] = []
        return tuple(_plain(Pulled(gate, slot, y, xs, last)) for slot in range(len(xs)))
    assert gate.partials is not None, "a gate declares its partials or how it pulls"
    partials = gate.partials(nd, y, *xs)
    if not numpy.ndim(y):
        return tuple(map(nd.scalar, partials))
    return tuple(Diagonal(partial, y.shape, x.shape) for partial, x in zip(partials, xs, strict=True))


def _plain(local: Pulled) -> Any:
    return local if local.y.ndim or local.xs[local.slot].ndim else nd.scalar(local * 1.0)
