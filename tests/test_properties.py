"""What holds whatever goes in: random inputs of every kind, programs written and read again, numbers in drawings."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from fuzz.facts import check_reads_back, check_refusal, missing, said, structure, text_of
from fuzz.seeds import SEEDS, dictionary, seeds, words
from fuzz.targets import FIGURES, NUMBERS, TARGETS, check_figure, check_forms, refusing
from gradviz import formats
from gradviz.errors import GradvizError, ProgramError
from gradviz.figure import Figure
from gradviz.gates import GATES
from gradviz.graph import Graph, GraphBuilder
from tests.array_programs import Program, array_maps, array_programs
from tests.circuits import circuits, programs, soups

# any input -----------------------------------------------------------------------------------------------------------

EXAMPLES = {"figure": 30, "command": 30, "toml": 20, "jsonl": 20, "theme": 30}  # else 60: those draw
_PIECES = st.sampled_from(words()).map(str.encode) | st.binary(max_size=3) | st.text(max_size=3).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)  # fmt: skip
_EDITS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 8), _PIECES), max_size=5)


def mutated(target: str) -> st.SearchStrategy[bytes]:
    """A seed of a target with some pieces of others in it, or pieces alone."""

    def edited(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
        for place, length, piece in edits:
            at = place % (len(seed) + 1)
            seed = seed[:at] + piece + seed[at + length :]
        return seed

    soup = st.lists(_PIECES, max_size=12).map(b"".join)
    return st.builds(edited, st.sampled_from(seeds(target)), _EDITS) | soup


@pytest.fixture
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no input takes long because it is large."""
    for name, most in {"nodes": 2000, "literal": 2000, "entries": 5000, "numbers": 20_000, "gates": 100}.items():
        monkeypatch.setenv(f"GRADVIZ_MAX_{name.upper()}", str(most))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.usefixtures("low_limits")
def test_any_input_is_understood_or_refused_as_it_should_be(target: str) -> None:
    """By a `GradvizError` in print, with a place inside the text, and by nothing else."""

    @settings(max_examples=EXAMPLES.get(target, 60))
    @given(mutated(target))
    def check(data: bytes) -> None:
        TARGETS[target].run(data)

    check()


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_are_understood(target: str) -> None:
    assert SEEDS.keys() == TARGETS.keys()
    for seed in seeds(target)[:8]:
        TARGETS[target].run(seed)
    assert len(seeds(target)) > 2


def test_the_dictionary_has_every_gate(tmp_path: Any) -> None:
    dictionary(tmp_path / "words")
    lines = (tmp_path / "words").read_text("ascii").splitlines()
    assert all(line[0] == line[-1] == '"' for line in lines)
    assert {f'"{name}("' for name in GATES} <= set(lines)


_OPTIONS = (
    "theme", "title", "show", "hide", "upstream", "focus", "opened", "expand", "nudge", "of", "language", "layout",
    "engine", "transform",
)  # fmt: skip
_WORDS = st.text(max_size=12) | st.lists(st.sampled_from(["g", "w", "values", "local", "all", ",", "=+1", " "])).map(
    "".join
)


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(_OPTIONS), _WORDS, max_size=2), st.booleans())
def test_any_text_as_an_option_is_understood_or_refused(options: dict[str, str], numbers: bool) -> None:
    values = {"w": 2, "x": -3, "b": 0.5} if numbers else {}
    with refusing():
        check_figure(gradviz.draw("g = w*x; sigmoid(g) + b", values, **options), told=False)


_NESTED = st.recursive(st.floats(), lambda inner: st.lists(inner, max_size=3), max_leaves=8)
_VALUES = st.floats() | st.integers() | st.text(max_size=5) | st.none() | _NESTED


@settings(max_examples=80)
@given(st.dictionaries(st.text(max_size=3) | st.sampled_from("wxy"), _VALUES))
def test_any_values_are_taken_or_refused(values: Mapping[str, Any]) -> None:
    with refusing():
        gradviz.evaluate(gradviz.parse("w*x + y"), values, jacobian=True)


# writing and reading -------------------------------------------------------------------------------------------------


@settings(max_examples=70)
@given(array_programs | array_maps)
def test_programs_with_arrays_and_definitions_are_written_and_read_again(program: Program) -> None:
    check_forms(program.text)


@settings(max_examples=70)
@given(programs)
def test_programs_of_numbers_are_written_and_read_again(program: str) -> None:
    check_forms(program)


@settings(max_examples=150)
@given(soups)
def test_whatever_is_read_is_written_and_read_again(program: str) -> None:
    with refusing():
        check_forms(program)


def test_another_graph_is_not_the_same() -> None:
    def wrongly(text: str, names: Any) -> Graph:
        return gradviz.parse(text.replace("2", "3"), names, fold=False)

    check_reads_back(gradviz.parse("g = x*4; g + 1", fold=False), wrongly)
    for program in ("x*2", "def f(x): return x+2\nf(x)", "max(x, axis=2)", "x[2]", "[1, 2] + x"):
        with pytest.raises(AssertionError, match="something else"):
            check_reads_back(gradviz.parse(program, fold=False), wrongly)


def test_lost_names_are_found() -> None:
    graph = gradviz.parse("g = w*x; f = g + b")
    with pytest.raises(AssertionError, match="names are lost"):
        check_reads_back(graph, lambda text, names: gradviz.parse(text.replace("g", "h"), names))


# figures -------------------------------------------------------------------------------------------------------------

NUMBER = st.floats(width=64) | st.sampled_from(NUMBERS) | st.integers(-9, 9).map(float)


