"""Every gate against three oracles: mpmath at 60 digits, SymPy's derivative of its form, and central differences.

At generic points, at kinks and far out, in every walk: number by number, in arrays, in large circuits, in many rows.
`references.py` is the mathematics, from which values and partials follow; a tolerance is counted in roundings, 2**-53
of a number, and stands with its reason.
"""

# ruff: noqa: ARG005  the gates that are found wrong take what a gate takes
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import mpmath
import numpy
import pytest
import sympy
from mpmath import mpf

from gradviz import ieee
from gradviz.gates import GATES, Gate
from gradviz.symbolic.forms import definition
from tests.references import OF_ARRAYS, REFERENCES, Reference
from tests.walks import WALKS, Row, Walk, one_by_one

Array = Any

ELEMENTWISE = {name: gate for name, gate in GATES.items() if gate.partials is not None}
EACH = pytest.mark.parametrize("gate", ELEMENTWISE.values(), ids=ELEMENTWISE)
DIGITS = 60  # none of the references cancels any
ROUNDING = 2.0**-53
LARGEST, NORMAL = 1.7976931348623157e308, 2.2250738585072014e-308

# points --------------------------------------------------------------------------------------------------------------

DENORMAL = (5e-324, 1e-320)
FAR = (2.3e-308, 1e-300, 1e-160, 1e-20, 1e-8, 1e8, 1e16, 1e160, 1e300, 1.7e308)
NEAR = (0.3, 0.5, 1.0, 1.5, 5.0, 8.3, 19.5, 26.6, 36.8, 38.4, 100.0, 354.0, 700.0)
EDGES = (709.7, 709.9, 712.0, 744.4, 750.0)  # e**709.78 is the largest number, e**-745.13 the smallest


def signed(sizes: Sequence[float]) -> list[float]:
    return [sign * size for size in sizes for sign in (1, -1)]


POINTS: dict[int, list[Row]] = {
    1: [(x,) for x in signed((*DENORMAL, *FAR, *NEAR, *EDGES))],
    2: list(product(signed((2.3e-308, 1e-300, 1e-160, 1e-8, 0.3, 1.0, 3.0, 708.0, 1e16, 1e300, 1.7e308)), repeat=2)),
    3: list(product((-1e300, -1.5, -1e-300, 0.3, 2.0, 1e16), repeat=3)),
}
KINKS: dict[int, list[Row]] = {
    1: [(0.0,), (-0.0,)],
    2: [*product((-1.0, -0.0, 0.0, 2.0), repeat=2), (1e300, 1e300), (-1e-300, -1e-300)],
    3: [xs for xs in product((-1.0, 0.0, 2.0), repeat=3) if len({*xs}) > 1],  # clip(x, x, x) has PyTorch's 1
}

# tolerances ----------------------------------------------------------------------------------------------------------


class Tolerance(NamedTuple):
    """How many roundings a number may be off at a point, and why it is more than a few."""

    roundings: Callable[..., float]
    why: str


FEW = Tolerance(lambda *xs: 6.0, "a few operations, each of which rounds once")
TOLERANCES: dict[tuple[str, int], Tolerance] = {
    ("pow", 1): Tolerance(lambda a, b: 6 + abs(math.log(abs(a))), "b - 1 is rounded; log a magnifies that"),
    ("gelu", 0): Tolerance(lambda x: 6 + 2 * min(x * x, 1e4), "x / √2 is rounded; x**2 magnifies that"),
    ("gelu", 1): Tolerance(lambda x: 6 + 2 * min(x * x, 1e4), "x * x is rounded, and it is an exponent"),
    ("swish", 0): Tolerance(lambda x: 8 + abs(x) * (x < -709), "σ(x) is denormal there"),
    ("swish", 1): Tolerance(lambda x: 8 + abs(x) * (x < -709), "σ(x) is denormal there; near -1.3 its terms cancel"),
}
LEFT_OUT: dict[tuple[str, int], Tolerance] = {
    ("pow", 1): Tolerance(lambda a, b: a < 0 and abs(b) >= 2.0**53, "b - 1 is b there, and even like all such numbers"),
}


def roundings(name: str, number: int, xs: Row) -> float:
    """What is allowed for the value (0) or a partial (1, 2, …)."""
    left_out = LEFT_OUT.get((name, number))
    if left_out and left_out.roundings(*xs):
        return math.inf
    return TOLERANCES.get((name, number), FEW).roundings(*xs)


ON_THE_TAPE = {"tanh": 20}  # 1 - e**-2x cancels up to the point from which NumPy's own serves: one part in 1e14

# truth ---------------------------------------------------------------------------------------------------------------


