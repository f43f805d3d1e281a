"""Gradient descent: published updates, formulas, rows and batches, how a run ends, what is written and drawn."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy
import pytest

import gradviz
from gradviz.descent.loop import told
from gradviz.descent.schedules import SCHEDULES, schedule
from gradviz.descent.starts import STARTS, started
from gradviz.descent.updates import UPDATES, update
from gradviz.errors import GradvizError, RenderError
from gradviz.learned import PICTURES, Learned
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from gradviz.themes import THEMES
from tests.commands import POSIX, Gradviz, on_terminal
from tests.oracle.check import EXAMPLES
from tests.pages import DOCS, Page
from tests.test_imports import loaded_by

PAGE = Page("descent.md")
TRAINED = {name: example for name, example in EXAMPLES.items() if "update" in example}
ROW = """
h1 = sigmoid(a1*x1 + b1*x2 + c1)
h2 = sigmoid(a2*x1 + b2*x2 + c2)
p = sigmoid(u*h1 + v*h2 + d)
loss = -y*log(p) - (1 - y)*log(1 - p)
"""
XOR = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]}
NET = "h = sigmoid(X @ W1 + b1); p = sigmoid(h @ W2 + b2); cost = -mean(Y*log(p) + (1 - Y)*log(1 - p))"
BATCH = {"X": [[0, 0], [0, 1], [1, 0], [1, 1]], "Y": [[0], [1], [1], [0]]}
UNIT = "p = sigmoid(X @ W + b); cost = -mean(Y*log(p) + (1 - Y)*log(1 - p))"
START = {name: 0.3 * k - 1 for k, name in enumerate(("a1", "b1", "c1", "a2", "b2", "c2", "u", "v", "d"))}


# numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRAINED)
def test_a_published_update_is_that_of_one_iteration(name: str) -> None:
    example = TRAINED[name]
    wanted = example["update"]["params"]
    found = gradviz.descend(
        example["program"], example["inputs"], wrt=list(wanted), lr=example["update"]["lr"], iterations=1
    ).at(1)
    for parameter, printed in wanted.items():
        digits = len(printed.partition(".")[2])
        tolerance = example["inexact"].get(f"update.{parameter}", {}).get("tol", 0.5000001 * 10**-digits)
        assert found[parameter] == pytest.approx(float(printed), abs=tolerance, rel=0)


def test_a_wrong_learning_rate_misses_the_published_update() -> None:
    example = TRAINED["mazur"]
    found = gradviz.descend(example["program"], example["inputs"], wrt="w5", lr=0.4, iterations=1)
    assert found.at(1)["w5"] != pytest.approx(float(example["update"]["params"]["w5"]), abs=1e-6)


def test_the_regression_of_the_lecture_step_by_step() -> None:
    """Lab 3: 5, 4.6267, 4.2882 … with the gradients 37.33, 33.85, 30.69 …; W - 1 shrinks by 1 - 2·14/3·0.01."""
    learned = gradviz.descend("mean((X*W - Y)**2)", {"X": [1, 2, 3], "Y": [1, 2, 3], "W": 5}, wrt="W", lr=0.01)
    shrinks = 1 - 0.01 * 2 * 14 / 3
    for k in range(101):
        assert learned.at(k)["W"] == pytest.approx(1 + 4 * shrinks**k, rel=1e-13)
        assert learned.norms[k] == pytest.approx(2 * 14 / 3 * 4 * shrinks**k, rel=1e-10)
    assert learned.norms[:3] == pytest.approx([37.333333, 33.848889, 30.689659], abs=1e-6)


STEPS = {  # by hand, of the gradients 2, then -1 with the learning rate 0.1: what is subtracted
    "gd": (0.2, -0.1),
    "momentum": (0.2, 0.1 * (0.9 * 2 - 1)),
    "nesterov": (0.1 * (2 + 0.9 * 2), 0.1 * (-1 + 0.9 * (0.9 * 2 - 1))),
    "adagrad": (0.1, -0.1 / 5**0.5),
    "rmsprop": (0.2 / 0.04**0.5, -0.1 / (0.99 * 0.04 + 0.01) ** 0.5),
    "adam": (0.1, 0.1 * (0.18 - 0.1) / 0.19 / ((0.999 * 0.004 + 0.001) / (1 - 0.999**2)) ** 0.5),
}


@pytest.mark.parametrize("name", UPDATES)
def test_two_steps_of_an_update_by_hand(name: str) -> None:
    step = update(name, 1)
    found = [float(step(numpy.array([g]), 0.1, number)[0]) for number, g in ((1, 2.0), (2, -1.0))]
    assert found == pytest.approx(STEPS[name], rel=1e-6)


@pytest.mark.parametrize(
    ("text", "k", "factor"),
    [("constant", 7, 1), ("step", 30, 0.1), ("step=2,0.5", 5, 0.25), ("exponential=0.5", 3, 0.125),
     ("linear", 25, 0.75), ("inverse=1", 3, 0.25), ("cosine", 0, 1), ("cosine", 50, 0.5)],
)  # fmt: skip
def test_a_schedule(text: str, k: int, factor: float) -> None:
    assert schedule(text, 100)(k) == pytest.approx(factor, rel=1e-12)


def test_every_schedule_begins_at_the_learning_rate_and_does_not_grow() -> None:
    for name in SCHEDULES:
        rates = [schedule(name, 50)(k) for k in range(50)]
        assert rates[0] == 1
        assert rates == sorted(rates, reverse=True)


def test_starts_have_their_spread() -> None:
    shapes = {"W": (300, 100), "w": (), "b": (4,)}
    spread = {"normal": 1, "uniform": 3**-0.5, "xavier": (2 / 400) ** 0.5, "he": (2 / 300) ** 0.5, "zeros": 0}
    for name in STARTS:
        found = started(name, shapes, 1)
        assert numpy.std(found["W"]) == pytest.approx(spread[name], rel=0.02)
        assert [numpy.shape(found[each]) for each in shapes] == list(shapes.values())
        assert all(numpy.array_equal(found[each], started(name, shapes, 1)[each]) for each in shapes)
    assert not numpy.array_equal(started("he", shapes, 1)["W"], started("he", shapes, 2)["W"])


# rows ----------------------------------------------------------------------------------------------------------------


def test_rows_of_data_are_the_whole_batch_in_one_expression() -> None:
    whole = {name: numpy.array(column) for name, column in XOR.items()}
    together = gradviz.descend(ROW.replace("loss = ", "loss = mean(").rstrip() + ")", {**whole, **START}, wrt=START)
    by_rows = gradviz.descend(ROW, START, data=XOR)
    assert numpy.abs(together.run.vectors - by_rows.run.vectors).max() < 1e-13
    assert numpy.abs(together.losses - by_rows.losses).max() < 1e-13


def test_rows_with_arrays_are_taken_one_by_one() -> None:
    program, start = "f = sum(x*w); loss = (f - y)**2", {"w": [0.5, -1.0]}
    rows = numpy.array([[1, 2], [3, -1], [0.5, 4]])
    found = gradviz.descend(program, start, data={"x": rows, "y": [1, 2, 3]}, lr=0.02, iterations=20)
    both = {"X": rows, "Y": [1, 2, 3], "w": [0.5, -1.0]}
    wanted = gradviz.descend("mean((X @ w - Y)**2)", both, wrt="w", lr=0.02, iterations=20)
    assert numpy.abs(found.run.vectors - wanted.run.vectors).max() < 1e-13


def test_batches_come_in_turn_and_shuffled_by_their_seed() -> None:
    program, start = "(w*x - y)**2", {"w": 0.0}
    data = {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "y": [2.0, 4.0, 6.0, 8.0, 1.0]}
    w, losses = 0.0, []
    for k in range(6):
        at = [[0, 1], [2, 3], [4]][k % 3]
        x, y = numpy.array(data["x"])[at], numpy.array(data["y"])[at]
        losses.append(float(numpy.mean((w * x - y) ** 2)))
        w -= 0.01 * float(numpy.mean(2 * (w * x - y) * x))
    found = gradviz.descend(program, start, data=data, lr=0.01, iterations=6, batch_size=2)
    assert found.losses[:6] == pytest.approx(losses, rel=1e-12)
    assert found.parameters["w"] == pytest.approx(w, rel=1e-12)
    runs = [gradviz.descend(program, start, data=data, batch_size=2, shuffle_seed=s, lr=0.01) for s in (1, 1, 2)]
    assert numpy.array_equal(runs[0].run.vectors, runs[1].run.vectors)
    assert not numpy.array_equal(runs[0].run.vectors, runs[2].run.vectors)


def test_a_batch_of_all_rows_is_no_batch() -> None:
    whole, batch = (gradviz.descend(ROW, START, data=XOR, batch_size=size) for size in (None, 4))
    assert numpy.array_equal(whole.losses, batch.losses)


# XOR -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("init", "seed"), [("normal", 0), ("xavier", 0), ("he", 1)])
def test_two_layers_learn_xor(init: str, seed: int) -> None:
    shapes = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}
    learned = gradviz.descend(
        NET, BATCH, wrt="W1,b1,W2,b2", init=init, seed=seed, shapes=shapes, lr=0.1, update="adam", iterations=600
    )
    assert learned.losses[-1] < 0.05
    p = gradviz.evaluate(gradviz.parse(NET, of="p"), {"X": BATCH["X"], **learned.parameters}, jacobian=True).output
    assert numpy.round(p).tolist() == BATCH["Y"]


@pytest.mark.parametrize("seed", range(3))
def test_one_unit_does_not(seed: int) -> None:
    """The cost is convex, and its minimum is at 0, where every answer is one half."""
    learned = gradviz.descend(
        UNIT, BATCH, wrt="W,b", init="normal", seed=seed, shapes={"W": (2, 1)}, lr=1, iterations=900
    )
    assert learned.losses[-1] == pytest.approx(math.log(2), abs=1e-12)
    assert learned.losses.min() >= math.log(2) - 1e-15


# how a run ends ------------------------------------------------------------------------------------------------------


def test_a_run_ends_at_its_tolerance() -> None:
    learned = gradviz.descend("w*w", {"w": 1}, wrt="w", lr=0.25, tolerance=1e-3, iterations=1000)
    assert (learned.ended, learned.norms[-1] <= 1e-3 < learned.norms[-2]) == ("tolerance", True)
    assert "the gradient is nearly zero" in learned.note


@pytest.mark.parametrize(
    ("program", "start", "says"),
    [("w*w", 1.0, "diverged: the loss grew from 1 to "), ("w**4", 3.0, "diverged: the loss is inf after "),
     ("log(w)", -1.0, "the loss is nan at the start")],
)  # fmt: skip
def test_a_run_that_diverges_says_so(program: str, start: float, says: str) -> None:
    learned = gradviz.descend(program, {"w": start}, wrt="w", lr=1.5, iterations=10_000)
    assert (learned.ended, learned.note.startswith(says)) == ("diverged", True), learned.note
    assert len(learned.losses) < 50
    assert ("the learning rate 1.5 is too large" in learned.note) == (start > 0)
    assert math.isfinite(learned.parameters["w"])


def test_a_loss_that_wobbles_goes_on() -> None:
    assert gradviz.descend("w*w", {"w": 1}, wrt="w", lr=1.0, iterations=100).ended == "done"
    assert gradviz.descend("sin(5*w) + w**2", {"w": 3}, wrt="w", lr=0.3, iterations=200).ended == "done"


def test_an_interrupt_keeps_what_was_reached(gradviz_command: Gradviz, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(iteration: int, loss: float, norm: float) -> None:
        if iteration == 7:
            raise KeyboardInterrupt

    learned = gradviz.descend("w*w", {"w": 1}, wrt="w", tell=stop)
    assert (learned.ended, learned.run.last, len(learned.run.vectors)) == ("interrupted", 7, 8)
    assert learned.parameters["w"] == pytest.approx(0.8**7, rel=1e-12)
    monkeypatch.setattr("gradviz.api.descend", lambda *_, **__: learned)
    done = gradviz_command("descend", "w*w", "--w=1", "--wrt", "w", "--save", "w.json")
    assert (done.status, "interrupted after 7 updates" in done.err) == (130, True)
    assert json.loads(Path("w.json").read_text()) == learned.parameters


def test_nothing_told_of_a_run_that_takes_its_iterations() -> None:
    learned = gradviz.descend("w*w", {"w": 1}, wrt="w", iterations=0)
    assert (told(learned.run, 0.1), learned.run.last) == ("", 0)


# errors --------------------------------------------------------------------------------------------------------------

WRONG = {
    "no parameter": (("w*x", "--w=1", "--x=2"), "nothing to learn"),
    "unknown parameter": (("w*x", "--w=1", "--x=2", "--wrt=v"), "the program has no input 'v'"),
    "no start": (("w*w", "--wrt=w"), "no value for 'w' to start from"),
    "unknown update": (("w", "--w=1", "--wrt=w", "--update=adm"), "did you mean 'adam'?"),
    "number of an update": (("w", "--w=1", "--wrt=w", "--update=adam=x"), "positive numbers: adam=BETA1,BETA2,EPSILON"),
    "numbers of an update": (("w", "--w=1", "--wrt=w", "--update=gd=1"), "the update gd takes no numbers"),
    "unknown schedule": (("w", "--w=1", "--wrt=w", "--schedule=cos"), "did you mean 'cosine'?"),
    "unknown start": (("w", "--wrt=w", "--init=random"), "unknown init 'random'"),
    "learning rate": (("w", "--w=1", "--wrt=w", "--lr=0"), "must be a positive number"),
    "learning rate of nan": (("w", "--w=1", "--wrt=w", "--lr=nan"), "must be a positive number"),
    "iterations": (("w", "--w=1", "--wrt=w", "--iterations=-1"), "--iterations"),
    "an array": (("x*w", "--x=[1, 2]", "--w=1", "--wrt=w"), "array"),
    "data": (("w*x", "--w=1", "--data=nowhere.csv"), "cannot read nowhere.csv"),
    "columns": (("w*q", "--w=1", "--q=1", "--data=points.csv"), "no column of points.csv is an input"),
    "a column as parameter": (("w*x", "--w=1", "--data=points.csv", "--wrt=x"), "'x' is a column of the data"),
    "batch": (("w*w", "--w=1", "--wrt=w", "--batch-size=2"), "a batch size is a number of rows of data"),
    "shuffle": (("w*x", "--w=1", "--data=points.csv", "--shuffle-seed=1"), "give a batch size too"),
    "shapes": (("w*x", "--x=1", "--wrt=w", "--init=he", "--shapes=w=2*2"), "W=2x2,b=2, not 'w=2*2'"),
    "shape of another": (("w*x", "--x=1", "--wrt=w", "--init=he", "--shapes=v=2"), "'v' is no parameter"),
    "a large shape": (("sum(w)", "--wrt=w", "--init=he", "--shapes=w=99999x99999"), "GRADVIZ_MAX_ENTRIES"),
    "picture": (("w", "--w=1", "--wrt=w", "--picture=bowel", "-o", "f.svg"), "did you mean 'bowl'?"),
    "over": (("w", "--w=1", "--wrt=w", "--over=w", "-o", "f.svg"), "--over is for --picture bowl"),
    "over what": (
        ("w*v", "--w=1", "--v=1", "--wrt=w,v", "--picture=bowl", "--over=x", "-f", "svg"),
        "no parameter 'x'",
    ),
    "over three": (("w*v*u", "--w=1", "--v=1", "--u=1", "--wrt=w,v,u", "--picture=bowl", "-f", "svg"), "one or two"),
    "a plot as TikZ": (("w", "--w=1", "--wrt=w", "-f", "tex"), "a plot cannot be written as tex"),
    "numbers as picture": (("w", "--w=1", "--wrt=w", "-f", "csv", "--picture=bowl"), "not a picture"),
    "steps": (("w", "--w=1", "--wrt=w", "--steps=1,x", "-f", "svg"), "not '1,x'"),
    "a late step": (("w", "--w=1", "--wrt=w", "--steps=101", "-f", "svg"), "the last one is 100"),
    "steps and picture": (("w", "--w=1", "--wrt=w", "--steps=1", "--picture=loss"), "exclude each other"),
    "values": (("w", "--wrt=w", "--values=points.csv"), "not JSON"),
    "suffix": (("w", "--w=1", "--wrt=w", "-o", "f.docx"), "suffix"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_costs_one_line(gradviz_command: Gradviz, name: str) -> None:
    Path("points.csv").write_text("x,y\n1,2\n3,4\n")
    words, says = WRONG[name]
    done = gradviz_command("descend", *words)
    assert (done.status, done.out, says in done.err) == (2, "", True), done
    assert [path.name for path in Path().iterdir()] == ["points.csv"]


# what is written -----------------------------------------------------------------------------------------------------


def test_json_and_csv_have_every_iteration(gradviz_command: Gradviz) -> None:
    words = ("descend", "sum(W*W)*x", "--W=[[1, 2], [3, 4]]", "--x=2", "--wrt=W", "--iterations=4", "--lr=0.01")
    told = json.loads(gradviz_command(*words, "-f", "json").out)
    rows = list(csv.DictReader(io.StringIO(gradviz_command(*words, "-f", "csv").out)))
    learned = gradviz.descend("sum(W*W)*x", {"W": [[1, 2], [3, 4]], "x": 2}, wrt="W", iterations=4, lr=0.01)
    assert [point["iteration"] for point in told["points"]] == [int(row["iteration"]) for row in rows] == [*range(5)]
    for k, (point, row) in enumerate(zip(told["points"], rows, strict=True)):
        assert point["loss"] == float(row["loss"]) == learned.losses[k]
        assert point["gradient_norm"] == float(row["gradient_norm"]) == learned.norms[k]
        assert point["parameters"]["W"] == learned.at(k)["W"].tolist()
        assert [float(row[f"W[{i},{j}]"]) for i in (0, 1) for j in (0, 1)] == learned.at(k)["W"].ravel().tolist()
    assert (told["ended"], told["parameters"]["W"]) == ("done", learned.parameters["W"].tolist())


def test_a_json_of_a_diverged_run_is_json(gradviz_command: Gradviz) -> None:
    done = gradviz_command("descend", "w**4", "--w=3", "--wrt=w", "--lr=2", "-f", "json")
    assert json.loads(done.out, parse_constant=None)["points"][-1]["loss"] == "inf"
    assert done.err.startswith("gradviz: warning: diverged")


def test_what_is_saved_is_taken_by_other_commands(gradviz_command: Gradviz) -> None:
    words = ("descend", "sum((W @ x - y)**2)", "--x=[1, 2]", "--y=3", "--wrt=W", "--init=normal", "--shapes=W=2")
    assert gradviz_command(*words, "--iterations=50", "--save=w.json").status == 0
    saved = json.loads(Path("w.json").read_text())
    found = json.loads(gradviz_command("W @ x", "--values=w.json", "--x=[1, 2]", "-f", "json").out)
    assert [node["value"] for node in found["nodes"] if node["name"] == "W"] == [saved["W"]]
    assert found["nodes"][-1]["value"] == pytest.approx(3, abs=1e-3)
    for command in (("explain",), ("grad", "--wrt=W"), ("descend", "--wrt=W", "--iterations=1")):
        assert gradviz_command(*command, "sum(W)", "--values=w.json").status == 0
    Path("t.csv").write_text("x\n1\n2\n")
    Path("v.json").write_text('{"w": 3}')
    assert gradviz_command("table", "t.csv", "w*x", "--values", "v.json").out.splitlines()[1].startswith("1,3")
    assert (
        '"value": 7.0' in gradviz_command("w", "--values=v.json", "--w=7", "-f", "json").out
    )  # what is given here wins


@pytest.mark.parametrize(
    ("text", "says"),
    [("[1]", "it must be an object"), ('{"w": "1"}', "'w' must be a number"), ('{"w": [[1], 2]}', "'w' "),
     ("{", "not JSON"),
     ('{"w": 1e999}', "too large"), ('{"q": 1}', "no name 'q'"), ('{"w": true}', "'w' must be a number")],
)  # fmt: skip
def test_a_file_of_values_that_is_wrong_is_told(gradviz_command: Gradviz, text: str, says: str) -> None:
    Path("v.json").write_text(text)
    done = gradviz_command("w*x", "--values=v.json", "--x=1")
    assert (done.status, says in done.err, done.err.count("\n")) == (2, True, 1), done.err


@POSIX
def test_a_terminal_gets_a_table_and_a_bar() -> None:
    out = on_terminal("descend", "w*w", "--w=1", "--wrt=w", "--iterations=3000", "--lr=0.001").out
    assert re.search(r"iteration\s+loss\s+\|gradient\|\s+w", out)
    assert "3000" in out


# the page ------------------------------------------------------------------------------------------------------------


def words_and_numbers(text: str) -> list[str | float]:
    found: list[str | float] = []
    for word in text.split():
        try:
            found.append(float(word))
        except ValueError:
            found.append(word)
    return found


def test_the_page_shows_what_its_commands_give(gradviz_command: Gradviz) -> None:
    """In their order, for one saves what another takes; the last digits may be another machine's."""
    for name, text in PAGE.files.items():
        Path(name).write_text(text)
    assert len(PAGE.examples) == PAGE.text.count("    $ gradviz") > 6
    for command, shown in PAGE.examples:
        done = gradviz_command(*shlex.split(command)[1:])
        assert done.status == 0, command
        said = "" if "wrote" in done.err else done.err
        found, wanted = words_and_numbers(done.out + said), words_and_numbers(shown)
        assert [x for x in found if isinstance(x, str)] == [x for x in wanted if isinstance(x, str)], command
        numbers = [[x for x in each if isinstance(x, float)] for each in (found, wanted)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-4, abs=1e-8), command


