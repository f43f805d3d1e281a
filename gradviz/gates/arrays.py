"""Gates that are not element-wise: products, reductions, and what changes a shape.

Each row declares how it pulls an upstream gradient back to its inputs: the transpose of its Jacobian, applied. The
matrix rules are those of M. Giles, Collected Matrix Derivative Results (2008); ties and empty norms as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gradviz.gates import shapes
from gradviz.gates.row import (
    ANY,
    AXES,
    AXIS,
    FIRST_AXIS,
    KEEPDIMS,
    ROOM,
    SIZES,
    Gate,
    Setting,
    Shape,
    ShapeError,
    Spelling,
    with_axis,
)

Array = Any


def unbroadcast(xp: Any, share: Array, shape: tuple[int, ...]) -> Array:
    """The share of an input that was broadcast: summed over the axes along which it was repeated."""
    if share.shape == shape:
        return share
    share = share.sum(axis=tuple(range(share.ndim - len(shape))))
    repeated = tuple(k for k, n in enumerate(shape) if n == 1 and share.shape[k] != 1)
    return share.sum(axis=repeated, keepdims=True) if repeated else share


def _matmul_pull(xp: Any, slot: int, u: Array, y: Array, a: Array, b: Array) -> Array:
    a2 = a[None, :] if a.ndim == 1 else a
    b2 = b[:, None] if b.ndim == 1 else b
    u2 = xp.expand_dims(u, -1) if b.ndim == 1 else u
    u2 = xp.expand_dims(u2, -2) if a.ndim == 1 else u2
    if slot == 0:
        return unbroadcast(xp, xp.matmul(u2, xp.swapaxes(b2, -1, -2)), a2.shape).reshape(a.shape)
    return unbroadcast(xp, xp.matmul(xp.swapaxes(a2, -1, -2), u2), b2.shape).reshape(b.shape)


# reductions ----------------------------------------------------------------------------------------------------------


def spread(xp: Any, u: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """An array of the shape of a reduction's output, along the axes that it summed over."""
    if not keepdims:
        u = xp.reshape(u, shapes.reduced(x.shape, axis, True))
    return xp.broadcast_to(u, x.shape)


def mean(xp: Any, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The mean; nan of nothing, and silently."""
    total = xp.sum(x, axis=axis, keepdims=keepdims)
    count = x.size / max(total.size, 1)
    if xp.isfinite(total).all():
        return xp.divide(total, count)
    return xp.sum(xp.divide(x, count), axis=axis, keepdims=keepdims)  # it may be finite where the sum overflows


def _sum_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **reduction: Any) -> Array:
    return spread(xp, u, x, **reduction)


def _mean_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **reduction: Any) -> Array:
    return spread(xp, u, x, **reduction) * (y.size / max(x.size, 1))


def _extreme_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    reached = x == spread(xp, y, x, axis, keepdims)
    ties = reached.sum(axis=shapes.reduced_axes(x.shape, axis), keepdims=True)
    return spread(xp, u, x, axis, keepdims) * xp.divide(reached, ties)


def _prod_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The product of all others, without a division, so that zeros are no trouble."""
    axes = shapes.reduced_axes(x.shape, axis)
    rest = [k for k in range(x.ndim) if k not in axes]
    order = [*rest, *axes]
    moved = xp.transpose(x, order)
    if not x.size:
        return xp.zeros(x.shape)
    flat = moved.reshape(*(x.shape[k] for k in rest), -1)
    ones = xp.ones((*flat.shape[:-1], 1))
    before = xp.cumprod(xp.concatenate([ones, flat[..., :-1]], axis=-1), axis=-1)
    after = xp.cumprod(xp.concatenate([ones, flat[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    others = (before * after).reshape(moved.shape)
    return spread(xp, u, x, axis, keepdims) * xp.transpose(others, [order.index(k) for k in range(x.ndim)])


# shapes --------------------------------------------------------------------------------------------------------------


def _transpose_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axes: Any = None) -> Array:
    if axes is None:
        return xp.transpose(u)
    order = shapes.axes_of(x.shape, axes)
    return xp.transpose(u, [order.index(k) for k in range(len(order))])


def _swap_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axis: int = 0, other: int = 1) -> Array:
    return xp.swapaxes(u, axis, other)


def _reshape_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **_: Any) -> Array:
    return xp.reshape(u, x.shape)


def _broadcast(xp: Any, x: Array, shape: Any = (-1, -1)) -> Array:
    return xp.broadcast_to(x, shapes.broadcast_to(x.shape, shape))


def _broadcast_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **_: Any) -> Array:
    return unbroadcast(xp, u, x.shape)


def _concatenate_pull(xp: Any, slot: int, u: Array, y: Array, *xs: Array, axis: int = 0) -> Array:
    start = sum(x.shape[axis] for x in xs[:slot])
    return xp.moveaxis(xp.moveaxis(u, axis, 0)[start : start + xs[slot].shape[axis]], 0, axis)


def _stack_pull(xp: Any, slot: int, u: Array, y: Array, *xs: Array, axis: int = 0) -> Array:
    return xp.moveaxis(u, axis, 0)[slot]


def _key(at: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(shapes.as_slice(each) if isinstance(each, tuple) else each for each in at)


def _index_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, at: tuple[Any, ...] = ()) -> Array:
    return xp.placed(u, _key(at), x.shape)


def index_text(at: tuple[Any, ...] = ()) -> str:
    """An index as it is written.

    >>> index_text((0, (1, None, None), ...)), index_text(((None, None, -1),)), index_text(((None, None, None), None))
    ('[0, 1:, ...]', '[::-1]', '[:, None]')
    """
    return f"[{', '.join(map(_index_part, at))}]"


def _index_part(each: Any) -> str:
    if not isinstance(each, tuple):
        return "..." if each is ... else str(each)
    start, stop, step = ("" if bound is None else str(bound) for bound in each)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _is_index(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_index_part, value))


