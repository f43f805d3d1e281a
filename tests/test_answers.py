"""What a student types is read, judged and understood: tables, and any number against any other."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradviz import draw
from gradviz.evaluator import Trace
from gradviz.picture import Picture
from gradviz.practice.answers import MISTAKES, Blank, Verdict, answer, is_same, judge, read
from gradviz.rounding import MOST_DIGITS, drawn, short

# reading -------------------------------------------------------------------------------------------------------------

READ = {
    "3": 3.0,
    "-3": -3.0,
    "−3": -3.0,  # as the figure prints it
    "– 3": -3.0,
    " +3 ": 3.0,
    "3.": 3.0,
    ".5": 0.5,
    "-.5": -0.5,
    "0.50": 0.5,
    "1e-3": 0.001,
    "4E+05": 4e5,
    "1/2": 0.5,
    "-1 / 4": -0.25,
    "1/-2": -0.5,
    "1.5/3": 0.5,
    "½": 0.5,
    "3⁄4": 0.75,
    "１２": 12.0,  # full width
    "0,5": 0.5,
    "-1,25": -1.25,
    ",5": 0.5,
    "0,125": 0.125,
    "inf": math.inf,
    "−∞": -math.inf,
}
NOT_READ = (
    "", " ", "x", "two", "2*3", "1+1", "pi", "exp(1)", "w", "1/0", "1e999", "1/2/3", "3 4", "1,000", "12,345", "1,2,3",
    "--3", "1e", "e5", "5%", "0x10", "1_000", "@/etc/hosts", "@w.csv", "[", "[1", "1]", "[1, x]", "[1, 1+1]", "[1 2]",
    "[[1], [2, 3]]", "[1, [2]]", "[@f]", "import os", "\0", "9" * 3000, "[" * 2500,
)  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_numbers_are_read_as_people_write_them(text: str) -> None:
    assert read(text) == READ[text]


@pytest.mark.parametrize("text", NOT_READ, ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("is_array", [False, True])
def test_what_is_no_number_is_not_read(text: str, *, is_array: bool) -> None:
    several = text in ("1,000", "12,345", "1,2,3")  # where an array is asked for these are several numbers
    assert (read(text, is_array=is_array) is None) is not (several and is_array)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("[ [1, -2], [.5, 1/4], ]", [[1, -2], [0.5, 0.25]]),
        ("[−1, 2]", [-1, 2]),
        ("1, 2, 3", [1, 2, 3]),
    ],
)
def test_arrays_are_read_a_vector_also_without_brackets(text: str, found: list[float]) -> None:
    given_ = read(text, is_array=True)
    assert given_ is not None
    assert given_.tolist() == found


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_read_or_not(text: str, is_array: bool) -> None:
    read(text, is_array=is_array)


@given(st.text(alphabet="0123456789.,-+eE/[] −∞½", max_size=12), st.booleans())
def test_what_looks_like_a_number_is_read_or_not(text: str, is_array: bool) -> None:
    read(text, is_array=is_array)


# right and wrong -----------------------------------------------------------------------------------------------------

TOLERANCE = (  # digits of the figure, answer, typed, right
    (2, 0.3679, "0.37", True),
    (2, 0.3679, "0.368", True),
    (2, 0.3679, "0.36788", True),
    (2, 0.3679, "0.4", False),
    (2, 0.3679, "0.36", False),
    (2, 0.3679, "0.38", False),
    (2, 0.5, "1/2", True),
    (2, 1 / 3, "1/3", True),
    (2, 1 / 3, "0.33", True),
    (2, 1 / 3, "0.3", False),
    (3, 0.2199, "0.22", True),
    (2, 0.004, "0.004", True),
    (2, 0.004, "0", False),
    (2, 0.004, "0.00", False),
    (2, 0.0049999, "0.005", True),  # printed so, though 0.005 itself is printed 0.01
    (2, -0.00004, "-4e-05", True),
    (2, 0.0, "-0", True),
    (2, 0.0, "0.001", False),
    (2, 5.0, "5", True),
    (2, 5.0, "5.00", True),
    (2, 5.0, "5.004", True),
    (2, 5.0, "5.01", False),
    (2, 5.0, "5.3", False),
    (0, 5.0, "5", True),
    (0, 5.0, "5.3", False),  # though the figure would print 5
    (0, 3.7, "4", True),
    (0, 3.7, "3.7", True),
    (0, 3.7, "3", False),
    (2, 1234567.0, "1.2e+06", True),
    (2, 1234567.0, "1234567", True),
    (2, 1234567.0, "1.3e6", False),
    (2, math.inf, "inf", True),
    (2, math.inf, "-inf", False),
    (2, math.nan, "nan", True),
    (2, math.nan, "0", False),
)


@pytest.mark.parametrize(("digits", "expected", "typed", "right"), TOLERANCE)
def test_the_rule_of_what_is_right(digits: int, expected: float, typed: str, *, right: bool) -> None:
    given_ = read(typed)
    assert given_ is not None
    assert is_same(given_, expected, lambda x: short(x, digits)) is right


floats = st.floats(-1e308, 1e308) | st.just(float("inf")) | st.integers(-200, 200).map(float) | st.floats(-20, 20)
decimals = st.integers(0, MOST_DIGITS)


@given(floats, decimals, st.booleans())
def test_what_the_figure_prints_is_right(x: float, digits: int, whole: bool) -> None:
    """With a minus or a hyphen, with all its decimals or with none as where every number is whole."""
    places = 0 if whole and x.is_integer() else digits

    def number(y: float) -> str:
        return short(y, places, digits)

    for text in (number(x), drawn(number(x))):
        given_ = read(text)
        assert given_ is not None
        assert is_same(given_, x, number)


@given(floats, floats, st.integers(0, 6))
def test_another_printed_number_is_wrong(x: float, y: float, digits: int) -> None:
    """Unless it is the answer with more decimals: 0.0051, where the figure prints 0.01."""
    printed = short(y, digits)
    shown = float(printed)
    more = _last_decimal(printed)
    assume(printed != short(x, digits) and float(printed) != float(short(x, digits)))
    assume(not (math.isfinite(x) and round(x, more) == shown))
    assert not is_same(shown, x, lambda z: short(z, digits))


def _last_decimal(text: str) -> int:
    mantissa, _, exponent = text.partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


@given(floats, st.integers(0, 8))
def test_the_number_itself_and_its_decimals_are_right(x: float, more: int) -> None:
    assume(math.isfinite(x) and abs(x) < 1e6)
    assert is_same(x, x, short)
    assert is_same(round(x, 2 + more), x, short) or abs(x) < 0.01


@given(st.floats(-1000, 1000), st.floats(0.011, 100), st.sampled_from([1, -1]))
def test_a_number_farther_than_a_unit_of_the_last_decimal_is_wrong(x: float, far: float, sign: int) -> None:
    assert not is_same(x + sign * far, x, short)


def test_a_lax_rule_would_be_found() -> None:
    """The tables above can fail: one that takes any number within a tenth, one that takes only the same text."""

    def lax(given_: float, expected: float) -> bool:
        return abs(given_ - expected) <= 0.1

    def strict(given_: float, expected: float) -> bool:
        return given_ == expected

    for rule in (lax, strict):
        found = [rule(read(typed), expected) for _, expected, typed, _ in TOLERANCE]
        assert found != [right for *_, right in TOLERANCE]


# mistakes ------------------------------------------------------------------------------------------------------------


def picture(program: str, values: dict[str, object], **options: object) -> Picture:
    return draw(program, values, **options).picture  # type: ignore[arg-type]


def node(shown: Picture, name: str) -> int:
    return shown.graph.bindings[name]


def verdict(shown: Picture, kind: str, name: str, typed: str) -> Verdict | None:
    assert shown.trace is not None
    return judge(typed, shown.trace, Blank(kind, node(shown, name)), shown.text)  # type: ignore[arg-type]


NEURON = ("q = w*x\ns = q + b\nf = s*k", {"w": -2, "x": 5, "b": 3, "k": 4})  # q -10, s -7, f -28; dq = ds = 4
FORK = ("q = x*y\np = x + z\nf = q*p", {"x": 2, "y": 3, "z": 5})  # q 6, p 7, f 42; dq 7, dp 6, dx = 21 + 6
ROUTE = ("m = max(x, y)\nf = m*k", {"x": 5, "y": 3, "k": 4})
SIGMOID = ("q = w*x\ns = sigmoid(q)\nf = s*k", {"w": 0.5, "x": 2, "k": 10})
ORDER = ("p = a - b\nr = a / p\nf = r*c", {"a": 6, "b": 2, "c": 3})
VECTOR = ("f = sum(k*(x + y))", {"x": [1, 2], "y": [3, 5], "k": [2, -3]})
MATRIX = ("q = W @ x\nf = sum(k*q)", {"W": [[1, 2], [3, 4]], "x": [5, 6], "k": [2, -3]})

JUDGED = (
    (NEURON, "value", "q", "-10", Verdict(True)),
    (NEURON, "value", "q", "10", Verdict(False, "sign")),
    (NEURON, "value", "q", "4", Verdict(False, "grad")),
    (NEURON, "value", "q", "9", Verdict(False)),
    (NEURON, "value", "q", "w*x", None),
    (NEURON, "grad", "w", "20", Verdict(True)),
    (NEURON, "grad", "w", "−20", Verdict(False, "sign")),
    (NEURON, "grad", "w", "5", Verdict(False, "local")),
    (NEURON, "grad", "w", "4", Verdict(False, "upstream")),
    (NEURON, "grad", "w", "-8", Verdict(False, "switch")),
    (NEURON, "grad", "w", "-2", Verdict(False, "value")),
    (NEURON, "grad", "w", "20.1", Verdict(False)),
    (NEURON, "grad", "w", "[20]", Verdict(False, "shape")),
    (NEURON, "grad", "b", "1", Verdict(False, "local")),
    (NEURON, "grad", "b", "3", Verdict(False, "value")),
    (NEURON, "grad", "q", "-10", Verdict(False, "value")),
    (FORK, "grad", "x", "27", Verdict(True)),
    (FORK, "grad", "x", "21", Verdict(False, "share")),
    (FORK, "grad", "x", "6", Verdict(False, "share")),
    (FORK, "grad", "x", "4", Verdict(False, "local")),  # 3 + 1
    (FORK, "grad", "x", "13", Verdict(False, "upstream")),  # 7 + 6
    (FORK, "grad", "x", "20", Verdict(False, "switch")),  # 2 * 7 + 6
    (FORK, "grad", "x", "2", Verdict(False, "value")),
    (ROUTE, "grad", "x", "4", Verdict(True)),
    (ROUTE, "grad", "x", "0", Verdict(False, "route")),
    (ROUTE, "grad", "y", "0", Verdict(True)),
    (ROUTE, "grad", "y", "4", Verdict(False, "route")),
    (SIGMOID, "grad", "q", "1.97", Verdict(True)),
    (SIGMOID, "grad", "q", "1.966", Verdict(True)),
    (SIGMOID, "grad", "q", "0.20", Verdict(False, "local")),
    (SIGMOID, "grad", "q", "10", Verdict(False, "upstream")),
    (SIGMOID, "value", "s", "0.73", Verdict(True)),
    (SIGMOID, "value", "s", "0.7", Verdict(False)),
    (ORDER, "value", "p", "-4", Verdict(False, "sign")),
    (ORDER, "value", "r", "1.5", Verdict(True)),
    (ORDER, "value", "r", "3/2", Verdict(True)),
    (ORDER, "value", "r", "2/3", Verdict(False, "swapped")),
    (VECTOR, "grad", "x", "[2, -3]", Verdict(True)),
    (VECTOR, "grad", "x", "2, -3", Verdict(True)),
    (VECTOR, "grad", "x", "[[2], [-3]]", Verdict(True)),  # a vector is drawn as a column
    (VECTOR, "grad", "x", "[-2, 3]", Verdict(False, "sign")),
    (VECTOR, "grad", "x", "[1, 2]", Verdict(False, "value")),
    (VECTOR, "grad", "x", "2", Verdict(False, "shape")),
    (VECTOR, "grad", "x", "[2, -3, 0]", Verdict(False, "shape")),
    (MATRIX, "value", "q", "[17, 39]", Verdict(True)),
    (MATRIX, "grad", "W", "[[10, 12], [-15, -18]]", Verdict(True)),
    (MATRIX, "grad", "W", "[[10, -15], [12, -18]]", Verdict(False, "transposed")),
    (MATRIX, "grad", "W", "[[10, 12], [-15, 18]]", Verdict(False)),
    (MATRIX, "grad", "x", "[-7, -8]", Verdict(True)),
    (MATRIX, "grad", "x", "[2, -3]", Verdict(False, "upstream")),
)


@pytest.mark.parametrize(("exercise", "kind", "name", "typed", "expected"), JUDGED)
def test_answers_are_judged(
    exercise: tuple[str, dict[str, object]], kind: str, name: str, typed: str, expected: Verdict | None
) -> None:
    assert verdict(picture(*exercise), kind, name, typed) == expected


def test_every_mistake_is_in_the_table() -> None:
    assert {found.mistake for *_, found in JUDGED if found} - {None} == set(MISTAKES)


def test_a_jacobian_is_asked_as_a_matrix() -> None:
    shown = picture("f = W @ x", {"W": [[1, 2], [3, 4]], "x": [5, 6]}, jacobian=True)
    assert verdict(shown, "grad", "x", "[[1, 2], [3, 4]]") == Verdict(True)
    assert verdict(shown, "grad", "x", "[[1, 3], [2, 4]]") == Verdict(False, "transposed")


@pytest.mark.parametrize("exercise", [NEURON, FORK, ROUTE, SIGMOID, ORDER, VECTOR, MATRIX])
@pytest.mark.parametrize("digits", [0, 1, 2, 4])
def test_what_the_figure_prints_in_a_blank_is_right_in_it(exercise: tuple[str, dict[str, object]], digits: int) -> None:
    shown = picture(*exercise, digits=digits)
    trace = shown.trace
    assert isinstance(trace, Trace)
    for at in range(len(shown.graph)):
        for blank in (Blank("value", at), Blank("grad", at)):
            assert judge(shown.text(answer(trace, blank)), trace, blank, shown.text) == Verdict(True)
