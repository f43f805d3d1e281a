"""The samples that ship are the published examples, and a figure file that is wrong is told what and where."""

from __future__ import annotations

import inspect
import io
import re
import tomllib
from collections.abc import Mapping, Sized
from pathlib import Path
from typing import Any

import pytest

import gradviz
from gradviz import samples
from gradviz.choices import OPTIONS, RIVALS, check_rivals, keywords, overridden
from gradviz.errors import OptionError, SampleError
from gradviz.language import parser
from gradviz.language.unparse import to_program
from gradviz.sample import Sample
from gradviz.samples import Unreadable, read_samples, shipped
from tests.oracle.check import EXAMPLES, disagreements, leaves, numbers

SAMPLES = {sample.name: sample for sample in read_samples(shipped()) if isinstance(sample, Sample)}
WITHOUT_A_SAMPLE = {
    "cs231n-sigmoid-lecture": "cs231n-neuron-staged again, in the 2017 slides, which multiply the already rounded 0.20",
    "sungkim-cost-grad-1": "the next step of the same descent, at another W",
}
OWN_NUMBERS = "numbers of this collection's own"
SAME_NUMBERS_AS = {"cs231n-staged-expr": "cs231n-staged"}  # another way to write an example: inputs and result agree
AGAIN = {"cs231n-neuron-framed": "cs231n-neuron"}  # the same circuit drawn in another way
PRINTED: Mapping[str, Mapping[str, Mapping[str, Any]]] = {  # by those sources that are no example of the oracle
    # its 0.016 for the cat comes from rounded exponentials, exactly it is 0.0154
    "cs231n-softmax": {"values": {"scores": ["-2.85", "0.86", "0.28"], "p": [None, "0.631", "0.353"]}},
    "sungkim-cross-entropy-tf": {"values": {"hypothesis": [["0"], ["1"], ["1"], ["0"]]}},
    "mazur-matrix": {
        "values": {"E": "0.298371109", "outh": ["0.593269992", "0.596884378"], "outo": ["0.75136507", "0.772928465"]},
        "grads": {"W2": [["0.082167041", "0.082667628"], ["-0.022602540", "-0.022740242"]],
                  "W1": [["0.000438568", "0.000877135"], ["0.000497713", "0.000995425"]]},
    },
}  # fmt: skip


def identity(program: str, values: Mapping[str, Any]) -> tuple[str, frozenset[tuple[str, Any]]]:
    """What makes two figures the same one: the graph and the values, whatever the spacing."""
    graph = to_program(parser.parse(program, values))
    return graph, frozenset((name, tuples(value)) for name, value in values.items())


