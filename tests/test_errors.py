"""Errors: the tree, the excerpt with its caret, the nearest legal word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz import errors
from gradviz.errors import GradvizError, ProgramError, RenderError, excerpt, in_words, nearest, printable

CLASSES = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, GradvizError)]


@pytest.mark.parametrize("error", CLASSES)
def test_only_what_could_not_be_rendered_exits_with_1(error: type[GradvizError]) -> None:
    assert error.exit_code == (1 if error is RenderError else 2)


@pytest.mark.parametrize("error", CLASSES)
def test_every_class_stands_in_the_tree_of_the_docstring(error: type[GradvizError]) -> None:
    assert error.__name__ in str(errors.__doc__)


def test_the_message_holds_the_problem_the_line_and_the_caret() -> None:
    error = ProgramError("unknown function 'exq'; did you mean 'exp'?", "1/(1+exq(-x))", (5, 8))
    assert str(error) == "unknown function 'exq'; did you mean 'exp'?\n  1/(1+exq(-x))\n       ^^^"
    assert (error.problem, error.place) == ("unknown function 'exq'; did you mean 'exp'?", (5, 8))


def test_a_message_without_a_place_is_the_problem_alone() -> None:
    assert str(ProgramError("the program is empty")) == "the program is empty"


@pytest.mark.parametrize(
    ("program", "place", "shown"),
    [
        ("a+b", (1, 2), "  a+b\n   ^"),
        ("a = 1\nb = $\nc", (10, 11), "  line 2: b = $\n              ^"),
        ("a = $\n", (4, 5), "  a = $\n      ^"),
        ("日本 + $", (5, 6), "  日本 + $\n         ^"),
        ("x + 日本", (4, 6), "  x + 日本\n      ^^^^"),
        ("x\N{COMBINING CIRCUMFLEX ACCENT} + $", (5, 6), "  x\N{COMBINING CIRCUMFLEX ACCENT} + $\n      ^"),
        ("a\t$", (2, 3), "  a $\n    ^"),
        ("\x1b[31m$", (5, 6), "  \N{REPLACEMENT CHARACTER}[31m$\n       ^"),
        ("x +", (3, 3), "  x +\n     ^"),
        ("", (0, 0), "  \n  ^"),
        ("(a\nb)", (1, 4), "  line 1: (a\n           ^"),
    ],
    ids=["one line", "of many", "newline at the end", "wide before", "wide below", "combining", "tab", "escape",
         "at the end", "empty", "over two lines"],
)  # fmt: skip
def test_the_caret_stands_below_its_character(program: str, place: tuple[int, int], shown: str) -> None:
    assert excerpt(program, place) == shown


def test_a_long_line_is_cut_around_the_caret() -> None:
    line, carets = excerpt("a+" * 10_000 + "$" + "+a" * 10_000, (20_000, 20_001)).split("\n")
    assert len(line) < 80
    assert line[carets.index("^")] == "$"


@given(st.text(), st.integers(0, 30), st.integers(0, 30))
def test_an_excerpt_is_two_short_printable_lines(program: str, start: int, length: int) -> None:
    line, carets = excerpt(program, (start, start + length)).split("\n")
    assert line.isprintable()
    assert carets.strip(" ").strip("^") == ""
    assert "^" in carets
    assert len(line) < 100


@given(st.text())
def test_printable_text_keeps_its_length_and_hides_what_a_terminal_obeys(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)


@pytest.mark.parametrize(
    ("word", "offer"),
    [("exq", "; did you mean 'exp'?"), ("EXP", "; did you mean 'exp'?"), ("zzz", ""), ("", "")],
)
def test_the_nearest_word_is_offered_only_when_near(word: str, offer: str) -> None:
    assert nearest(word, ["log", "exp"]) == offer


def test_a_list_in_words() -> None:
    assert [in_words(["w"]), in_words(["w", "x"]), in_words(["w", "x", "b"])] == ["w", "w and x", "w, x and b"]
