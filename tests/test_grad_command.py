"""The command `grad`, and the page about gradient programs: its commands give what it says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.commands import POSIX, Gradviz, on_terminal, process
from tests.pages import Page
from tests.test_imports import loaded_by

PAGE = Page("gradient-programs.md")
VALUES = ("--w=2", "--x=-1", "--b=0.5")


@pytest.mark.parametrize(("command", "shown"), PAGE.examples, ids=[command for command, _ in PAGE.examples])
def test_the_page_shows_what_its_commands_give(gradviz_command: Gradviz, command: str, shown: str) -> None:
    done = gradviz_command(*shlex.split(command)[1:])
    assert (done.status, done.err) == (0, "")
    assert done.out == shown


def test_the_page_has_examples() -> None:
    assert len(PAGE.examples) == PAGE.text.count("    $ gradviz") > 4


def test_its_python_gives_its_results() -> None:
    failed, tried = PAGE.run_python()
    assert (failed, tried > 0) == (0, True)


def test_a_gradient_goes_through_a_pipe_once_more() -> None:
    first = process("grad", "sigmoid(w*x)", "--wrt", "w")
    second = process("grad", "-", "--wrt", "w", stdin=first.stdout)
    at_once = process("grad", "sigmoid(w*x)", "--wrt", "w", "--order", "2")
    assert second.stdout == at_once.stdout != b""
    drawn = process("-", "--w=1", "--x=2", stdin=second.stdout)
    assert drawn.stdout.startswith(b"<svg")
    assert drawn.stderr == b""


@POSIX
def test_a_terminal_gets_the_text_too() -> None:
    assert "df_dw = x" in on_terminal("grad", "w*x", "--wrt", "w").out


@POSIX
def test_a_terminal_gets_the_matrix_as_a_table() -> None:
    out = on_terminal("grad", "w*x", "--hessian", "--w=2", "--x=3", "--digits=1").out
    assert [line.split() for line in out.splitlines() if line.strip()] == [["w", "x"], ["w", "0", "1"], ["x", "1", "0"]]


@pytest.mark.parametrize("name", ["f.svg", "f.json", "f.tex"])
def test_a_suffix_picks_the_format_of_the_figure(gradviz_command: Gradviz, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    done = gradviz_command("grad", "sigmoid(w*x + b)", "--wrt", "w,b", *VALUES, "-o", str(path))
    assert done.status == 0
    assert "df_dg2" in path.read_text(encoding="utf-8") or name == "f.tex"


def test_the_figure_has_the_values_of_the_gradient(gradviz_command: Gradviz) -> None:
    words = ("sigmoid(w*x + b)", *VALUES, "-f", "json")
    drawn = json.loads(gradviz_command("grad", "--wrt", "w,b", *words).out)
    plain = {node["name"]: node["grad"] for node in json.loads(gradviz_command(*words).out)["nodes"]}
    (output,) = (node for node in drawn["nodes"] if node["id"] == drawn["output"])
    assert output["value"] == pytest.approx([plain["w"], plain["b"]], rel=1e-12)


def test_arrays_are_drawn_without_a_seed(gradviz_command: Gradviz) -> None:
    done = gradviz_command("grad", "sum(W @ x)", "--wrt", "W", "--W=[[1, 2]]", "--x=[3, 4]", "-f", "svg")
    assert (done.status, done.err) == (0, "")
    assert "df_dW" in done.out


def test_second_derivatives_as_json(gradviz_command: Gradviz, tmp_path: Path) -> None:
    words = ("grad", "sum(x*x)*w", "--hessian", "--x=[1, 2]", "--w=3", "-f", "json")
    found = json.loads(gradviz_command(*words).out)
    assert found["wrt"] == ["x", "w"]
    assert found["hessian"]["x"] == {"x": [[6.0, 0.0], [0.0, 6.0]], "w": [2.0, 4.0]}
    assert gradviz_command(*words, "-o", str(tmp_path / "h.json")).status == 0
    assert json.loads((tmp_path / "h.json").read_text(encoding="utf-8")) == found


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["w*x", "--wrt", "v"], "the program has no name 'v'"),
        (["w*x", "--wrt", " , "], "--wrt needs a name of the program"),
        (["w*x", "--order", "2", "--wrt", "w,x"], "a derivative of higher order is by one name"),
        (["w*x", "--order", "0", "--wrt", "w"], "a whole number from 1 to 20"),
        (["w*x", "--hessian"], "no value for w and x"),
        (["g = w*x; g*g", "--hessian", "--wrt", "g", "--w=1", "--x=1"], "'g' is no input of the program"),
        (["w*x", "--hessian", "--order", "2", "--w=1", "--x=1"], "--order and --hessian exclude each other"),
        (["w*x", "--hessian", "-f", "png", "--w=1", "--x=1"], "second derivatives have no figure"),
        (["w*x", "--wrt", "w", "--seed", "1"], "grad has no --seed"),
        (["sum(x)", "--wrt", "x"], "give a value for each of x"),
        (["prod(x)", "--x=[1, 2]"], "the derivative of prod is not a program"),
        (["w*x", "--wrt", "w", "--w=1"], "no value for x"),
    ],
)
def test_what_cannot_be_derived(gradviz_command: Gradviz, words: list[str], problem: str) -> None:
    done = gradviz_command("grad", *words)
    assert (done.status, done.out) == (2, "")
    assert problem in done.err


def test_the_text_loads_nothing_heavy() -> None:
    run = "from gradviz.cli import main; main(['grad', 'sigmoid(w*x)', '--wrt', 'w', '--w=1', '--x=2'])"
    assert loaded_by(run) & {"numpy", "sympy", "rich"} == set()