def tuples(value: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


EXAMPLE_OF = {
    sample.name: example
    for sample in SAMPLES.values()
    for example in EXAMPLES.values()
    if example["id"] not in WITHOUT_A_SAMPLE
    and identity(example["program"], example["inputs"]) == identity(sample.expr, sample.values)
}


def one(text: str, suffix: str = ".toml", *, folder: Path) -> Sample | Unreadable:
    """The only figure of a file with this text."""
    path = folder / f"figure{suffix}"
    path.write_text(text, encoding="utf-8")
    (found,) = read_samples(path)
    return found


def problem(text: str, suffix: str = ".toml", *, folder: Path) -> str:
    """What is wrong with a file's only figure, without the file's name."""
    found = one(text, suffix, folder=folder)
    assert isinstance(found, Unreadable), found
    assert found.error.startswith(f"{found.origin}: ")
    return found.error.removeprefix(f"{found.origin}: ")


# the samples that ship ------------------------------------------------------------------------------------------------


def test_every_file_in_the_folder_is_a_sample() -> None:
    assert sorted(SAMPLES) == sorted(path.stem for path in shipped().iterdir())


def test_every_example_has_one_sample() -> None:
    shown = sorted(example["id"] for name, example in EXAMPLE_OF.items() if name not in AGAIN)
    assert shown == sorted(EXAMPLES.keys() - WITHOUT_A_SAMPLE.keys())


def test_every_sample_is_an_example_or_another_way_to_write_one_or_has_numbers_of_our_own() -> None:
    own = {name for name, sample in SAMPLES.items() if OWN_NUMBERS in str(sample.source)}
    assert SAMPLES.keys() - EXAMPLE_OF.keys() == SAME_NUMBERS_AS.keys() | PRINTED.keys() | own
    assert {name: EXAMPLE_OF[name] for name in AGAIN} == {name: EXAMPLE_OF[other] for name, other in AGAIN.items()}


@pytest.mark.parametrize("name", PRINTED)
def test_a_sample_has_the_numbers_that_its_source_printed(name: str) -> None:
    got = numbers(gradviz.evaluate(gradviz.parse(SAMPLES[name].expr, SAMPLES[name].values), SAMPLES[name].values))
    for column, printed in PRINTED[name].items():
        for node, texts in printed.items():
            for place, text, number in leaves(f"{column}.{node}", texts, got[column][node]):
                assert text is None or rounded_as(number, text) == float(text), place


def rounded_as(number: Any, text: str) -> float:
    """A number with as many decimals as a printed one."""
    return round(number, len(text.partition(".")[2]))


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_a_sample_says_what_it_is_and_where_it_is_from(sample: Sample) -> None:
    assert sample.title
    assert sample.title.strip() == sample.title
    assert sample.source
    assert len(sample.source) > len(sample.title)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_a_sample_draws_without_a_complaint(sample: Sample) -> None:
    figure = gradviz.draw(sample.expr, sample.values, title=sample.title, **keywords(sample.options))
    assert figure.notes == ()
    assert figure.svg.startswith("<")


@pytest.mark.parametrize("name", EXAMPLE_OF)
def test_a_sample_has_the_published_numbers(name: str) -> None:
    trace = gradviz.draw(SAMPLES[name].expr, SAMPLES[name].values).trace
    assert trace is not None
    assert disagreements(EXAMPLE_OF[name], numbers(trace)) == []


@pytest.mark.parametrize("name", EXAMPLE_OF)
def test_a_sample_shows_the_published_digits(name: str) -> None:
    """Where the publisher printed no more decimals than the figure shows, the figure shows the printed number."""
    sample, published = SAMPLES[name], EXAMPLE_OF[name]["published"]
    figure = gradviz.draw(sample.expr, sample.values, **keywords(sample.options))
    decimals = sample.options.get("digits", 2)
    compared = 0
    for column, key in (("value", "values"), ("grad", "grads")):
        for node in published[key].keys() & figure.graph.bindings.keys():
            shown = getattr(figure.picture.nodes[figure.graph.bindings[node]], column)
            printed = [text for _, text, _ in leaves(node, published[key][node], None)]
            if all(len(text.partition(".")[2]) <= decimals for text in printed) and "…" not in shown:
                found = [rounded_as(*pair) for pair in zip(shown_numbers(shown), printed, strict=True)]
                assert found == [float(text) for text in printed], (key, node)
                compared += 1
    assert compared or decimals < EXAMPLE_OF[name]["rounding"]


def shown_numbers(text: str) -> list[float]:
    """The numbers of a value or a gradient as it is drawn, an array's in order.

    >>> shown_numbers("[[−0.1, 2], [3e−05, 4]]")
    [-0.1, 2.0, 3e-05, 4.0]
    """
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", text.replace("−", "-"))]


@pytest.mark.parametrize(("name", "other"), SAME_NUMBERS_AS.items())
def test_another_way_to_write_an_example_has_its_numbers(name: str, other: str) -> None:
    sample, example = SAMPLES[name], EXAMPLE_OF[other]
    trace = gradviz.evaluate(gradviz.parse(sample.expr, sample.values), sample.values)
    assert trace.output == pytest.approx(example["values"][example["output"]], rel=1e-9)
    assert dict(trace.grads) == pytest.approx({x: example["grads"][x] for x in sample.values}, rel=1e-9)


def test_samples_means_those_that_ship_unless_it_is_a_folder_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [sample.name for sample in read_samples("samples")] == list(SAMPLES)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "mine.toml").write_text('expr = "x*x"')
    assert [sample.name for sample in read_samples("samples")] == ["mine"]


