"""Softmax and its family, norms and losses: gates that can be opened into the gates they are made of.

Sources: PyTorch's definitions of the losses (means over the batch), the max subtracted in every exponential
(Goodfellow, Bengio, Courville, Deep Learning (2016), 4.1).
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

from gradviz.gates import shapes
from gradviz.gates.arrays import mean, spread, unbroadcast
from gradviz.gates.row import ANY, AXIS, KEEPDIMS, LAST_AXIS, Gate, Spelling, with_axis

Array = Any


def _largest(xp: Any, x: Array, axis: Any) -> Array:
    """The largest entry along axes, or 0 where it is not finite or there is none."""
    top = xp.max(x, axis=axis, keepdims=True, initial=-xp.inf)
    return xp.where(xp.isfinite(top), top, 0.0)


def _logsumexp(xp: Any, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    top = _largest(xp, x, axis)
    reached = x == top
    count = xp.sum(reached, axis=axis, keepdims=True)
    beyond = xp.sum(xp.where(reached, 0.0, xp.exp(x - top)), axis=axis, keepdims=True)
    found = top + xp.where(count == 1, xp.log1p(beyond), xp.log(count + beyond))
    return found if keepdims else xp.reshape(found, shapes.reduced(x.shape, axis))


def _logsumexp_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **reduction: Any) -> Array:
    return spread(xp, u, x, **reduction) * _shares_of_sum(xp, x, reduction.get("axis"))


def _shares_of_sum(xp: Any, x: Array, axis: Any) -> Array:
    """What each e ** x has of their sum along axes; not through a logarithm, which would lose digits far from 0."""
    powers = xp.exp(x - _largest(xp, x, axis))
    return xp.divide(powers, xp.sum(powers, axis=axis, keepdims=True))


def _softmax(xp: Any, x: Array, axis: int = -1) -> Array:
    return _shares_of_sum(xp, x, axis if x.ndim else None)


def _log_softmax(xp: Any, x: Array, axis: int = -1) -> Array:
    shifted = x - _largest(xp, x, axis if x.ndim else None)
    return shifted - _logsumexp(xp, shifted, axis if x.ndim else None, keepdims=True)


def _evened(xp: Any, share: Array, x: Array, axis: Any) -> Array:
    """The share of the largest entry as what the others lack: those of a softmax add up to 0.

    By its own formula it cancels where that entry is nearly all of the sum: 1 - e ** -40 is 1.
    """
    reached = x == _largest(xp, x, axis)
    alone = reached & (xp.sum(reached, axis=axis, keepdims=True) == 1)
    others = xp.sum(xp.where(alone, 0.0, share), axis=axis, keepdims=True)
    return xp.where(alone, 0.0 - others, share)


def _log_softmax_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axis: int = -1) -> Array:
    if not x.ndim:
        return u * 0.0
    return _evened(xp, u - _shares_of_sum(xp, x, axis) * xp.sum(u, axis=axis, keepdims=True), x, axis)


def _softmax_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, axis: int = -1) -> Array:
    return _evened(xp, y * (u - xp.sum(u * y, axis=axis, keepdims=True)), x, axis) if x.ndim else u * 0.0


def _norm(xp: Any, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    scale = _scale(xp, x, axis)
    scaled = xp.divide(x, scale)
    found = scale * xp.sqrt(xp.sum(scaled * scaled, axis=axis, keepdims=True))
    return found if keepdims else xp.reshape(found, shapes.reduced(x.shape, axis))


def _scale(xp: Any, x: Array, axis: Any) -> Array:
    """The power of 2 of the largest entry along axes: squares of what it divides neither overflow nor are rounded."""
    top = _largest(xp, xp.absolute(x), axis)
    return xp.where(top > 0, xp.ldexp(1.0, xp.frexp(top)[1] - 1), 1.0)


def _norm_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **reduction: Any) -> Array:
    size = spread(xp, y, x, **reduction)
    return spread(xp, u, x, **reduction) * xp.where(size == 0, 0.0, xp.divide(x, size))


def _l2_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, **reduction: Any) -> Array:
    return spread(xp, u, x, **reduction) * 2 * x


def _mse_pull(xp: Any, slot: int, u: Array, y: Array, a: Array, b: Array) -> Array:
    return 2 * _back(xp, u * (1 - 2 * slot) * (a - b), slot, a, b)


def _back(xp: Any, terms: Array, slot: int, a: Array, b: Array) -> Array:
    """The share of an input in a mean over pairs: each pair's, and the sum of those that it was repeated for."""
    pairs = shapes.broadcast(a.shape, b.shape)
    return unbroadcast(xp, xp.broadcast_to(terms / max(prod(pairs), 1), pairs), (a, b)[slot].shape)


