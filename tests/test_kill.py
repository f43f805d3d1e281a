"""A batch that is killed again and again, and resumed: nothing lost, nothing torn, nothing done twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradviz.journal import NAME
from gradviz.manifest import MANIFEST

FIGURES = 500
KILLS = 20
PATIENCE = 60.0  # seconds for a run to draw a few figures, on a busy machine

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="processes are killed by group")

Seen = dict[str, tuple[int, int]]  # a file's inode and time of writing


def started(figures: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gradviz", "batch", str(figures), "--out", str(out), "--resume", "--jobs", "2"]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def listed(folder: Path) -> Path:
    path = folder / "figures.jsonl"
    rows = ({"name": f"f{k}", "expr": f"x*{k} + y", "values": {"x": 1, "y": k}} for k in range(FIGURES))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def seen(out: Path) -> Seen:
    """The figures that are there; raises `ParseError` for one that is not whole."""
    found: Seen = {}
    for path in out.glob("*.svg"):
        ElementTree.fromstring(path.read_bytes())
        found[path.name] = path.stat().st_ino, path.stat().st_mtime_ns
    return found


def killed(run: subprocess.Popen[bytes], out: Path, more: int, moment: float) -> None:
    """Kill a run and its processes a moment after so many more figures, if it does not end before."""
    end, there = time.monotonic() + PATIENCE, len(list(out.glob("*.svg")))
    while run.poll() is None and len(list(out.glob("*.svg"))) < there + more and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(moment)
    with suppress(ProcessLookupError):  # it has ended
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_a_batch_killed_at_random_moments_goes_on(tmp_path: Path) -> None:
    figures, out, chance = listed(tmp_path), tmp_path / "out", random.Random(0)
    before: Seen = {}
    for _ in range(KILLS):
        killed(started(figures, out), out, chance.randrange(1, 25), chance.uniform(0, 0.01))
        after = seen(out)
        assert before.items() <= after.items()  # nothing is lost, or done twice
        before = after
    assert 0 < len(before) < FIGURES
    assert started(figures, out).wait(PATIENCE) == 0
    after = seen(out)
    assert before.items() <= after.items()
    assert {path.name for path in out.iterdir()} == {*(f"f{k}.svg" for k in range(FIGURES)), MANIFEST}
    assert not (out / NAME).exists()


def test_a_torn_figure_is_found(tmp_path: Path) -> None:
    (tmp_path / "f.svg").write_text("<svg><g></svg>")
    with pytest.raises(ElementTree.ParseError):
        seen(tmp_path)