def test_an_installed_package_has_its_samples_beside_its_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "__file__", str(tmp_path / "gradviz" / "samples.py"))
    assert shipped() == tmp_path / "samples"
    (tmp_path / "gradviz" / "data" / "samples").mkdir(parents=True)
    assert shipped() == tmp_path / "gradviz" / "data" / "samples"
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["samples"] == "gradviz/data/samples"


# reading --------------------------------------------------------------------------------------------------------------


def test_a_figure_file_has_all_its_keys_read(tmp_path: Path) -> None:
    keys = 'expr = """\ng = w*x\ng"""\nname = "n"\ntitle = "t"\nsource = "s"\n'
    text = keys + "[values]\nw = 2\nx = -1.5\n[options]\ndigits = 3"
    origin = str(tmp_path / "figure.toml")
    assert one(text, folder=tmp_path) == Sample("n", "g = w*x\ng", {"w": 2, "x": -1.5}, "t", "s", {"digits": 3}, origin)


def test_a_jsonl_line_has_the_same_keys_and_is_named_by_its_number(tmp_path: Path) -> None:
    text = '\n{"expr": "x*y", "values": {"x": 4, "y": -3}, "title": null}\n\n{"expr": "x", "name": "n"}\n'
    (tmp_path / "a.jsonl").write_text(text)
    origin = str(tmp_path / "a.jsonl")
    assert list(read_samples(tmp_path / "a.jsonl")) == [
        Sample("a-2", "x*y", {"x": 4, "y": -3}, origin=f"{origin}, line 2"),
        Sample("n", "x", origin=f"{origin}, line 4"),
    ]


def test_standard_input_is_lines() -> None:
    stdin = io.BytesIO(b'\xef\xbb\xbf{"expr": "x"}\r\n{"expr": "y"}')
    found = list(read_samples("-", stdin=stdin))
    assert found == [
        Sample("figure-1", "x", origin="standard input, line 1"),
        Sample("figure-2", "y", origin="standard input, line 2"),
    ]


def test_a_folder_is_read_by_name_and_only_its_figure_files(tmp_path: Path) -> None:
    for name in ("b.toml", "a-z.toml", "a.TOML", ".hidden.toml", "README.md"):
        (tmp_path / name).write_text('expr = "x"')
    assert [sample.name for sample in read_samples(tmp_path)] == ["a", "a-z", "b"]


def test_nothing_after_a_bad_figure_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("expr = ")
    (tmp_path / "b.jsonl").write_bytes(b'{"expr": "x"}\n{"expr": \n\xff\n' + b"[" * 100_000 + b'\n{"expr": "y"}')
    (tmp_path / "c.toml").write_text('expr = "x"')
    found = list(read_samples(tmp_path))
    assert [type(item) for item in found] == [Unreadable, Sample, Unreadable, Unreadable, Unreadable, Sample, Sample]
    assert [item.name for item in found] == ["a", "b-1", "b-2", "b-3", "b-4", "b-5", "c"]
    origin = f"{tmp_path / 'b.jsonl'}, line 3"
    assert found[3] == Unreadable("b-3", f"{origin}: not UTF-8 text", origin)


