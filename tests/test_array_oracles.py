"""Every gate on arrays against exact mathematics: mpmath's differences and SymPy's derivatives.

The references are those of `references.py`. In mpmath a slope is a central difference whose step is so small, and whose
numbers are so long, that it has more digits than a float. Central differences of floats are in `test_array_gates.py`.
"""

# ruff: noqa: ARG005  the gates that are found wrong take what a gate takes
from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mpmath
import numpy
import pytest
import sympy
from mpmath import mpf

from gradviz import nd
from gradviz.gates import GATES, Gate
from gradviz.jacobians import Diagonal, Pulled, locals_of
from tests.array_cases import Case, cases_of, numbers
from tests.references import OF_ARRAYS, number, objects, reference
from tests.test_oracles import errors, nearest

Array = Any
EACH = pytest.mark.parametrize("name", GATES)
DIGITS, STEP = 50, mpf(10) ** -20  # a difference errs by 1e-40
CLOSE = 1e-13  # a thousand roundings: sums of some products


@pytest.fixture(autouse=True)
def _as_in_a_pass() -> Iterator[None]:
    with numpy.errstate(all="ignore"):
        yield


# generic points: every case of every gate ----------------------------------------------------------------------------


def slope(function: Any, xs: list[Array], slot: int, way: Array, step: Any = STEP) -> Array:
    """The central difference of the outputs, an input moved along a way."""
    right, left = (function(*xs[:slot], xs[slot] + sign * step * way, *xs[slot + 1 :]) for sign in (1, -1))
    return (right - left) / (2 * step)


def off_the_reference(case: Case, gate: Gate) -> list[int]:
    """The numbers of a gate (0 the value, then the shares of its inputs) that are not those of its reference."""
    xs, random = numbers(case), numpy.random.default_rng(3)
    with mpmath.workdps(DIGITS):
        exact, at = (lambda *each: reference(case.name)(*each, **case.settings)), [number(x) for x in xs]
        y, truth = nd.number(gate.forward(nd, *xs)), exact(*at)
        seed = random.uniform(0.5, 1.0, y.shape)
        found = [0] if truth.shape != y.shape or far(y, truth) else []
        for slot, local in enumerate(locals_of(gate, y, xs)):
            if not xs[slot].size:
                continue
            way = random.uniform(0.5, 1.0, xs[slot].shape)
            share = nd.number(local * seed)
            expected = numpy.sum(number(seed) * slope(exact, at, slot, number(way)), initial=mpf(0))
            size = float(numpy.sum(abs(share) * way)) + float(numpy.sum(abs(y)))
            if share.shape != way.shape or far(numpy.sum(share * way), objects(expected), size):
                found.append(slot + 1)
    return found


def far(found: Array, truth: Array, size: float = 0.0) -> bool:
    """Whether a number is off by more than rounding can do to numbers of this size; nan is nan."""
    exact = truth.astype(float)
    near = (found == exact) | (abs(found - exact) <= CLOSE * (1 + size + abs(found)))
    return not numpy.all(near | numpy.isnan(found) & numpy.isnan(exact))


@EACH
def test_values_and_shares_are_those_of_exact_mathematics(name: str) -> None:
    """At generic points, with all settings, broadcasting, and arrays without entries."""
    assert [(str(case), slots) for case in cases_of(name) if (slots := off_the_reference(case, case.gate))] == []


@EACH
def test_a_gate_that_is_off_is_found(name: str) -> None:
    case = next(case for case in cases_of(name) if numpy.prod(case.shapes[0]) > 1)
    gate = case.gate
    assert 0 in off_the_reference(case, replace(gate, forward=lambda *xs: gate.forward(*xs) + 1e-10))
    if gate.pull is not None:
        worse = replace(gate, pull=lambda *args: gate.pull(*args) + 1e-10)
    else:
        worse = replace(gate, partials=lambda *args: tuple(p + 1e-10 for p in gate.partials(*args)))
    assert off_the_reference(case, worse) == [*range(1, gate.arity + 1)]


# far out -------------------------------------------------------------------------------------------------------------

LONG, TINY = 400, mpf(10) ** -60
ROUNDINGS = 16  # of sums of three
FAR: list[list[float]] = [
    [1e-300, 2e-300, -3.5e-300], [1e300, -2e300, 5e299], [1e160, -3e160, 3.0], [1e-160, 2e-170, -1e-165],
    [700.0, 0.0, -700.0], [1e-20, 2e-20, 4e-20],
]  # fmt: skip
EXPONENTS: list[list[float]] = [
    *FAR[3:], [0.0, -40.0, -41.0], [3.0, 40.0, 1.0], [-745.0, -744.5, -746.0], [1000.0, 999.0, -2000.0],
    [1e30, 5.0, -1e30],
]  # fmt: skip
CHANCES = [[1e-300, 0.7, 0.3], [1e-17, 1 - 2.0**-53, 0.25]]
TARGETS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
FAR_OUT: dict[str, list[tuple[list[float], ...]]] = {
    **{name: [(x,) for x in FAR] for name in ("sum", "mean", "amax", "amin", "norm", "L2", "prod")},
    **{name: [(x,) for x in EXPONENTS] for name in ("softmax", "log_softmax", "logsumexp")},
    "matmul": [(x, [1.0, 1e-10, 3.0]) for x in FAR],
    "mse": [(x, [1.0, 1e-10, 3.0]) for x in FAR],
    "cross_entropy": [(x, t) for x in EXPONENTS for t in TARGETS],
    "binary_cross_entropy": [(p, t) for p in CHANCES for t in (*TARGETS, [0.2, 0.9, 1e-20])],
}
MOVES = {
    "transpose",
    "swapaxes",
    "reshape",
    "broadcast_to",
    "flatten",
    "concatenate",
    "stack",
    "index",
}  # compute nothing


