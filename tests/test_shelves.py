"""What stands on shelves: symbols, formulas, equations, blanks, and the general picture of one gate."""

from __future__ import annotations

from typing import Any

import pytest

from gradviz.api import draw
from gradviz.errors import GradvizError, OptionError, ValuesError
from gradviz.language.parser import parse
from gradviz.language.unparse import to_program
from gradviz.notation import Formula, names, tex_name
from gradviz.picture import Picture
from gradviz.runs import BLANK, Row, text
from gradviz.shelves import HIDDEN, SHOWN
from tests.figures import NEURON, NEURON_VALUES

WX_B, WX_B_VALUES = "g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3}
GATE = "def f(x, y): ...\nz = f(x, y)"
EXPONENTIAL = "1/(1+exp(-x))"


def shown(program: str, values: dict[str, Any] | None = None, **options: Any) -> Picture:
    return draw(program, values, **options).picture


def below(picture: Picture) -> list[str]:
    return [text(node.below) for node in picture.nodes]


def above(picture: Picture) -> list[str]:
    return [text(node.above) for node in picture.nodes]


def locals_of(picture: Picture) -> list[str]:
    return [wire.local for wire in picture.wires]


# names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("w*x + b", ["w", "x", "b", "g", "f"]),
        ("g = w*x; g + b", ["w", "x", "b", "g", "f"]),
        ("f*x", ["f", "x", "L"]),
        ("g*x + 1 - g", ["g", "x", "g₁", "g₂", "f"]),
        ("exp(exp(x))*x", ["x", "g₁", "g₂", "f"]),
        ("x = x + x", ["x", "x′"]),
        ("def f(a): return a*a; f(x) + 1", ["x", "g", "L"]),
    ],
)
def test_a_node_without_a_name_gets_one_that_is_free(program: str, expected: list[str]) -> None:
    assert names(draw(program).graph).nodes == tuple(expected)


def test_names_are_all_different() -> None:
    for program in ("g1*g₁ + g_1*h + u*v + f", NEURON, "x = x*x; x = x*x; x*2", "f = L*y*out; f + f*f"):
        found = names(draw(program).graph).nodes
        assert len(set(found)) == len(found)


def test_a_derivative_by_one_of_two_equal_inputs_is_by_its_number() -> None:
    graph = parse("x*x*y")
    found = [names(graph).local(graph, wire).text for wire in graph.wires]
    assert found == ["∂₁g", "∂₂g", "∂f/∂g", "∂f/∂y"]


@pytest.mark.parametrize(
    ("name", "tex"),
    [("w", "w"), ("w0", "w_{0}"), ("w_12", "w_{12}"), ("beta1", r"\beta_{1}"), ("β", r"\beta"),
     ("loss", r"\mathit{loss}"),
     ("x′", "x'"), ("비용", r"\text{비용}"), ("a_b", r"\mathit{a\_b}"), ("_", r"\mathit{\_}")],
)  # fmt: skip
def test_names_in_tex(name: str, tex: str) -> None:
    assert tex_name(name) == tex


# what is shown -------------------------------------------------------------------------------------------------------


def test_without_values_symbols_stand_below_the_lines() -> None:
    assert below(shown(WX_B)) == ["∂f/∂w", "∂f/∂x", "∂f/∂b", "∂f/∂g", "∂f/∂f = 1"]
    assert above(shown("w*x + b")) == ["", "", "", "g", "f"]


def test_without_values_a_branch_shows_the_product_that_it_brings_back() -> None:
    shares = [wire.share for wire in shown("c = a + b; d = b + 1; e = c*d").wires]
    assert shares == ["", "∂e/∂c · ∂c/∂b", "∂e/∂d · ∂d/∂b", "", ""]


def test_formulas_are_the_local_gradients_of_the_lecture() -> None:
    assert locals_of(shown(WX_B, WX_B_VALUES, show="values,grads,formulas")) == [
        "∂g/∂w = x = 5", "∂g/∂x = w = −2", "∂f/∂g = 1", "∂f/∂b = 1",
    ]  # fmt: skip


def test_the_sigmoid_has_the_local_derivatives_of_both_lectures() -> None:
    found = [local.partition(" = ")[2] for local in locals_of(shown(EXPONENTIAL, {"x": 1}, show="formulas"))]
    assert found == ["−1", "e^g₁ = 0.37", "1", "−1/g₃² = −0.53"]


def test_formulas_without_values_say_the_chain_rule() -> None:
    assert below(shown(WX_B, show="grads,formulas")) == [
        "∂f/∂w = ∂f/∂g · ∂g/∂w", "∂f/∂x = ∂f/∂g · ∂g/∂x", "∂f/∂b = 1", "∂f/∂g = 1", "∂f/∂f = 1",
    ]  # fmt: skip


def test_each_word_shows_its_part_and_nothing_else() -> None:
    parts = {
        "values": lambda picture: [node.value for node in picture.nodes],
        "grads": lambda picture: [node.grad for node in picture.nodes],
        "local": locals_of,
        "names": lambda picture: [node.name for node in picture.nodes],
    }
    for word in parts:
        picture = shown(WX_B, WX_B_VALUES, show=word)
        for part, found in parts.items():
            assert any(found(picture)) == (part == word), (word, part)


@pytest.mark.parametrize(("word", "offer"), [("value", "values"), ("gradients", ""), ("Names", "names")])
def test_an_unknown_word_names_the_nearest_and_all(word: str, offer: str) -> None:
    with pytest.raises(OptionError) as error:
        shown(WX_B, WX_B_VALUES, show=word)
    assert offer in str(error.value)
    assert all(each in str(error.value) for each in SHOWN)


# one gate ------------------------------------------------------------------------------------------------------------


