"""What a figure shows: texts and roles, before any format."""

from __future__ import annotations

import pytest

from gradviz.api import draw
from gradviz.errors import OptionError
from gradviz.layout.metrics import text_width
from gradviz.picture import Picture
from gradviz.rounding import digits_for, drawn, short
from gradviz.themes import THEMES, Theme, theme_named
from tests.figures import NEURON, NEURON_VALUES


def shown(program: str, values: dict[str, float] | None = None, digits: int = 2) -> Picture:
    return draw(program, values, digits=digits).picture


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (-12, 2, "-12.00"),
        (0.3679, 2, "0.37"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.0, 0, "0"),
        (0.004, 2, "0.004"),
        (-0.0049, 2, "-0.005"),
        (0.005, 2, "0.01"),
        (-0.00004, 2, "-4e-05"),
        (0.0001, 2, "0.0001"),
        (0.4, 0, "0.4"),
        (999999.0, 0, "999999"),
        (1e6, 0, "1e+06"),
        (1234567.0, 2, "1.2e+06"),
        (-1234567.0, 4, "-1.235e+06"),
        (5e-324, 2, "5e-324"),
        (float("nan"), 2, "nan"),
        (float("-inf"), 2, "-inf"),
    ],
)
def test_numbers_are_rounded_as_on_a_slide(x: float, digits: int, text: str) -> None:
    assert short(x, digits) == text


def test_drawings_have_a_minus_and_terminals_a_hyphen() -> None:
    assert drawn(short(-0.53)) == "−0.53"
    assert drawn("4e-05") == "4e−05"
    figure = draw("-x", {"x": 0.5})
    assert figure.picture.nodes[1].value == "−0.50"
    assert figure.picture.nodes[1].label == "*−1"
    assert "-0.50" in figure.render("text").decode()


def test_integers_stand_bare_when_every_number_is_one() -> None:
    assert [node.value for node in shown("w*x+b", {"w": -2, "x": 5, "b": 3}).nodes] == ["−2", "5", "3", "−10", "−7"]
    assert shown("w*x", {"w": 0.5, "x": 2}).nodes[1].value == "2.00"


def test_a_share_that_is_no_integer_gives_every_number_its_decimals() -> None:
    """max(x, x) has integer values and gradients, but two shares of a half."""
    picture = shown("max(x, x)", {"x": 2})
    assert [wire.share for wire in picture.wires] == ["0.50", "0.50"]
    assert picture.nodes[0].value == "2.00"


def test_infinities_do_not_count_as_fractions() -> None:
    assert digits_for([float("inf"), 3.0], 2) == 0


def test_names_of_results_stand_in_front_of_their_value() -> None:
    nodes = shown("q = x + y\nf = q*z", {"x": -2, "y": 5, "z": -4}).nodes
    assert [(node.name, node.value, node.grad) for node in nodes[3:]] == [("q", "3", "−4"), ("f", "−12", "1")]


def test_only_wires_of_a_fork_show_their_share() -> None:
    picture = shown("c = a + b\nd = b + 1\ne = c * d", {"a": 2, "b": 1})
    assert {tuple(wire.wire): wire.share for wire in picture.wires if wire.share} == {(1, 2, 1): "2", (1, 3, 0): "3"}


def test_a_constant_that_is_drawn_has_a_value_and_no_gradient() -> None:
    constants = [node for node in shown("2*pi*r", {"r": 1}).nodes if node.kind == "constant"]
    assert [(node.value, node.grad, node.label) for node in constants] == [("2", "", ""), ("π", "", "")]


def test_a_named_constant_shows_its_name_and_number() -> None:
    constant = shown("h = 0.01; h*x", {"x": 1}).nodes[1]
    assert (constant.label, constant.value, constant.grad) == ("h", "0.01", "")


def test_without_values_symbols_stand_on_the_shelves() -> None:
    nodes = shown("g = w*x\nf = g + b").nodes
    assert [(node.label, node.name, node.value, node.grad) for node in nodes] == [
        ("w", "", "", "∂f/∂w"), ("x", "", "", "∂f/∂x"), ("b", "", "", "∂f/∂b"), ("*", "g", "", "∂f/∂g"),
        ("+", "f", "", "∂f/∂f = 1"),
    ]  # fmt: skip


def test_the_neuron_has_the_eight_gates_of_the_lecture() -> None:
    labels = [node.label for node in shown(NEURON, NEURON_VALUES).nodes if node.kind == "gate"]
    assert labels == ["*", "*", "+", "+", "*−1", "exp", "+1", "1/x"]


def test_the_description_of_a_large_figure_stays_short() -> None:
    picture = shown("x" + "+1" * 500, {"x": 1})
    assert picture.description == "A circuit of 1 inputs and 501 nodes in all. The output is node 500 = 501."
    assert len(picture.heading) < 250


# themes --------------------------------------------------------------------------------------------------------------


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb by WCAG 2."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_of_a_theme_can_be_read(theme: Theme) -> None:
    """WCAG 2's AA ratio for text; a marked number must be readable too."""
    for text in (theme.ink, theme.value, theme.grad):
        assert contrast(text, theme.background) >= 4.5
    for text in (theme.value, theme.grad):
        assert contrast(text, theme.alarm) >= 4.0
    assert contrast(theme.ink, theme.gate_fill) >= 4.5


def test_the_contrast_checker_can_fail() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#ffff00", "#ffffff") < 1.1


def test_without_colour_the_gradient_is_still_told_apart() -> None:
    for name in ("print", "colorblind"):
        assert THEMES[name].grad_italic


def test_an_unknown_theme_is_an_error_with_the_nearest() -> None:
    with pytest.raises(
        OptionError, match=r"unknown theme 'drak'; did you mean 'dark'\? themes are cs231n, dark, print, colorblind"
    ):
        theme_named("drak")


def test_text_is_measured_by_its_characters() -> None:
    assert text_width("−10.00", 10) == pytest.approx(28.2)
    assert text_width("비용", 10) == 20
    assert text_width("e\u0301", 10) == text_width("e", 10)


def test_large_integers_keep_the_digits_that_were_asked_for() -> None:
    picture = shown("a*b", {"a": 1234567, "b": 3}, digits=5)
    assert [node.value for node in picture.nodes] == ["1.2346e+06", "3", "3.7037e+06"]


def test_the_description_tells_constants_and_leaves_out_what_is_not_there() -> None:
    assert shown("x + 2*3", {"x": 1}).description == (
        "Inputs: x, value 1, gradient 1. Constants: 2. 3. Gates in order of evaluation: "
        "node 3 is * of 2 and 3, value 6, gradient 1. node 4 is + of x and node 3, value 7, gradient 1. "
        "The output is node 4 = 7."
    )
    assert shown("x", {"x": 1}).description == "Inputs: x, value 1, gradient 1. The output is x = 1."


def test_a_heading_is_the_program_on_one_line_without_comments() -> None:
    heading = shown("# Olah\nc = a + b  # sum\n\nc * 2\n").heading
    assert heading == "Computational graph of c = a + b; c * 2"


def test_operands_are_told_apart_only_where_there_are_several_wires() -> None:
    assert [wire.port for wire in shown("x-1").wires] == [0.0]
    assert [wire.port for wire in shown("x-y").wires] == [-1.0, 1.0]
    assert [wire.port for wire in shown("x+y").wires] == [0.0, 0.0]
    assert [wire.port for wire in shown("x*x").wires] == [-1.0, 1.0]
