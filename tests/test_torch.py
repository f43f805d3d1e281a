"""Every gate that PyTorch has, against PyTorch in float64: values and gradients, settings, kinks and ties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy
import pytest

import gradviz
from gradviz.errors import ValuesError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES, INF, Gate
from gradviz.graph import GraphBuilder
from tests.array_cases import Case, cases_of, numbers

torch = pytest.importorskip("torch")
F: Final[Any] = torch.nn.functional

EXACT = 1e-12  # both compute in float64, with sums in another order
Counterpart = Callable[..., Any]  # of tensors, and the gate's settings as keywords


def _reduction(function: Callable[..., Any]) -> Counterpart:
    """A reduction; PyTorch has no keepdim where there is no dim, and takes an empty dim for all."""

    def reduced(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis == ():
            return function(x.unsqueeze(0), dim=0, keepdim=False)  # over no axis at all
        axes = tuple(range(x.ndim)) if axis is None else axis
        return function(x, dim=axes, keepdim=keepdims) if x.ndim else function(x, dim=0)

    return reduced


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """PyTorch's product takes one axis."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not x.ndim:
        return x.prod()
    for k in sorted((k % x.ndim for k in axes), reverse=True):
        x = x.prod(dim=k, keepdim=keepdims)
    return x


def _index(x: Any, at: tuple[Any, ...] = ()) -> Any:
    """By numbers alone: a PyTorch index takes no negative step."""
    places = numpy.arange(x.numel()).reshape(x.shape)
    chosen = places[tuple(slice(*each) if isinstance(each, tuple) else each for each in at)]
    return x.reshape(-1)[torch.from_numpy(numpy.array(chosen).ravel())].reshape(numpy.shape(chosen))


def _cross_entropy(x: Any, t: Any) -> Any:
    """PyTorch's classes stand on the second axis, ours on the last."""
    return F.cross_entropy(x.reshape(-1, x.shape[-1]), t.reshape(-1, x.shape[-1]))


SAME_NAME: Final = (
    "add", "sub", "mul", "div", "neg", "pow", "exp", "log", "sqrt", "square", "reciprocal", "abs", "sin", "cos", "tan",
    "tanh", "sigmoid", "relu",
)  # fmt: skip
COUNTERPARTS: dict[str, Counterpart] = {
    **{name: getattr(torch, name) for name in SAME_NAME},
    "elu": F.elu,
    "softplus": lambda x: F.softplus(x, threshold=1000),  # above its threshold PyTorch drops the term below 1e-9
    "leaky_relu": lambda x, negative_slope=0.01: F.leaky_relu(x, negative_slope),
    "gelu": F.gelu,
    "swish": F.silu,
    "max": torch.maximum,
    "min": torch.minimum,
    "where": lambda c, a, b: torch.where(c != 0, a, b),
    "clip": lambda *xs: torch.clamp(*torch.broadcast_tensors(*xs)),  # its own broadcasting fails in the backward pass
    "matmul": torch.matmul,
    "sum": _reduction(torch.sum),
    "mean": _reduction(torch.mean),
    "amax": _reduction(torch.amax),
    "amin": _reduction(torch.amin),
    "logsumexp": _reduction(torch.logsumexp),
    "norm": _reduction(torch.linalg.vector_norm),
    "prod": _prod,
    "transpose": lambda x, axes=None: x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes),
    "swapaxes": lambda x, axis=0, other=1: torch.transpose(x, axis, other),
    "reshape": lambda x, shape=-1: x.reshape(shape),
    "broadcast_to": lambda x, shape=(-1, -1): x.expand(shape),
    "flatten": torch.ravel,
    "index": _index,
    "concatenate": lambda *xs, axis=0: torch.cat(xs, dim=axis),
    "stack": lambda *xs, axis=0: torch.stack(xs, dim=axis),
    "softmax": lambda x, axis=-1: F.softmax(x, dim=axis),
    "log_softmax": lambda x, axis=-1: F.log_softmax(x, dim=axis),
    "mse": lambda x, t: F.mse_loss(*torch.broadcast_tensors(x, t)),
    "binary_cross_entropy": lambda x, t: F.binary_cross_entropy(*torch.broadcast_tensors(x, t)),
    "cross_entropy": _cross_entropy,
}
WITHOUT = {
    "L2": "the sum of squares has no name in PyTorch; its half has in TensorFlow",
    **dict.fromkeys(
        ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"),
        "PyTorch's comparisons are of true and false and take no part in gradients",
    ),
}