def _weighted(xp: Any, weight: Array, log: Array) -> Array:
    """Terms with the weight 0 count nothing, so that a target that is reached exactly has no loss."""
    return xp.where(weight == 0, 0.0, weight * log)


def _bce(xp: Any, p: Array, t: Array) -> Array:
    return 0.0 - mean(xp, _weighted(xp, t, xp.log(p)) + _weighted(xp, 1 - t, xp.log1p(-p)))


def _bce_pull(xp: Any, slot: int, u: Array, y: Array, p: Array, t: Array) -> Array:
    if slot == 0:
        local = xp.where(t == 1, 0.0, xp.divide(1 - t, 1 - p)) - xp.where(t == 0, 0.0, xp.divide(t, p))
    else:
        local = xp.log1p(-p) - xp.log(p)
    return _back(xp, u * local, slot, p, t)


def _cross_entropy(xp: Any, x: Array, t: Array) -> Array:
    return 0.0 - mean(xp, xp.sum(_weighted(xp, t, _log_softmax(xp, x)), axis=-1))


def _cross_entropy_pull(xp: Any, slot: int, u: Array, y: Array, x: Array, t: Array) -> Array:
    count = max(x.size // max(x.shape[-1], 1), 1)
    if slot == 1:
        return u * -_log_softmax(xp, x) / count
    return u * _evened(xp, _softmax(xp, x) * xp.sum(t, axis=-1, keepdims=True) - t, x, -1) / count


_NORM_AXIS: Final = AXIS._replace(by_keyword="in libraries the second argument of a norm is its order, which is 2 here")

# fmt: off
ROWS: Final = (
    Gate("softmax", "softmax", _softmax, None, None, "e ** x over its sum along an axis, the last unless given",
         spelling=Spelling("softmax{axis:_}{0:()}", r"\operatorname{{softmax}}{axis:_}{0:()}"),
         spelled="nn.softmax torch.softmax tf.keras.activations.softmax scipy.special.softmax", settings=(LAST_AXIS,),
         made_of=("a = exp(x); a / sum(a, axis={axis}, keepdims=True)", "a = exp(x); a / sum(a)",
                  "a = exp(x - max(x, axis={axis}, keepdims=True)); a / sum(a, axis={axis}, keepdims=True)",
                  "a = exp(x - max(x)); a / sum(a)"), shows=with_axis("softmax"),
         pulled=("{y} ⊙ ({u} − Σ {u} ⊙ {y})",), pull=_softmax_pull, shape=shapes.along,
         derivative=("y*(u - sum(u*y, axis={axis}, keepdims=True))",)),
    Gate("log_softmax", "log softmax", _log_softmax, None, None, "the logarithm of the softmax",
         spelling=Spelling("log softmax{axis:_}{0:()}", r"\log \operatorname{{softmax}}{axis:_}{0:()}"),
         spelled="nn.log_softmax torch.log_softmax scipy.special.log_softmax", settings=(LAST_AXIS,),
         made_of=("x - logsumexp(x, axis={axis}, keepdims=True)", "log(softmax(x, axis={axis}))"),
         shows=with_axis("log softmax"), pulled=("{u} − softmax({0}) · Σ {u}",),
         pull=_log_softmax_pull, shape=shapes.along,
         derivative=("u - exp(y)*sum(u, axis={axis}, keepdims=True)",)),
    Gate("logsumexp", "logsumexp", _logsumexp, None, None, "the logarithm of the sum of e ** x",
         spelling=Spelling("logsumexp{axis:_}{0:()}", r"\operatorname{{logsumexp}}{axis:_}{0:()}"),
         spelled="torch.logsumexp tf.reduce_logsumexp jax.nn.logsumexp jax.scipy.special.logsumexp "
                 "scipy.special.logsumexp",
         settings=(AXIS, KEEPDIMS), made_of=("log(sum(exp(x), axis={axis}, keepdims={keepdims}))",),
         shows=with_axis("logsumexp"), pulled=("{u} · softmax({0})",), pull=_logsumexp_pull, shape=shapes.reduced,
         derivative=("u*exp(x - y)",)),
    Gate("norm", "‖x‖", _norm, None, None, "the Euclidean norm of the entries; its gradient at 0 is 0",
         spelling=Spelling("‖{0}‖", r"\lVert {0} \rVert"),
         spelled="np.linalg.norm torch.norm torch.linalg.norm tf.norm tf.linalg.norm", settings=(_NORM_AXIS, KEEPDIMS),
         made_of=("sqrt(sum(x**2, axis={axis}, keepdims={keepdims}))",
                  "sqrt(sum(square(x), axis={axis}, keepdims={keepdims}))"), shows=with_axis("‖x‖"),
         pulled=("{u} · {0} / {y}",), pull=_norm_pull, shape=shapes.reduced,
         derivative=("where(y == 0, 0, u*x/y)",)),
    Gate("L2", "L2", lambda xp, x, **s: xp.sum(x * x, **s), None, None, "the sum of the squares of the entries",
         spelling=Spelling("‖{0}‖²", r"\lVert {0} \rVert^{{2}}", 4),
         aliases=("l2",), settings=(AXIS, KEEPDIMS),
         made_of=("sum(x**2, axis={axis}, keepdims={keepdims})", "sum(square(x), axis={axis}, keepdims={keepdims})",
                  "sum(x*x, axis={axis}, keepdims={keepdims})"),
         shows=with_axis("L2"), pulled=("{u} · 2 · {0}",), pull=_l2_pull, shape=shapes.reduced,
         derivative=("2*u*x",)),
    Gate("mse", "mse", lambda xp, a, b: mean(xp, (a - b) * (a - b)), None, None, "the mean of the squared differences",
         aliases=("mse_loss",), spelled="nn.mse_loss tf.losses.mean_squared_error", domain=(ANY, ANY),
         inputs=("input", "target"), ordered=True,
         made_of=("mean((input - target)**2)", "mean(square(input - target))"),
         behaves=("means",), pulled=("{u} · 2 · ({0} − {1}) / n", "{u} · 2 · ({1} − {0}) / n"),
         pull=_mse_pull, shape=shapes.paired,
         derivative=("2*u/n*(a - b)", "2*u/n*(b - a)")),
    Gate("binary_cross_entropy", "BCE", _bce, None, None, "the mean of -t log p - (1 - t) log(1 - p)", aliases=("bce",),
         spelled="nn.binary_cross_entropy", domain=((0.1, 0.9), (0.1, 0.9)), inputs=("input", "target"), ordered=True,
         made_of=("-mean(target*log(input) + (1 - target)*log(1 - input))",
                  "mean(-target*log(input) - (1 - target)*log(1 - input))",
                  "mean(-(target*log(input) + (1 - target)*log(1 - input)))"),
         behaves=("means",),
         pulled=("{u} · ((1 − {1}) / (1 − {0}) − {1} / {0}) / n", "{u} · log((1 − {0}) / {0}) / n"),
         pull=_bce_pull, shape=shapes.paired,
         derivative=("u*(where(b == 1, 0, (1 - b)/(1 - a)) - where(b == 0, 0, b/a))/n", "u*(log(1 - a) - log(a))/n")),
    Gate("cross_entropy", "CE", _cross_entropy, None, None,
         "the mean of -Σ t log softmax(x): logits and one-hot rows or probabilities", spelled="nn.cross_entropy",
         domain=(ANY, ANY), inputs=("input", "target"), ordered=True,
         made_of=("mean(-sum(target*log_softmax(input), axis=-1))", "-mean(sum(target*log_softmax(input), axis=-1))"),
         behaves=("means",), pulled=("{u} · (softmax({0}) − {1}) / n", "−{u} · log softmax({0}) / n"),
         pull=_cross_entropy_pull, shape=shapes.one_hot),
)
# fmt: on
