"""Samples -> figures in a folder, each whole or not at all, and a manifest that tells what became of each."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from concurrent.futures import Future, wait
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

from gradviz.drawing import NO_OPTIONS, WRITERS, Drawer, Keys, Outcome, Task, keywords_of, render_one
from gradviz.errors import OptionError, RenderError
from gradviz.files import open_regular, sync_folder, write_whole
from gradviz.formats import format_named
from gradviz.journal import TEMPORARY, Journal, Written, kept
from gradviz.manifest import MANIFEST, Report, Result, Told, manifest, recorded
from gradviz.sample import Sample
from gradviz.samples import Unreadable
from gradviz.signals import undisturbed

__all__ = ["MANIFEST", "Report", "Result", "jobs_for", "keywords_of", "render_one", "run"]

MANY: Final = 200  # figures that several processes draw sooner than one, which need not start
DEFAULT_FORMAT: Final = "svg"

Drawn = Callable[[Iterable[Task]], Generator[Outcome]]  # tasks -> what became of them, in order
OnDone = Callable[[Result], object]


def run(
    samples: Iterable[Sample | Unreadable],
    out: Path,
    format: str | None = None,
    *,
    options: Mapping[str, Any] = NO_OPTIONS,
    on_done: OnDone = lambda _: None,
    jobs: int = 1,
    timeout: float | None = None,
    resume: bool = False,
) -> Report:
    """Draw each sample to `out/<name>.<format>`, past those that fail, then write the manifest.

    `format` and `options`, by their names on the command line, win over a sample's own; without either it is SVG.
    `on_done` is called after each, in order. With `jobs` above 1 or a `timeout`, the most seconds for a sample, that
    many processes draw: one that dies costs its sample, and a script that starts some needs its
    `if __name__ == "__main__":`. With `resume` the figures of an earlier run, also of one that was killed, are kept
    where neither what decides them nor their files have changed. Raises `OptionError` for an unknown format, `jobs`
    below 1 or a `timeout` that is none, `RenderError` when the folder or the manifest cannot be written, another
    batch draws into the folder, or a process does not start.
    """
    _check(format, jobs, timeout)
    _make_folder(out)
    with kept(out, resume=resume) as journal:
        known = _known(journal, out / MANIFEST) if resume else {}
        planned = _planned(samples, out, format, dict(options), known)
        work = _work(journal, jobs, timeout, sized=isinstance(samples, Sized))
        report = Report(_all(_results(planned, work), on_done), out / MANIFEST)
        _conclude(report)
    return report


def jobs_for(figures: int) -> int:
    """How many processes to draw a number of figures with: of many as many as this one may use processors."""
    if figures < MANY:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(format: str | None, jobs: int, timeout: float | None) -> None:
    if format is not None:
        format_named(format)
    if jobs < 1:
        raise OptionError(f"jobs is {jobs}: at least 1 process draws")
    if timeout is not None and not timeout > 0:
        raise OptionError(f"timeout is {timeout}: a sample needs some seconds")
    if jobs > 1 or timeout is not None:
        from gradviz.workers import check_main

        check_main()


def _known(journal: Journal, path: Path) -> dict[str, Written]:
    """The figures that earlier runs wrote, by the names of their files; a journal's are the last ones."""
    anew, noted = journal.noted()
    return noted if anew else recorded(path) | noted


def _all(found: Generator[Result], on_done: OnDone) -> tuple[Result, ...]:
    """All results, each told of; when that ends early nothing is drawn any more."""
    results: list[Result] = []
    with closing(found):
        for result in found:
            results.append(result)
            on_done(result)
    return tuple(results)


def _conclude(report: Report) -> None:
    """The manifest, once all of its figures are sure to stay."""
    folder = report.manifest.parent
    try:
        sync_folder(folder)
        write_whole(report.manifest, manifest(report), follow=False, temporary=TEMPORARY)
        sync_folder(folder)
    except OSError as error:
        raise RenderError(f"cannot write {folder}: {error.strerror or error}") from None


