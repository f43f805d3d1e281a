"""The commands around a figure: explain, quiz, steps, and the options that they share with the figure's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gradviz.commands import TAKE_EXPRESSIONS, cli, known_options, render
from gradviz.explanations import RENDERERS
from tests.commands import POSIX, Gradviz, on_terminal, process

WX_B = ["g = w*x; f = g + b", "--w=-2", "--x=5", "--b=3"]
LECTURE = ["g = w·x = (−2)·5 = −10", "f = g + b = −10 + 3 = −7", "∂f/∂b = 1 · 1 = 1",
           "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5", "∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2"]  # fmt: skip

# explain -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("format", ["text", "markdown"])
def test_sung_kims_lecture_is_told(gradviz_command: Gradviz, language: str, format: str) -> None:
    done = gradviz_command("explain", *WX_B, "--lang", language, "-f", format)
    assert (done.status, done.err) == (0, "")
    assert [line for line in LECTURE if line not in done.out] == []
    assert ("역전파" in done.out) == (language == "ko")


@pytest.mark.parametrize(("name", "begins"), [("a.md", "# "), ("a.json", "{"), ("a.txt", "")])
def test_a_suffix_picks_the_format(gradviz_command: Gradviz, tmp_path: Path, name: str, begins: str) -> None:
    done = gradviz_command("explain", *WX_B, "-o", name)
    assert (done.status, done.out) == (0, "")
    assert (tmp_path / name).read_text().startswith(begins)


def test_json_has_the_closed_form_of_each_gradient(gradviz_command: Gradviz) -> None:
    content = json.loads(gradviz_command("explain", *WX_B, "-f", "json").out)
    text = json.dumps(content, ensure_ascii=False)
    assert '"∂f/∂w"' in text
    assert "closed" in text


@POSIX
def test_a_terminal_gets_it_in_colour() -> None:
    shown = on_terminal("explain", *WX_B)
    assert shown.status == 0
    assert all(line in shown.out for line in LECTURE)
    assert "\x1b[" in shown.err


def test_a_gate_that_is_only_declared_is_told_in_symbols(gradviz_command: Gradviz) -> None:
    done = gradviz_command("explain", "def f(x, y): ...; z = f(x, y)", "--upstream", "L")
    assert "∂L/∂x = ∂L/∂z · ∂z/∂x" in done.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([*WX_B, "-f", "svg"], "formats are text, markdown and json"),
        ([*WX_B, "-o", "a.svg"], "does not end in the suffix of an explanation"),
        ([*WX_B, "--lang=kr"], "languages are en and ko"),
        (["w*x", "--w=1"], "x"),
        (["nofile.toml"], "no file or folder nofile.toml"),
        ([*WX_B, "--hide=w"], "explain has no --hide"),
        ([*WX_B, "--steps"], "explain has no --steps; for one of the program's names write --set steps=VALUE"),
        (["w*y", "--w=1", "--x=2"], "x"),
        ([], "no expression"),
        (["w*", "--w=1"], "^"),
    ],
)
def test_what_cannot_be_told(gradviz_command: Gradviz, words: list[str], problem: str) -> None:
    done = gradviz_command("explain", *words)
    assert (done.status, done.out) == (2, "")
    assert problem in done.err
    assert "Traceback" not in done.err


def test_a_figure_file_is_told_with_its_title(gradviz_command: Gradviz, tmp_path: Path) -> None:
    sample = tmp_path / "quad.toml"
    sample.write_text('expr = "x^2"\ntitle = "A square"\n[values]\nx = 0.5\n[options]\ndigits = 3\n')
    out = gradviz_command("explain", str(sample)).out
    assert "A square" in out
    assert "f = x² = 0.500² = 0.250" in out


# quiz ----------------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    ("typed", "told", "score"),
    [
        (["-10", "-7", "1", "1", "5", "-2"], ["Right: ∂f/∂x = −2"], "6 of 6 right."),
        (["10", "-10", "-7", "1", "1", "", "3", "-2"], ["Look at the sign.", LECTURE[3]], "5 of 6 right."),
        (["-10"], ["Stopped after 1 of 6 blanks."], "1 of 6 right."),
    ],
)
def test_a_quiz_on_a_terminal(typed: list[str], told: list[str], score: str) -> None:
    shown = on_terminal("quiz", *WX_B, typed=[f"{line}\r" for line in typed])
    assert shown.status == 0
    assert [line for line in [*told, score] if line not in shown.out] == []


@POSIX
def test_an_interrupted_quiz_tells_the_score_and_has_its_status() -> None:
    shown = on_terminal("quiz", *WX_B, typed=["-10\r", "\x03"])
    assert shown.status == 130
    assert "1 of 6 right." in shown.out


def test_a_quiz_does_not_read_its_program_where_it_reads_answers(gradviz_command: Gradviz) -> None:
    done = gradviz_command("quiz", "-")
    assert done.status == 2
    assert "reads answers from standard input" in done.err


def test_a_quiz_in_a_pipe_explains_by_the_chain_rule() -> None:
    done = process("quiz", *WX_B, "--hide=w", "--lang=ko", stdin=b"7\n7\n")
    out = done.stdout.decode()
    assert done.returncode == 0
    assert LECTURE[3] in out
    assert "∂f/∂x" not in out


def test_random_quizzes_are_the_same_for_a_seed() -> None:
    first, second = (process("quiz", "--random=2", "--seed=3", stdin=b"\n" * 60).stdout for _ in range(2))
    assert first == second
    assert len(re.findall("Blanks to fill", first.decode())) == 2


# options -------------------------------------------------------------------------------------------------------------


def test_each_command_knows_its_own_options() -> None:
    commands = {name: cli.named(name) for name in TAKE_EXPRESSIONS}
    assert None not in commands.values()
    assert "--steps" in known_options(render)
    for name in TAKE_EXPRESSIONS - {"render", "descend", "check"}:
        known = known_options(commands[name])
        assert {"--set", "--of", "--expand", "--digits", "--latex", "--lang", "--upstream"} <= set(known)
        assert "--steps" not in known
    assert set(RENDERERS) == {"text", "markdown", "json"}


def test_a_name_that_is_an_option_of_a_command_is_set(gradviz_command: Gradviz) -> None:
    done = gradviz_command("explain", "theme*2", "--set", "theme=3")
    assert "theme = 3" in done.out


# steps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lecture.svg", "lecture.pdf", "lecture.gif", "lecture.webp", "frames/", "frames"])
def test_steps_are_written(gradviz_command: Gradviz, tmp_path: Path, name: str) -> None:
    done = gradviz_command(*WX_B, "--steps", "-o", name)
    assert (done.status, done.out) == (0, "")
    assert f"wrote 8 steps to {name}" in done.err
    assert (tmp_path / name).exists()


def test_steps_go_to_standard_output(gradviz_command: Gradviz) -> None:
    assert gradviz_command(*WX_B, "--steps").out.startswith("<svg ")
    assert "fragment" in gradviz_command(*WX_B, "--fragments").out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--steps", "-o", "a.png"], "name a folder"),
        (["--steps", "-f", "json"], "name a folder"),
        (["--steps", "-o", "a.svg", "--seconds=0"], "seconds"),
        (["--seconds=3"], "--steps"),
        (["--fragments", "-o", "a.pdf"], "fragments are parts of an SVG"),
        (["--fragments", "-o", "a.svg", "--seconds=3"], "steps that play"),
        (["--steps", "-o", "a/", "--seconds=3"], "steps that play"),
        (["--steps", "-o", "a.svg", "--hide=w"], "they exclude 'hide'"),
    ],
)
def test_steps_that_cannot_be(gradviz_command: Gradviz, tmp_path: Path, words: list[str], problem: str) -> None:
    done = gradviz_command(*WX_B, *words)
    assert (done.status, done.out) == (2, "")
    assert problem in done.err
    assert list(tmp_path.iterdir()) == []
