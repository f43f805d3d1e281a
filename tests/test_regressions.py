"""Every input that was a fault once, by the target of `fuzz/` that met it, and what comes out of it instead."""

from __future__ import annotations

from typing import NamedTuple

import pytest

import gradviz
from fuzz.facts import text_of
from fuzz.targets import TARGETS
from gradviz.errors import GradvizError


class Case(NamedTuple):
    """An input that was found."""

    target: str
    data: bytes
    was: str  # what was wrong with it


# `figure` takes two bytes that choose values and options before the program
FOUND = (
    Case("latex", b"", "a place in an empty text"),
    Case("latex", b"a+", "a place behind the text"),
    Case("latex", b"x^", "a place behind the text"),
    Case("latex", b"\\|x\\|[fr_", "a place behind the text"),
    Case("latex", b"\\|x\\|_2V+ \xce\xb6|", "a place behind the text"),
    Case("latex", b"thfrakar{x}z|\x1f1\\|", "a place behind the text"),
    Case("figure", b"\x03\x18ppleyprice * tax\n", "an error at the first letter for a program that SymPy wrote"),
    Case("figure", b"\x03\x18apple_x#(ce = ap appleyprice * tax\n", "the same"),
    Case("figure", b"\xc2\xc422", "the largest gradients of a program without any: ValueError"),
    Case("program", b"tanh(swish(-1)/.25)", "an opened gate that negates a number was written as a number"),
    Case("command", b"g = w*x; x=1\n--w=2\n--x=3", "a value for a name of a program without inputs: ValueError"),
)  # fmt: skip


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case.target}-{text_of(case.data)[:20]!a}")
def test_what_was_a_fault_is_none(case: Case) -> None:
    TARGETS[case.target].run(case.data)


REFUSED = {  # by LaTeX: what is said, and of which part of the text
    "": ("the formula is empty", None),
    "a+": ("the formula ends too early", "+"),
    "x^": ("an exponent is missing", "^"),
    "2x_": ("a subscript is missing", "_"),
}


@pytest.mark.parametrize(("latex", "told"), REFUSED.items())
def test_what_is_missing_at_the_end_is_told_of_the_last_sign(latex: str, told: tuple[str, str | None]) -> None:
    with pytest.raises(GradvizError) as error:
        gradviz.parse(latex, latex=True)
    found, place = error.value, error.value.place
    assert (found.problem, place and found.program[slice(*place)]) == told


def test_a_program_that_sympy_wrote_is_refused_without_a_place() -> None:
    with pytest.raises(GradvizError, match="output is an array") as error:
        gradviz.draw("x*y", {"x": [1, 2], "y": 3}, transform="simplify")
    assert error.value.place is None


@pytest.mark.parametrize(("program", "values"), [("22", {}), ("x", {"x": 3}), ("2*3", {})])
def test_the_largest_gradients_of_a_program_without_any_are_its_output(program: str, values: dict[str, float]) -> None:
    figure = gradviz.draw(program, values, top_gradients=2)
    assert f'id="s{figure.graph.output}"' in figure.svg


def test_a_number_that_an_opened_gate_negates_has_a_name() -> None:
    """`--1` is the number 1."""
    from gradviz.language.unparse import to_program

    graph = gradviz.parse("swish(-1)", expand="swish,sigmoid")
    assert to_program(graph) == "t = -1\n-1 * (1 / (1 + exp(-t)))"