def _is_index_part(each: Any) -> bool:
    if isinstance(each, tuple):
        return len(each) == 3 and each[2] != 0 and all(bound is None or type(bound) is int for bound in each)
    return each is None or each is ... or type(each) is int


# shares as programs --------------------------------------------------------------------------------------------------


def sizes_text(shape: Shape) -> str:
    """A shape as the setting of a gate.

    >>> sizes_text((3,)), sizes_text((2, 3))
    ('3', '(2, 3)')
    """
    return str(shape[0]) if len(shape) == 1 else str(shape)


def _swapped(name: str, shape: Shape) -> str:
    return f"transpose({name})" if len(shape) == 2 else f"swapaxes({name}, -2, -1)"


def _matmul_share(slot: int, given: Sequence[Shape]) -> str:
    """By the axes of the operands: `u @ transpose(b)` and `transpose(a) @ u` for matrices."""
    a, b = given
    if len(a) > 1 < len(b):
        return (f"u @ {_swapped('b', b)}", f"{_swapped('a', a)} @ u")[slot]
    if len(a) > 1:
        return ("u[..., None]*b", "transpose(a) @ u" if len(a) == 2 else "u[..., None]*a")[slot]
    if len(b) > 1:
        return ("b @ u" if len(b) == 2 else "(b @ u[..., None])[..., 0]", "a[:, None]*u[..., None, :]")[slot]
    return ("u*b", "u*a")[slot]


def _transpose_share(slot: int, given: Sequence[Shape], axes: Any = None) -> str:
    if axes is None:
        return "transpose(u)"
    order = shapes.axes_of(given[slot], axes)
    return f"transpose(u, axes={tuple(order.index(k) for k in range(len(order)))})"


def _reshape_share(slot: int, given: Sequence[Shape], **_: Any) -> str:
    return f"reshape(u, shape={sizes_text(given[slot])})" if given[slot] else "sum(u)"


def _concatenate_share(slot: int, given: Sequence[Shape], axis: int = 0) -> str:
    (k,) = shapes.axes_of(given[slot], axis)
    start = sum(shape[k] for shape in given[:slot])
    return f"u[{':, ' * k}{start}:{start + given[slot][k]}]"


def _stack_share(slot: int, given: Sequence[Shape], axis: int = 0) -> str:
    return f"u[{':, ' * (axis % (len(given[slot]) + 1))}{slot}]"


