"""Gradients of arrays that were repeated: summed to the shape of what was repeated, and repeated where it was summed.

A gradient whose entries are all the same along an axis may lack it, or have the size 1 there: NumPy's broadcasting
puts it right where it is multiplied. It is repeated only where its own shape matters.
"""

from __future__ import annotations

from gradviz.gates import Shape
from gradviz.gates.shapes import reduced
from gradviz.gradient.terms import Term, Terms, number


def repeated(terms: Terms, term: Term, shape: Shape) -> Term:
    """A gradient in its full shape."""
    return term if terms.shape(term) == shape else terms.call("broadcast_to", term, shape=_setting(shape))


def with_axes(terms: Terms, term: Term, shape: Shape, axis: object) -> Term:
    """What a reduction of an array of `shape` along `axis` gave, or its gradient, with the axes it lacks as size 1."""
    if not terms.shape(term):
        return term
    kept = reduced(shape, axis, True)
    if len(terms.shape(term)) == len(kept):
        return term
    full = (None, None, None)
    dropped = {k % len(shape) for k in (axis if isinstance(axis, tuple) else (axis,)) if isinstance(k, int)}
    at = tuple(None if k in dropped else full for k in range(len(shape)))
    return terms.call("index", term, at=at)


def summed(terms: Terms, term: Term, full: Shape, shape: Shape) -> Term:
    """The gradient of an input of `shape` that was repeated to `full`, from the gradient of all repetitions.

    Where that lacks an axis of `full`, or has the size 1, it stands for as many entries.
    """
    if full == shape:
        return term
    own = terms.shape(term)
    lead, absent = len(full) - len(shape), len(full) - len(own)
    count, gone, kept = 1, [], []
    for k, size in enumerate(full):
        if k >= lead and shape[k - lead] == size:
            continue
        there = k >= absent
        if not there or own[k - absent] != size:
            count *= size
        if there and k < lead:
            gone.append(k - absent)
        elif there and own[k - absent] != 1:
            kept.append(k - absent)
    return terms.call("mul", number(count), _over(terms, _over(terms, term, kept, keepdims=True), gone))


def _over(terms: Terms, term: Term, axes: list[int], *, keepdims: bool = False) -> Term:
    """A sum over axes; over all of them it is written without."""
    if not axes:
        return term
    settings = {} if len(axes) == len(terms.shape(term)) and not keepdims else {"axis": _setting(tuple(axes))}
    return terms.call("sum", term, **settings, **({"keepdims": True} if keepdims else {}))


def narrow(terms: Terms, term: Term, shape: Shape) -> bool:
    """Whether a term broadcasts to a shape."""
    own = terms.shape(term)
    return len(own) <= len(shape) and all(a in (1, b) for a, b in zip(own[::-1], shape[::-1], strict=False))


def _setting(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    return sizes[0] if len(sizes) == 1 else sizes
