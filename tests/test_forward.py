"""Forward mode: tangents from the inputs on, on figures, in tables and as symbols."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import gradviz
from gradviz import themes
from gradviz.errors import GradvizError, OptionError, ValuesError
from gradviz.evaluator import evaluate
from gradviz.notation import tex_name
from gradviz.tangents import tangents_by
from tests.circuits import circuits
from tests.commands import POSIX, Gradviz, on_terminal
from tests.pages import DOCS

BAYDIN = ("log(x1) + x1*x2 - sin(x2)", {"x1": 2, "x2": 5})
FORWARD = [1.0, 0.0, 0.5, 5.0, 5.5, 0.0, 5.5]  # Baydin et al. (2018), table 2, in the order of this graph
REVERSE = [5.5, 1.716, 1.0, 1.0, 1.0, -1.0, 1.0]  # table 3
WORDS = [BAYDIN[0], "--x1=2", "--x2=5", "--mode", "forward", "--wrt", "x1"]
MATRIX = ("W @ x", {"W": [[1, 2], [-3, 4]], "x": [1, 2]})


def forward(program: str, values: Any = None, wrt: str | None = None, **options: Any) -> gradviz.Figure:
    return gradviz.draw(program, values, mode="forward", wrt=wrt, **options)


# numbers -------------------------------------------------------------------------------------------------------------


def test_the_survey_s_tables_stand_side_by_side() -> None:
    nodes = json.loads(forward(*BAYDIN, "x1").render("json"))["nodes"]
    assert [node["tangent"] for node in nodes] == pytest.approx(FORWARD, abs=1e-12)
    assert [node["grad"] for node in nodes] == pytest.approx(REVERSE, abs=5e-4)


def test_the_text_is_the_table_of_both_traces(gradviz_command: Gradviz) -> None:
    lines = gradviz_command(*WORDS, "-f", "text", "--digits=3").out.splitlines()
    assert lines[0].split() == ["node", "gate", "of", "value", "tangent", "gradient"]
    assert [float(line.split()[-2]) for line in lines[1:8]] == FORWARD
    assert [float(line.split()[-1]) for line in lines[1:8]] == REVERSE


@POSIX
def test_a_terminal_shows_it_too() -> None:
    out = on_terminal(*WORDS).out
    assert re.search(r"value +tangent +gradient", out)
    assert "Forward mode" in out


@given(circuits)
def test_the_tangent_of_the_output_is_the_gradient_of_the_input(circuit: tuple[str, dict[str, float]]) -> None:
    graph = gradviz.parse(circuit[0], circuit[1])
    trace = evaluate(graph, {name: circuit[1][name] for name in graph.input_names})
    scale = max(1.0, *(abs(grad) for grad in trace.node_grads))
    for node, name in enumerate(graph.input_names):
        found = tangents_by(graph, trace, name)
        assert found.numbers is not None
        assert found.numbers[graph.output] == pytest.approx(trace.node_grads[node], rel=1e-12, abs=1e-11 * scale)
        assert all(number == 0.0 for k, number in enumerate(found.numbers) if k not in found.reached)


def test_arrays_have_tangents_of_their_shapes() -> None:
    figure = forward(*MATRIX, "W[1,0]")
    assert figure.picture.tangents is not None
    numbers = figure.picture.tangents.numbers
    assert numbers is not None
    assert [number.tolist() for number in numbers] == [[[0, 0], [1, 0]], [0, 0], [0, 1]]
    written = json.loads(figure.render("json"))
    assert (written["mode"], written["wrt"]) == ("forward", "W[1,0]")
    assert [node["tangent"] for node in written["nodes"]] == [[[0, 0], [1, 0]], [0, 0], [0, 1]]


def test_a_row_of_tangents_is_the_column_of_the_jacobian() -> None:
    values = {"x": [0.5, -1.0, 2.0]}
    jacobian = gradviz.evaluate(gradviz.parse("softmax(x*x)"), values, jacobian=True).grads["x"]
    for k in range(3):
        tangents = forward("softmax(x*x)", values, f"x[{k}]").picture.tangents
        assert tangents is not None
        assert tangents.numbers is not None
        assert tangents.numbers[-1] == pytest.approx(jacobian[:, k], rel=1e-12)


def test_an_only_input_need_not_be_named() -> None:
    tangents = forward("x**3", {"x": 2}).picture.tangents
    assert tangents is not None
    assert tangents.numbers == (1.0, 12.0)


# the figure ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", themes.THEMES)
@pytest.mark.parametrize("format", ["svg", "dot", "tex"])
def test_each_wire_carries_the_tangent_of_the_node_that_it_leaves(theme: str, format: str) -> None:
    figure = forward(*BAYDIN, "x1", theme=theme, digits=3)
    assert [float(node.grad.split()[-1]) for node in figure.picture.nodes] == FORWARD
    text = figure.render(format).decode()
    for number in ("0.500", "5.000", "5.500"):
        assert number in text
    assert "1.716" not in text


def test_branches_of_a_fork_have_no_shelf_of_their_own() -> None:
    assert not any(wire.forks for wire in forward(*BAYDIN, "x1").picture.wires)
    assert any(wire.forks for wire in gradviz.draw(*BAYDIN).picture.wires)


def test_with_local_gradients_each_branch_says_both_factors() -> None:
    wires = forward(*BAYDIN, "x1", show="values,grads,local").picture.wires
    (by_x1,) = [wire for wire in wires if wire.local == "5.00"]
    assert by_x1.share == "1.00"


@pytest.mark.parametrize(("language", "begins"), [("en", "Forward mode: "), ("ko", "순방향 모드: ")])
def test_a_legend_says_what_the_numbers_are(language: str, begins: str) -> None:
    figure = forward(*BAYDIN, "x1", language=language)
    assert figure.picture.caption.startswith(begins)
    assert "∂·/∂x1" in figure.picture.caption
    assert begins[:-1].split(maxsplit=1)[0] in figure.svg
    assert "tangent" in figure.picture.description
    assert "gradient" not in figure.picture.description


def test_tooltips_tell_tangents() -> None:
    picture = forward(*BAYDIN, "x1").picture
    assert "tangent (derivative by x1) 0.5" in picture.nodes[2].tooltip
    assert picture.wires[0].tooltip.splitlines() == ["local gradient 0.5", "tangent 1.0"]


def test_a_fast_layout_s_copies_say_the_tangent() -> None:
    figure = forward(*BAYDIN, "x1", layout="fast")
    assert re.findall(r">(1\.00|0\.00|0\.50|5\.50)<", figure.svg).count("1.00") >= 2


# symbols -------------------------------------------------------------------------------------------------------------


def test_without_values_there_are_symbols() -> None:
    names = [node.grad for node in forward(BAYDIN[0], wrt="x1").picture.nodes]
    assert names == ["∂x1/∂x1 = 1", "∂x2/∂x1 = 0", "∂g₁/∂x1", "∂g₂/∂x1", "∂g₃/∂x1", "∂g₄/∂x1 = 0", "∂f/∂x1"]


def test_formulas_are_the_chain_rule_from_the_left() -> None:
    told = [node.grad for node in forward(BAYDIN[0], wrt="x1", show="grads,formulas").picture.nodes]
    assert told[2:5] == ["∂g₁/∂x1 = 1/x1", "∂g₂/∂x1 = x2", "∂g₃/∂x1 = ∂g₃/∂g₁ · ∂g₁/∂x1 + ∂g₃/∂g₂ · ∂g₂/∂x1"]
    assert told[-1] == "∂f/∂x1 = ∂f/∂g₃ · ∂g₃/∂x1"


def test_a_gate_that_takes_the_input_twice_adds_both() -> None:
    told = [node.grad for node in forward("x*x", wrt="x", show="grads,formulas").picture.nodes]
    assert told == ["∂x/∂x = 1", "∂f/∂x = ∂₁f + ∂₂f"]


def test_an_entry_s_name_in_tex() -> None:
    assert tex_name("W[0,1]") == "W_{0,1}"
    assert tex_name("w1[2]") == "{w_{1}}_{2}"


# what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "problem"), [
    (["x*y", "--x=1", "--y=2", "--mode", "forward"], "forward mode is by one input, which --wrt names: x and y"),
    (["x*y", "--x=1", "--y=2", "--wrt", "x"], "--mode forward"),
    (["x*y", "--x=1", "--y=2", "--mode", "reverse", "--wrt", "x"], "--mode forward"),
    (["x*y", "--x=1", "--y=2", "--mode", "forwrad", "--wrt", "x"], "did you mean 'forward'"),
    (["xa*y", "--xa=1", "--y=2", "--mode", "forward", "--wrt", "xb"], "'xb' is no input of the program"),
    (["g=x*y; g+x", "--x=1", "--y=2", "--mode", "forward", "--wrt", "g"], "'g' is no input of the program"),
    (["x*y", "--x=1", "--y=2", "--mode", "forward", "--wrt", "x[0]"], "'x' is one number, it has no entries"),
    (["sum(x)", "--x=[1,2]", "--mode", "forward", "--wrt", "x"], "an array of shape (2,)"),
    (["sum(x)", "--x=[1,2]", "--mode", "forward", "--wrt", "x[2]"], "such as x[0]"),
    (["sum(x)", "--x=[1,2]", "--mode", "forward", "--wrt", "x[-1]"], "'x[-1]' is no input"),
    (["x*y", "--x=1", "--y=2", "--mode", "forward", "--wrt", "x", "--hide", "grads"], "exclude each other"),
    (["x*y", "--x=1", "--y=2", "--mode", "forward", "--wrt", "x", "--nudge", "x=+1"], "exclude each other"),
    (["x*y", "--x=1", "--y=2", "--mode", "forward", "--wrt", "x", "--focus", "x"], "exclude each other"),
    (["x*y", "--x=1", "--y=2", "--mode", "forward", "--wrt", "x", "--steps", "-o", "a.svg"], "leave forward mode out"),
    (["3*4", "--mode", "forward"], "this program has none"),
])  # fmt: skip
def test_bad_input_is_one_line(gradviz_command: Gradviz, words: list[str], problem: str) -> None:
    done = gradviz_command(*words)
    assert (done.status, done.out) == (2, "")
    assert problem in done.err
    assert "Traceback" not in done.err


def test_python_refuses_the_same() -> None:
    for options in ({"nudge": "x=+1"}, {"focus": "x"}, {"closed": True}, {"hide": "grads"}):
        with pytest.raises(OptionError):
            forward("x*y", {"x": 1, "y": 2}, "x", **options)
    with pytest.raises(OptionError, match="wrt"):
        gradviz.draw("x*y", {"x": 1, "y": 2}, wrt="x")


def test_a_jacobian_that_would_be_written_out_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"W": [[1.0] * 20] * 20, "x": [1.0] * 20}
    assert forward("sum(W @ x)", values, "x[0]")
    monkeypatch.setenv("GRADVIZ_MAX_JACOBIANS", "5000")
    with pytest.raises(ValuesError, match="GRADVIZ_MAX_JACOBIANS"):
        forward("sum(W @ x)", values, "x[0]")


@pytest.mark.parametrize(
    "wrt", ["", "[", "x[", "x[]", "x[0", "]x[0]", "x[0][1]", "x[99999999999]", "x\n", "\x1b[2J", "x[0,]"]
)
def test_odd_names_are_no_input(wrt: str) -> None:
    with pytest.raises(GradvizError) as error:
        forward("sum(x)", {"x": [1, 2]}, wrt)
    assert "\x1b" not in str(error.value)


def test_a_sample_file_may_ask_for_it(gradviz_command: Gradviz, tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(
        'expr = "w*x"\n[values]\nw = 2\nx = 3\n[options]\nmode = "forward"\nwrt = "w"\nformat = "json"\n'
    )
    assert gradviz_command("batch", str(tmp_path / "f.toml"), "-o", str(tmp_path / "out")).status == 0
    written = json.loads((tmp_path / "out" / "f.json").read_text())
    assert [node["tangent"] for node in written["nodes"]] == [1.0, 0.0, 3.0]


def test_the_page_s_picture_is_what_its_command_draws() -> None:
    assert forward(*BAYDIN, "x1").svg == (DOCS / "images" / "forward.svg").read_text(encoding="utf-8")