def _index_share(slot: int, given: Sequence[Shape], at: tuple[Any, ...] = ()) -> str | None:
    """Zeros around the upstream gradient, axis by axis; None where nothing was taken out."""
    spans = shapes.taken(given[slot], at)
    if not all(spans):
        return None
    if any(len(span) > 1 and abs(span.step) > 1 for span in spans):
        raise ShapeError("entries taken in steps have no derivative that is a program")
    sizes = [len(span) for span in spans]
    program = (
        f"reshape(u, shape={sizes_text(tuple(sizes))})" if shapes.indexed(given[slot], at) != tuple(sizes) else "u"
    )
    for axis, (span, size) in enumerate(zip(spans, given[slot], strict=True)):
        if len(span) > 1 and span.step < 0:
            program = f"({program})[{':, ' * axis}::-1]"
        parts = []
        for count in (min(span), size - 1 - max(span)):
            zeros = (*given[slot][:axis], count, *sizes[axis + 1 :])
            parts.append(f"broadcast_to(0, shape={sizes_text(zeros)})" if count else "")
        if any(parts):
            program = f"concatenate([{', '.join(filter(None, (parts[0], program, parts[1])))}], axis={axis})"
    return program


_AT: Final = Setting("at", (), (), "whole numbers, spans with a step that is not 0, '...' or None", _is_index)
_OTHER: Final = Setting("other", 1)