def real(function: Callable[..., Any], xs: Sequence[Any]) -> Any:
    """A function of the reference at a point; None where there is no real number."""
    try:
        found = function(*xs)
    except (ValueError, ZeroDivisionError):
        return None
    return None if isinstance(found, mpmath.mpc) or mpmath.isnan(found) else mpf(found)


def nearest(truth: Any) -> float:
    """The float nearest to an exact number; nan for none."""
    if truth is None:
        return math.nan
    return float(truth) if abs(truth) <= LARGEST else math.copysign(math.inf, truth)


@cache
def truths(name: str) -> Array:
    """Value and partials of a gate at its points, as floats that were rounded once."""
    reference, found = REFERENCES[name], []
    with mpmath.workdps(DIGITS):
        for xs in POINTS[len(reference.slopes)]:
            at = [mpf(x) for x in xs]
            found.append([nearest(real(function, at)) for function in (reference.value, *reference.slopes)])
    return numpy.array(found)


def errors(found: Array, truth: Array) -> Array:
    """The roundings by which numbers are off: infinitely many for a wrong infinity, 0 where there is no truth."""
    with numpy.errstate(all="ignore"):
        off = abs(found - truth) / numpy.maximum(abs(truth), NORMAL) / ROUNDING
        off = numpy.where(numpy.isnan(off), math.inf, off)
    return numpy.where((found == truth) | numpy.isnan(truth), 0.0, off)


def wrong(gate: Gate, walk: Walk, factor: float = 1.0) -> list[tuple[int, Row]]:
    """The numbers (0 the value, then the partials) and the points at which a walk is off."""
    points = POINTS[gate.arity]
    off = errors(walk(gate, points), truths(gate.name))
    allowed = [[roundings(gate.name, k, xs) * factor for k in range(gate.arity + 1)] for xs in points]
    return [(int(k), points[row]) for row, k in numpy.argwhere(off > numpy.array(allowed))]


# mpmath --------------------------------------------------------------------------------------------------------------


def test_every_gate_has_a_reference() -> None:
    assert missing(GATES) == []
    assert missing({**GATES, "new": replace(GATES["exp"], name="new")}) == ["new"]
    assert REFERENCES.keys() == ELEMENTWISE.keys()
    assert [name for name, gate in ELEMENTWISE.items() if len(REFERENCES[name].slopes) != gate.arity] == []


def missing(gates: dict[str, Gate]) -> list[str]:
    return [name for name in gates if name not in REFERENCES and name not in OF_ARRAYS]


@EACH
def test_values_and_partials_are_right_to_a_few_roundings(gate: Gate) -> None:
    """In every walk."""
    for name, (walk, factor) in WALKS.items():
        more = ON_THE_TAPE.get(gate.name, 1) if name == "rows" else 1
        assert wrong(gate, walk, factor * more) == [], name


def test_only_outside_a_domain_there_is_no_truth() -> None:
    found = {name: numpy.argwhere(numpy.isnan(truths(name))).tolist() for name in ELEMENTWISE}
    assert {name for name, gaps in found.items() if gaps} == {"log", "sqrt", "pow"}
    for name in ("log", "sqrt", "pow"):
        assert all(POINTS[GATES[name].arity][row][0] < 0 for row, _ in found[name])


@pytest.mark.parametrize(
    ("gate", "walk"),
    [*((gate, "numbers") for gate in ELEMENTWISE.values()), *((GATES["tan"], walk) for walk in WALKS)],
    ids=str,
)
def test_a_number_that_is_off_in_the_eleventh_digit_is_found(gate: Gate, walk: str) -> None:
    """The value, then each partial, in every walk."""
    function, _ = WALKS[walk]
    for number in range(gate.arity + 1):
        found = wrong(off_by(gate, number, 1e-11), function)
        assert {k for k, _ in found} >= {number}


