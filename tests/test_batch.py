"""A batch goes on past what fails, writes each figure whole or not at all, and tells what became of each."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gradviz import api, batch, drawing
from gradviz.batch import Report, Result, render_one, run
from gradviz.errors import OptionError, RenderError
from gradviz.formats.json import as_json
from gradviz.journal import NAME
from gradviz.sample import Sample
from gradviz.samples import Unreadable, read_samples, shipped

GOOD = Sample("good", "x*y", {"x": 4, "y": -3}, "Multiply", "a lecture")
OTHER = Sample("other", "x + 1", {"x": 0.5})


def left(folder: Path) -> list[str]:
    """Every file in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def written(folder: Path) -> Any:
    """The manifest in a folder."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def errors(report: Report) -> dict[str, str | None]:
    """What became of each, by name."""
    return {result.name: result.error for result in report.results}


def test_the_samples_that_ship_all_become_figures(tmp_path: Path) -> None:
    report = run(read_samples(shipped()), tmp_path / "figures")
    assert errors(report) == dict.fromkeys((path.stem for path in sorted(shipped().iterdir())), None)
    names = [f"{path.stem}.svg" for path in shipped().iterdir()]
    assert left(tmp_path / "figures") == sorted([*names, "manifest.json"])
    assert b"<svg" in (tmp_path / "figures" / "cs231n-neuron.svg").read_bytes()


def test_a_bad_sample_does_not_stop_the_others(tmp_path: Path) -> None:
    bad: list[Sample | Unreadable] = [
        Unreadable("unreadable", "f.toml: there is no 'expr'", "f.toml"),
        Sample("text", "x +* 2", {"x": 1}),
        Sample("values", "x*y", {"x": 1}),
        Sample("strict", "log(x)", {"x": 0}, options={"strict": True}),
        Sample("theme", "x", {"x": 1}, options={"theme": "nosuch"}),
        Sample("format", "x", {"x": 1}, options={"format": "../svg"}),
    ]
    report = run([GOOD, *bad, OTHER], tmp_path)
    assert [name for name, error in errors(report).items() if error] == [sample.name for sample in bad]
    assert (report.ok, report.failed) == (2, 6)
    assert left(tmp_path) == ["good.svg", "manifest.json", "other.svg"]
    assert str(errors(report)["text"]).startswith("'*' where a name or a number should stand\n  x +* 2\n")


def test_the_manifest_tells_what_became_of_each(tmp_path: Path) -> None:
    noted = Sample("noted", "y = x*x; log(x)", {"x": 0})
    run([GOOD, Unreadable("bad", "f.toml: no", "f.toml"), Sample("worse", "x*", {}, "W"), noted], tmp_path)
    good, bad, worse, notes = written(tmp_path)["figures"]
    digest = sha256((tmp_path / "good.svg").read_bytes()).hexdigest()
    assert good == {"name": "good", "file": "good.svg", "status": "ok", "title": "Multiply", "source": "a lecture",
                    "expr": "x*y", "key": good["key"], "sha256": digest}  # fmt: skip
    assert bad == {"name": "bad", "file": None, "status": "failed", "error": "f.toml: no"}
    assert worse.keys() == {"name", "file", "status", "title", "expr", "error"}
    assert notes["notes"][0] == "left out, the output does not use it: y"
    assert (written(tmp_path)["ok"], written(tmp_path)["failed"]) == (2, 2)


def test_the_same_figures_give_the_same_manifest(tmp_path: Path) -> None:
    first, second = (run([GOOD, OTHER], tmp_path / name, "dot").manifest.read_bytes() for name in ("a", "b"))
    assert first == second


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_manifest_is_written_as_all_json_is(count: int, tmp_path: Path) -> None:
    results = [
        Result("a", "o"),
        Result("b]", "o", error="no]\n"),
        Result("c", "o", file="c.svg", sha256="f", notes=("one", "two")),
    ]
    report = Report(tuple(results[:count]), tmp_path)
    content = {"figures": [result.entry() for result in report.results], "ok": report.ok, "failed": report.failed}
    assert b"".join(batch.manifest(report)) == as_json(content)


def test_a_manifest_can_tell_any_text(tmp_path: Path) -> None:
    run([Sample("odd", "x \ud800 한", {"x": 1}, "제목 \ud800")], tmp_path, "json")
    (entry,) = written(tmp_path)["figures"]
    assert (entry["title"], entry["status"]) == ("제목 \ud800", "failed")
    assert "제목" in (tmp_path / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("second", ["good", "GOOD", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_name_that_is_taken_is_an_error_and_nothing_is_overwritten(second: str, tmp_path: Path) -> None:
    accented = Sample("cafe\N{COMBINING ACUTE ACCENT}", "x", {"x": 1}, origin="a.toml")
    samples = [Sample("good", "x*y", {"x": 4, "y": -3}, origin="a.toml"), accented, Sample(second, "x", {"x": 1})]
    report = run(samples, tmp_path, "json")
    assert [result.error for result in report.results] == [
        None, None, f"a sample: the file {second}.json is that of a.toml; give the figure another name",
    ]  # fmt: skip
    assert json.loads((tmp_path / "good.json").read_text())["program"] == "x*y"


def test_a_name_is_taken_even_when_the_origins_are_the_same_text(tmp_path: Path) -> None:
    assert run([GOOD, GOOD], tmp_path, "json").failed == 1


def test_no_figure_takes_the_manifest_s_place(tmp_path: Path) -> None:
    report = run([Sample("Manifest", "x", {"x": 1}), GOOD], tmp_path, "json")
    assert "is that of the manifest" in str(errors(report)["Manifest"])
    assert report.ok == written(tmp_path)["ok"] == 1


def test_options_of_the_command_win_over_a_figure_s_own_and_these_over_none(tmp_path: Path) -> None:
    own = Sample("own", "x*3", {"x": 0.125}, options={"digits": 1, "format": "text"})
    plain = Sample("plain", "x*3", {"x": 0.125})
    run([own, plain], tmp_path / "files")
    assert left(tmp_path / "files") == ["manifest.json", "own.text", "plain.svg"]
    assert "0.1 " in (tmp_path / "files" / "own.text").read_text()
    run([own, plain], tmp_path / "command", "dot", options={"digits": 3})
    assert left(tmp_path / "command") == ["manifest.json", "own.dot", "plain.dot"]
    for name in ("own", "plain"):
        assert "0.375" in (tmp_path / "command" / f"{name}.dot").read_text()


@pytest.mark.parametrize(
    ("own", "given", "grads"),
    [
        ({"seed": [1, 0]}, {}, [[2.0, 0.0], [1.0, 0.0]]),
        ({"seed": [1, 0]}, {"seed": [0, 1]}, [[0.0, 2.0], [0.0, 1.0]]),
        ({"seed": [1, 0]}, {"jacobian": True}, [[[2.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]]]),
        ({"jacobian": True}, {"seed": [1, 0]}, [[2.0, 0.0], [1.0, 0.0]]),
    ],
)
def test_an_option_of_the_command_wins_over_the_one_that_it_excludes(
    own: dict[str, Any], given: dict[str, Any], grads: Any
) -> None:
    rendered = render_one(Sample("vector", "y = 2*x", {"x": [3, 4]}, options=own), "json", given)
    assert rendered.error is None
    assert [node["grad"] for node in json.loads(rendered.data)["nodes"]] == grads


def test_an_array_that_is_not_reduced_is_one_failed_figure(tmp_path: Path) -> None:
    report = run([Sample("vector", "2*x", {"x": [3, 4]}), OTHER], tmp_path)
    assert str(errors(report)["vector"]).startswith("the output is an array of shape (2,)")
    assert report.ok == 1


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot", "json", "text"])
def test_every_format_can_be_a_batch_s(format: str, tmp_path: Path) -> None:
    assert run([GOOD], tmp_path, format).ok == 1
    assert (tmp_path / f"good.{format}").stat().st_size > 100


def test_the_title_of_a_sample_is_the_figure_s(tmp_path: Path) -> None:
    run([GOOD, Sample("other", "x", {"x": 1}, "A", options={"title": "B"})], tmp_path, "json")
    assert json.loads((tmp_path / "good.json").read_text())["title"] == "Multiply"
    assert json.loads((tmp_path / "other.json").read_text())["title"] == "B"


def test_each_is_told_as_soon_as_it_is_done(tmp_path: Path) -> None:
    told: list[Result] = []

    def samples() -> Iterator[Sample]:
        yield GOOD
        assert [result.name for result in told] == ["good"]
        assert left(tmp_path) == [NAME, "good.svg"]
        yield OTHER

    report = run(samples(), tmp_path, on_done=told.append)
    assert tuple(told) == report.results


def test_an_unknown_format_is_told_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="unknown format 'svgg'; did you mean 'svg'"):
        run([GOOD], tmp_path / "figures", "svgg")
    assert left(tmp_path) == []


def test_a_folder_that_cannot_be_is_told_before_anything_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RenderError, match=f"cannot make the folder {out}: "):
            run([GOOD], out)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_file_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "good.svg").mkdir()
    report = run([GOOD, OTHER], tmp_path)
    assert errors(report) == {"good": f"cannot write {tmp_path / 'good.svg'}: Is a directory", "other": None}
    assert left(tmp_path) == ["good.svg", "manifest.json", "other.svg"]


def test_a_write_that_breaks_off_leaves_the_old_figure_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.svg").write_text("old")
    (tmp_path / "manifest.json").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RenderError, match="No space left on device"):
        run([GOOD, OTHER], tmp_path)
    assert left(tmp_path) == ["good.svg", "manifest.json"]
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}


def test_a_fault_of_the_program_is_one_failed_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = api.draw

    def sometimes(program: str, *arguments: Any, **options: Any) -> Any:
        if program == GOOD.expr:
            raise ZeroDivisionError("by hand")
        return real(program, *arguments, **options)

    monkeypatch.setattr(drawing, "draw", sometimes)
    assert errors(run([GOOD, OTHER], tmp_path)) == {"good": "ZeroDivisionError: by hand", "other": None}


def test_an_interrupt_ends_the_batch_and_leaves_whole_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run([GOOD], tmp_path)

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(drawing, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run([OTHER], tmp_path)
    assert left(tmp_path) == ["good.svg", "manifest.json"]


def test_one_sample_can_be_rendered_in_another_process() -> None:
    function, sample = pickle.loads(pickle.dumps((render_one, GOOD)))
    rendered = pickle.loads(pickle.dumps(function(sample, "json", {"digits": 3})))
    assert json.loads(rendered.data)["title"] == "Multiply"
    assert rendered.error is None
    assert pickle.loads(pickle.dumps(render_one(Sample("bad", "x*"), "json"))).error


def test_figures_from_lines(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text('{"expr": "x*y", "values": {"x": 2, "y": 3}}\n{"expr": "x*"}\n{"expr": "x"}\n')
    report = run(read_samples(tmp_path / "many.jsonl"), tmp_path / "out")
    assert (report.ok, report.failed) == (2, 1)
    assert left(tmp_path / "out") == ["manifest.json", "many-1.svg", "many-3.svg"]
