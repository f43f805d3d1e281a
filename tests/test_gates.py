"""The gate table and the numbers below it: derivatives, special points, and that nothing raises."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import mpmath
import numpy
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradviz import ieee
from gradviz.gates import CONSTANT_BASES, CONSTANTS, FUNCTIONS, GATES, INFIX, PREFIX, Gate

INF, NAN = math.inf, math.nan
ALL = pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
FLOATS = st.one_of(
    st.floats(),
    st.sampled_from([0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 5e-324, -5e-324, 1e308, -1e308, 709.8, -745.2, 1e-160]),
    st.integers(-4, 4).map(float),
)


def same(a: float, b: float, relative: float = 0.0) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=relative)


# derivatives ---------------------------------------------------------------------------------------------------------

STEP = 1e-6
KINK = 1e-3  # distance kept from the points where a gate is not smooth: 0, or two equal inputs


def wrong_partials(gate: Gate, xs: list[float]) -> list[int]:
    """The inputs by which the declared partial is not the central difference.

    The difference is good to STEP**2 of the third derivative and to 2e-16/STEP of the value: about 1e-9; 1e-6 leaves
    room for a gate near the end of its domain.
    """
    y = gate.forward(ieee, *xs)
    found = []
    for slot, partial in enumerate(gate.partials(ieee, y, *xs)):
        right, left = ([x + sign * STEP * (i == slot) for i, x in enumerate(xs)] for sign in (1, -1))
        difference = (gate.forward(ieee, *right) - gate.forward(ieee, *left)) / (2 * STEP)
        if not math.isclose(partial, difference, rel_tol=1e-6, abs_tol=1e-6 * max(1.0, abs(y))):
            found.append(slot)
    return found


@ALL
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_local_partials_match_central_differences(gate: Gate, data: st.DataObject) -> None:
    """At points of a grid in the domain that has neither zero nor two equal inputs."""
    xs = []
    for slot, (low, high) in enumerate(gate.domain):
        way = (data.draw(st.integers(0, 999)) + 0.3 + slot / 3) / 1000
        xs.append(low + (high - low) * way)
    assume(min(map(abs, xs)) > KINK and (gate.arity == 1 or abs(xs[0] - xs[-1]) > KINK))
    assert wrong_partials(gate, xs) == []


@ALL
def test_a_wrong_partial_is_found(gate: Gate) -> None:
    xs = [low + 0.7 * (high - low) / (slot + 1) for slot, (low, high) in enumerate(gate.domain)]
    for wrong in range(gate.arity):

        def off(xp: object, y: float, *at: float, wrong: int = wrong) -> tuple[float, ...]:
            right = gate.partials(xp, y, *at)
            return tuple(p + 1e-4 * (slot == wrong) * max(1, abs(y)) for slot, p in enumerate(right))

        assert wrong_partials(gate, xs) == []
        assert wrong_partials(replace(gate, partials=off), xs) == [wrong]


# special points ------------------------------------------------------------------------------------------------------

SPECIAL = [(gate, *special) for gate in GATES.values() for special in gate.special]
# PyTorch's published conventions, and IEEE-754 at poles; d by each input, None where the table makes no promise
CONVENTIONS: list[tuple[str, tuple[float, ...], float, tuple[float, ...]]] = [
    ("relu", (0.0,), 0.0, (0.0,)),
    ("relu", (-0.0,), 0.0, (0.0,)),
    ("abs", (0.0,), 0.0, (0.0,)),
    ("max", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("min", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("max", (1.0, 2.0), 2.0, (0.0, 1.0)),
    ("min", (1.0, 2.0), 1.0, (1.0, 0.0)),
    ("sqrt", (0.0,), 0.0, (INF,)),
    ("sqrt", (-1.0,), NAN, (NAN,)),
    ("elu", (0.0,), 0.0, (1.0,)),
    ("pow", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("pow", (5.0, 0.0), 1.0, (0.0, math.log(5))),
    ("pow", (-5.0, 0.0), 1.0, (0.0, NAN)),
    ("pow", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("pow", (0.0, 0.5), 0.0, (INF, 0.0)),
    ("pow", (0.0, 3.0), 0.0, (0.0, 0.0)),
    ("pow", (-2.0, 3.0), -8.0, (12.0, NAN)),
    ("pow", (-2.0, 0.5), NAN, (NAN, NAN)),
    ("pow", (0.0, -2.0), INF, (-INF, -INF)),
    ("log", (0.0,), -INF, (INF,)),
    ("log", (-1.0,), NAN, (-1.0,)),
    ("div", (1.0, 0.0), INF, (INF, -INF)),
    ("div", (0.0, 0.0), NAN, (INF, NAN)),
    ("div", (1.0, -0.0), -INF, (-INF, -INF)),
    ("reciprocal", (0.0,), INF, (-INF,)),
    ("exp", (INF,), INF, (INF,)),
    ("exp", (-INF,), 0.0, (0.0,)),
    ("sigmoid", (INF,), 1.0, (0.0,)),
    ("sigmoid", (-INF,), 0.0, (0.0,)),
    ("tanh", (-INF,), -1.0, (0.0,)),
    ("softplus", (-INF,), 0.0, (0.0,)),
    ("softplus", (INF,), INF, (1.0,)),
    ("sin", (INF,), NAN, (NAN,)),
]


@pytest.mark.parametrize(("gate", "xs", "value", "partials"), SPECIAL, ids=[f"{s[0].name}{s[1]}" for s in SPECIAL])
def test_special_points_of_the_table(
    gate: Gate, xs: tuple[float, ...], value: float, partials: tuple[float, ...]
) -> None:
    y = gate.forward(ieee, *xs)
    assert same(y, value, 1e-15)  # one rounding
    found = gate.partials(ieee, y, *xs)
    assert all(same(a, b, 1e-15) for a, b in zip(found, partials, strict=True)), found


@pytest.mark.parametrize(("name", "xs", "value", "partials"), CONVENTIONS)
def test_the_conventions_at_kinks_and_poles_are_the_published_ones(
    name: str, xs: tuple[float, ...], value: float, partials: tuple[float, ...]
) -> None:
    test_special_points_of_the_table(GATES[name], xs, value, partials)


@ALL
@pytest.mark.parametrize("slot", [0, 1])
def test_nan_in_is_nan_out(gate: Gate, slot: int) -> None:
    """Except that anything to the power of 0 is 1, as in IEEE-754."""
    xs = [NAN if i == slot else 2.0 for i in range(gate.arity)]
    assert slot >= gate.arity or math.isnan(gate.forward(ieee, *xs))
    assert gate.name != "pow" or gate.forward(ieee, NAN, 0.0) == 1.0


@ALL
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_gate_gives_floats_for_any_floats(gate: Gate, data: st.DataObject) -> None:
    xs = data.draw(st.tuples(*[FLOATS] * gate.arity))
    y = gate.forward(ieee, *xs)
    assert [type(number) for number in (y, *gate.partials(ieee, y, *xs))] == [float] * (1 + gate.arity)


# accuracy ------------------------------------------------------------------------------------------------------------

NORMAL = 2.3e-308  # smaller numbers have fewer digits
EXACT: dict[str, tuple[Callable[[mpmath.mpf], mpmath.mpf], Callable[[mpmath.mpf], mpmath.mpf]]] = {
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x))),
    "softplus": (lambda x: mpmath.log(1 + mpmath.exp(x)), lambda x: 1 / (1 + mpmath.exp(-x))),
    "tanh": (mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    "elu": (lambda x: x if x > 0 else mpmath.expm1(x), lambda x: mpmath.exp(min(x, 0))),
    "exp": (mpmath.exp, mpmath.exp),
    "log": (mpmath.log, lambda x: 1 / x),
    "tan": (mpmath.tan, lambda x: mpmath.sec(x) ** 2),
    "sqrt": (mpmath.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x))),
}
SIZES = (1e-300, 1e-20, 1e-8, 0.3, 1, 5, 19.5, 36.8, 100, 354, 700, 708)
TINY_TO_LARGE = [sign * size for size in SIZES for sign in (1, -1)]


def inaccurate(gate: Gate, x: float) -> list[str]:
    """Which of value and derivative is off by more than 1e-13: a thousand roundings, none of them magnified.

    mpmath works with 700 digits, so that 1 + e**-700 keeps its second term.
    """
    value, slope = EXACT[gate.name]
    y = gate.forward(ieee, x)
    with mpmath.workdps(700):  # type: ignore[no-untyped-call]
        at = mpmath.mpf(x)
        truths = {"value": (y, value(at)), "derivative": (gate.partials(ieee, y, x)[0], slope(at))}
        return [
            what
            for what, (number, truth) in truths.items()
            if NORMAL < abs(truth) < mpmath.mpf(1.79e308) and abs(number - truth) > abs(truth) * mpmath.mpf("1e-13")
        ]


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("x", TINY_TO_LARGE)
def test_values_and_derivatives_are_accurate_far_out(name: str, x: float) -> None:
    if x > 0 or name not in ("log", "sqrt"):
        assert inaccurate(GATES[name], x) == []


def test_a_textbook_formula_is_found_inaccurate() -> None:
    textbook = replace(GATES["tanh"], partials=lambda _xp, y, _x: (1 - y * y,))
    assert inaccurate(textbook, 19.5) == ["derivative"]
    naive = replace(GATES["softplus"], forward=lambda xp, x: xp.log(1 + xp.exp(x)))
    assert inaccurate(naive, -36.8) == ["value"]


# the table -----------------------------------------------------------------------------------------------------------


def doubles(words: list[str]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def test_a_word_or_an_operator_means_one_gate() -> None:
    assert doubles([word for gate in GATES.values() for word in (gate.name, *gate.aliases)]) == []
    for arity in (1, 2):
        assert doubles([mark for gate in GATES.values() if gate.arity == arity for mark in gate.operators]) == []
    assert doubles(["exp", "log", "exp"]) == ["exp"]


def test_the_table_has_the_gates_of_the_lecture() -> None:
    functions = "exp log sqrt sin cos tan tanh sigmoid relu elu softplus abs max min square reciprocal"
    assert GATES.keys() >= {*functions.split(), "add", "sub", "mul", "div", "neg", "pow"}
    assert set(FUNCTIONS) >= GATES.keys() | {"σ", "ln"}
    assert set(INFIX) >= set("+-*/^·×−÷") | {"**"}
    assert set(PREFIX) >= set("-−√")


@ALL
def test_a_row_is_whole(gate: Gate) -> None:
    assert gate.arity in (1, 2)
    assert bool(gate.operators) == (gate.binds > 0)
    assert not gate.folded or len(gate.folded) == gate.arity
    assert all(template.count("{}") == 1 for template in gate.folded)
    assert not gate.ordered or gate.folded
    assert gate.does
    assert gate.label() == gate.symbol
    assert all(len(xs) == len(partials) == gate.arity for xs, _, partials in gate.special)
    assert any(mark.isascii() for mark in gate.operators) or gate.name.isascii()


def test_operators_of_one_strength_associate_alike() -> None:
    for binds in {gate.binds for gate in INFIX.values()}:
        assert len({gate.right for gate in INFIX.values() if gate.binds == binds}) == 1


@pytest.mark.parametrize(("name", "constants", "label"), [
    ("mul", {1: "-1"}, "*-1"), ("add", {0: "-1"}, "+(-1)"), ("sub", {0: "-1"}, "-1-x"), ("sub", {1: "-1"}, "-(-1)"),
    ("div", {0: "1"}, "1/x"), ("div", {1: "-2"}, "/-2"), ("pow", {0: "-2"}, "(-2)^x"), ("pow", {1: "-2"}, "^-2"),
    ("max", {0: "-1"}, "max -1"), ("min", {0: "1", 1: "2"}, "min 1 2"), ("exp", {}, "exp"), ("exp", None, "exp"),
])  # fmt: skip
def test_the_label_shows_folded_constants(name: str, constants: dict[int, str] | None, label: str) -> None:
    assert GATES[name].label(constants) == label


def test_constants_are_the_nearest_floats() -> None:
    assert dict(CONSTANTS) == {"e": math.e, "pi": math.pi, "π": math.pi}
    assert list(CONSTANT_BASES.items()) == [(("pow", 0, math.e), "exp")]


# ieee ----------------------------------------------------------------------------------------------------------------

ONE_NAMES = ["exp", "expm1", "cosh", "sin", "cos", "tan", "tanh", "sqrt", "log", "log1p", "absolute", "sign"]
TWO_NAMES = ["divide", "power", "maximum", "minimum"]


def agrees(a: float, b: float) -> bool:
    """Equal up to the last digits, in which C libraries differ, or to the last one of a denormal number."""
    return same(a, b) or math.isclose(a, b, rel_tol=1e-14, abs_tol=1e-322)


@pytest.mark.parametrize("name", ONE_NAMES)
@settings(max_examples=200, deadline=None)
@given(x=FLOATS)
def test_functions_of_one_number_are_those_of_numpy(name: str, x: float) -> None:
    with numpy.errstate(all="ignore"):
        expected = float(getattr(numpy, name)(numpy.float64(x)))
    found = getattr(ieee, name)(x)
    assert agrees(found, expected)
    assert name == "sign" or found != 0 or math.copysign(1, found) == math.copysign(1, expected)


@pytest.mark.parametrize("name", TWO_NAMES)
@settings(max_examples=300, deadline=None)
@given(a=FLOATS, b=FLOATS)
@example(a=-0.0, b=-1.0)
@example(a=-0.0, b=-2.0)
@example(a=-1e200, b=3.0)
@example(a=-1e200, b=2.0)
@example(a=-8.0, b=1 / 3)
@example(a=1.0, b=-0.0)
def test_functions_of_two_numbers_are_those_of_numpy(name: str, a: float, b: float) -> None:
    with numpy.errstate(all="ignore"):
        expected = float(getattr(numpy, name)(numpy.float64(a), numpy.float64(b)))
    found = getattr(ieee, name)(a, b)
    assert agrees(found, expected)
    if found == 0 and a != b:  # of two zeros IEEE-754 lets max and min give either
        assert math.copysign(1, found) == math.copysign(1, expected)


def test_disagreement_is_found() -> None:
    assert not agrees(1.0, 1.0 + 1e-13)
    assert not agrees(INF, NAN)
    assert not agrees(INF, -INF)
    assert agrees(NAN, NAN)


@given(FLOATS, FLOATS)
def test_where_takes_one_of_both(a: float, b: float) -> None:
    assert ieee.where(True, a, b) is a
    assert ieee.where(False, a, b) is b
