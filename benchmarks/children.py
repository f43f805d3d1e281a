"""Functions in a process of their own: what may be killed, run out of memory or be measured by its memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.clock import Times

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1 << 20


class Done(NamedTuple):
    """A process that came to its end."""

    status: int
    output: bytes
    errors: str
    times: Times
    peak: int  # bytes of the largest of it and the children it waited for


def environment() -> dict[str, str]:
    """That of this process; byte code is kept, as users keep it, and this project is found."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])}


def process(command: Sequence[str], limit: float | None = None, *, text: bytes = b"") -> Done | str:
    """A command run to its end, or that it took more than `limit` seconds; its children end with it."""
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as errors:
        given.write(text)
        given.seek(0)
        start = perf_counter()
        child = subprocess.Popen(  # noqa: S603  our own words
            command, stdin=given, stdout=output, stderr=errors, env=environment(), start_new_session=True
        )
        late = Timer(limit or 0, os.killpg, (child.pid, signal.SIGKILL))
        if limit:
            late.start()
        _, status, used = os.wait4(child.pid, 0)
        wall = perf_counter() - start
        late.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        if limit and wall >= limit:
            return f"more than {limit:g} s"
        texts = [(file.seek(0), file.read())[1] for file in (output, errors)]
    times = Times((wall,), (used.ru_utime + used.ru_stime,), 0)
    return Done(child.returncode, texts[0], texts[1].decode(errors="replace"), times, used.ru_maxrss * 1024)


def weighed(command: Sequence[str], limit: float) -> Done | str:
    """As `process`, without its output, and with the true peak: a process counts that of the one that starts it."""
    told = in_child("benchmarks.children:for_weighing", list(command), limit)
    if isinstance(told, str):
        return told
    status, errors, wall, cpu, peak = told
    return Done(status, b"", errors, Times((wall,), (cpu,), 0), peak)


def for_weighing(command: Sequence[str], limit: float) -> str | list[Any]:
    """In a child: what `weighed` needs to know of a command."""
    done = process(command, limit)
    if isinstance(done, str):
        return done
    return [done.status, done.errors, done.times.wall[0], done.times.cpu[0], done.peak]


def in_child(function: str, *arguments: Any, limit: float | None = None) -> Any:
    """What `module:function` returns in a new interpreter, through JSON, or a text that says how it ended."""
    command = [sys.executable, "-m", "benchmarks.children", function, json.dumps(arguments)]
    done = process(command, limit)
    if isinstance(done, str):
        return done
    return json.loads(done.output) if done.status == 0 else how_it_ended(done)


def how_it_ended(done: Done) -> str:
    """The signal that ended a process, or the last line of what it said."""
    if done.status < 0:
        return f"killed by {signal.Signals(-done.status).name}"
    return (done.errors.strip().splitlines() or [f"status {done.status}"])[-1][:120]


def resident() -> dict[str, int]:
    """Bytes of memory that this process has, and the most it has had since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields: Mapping[str, str] = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[field].split()[0]) * 1024 for name, field in (("has", "VmRSS"), ("peak", "VmHWM"))}


def forget_peak() -> None:
    """Let the peak start from what the process has."""
    Path("/proc/self/clear_refs").write_text("5")


def main(function: str, arguments: str) -> None:
    """Run `module:function` and print its result."""
    module, name = function.split(":")
    json.dump(getattr(import_module(module), name)(*json.loads(arguments)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