def test_a_file_that_cannot_be_opened_is_one_bad_figure(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    (tmp_path / "b.toml").write_text('expr = "x"')
    bad, good = read_samples(tmp_path)
    assert isinstance(bad, Unreadable)
    assert bad.error == f"cannot read {tmp_path / 'a.toml'}: Is a directory"
    assert good.name == "b"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("neuron.tom", "there is no file or folder neuron.tom; did you mean 'neuron.toml'?"),
        ("sampels", "there is no file or folder sampels; did you mean 'samples'?"),
        ("nowhere/else.toml", "there is no file or folder nowhere/else.toml"),
        ("notes.txt", "notes.txt is not a figure file: these end in .toml and .jsonl"),
        ("empty", "the folder empty has no figure files (.toml and .jsonl)"),
        ("x" * 300, f"cannot read {'x' * 300}: File name too long"),
    ],
)
def test_a_wrong_path_is_told_before_anything_is_read(
    path: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "neuron.toml").touch()
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SampleError) as error:
        read_samples("neuron.toml", path)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('exrp = "x"', "unknown key 'exrp'; did you mean 'expr'?"),
        ('expr = "x"\ndigits = 3', "unknown key 'digits': it belongs under options"),
        ("[values]\nx = 1", "there is no 'expr', the expression to draw"),
        ("expr = 3", "'expr' must be text, not 3"),
        ('expr = "x"\nvalues = 3', "'values' must be a table, not 3"),
        ('expr = "x"\n[values]\nx = "3"', "the value of 'x' must be a number or a list of numbers, not '3'"),
        ('expr = "x"\n[values]\nx = true', "the value of 'x' must be a number or a list of numbers, not True"),
        (
            'expr = "x"\n[values]\nx = 2020-01-01',
            "the value of 'x' must be a number or a list of numbers, not 2020-01-01",
        ),
        ('expr = "x"\n[values]\nx = [[1, 2], [3]]', "the value of 'x' has rows of 2 and 1 entries"),
        ('expr = "x"\n[values]\nx = [1, [2]]', "the value of 'x' has numbers and lists side by side"),
        ('expr = "x"\n[values]\nx = [1, true]', "the value of 'x' has True where a number should stand"),
        ('expr = "x"\n[values]\nx = ["pi"]', "the value of 'x' has 'pi' where a number should stand"),
        ('expr = "x"\n[values]\nx = "@x.csv"', "the value of 'x' must be a number or a list of numbers, not '@x.csv'"),
        ('expr = "x"\n[values]\nx = {y = 1}', "the value of 'x' must be a number or a list of numbers, not a table"),
        (
            'expr = "x"\n[values]\nx = 1\ntitle = "A"',
            "the value of 'title' must be a number or a list of numbers, not 'A'; "
            "write 'title' before [values] if it is not a name of the program",
        ),
        ('expr = "x"\n[options]\ntheem = "a"', "unknown option 'theem'; did you mean 'theme'?"),
        ('expr = "x"\n[options]\ndigits = true', "the option 'digits' must be an integer, not True"),
        ('expr = "x"\n[options]\nfold = 1', "the option 'fold' must be true or false, not 1"),
        ('expr = "x"\noptions = {multiply-out = true, factor = true}', "multiply-out and factor exclude each other"),
        ('expr = "x"\noptions = {seed = 0, jacobian = true}', "seed and jacobian exclude each other"),
        ('expr = "x"\noptions = {expand = true}', "the option 'expand' must be text, not True"),
        ('expr = "x"\noptions = {expand = ["tanh"]}', "the option 'expand' must be text, not a list"),
        ('expr = "x"\noptions = {jacobian = [1]}', "the option 'jacobian' must be true or false, not a list"),
        (
            'expr = "x"\noptions = {seed = "@s.csv"}',
            "the option 'seed' must be a number or a list of numbers, not '@s.csv'",
        ),
        ('expr = "x"\noptions = {seed = true}', "the option 'seed' must be a number or a list of numbers, not True"),
        ('expr = "x"\noptions = {seed = [[1], 2]}', "the option 'seed' has numbers and lists side by side"),
        ("expr = ", "Invalid value (at end of document)"),
    ],
)
def test_a_wrong_figure_file_is_told_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    assert problem(text, folder=tmp_path) == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('["x"]', 'a figure is a table like {"expr": "x*y", "values": {...}}, not a list'),
        ('"x"', 'a figure is a table like {"expr": "x*y", "values": {...}}, not \'x\''),
        ('{"expr": "x", "values": {"x": 1, "x": 2}}', "'x' is given twice"),
        ('{"expr": "x", "values": {"x": [1, null]}}', "the value of 'x' has None where a number should stand"),
        (f'{{"expr": "x", "values": {{"x": {"[" * 50}1{"]" * 50}}}}}', "the value of 'x' is nested more than 32 deep"),
        ('{"expr": "x", "options": {"seed": [1, "a"]}}', "the option 'seed' has 'a' where a number should stand"),
        ('{"expr": "x",}', "expecting property name enclosed in double quotes (column 14)"),
    ],
)
def test_a_wrong_line_is_told_what_is_wrong(line: str, message: str, tmp_path: Path) -> None:
    assert problem(line, ".jsonl", folder=tmp_path) == message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is empty, only dots, or has spaces at an end"),
        ("-rf", "begins with a '-', which commands take for an option"),
        (".hidden", "begins with a '.', which hides a file"),
        ("..", "is empty, only dots, or has spaces at an end"),
        (" a", "is empty, only dots, or has spaces at an end"),
        ("../a", "has a '/', which a file's name cannot have"),
        ("/etc/a", "has a '/', which a file's name cannot have"),
        ("..\\a", "has a '\\', which a file's name cannot have"),
        ("C:a", "has a ':', which a file's name cannot have"),
        ("a\x00b", "has an invisible character"),
        ("a\u202eb", "has an invisible character"),
        ("\ud800", "has an invisible character"),
        ("nul", "is kept by Windows for a device"),
        ("Com1.x", "is kept by Windows for a device"),
        ("한" * 67, "is 201 bytes long; at most 200 are possible"),
    ],
)
def test_a_name_must_be_a_plain_file_name(name: str, reason: str) -> None:
    with pytest.raises(SampleError) as error:
        Sample(name, "x")
    assert str(error.value).startswith("a sample: the name '")
    assert str(error.value).endswith(reason)