def figure_of(program: str, values: Mapping[str, Any], chosen: int) -> Figure | None:
    """The figure of a program with options of the table, as far as they suit it."""
    try:
        return gradviz.draw(program, values, **FIGURES[chosen % len(FIGURES)])
    except GradvizError as error:
        check_refusal(error)
        return None


@settings(max_examples=35)
@given(circuits, st.lists(NUMBER, min_size=6, max_size=6), st.integers(0, 99))
def test_a_drawing_has_the_numbers_of_its_circuit(
    circuit: tuple[str, dict[str, float]], numbers: list[float], chosen: int
) -> None:
    program, values = circuit
    used = gradviz.parse(program).input_names
    values = {name: number for name, number in zip(values, numbers, strict=True) if name in used}
    if figure := figure_of(program, values, chosen):
        check_figure(figure)


@settings(max_examples=35)
@given(array_programs | array_maps, st.integers(0, 99), st.integers(0, 99))
def test_a_drawing_has_the_numbers_of_its_arrays(program: Program, chosen: int, odd: int) -> None:
    """Also where one is no number."""
    choose, used = Random(odd), gradviz.parse(program.text).input_names
    values = {name: numpy.array(value) for name, value in program.values.items() if name in used}
    if odd % 3 == 0 and values:
        values[choose.choice(list(values))].flat[0] = choose.choice(NUMBERS)
    if figure := figure_of(program.text, values, chosen):
        check_figure(figure)


@settings(max_examples=8)
@given(circuits, st.integers(0, 3))
def test_the_last_step_has_all_numbers(circuit: tuple[str, dict[str, float]], chosen: int) -> None:
    program, values = circuit
    used = gradviz.parse(program).input_names
    figure = gradviz.draw(program, {name: values[name] for name in used}, **FIGURES[2 + chosen])
    if any(figure.graph.gates):
        slides = figure.steps().pictures
        lacking = [missing(Figure(slide), formats.render(slide, "svg", "auto")) for slide in slides]
        assert lacking[-1] == []
        assert all(lacking[:2]), "a step tells what comes later"


@settings(max_examples=25)
@given(programs, st.sampled_from([{}, {"show": "formulas,grads"}, {"theme": "board"}, {"expand": "all"}]))
def test_a_drawing_in_symbols_is_well_formed(program: str, options: dict[str, Any]) -> None:
    graph = gradviz.parse(program)
    drawn = said(gradviz.draw(program, **options).render("svg"))
    names = {name for k, name in enumerate(graph.names) if name and k in graph.inputs}
    assert names <= {text for each in drawn.values() for text in each.texts}


@pytest.mark.parametrize(
    ("program", "values", "options", "text", "place"),
    [
        ("w*x", {"w": 0.25, "x": 3}, {}, ">0.75<", "s2"),
        ("w*x", {"w": 0.25, "x": 3}, {}, "value 0.75", "s2"),
        ("x*x", {"x": 1.5}, {}, "share 1.5", "w1_0"),
        ("x*x", {"x": 1.5}, {}, ">1.50<", "h1_1"),
        ("sum(W)", {"W": [[1, 2.5], [3, 4]]}, {}, ">2.5<", "s0"),
        ("sum(W)", {"W": [1.5] * 9}, {}, "9 numbers", "s0"),
        ("sum(W)", {"W": [1.5] * 9}, {}, "value [1.5, 1.5", "s0"),
        ("W*2", {"W": [1.5, 3]}, {"jacobian": True}, ">0<", "s0"),
        ("log(x)", {"x": 0}, {}, "−∞", "s1"),
        ("log(x)", {"x": 0}, {}, "value -inf", "s1"),
    ],
)  # fmt: skip
def test_a_number_that_is_not_drawn_is_found(
    program: str, values: dict[str, Any], options: dict[str, Any], text: str, place: str
) -> None:
    figure = gradviz.draw(program, values, **options)
    assert missing(figure, figure.svg) == []
    assert text in figure.svg
    without = figure.svg.replace(text, ">?<" if ">" in text else "?")
    assert any(each.endswith(place) for each in missing(figure, without))


@pytest.mark.parametrize(
    "error",
    [
        ProgramError("wrong", "x + y", (4, 6)),
        ProgramError("wrong", "x", (1, 2)),
        ProgramError("", "x", (0, 1)),
    ],
)
def test_an_error_outside_its_text_is_found(error: GradvizError) -> None:
    with pytest.raises(AssertionError):
        check_refusal(error)


def test_an_error_that_a_terminal_obeys_is_found() -> None:
    error = GradvizError("wrong")
    error.args = ("\x1b[1m",)
    with pytest.raises(AssertionError, match="obeys"):
        check_refusal(error)


def test_a_node_without_a_place_is_told_without_one() -> None:
    builder = GraphBuilder("x")
    node = builder.gate(GATES["exp"], (builder.input("x"),))
    with pytest.raises(GradvizError, match="no value for x") as error:
        gradviz.evaluate(builder.build(node), {})
    assert error.value.place is None


def test_texts_are_those_of_a_command_line() -> None:
    assert text_of(b"x\xff") == "x\udcff"


def test_structures_tell_definitions_apart() -> None:
    ones = gradviz.parse("def f(x): return x*x\nf(x)"), gradviz.parse("def f(x): return x+x\nf(x)")
    assert structure(ones[0]) != structure(ones[1])


def test_what_is_no_refusal_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), refusing():
        raise ZeroDivisionError
    with pytest.raises(AssertionError, match="outside"), refusing():
        raise ProgramError("wrong", "x", (1, 2))