def off_far_out(name: str, gate: Gate) -> Iterator[tuple[Any, ...]]:
    """The points at which an entry of the value or of a Jacobian has lost digits, and where."""
    for xs in FAR_OUT[name]:
        arrays = tuple(map(nd.number, xs))
        with mpmath.workdps(LONG):
            y = nd.number(gate.forward(nd, *arrays))
            pairs = [(y, reference(name)(*map(number, xs)))]
            for slot, local in enumerate(locals_of(gate, y, arrays)):
                pairs.append((local.array(), jacobian(name, xs, slot)))
            for place, (found, truth) in enumerate(pairs):
                floats = numpy.array([nearest(each) for each in truth.ravel()]).reshape(truth.shape)
                off = errors(found, floats)
                allowed = ROUNDINGS + steep(name, xs)
                yield from ((place, xs, *entry, float(off[tuple(entry)])) for entry in numpy.argwhere(off > allowed))


def steep(name: str, xs: tuple[list[float], ...]) -> float:
    """The roundings that a rounded difference of inputs costs an exponential."""
    exponential = name in {"softmax", "log_softmax", "logsumexp", "cross_entropy"}
    return min(max(map(abs, xs[0])), 2000.0) if exponential else 0.0


def jacobian(name: str, xs: tuple[list[float], ...], slot: int) -> Array:
    at, columns = [number(x) for x in xs], []
    for entry in range(len(xs[slot])):
        way = number(numpy.eye(len(xs[slot]))[entry])
        step = TINY * min(abs(at[slot][entry]) or 1, 1)
        columns.append(slope(reference(name), at, slot, way, step))
    return numpy.stack(columns, axis=-1)


@pytest.mark.parametrize("name", FAR_OUT)
def test_nothing_is_lost_far_out(name: str) -> None:
    """At 1e±300, at differences of 700 and 40, at chances near 0 and 1."""
    assert list(off_far_out(name, GATES[name])) == []


def test_every_gate_that_computes_goes_far_out() -> None:
    assert FAR_OUT.keys() | MOVES == OF_ARRAYS.keys()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("softmax", {"pull": lambda xp, slot, u, y, x: y * (u - xp.sum(u * y))}),
        ("logsumexp", {"forward": lambda xp, x: xp.log(xp.sum(xp.exp(x)))}),
        ("norm", {"forward": lambda xp, x: xp.sqrt(xp.sum(x * x))}),
    ],
)
def test_the_formula_of_a_textbook_loses_digits(name: str, changes: dict[str, Any]) -> None:
    assert list(off_far_out(name, replace(GATES[name], **changes)))


# SymPy ---------------------------------------------------------------------------------------------------------------

SMALL = 6  # entries
AGREED = 1e-13


def small_case(name: str) -> Case:
    """The first of the largest cases whose arrays have few entries."""
    fits = [case for case in cases_of(name) if min(entries(case)) > 0 and max(entries(case)) <= SMALL]
    return max(fits, key=lambda case: sum(entries(case)))


def entries(case: Case) -> list[int]:
    return [numpy.size(case.gate.forward(nd, *numbers(case))), *map(math.prod, case.shapes)]


def symbolic_jacobians(case: Case, xs: tuple[Array, ...]) -> Iterator[Array]:
    """SymPy's derivatives of the reference on symbols, at the numbers."""
    symbols = [objects(numpy.array([sympy.Symbol(f"x{slot}_{k}", real=True) for k in range(x.size)], dtype=object)
                       .reshape(x.shape)) for slot, x in enumerate(xs)]  # fmt: skip
    at = {
        s: sympy.Float(v, 50)
        for each, x in zip(symbols, xs, strict=True)
        for s, v in zip(each.flat, x.flat, strict=True)
    }
    outputs = OF_ARRAYS[case.name](*symbols, **case.settings)
    for each in symbols:
        slopes = [sympy.sympify(y).diff(x).xreplace(at).evalf(30) for y in objects(outputs).flat for x in each.flat]
        yield numpy.array(slopes, dtype=float).reshape(*numpy.shape(outputs), *each.shape)


def off_sympy(case: Case, gate: Gate) -> list[int]:
    """The slots whose Jacobian is not SymPy's."""
    xs = numbers(case)
    y = nd.number(gate.forward(nd, *xs))
    found = [local.array() if isinstance(local, Diagonal | Pulled) else local for local in locals_of(gate, y, xs)]
    pairs = enumerate(zip(found, symbolic_jacobians(case, xs), strict=True))
    return [slot for slot, (ours, exact) in pairs if not numpy.allclose(ours, exact, rtol=AGREED, atol=AGREED)]


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_jacobians_are_sympy_s(name: str) -> None:
    case = small_case(name)
    assert off_sympy(case, case.gate) == []


@pytest.mark.parametrize("name", ["softmax", "matmul", "index"])
def test_a_jacobian_that_is_not_sympy_s_is_found(name: str) -> None:
    case = small_case(name)
    gate = case.gate
    assert gate.pull is not None
    worse = replace(gate, pull=lambda *args: gate.pull(*args) * (1 + 1e-10))
    assert off_sympy(case, worse) == [*range(gate.arity)]