@pytest.mark.parametrize("name", ["neuron", "micrograd-L", "9-2 시그모이드", "x.y", "a..", "console", "x" * 200])
def test_ordinary_names_are_taken(name: str) -> None:
    assert Sample(name, "x").name == name


def test_values_and_the_seed_may_be_nested_lists(tmp_path: Path) -> None:
    text = """expr = "W @ x"\n[values]\nW = [[1, 2.5],\n [3, 4]]\nx = [1, 0]\n[options]\nseed = [1, -1]"""
    found = one(text, folder=tmp_path)
    assert isinstance(found, Sample)
    assert (found.values, found.options) == ({"W": [[1, 2.5], [3, 4]], "x": [1, 0]}, {"seed": [1, -1]})


LEGAL: Mapping[Any, list[Any]] = {None: [1, 0.5, [1, 2], [[0.5]]], str: ["", "a"], int: [0, 3], bool: [False, True]}


def test_every_option_becomes_keywords_of_draw() -> None:
    known = inspect.signature(gradviz.draw).parameters
    became = set()
    for name, option in OPTIONS.items():
        for value in LEGAL[option.kind]:
            became |= option.keywords(name, value).keys()
    assert became == known.keys() - {"program", "values"}
    assert keywords({"simplify": False, "fold": False, "format": "png"}) == {"fold": False}
    assert keywords({"simplify": False, "factor": True, "of": "g"}) == {"transform": "factor", "of": "g"}
    assert keywords({"multiply-out": True, "local-jacobians": True}) == {"transform": "expand", "local_jacobians": True}


def test_options_that_exclude_each_other_are_options() -> None:
    assert {name for rivals in RIVALS for name in rivals} <= OPTIONS.keys()


@pytest.mark.parametrize("off", [None, False])
@pytest.mark.parametrize("on", [0, [0, 0], 1.5])
def test_a_seed_of_zero_is_a_seed_and_false_excludes_nothing(on: Any, off: Any) -> None:
    check_rivals({"seed": on, "jacobian": off})
    assert overridden({"seed": on}, {"jacobian": off}) == {"seed": on, "jacobian": off}
    with pytest.raises(OptionError, match=r"^--seed and --jacobian exclude each other$"):
        check_rivals({"seed": on, "jacobian": True}, "--")


def test_files_are_counted_before_and_read_one_after_the_other(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.toml").write_text('expr = "x"')
    (tmp_path / "d.jsonl").write_text('{"expr": "x"}\n\n{"expr": "y"}')
    figures = read_samples(tmp_path)
    assert isinstance(figures, Sized)
    assert len(figures) == 5
    found = iter(figures)
    next(found)
    (tmp_path / "b.toml").unlink()
    assert [type(each).__name__ for each in found] == ["Unreadable", "Sample", "Sample", "Sample"]
    assert not isinstance(read_samples("-", tmp_path / "a.toml"), Sized)