def test_every_gate_has_a_counterpart_or_a_reason_why_not() -> None:
    assert COUNTERPARTS.keys() | WITHOUT.keys() == GATES.keys()
    assert not COUNTERPARTS.keys() & WITHOUT.keys()


# both sides ----------------------------------------------------------------------------------------------------------


def ours(gate: Gate, xs: tuple[Any, ...], seed: Any) -> list[Any]:
    """Value and gradients by gradviz."""
    builder = GraphBuilder("?")
    graph = builder.build(builder.gate(gate, tuple(builder.input(f"x{slot}") for slot in range(gate.arity))))
    trace: Trace = evaluate(graph, {f"x{slot}": x for slot, x in enumerate(xs)}, seed=seed)
    return [trace.output, *(trace.grads[f"x{slot}"] for slot in range(gate.arity))]


def torchs(case: Case, xs: tuple[Any, ...], seed: Any) -> list[Any]:
    """Value and gradients by PyTorch; an input that its gate has no gradient for has zeros."""
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
    value = COUNTERPARTS[case.name](*tensors, **case.settings)
    if value.requires_grad:
        value.backward(torch.tensor(seed, dtype=torch.float64).expand(value.shape))
    grads = [torch.zeros_like(x) if x.grad is None else x.grad for x in tensors]
    return [tensor.detach().numpy() for tensor in (value, *grads)]


def disagreements(gate: Gate, case: Case, xs: tuple[Any, ...]) -> list[int]:
    """Where the two differ: 0 is the value, then the inputs by number; nan agrees with nan."""
    shape = numpy.shape(torchs(case, xs, 1.0)[0])
    seed = numpy.random.default_rng(3).standard_normal(shape)
    pairs = zip(ours(gate, xs, seed), torchs(case, xs, seed), strict=True)
    return [k for k, (a, b) in enumerate(pairs) if not same(a, b)]


def same(a: Any, b: Any) -> bool:
    size = 1.0 + float(numpy.max(numpy.abs(b), initial=0.0, where=numpy.isfinite(b)))
    return numpy.shape(a) == numpy.shape(b) and numpy.allclose(a, b, rtol=EXACT, atol=EXACT * size, equal_nan=True)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# cases ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_value_and_gradients_are_pytorchs(name: str) -> None:
    assert [str(case) for case in cases_of(name) if disagreements(case.gate, case, numbers(case))] == []


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_a_wrong_gate_is_found(name: str) -> None:
    case = next(case for case in cases_of(name) if len(case.shapes[0]) == 2 and 0 not in case.shapes[0])
    gate = case.gate
    wrong = replace(gate, forward=lambda xp, *xs: gate.forward(xp, *xs) + 1e-9)
    assert 0 in disagreements(wrong, case, numbers(case))


