"""The local gradients of gates on arrays: linear maps that carry an upstream gradient back, without a matrix.

A local of a gate whose inputs and output are all numbers is a plain float. Both kinds are multiplied by what arrives
upstream (`local * upstream`), so that the chain rule is one line for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from gradviz import nd
from gradviz.gates import Gate, Shape
from gradviz.gates.arrays import unbroadcast

Array = Any  # of float64


@dataclass(frozen=True, slots=True, eq=False)
class Diagonal:
    """The local of an element-wise gate: its Jacobian is diagonal, but for axes along which the input repeats."""

    partial: Any  # broadcasts to the shape of the output
    output: Shape
    input: Shape

    def __mul__(self, upstream: Array) -> Array:
        return unbroadcast(nd, numpy.broadcast_to(upstream * self.partial, self.output), self.input)

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

    def __mul__(self, upstream: Array) -> Array:
        u = numpy.broadcast_to(numpy.asarray(upstream, dtype=float), self.y.shape)
        assert self.gate.pull is not None, "only gates that pull have such a local"
        return self.gate.pull(nd, self.slot, u, self.y, *self.xs)

    @property
    def size(self) -> int:
        """How many numbers say it."""
        return int(self.y.size * self.xs[self.slot].size)

    def array(self) -> Array:
        """The Jacobian: the axes of the output, then those of the input."""
        return by_entries(self.y.shape, lambda seed: self * seed, self.xs[self.slot].shape)


Local = Diagonal | Pulled


def by_entries(output: Shape, pull: Any, shape: Shape) -> Array:
    """A Jacobian of shape `output + shape`: `pull` of the seed that is 1 at one entry of the output, for each."""
    rows = [pull(seed) for seed in basis(output)]
    return numpy.array(rows, dtype=float).reshape(*output, *shape)


def basis(shape: Shape) -> Iterator[Array]:
    """The arrays of a shape with a 1 at one entry and zeros elsewhere, by entry."""
    for entry in range(int(numpy.prod(shape))):
        seed = numpy.zeros(shape)
        seed.flat[entry] = 1.0
        yield seed


def locals_of(gate: Gate, y: Array, xs: tuple[Array, ...]) -> tuple[Any, ...]:
    """The local of each input: a float where all are numbers, else a linear map."""
    if gate.pull is not None:
        return tuple(_plain(Pulled(gate, slot, y, xs)) for slot in range(len(xs)))
    assert gate.partials is not None, "a gate declares its partials or how it pulls"
    partials = gate.partials(nd, y, *xs)
    if not numpy.ndim(y):
        return tuple(map(float, partials))
    return tuple(Diagonal(partial, y.shape, x.shape) for partial, x in zip(partials, xs, strict=True))


def _plain(local: Pulled) -> float | Pulled:
    return local if local.y.ndim or local.xs[local.slot].ndim else float(local * 1.0)
