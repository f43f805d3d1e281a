"""A batch of figure files, with one worker and with two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.children import MEGABYTE, Done, how_it_ended, process, weighed
from benchmarks.clock import Outcome, Times
from benchmarks.cold import COMMAND
from benchmarks.findings import Part, Target, bounded, compared
from benchmarks.programs import figures

FASTER: Final = Target("≥", 1.7, ("wall",))
FLAT: Final = Target("≤", 1.1)
JOBS: Final = (1, 2)
MOST_SECONDS: Final = 300.0


def measure(runs: int, files: int, fewer: int) -> Iterator[Part]:
    """All files with each number of workers, and the memory beside that of `fewer` files."""
    with TemporaryDirectory() as folder:
        many, few = write(Path(folder) / "many", files), write(Path(folder) / "few", fewer)
        outcomes, peaks = _turns(many, runs)
        small = {jobs: batch(few, jobs) for jobs in JOBS}
    names = {jobs: f"--jobs {jobs}" for jobs in JOBS}
    named = {names[jobs]: outcome for jobs, outcome in outcomes.items()}
    what = f"{files:,} figure files"
    found = [compared(what, named, names[1], FASTER, item="figure", ours=names[2])]
    for jobs, less in small.items():
        growth = peaks[jobs] / less.peak if isinstance(less, Done) and jobs in peaks else str(less)
        told = f"{peaks[jobs] / MEGABYTE:.0f} MB the largest process" if jobs in peaks else ""
        found.append(bounded(f"{what}, {names[jobs]}: memory against {fewer:,}", growth, "x", FLAT, told))
    yield Part(what, named, tuple(found))


def _turns(folder: Path, runs: int) -> tuple[dict[int, Outcome], dict[int, int]]:
    """The times by the number of workers, run in turns, and the bytes of the largest process."""
    done: dict[int, list[Done | str]] = {jobs: [] for jobs in JOBS}
    for _ in range(runs):
        for jobs, found in done.items():
            found.append(batch(folder, jobs))
    files = len(list(folder.iterdir()))
    ended = {jobs: [end for end in found if isinstance(end, Done)] for jobs, found in done.items()}
    told = {jobs: end for jobs, found in done.items() for end in found if isinstance(end, str)}
    outcomes = {jobs: told.get(jobs) or _median(found, files) for jobs, found in ended.items()}
    return outcomes, {jobs: max(end.peak for end in found) for jobs, found in ended.items() if jobs not in told}


def _median(ended: list[Done], files: int) -> Times:
    """All runs count: none is needed to warm up a process of its own."""
    wall, cpu = (tuple(getattr(end.times, clock)[0] for end in ended) for clock in ("wall", "cpu"))
    return Times(wall, cpu, 0, files)


def write(folder: Path, files: int) -> Path:
    """A folder of different figure files."""
    folder.mkdir()
    for i, (program, values) in enumerate(figures(files)):
        lines = [f"expr = {json.dumps(program)}", "", "[values]", *(f"{name} = {v}" for name, v in values.items())]
        (folder / f"figure{i:05}.toml").write_text("\n".join(lines) + "\n")
    return folder


def batch(folder: Path, jobs: int) -> Done | str:
    """The process that draws a folder, or why there is none; every file must have its figure."""
    options = process([*COMMAND, "batch", "--help"])
    if isinstance(options, Done) and b"--jobs" not in options.output:
        return "not there: gradviz batch --jobs"
    with TemporaryDirectory() as out:
        done = weighed([*COMMAND, "batch", str(folder), "--out", out, "--jobs", str(jobs)], MOST_SECONDS)
        drawn = len(list(Path(out).glob("*.svg")))
    if isinstance(done, str) or done.status:
        return done if isinstance(done, str) else how_it_ended(done)
    return done if drawn == len(list(folder.iterdir())) else f"{drawn} figures drawn"