SPECIAL: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("relu", {}, ([-1, 0, -0.0, 2],)),
    ("abs", {}, ([-1, 0, -0.0, 2],)),
    ("sqrt", {}, ([0, 4, -1],)),
    ("log", {}, ([0, 1, INF],)),
    ("elu", {}, ([0, -1000, 1000],)),
    ("leaky_relu", {}, ([0, -1, 1],)),
    ("leaky_relu", {"negative_slope": 0.3}, ([0, -1, 1],)),
    ("gelu", {}, ([0, -30, 30, -5, 5],)),
    ("swish", {}, ([0, -700, 700, -5, 5],)),
    ("softplus", {}, ([0, -700, 700],)),
    ("sigmoid", {}, ([0, -1000, 1000],)),
    ("tanh", {}, ([0, -1000, 1000],)),
    ("max", {}, ([1, 2, 3], [2, 2, 2])),
    ("min", {}, ([1, 2, 3], [2, 2, 2])),
    ("pow", {}, ([0, 0, 0, 2, 5], [0, 1, 2, 0, -1])),
    ("clip", {}, ([-2, -1, 0, 1, 2], -1, 1)),
    ("where", {}, ([0, 1, -1], [1, 2, 3], [4, 5, 6])),
    ("amax", {}, ([3, 1, 3, 3],)),
    ("amin", {"axis": 1}, ([[1, 1], [2, 1]],)),
    ("amax", {"axis": (0, 1), "keepdims": True}, ([[1, 1], [2, 2]],)),
    ("norm", {}, ([0, 0],)),
    ("norm", {"axis": 0}, ([[0, 3], [0, 4]],)),
    ("prod", {}, ([2, 0, 5],)),
    ("prod", {}, ([0, 0, 5],)),
    ("prod", {"axis": 0}, ([[0, 2], [3, 4]],)),
    ("softmax", {}, ([1000, 0, -1000],)),
    ("softmax", {}, ([1000, 1000],)),
    ("softmax", {}, ([0, -INF],)),
    ("log_softmax", {}, ([1000, 0, -1000],)),
    ("log_softmax", {}, ([[0, 1], [5, 5]],)),
    ("logsumexp", {}, ([1000, 1000, -1000],)),
    ("logsumexp", {}, ([0, -INF],)),
    ("cross_entropy", {}, ([[1000, 0], [0, 1000]], [[1, 0], [1, 0]])),
    ("cross_entropy", {}, ([[1, 2, 3]], [[0.2, 0.3, 0.5]])),
    ("binary_cross_entropy", {}, ([0.5, 0.9, 0.1], [1, 0, 0.3])),
    ("mse", {}, ([1, 2], [1, 4])),
    ("matmul", {}, (numpy.ones((2, 1, 3, 2)), numpy.ones((4, 2, 1)))),
]


@pytest.mark.parametrize(("name", "settings", "xs"), SPECIAL, ids=[f"{row[0]}-{k}" for k, row in enumerate(SPECIAL)])
def test_our_conventions_are_pytorchs(name: str, settings: dict[str, Any], xs: tuple[Any, ...]) -> None:
    case = Case(name, settings, tuple(map(numpy.shape, xs)))
    assert disagreements(case.gate, case, xs) == []


# where we differ, on purpose -----------------------------------------------------------------------------------------


def test_a_cross_entropy_of_a_certainty_that_is_wrong_is_infinite() -> None:
    """PyTorch bounds the logarithm at -100, which draws a loss of 100 that is none."""
    case = Case("binary_cross_entropy", {}, ((1,), (1,)))
    assert ours(case.gate, ([0.0], [1.0]), None)[0] == INF
    assert torchs(case, ([0.0], [1.0]), 1.0)[0] == 100


def test_a_cross_entropy_at_a_certainty_that_is_right_still_falls() -> None:
    """-log p has the slope -1 at p = 1; PyTorch's formula divides by p(1 - p), bounded, and gives 0."""
    case = Case("binary_cross_entropy", {}, ((1,), (1,)))
    assert ours(case.gate, ([1.0], [1.0]), None)[1].tolist() == [-1]
    assert torchs(case, ([1.0], [1.0]), 1.0)[1].tolist() == [0]


def test_a_logit_of_minus_infinity_without_a_target_costs_nothing() -> None:
    """0 times -inf: PyTorch gives nan."""
    case = Case("cross_entropy", {}, ((1, 2), (1, 2)))
    assert ours(case.gate, ([[0.0, -INF]], [[1.0, 0.0]]), None)[0] == 0
    assert numpy.isnan(torchs(case, ([[0.0, -INF]], [[1.0, 0.0]]), 1.0)[0])


# tensors as values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.int64, torch.uint8])
@pytest.mark.parametrize("grad", [False, True])
def test_a_value_may_be_a_tensor(kind: Any, grad: bool) -> None:
    tensor = torch.tensor([1, 2, 3], dtype=kind, requires_grad=grad and kind.is_floating_point)
    value, *grads = ours(GATES["square"], (tensor,), torch.tensor([1.0, 1.0, 2.0]))
    assert (value.tolist(), grads[0].tolist()) == ([1, 4, 9], [2, 4, 12])
    assert ours(GATES["square"], (tensor[2],), None) == [9, 6]


