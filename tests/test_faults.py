"""Each operation of a batch made to fail in turn: no part of a file, no temporary file, the others drawn, all told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gradviz import batch, files, journal
from gradviz.batch import Report, run
from gradviz.cli import main
from gradviz.errors import GradvizError, RenderError
from gradviz.files import write_whole
from gradviz.journal import NAME
from gradviz.sample import Sample
from tests.faults import ENGINE, ERRORS, OPERATIONS, Fault, Row, failing
from tests.faulty import FATAL, FAULTS, TIMEOUT, Faulty

SAMPLES = [Sample(name, "w*x + b", {"w": k, "x": 0.5, "b": 1}) for k, name in enumerate("abc")]
OLD = b"what was there"
MOST_CALLS = 40


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run leaves that nothing disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    run(SAMPLES, folder)
    return contents(folder)


def wrong(found: dict[str, bytes], whole: dict[str, bytes], report: Report | None) -> list[str]:
    """What a run that was disturbed may not leave: parts of files, temporary ones, a manifest that is not true."""
    parts = [name for name, data in found.items() if name.endswith(".svg") and data not in (whole[name], OLD)]
    strays = [name for name in found if name.endswith(".tmp")]
    if report is None:
        return parts + strays + ["a manifest"] * (found["manifest.json"] not in (OLD, whole["manifest.json"]))
    told = json.loads(found["manifest.json"])
    lies = [
        entry["name"]
        for entry in told["figures"]
        if entry["status"] == "ok" and sha256(found[entry["file"]]).hexdigest() != entry["sha256"]
    ]
    return parts + strays + lies + ["a count"] * ((told["ok"], told["failed"]) != (report.ok, report.failed))


def test_a_part_of_a_file_a_stray_and_a_lie_are_found(whole: dict[str, bytes]) -> None:
    report = Report((), Path("manifest.json"))
    part = whole["a.svg"][:-1]
    assert wrong({**whole, "a.svg": part, ".x.tmp": b""}, whole, report) == ["a.svg", ".x.tmp", "a", "a count"]
    assert wrong({**whole, "manifest.json": b"{"}, whole, None) == ["a manifest"]


def disturbed(folder: Path, row: Row, error: BaseException, at: int) -> tuple[Fault, Report | None]:
    """A run with one failure, in a folder where an older run was; there is no report when it ended early."""
    folder.mkdir()
    for name in ("a.svg", "manifest.json"):
        (folder / name).write_bytes(OLD)
    fault = Fault(error, at)
    try:
        with failing(row, fault):
            return fault, run(SAMPLES, folder)
    except (RenderError, MemoryError, KeyboardInterrupt):
        return fault, None


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_failure_costs_at_most_its_figure_and_resuming_mends_it(
    operation: str, error: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    row = OPERATIONS[operation]
    if not isinstance(ERRORS[error], OSError) and (row.harmless or row.wrapped):
        pytest.skip("raised by the system only")
    for at in range(1, MOST_CALLS):
        folder = tmp_path / str(at)
        fault, report = disturbed(folder, row, ERRORS[error], at)
        if not fault.came:
            break
        assert wrong(contents(folder), whole, report) == [], at
        assert report is None or report.failed <= (not row.harmless), at
        run(SAMPLES, folder, resume=True)
        assert contents(folder) == whole, at
    assert 1 < at < MOST_CALLS - 1, "every call was made to fail"


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("error", [RenderError("by hand"), *ERRORS.values()], ids=repr)
def test_the_engine_may_fail(at: int, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINE.owner, ENGINE.name, lambda _dot, _kind: b"drawn")
    fault, report = Fault(error, at), None
    with failing(ENGINE, fault):
        try:
            report = run(SAMPLES, tmp_path, "png")
        except KeyboardInterrupt:
            assert isinstance(error, KeyboardInterrupt)
    assert fault.came
    drawn = [sample.name for sample in SAMPLES[: at - 1] + ([] if report is None else SAMPLES[at:])]
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == drawn
    assert {name for name in contents(tmp_path) if name.startswith(".")} <= {NAME}
    assert run(SAMPLES, tmp_path, "png", resume=True).kept == len(drawn)


@pytest.mark.parametrize("operation", [name for name, row in OPERATIONS.items() if not row.harmless])
def test_a_single_figure_is_whole_or_what_was_there(operation: str, tmp_path: Path) -> None:
    path = tmp_path / "f.svg"
    for at in range(1, MOST_CALLS):
        path.write_bytes(OLD)
        fault = Fault(ERRORS["full"], at)
        try:
            with failing(OPERATIONS[operation], fault):
                write_whole(path, b"new")
        except RenderError as error:
            assert str(error) == f"cannot write {path}: No space left on device"  # noqa: PT017
        assert contents(tmp_path) in ({"f.svg": OLD}, {"f.svg": b"new"})
        if not fault.came:
            break


@pytest.mark.parametrize(
    ("operation", "at", "status"),
    [("replace", 1, 1), ("open a temporary file", 1, 1), ("fsync of files and of the folder", 1, 1),
     ("begin the journal", 1, 1), ("open the journal and the folder", 2, 1), ("lock the journal", 1, 0)],
)  # fmt: skip
def test_the_command_tells_of_a_failure_in_a_line(
    operation: str, at: int, status: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its processes draw undisturbed, so it is the manifest, the journal, or the folder that fails."""
    (tmp_path / "f.jsonl").write_text('{"expr": "x", "name": "f"}\n')
    with failing(OPERATIONS[operation], Fault(ERRORS["full"], at)):
        assert main(["batch", str(tmp_path / "f.jsonl"), "--out", str(tmp_path / "d")]) == status
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert ("No space left on device" in said) == bool(status)
    assert ("--resume goes on" in said) == (tmp_path / "d" / "f.svg").exists() == (operation in LATE) or not status


