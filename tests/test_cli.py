"""The command as a user meets it: what is written where, what is said when, and the exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy
import pytest

import gradviz
from gradviz import api, choices, samples
from gradviz.cli import main
from gradviz.commands import cli, known_options, render
from gradviz.errors import RenderError, in_words
from gradviz.formats import FORMATS
from gradviz.gates import GATES, library
from gradviz.themes import THEMES
from tests.commands import COMMAND, ENVIRONMENT, POSIX, Gradviz, Outcome, on_terminal, process

NEURON = ["w*x+b", "--w=-2", "--x=5", "--b=3"]

# the figure in a pipe ------------------------------------------------------------------------------------------------


def test_a_pipe_gets_the_svg_and_nothing_else() -> None:
    done = process(*NEURON)
    assert (done.returncode, done.stderr) == (0, b"")
    assert ElementTree.fromstring(done.stdout).tag.endswith("svg")


def test_the_same_command_gives_the_same_bytes(gradviz_command: Gradviz) -> None:
    assert gradviz_command(*NEURON).out == gradviz_command(*NEURON).out


def test_render_is_the_same_as_the_bare_form(gradviz_command: Gradviz) -> None:
    assert gradviz_command("render", *NEURON) == gradviz_command(*NEURON)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_to_a_pipe(gradviz_command: Gradviz, name: str, capfdbinary: Any) -> None:
    assert main([*NEURON, "-f", name]) == 0
    expected = api.draw("w*x+b", {"w": -2, "x": 5, "b": 3}).render(name)
    assert undated(capfdbinary.readouterr().out) == undated(expected)


def undated(data: bytes) -> bytes:
    """A PDF without the second in which it was made; anything else as it is."""
    return re.sub(rb"/CreationDate[^\n]*", b"", data)


@pytest.mark.parametrize(
    "words",
    [
        ["w*x+b", "--w=-2", "--x=5", "--b=3"],
        ["w*x+b", "--w", "-2", "--x", "5", "--b", "3"],
        ["--w=-2", "--x=5", "w*x+b", "--b=6/2"],
        ["w*x+b", "--set", "w=-2", "--set=x=5", "--b=3"],
        ["--w=-2", "--x=5", "--b=3", "--", "w*x+b"],
        ["--w=-2", "--x=5", "--b=3", "--", "w*x", "+", "b"],
    ],
)
def test_values_may_stand_anywhere_in_both_forms(gradviz_command: Gradviz, words: list[str]) -> None:
    assert json.loads(gradviz_command("-f", "json", *words).out)["nodes"][-1]["value"] == -7.0


def test_an_expression_may_begin_with_a_dash(gradviz_command: Gradviz, tmp_path: Path) -> None:
    """click alone reads -log(p) as -l -o 'g(p)' and would write a file."""
    done = gradviz_command("-log(p)", "--p=0.5", "-f", "json")
    assert json.loads(done.out)["nodes"][0]["grad"] == -2.0
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_the_program_on_standard_input() -> None:
    done = process("-", "--w=2", "--x=3", "-f", "json", stdin="\ufeffg = w*x\r\nf = g + 1\n".encode())
    assert (done.returncode, json.loads(done.stdout)["nodes"][-1]["value"]) == (0, 7.0)


def test_after_two_dashes_a_dash_is_the_expression(gradviz_command: Gradviz) -> None:
    assert "the expression ends where a name" in gradviz_command("--", "-").err


def test_without_values_the_names_are_drawn(gradviz_command: Gradviz) -> None:
    done = gradviz_command("w*x", "-f", "json")
    assert (done.status, json.loads(done.out)["nodes"][0].get("value")) == (0, None)


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        (["--theme=dark"], {"theme": "dark"}),
        (["--title", "a neuron"], {"title": "a neuron"}),
        (["--digits=4"], {"digits": 4}),
        (["--of=g"], {"of": "g"}),
        (["--no-fold"], {"fold": False}),
        (["--fold"], {}),
        (["--engine=auto"], {"engine": "auto"}),
        (["--multiply-out"], {"transform": "expand"}),
        (["--factor"], {"transform": "factor"}),
        (["--simplify"], {"transform": "simplify"}),
        (["--seed=-1/2"], {"seed": -0.5}),
        (["--jacobian"], {"jacobian": True}),
        (["--local-jacobians"], {"local_jacobians": True}),
        (["--expand=sigmoid"], {"expand": ["sigmoid"]}),
        (["--expand", "tanh, sigmoid", "--frame"], {"expand": ["tanh", "sigmoid"], "frame": True}),
        (["--expand=tanh", "--expand=sigmoid"], {"expand": ["tanh", "sigmoid"]}),
        (["--expand=all"], {"expand": "all"}),
        (["--collapse"], {"collapse": True}),
        (["--frame"], {"frame": True}),
        (["--collapse", "--expand=all"], {"collapse": True, "expand": ["all"]}),
    ],
)
@pytest.mark.parametrize("format", ["dot", "text"])
def test_an_option_is_a_keyword_of_draw(
    gradviz_command: Gradviz, words: list[str], keywords: dict[str, Any], format: str
) -> None:
    program = "g = 2*x*(x + 1); f = sigmoid(g/3)*1/(1 + exp(-x))"
    expected = api.draw(program, {"x": 1.25}, **keywords).render(format).decode()
    assert gradviz_command(program, "--x=1.25", *words, "-f", format).out == expected


def test_every_option_of_a_figure_file_is_one_of_the_command() -> None:
    not_of_figures = {"expression", "output", "set", "values", "version", "steps", "seconds", "fragments"}
    assert set(choices.OPTIONS) == {long_name(param) for param in render.params} - not_of_figures


def long_name(param: Any) -> str:
    """A parameter's name as it is written on the command line."""
    return param.name.replace("_", "-")