def test_its_circuit_is_that_of_today(gradviz_command: Gradviz) -> None:
    (command,) = re.findall(r"    (gradviz .*) -o circuit.svg", PAGE.text)
    assert gradviz_command(*shlex.split(command)[1:]).out == (DOCS / "images" / "circuit.svg").read_text(
        encoding="utf-8"
    )


def test_its_python_gives_its_results() -> None:
    failed, tried = PAGE.run_python()
    assert (failed, tried > 2) == (0, True)


def test_it_lists_every_update_and_schedule() -> None:
    for row in (*UPDATES.values(), *SCHEDULES.values()):
        assert f"| `{row.name}` | {row.does}" in PAGE.text
    for name in (*STARTS, *PICTURES):
        assert f"`{name}`" in PAGE.text or f"--picture {name}" in PAGE.text


# pictures ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned() -> Learned:
    return gradviz.descend("f = w*x + b; loss = (f - y)**2", {"w": -2, "x": 5, "b": 3, "y": 1}, wrt="w,b", lr=0.01)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_has_the_colours_of_its_theme_and_nothing_that_acts(kind: str, theme: str) -> None:
    look = {"theme": theme, "title": "</title><script>$x_1$ & \x1b[1m"}
    found = gradviz.descend("w*w", {"w": 1}, wrt="w", iterations=5, **look)
    text = found.render(kind).decode()
    root = ElementTree.fromstring(text)
    row = THEMES[theme]
    assert all(color in text for color in (row.background, row.value, row.ink))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "g", "defs", "path", "use", "clipPath", "rect", "desc", "title", "style", "text", "tspan", "ellipse",
        "polygon",
    }  # fmt: skip
    assert ("<style>" in text) == (row.dark is not None)
    for element in root.iter():
        assert not any(name.startswith("on") for name in element.attrib)
        assert all("http" not in value and "script" not in value for value in element.attrib.values())


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize(("format", "begins"), [("svg", b"<svg "), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_picture_in_each_format_is_the_same_twice(learned: Learned, kind: str, format: str, begins: bytes) -> None:
    found = learned.render(kind, format)
    assert found.startswith(begins)
    assert format == "pdf" or found == learned.render(kind, format)


def test_the_curve_goes_through_the_losses(learned: Learned) -> None:
    """Where the loss is lower the line is lower, and its steps across are even."""
    found = gradviz.descend("w*w", {"w": 1}, wrt="w", iterations=20, lr=0.05)
    root = ElementTree.fromstring(found.render("loss"))
    (line,) = (
        path for path in root.iter(f"{SVG}path") if path.get("stroke") == "#008000" and "clip-path" in path.attrib
    )
    points = [tuple(map(float, pair)) for pair in re.findall(r"[ML] (\S+) (\S+)", line.attrib["d"])]
    assert len(points) == 21
    assert numpy.diff([x for x, _ in points]) == pytest.approx(points[1][0] - points[0][0], rel=1e-3)
    heights = numpy.array([-y for _, y in points])
    wanted = (found.losses - found.losses[-1]) / (found.losses[0] - found.losses[-1])
    assert (heights - heights[-1]) / (heights[0] - heights[-1]) == pytest.approx(wanted, abs=1e-5)


def test_a_bowl_stands_over_one_parameter_or_two(learned: Learned) -> None:
    assert learned.render("bowl", over="w") != learned.render("bowl", over="b") != learned.render("bowl")
    arrays = gradviz.descend("sum((W - 1)**2)", {"W": [[3, 0], [2, 5]]}, wrt="W", iterations=9)
    assert arrays.render("bowl", over="W[0,1],W[1,1]").startswith(b"<svg")


def test_before_and_after_have_both_numbers_at_the_same_places(learned: Learned) -> None:
    text = learned.render("circuit").decode()
    root = ElementTree.fromstring(text)
    words = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert [word for word in words if word.startswith("iteration")] == [
        "iteration 0: loss = 64", f"iteration {learned.run.last}: loss = {learned.losses[-1]:.4g}".replace("-", "−"),
    ]  # fmt: skip
    assert {"−80", "loss64", "−0.46"} <= {word.replace("\N{NO-BREAK SPACE}", "") for word in words}
    circles = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in root.iter(f"{SVG}ellipse")]
    half = len(circles) // 2
    shifts = {
        (round(b[0] - a[0], 1), round(b[1] - a[1], 1)) for a, b in zip(circles[:half], circles[half:], strict=True)
    }
    assert len(shifts) == 1
    assert shifts.pop()[1] > 100
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert "iteration 0: loss = 64. Inputs: w" in "".join(root.find(f"{SVG}desc").itertext())  # type: ignore[union-attr]


def test_steps_are_frames_of_one_layout(learned: Learned, tmp_path: Path) -> None:
    slides = learned.steps([0, 1, 5])
    assert slides.kinds == ("iteration-0", "iteration-1", "iteration-5")
    slides.save(tmp_path / "frames")
    files = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert files == ["01-iteration-0.svg", "02-iteration-1.svg", "03-iteration-5.svg"]
    sizes = {ElementTree.parse(tmp_path / "frames" / name).getroot().get("viewBox") for name in files}
    assert len(sizes) == 1
    assert b"@keyframes" in slides.render("svg")
    assert len(learned.steps().kinds) == 6


def test_rows_show_the_first_one_and_say_so() -> None:
    found = gradviz.descend(ROW, START, data=XOR, iterations=3, language="ko")
    assert "첫 행" in found.steps([0]).pictures[0].caption
    assert "mean of 4 rows" in gradviz.descend(ROW, START, data=XOR, iterations=3).steps([3]).pictures[0].caption


def test_a_diverged_run_is_drawn_up_to_its_last_number() -> None:
    found = gradviz.descend("w**4", {"w": 3}, wrt="w", lr=2)
    for kind in PICTURES:
        assert found.render(kind).startswith(b"<svg")


def test_without_matplotlib_numbers_and_circuits_stay(monkeypatch: pytest.MonkeyPatch, learned: Learned) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RenderError, match="gradviz's extra 'plot'"):
        learned.render("loss")
    assert learned.render("circuit").startswith(b"<svg")