def off_by(gate: Gate, number: int, part: float) -> Gate:
    """The gate with its value (0) or a partial off by a part of it; a partial of 0 becomes that part."""
    assert gate.partials is not None
    row, factor = gate.partials, 1 + part
    if number == 0:
        return replace(gate, forward=lambda xp, *xs: gate.forward(xp, *xs) * factor)

    def partials(xp: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
        return tuple(p * factor + part * (p == 0) if k == number else p for k, p in enumerate(row(xp, y, *xs), 1))

    return replace(gate, partials=partials)


# kinks ---------------------------------------------------------------------------------------------------------------

BESIDE = mpf(10) ** -700  # of a kink: nearer than any float, and its root as well


def sides(name: str, slot: int, xs: Row) -> list[float]:
    """The slopes a little to the left and to the right of a point; none where the gate has no value there."""
    reference, found = REFERENCES[name], []
    with mpmath.workdps(DIGITS + 800):
        for sign in (-1, 1):
            at = [mpf(x) + sign * BESIDE * (i == slot) for i, x in enumerate(xs)]
            if real(reference.value, at) is not None:
                found.append(real(reference.slopes[slot], at))
    return [nearest(slope) for slope in found if slope is not None]


def between(number: float, ends: list[float]) -> bool:
    """Whether it lies between two numbers, or is one of them but for a rounding; there may be none."""
    return not ends or min(ends) <= number <= max(ends) or any(math.isclose(number, end, rel_tol=1e-15) for end in ends)


def wrong_at_kinks(gate: Gate) -> list[tuple[int, Row]]:
    """The partials that do not lie between the slopes to the left and to the right, and values that are not exact."""
    assert gate.partials is not None
    found = []
    for xs in KINKS[gate.arity]:
        y = gate.forward(ieee, *xs)
        if math.isnan(y) or (gate.name == "pow" and xs[0] == 0):  # 0/0; 0**b, where all but b > 0 is convention
            continue
        truth = real(REFERENCES[gate.name].value, list(map(mpf, xs)))
        if truth is not None and errors(numpy.array(y), numpy.array(nearest(truth))) > 1:
            found.append((0, xs))
        for slot, partial in enumerate(gate.partials(ieee, y, *xs)):
            if not between(partial, sides(gate.name, slot, xs)):
                found.append((slot + 1, xs))
    return found


@EACH
def test_a_partial_at_a_kink_lies_between_the_slopes_beside_it(gate: Gate) -> None:
    """Which of them it is says the table of conventions in `test_gates.py`."""
    assert wrong_at_kinks(gate) == []


@EACH
def test_a_partial_beyond_the_slopes_beside_a_kink_is_found(gate: Gate) -> None:
    row = gate.partials
    assert row is not None
    worse = replace(gate, partials=lambda *args: tuple(-7 * p - 7 for p in row(*args)))
    assert {k for k, _ in wrong_at_kinks(worse)} == {*range(1, gate.arity + 1)}


def test_the_checked_kinks_are_kinks() -> None:
    kinks = {(name, slot) for name, gate in ELEMENTWISE.items() for slot in range(gate.arity)
             if any(len({*sides(name, slot, xs)}) > 1 for xs in KINKS[gate.arity])}  # fmt: skip
    assert kinks == {
        *((name, 0) for name in ("abs", "relu", "leaky_relu")),
        *((name, slot) for name in ("max", "min") for slot in (0, 1)),
        *(("clip", slot) for slot in range(3)),
    }


@EACH
def test_all_walks_agree_at_kinks_zeros_and_on_what_is_not_finite(gate: Gate) -> None:
    """To the sign of a zero, where NumPy does not leave open which of 0 and -0 is the larger."""
    special = (0.0, -0.0, 2.0, -1.0, math.inf, -math.inf, math.nan)
    points = [*KINKS[gate.arity], *product(special, repeat=gate.arity)]
    expected = one_by_one(gate, points)
    for name, (walk, _) in WALKS.items():
        signs = gate.name not in {"max", "min", "relu", "clip"}
        assert unlike(walk(gate, points), expected, signs=signs) == [], name


def unlike(found: Array, expected: Array, *, signs: bool) -> list[list[int]]:
    """Numbers that are not the same but for some roundings; nan is nan, and with `signs` 0 is not -0."""
    same = (found == expected) & (~numpy.array(signs) | (numpy.signbit(found) == numpy.signbit(expected)))
    with numpy.errstate(invalid="ignore"):
        near = (abs(found - expected) <= 1e-14 * abs(expected)) & (expected != 0) & numpy.isfinite(expected)
    return numpy.argwhere(~(same | near | numpy.isnan(found) & numpy.isnan(expected))).tolist()


def test_what_is_unlike_is_found() -> None:
    found, expected = numpy.array([0.0, 1.0, math.nan, math.inf]), numpy.array([-0.0, 1 + 1e-15, 1.0, -math.inf])
    assert unlike(found, expected, signs=True) == [[0], [2], [3]]
    assert unlike(found, expected, signs=False) == [[2], [3]]


# central differences -------------------------------------------------------------------------------------------------

STEP = 1e-5  # of a number, or of 1 where that is less
OSCILLATES = {"sin", "cos", "tan"}  # beyond some thousands a step is no longer small against a period


def off_the_difference(gate: Gate, xs: Row) -> list[int]:
    """The partials that are not the central difference, at a step in proportion to the point.

    A difference errs by STEP**2 of the third derivative, for an exponential of 700 by 1e-5 of itself, and by some
    roundings of the value over the step.
    """
    assert gate.partials is not None
    y, found = gate.forward(ieee, *xs), []
    for slot, partial in enumerate(gate.partials(ieee, y, *xs)):
        step = abs(xs[slot]) * STEP / max(1.0, min(abs(xs[slot]), 1e3))
        right, left = ([x + sign * step * (i == slot) for i, x in enumerate(xs)] for sign in (1, -1))
        ends = gate.forward(ieee, *right), gate.forward(ieee, *left)
        if step > NORMAL and all(map(math.isfinite, (*ends, partial))) and right[slot] > left[slot]:
            difference = (ends[0] - ends[1]) / (right[slot] - left[slot])
            noise = 40 * ROUNDING * max(map(abs, ends)) / step  # some roundings of each end, magnified as above
            if not abs(difference - partial) <= 1e-4 * abs(partial) + noise * max(1.0, min(abs(xs[slot]), 1e3)):
                found.append(slot)
    return found


def differences(gate: Gate) -> Iterator[Row]:
    far = gate.name in OSCILLATES
    for xs in POINTS[gate.arity]:
        kinks = any(abs(a - b) <= 1e-3 * abs(a) for a, b in pairwise(sorted(xs)))
        value = real(REFERENCES[gate.name].value, list(map(mpf, xs)))
        normal = value is not None and (value == 0 or abs(value) > NORMAL)
        if normal and not kinks and not (far and abs(xs[0]) > 1e3) and all(abs(x) > 1e-303 for x in xs):
            yield xs


@EACH
def test_partials_are_central_differences_at_all_sizes(gate: Gate) -> None:
    assert [xs for xs in differences(gate) if off_the_difference(gate, xs)] == []


@EACH
def test_a_partial_that_is_no_difference_is_found(gate: Gate) -> None:
    for slot in range(gate.arity):
        worse = off_by(gate, slot + 1, 1e-2)
        assert any(off_the_difference(worse, xs) == [slot] for xs in differences(gate))


# SymPy ---------------------------------------------------------------------------------------------------------------

AGREED = mpf(10) ** -40  # of numbers with 50 digits
LONG = 400  # digits on the way, since 1 + erf(-25) cancels 300
SYMBOLIC: dict[int, list[Row]] = {
    1: [(x,) for x in signed((1e-300, 1e-20, 0.3, 1.5, 36.8, 354.0))],
    2: list(product((-36.8, 0.3, 1.5, 3.0, 1e-20), repeat=2)),
    3: list(product((-1.5, 0.3, 2.0), repeat=3)),
}
FORM_ENDS = {"gelu": 30.0}  # 1 + erf(-250) is nothing to any number of digits
FORMED = {name: gate for name, gate in ELEMENTWISE.items() if gate.sympy is not None}


def slopes_of(gate: Gate) -> Iterator[tuple[int, Sequence[Any], Any]]:
    """The derivatives of a gate's form in SymPy, and those that its row writes for lectures, by slot."""
    xs, form = definition(gate)
    for slot, x in enumerate(xs):
        yield slot, xs, form.diff(x)
        if gate.slopes:
            yield slot, xs, sympy.sympify(gate.slopes(sympy, form, *xs)[slot])


def off_the_form(gate: Gate, reference: Reference) -> list[tuple[int, Row]]:
    """Where a derivative of the form is not that of the reference, both with 50 digits."""
    found = []
    for slot, xs, formula in slopes_of(gate):
        for at in SYMBOLIC[gate.arity]:
            if len({*at}) == gate.arity and max(map(abs, at)) < FORM_ENDS.get(gate.name, math.inf):
                number = formula.xreplace({x: sympy.Float(value, LONG) for x, value in zip(xs, at, strict=True)}).evalf(
                    50
                )
                with mpmath.workdps(DIGITS):
                    truth = real(reference.slopes[slot], list(map(mpf, at)))
                    if truth is not None and abs(mpf(number) - truth) > AGREED * abs(truth):
                        found.append((slot, at))
    return found


@pytest.mark.parametrize("name", FORMED)
def test_sympy_s_derivatives_are_those_of_the_reference(name: str) -> None:
    assert FORMED.keys() == ELEMENTWISE.keys()
    assert off_the_form(FORMED[name], REFERENCES[name]) == []


def test_a_form_that_is_another_function_is_found() -> None:
    other = replace(GATES["tanh"], sympy=lambda S, x: S.tanh(x) + S.exp(-x) / 10**30)
    assert off_the_form(other, REFERENCES["tanh"])