# arrays --------------------------------------------------------------------------------------------------------------

LECTURE = ["q = W @ x; sum(q**2)", "--W=[[0.1,0.5],[-0.3,0.8]]", "--x=[0.2, 0.4]"]
FILES = {"w.csv": "# weights\n0.1,0.5\n-0.3,0.8\n", "w.json": "[[0.1, 0.5], [-0.3, 0.8]]", "x.csv": "0.2,0.4\n"}


def nodes(done: Outcome) -> dict[str, Any]:
    """The named nodes of a figure written with -f json; a node without a name by its id."""
    assert (done.status, done.err) == (0, "")
    return {node["name"] or node["id"]: node for node in json.loads(done.out)["nodes"]}


@pytest.mark.parametrize(
    "words",
    [
        LECTURE[1:],
        ["--W", "[[0.1,0.5],[-0.3,0.8]]", "--x", "[0.2, 2/5]"],
        ["--set", "W=[[1/10, 0.5], [-0.3, 0.8]]", "--set=x=[0.2, 0.4,]"],
        ["--W=@w.csv", "--x=@x.csv"],
        ["--W", "@w.json", "--set", "x=@x.csv"],
        ["--W=@w.npy", "--x=[0.2,0.4]"],
    ],
)
def test_arrays_are_written_as_lists_or_read_from_files(
    gradviz_command: Gradviz, tmp_path: Path, words: list[str]
) -> None:
    """The vectorised figure of CS231n's lecture 4."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    numpy.save(tmp_path / "w.npy", [[0.1, 0.5], [-0.3, 0.8]])
    found = nodes(gradviz_command(LECTURE[0], *words, "-f", "json"))
    assert found["q"]["value"] == pytest.approx([0.22, 0.26])
    assert found["x"]["grad"] == pytest.approx([-0.112, 0.636])
    assert numpy.allclose(found["W"]["grad"], [[0.088, 0.176], [0.104, 0.208]], rtol=1e-12)


@pytest.mark.parametrize("seed", ["--seed=[1, 0]", "--seed=@seed.json"])
def test_the_upstream_gradient_of_an_array_can_be_given(gradviz_command: Gradviz, tmp_path: Path, seed: str) -> None:
    (tmp_path / "seed.json").write_text("[1, 0]")
    found = nodes(gradviz_command("y = W @ x", *LECTURE[1:], seed, "-f", "json"))
    assert (found["y"]["grad"], found["x"]["grad"]) == ([1.0, 0.0], [0.1, 0.5])


def test_the_whole_jacobian_can_be_asked_for(gradviz_command: Gradviz) -> None:
    found = nodes(gradviz_command("y = W @ x", *LECTURE[1:], "--jacobian", "-f", "json"))
    assert found["x"]["grad"] == [[0.1, 0.5], [-0.3, 0.8]]


def test_a_seed_scales_the_gradients_of_a_number(gradviz_command: Gradviz) -> None:
    found = nodes(gradviz_command("f = w*x", "--w=2", "--x=3", "--seed=10", "-f", "json"))
    assert [found[name]["grad"] for name in ("w", "x", "f")] == [30.0, 20.0, 10.0]


def test_a_gate_is_opened_closed_and_framed(gradviz_command: Gradviz) -> None:
    def drawn(*words: str) -> list[str]:
        return [node["label"] for node in nodes(gradviz_command(*words, "--x=1", "-f", "json")).values()]

    assert drawn("sigmoid(x)", "--expand=sigmoid") == ["x", "*-1", "exp", "+1", "1/x"]
    assert drawn("1/(1+exp(-x))", "--collapse") == ["x", "σ"]
    assert drawn("1/(1+exp(-x))", "--frame") == drawn("sigmoid(x)", "--expand", "all", "--frame")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_arrays(gradviz_command: Gradviz, name: str, capfdbinary: Any) -> None:
    assert main([*LECTURE, "-f", name]) == 0
    assert len(capfdbinary.readouterr().out) > 100


@POSIX
def test_a_terminal_shows_arrays_in_its_table() -> None:
    done = on_terminal(*LECTURE, "--digits=3")
    assert done.status == 0
    assert re.search(r"q +@ +W, x", done.out)


# files and messages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name", "format"),
    [
        (["-o", "f.svg"], "f.svg", "svg"),
        (["--output=f.PNG"], "f.PNG", "png"),
        (["-o", "f.gv"], "f.gv", "dot"),
        (["-o", "figure", "-f", "json"], "figure", "json"),
        (["-o", "f.svg", "-f", "dot"], "f.svg", "dot"),
    ],
)
def test_a_file_has_the_format_of_its_suffix_unless_one_is_given(
    gradviz_command: Gradviz, tmp_path: Path, words: list[str], name: str, format: str
) -> None:
    done = gradviz_command(*NEURON, *words)
    data = (tmp_path / name).read_bytes()
    assert data == api.draw("w*x+b", {"w": -2, "x": 5, "b": 3}).render(format)
    size = f"{len(data):,}".replace(",", " ")
    assert done == Outcome(0, "", f"gradviz: wrote {name} ({size} bytes)\n")


def test_a_dash_as_the_file_is_standard_output(gradviz_command: Gradviz, tmp_path: Path) -> None:
    assert gradviz_command(*NEURON, "-o", "-", "-f", "dot") == gradviz_command(*NEURON, "-f", "dot")
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_out_is_a_note(gradviz_command: Gradviz) -> None:
    err = gradviz_command("a = 2*x; b = 3*x; a + 1", "--x=1").err
    assert err == "gradviz: note: left out, the output does not use it: b\n"


def test_an_infinity_is_a_warning_and_under_strict_an_error(gradviz_command: Gradviz) -> None:
    warned, refused = gradviz_command("log(x)", "--x=0"), gradviz_command("log(x)", "--x=0", "--strict")
    assert (warned.status, warned.err) == (0, "gradviz: warning: gate 'log' gives -inf at 0\n")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err == "gradviz: error: gate 'log' gives -inf at 0\n  log(x)\n  ^^^\n"


ERRORS = [
    (["1/(1+exq(-x))"], "unknown function 'exq'; did you mean 'exp'?\n  1/(1+exq(-x))\n       ^^^"),
    (["w*x", "--w=2"], "no value for x\n  w*x\n    ^"),
    (["w*x", "--w=2", "--x=1", "--y=2"], "the program has no name 'y'"),
    (["alpha*x", "--alpah=2", "--x=1"], "the program has no name 'alpah'; did you mean 'alpha'?"),
    (["w*x", "--w=two"], "the value of --w must be a number, not 'two'"),
    (["w*x", "--thme", "dark"], "the value of --thme must be a number, not 'dark'; did you mean '--theme'?"),
    (["w*x", "--w=1", "--x=1", "--thme=3"], "the program has no name 'thme'; did you mean '--theme'?"),
    (["w*x", "--w=1", "--x=1", "--digit=3"], "the program has no name 'digit'; did you mean '--digits'?"),
    (
        ["x", "--theme=drak"],
        "unknown theme 'drak'; did you mean 'dark'? themes are cs231n, dark, print, colorblind, board and auto",
    ),
    (["x", "--theme=zzz"], "unknown theme 'zzz'; themes are cs231n, dark, print, colorblind, board and auto"),
    (["x", "-f", "pgn"], f"unknown format 'pgn'; did you mean 'png'? formats are {in_words(FORMATS)}"),
    (["x", "--engine=dott"], "unknown engine 'dott'; did you mean 'dot'? engines are auto, graphviz and dot"),
    (["x", "--digits=many"], "--digits needs a whole number from 0 to 17, not 'many'"),
    (["x", "--digits=-1"], "--digits needs a whole number from 0 to 17, not '-1'"),
    (["x", "--digits=18"], "--digits needs a whole number from 0 to 17, not '18'"),
    (["x", "--of=y"], "the program has no node 'y'"),
    (["x", "-o", "figure.svgg"], "'figure.svgg' does not end in the suffix of a format"),
    (["x", "--simplify", "--factor"], "--simplify and --factor exclude each other"),
    (["w*x", "+", "b"], 'the expression must be one word; quote it: gradviz "w*x + b"'),
    (["bacth", "samples"], "there is no command 'bacth'; did you mean 'batch'?"),
    (["x", "-fpng"], "'-fpng' is not an option; did you mean '-f png'?"),
    (["gatse"], "there is no command 'gatse'; did you mean 'gates'?"),
    (["f.jsonl"], "'f.jsonl' is a file's name, not an expression; did you mean: gradviz batch f.jsonl --out DIR"),
    (["render"], "no expression to draw"),
    (["--theme=dark"], "no expression to draw"),
    ([""], "the program is empty"),
    (["batch"], "missing argument 'PATHS...'"),
    (["batch", "samples"], "missing option '-o' / '--out'"),
    (["batch", "samples", "--outt=d"], "unknown option '--outt'; did you mean '--out'?"),
    (["batch", "nowhere", "--out=d"], "there is no file or folder nowhere"),
    (["batch", "samples", "--out=d", "--theme=drak"], "unknown theme 'drak'; did you mean 'dark'?"),
    (["batch", "samples", "--out=d", "--multiply-out", "--factor"], "--multiply-out and --factor exclude each other"),
    (["batch", "samples", "--out=d", "--seed=1", "--jacobian"], "--seed and --jacobian exclude each other"),
    (["batch", "samples", "--out=d", "--seed=two"], "the value of --seed must be a number, not 'two'"),
    (["batch", "samples", "--out=d", "--expand=x*y"], "--expand takes the names of gates"),
    (["y", "--y=[1,2]"], "the output is an array of shape (2,)"),
    (["y", "--y=[[1,2],[3]]"], "the value of --y has rows of 2 and 1 entries\n"),
    (["y", "--y=[1,two]"], "an entry of --y must be a number, not 'two'\n"),
    (["y", "--y=[1,1/0]"], "an entry of --y, '1/0', is inf as a float64; write inf if that is meant\n"),
    (["y", "--set", "y=[1"], "the value of --set y must be a list like [1, 2] or [[1, 2], [3, 4]], not '[1'"),
    (["x*y", "--y", "[1,", "2]"], "the list of --y ends at a space; quote it: --y='[1, 2]'\n"),
    (["y", "--y=1,2"], "the value of --y must be a number, not '1,2'; a list is written --y='[1,2]'\n"),
    (["y", "--y=@none.csv"], "the value of --y, @none.csv: there is no such file\n"),
    (["y", "--y=@none.txt"], "the value of --y, @none.txt: files of numbers end in .npy, .json and .csv\n"),
    (["y", "--seed=@none.npy", "--y=1"], "the value of --seed, @none.npy: there is no such file\n"),
    (["y", "--y=[1,2]", "--seed=[1,2,3]"], "the seed has the shape (3,), the output (2,)\n"),
    (["y", "--y=1", "--seed=[1]"], "the output is a number, but the seed has the shape (1,)\n"),
    (["y", "--y=[1,2]", "--seed=[[1],2]"], "the value of --seed has numbers and lists side by side\n"),
    (["y", "--y=[1,2]", "--seed=1", "--jacobian"], "--seed and --jacobian exclude each other\n"),
    (["y", "--y=1", "--expand=sigmoidd"], "unknown compound gate 'sigmoidd'; did you mean 'sigmoid'?"),
    (["y", "--y=1", "--expand", "sigmoid(y)"], "--expand takes the names of gates, as in --expand sigmoid,tanh"),
    (["--expand", "y*(y+1)", "--y=1"], "--expand takes the names of gates, as in --expand sigmoid,tanh"),
    (["y*(y+1)", "--y=1", "--expand"], "--expand needs a value: the names of gates, or all; SymPy's expand is --mul"),
    (["y", "--y=1", "--expnad=all"], "the value of --expnad must be a number, not 'all'; did you mean '--expand'?\n"),
    (["y", "--frmae", "--y=1"], "--frmae has no value; did you mean '--frame'?\n"),
    (["gates", "relu"], "got unexpected extra argument (relu)"),
]


@pytest.mark.parametrize(("words", "message"), ERRORS, ids=[" ".join(words)[:40] for words, _ in ERRORS])
def test_wrong_input_is_told_and_has_status_2(
    gradviz_command: Gradviz, tmp_path: Path, words: list[str], message: str
) -> None:
    done = gradviz_command(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"gradviz: error: {message}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["of*2", "--of=3"], "of"),
        (["digits*x", "--digits=3"], "digits"),
        (["digits*x", "--digits=3", "--x=2"], "digits"),
        (["digits*x", "--digits=0.5", "--x=2"], "digits"),
        (["theme*x", "--theme=3", "--x=2"], "theme"),
        (["theme*x", "--x=2"], "theme"),
        (["strict*x", "--strict", "3", "--x=2"], "strict"),
        (["seed*x", "--seed=3", "--x=2"], "seed"),
        (["seed*x", "--seed=[3]", "--x=2"], "seed"),
        (["seed*2", "--seed=3"], "seed"),
        (["expand*x", "--expand=3", "--x=2"], "expand"),
        (["frame*x", "--frame", "--x=2"], "frame"),
        (["frame*x", "--frame", "3", "--x=2"], "frame"),
        (["collapse*x", "--collapse", "--x=2"], "collapse"),
        (["jacobian*x", "--jacobian", "--x=2"], "jacobian"),
    ],
)
def test_a_name_that_an_option_takes_is_told_of_set(gradviz_command: Gradviz, words: list[str], name: str) -> None:
    done = gradviz_command(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith(f"\n{name} is also an option: write --set {name}=VALUE\n")


def test_set_gives_a_value_to_a_name_that_is_also_an_option(gradviz_command: Gradviz) -> None:
    done = gradviz_command("theme*digits", "--theme=dark", "--set", "theme=3", "--set", "digits=0.5", "-f", "json")
    assert [node["value"] for node in json.loads(done.out)["nodes"]] == [3.0, 0.5, 1.5]


def test_new_and_old_options_are_names_too(gradviz_command: Gradviz) -> None:
    """Every option that could be a name can be one through --set."""
    names = [name for name in choices.OPTIONS if name.isidentifier()]
    given = [word for name in names for word in ("--set", f"{name}=[2]")]
    done = gradviz_command(" + ".join(names), *given, "--jacobian", "-f", "json")
    assert (done.status, json.loads(done.out)["nodes"][-1]["value"]) == (0, [2.0 * len(names)])


def test_a_file_that_cannot_be_written_has_status_1(gradviz_command: Gradviz) -> None:
    done = gradviz_command("x", "-o", "missing/f.svg")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("gradviz: error: cannot write missing")
    assert done.err.count("\n") == 1


def test_a_figure_that_cannot_be_made_has_status_1(gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise RenderError("the engine is on strike")

    monkeypatch.setattr("gradviz.formats.render", fail)
    assert gradviz_command(*NEURON) == Outcome(1, "", "gradviz: error: the engine is on strike\n")


@pytest.mark.parametrize("error", [ZeroDivisionError("oh"), MemoryError(), RecursionError("deep"), OSError(5, "I/O")])
def test_an_accident_is_one_line_without_a_traceback(
    gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.delenv("GRADVIZ_DEBUG", raising=False)
    monkeypatch.setattr("gradviz.terminal.drop_output", lambda: None)  # the descriptor here is pytest's
    monkeypatch.setattr(api, "draw", fail)
    done = gradviz_command(*NEURON)
    assert (done.status, done.err.count("\n"), done.err[:16]) == (1, 1, "gradviz: error: ")


def test_an_accident_shows_where_when_asked(gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "draw", lambda *_, **__: 1 / 0)
    monkeypatch.setenv("GRADVIZ_DEBUG", "1")
    assert "Traceback" in gradviz_command(*NEURON).err


@pytest.mark.parametrize("text", ["x\x1b[31m", "x\u202e", "\r", "x\x9b", "[red]x[/]", "\udcff"])
@pytest.mark.parametrize("shape", [["{}"], ["x", "--theme={}"], ["x", "--{}=2"], ["x", "--x={}"], ["{}", "y"],
                                   ["batch", "{}", "--out=d"], ["gates", "{}"], ["x", "-o", "{}"]])  # fmt: skip
def test_what_is_said_is_never_obeyed_by_a_terminal(gradviz_command: Gradviz, text: str, shape: list[str]) -> None:
    done = gradviz_command(*(word.format(text) for word in shape))
    assert done.status == 2
    assert all(line.isprintable() for line in done.err.split("\n"))


# processes -----------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("words", [NEURON, ["gates"], ["--help"]], ids=["figure", "table", "help"])
def test_a_reader_that_has_seen_enough_is_no_error(words: list[str]) -> None:
    there, here = os.pipe()
    os.close(there)
    done = subprocess.run([*COMMAND, *words], stdout=here, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    os.close(here)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("words", [NEURON, ["gates"], ["--help"]], ids=["figure", "table", "help"])
def test_a_full_disk_is_one_line_and_status_1(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    expected = b"gradviz: error: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, expected)


@POSIX
@pytest.mark.parametrize(
    ("redirection", "words", "status"),
    [(">&-", "'x'", 1), ("<&-", "-", 2), ("<&-", "batch - -o d", 2), ("2>&-", "'exq(x)'", 2)],
)
def test_a_closed_stream_is_no_traceback(redirection: str, words: str, status: int) -> None:
    command = f"'{sys.executable}' -m gradviz {words} {redirection}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False)


def test_a_program_that_is_not_text_is_refused() -> None:
    done = process("-", stdin=b"w*\xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"gradviz: error: the program on standard input is not UTF-8 text (byte 3)\n"


@POSIX
def test_an_interrupt_is_quiet_and_has_status_130() -> None:
    code = "import sys; from gradviz.cli import main; print('up', file=sys.stderr, flush=True); sys.exit(main(['-']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == b"up\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for its standard input by then
            running.wait(0.5)
        running.send_signal(signal.SIGINT)
        assert (running.wait(10), running.stderr.read()) == (130, b"")


def loaded_by(*words: str) -> set[str]:
    """The modules that a fresh interpreter has after a command line."""
    code = f"import sys; from gradviz.cli import main; main({list(words)}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    return set(done.stderr.split())


HEAVY = {"sympy", "mpmath", "numpy", "rich"}


def test_help_loads_nothing_heavy_nor_what_draws() -> None:
    assert loaded_by("--help") & {*HEAVY, "graphviz", "pygraphviz", "subprocess"} == set()


@pytest.mark.parametrize("words", [NEURON, ["gates"], ["gates", "--spelled"], ["x", "-f", "json"],
                                   [*NEURON, "--seed=2", "--local-jacobians"]],
                         ids=["figure", "gates", "spelled", "json", "options"])  # fmt: skip
def test_a_figure_of_numbers_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded_by(*words) & HEAVY == set()


def test_a_heavy_module_is_found() -> None:
    assert "sympy" in loaded_by(*NEURON, "--multiply-out")
    assert "numpy" in loaded_by("sum(x)", "--x=[1,2]")


# a terminal ----------------------------------------------------------------------------------------------------------


@POSIX
def test_a_terminal_gets_a_table_in_colour_and_how_to_save_it() -> None:
    done = on_terminal("g = w*x; g + b", "--w=-2", "--x=5", "--b=0.25", "--title=[red]\x1b]0;hi")
    assert done.status == 0
    assert done.out.startswith("To get the picture add -o figure.svg")
    assert re.search(r"g +\* +w, x +-10\.00 +1\.00", done.out)
    assert "\x1b[3" in done.err
    assert "[red]" in done.out
    assert "\x1b]0;" not in done.err


@POSIX
@pytest.mark.parametrize("words", [["-f", "png"], ["-f", "pdf", "-o", "-"]])
def test_a_terminal_is_not_given_pixels(words: list[str]) -> None:
    done = on_terminal(*NEURON, *words)
    name = words[1]
    assert done.status == 2
    assert done.out == f"gradviz: error: {name} cannot be shown on a terminal; save it with -o figure.{name}\n"


@POSIX
@pytest.mark.parametrize(("words", "start"), [(["-f", "json"], "{"), (["-f", "text"], "node"), (["-o", "-"], "<svg")])
def test_a_terminal_gets_a_text_format_when_it_is_named(words: list[str], start: str) -> None:
    done = on_terminal(*NEURON, *words)
    assert (done.status, done.out.lstrip()[: len(start)]) == (0, start)


@POSIX
@pytest.mark.parametrize("command", ["gates", "themes", "samples"])
def test_a_list_on_a_terminal_has_heads(command: str) -> None:
    done = on_terminal(command)
    assert (done.status, done.out.split()[0]) == (0, command.removesuffix("s"))


@POSIX
def test_a_batch_on_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    done = on_terminal("batch", "samples", "--out=d", "--format=dot", cwd=tmp_path)
    count = len(list(samples.shipped().glob("*.toml")))
    assert done.status == 0
    assert f"{count}/{count}" in done.out
    assert done.out.endswith(f"gradviz: {count} figures in d; {Path('d', 'manifest.json')} tells of each\n")


# the other commands --------------------------------------------------------------------------------------------------


def test_gates_lists_every_gate_and_how_it_is_written(gradviz_command: Gradviz) -> None:
    lines = [line.split("\t") for line in gradviz_command("gates").out.splitlines()]
    assert [line[0] for line in lines] == list(GATES)
    for (_, drawn, written, settings, does), gate in zip(lines, GATES.values(), strict=True):
        assert (drawn, does.removesuffix(" (opens)")) == (gate.symbol, gate.does)
        assert written.split() == [*gate.operators, *gate.aliases]
        assert settings.split() == [f"{setting.name}=" for setting in gate.settings]
        assert does.endswith(" (opens)") == bool(gate.made_of)


def test_the_names_that_libraries_have_for_gates_are_listed_too(gradviz_command: Gradviz) -> None:
    lines = dict(line.split("\t") for line in gradviz_command("gates", "--spelled").out.splitlines())
    assert lines.keys() <= GATES.keys()
    for name, gates in library().items():
        for gate in gates:
            assert name in lines[gate.name].split()
    assert {"np.exp", "torch.exp", "jnp.exp", "tf.exp"} <= set(lines["exp"].split())
    assert "x.view()" in lines["reshape"].split()


@POSIX
def test_the_lists_of_gates_are_readable_on_a_terminal() -> None:
    for words in (["gates"], ["gates", "--spelled"]):
        lines = on_terminal(*words).out.splitlines()
        assert max(map(len, lines)) <= 100
        assert not any("…" in line for line in lines)


def test_themes_lists_every_theme(gradviz_command: Gradviz) -> None:
    expected = [f"{theme.name}\t{theme.does}" for theme in THEMES.values()]
    assert gradviz_command("themes").out.splitlines() == expected


def test_samples_lists_every_sample_that_ships(gradviz_command: Gradviz) -> None:
    names = [line.split("\t")[0] for line in gradviz_command("samples").out.splitlines()]
    assert names == sorted(file.stem for file in samples.shipped().glob("*.toml"))


def test_a_batch_draws_the_shipped_samples(gradviz_command: Gradviz, tmp_path: Path) -> None:
    done = gradviz_command("batch", "samples", "--out", "d", "-f", "json")
    names = {file.stem for file in samples.shipped().glob("*.toml")}
    assert (done.status, done.out) == (0, "")
    assert {file.stem for file in (tmp_path / "d").iterdir()} == {*names, "manifest"}


def test_a_batch_tells_of_each_failure_with_its_place_and_has_status_1(
    gradviz_command: Gradviz, tmp_path: Path
) -> None:
    figures = [{"expr": "w*x", "values": {"w": 1}}, {"expr": "x"}, {"expr": "exq(x)"}, {"exp": "x"}]
    (tmp_path / "f.jsonl").write_text("\n".join(map(json.dumps, figures)), "utf-8")
    done = gradviz_command("batch", "f.jsonl", "-o", "d")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines() == [
        "gradviz: error: f.jsonl, line 1: no value for x",
        "  w*x",
        "    ^",
        "gradviz: error: f.jsonl, line 3: unknown function 'exq'; did you mean 'exp'?",
        "  exq(x)",
        "  ^^^",
        "gradviz: error: f.jsonl, line 4: unknown key 'exp'; did you mean 'expr'?",
        f"gradviz: 1 figure in d, 3 failed; {Path('d', 'manifest.json')} tells of each",
    ]
    assert (tmp_path / "d" / "f-2.svg").exists()


def test_a_batch_takes_figures_from_standard_input(tmp_path: Path) -> None:
    done = process("batch", "-", "--out=d", "--theme=dark", stdin=b'{"expr": "x", "name": "one"}\n', cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert "#15191f" in (tmp_path / "d" / "one.svg").read_text("utf-8")


def test_the_options_of_a_batch_are_options_of_figures() -> None:
    ours = {long_name(param) for param in cli.commands["batch"].params} - {"paths", "out", "jobs", "timeout", "resume"}
    assert ours == set(choices.OPTIONS) - {"of", "title"}


def test_a_batch_takes_the_upstream_gradient_and_arrays_from_lines(gradviz_command: Gradviz, tmp_path: Path) -> None:
    figures = [
        {"expr": "y = 2*x", "values": {"x": [1, 2]}},
        {"expr": "y = 2*x", "values": {"x": [1, 2]}, "options": {"jacobian": True}},
        {"expr": "y = 2*x", "values": {"x": [[1, 2]]}},
    ]
    (tmp_path / "f.jsonl").write_text("\n".join(map(json.dumps, figures)), "utf-8")
    (tmp_path / "seed.csv").write_text("1,0\n")
    done = gradviz_command("batch", "f.jsonl", "-o", "d", "-f", "json", "--seed=@seed.csv")
    assert done.status == 1
    assert done.err.splitlines()[0].startswith("gradviz: error: f.jsonl, line 3: the seed has the shape (2,)")
    for number in (1, 2):
        found = json.loads((tmp_path / "d" / f"f-{number}.json").read_text("utf-8"))
        assert [node["grad"] for node in found["nodes"]] == [[2.0, 0.0], [1.0, 0.0]]


# help, version, completion -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["--theme=dark", "--help"]])
def test_help_shows_examples_and_the_rows_of_the_tables(gradviz_command: Gradviz, words: list[str]) -> None:
    done = gradviz_command(*words)
    assert (done.status, done.err) == (0, "")
    expected = [*cli.names, *FORMATS, *THEMES, *(o for o in known_options() if o.startswith("--")), "Examples:"]
    assert [word for word in expected if word not in done.out] == []
    assert max(map(len, done.out.splitlines())) <= 100


def examples() -> list[list[str]]:
    import shlex

    from gradviz.commands import USAGE

    lines = USAGE.partition("Examples:")[2].strip().splitlines()
    return [shlex.split(line.partition(">")[0])[1:] for line in lines]


@pytest.mark.parametrize("words", examples(), ids=" ".join)
def test_the_examples_of_the_help_work(gradviz_command: Gradviz, words: list[str]) -> None:
    assert gradviz_command(*words).status == 0


@pytest.mark.parametrize("command", cli.names)
def test_every_command_has_help(gradviz_command: Gradviz, command: str) -> None:
    done = gradviz_command(command, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Usage: gradviz {command}")
    assert gradviz_command(command, "-h") == done


def test_help_beside_an_expression_is_that_of_render(gradviz_command: Gradviz) -> None:
    assert gradviz_command("-", "--help") == gradviz_command("render", "--help")


@pytest.mark.parametrize("words", [["--version"], ["w*x", "--version"]])
def test_the_version_is_told(gradviz_command: Gradviz, words: list[str]) -> None:
    assert gradviz_command(*words) == Outcome(0, f"gradviz {gradviz.__version__}\n", "")


def test_known_options_are_those_that_click_declares() -> None:
    """A sample of each kind; the list itself is derived."""
    takes = {"-o": True, "--theme": True, "--set": True, "--no-fold": False, "--strict": False, "-h": False}
    assert {option: known_options()[option] for option in takes} == takes


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["--the"], {"--theme"}),
        (["b"], {"batch"}),
        (["--theme", "d"], {"dark"}),
        (["--theme="], set(THEMES)),
        (["w*x + b", "--w=-2", "--theme", ""], set(THEMES)),
        (["-f", "p"], {"png", "pdf"}),
        (["--expand", "sigm"], {"sigmoid"}),
        (["--expand=sigmoid,tan"], {"sigmoid,tanh"}),
        (["--expand", "a"], {"all"}),
        (["--engine", ""], {"auto", "graphviz", "dot"}),
        (["render", "x", "--dig"], {"--digits"}),
        (["batch", "f.toml", "--fo"], {"--format", "--fold", "--focus"}),
        (["batch", "f.toml", "-f", "s"], {"svg"}),
    ],
)
def test_a_shell_completes_commands_options_and_rows(
    gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch, words: list[str], offered: set[str]
) -> None:
    import shlex

    monkeypatch.setenv("_GRADVIZ_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", shlex.join(["gradviz", *words]).removesuffix(" ''") + " " * (not words[-1]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    assert {line.partition(",")[2] for line in gradviz_command().out.split()} == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_printed(shell: str) -> None:
    done = process(_GRADVIZ_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert b"_GRADVIZ_COMPLETE" in done.stdout
