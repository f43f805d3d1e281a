"""Large programs: read whole whatever their shape, told off at the right place, and with work that grows like them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import pytest

from gradviz.errors import ProgramError
from gradviz.language.parser import parse
from gradviz.language.tokens import Source
from gradviz.values import checked

Shape = tuple[Callable[[int], str], int, int]

LARGE: Final = 10_000
SMALL: Final = 200
GROWTH: Final = 2.05  # of the work when a program is twice as long; what is done once makes it less than 2

# A program of n lines, terms or brackets, and how many gates it has: so many for each, and some more.
SHAPES: Final[dict[str, Shape]] = {
    "lines": (lambda n: "v0 = x\n" + "\n".join(f"v{k} = v{k - 1} + x*y" for k in range(1, n + 1)), 2, 0),
    "one name": (lambda n: "\n".join(["x = x + w"] * n), 1, 0),
    "augmented": (lambda n: "s = a*b\n" + "s += a*b\n" * n, 2, 1),
    "comments": (lambda n: "\n".join(f"x = x*w  # note {k}" for k in range(n)), 1, 0),
    "names": (lambda n: " + ".join(f"x{k}" for k in range(n)), 1, -1),
    "numbers": (lambda n: " + ".join(f"{k}.5*x" for k in range(n)), 2, -1),
    "one bracket": (lambda n: "(x" + "\n + x" * n + ")", 1, 0),
    "parentheses": (lambda n: "(" * n + "x" + ")" * n, 0, 0),
    "operators within": (lambda n: "(a + " * n + "x" + ")" * n, 1, 0),
    "calls within": (lambda n: "exp(" * n + "x" + ")" * n, 1, 0),
    "two inputs within": (lambda n: "max(" * n + "x" + ", y)" * n, 1, 0),
    "minus": (lambda n: "-" * n + "x", 1, 0),
    "plus": (lambda n: "+" * n + "x", 0, 0),
    "powers": (lambda n: "**".join(["x"] * n), 1, -1),
    "comparisons": (lambda n: " * ".join(["(a<b)"] * n), 2, -1),
    "list of a call": (lambda n: f"sum([{', '.join(['x'] * n)}])", 0, 2),
    "array": (lambda n: f"[{', '.join(['x', '1'] * n)}]", 0, 1),
    "rows": (lambda n: f"[{', '.join(['[x, 1]'] * n)}]", 1, 1),
    "array of numbers": (lambda n: f"[{', '.join(['[1, 2]'] * n)}] @ x", 0, 1),
    "methods": (lambda n: "x" + ".sum()" * n, 1, 0),
    "attributes": (lambda n: "x" + ".T" * n, 1, 0),
    "indices": (lambda n: "x" + "[0]" * n, 1, 0),
    "library": (lambda n: " + ".join(["np.exp(x)"] * n), 2, -1),
    "settings": (lambda n: f"x.reshape({', '.join('1' * n)})", 0, 1),
    "keywords": (lambda n: f"def f({named(n, 'a{0}')}): return a0\nf({named(n, 'a{0}=x')})", 0, 1),
    "definitions": (lambda n: named(n, "def f{0}(x): return x*x", "\n") + "\n" + named(n, "f{0}(x)", " + "), 2, -1),
    "left out": (lambda n: "v = x*y\n" * n + "exp(x)", 0, 1),
    "empty lines": (lambda n: "\n" * n + ";" * n + "x", 0, 0),
}


def named(n: int, template: str, between: str = ", ") -> str:
    """A text for each number below n."""
    return between.join(map(template.format, range(n)))


def steps(function: Callable[[], Any]) -> int:
    """How many functions are called, those of C included, while one runs."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def growth(work: Callable[[int], Any]) -> float:
    """By what the work grows when its size is doubled."""
    for size in (SMALL, 2 * SMALL):  # what is found out once is known
        work(size)
    return steps(lambda: work(2 * SMALL)) / steps(lambda: work(SMALL))


@pytest.mark.parametrize(("program", "each", "more"), SHAPES.values(), ids=SHAPES)
def test_a_large_program_is_read_whole(program: Callable[[int], str], each: int, more: int) -> None:
    graph = parse(program(LARGE))
    assert sum(gate is not None for gate in graph.gates) == each * LARGE + more


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_the_parser_grows_like_the_program(shape: str) -> None:
    texts = {size: SHAPES[shape][0](size) for size in (SMALL, 2 * SMALL)}
    assert growth(lambda size: parse(texts[size])) < GROWTH


def test_the_check_of_growth_can_fail() -> None:
    def quadratic(size: int) -> None:
        for k in range(size):
            any(abs(each) < 0 for each in range(k))

    assert growth(quadratic) > GROWTH


def test_the_work_of_checking_values_grows_like_the_inputs() -> None:
    graphs = {size: parse(SHAPES["names"][0](size)) for size in (SMALL, 2 * SMALL)}
    assert growth(lambda size: checked(graphs[size], dict.fromkeys(graphs[size].input_names, 1.0))) < GROWTH


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [("v0 = x y", "'x' and 'y' without an operator"), ("$", r"unexpected character '\$'"), ("(x", "is never closed"),
     ("x½", "is not a name"), ("1e999", "too large"), ("exq(x)", "unknown function 'exq'")],
)  # fmt: skip
def test_an_error_far_into_a_program_has_its_line(wrong: str, problem: str) -> None:
    text = "a = x*y\n" * LARGE + wrong
    with pytest.raises(ProgramError, match=problem) as caught:
        parse(text)
    assert f"line {LARGE + 1}: {wrong}" in str(caught.value)
    assert text[slice(*caught.value.place or ())] in wrong


def test_what_is_written_alike_is_one_word() -> None:
    """A token costs two numbers, whatever it says."""
    source = Source("rate = rate*rate  # rate\nrate")
    assert len({id(word) for word in source.words if word.text == "rate"}) == 1
    places = [source.place(at) for at, word in enumerate(source.words) if word.text == "rate"]
    assert [source.piece(place) for place in places] == ["rate"] * 4


def test_places_of_nodes_far_into_a_program() -> None:
    graph = parse(SHAPES["lines"][0](LARGE))
    start, end = graph.place(graph.output)
    assert (graph.program[start:end], graph.program[:start].count("\n")) == ("+", LARGE)