def test_the_general_picture_of_one_gate() -> None:
    picture = shown(GATE, upstream="L")
    assert below(picture) == ["∂L/∂x = ∂L/∂z · ∂z/∂x", "∂L/∂y = ∂L/∂z · ∂z/∂y", "∂L/∂z"]
    assert locals_of(picture) == ["∂z/∂x", "∂z/∂y"]
    assert [node.label for node in picture.nodes] == ["x", "y", "f"]


def test_a_declared_gate_is_written_back() -> None:
    assert to_program(parse(GATE)) == GATE


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (GATE, "'f' is only declared and has no values"),
        ("def f(x, y): ...; def g(a): return f(a, a)*2; g(x) + y", "'g' is only declared and has no values"),
    ],
)
def test_a_declared_gate_has_no_values(program: str, problem: str) -> None:
    with pytest.raises(ValuesError, match=problem):
        draw(program, {"x": 1, "y": 2})


@pytest.mark.parametrize(
    "program", ["def f(x): ..; f(x)", "def f(x): ... + 1; f(x)", "def f(): ...; f()", "def f(x) ...; x"]
)
def test_a_declaration_is_just_the_dots(program: str) -> None:
    with pytest.raises(GradvizError) as error:
        parse(program)
    assert error.value.place is not None


def test_what_comes_after_has_a_name_of_its_own() -> None:
    with pytest.raises(OptionError, match="'w' is a name of the program"):
        shown(WX_B, upstream="w")
    assert below(shown("w*x", {"w": 2, "x": 3}, upstream="L", theme="board"))[-1] == "∂L/∂f = 1"


def test_a_seed_is_the_gradient_of_something_after_the_output() -> None:
    picture = shown("x/y", {"x": 1, "y": 2}, seed=3, theme="board")
    assert below(picture) == ["∂L/∂x = 1.50", "∂L/∂y = −0.75", "∂L/∂f = 3.00"]
    assert below(shown("L/y", {"L": 1, "y": 2}, seed=3, theme="board"))[-1] == "∂C/∂f = 3.00"
    assert below(shown("x/y", {"x": 1, "y": 2}, seed=1, theme="board"))[-1] == "∂f/∂f = 1.00"


# the board -----------------------------------------------------------------------------------------------------------


def test_the_board_has_equations_and_fractions() -> None:
    picture = shown(WX_B, WX_B_VALUES, theme="board")
    assert above(picture) == ["w = −2", "x = 5", "b = 3", "g = −10", "f = −7"]
    assert below(picture) == ["∂f/∂w = 5", "∂f/∂x = −2", "∂f/∂b = 1", "∂f/∂g = 1", "∂f/∂f = 1"]
    assert picture.nodes[0].below[0].fraction == ("∂f", "∂w")
    assert picture.theme.arrow == 0
    assert [node.label for node in picture.nodes] == ["", "", "", "*", "+"]


# blanks --------------------------------------------------------------------------------------------------------------


def blanks(rows: list[str]) -> list[int]:
    return [k for k, row in enumerate(rows) if BLANK in row]


@pytest.mark.parametrize(
    ("hide", "values", "grads"),
    [
        ("grads", [], [0, 1, 2, 3]),
        ("values", [3, 4], []),
        ("values,grads", [3, 4], [0, 1, 2, 3]),
        ("w", [], [0]),
        ("g, b", [3], [2, 3]),
        ("f", [4], []),
        (["x"], [], [1]),
    ],
)
def test_blanks_are_left_where_a_student_can_fill_them(hide: Any, values: list[int], grads: list[int]) -> None:
    """The inputs' values and the gradient of the output by itself are given."""
    picture = shown(WX_B, WX_B_VALUES, hide=hide)
    assert (blanks(above(picture)), blanks(below(picture))) == (values, grads)


def test_a_blank_is_a_blank_in_every_format() -> None:
    figure = draw("c = a + b; e = c*b", {"a": 711, "b": 13}, hide="grads,values")
    for format in ("svg", "dot", "text", "json", "tex"):
        content = figure.render(format).decode()
        assert "711" in content
        assert all(answer not in content for answer in ("724", "9412", "737"))
    assert "724" in draw("c = a + b; e = c*b", {"a": 711, "b": 13}).svg


def test_a_blank_share_has_no_number_either() -> None:
    picture = shown("c = a + b; d = b + 1; e = c*d", {"a": 2, "b": 1}, hide="b")
    assert [wire.share for wire in picture.wires if wire.forks] == [BLANK, BLANK]


def test_blanks_of_an_array_keep_its_shape() -> None:
    picture = shown("sum(W @ x)", {"W": [[1, 2, 3], [4, 5, 6]], "x": [1, 0, 2]}, hide="grads")
    (run,) = picture.nodes[0].below
    assert run.block is not None
    assert [len(row) for row in run.block.rows] == [3, 3]
    assert {entry for row in run.block.rows for entry in row} == {"___"}


@pytest.mark.parametrize(("hide", "offer"), [("grad", "'grads'"), ("q", "names of the program")])
def test_what_cannot_be_hidden_is_told(hide: str, offer: str) -> None:
    with pytest.raises(OptionError) as error:
        shown(WX_B, WX_B_VALUES, hide=hide)
    assert offer in str(error.value)
    assert all(word in str(error.value) for word in HIDDEN)


def test_blanks_need_numbers() -> None:
    with pytest.raises(OptionError, match="needs values"):
        shown(WX_B, hide="grads")


def test_rows_are_told_on_one_line() -> None:
    row: Row = shown(WX_B, WX_B_VALUES).nodes[3].above
    assert (text(row), text(row, {"name"}), text(row, {"value"})) == ("g −10", "g", "−10")
    assert Formula("a", "b") == ("a", "b")
    assert shown(NEURON, NEURON_VALUES).names is None