# fmt: off
ROWS: Final = (
    # products --------------------------------------------------------------------------------------------------------
    Gate("matmul", "@", lambda xp, a, b: xp.matmul(a, b), None, None, "the product of matrices and vectors",
         spelling=Spelling("{0:4} {1:4}", r"{0:4}\,{1:4}", 2),
         aliases=("dot",),
         spelled="np.matmul np.dot torch.matmul torch.mm torch.mv torch.bmm torch.dot tf.matmul tf.linalg.matmul",
         operators=("@",), binds=2, ordered=True, domain=(ANY, ANY), behaves=("transposes",),
         pulled=("{u} · {1}ᵀ", "{0}ᵀ · {u}"), pull=_matmul_pull, shape=shapes.matmul,
         derivative=_matmul_share),
    # reductions ------------------------------------------------------------------------------------------------------
    Gate("sum", "sum", lambda xp, x, **s: xp.sum(x, **s), None, None, "the sum of the entries",
         spelling=Spelling("sum{axis:_}{0:()}", r"\operatorname{{sum}}{axis:_}{0:()}"),
         spelled="np.sum torch.sum tf.reduce_sum", settings=(AXIS, KEEPDIMS), shows=with_axis("sum"), pull=_sum_pull,
         behaves=("spreads",),
         shape=shapes.reduced,
         derivative=("u",)),
    Gate("mean", "mean", mean, None, None, "the mean of the entries",
         spelling=Spelling("mean{axis:_}{0:()}", r"\operatorname{{mean}}{axis:_}{0:()}"),
         spelled="np.mean np.average torch.mean tf.reduce_mean", settings=(AXIS, KEEPDIMS), shows=with_axis("mean"),
         behaves=("averages",),
         pull=_mean_pull, shape=shapes.reduced,
         derivative=("u/n",)),
    Gate("prod", "∏", lambda xp, x, **s: xp.prod(x, **s), None, None, "the product of the entries",
         spelling=Spelling("∏{axis:_}{0:()}", r"\prod{axis:_}{0:()}"),
         spelled="np.prod torch.prod tf.reduce_prod", settings=(AXIS, KEEPDIMS), shows=with_axis("∏"), pull=_prod_pull,
         shape=shapes.reduced),
    Gate("amax", "max", lambda xp, x, **s: xp.max(x, **s), None, None,
         "the largest entry; those that tie share the gradient",
         spelling=Spelling("max{axis:_}{0:()}", r"\max{axis:_}{0:()}"), aliases=("max",),
         spelled="np.max np.amax torch.max torch.amax tf.reduce_max", settings=(AXIS, KEEPDIMS), shows=with_axis("max"),
         behaves=("wins",), pull=_extreme_pull, shape=shapes.not_empty,
         derivative=("r = x == y; u*r/sum(r, axis={axis}, keepdims=True)",)),
    Gate("amin", "min", lambda xp, x, **s: xp.min(x, **s), None, None,
         "the smallest entry; those that tie share the gradient",
         spelling=Spelling("min{axis:_}{0:()}", r"\min{axis:_}{0:()}"), aliases=("min",),
         spelled="np.min np.amin torch.min torch.amin tf.reduce_min", settings=(AXIS, KEEPDIMS), shows=with_axis("min"),
         behaves=("wins",), pull=_extreme_pull, shape=shapes.not_empty,
         derivative=("r = x == y; u*r/sum(r, axis={axis}, keepdims=True)",)),
    # shapes ----------------------------------------------------------------------------------------------------------
    Gate("transpose", "T", lambda xp, x, **s: xp.transpose(x, **s), None, None,
         "the axes reversed, or in another order", spelling=Spelling("{0:6}ᵀ", r"{0:6}^{{\top}}", 4),
         spelled="np.transpose tf.transpose torch.t torch.permute .t .permute", settings=(AXES,),
         behaves=("moves",), pull=_transpose_pull, shape=shapes.transposed,
         derivative=_transpose_share),
    Gate("swapaxes", "swap", lambda xp, x, axis=0, other=1: xp.swapaxes(x, axis, other), None, None,
         "two axes exchanged", spelled="np.swapaxes torch.transpose torch.swapaxes .swapaxes", pull=_swap_pull,
         behaves=("moves",),
         settings=(Setting("axis", 0, ("dim0",)), Setting("other", 1, ("dim1",))), shape=shapes.swapped,
         derivative=("swapaxes(u, {axis}, {other})",)),
    Gate("reshape", "reshape", lambda xp, x, shape=-1: xp.reshape(x, shape), None, None,
         "the same entries in another shape", spelled="np.reshape torch.reshape tf.reshape .view", settings=(SIZES,),
         behaves=("moves",), pull=_reshape_pull, shape=shapes.reshaped,
         derivative=_reshape_share),
    Gate("flatten", "flatten", lambda xp, x: xp.reshape(x, -1), None, None, "the same entries along one axis",
         aliases=("ravel",), spelled="np.ravel torch.ravel torch.flatten", behaves=("moves",),
         pull=_reshape_pull, shape=shapes.reshaped,
         derivative=_reshape_share),
    Gate("broadcast_to", "broadcast", _broadcast, None, None,
         "the same entries repeated to a larger shape",
         spelled="np.broadcast_to torch.broadcast_to tf.broadcast_to .expand", settings=(ROOM,),
         pull=_broadcast_pull, shape=shapes.broadcast_to, derivative=("u",)),
    Gate("concatenate", "concat", lambda xp, *xs, axis=0: xp.concatenate(xs, axis=axis), None, None,
         "arrays one after the other", aliases=("concat",),
         spelled="np.concatenate np.concat torch.cat torch.concat tf.concat", variadic=True, ordered=True,
         settings=(FIRST_AXIS,), behaves=("splits",), pull=_concatenate_pull, shape=shapes.concatenated,
         derivative=_concatenate_share),
    Gate("stack", "stack", lambda xp, *xs, axis=0: xp.stack(xs, axis=axis), None, None,
         "arrays along a new axis; also what [a, b] is",
         spelling=Spelling("[{list}]", "[{list}]"), spelled="np.stack torch.stack tf.stack", variadic=True,
         ordered=True, settings=(FIRST_AXIS,), behaves=("splits",),
         pull=_stack_pull, shape=shapes.stacked,
         derivative=_stack_share),
    Gate("index", "[]", lambda xp, x, at=(): x[_key(at)], None, None, "entries taken out: x[0], x[:, 1:3]",
         spelling=Spelling("{0:6}{label}", r"{0:6}\texttt{{{label}}}"),
         settings=(_AT,), shows=index_text, behaves=("picks",), pull=_index_pull, shape=shapes.indexed,
         derivative=_index_share),
)
# fmt: on
