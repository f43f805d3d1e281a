"""Samples -> figures in a folder, each whole or not at all, and a manifest that tells what became of each."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from gradviz.api import draw
from gradviz.choices import keywords, overridden
from gradviz.errors import GradvizError, OptionError, RenderError
from gradviz.files import write_whole
from gradviz.formats import format_named
from gradviz.formats.json import as_json
from gradviz.sample import Sample
from gradviz.samples import Unreadable

MANIFEST: Final = "manifest.json"
WRITERS: Final = 4  # files that are written at once
MANY: Final = 200  # figures that several processes draw sooner than one, which need not start
DEFAULT_FORMAT: Final = "svg"
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A sample's figure as bytes, or why there is none."""

    data: bytes = b""
    notes: tuple[str, ...] = ()
    error: str | None = None


class Told(NamedTuple):
    """What a sample says of itself, for the manifest."""

    title: str | None = None
    source: str | None = None
    expr: str | None = None


_NOTHING: Final = Told()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one sample; `file` is its name in the folder, None when `error` says why there is none."""

    name: str
    origin: str
    told: Told = _NOTHING
    file: str | None = None
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None

    def entry(self) -> dict[str, Any]:
        """The figure's entry in the manifest."""
        status = "failed" if self.error else "ok"
        outcome = {"error": self.error, "notes": list(self.notes), "sha256": self.sha256}
        known = {key: value for key, value in {**self.told._asdict(), **outcome}.items() if value}
        return {"name": self.name, "file": self.file, "status": status, **known}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a batch, by sample in their order."""

    results: tuple[Result, ...]
    manifest: Path

    @property
    def failed(self) -> int:
        """How many samples have no figure."""
        return sum(result.error is not None for result in self.results)

    @property
    def ok(self) -> int:
        """How many figures were written."""
        return len(self.results) - self.failed


class Task(NamedTuple):
    """A sample to be drawn to a file."""

    sample: Sample
    format: str
    path: Path
    options: Mapping[str, Any]


class Outcome(NamedTuple):
    """What became of a task."""

    sha256: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None


Drawn = Callable[[Iterable[Task]], Iterator[Outcome]]  # tasks -> what became of them, in order


def run(
    samples: Iterable[Sample | Unreadable],
    out: Path,
    format: str | None = None,
    *,
    options: Mapping[str, Any] = _NONE,
    on_done: Callable[[Result], object] = lambda _: None,
    jobs: int = 1,
    timeout: float | None = None,
) -> Report:
    """Draw each sample to `out/<name>.<format>`, past those that fail, then write the manifest.

    `format` and `options`, by their names on the command line, win over a sample's own; without either it is SVG.
    `on_done` is called after each, in order. With `jobs` above 1 or a `timeout`, the most seconds for a sample, that
    many processes draw: one that dies costs its sample, and a script that starts some needs its
    `if __name__ == "__main__":`. Raises `OptionError` for an unknown format or `jobs` below 1, `RenderError` when
    the folder or the manifest cannot be written, or a process does not start.
    """
    if format is not None:
        format_named(format)
    if jobs < 1:
        raise OptionError(f"jobs is {jobs}: at least 1 process draws")
    _make_folder(out)
    results: list[Result] = []
    most = min(jobs, len(samples) or 1) if isinstance(samples, Sized) else jobs
    work = _drawn_in_turn(isinstance(samples, Sized)) if jobs == 1 and timeout is None else _drawn_by(most, timeout)
    for result in _results(_planned(samples, out, format, dict(options)), work):
        results.append(result)
        on_done(result)
    report = Report(tuple(results), out / MANIFEST)
    write_whole(report.manifest, manifest(report))
    return report


def jobs_for(figures: int) -> int:
    """How many processes to draw a number of figures with: of many as many as this one may use processors."""
    if figures < MANY:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _results(planned: Iterable[Task | Result], work: Drawn) -> Iterator[Result]:
    """What becomes of each sample, in order."""
    waiting: deque[Task | Result] = deque()

    def tasks() -> Iterator[Task]:
        for plan in planned:
            waiting.append(plan)
            if isinstance(plan, Task):
                yield plan

    for outcome in work(tasks()):
        while isinstance(waiting[0], Result):
            yield waiting.popleft()  # type: ignore[misc]
        yield _result(waiting.popleft(), outcome)  # type: ignore[arg-type]
    yield from waiting  # type: ignore[misc]


def _drawn_in_turn(known: bool) -> Drawn:
    """Drawn by this process; samples that are not known before, as from a pipe, are told of one by one."""
    return lambda tasks: in_turn(draw_to_file, tasks, ahead=WRITERS if known else 0)


def _drawn_by(jobs: int, timeout: float | None) -> Drawn:
    """Drawn by processes."""

    def outcomes(tasks: Iterable[Task]) -> Iterator[Outcome]:
        from gradviz.workers import Died, results

        for found in results(draw_to_file, tasks, jobs, timeout):
            yield Outcome(error=found.why) if isinstance(found, Died) else found

    return outcomes


def in_turn(work: Callable[[Task], Future[Outcome]], tasks: Iterable[Task], ahead: int) -> Iterator[Outcome]:
    """The outcome of each task, in order; as many files may be on their way to the disk meanwhile."""
    pending: deque[Future[Outcome]] = deque()
    try:
        for task in tasks:
            pending.append(work(task))
            if len(pending) > ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        wait(pending)


def draw_to_file(task: Task) -> Future[Outcome]:
    """Draw a sample; it is written while the next is drawn. Never raises: one sample cannot stop the others."""
    rendered = render_one(task.sample, task.format, task.options)
    return _writers().submit(_outcome, rendered, task.path)


@cache
def _writers() -> ThreadPoolExecutor:
    """Waiting for the disk takes longer than drawing; several files together take little longer than one."""
    return ThreadPoolExecutor(WRITERS)


def _outcome(rendered: Rendered, path: Path) -> Outcome:
    error = rendered.error or _written(path, rendered.data)
    return Outcome(None if error else sha256(rendered.data).hexdigest(), rendered.notes, error)


def render_one(sample: Sample, format: str, options: Mapping[str, Any] = _NONE) -> Rendered:
    """The sample's figure in a format; never raises, so that one sample cannot stop the others."""
    try:
        figure = draw(sample.expr, sample.values, **keywords_of(sample, options))
        return Rendered(figure.render(format), figure.notes)
    except Exception as error:
        return Rendered(error=_told(error))


