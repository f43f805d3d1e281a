"""Exercises and their answer keys: one source, the same places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gradviz
from gradviz.errors import OptionError
from gradviz.practice.exercises import random_circuits
from gradviz.practice.worksheets import worksheet
from gradviz.runs import BLANK, text
from tests.commands import Gradviz
from tests.drawings import number_boxes, overlaps
from tests.figures import NEURON, NEURON_VALUES

FAN_OUT, FAN_OUT_VALUES = "c = a + b\nd = b + 1\ne = c * d", {"a": 2, "b": 1}


def test_the_exercise_asks_for_the_gradients_and_the_key_has_them() -> None:
    sheet = worksheet(gradviz.draw(FAN_OUT, FAN_OUT_VALUES).picture)
    assert [text(node.below) for node in sheet.exercise.nodes] == [BLANK] * 4 + ["1"]
    assert [text(node.below) for node in sheet.key.nodes] == ["2", "5", "2", "3", "1"]
    assert [wire.share for wire in sheet.key.wires if wire.forks] == ["2", "3"]
    assert [wire.share for wire in sheet.exercise.wires if wire.forks] == [BLANK, BLANK]


@pytest.mark.parametrize("hide", ["grads", "values", "values,grads", "a,c"])
@pytest.mark.parametrize("theme", ["cs231n", "board"])
def test_both_have_the_same_places_with_room_for_everything(hide: str, theme: str) -> None:
    sheet = worksheet(gradviz.draw(NEURON.replace("w2", "a*c"), {**NEURON_VALUES, "a": 1, "c": -3}
                                   if False else {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "a": 1, "c": -3},
                                   hide=hide, theme=theme).picture)  # fmt: skip
    assert sheet.exercise.places is sheet.key.places
    assert overlaps(number_boxes(sheet.exercise, sheet.exercise.places)) == []
    assert overlaps(number_boxes(sheet.key, sheet.key.places)) == []


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Exercise 3", "Answer key 3", "Name")), ("ko", ("3", "3", "이름"))]
)
def test_they_say_what_they_are(language: str, words: tuple[str, str, str]) -> None:
    sheet = worksheet(gradviz.draw(FAN_OUT, FAN_OUT_VALUES).picture, language, 3)
    assert words[0] in str(sheet.exercise.title)
    assert words[1] in str(sheet.key.title)
    assert words[2] in sheet.exercise.caption
    assert "c = a + b; d = b + 1; e = c * d" in str(sheet.key.title)
    assert sheet.exercise.title != sheet.key.title


def test_an_exercise_needs_numbers() -> None:
    with pytest.raises(OptionError, match="needs values"):
        worksheet(gradviz.draw("x*y").picture)


# the command ---------------------------------------------------------------------------------------------------------


def test_the_command_writes_exercise_and_key(gradviz_command: Gradviz, tmp_path: Path) -> None:
    done = gradviz_command("worksheet", FAN_OUT, "--a=2", "--b=1", "--out", str(tmp_path), "-f", "json")
    assert (done.status, done.out) == (0, "")
    exercise, key = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("exercise", "exercise-key"))
    assert [node["grad"] for node in exercise["nodes"]] == [None] * 5 + [1.0] or exercise["nodes"][-1]["grad"] == 1.0
    assert [node["grad"] for node in key["nodes"]] == [2.0, 5.0, 2.0, 3.0, 1.0]
    assert [node["grad"] for node in exercise["nodes"]][:4] == [None] * 4


def test_a_figure_file_keeps_its_name_and_its_options(gradviz_command: Gradviz, tmp_path: Path) -> None:
    sample = tmp_path / "quad.toml"
    sample.write_text('expr = "x^2"\ntitle = "A square"\n[values]\nx = 0.5\n[options]\ndigits = 3\n')
    done = gradviz_command("worksheet", str(sample), "--out", str(tmp_path / "out"))
    assert done.status == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["quad-key.svg", "quad.svg"]
    assert "A square" in (tmp_path / "out" / "quad.svg").read_text()
    assert "0.250" in (tmp_path / "out" / "quad.svg").read_text()


def test_random_ones_are_the_same_for_the_same_seed(gradviz_command: Gradviz, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert gradviz_command("worksheet", "--random", "3", "--seed=7", "--out", str(tmp_path / folder)).status == 0
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == [*(f"exercise-0{k}{s}.svg" for k in (1, 2, 3) for s in ("-key", "")), "exercises.jsonl"]
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    listed = [json.loads(line) for line in (tmp_path / "a" / "exercises.jsonl").read_text().splitlines()]
    assert [(each["expr"], each["values"]) for each in listed] == [
        (each.program, each.values) for each in random_circuits(3, 7)
    ]
    assert gradviz_command("batch", str(tmp_path / "a" / "exercises.jsonl"), "--out", str(tmp_path / "c")).status == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["x*y", "--random=2"], "leave out the expression"),
        (["x*y", "--x=1", "--y=2", "--seed=3"], "for --random"),
        (["x*y", "--x=1", "--y=2", "--level=easy"], "for --random"),
        (["--random=0"], "--random"),
        (["--random=1", "--level=hrad"], "did you mean 'hard'"),
        ([], "no expression"),
        (["x*y"], "needs values"),
        (["nothing.toml"], "nothing.toml"),
        (["nothing.toml", "--x=2"], "has its own values"),
    ],
)
def test_what_cannot_be_asked_is_told(gradviz_command: Gradviz, tmp_path: Path, words: list[str], problem: str) -> None:
    done = gradviz_command("worksheet", *words, "--out", str(tmp_path / "out"))
    assert (done.status, done.out) == (2, "")
    assert problem in done.err
    assert not (tmp_path / "out").exists()
