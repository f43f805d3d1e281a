"""Long-lived processes: results in order, a death costs one task, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gradviz.batch import MANY, jobs_for, run
from gradviz.errors import OptionError
from gradviz.sample import Sample
from gradviz.workers import Died, results
from tests.faulty import work
from tests.processes import is_gone, soon

KILLED = """
from gradviz.workers import results
from tests.faulty import work
if __name__ == "__main__":
    for found in results(work, [1, "sleep"], 1):
        print(found[1], flush=True)
"""
GOOD = [Sample(f"f{k}", f"w*x + {k}", {"w": k, "x": 0.5}) for k in range(30)]


UNGUARDED = """
import sys
from pathlib import Path
from gradviz.batch import run
from gradviz.sample import Sample
print("began", flush=True)
try:
    run([Sample("a", "x", {"x": 1})] * 9, Path(sys.argv[1]), jobs=2)
except Exception as error:
    print(type(error).__name__, flush=True)
    raise
"""


def doubled(found: list[Any]) -> list[Any]:
    return [each if isinstance(each, Died) else each[0] for each in found]


def test_what_cannot_be_sent_costs_only_itself() -> None:
    found = doubled(list(results(work, [1, lambda: None, 3], jobs=2)))
    assert (found[0], found[2]) == (2, 6)
    assert "cannot be sent" in found[1].why
    assert doubled(list(results(work, [lambda: None], jobs=1)))[0].why == found[1].why


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order_from_processes_that_live_long(jobs: int) -> None:
    found = list(results(work, range(100), jobs))
    assert doubled(found) == [2 * k for k in range(100)]
    processes = {process for _, process in found}
    assert os.getpid() not in processes
    assert 1 <= len(processes) <= jobs


@pytest.mark.parametrize(("fatal", "why"), [("die", "exit status 3"), ("kill", "SIGKILL")])
@pytest.mark.parametrize("place", [0, 5, 19])
def test_a_death_costs_one_task(fatal: str, why: str, place: int) -> None:
    tasks: list[Any] = list(range(20))
    tasks[place] = fatal
    found = doubled(list(results(work, tasks, 2)))
    expected = [2 * task if isinstance(task, int) else found[place] for task in tasks]
    assert found == expected
    assert isinstance(found[place], Died)
    assert why in found[place].why


def test_several_deaths_cost_several_tasks() -> None:
    tasks = [1, "die", 2, "kill", "die", 3, 4, "die"]
    found = doubled(list(results(work, tasks, 2)))
    assert [each if isinstance(each, int) else "died" for each in found] == [2, "died", 4, "died", "died", 6, 8, "died"]


def test_what_takes_too_long_is_ended() -> None:
    found = doubled(list(results(work, [1, "sleep", 2], 2, timeout=3.0)))
    assert found[::2] == [2, 4]
    assert "longer than 3 s" in found[1].why


def test_no_tasks_no_results() -> None:
    assert list(results(work, [], 2)) == []


def test_leaving_early_ends_the_processes() -> None:
    running = results(work, range(1000), 2)
    process = next(running)[1]
    running.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_process_goes_with_who_started_it_whatever_it_is_at(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED)
    command, env = (
        [sys.executable, str(tmp_path / "killed.py")],
        {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as started:
        worker = int(started.stdout.readline())  # type: ignore[union-attr]
        assert not is_gone(worker)
        started.kill()
    assert soon(lambda: is_gone(worker))


def test_processes_that_do_not_start_are_an_error_not_an_endless_replacing(tmp_path: Path) -> None:
    (tmp_path / "unguarded.py").write_text(UNGUARDED)
    ended = subprocess.run(
        [sys.executable, str(tmp_path / "unguarded.py"), str(tmp_path / "out")],
        capture_output=True, check=False, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "RenderError"
    assert ended.stdout.count("began") <= 3


# batches -------------------------------------------------------------------------------------------------------------


def test_a_batch_is_the_same_with_any_number_of_processes(tmp_path: Path) -> None:
    samples = [*GOOD, Sample("bad", "w*", {}), GOOD[0], Sample("log", "log(x)", {"x": 0})]
    reports = {jobs: run(samples, tmp_path / str(jobs), jobs=jobs) for jobs in (1, 2)}
    assert [report.ok for report in reports.values()] == [31, 31]
    folders = [{file.name: file.read_bytes() for file in (tmp_path / str(jobs)).iterdir()} for jobs in (1, 2)]
    assert folders[0] == folders[1]
    assert len(folders[0]) == 32
    assert [result.error for result in reports[1].results] == [result.error for result in reports[2].results]


def test_a_small_batch_starts_no_process() -> None:
    assert jobs_for(MANY - 1) == 1
    assert 1 <= jobs_for(MANY) <= (os.cpu_count() or 1)


def test_no_process_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="jobs is 0: at least 1 process draws"):
        run(GOOD, tmp_path, jobs=0)


def test_each_is_told_in_order(tmp_path: Path) -> None:
    told: list[str] = []
    run(GOOD, tmp_path, on_done=lambda result: told.append(result.name), jobs=2)
    assert told == [sample.name for sample in GOOD]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_an_interrupt_ends_all_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    lines = [json.dumps({"name": f"f{k}", "expr": f"w*x + {k}", "values": {"w": k, "x": 1}}) for k in range(3_000)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    command = [sys.executable, "-m", "gradviz", "batch", str(tmp_path / "many.jsonl"), "--out", str(tmp_path / "out")]
    process = subprocess.Popen([*command, "--jobs", "2"], stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(tmp_path.glob("out/*.svg"))) < 20:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in said
    names = [file.name for file in (tmp_path / "out").iterdir()]
    assert [name for name in names if name.endswith(".tmp")] == []
    assert all((tmp_path / "out" / name).read_text().endswith("</svg>\n") for name in names if name.endswith("svg"))
    assert b"interrupted; what is done is in" in said