def _results(planned: Iterable[Task | Result], work: Drawn) -> Generator[Result]:
    """What becomes of each sample, in order."""
    waiting: deque[Task | Result] = deque()

    def tasks() -> Iterator[Task]:
        for plan in planned:
            waiting.append(plan)
            if isinstance(plan, Task):
                yield plan

    with closing(work(tasks())) as outcomes:
        for outcome in outcomes:
            while isinstance(waiting[0], Result):
                yield waiting.popleft()  # type: ignore[misc]
            yield _result(waiting.popleft(), outcome)  # type: ignore[arg-type]
    yield from waiting  # type: ignore[misc]


def _work(journal: Journal, jobs: int, timeout: float | None, *, sized: bool) -> Drawn:
    """How tasks are done: samples that are not known before, as from a pipe, are told of one by one."""
    drawer = Drawer(journal)
    if jobs == 1 and timeout is None:
        return lambda tasks: in_turn(drawer, tasks, ahead=WRITERS if sized else 0)

    def by_processes(tasks: Iterable[Task]) -> Generator[Outcome]:
        from gradviz.workers import AHEAD, Died, results

        with closing(results(drawer, tasks, jobs, timeout, AHEAD if sized else 1)) as done:
            for found in done:
                yield Outcome(error=found.why) if isinstance(found, Died) else found

    return by_processes


def in_turn(work: Callable[[Task], Future[Outcome]], tasks: Iterable[Task], ahead: int) -> Generator[Outcome]:
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
        with undisturbed():
            wait(pending)


def _planned(
    samples: Iterable[Sample | Unreadable],
    out: Path,
    format: str | None,
    options: Mapping[str, Any],
    known: Mapping[str, Written],
) -> Iterator[Task | Result]:
    """What is to be drawn, what is there, and what cannot be; each file of the batch is that of one sample."""
    taken, keys = {_on_disk(MANIFEST): "the manifest"}, Keys()
    for sample in samples:
        if isinstance(sample, Unreadable):
            yield Result(sample.name, sample.origin, error=sample.error)
            continue
        kind = format or sample.options.get("format", DEFAULT_FORMAT)
        file = f"{sample.name}.{kind}"
        if wrong := _wrong(sample, kind, taken.get(_on_disk(file))):
            yield Result(sample.name, sample.origin, _told_of(sample), error=wrong)
            continue
        taken[_on_disk(file)] = sample.origin
        task = Task(sample, kind, out / file, options, keys.of(sample, kind, options))
        yield _there(task, known.get(file)) or task


def _wrong(sample: Sample, format: str, owner: str | None) -> str:
    """Why a sample has no file of its own; "" when it has."""
    try:
        format_named(format)
    except OptionError as error:
        return str(error)
    file = f"{sample.name}.{format}"
    return f"{sample.origin}: the file {file} is that of {owner}; give the figure another name" if owner else ""


def _on_disk(file: str) -> str:
    """The same for all names that macOS or Windows take for one file, such as A.svg and a.svg."""
    return normalize("NFD", normalize("NFD", file).casefold())


def _there(task: Task, written: Written | None) -> Result | None:
    """A figure that is there and as it would be drawn."""
    if written is None or task.key != written.key or _hash_of(task.path) != written.sha256:
        return None
    return _result(task, Outcome(written.sha256, written.notes), kept=True)


def _hash_of(path: Path) -> str | None:
    try:
        with open_regular(path, follow=False) as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _result(task: Task, outcome: Outcome, *, kept: bool = False) -> Result:
    sample, (digest, notes, error) = task.sample, outcome
    file, key = (None, None) if error else (task.path.name, task.key)
    return Result(sample.name, sample.origin, _told_of(sample), file, key, digest, notes, error, kept)


def _told_of(sample: Sample) -> Told:
    return Told(sample.title, sample.source, sample.expr)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderError(f"cannot make the folder {out}: {error.strerror or error}") from None
