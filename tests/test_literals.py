"""A value on the command line is a number, a constant expression, a list of them, or a file's name."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.arguments import Given
from gradviz.errors import ValuesError
from gradviz.literals import constant, value, values
from gradviz.nested import MOST_AXES, problem

OPTIONS = ("-o", "--theme", "--title", "--set")


def refused(text: str) -> str:
    """The message for a value that is not understood."""
    with pytest.raises(ValuesError) as error:
        value("--W", text)
    return str(error.value)


# numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2", -2), ("2e-3", 0.002), (".5", 0.5), ("1_000", 1000), ("-1/3", -1 / 3), ("pi/2", math.pi / 2),
        ("e", math.e), ("2^10", 1024), ("−3", -3), ("sqrt(2)", math.sqrt(2)), ("inf", math.inf), ("-inf", -math.inf),
        ("-Infinity", -math.inf), ("５", 5), ("π", math.pi),
    ],
)  # fmt: skip
def test_a_value_is_a_number_or_computes_one(text: str, expected: float) -> None:
    assert values([Given("--w", "w", text)], OPTIONS) == {"w": pytest.approx(expected, rel=1e-15)}  # one rounding


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan"])
def test_a_nan_is_a_value(text: str) -> None:
    assert math.isnan(values([Given("--w", "w", text)], OPTIONS)["w"])


@pytest.mark.parametrize(
    "text", ["", "w", "two", "1/(2", "0,5", "1+j", "__import__('os')", "2 3", "x=1; y", "1; 2", "x = 1", "1\n2", "True"]
)
def test_what_computes_no_number_is_none(text: str) -> None:
    assert constant(text) is None


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([("--w", "w", "two")], "the value of --w must be a number, not 'two'"),
        ([("--set w", "w", "two")], "the value of --set w must be a number, not 'two'"),
        ([("--thme", "thme", "dark")], "the value of --thme must be a number, not 'dark'; did you mean '--theme'?"),
        ([("--o", "o", "a.svg")], "the value of --o must be a number, not 'a.svg'; did you mean '-o'?"),
        ([("--w", "w", "1e400")], "the value of --w, '1e400', is inf as a float64; write --w=inf if that is meant"),
        ([("--w", "w", "1/0")], "the value of --w, '1/0', is inf as a float64; write --w=inf if that is meant"),
        ([("--w", "w", "log(-1)")], "the value of --w, 'log(-1)', is nan as a float64; write --w=nan if that is meant"),
        ([("--w", "w", "1"), ("--set w", "w", "1")], "'w' has two values; the second is --set w"),
        ([("--w", "w", "[1]"), ("--set w", "w", "[1]")], "'w' has two values; the second is --set w"),
        ([("--x₁", "x₁", "1"), ("--x1", "x1", "1")], "'x1' has two values; the second is --x1"),
        ([("--x", "x", "1,2")], "the value of --x must be a number, not '1,2'; a list is written --x='[1,2]'"),
    ],
)
def test_a_value_that_is_not_understood_is_refused(written: list[tuple[str, str, str]], message: str) -> None:
    with pytest.raises(ValuesError) as error:
        values([Given(*each) for each in written], OPTIONS)
    assert str(error.value) == message


def test_names_are_normalised_as_the_programs_are() -> None:
    assert values([Given("--x₁", "x₁", "1")], OPTIONS) == {"x1": 1.0}


# lists


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1,2]", [1.0, 2.0]),
        ("[[0.1,0.5],[-0.3,0.8]]", [[0.1, 0.5], [-0.3, 0.8]]),
        (" [ [ 1 , 2 ] , ] ", [[1.0, 2.0]]),
        ("[]", []),
        ("[[],[]]", [[], []]),
        ("[pi/2, -1/4]", [math.pi / 2, -0.25]),
        ("[max(1, 2), (1 + 2)*3, −3]", [2.0, 9.0, -3.0]),
        ("[inf, -Infinity]", [math.inf, -math.inf]),
        ("[[1],\n [2]]", [[1.0], [2.0]]),
        ("[" * MOST_AXES + "1" + "]" * MOST_AXES, None),
    ],
)
def test_a_list_has_constant_expressions_as_entries(text: str, expected: Any) -> None:
    found = value("--W", text)
    assert expected is None or found == expected


def test_a_nan_that_is_written_is_an_entry() -> None:
    assert math.isnan(value("--W", "[nan]")[0])


NO_LIST = "the value of --W must be a list like [1, 2] or [[1, 2], [3, 4]], not '{}'"


@pytest.mark.parametrize(
    "text",
    ["[1,,2]", "[,]", "[1][2]", "[1],[2]", "[1]2", "2[1]", "[1] 2", "[1]*2", "x[0]", "[1]]", "a[", "][", "[1,2],"],
)
def test_what_is_not_exactly_a_list_is_refused(text: str) -> None:
    assert refused(text).startswith(NO_LIST.format(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1,", NO_LIST.format("[1,") + "; with spaces it needs quotes: --W='[1, 2]'"),
        ("[two]", "an entry of --W must be a number, not 'two'"),
        ("[true]", "an entry of --W must be a number, not 'true'"),
        ("[null]", "an entry of --W must be a number, not 'null'"),
        ('["1"]', "an entry of --W must be a number, not '\"1\"'"),
        ("[1;2]", "an entry of --W must be a number, not '1;2'"),
        ("[[1 2] [3 4]]", "an entry of --W must be a number, not '1 2'; put commas between the entries"),
        ("[1e400]", "an entry of --W, '1e400', is inf as a float64; write inf if that is meant"),
        ("[0/0]", "an entry of --W, '0/0', is nan as a float64; write nan if that is meant"),
        ("[[1,2],[3]]", "the value of --W has rows of 2 and 1 entries"),
        ("[[[1]],[[2],[3]]]", "the value of --W has rows of 1 and 2 entries"),
        ("[1,[2]]", "the value of --W has numbers and lists side by side"),
        ("[" * 33 + "]" * 33, "the value of --W is nested more than 32 deep"),
    ],
)  # fmt: skip
def test_a_list_that_is_no_array_is_refused(text: str, message: str) -> None:
    assert refused(text) == message


ARRAYS = st.recursive(st.floats(), lambda inner: st.lists(inner, max_size=3), max_leaves=12)


@given(st.lists(ARRAYS, max_size=3))
def test_what_python_prints_is_read_as_it_was(nested: list[Any]) -> None:
    """Or refused, when it is no array."""
    if problem(nested):
        assert refused(repr(nested))
    else:
        assert repr(value("--W", repr(nested))) == repr(nested)


@given(st.text(alphabet="[],()1x -;e/", max_size=20))
def test_any_text_is_a_value_or_one_printable_line(text: str) -> None:
    assert message(text).isprintable()


def message(text: str) -> str:
    """What is said about a value; "" when it is understood."""
    try:
        return problem(value("--W", text))
    except ValuesError as error:
        return str(error)


def test_a_large_list_takes_no_recursion() -> None:
    assert len(value("--W", f"[{','.join(['[1,2]'] * 20_000)}]")) == 20_000
    assert "nested more than" in refused("[" * 50_000 + "]" * 50_000)


# what makes an array


@pytest.mark.parametrize(
    ("nested", "expected"),
    [
        ([True], "has True where a number should stand"),
        ([[1], ["a\x1b"]], "has 'a\N{REPLACEMENT CHARACTER}' where a number should stand"),
        ([None], "has None where a number should stand"),
        ([{"a": 1}], "has a table where a number should stand"),
        ([10**400], "has a number that is too large for a float64"),
        ([[1, 2], 3], "has numbers and lists side by side"),
        ([10**300, 0.5, -1], ""),
        (3, ""),
    ],
)
def test_what_keeps_lists_from_being_an_array(nested: Any, expected: str) -> None:
    assert problem(nested) == expected


def test_a_long_entry_is_cut() -> None:
    assert len(problem(["x" * 10_000])) < 100