def test_descending_loads_no_plotting() -> None:
    run = 'import gradviz; gradviz.descend("w*w", {"w": 1}, wrt="w")'
    assert loaded_by(run) & {"matplotlib", "sympy", "rich", "click", "pygraphviz"} == set()


def test_a_loss_that_is_an_array_is_an_error() -> None:
    with pytest.raises(GradvizError):
        gradviz.descend("w*x", {"x": [1, 2], "w": 1}, wrt="w")


def test_the_learned_sample_is_what_a_descent_reaches() -> None:
    (sample,) = [
        each for each in read_samples(shipped()) if isinstance(each, Sample) and each.name == "sungkim-xor-learned"
    ]
    data = {name: sample.values[name] for name in "XY"}
    shapes = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}
    learned = gradviz.descend(
        sample.expr, data, wrt=list(shapes), shapes=shapes, init="normal", seed=0, lr=1, iterations=2000
    )
    for name, reached in learned.parameters.items():
        assert numpy.round(reached, 2).tolist() == sample.values[name]


def test_the_cost_may_be_latex(gradviz_command: Gradviz) -> None:
    done = gradviz_command(
        "descend", r"(w \cdot x - y)^2", "--latex", "--w=5", "--x=1", "--y=1", "--wrt=w", "--lr=0.1", "--iterations=1"
    )
    assert done.out.splitlines()[-1].split("\t")[-1] == "4.2"
    opened = gradviz_command("descend", "sigmoid(w)", "--w=1", "--wrt=w", "--expand=sigmoid", "--picture=circuit")
    assert "exp" in opened.out


def test_no_parameters_are_an_error() -> None:
    with pytest.raises(GradvizError, match="nothing to learn"):
        gradviz.descend("3*4", wrt=[])