def test_a_tensor_that_changes_later_changes_no_trace() -> None:
    tensor = torch.tensor([1.0, 2.0], dtype=torch.float64)
    value, grad = ours(GATES["neg"], (tensor,), [1, 1])
    tensor[:] = 9
    assert (value.tolist(), grad.tolist()) == ([-1, -2], [-1, -1])


@pytest.mark.parametrize("tensor", [torch.tensor([True]), torch.tensor([1j]), torch.tensor(True)], ids=repr)
def test_a_tensor_that_is_not_of_real_numbers_is_refused(tensor: Any) -> None:
    with pytest.raises(ValuesError, match=r"the value of 'x0' must be a number or an array of numbers, not tensor\("):
        ours(GATES["neg"], (tensor,), None)


# gradient descent ----------------------------------------------------------------------------------------------------

OPTIMIZERS: Final[dict[str, Callable[[Any], Any]]] = {
    "gd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "momentum=0.5": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.5),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adam=0.8,0.99,1e-6": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.99), eps=1e-6),
}
RATES: Final[dict[str, Callable[[Any], Any]]] = {
    "constant": lambda o: torch.optim.lr_scheduler.ConstantLR(o, 1.0),
    "step=20,0.5": lambda o: torch.optim.lr_scheduler.StepLR(o, 20, 0.5),
    "exponential=0.95": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.95),
    "linear": lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, 100),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 100),
}
XOR: Final = {"X": [[0.0, 0], [0, 1], [1, 0], [1, 1]], "Y": [[0.0], [1], [1], [0]]}
NET: Final = "h = sigmoid(X @ W1 + b1); p = sigmoid(h @ W2 + b2); -mean(Y*log(p) + (1 - Y)*log(1 - p))"
LINE: Final = {"X": [1.0, 2, 3, 5], "Y": [2.0, 3, 5, 4]}


def _net(p: dict[str, Any]) -> Any:
    x, y = (torch.tensor(XOR[name], dtype=torch.float64) for name in "XY")
    found = torch.sigmoid(torch.sigmoid(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])
    return -torch.mean(y * torch.log(found) + (1 - y) * torch.log(1 - found))


def _line(p: dict[str, Any]) -> Any:
    x, y = (torch.tensor(LINE[name], dtype=torch.float64) for name in "XY")
    return torch.mean((p["w"] * x + p["b"] - y) ** 2) / 20


MODELS: Final[dict[str, tuple[str, dict[str, Any], Callable[[dict[str, Any]], Any], dict[str, Any]]]] = {
    "XOR": (NET, XOR, _net, {"W1": [[0.3, -0.8], [0.5, 0.2]], "b1": [0.1, -0.4], "W2": [[0.7], [-0.6]], "b2": [0.2]}),
    "line": ("mean((w*X + b - Y)**2)/20", LINE, _line, {"w": -0.5, "b": 0.25}),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("update", "schedule"), [*((each, "constant") for each in OPTIMIZERS), *(("momentum", each) for each in RATES)]
)
def test_a_descent_is_that_of_its_optimizer(model: str, update: str, schedule: str) -> None:
    """Over 100 steps, to 1e-10."""
    program, data, loss, start = MODELS[model]
    learned = gradviz.descend(program, {**data, **start}, wrt=list(start), lr=0.1, update=update, schedule=schedule)
    parameters = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in start.items()}
    optimizer = OPTIMIZERS[update](list(parameters.values()))
    rate = RATES[schedule](optimizer)
    for k in range(101):
        reached = learned.at(k)
        for name, value in parameters.items():
            assert numpy.abs(numpy.asarray(reached[name]) - value.detach().numpy()).max() < 1e-10, (k, name)
        found = loss(parameters)
        assert learned.losses[k] == pytest.approx(found.item(), rel=1e-10, abs=1e-14)
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
        rate.step()
