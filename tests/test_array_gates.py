"""Every gate of the table on arrays: shapes, gradients against central differences, Jacobians, conventions."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy
import pytest

from gradviz import nd
from gradviz.errors import ValuesError
from gradviz.evaluator import Trace, evaluate
from gradviz.gates import GATES, INF, NAN, Gate, Shape, ShapeError
from gradviz.gates.shapes import broadcast
from gradviz.graph import Graph, GraphBuilder
from gradviz.jacobians import Diagonal, Pulled, basis, locals_of
from gradviz.tensors import shapes as shapes_of
from tests.array_cases import CASES, ELEMENTWISE, OF_ARRAYS, cases_of, numbers

Array = Any
EACH = pytest.mark.parametrize("name", GATES)  # all cases of a gate in one test, which takes a third of the time
STEP = 1e-6
CLOSE = 1e-7  # differences err by STEP**2 of the third derivative and by 1e-16/STEP of the value


@pytest.fixture(autouse=True)
def _as_in_a_pass() -> Iterator[None]:
    with numpy.errstate(all="ignore"):
        yield


def forward(gate: Gate, xs: tuple[Array, ...]) -> Array:
    return nd.number(gate.forward(nd, *xs))


def circuit(gate: Gate) -> Graph:
    """One gate on inputs of their own, x0, x1, …"""
    builder = GraphBuilder("?")
    return builder.build(builder.gate(gate, tuple(builder.input(f"x{slot}") for slot in range(gate.arity))))


def traced(gate: Gate, *xs: Any, **options: Any) -> Trace:
    return evaluate(circuit(gate), {f"x{slot}": x for slot, x in enumerate(xs)}, **options)


# the cases -----------------------------------------------------------------------------------------------------------


def test_every_gate_of_the_table_has_cases() -> None:
    assert {case.name for case in CASES} == GATES.keys()
    assert {case.name for case in ELEMENTWISE} | OF_ARRAYS.keys() == GATES.keys()
    assert {name for name, gate in GATES.items() if gate.pull} == OF_ARRAYS.keys()


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_every_setting_of_a_gate_is_in_a_case(gate: Gate) -> None:
    given = {name for case in CASES if case.name == gate.name for name in case.settings}
    assert given == {setting.name for setting in gate.settings}


# shapes --------------------------------------------------------------------------------------------------------------


@EACH
def test_the_shape_is_known_before_anything_is_computed(name: str) -> None:
    for case in cases_of(name):
        assert (case.gate.shape or broadcast)(*case.shapes) == forward(case.gate, numbers(case)).shape, case


def told(function: Callable[..., Shape], *args: Any, **settings: Any) -> Shape | None:
    try:
        return function(*args, **settings)
    except ShapeError:
        return None


def numpys(function: Callable[[], Any]) -> Shape | None:
    try:
        return numpy.shape(function())
    except (ValueError, IndexError):
        return None


def any_shape(random: Random, most: int = 3) -> Shape:
    return tuple(random.choice((0, 1, 1, 2, 3)) for _ in range(random.randint(0, most)))


def any_bound(random: Random) -> int | None:
    return random.choice((None, random.randint(-4, 4)))


def any_index(random: Random) -> Any:
    span = (any_bound(random), any_bound(random), random.choice((None, 1, 2, -1, -2)))
    return random.choice((random.randint(-3, 3), span, span, ..., None))


def as_numpy(at: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(slice(*each) if isinstance(each, tuple) else each for each in at)


def pair_of(random: Random, name: str, a: Shape, b: Shape) -> tuple[Shape | None, Shape | None]:
    """What the row and what NumPy say of a gate on zeros of shapes that may not fit."""
    gate, x, y = GATES[name], numpy.zeros(a), numpy.zeros(b)
    axis = random.choice((None, *range(-3, 3), *((random.randint(-2, 2), random.randint(-2, 2)) for _ in range(4))))
    axis = axis if a else None  # NumPy lets a number have an axis 0, and we do not
    sizes = tuple(random.choice((-1, 0, 1, 1, 2, 3, 6)) for _ in range(random.randint(0, 3)))
    at = tuple(any_index(random) for _ in range(random.randint(0, 3)))
    order = tuple(random.sample(range(-len(a), len(a)), len(a)))
    order = order[::-1] if len(a) > 1 and [k % len(a) for k in order] == list(range(len(a))) else order  # see below
    one = axis if isinstance(axis, int) else 0
    trials: dict[str, tuple[dict[str, Any], tuple[Shape, ...], Callable[[], Any]]] = {
        "add": ({}, (a, b), lambda: x + y),
        "matmul": ({}, (a, b), lambda: x @ y),
        "sum": ({"axis": axis}, (a,), lambda: x.sum(axis=axis)),
        "amax": ({"axis": axis, "keepdims": True}, (a,), lambda: x.max(axis=axis, keepdims=True)),
        "reshape": ({"shape": sizes}, (a,), lambda: x.reshape(sizes)),
        "transpose": ({"axes": order}, (a,), lambda: x.transpose(order)),
        "swapaxes": ({"axis": one, "other": 1}, (a,), lambda: x.swapaxes(one, 1)),
        "concatenate": ({"axis": one}, (a, b), lambda: numpy.concatenate([x, y], axis=one)),
        "stack": ({"axis": one}, (a, b), lambda: numpy.stack([x, y], axis=one)),
        "index": ({"at": at}, (a,), lambda: x[as_numpy(at)]),
    }
    settings, shapes, by_numpy = trials[name]
    gate = gate.choose(settings).of(len(shapes))
    return told(gate.shape or broadcast, *shapes), numpys(by_numpy)


@pytest.mark.parametrize(
    "name", ["add", "matmul", "sum", "amax", "reshape", "transpose", "swapaxes", "concatenate", "stack", "index"]
)
def test_hundreds_of_shapes_are_taken_and_refused_as_numpy_does(name: str) -> None:
    random, legal = Random(1), 0
    for _ in range(800):
        a = any_shape(random)
        b = random.choice((a, a[::-1], any_shape(random)))
        ours, numpys_own = pair_of(random, name, a, b)
        assert ours == numpys_own, (a, b)
        legal += ours is not None
    assert 50 < legal < 800  # both are met


@pytest.mark.parametrize(
    ("name", "settings", "shapes", "words"),
    [
        ("add", {}, ((2, 3), (2,)), "the shapes (2, 3) and (2,) do not broadcast"),
        (
            "matmul",
            {},
            ((2, 3), (2, 3)),
            "the shapes (2, 3) and (2, 3) do not match: 3 columns on the left, 2 rows on the right",
        ),
        ("matmul", {}, ((2, 3), (2,)), "3 columns on the left, 2 entries on the right"),
        (
            "matmul",
            {},
            ((), (2,)),
            "the shapes () (a number) and (2,) are not of vectors or matrices; with a number write *",
        ),
        ("sum", {"axis": 2}, ((2, 3),), "there is no axis 2 in the shape (2, 3)"),
        ("sum", {"axis": (0, -2)}, ((2, 3),), "the axes (0, -2) name one twice"),
        ("amax", {}, ((0,),), "no largest or smallest entry in the shape (0,)"),
        (
            "reshape",
            {"shape": (4, -1)},
            ((2, 3),),
            "the 6 entries of the shape (2, 3) cannot be put into the shape (4, -1)",
        ),
        ("transpose", {"axes": (0,)}, ((2, 3),), "the axes (0,) are not those of the shape (2, 3)"),
        (
            "transpose",
            {"axes": (0, 1)},
            ((2, 3),),
            "the axes (0, 1) change nothing; to exchange two axes write swapaxes",
        ),
        ("concatenate", {"axis": 0}, ((2, 3), (2, 2)), "the shapes (2, 3) and (2, 2) cannot be joined along axis 0"),
        ("stack", {}, ((2,), (3,)), "the shapes (2,) and (3,) cannot be stacked"),
        ("index", {"at": (2,)}, ((2, 3),), "index 2 is out of range for axis 0 of the shape (2, 3)"),
        ("index", {"at": (0, 0, 0)}, ((2, 3),), "3 indices for the shape (2, 3)"),
        ("index", {"at": (..., ...)}, ((2, 3),), "at most one '...'"),
        ("mse", {}, ((2,), (3,)), "the shapes (2,) and (3,) do not broadcast"),
        ("mse", {}, ((3, 1), (3,)), "must be the same, or one must broadcast to the other"),
        ("cross_entropy", {}, ((2, 3), (2,)), "write whole-number classes as one-hot rows"),
        ("cross_entropy", {}, ((), ()), "takes a vector of logits"),
    ],
)
def test_shapes_that_do_not_fit_are_told_in_words(
    name: str, settings: dict[str, Any], shapes: tuple[Shape, ...], words: str
) -> None:
    gate = GATES[name].choose(settings).of(len(shapes))
    with pytest.raises(ShapeError) as caught:
        (gate.shape or broadcast)(*shapes)
    assert words in str(caught.value)


# gradients -----------------------------------------------------------------------------------------------------------


def wrong_slots(gate: Gate, xs: tuple[Array, ...]) -> list[int]:
    """The inputs whose share is not the central difference, along a random direction and for a random seed."""
    random = numpy.random.default_rng(0)
    y = forward(gate, xs)
    seed, found = random.standard_normal(y.shape), []
    for slot, (local, x) in enumerate(zip(locals_of(gate, y, xs), xs, strict=True)):
        share, way = nd.number(local * seed), random.standard_normal(x.shape)
        assert share.shape == x.shape
        if not x.size:
            continue
        right, left = (forward(gate, (*xs[:slot], x + s * STEP * way, *xs[slot + 1 :])) for s in (1, -1))
        difference = float(numpy.sum(seed * (right - left)) / (2 * STEP))
        size = float(numpy.sum(abs(seed * y))) + float(numpy.sum(abs(share * way))) + 1
        if not abs(float(numpy.sum(share * way)) - difference) <= CLOSE * size:
            found.append(slot)
    return found


@EACH
def test_shares_are_central_differences(name: str) -> None:
    assert [str(case) for case in cases_of(name) if wrong_slots(case.gate, numbers(case))] == []


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_a_wrong_pull_or_partial_is_found(gate: Gate) -> None:
    case = next(
        c for c in CASES if c.name == gate.name and 0 not in numpy.ravel(c.shapes[0]) and max(map(len, c.shapes))
    )
    gate = case.gate

    def pull(*args: Any) -> Array:
        return (gate.pull or nd.number)(*args) + 1e-3

    def partials(*args: Any) -> tuple[Any, ...]:
        return tuple(p + 1e-3 for p in (gate.partials or tuple)(*args))

    wrong = replace(gate, pull=pull) if gate.pull else replace(gate, partials=partials)
    assert wrong_slots(wrong, numbers(case)) == list(range(gate.arity))


@EACH
def test_a_pull_is_linear_and_changes_nothing_that_it_is_given(name: str) -> None:
    for case in cases_of(name):
        xs = numbers(case)
        y, random = forward(case.gate, xs), numpy.random.default_rng(1)
        u, v = random.standard_normal(y.shape), random.standard_normal(y.shape)
        kept = [x.copy() for x in (*xs, u, v)]
        for local in locals_of(case.gate, y, xs):
            whole, parts = local * (2 * u - 3 * v), 2 * (local * u) - 3 * (local * v)
            assert numpy.allclose(whole, parts, rtol=1e-9, atol=1e-9), case  # sums in another order
        assert all(map(numpy.array_equal, kept, (*xs, u, v))), case


# local Jacobians -----------------------------------------------------------------------------------------------------


def difference(gate: Gate, xs: tuple[Array, ...], slot: int, by: Array) -> Array:
    """The central difference of all outputs, an input moved by `by`."""
    right, left = (forward(gate, (*xs[:slot], xs[slot] + sign * by, *xs[slot + 1 :])) for sign in (1, -1))
    return (right - left) / (2 * STEP)


@EACH
def test_a_local_as_an_array_is_the_jacobian(name: str) -> None:
    """Of an element-wise gate its diagonal: the difference when all entries of an input move together."""
    for case in cases_of(name):
        gate, xs = case.gate, numbers(case)
        y = forward(gate, xs)
        for slot, (local, x) in enumerate(zip(locals_of(gate, y, xs), xs, strict=True)):
            if isinstance(local, Pulled):
                columns = [difference(gate, xs, slot, STEP * e).ravel() for e in basis(x.shape)]
                expected = numpy.array(columns).reshape(x.size, y.size).T.reshape(*y.shape, *x.shape)
            else:
                expected = difference(gate, xs, slot, STEP)
            found = local.array() if isinstance(local, Diagonal | Pulled) else numpy.array(local)
            assert found.shape == expected.shape, case
            assert numpy.allclose(found, expected, rtol=1e-5, atol=1e-6), case
            assert not isinstance(local, Diagonal | Pulled) or found.size == local.size, case


# whole Jacobians -----------------------------------------------------------------------------------------------------


def network() -> tuple[Graph, dict[str, Array]]:
    """tanh(W @ x + b) * s, with fan-out of x and a number s that is repeated."""
    builder = GraphBuilder("?")
    w, x, b, s = map(builder.input, "Wxbs")
    hidden = builder.gate(GATES["tanh"], (builder.gate(GATES["add"], (builder.gate(GATES["matmul"], (w, x)), b)),))
    total = builder.gate(GATES["sum"], (builder.gate(GATES["square"], (x,)),))
    out = builder.gate(GATES["mul"], (builder.gate(GATES["mul"], (hidden, s)), total))
    random = numpy.random.default_rng(2)
    values = {"W": random.standard_normal((2, 3)), "x": random.standard_normal(3), "b": random.standard_normal(2)}
    return builder.build(out), {**values, "s": 0.7}


def test_the_jacobian_is_the_gradients_of_every_seed() -> None:
    graph, values = network()
    whole = evaluate(graph, values, jacobian=True)
    runs = [evaluate(graph, values, seed=seed) for seed in basis((2,))]
    assert whole.jacobian
    for node, value in enumerate(whole.node_values):
        numpy.testing.assert_array_equal(whole.node_grads[node], [run.node_grads[node] for run in runs])
        assert numpy.shape(whole.node_grads[node]) == (2, *numpy.shape(value))
        for slot in range(len(graph.operands[node])):
            numpy.testing.assert_array_equal(whole.shares[node][slot], [run.shares[node][slot] for run in runs])


def test_a_gradient_is_the_seed_times_the_jacobian() -> None:
    graph, values = network()
    seed = [0.3, -1.2]
    whole, weighed = evaluate(graph, values, jacobian=True), evaluate(graph, values, seed=seed)
    for name in values:
        expected = numpy.tensordot(seed, whole.grads[name], axes=1)
        numpy.testing.assert_allclose(weighed.grads[name], expected, rtol=1e-12)  # a few roundings


def test_the_jacobian_of_a_number_is_its_gradient() -> None:
    plain, whole = (traced(GATES["sum"], [[1, 2], [3, 4]], jacobian=jacobian) for jacobian in (False, True))
    numpy.testing.assert_array_equal(plain.grads["x0"], whole.grads["x0"])


def test_the_jacobian_of_nothing_is_empty() -> None:
    assert traced(GATES["square"], numpy.zeros(0), jacobian=True).grads["x0"].shape == (0, 0)


# conventions ---------------------------------------------------------------------------------------------------------

CONVENTIONS: list[tuple[str, dict[str, Any], tuple[Any, ...], Any, tuple[Any, ...]]] = [
    # ties share evenly
    ("amax", {}, ([1, 3, 3],), 3, ([0, 0.5, 0.5],)),
    ("amin", {}, ([[1, 1], [1, 1]],), 1, ([[0.25, 0.25], [0.25, 0.25]],)),
    ("amax", {"axis": 1}, ([[2, 2], [0, 1]],), [2, 1], ([[0.5, 0.5], [0, 1]],)),
    ("max", {}, ([1, 2, 3], 2), [2, 2, 3], ([0, 0.5, 1], 1.5)),
    ("norm", {}, ([0, 0],), 0, ([0, 0],)),
    ("norm", {"axis": 0}, ([[3, 0], [4, 0]],), [5, 0], ([[0.6, 0], [0.8, 0]],)),
    ("prod", {}, ([2, 0, 5],), 0, ([0, 10, 0],)),
    ("prod", {}, ([0, 0, 5],), 0, ([0, 0, 0],)),
    ("prod", {"axis": -1}, ([[2, 0], [3, 4]],), [0, 12], ([[0, 2], [4, 3]],)),
    ("prod", {}, ([],), 1, ([],)),
    ("sum", {}, ([],), 0, ([],)),
    ("mean", {"axis": 0}, (numpy.zeros((2, 0)),), [], (numpy.zeros((2, 0)),)),
    ("relu", {}, ([-1, 0, 2],), [0, 0, 2], ([0, 0, 1],)),
    ("abs", {}, ([-1, 0, 2],), [1, 0, 2], ([-1, 0, 1],)),
    ("pow", {}, ([0, 0, 2], [0, 2, 3]), [1, 0, 8], ([0, 0, 12], [0, 0, 8 * math.log(2)])),
    ("clip", {}, ([0, 1, 2, 3], 1, 2), [1, 1, 2, 2], ([0, 1, 1, 0], 1, 1)),
    ("where", {}, ([1, 0, -2], [1, 2, 3], 7), [1, 7, 3], ([0, 0, 0], [1, 0, 1], 1)),
    ("greater", {}, ([1, 2, 3], 2), [0, 0, 1], ([0, 0, 0], 0)),
    # far out
    ("softmax", {}, ([1000, 0],), [1, 0], ([0, 0],)),
    ("softmax", {}, ([-1000, -1000],), [0.5, 0.5], ([0, 0],)),
    ("softmax", {}, ([0, -INF],), [1, 0], ([0, 0],)),
    ("log_softmax", {}, ([1000, 0],), [0, -1000], ([-1, 1],)),
    ("log_softmax", {}, ([0, -INF],), [0, -INF], ([-1, 1],)),
    ("logsumexp", {}, ([1000, 1000],), 1000 + math.log(2), ([0.5, 0.5],)),
    ("logsumexp", {}, ([-1000, -2000],), -1000, ([1, 0],)),
    ("logsumexp", {}, ([0, -INF],), 0, ([1, 0],)),
    ("logsumexp", {"axis": 0}, (numpy.zeros((0, 2)),), [-INF, -INF], (numpy.zeros((0, 2)),)),
    # targets that are reached exactly have no loss
    ("binary_cross_entropy", {}, ([1, 0], [1, 0]), 0, ([-0.5, 0.5], [-INF, INF])),
    ("binary_cross_entropy", {}, ([0.5, 0.5], [1, 0]), math.log(2), ([-1, 1], [0, 0])),
    ("binary_cross_entropy", {}, ([0], [1]), INF, ([-INF], [INF])),
    ("cross_entropy", {}, ([1000, 0], [1, 0]), 0, ([0, 0], [0, 1000])),
    ("cross_entropy", {}, ([0, 1000], [1, 0]), 1000, ([-1, 1], [1000, 0])),
    ("cross_entropy", {}, ([[0, 0], [0, 0]], [[1, 0], [0, 1]]), math.log(2),
     ([[-0.25, 0.25], [0.25, -0.25]], [[math.log(2) / 2] * 2] * 2)),
    ("cross_entropy", {}, ([0, -INF], [1, 0]), 0, ([0, 0], [0, INF])),
    ("mse", {}, ([1, 2], [1, 4]), 2, ([0, -2], [0, 2])),
    ("gelu", {}, ([-40, 0, 40],), [0, 0, 40], ([0, 0.5, 1],)),
    ("swish", {}, ([-1000, 0, 1000],), [0, 0, 1000], ([0, 0.5, 1],)),
]  # fmt: skip


def named(rows: list[Any]) -> list[str]:
    return [f"{row[0]}-{number}" for number, row in enumerate(rows)]


@pytest.mark.parametrize(("name", "settings", "xs", "value", "grads"), CONVENTIONS, ids=named(CONVENTIONS))
def test_values_and_gradients_at_special_points(
    name: str, settings: dict[str, Any], xs: tuple[Any, ...], value: Any, grads: tuple[Any, ...]
) -> None:
    """Upstream is 1 for each entry; log softmax, whose gradient would be 0, has it at its first entry only."""
    seed = numpy.ones(numpy.shape(value))
    if name == "log_softmax":
        seed[1:], grads = 0, ([1 - numpy.exp(value[0]), -numpy.exp(value[1])],)
    trace = traced(GATES[name].choose(settings), *xs, seed=seed if seed.ndim else 1)
    numpy.testing.assert_allclose(trace.output, value, rtol=1e-15, atol=1e-15)  # a rounding or two
    for slot, grad in enumerate(grads):
        numpy.testing.assert_allclose(trace.grads[f"x{slot}"], grad, rtol=1e-15, atol=1e-15)


def test_the_mean_of_nothing_is_nan_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace = traced(GATES["mean"], [])
    assert math.isnan(trace.output)
    assert trace.notes == ("gate 'mean' gives nan at an array of shape (0,)",)


@pytest.mark.parametrize(
    "name", ["softmax", "log_softmax", "logsumexp", "norm", "amax", "cross_entropy", "mean", "prod"]
)
def test_a_nan_goes_through(name: str) -> None:
    trace = traced(GATES[name], *[[1, NAN, 2]] * GATES[name].arity, seed=numpy.ones(3) if "soft" in name else None)
    assert numpy.isnan(trace.output).all()


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_no_loss_is_zero_and_not_minus_zero(name: str) -> None:
    output = traced(GATES[name], [1, 0] if name[0] == "b" else [1000, 0], [1, 0]).output
    assert (output, math.copysign(1, output)) == (0, 1)


# a graph's shapes ----------------------------------------------------------------------------------------------------


def test_the_shapes_of_a_graph() -> None:
    graph, values = network()
    assert shapes_of(graph, [numpy.shape(values[name]) for name in graph.input_names]) == \
        [(2, 3), (3,), (2,), (), (2,), (2,), (2,), (3,), (), (2,), (2,)]  # fmt: skip


def test_a_gate_that_does_not_fit_is_named_before_anything_is_computed() -> None:
    def never(xp: Any, x: Any) -> Any:
        raise AssertionError

    builder = GraphBuilder("exp(W) @ x")
    w, x = builder.input("W", (4, 5)), builder.input("x", (9, 10))
    early = builder.gate(replace(GATES["exp"], forward=never), (w,), (0, 3))
    graph = builder.build(builder.gate(GATES["matmul"], (early, x), (7, 8)))
    with pytest.raises(ValuesError, match=r"\(2, 3\) and \(2,\)") as caught:
        evaluate(graph, {"W": numpy.ones((2, 3)), "x": [1, 2]})
    assert caught.value.place == (7, 8)