def manifest(report: Report) -> Iterator[bytes]:
    """The manifest as JSON, piece by piece, so that a batch keeps little; the same figures give the same bytes."""
    told, rest = as_json({"figures": [], "ok": report.ok, "failed": report.failed}).split(b"]", 1)
    yield told
    for number, result in enumerate(report.results):
        yield (b",\n  " if number else b"\n  ") + as_json(result.entry()).rstrip().replace(b"\n", b"\n  ")
    yield (b"\n ]" if report.results else b"]") + rest


def keywords_of(sample: Sample, options: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `api.draw` for a sample, with options that win over its own."""
    title = {} if sample.title is None else {"title": sample.title}
    return {**title, **keywords(overridden(sample.options, options))}


def _planned(
    samples: Iterable[Sample | Unreadable], out: Path, format: str | None, options: Mapping[str, Any]
) -> Iterator[Task | Result]:
    """What is to be drawn, and what cannot be; each file of the batch is that of one sample."""
    taken = {MANIFEST: "the manifest"}
    for sample in samples:
        if isinstance(sample, Unreadable):
            yield Result(sample.name, sample.origin, error=sample.error)
            continue
        kind = format or sample.options.get("format", DEFAULT_FORMAT)
        file = f"{sample.name}.{kind}"
        key = normalize("NFC", file).casefold()  # macOS and Windows take A.svg and a.svg for one file
        if key in taken:
            error = f"{sample.origin}: the file {file} is that of {taken[key]}; give the figure another name"
            yield Result(sample.name, sample.origin, _told_of(sample), error=error)
        else:
            taken[key] = sample.origin
            yield Task(sample, kind, out / file, options)


def _result(task: Task, outcome: Outcome) -> Result:
    sample = task.sample
    file = None if outcome.error else task.path.name
    told = _told_of(sample)
    return Result(sample.name, sample.origin, told, file, outcome.sha256, outcome.notes, outcome.error)


def _told_of(sample: Sample) -> Told:
    return Told(sample.title, sample.source, sample.expr)


def _written(path: Path, data: bytes) -> str | None:
    """Write a figure; why that failed, or None."""
    try:
        write_whole(path, data, follow=False)
    except Exception as error:
        return _told(error)
    return None


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, GradvizError) else f"{type(error).__name__}: {error}"


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderError(f"cannot make the folder {out}: {error.strerror or error}") from None