LATE = {"replace", "open a temporary file", "fsync of files and of the folder"}  # once the figures are drawn


# processes that draw --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of another kind")
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_process_suffers_costs_one_figure(jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some with one process, the others with two; those behind them in a process are neither lost nor blamed."""
    monkeypatch.setattr(batch, "Drawer", Faulty)
    kinds = {**FATAL, **FAULTS}
    names = [name for number, name in enumerate(kinds) if number % 2 == jobs - 1]
    samples = [Sample(name, "x*x", {"x": 3}) for number, bad in enumerate(names) for name in (f"good{number}", bad)]
    report = run(samples, tmp_path, jobs=jobs, timeout=TIMEOUT)
    errors = {result.name: str(result.error) for result in report.results if result.error}
    assert {name: error for name, error in errors.items() if kinds.get(name, (0, "no fault"))[1] not in error} == {}
    assert [name for name in names if name not in errors] == []
    assert sorted(contents(tmp_path)) == sorted(
        ["manifest.json", *(f"{sample.name}.svg" for sample in samples if sample.name not in kinds)]
    )


# what others do to the folder ----------------------------------------------------------------------------------------


def test_a_folder_that_goes_meanwhile_is_a_line(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def samples() -> Iterator[Sample]:
        yield SAMPLES[0]
        for path in out.iterdir():
            path.unlink()
        out.rmdir()
        yield from SAMPLES[1:]

    told: list[Any] = []
    with pytest.raises(RenderError, match=f"^cannot write {out}"):
        run(samples(), out, on_done=told.append)
    assert [bool(result.error) for result in told] == [False, True, True]
    assert not out.exists()


def test_links_in_the_folder_are_not_followed(tmp_path: Path, whole: dict[str, bytes]) -> None:
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.write_bytes(OLD)
    out.mkdir()
    for name in ("a.svg", "manifest.json"):
        (out / name).symlink_to(mine)
    (out / "b.svg").symlink_to(tmp_path / "nowhere")
    run(SAMPLES, out)
    assert (mine.read_bytes(), contents(out)) == (OLD, whole)
    assert not any(path.is_symlink() for path in out.iterdir())
    (out / "a.svg").unlink()
    (out / "a.svg").symlink_to(tmp_path / "copy")
    (tmp_path / "copy").write_bytes(whole["a.svg"])
    assert run(SAMPLES, out, resume=True).kept == 2


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_a_journal_that_is_none_of_ours_is_told_and_left(kind: str, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.write_bytes(OLD)
    out.mkdir()
    make = {"link": lambda path: path.symlink_to(mine), "hard link": lambda path: path.hardlink_to(mine),
            "pipe": os.mkfifo, "folder": Path.mkdir}  # fmt: skip
    make[kind](out / NAME)
    with pytest.raises(RenderError, match=f"^cannot write {out / NAME}: "):
        run(SAMPLES, out)
    assert (mine.read_bytes(), [path.name for path in out.iterdir()]) == (OLD, [NAME])


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_keeps_nobody_waiting(kind: str, tmp_path: Path, whole: dict[str, bytes]) -> None:
    for name in ("a.svg", "manifest.json"):
        os.mkfifo(tmp_path / name) if kind == "pipe" else (tmp_path / name).mkdir()
    if kind == "pipe":
        run(SAMPLES, tmp_path, resume=True)
        assert contents(tmp_path) == whole
    else:
        with pytest.raises(RenderError, match="Is a directory"):
            run(SAMPLES, tmp_path, resume=True)


def test_two_batches_do_not_draw_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PATIENCE", 0.0)
    with journal.kept(tmp_path, resume=False):
        (tmp_path / journal.TEMPORARY.format("0123456789abcdef")).touch()  # of the one that is at work
        with pytest.raises(RenderError, match=f"^another batch draws into {tmp_path}; wait for its end$"):
            run(SAMPLES, tmp_path)
        assert len(contents(tmp_path)) == 2
    assert contents(tmp_path) == {}
    assert run(SAMPLES, tmp_path).ok == 3


def test_only_what_a_dead_run_left_is_removed(tmp_path: Path) -> None:
    stray = journal.TEMPORARY.format("0123456789abcdef")
    others = [files.TEMPORARY.format("0123456789abcdef"), ".gradviz-batch-mine.tmp", "a.tmp", f"{stray}~"]
    for name in (stray, *others):
        (tmp_path / name).write_bytes(OLD)
    run(SAMPLES, tmp_path)
    assert {name for name in contents(tmp_path) if "tmp" in name} == set(others)


# resuming -------------------------------------------------------------------------------------------------------------


def test_what_is_changed_is_drawn_anew_and_nothing_else(tmp_path: Path) -> None:
    theme = tmp_path / "t.toml"
    theme.write_text('ink = "#000001"\n')
    samples = {
        "same": Sample("same", "x", {"x": 1}),
        "expr": Sample("expr", "x", {"x": 1}),
        "value": Sample("value", "x", {"x": 1}),
        "title": Sample("title", "x", {"x": 1}),
        "option": Sample("option", "x", {"x": 1}),
        "theme": Sample("theme", "x", {"x": 1}, options={"theme": str(theme)}),
        "gone": Sample("gone", "x", {"x": 1}),
        "touched": Sample("touched", "x", {"x": 1}),
        "failed": Sample("failed", "x +* 2", {"x": 1}),
    }
    out = tmp_path / "out"
    run(samples.values(), out)
    assert [result.kept for result in run(samples.values(), out).results] == [False] * 9
    before = {path.name: path.stat() for path in out.iterdir()}
    assert run(samples.values(), out, resume=True).kept == 8
    samples["expr"] = Sample("expr", "x + 1", {"x": 1})
    samples["value"] = Sample("value", "x", {"x": 1.5})
    samples["title"] = Sample("title", "x", {"x": 1}, "A title")
    samples["option"] = Sample("option", "x", {"x": 1}, options={"digits": 3})
    theme.write_text('ink = "#000002"\n')
    (out / "gone.svg").unlink()
    (out / "touched.svg").write_text("mine")
    report = run(samples.values(), out, resume=True)
    assert [result.name for result in report.results if result.kept] == ["same"]
    assert (report.ok, report.kept, report.failed) == (8, 1, 1)
    now = (out / "same.svg").stat()
    assert (now.st_ino, now.st_mtime_ns) == (before["same.svg"].st_ino, before["same.svg"].st_mtime_ns)
    assert run(samples.values(), out, resume=True, options={"theme": "dark"}).kept == 0
    assert run(samples.values(), out, resume=True).kept == 0


def test_a_figure_keeps_what_was_said_of_it(tmp_path: Path) -> None:
    samples = [Sample("noted", "y = x*x; log(x)", {"x": 0})]
    first = run(samples, tmp_path).results[0]
    told = (tmp_path / "manifest.json").read_bytes()
    again = run(samples, tmp_path, resume=True).results[0]
    assert again.notes == first.notes != ()
    assert (again.kept, (tmp_path / "manifest.json").read_bytes()) == (True, told)


@pytest.mark.parametrize("data", [
    b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"figures": 3}', b'{"figures": [3, {"file": 1}, null]}',
])  # fmt: skip
def test_a_manifest_and_a_journal_that_cannot_be_read_are_none(data: bytes, tmp_path: Path, whole: Any) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    (tmp_path / NAME).write_bytes(data)
    assert run(SAMPLES, tmp_path, resume=True).kept == 0
    assert contents(tmp_path) == whole


def test_a_line_that_broke_off_spoils_only_itself(tmp_path: Path) -> None:
    def interrupted() -> None:
        with journal.kept(tmp_path, resume=False) as kept:
            for name in "ab":
                kept.note(journal.Written(f"{name}.svg", "key", "hash"))
            os.write(kept.descriptor, b'\n{"file": "c.svg", "key": "ke')
            kept.note(journal.Written("d.svg", "key", "hash", ("a note",)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with journal.kept(tmp_path, resume=True) as kept:
        anew, noted = kept.noted()
        assert (anew, sorted(noted)) == (True, ["a.svg", "b.svg", "d.svg"])
        assert noted["d.svg"].notes == ("a note",)


def test_an_old_manifest_is_not_trusted_by_who_goes_on_after_a_fresh_start(tmp_path: Path) -> None:
    run(SAMPLES, tmp_path)

    def samples() -> Iterator[Sample]:
        yield SAMPLES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(samples(), tmp_path)
    assert [result.kept for result in run(SAMPLES, tmp_path, resume=True).results] == [True, False, False]


def test_the_command_tells_how_many_were_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = ['{"expr": "x", "name": "a"}', '{"expr": "y", "name": "b"}']
    (tmp_path / "f.jsonl").write_text(lines[0])
    command = ["batch", str(tmp_path / "f.jsonl"), "--out", str(tmp_path / "d"), "-f", "dot"]
    assert main(command) == 0
    (tmp_path / "f.jsonl").write_text("\n".join(lines))
    assert main([*command, "--resume"]) == 0
    assert main([*command, "--resume"]) == 0
    said = [line.partition(";")[0] for line in capfd.readouterr().err.splitlines()]
    assert said == [f"gradviz: {told}" for told in (
        f"1 figure in {tmp_path / 'd'}", f"1 figure in {tmp_path / 'd'}, 1 already there",
        f"0 figures in {tmp_path / 'd'}, 2 already there",
    )]  # fmt: skip


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_timeout_is_some_seconds(seconds: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "samples", "--out", str(tmp_path / "d"), "--timeout", seconds]) == 2
    assert "--timeout needs a positive number of seconds" in capfd.readouterr().err
    with pytest.raises(GradvizError, match="a sample needs some seconds"):
        run(SAMPLES, tmp_path / "d", timeout=-1.0)
    assert not (tmp_path / "d").exists()
