"""Shapes of outputs from shapes of inputs, before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import prod
from typing import Any

from gradviz.gates.row import Shape, ShapeError, as_axes


def shown(shape: Shape) -> str:
    """A shape in a message.

    >>> shown((2, 3)), shown((3,)), shown(())
    ('(2, 3)', '(3,)', '() (a number)')
    """
    return str(shape) if shape else "() (a number)"


def listed(shapes: Sequence[Shape]) -> str:
    """Several shapes in a message."""
    return " and ".join(map(shown, shapes))


def broadcast(*shapes: Shape) -> Shape:
    """NumPy's broadcasting: sizes from the last axis on are equal, or 1; raises `ShapeError`."""
    sizes = []
    for column in zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1):
        different = {size for size in column if size != 1}
        if len(different) > 1:
            raise ShapeError(
                f"the shapes {listed(shapes)} do not broadcast; from the last axis on, equal sizes or 1 do"
            )
        sizes.append(different.pop() if different else 1)
    return tuple(sizes[::-1])


def matmul(a: Shape, b: Shape) -> Shape:
    """The product of two matrices, of stacks of them, or of vectors, as in NumPy."""
    if not a or not b:
        raise ShapeError(f"the shapes {listed((a, b))} are not of vectors or matrices; with a number write *")
    size, other = a[-1], b[-2 if len(b) > 1 else -1]
    if size != other:
        left = f"{size} columns" if len(a) > 1 else f"{size} entries"
        right = f"{other} rows" if len(b) > 1 else f"{other} entries"
        raise ShapeError(f"the shapes {listed((a, b))} do not match: {left} on the left, {right} on the right")
    return (*broadcast(a[:-2], b[:-2]), *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def axes_of(x: Shape, axis: Any) -> tuple[int, ...]:
    """The axes that a setting names, counted from the front; None is all of them."""
    if axis is None:
        return tuple(range(len(x)))
    for each in as_axes(axis):
        if not -len(x) <= each < len(x):
            raise ShapeError(f"there is no axis {each} in the shape {shown(x)}")
    axes = tuple(each % len(x) for each in as_axes(axis))
    if len(set(axes)) < len(axes):
        raise ShapeError(f"the axes {axis} name one twice in the shape {shown(x)}")
    return axes


def reduced_axes(x: Shape, axis: Any) -> tuple[int, ...]:
    """As `axes_of`, for reductions: to them a number is one entry, as in NumPy and PyTorch."""
    return () if not x and axis in (0, -1) else axes_of(x, axis)


def reduced(x: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    """What a sum over axes leaves."""
    axes = reduced_axes(x, axis)
    return tuple(1 if k in axes else n for k, n in enumerate(x) if keepdims or k not in axes)


def not_empty(x: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    """As `reduced`, for gates that need an entry to give back."""
    if 0 in [x[k] for k in reduced_axes(x, axis)]:
        raise ShapeError(f"there is no largest or smallest entry in the shape {shown(x)}")
    return reduced(x, axis, keepdims)


def along(x: Shape, axis: Any = -1) -> Shape:
    """A gate that keeps the shape and works along axes of it; a number is one entry."""
    if x:
        axes_of(x, axis)
    return x


def paired(a: Shape, b: Shape) -> Shape:
    """A loss that compares the entries of two arrays, of which one may be repeated, and gives a number."""
    if a != b and prod(broadcast(a, b)) not in (prod(a), prod(b)):
        raise ShapeError(f"the shapes {listed((a, b))} must be the same, or one must broadcast to the other")
    return ()


def one_hot(logits: Shape, target: Shape) -> Shape:
    """The cross-entropy of logits and rows of probabilities."""
    if logits != target:
        offer = "; write whole-number classes as one-hot rows" if logits[:-1] == target else ""
        raise ShapeError(f"the shapes {listed((logits, target))} must be the same{offer}")
    if not logits:
        raise ShapeError("a cross-entropy takes a vector of logits, or a matrix with one a row, not a number")
    return ()


def transposed(x: Shape, axes: Any = None) -> Shape:
    """The axes reversed, or in another order."""
    if axes is None:
        return x[::-1]
    order = axes_of(x, axes)
    if len(order) > 1 and order == tuple(range(len(x))):  # NumPy's identity, where PyTorch exchanges two axes
        raise ShapeError(
            f"the axes {axes} change nothing; to exchange two axes write swapaxes(x, {axes[0]}, {axes[1]})"
        )
    if sorted(order) != list(range(len(x))):
        offer = f"; to exchange two axes write swapaxes(x, {axes[0]}, {axes[1]})" if len(order) == 2 < len(x) else ""
        raise ShapeError(f"the axes {axes} are not those of the shape {shown(x)} in another order{offer}")
    return tuple(x[k] for k in order)


def swapped(x: Shape, axis: Any = 0, other: Any = 1) -> Shape:
    """Two axes exchanged."""
    i, j = axes_of(x, axis) + axes_of(x, other)
    order = list(x)
    order[i], order[j] = x[j], x[i]
    return tuple(order)


def reshaped(x: Shape, shape: Any = -1) -> Shape:
    """The same entries in another shape, in which one size may be -1: whatever remains."""
    sizes = list(as_axes(shape))
    known = prod(n for n in sizes if n != -1)
    if sizes.count(-1) == 1 and known and prod(x) % known == 0:
        sizes[sizes.index(-1)] = prod(x) // known
    if -1 in sizes or prod(sizes) != prod(x):
        raise ShapeError(f"the {prod(x)} entries of the shape {shown(x)} cannot be put into the shape {as_axes(shape)}")
    return tuple(sizes)


def concatenated(*shapes: Shape, axis: int = 0) -> Shape:
    """Arrays one after the other along an axis that they have."""
    (k,) = axes_of(shapes[0], axis)
    for shape in shapes:
        if len(shape) != len(shapes[0]) or shape[:k] + shape[k + 1 :] != shapes[0][:k] + shapes[0][k + 1 :]:
            raise ShapeError(f"the shapes {listed((shapes[0], shape))} cannot be joined along axis {axis}")
    return (*shapes[0][:k], sum(shape[k] for shape in shapes), *shapes[0][k + 1 :])


def stacked(*shapes: Shape, axis: int = 0) -> Shape:
    """Arrays of one shape along a new axis."""
    for shape in shapes:
        if shape != shapes[0]:
            raise ShapeError(f"the shapes {listed((shapes[0], shape))} cannot be stacked")
    room = (*shapes[0], 0)
    (k,) = axes_of(room, axis)
    return (*shapes[0][:k], len(shapes), *shapes[0][k:])


def broadcast_to(x: Shape, shape: Any = (-1, -1)) -> Shape:
    """Another shape that it broadcasts to, in which -1 is the size that there is."""
    own = (-1,) * (len(as_axes(shape)) - len(x)) + x
    wanted = tuple(known if size == -1 else size for size, known in zip(as_axes(shape), own, strict=False))
    if -1 in wanted:
        raise ShapeError(f"a new axis in front of the shape {shown(x)} needs a size, not -1")
    if len(x) > len(as_axes(shape)) or broadcast(x, wanted) != wanted:
        raise ShapeError(f"the shape {shown(x)} does not broadcast to {shown(wanted)}")
    return wanted


def indexed(x: Shape, at: Any = ()) -> Shape:
    """What an index takes out, as in NumPy: numbers, spans of three bounds, `...` and None for a new axis."""
    full, spans = _in_full(x, at), iter(taken(x, at))
    sizes = []
    for each in full:
        if each is None:
            sizes.append(1)
            continue
        span = next(spans)
        if not isinstance(each, int):
            sizes.append(len(span))
    return tuple(sizes)


def taken(x: Shape, at: Any = ()) -> list[range]:
    """Which entries an index takes along each axis; one for a number."""
    spans: list[range] = []
    for each in _in_full(x, at):
        if each is None:
            continue
        axis, size = len(spans), x[len(spans)]
        if not isinstance(each, int):
            spans.append(range(*as_slice(each).indices(size)))
        elif -size <= each < size:
            spans.append(range(each % size, each % size + 1))
        else:
            raise ShapeError(f"index {each} is out of range for axis {axis} of the shape {shown(x)}")
    return spans


def _in_full(x: Shape, at: Any) -> list[Any]:
    """An index with an entry for each axis of an array, and None for new ones."""
    if list(at).count(...) > 1:
        raise ShapeError("an index has at most one '...'")
    wanted = sum(1 for each in at if each is not None and each is not ...)
    if wanted > len(x):
        raise ShapeError(f"{wanted} indices for the shape {shown(x)}")
    full: list[Any] = list(at) if ... in at else [*at, ...]
    middle = full.index(...)
    full[middle : middle + 1] = [slice(None)] * (len(x) - wanted)
    return full


def as_slice(span: Any) -> slice:
    """A slice from its three bounds, which unlike it can be a key."""
    return span if isinstance(span, slice) else slice(*span)
