"""A process that has everything imported, and a copy of itself for each command line: the real command in 10 ms.

Each line of its input is a request, each line of its output what became of it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from ctypes import CDLL, Structure, byref, c_uint32
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.hostile.watching import watch

SECONDS = 10  # of computing
PATIENCE = 40  # seconds by the clock, whatever else the machine does
LARGEST_FILE = 1 << 28
CHILD_SUBREAPER, SET_SECUREBITS = 36, 28  # of prctl, <linux/prctl.h>
NO_ROOT = 0b11  # and locked, <linux/securebits.h>
CAPABILITIES_3 = 0x20080522  # <linux/capability.h>
PRELOADED = (
    "rich.table",
    "rich.console",
    "rich.progress",
    "tomllib",
    "multiprocessing.spawn",
    "difflib",
)


class _Capabilities(Structure):
    _fields_ = (("version", c_uint32), ("pid", c_uint32), ("sets", c_uint32 * 6))


def bind() -> None:
    """Let the superuser too be held by the permissions of files."""
    if os.geteuid() == 0:
        library = CDLL(None)
        library.prctl(SET_SECUREBITS, NO_ROOT)
        none = _Capabilities(CAPABILITIES_3, 0, (c_uint32 * 6)())
        library.capset(byref(none), byref(none, _Capabilities.sets.offset))


def limit(memory: int) -> None:
    """Bounds for this process and those that it starts; `memory` comes on top of what it has."""
    bind()
    with open("/proc/self/statm") as statm:  # noqa: PTH123  it runs between fork and exec
        has = int(statm.read().split()[0]) * resource.getpagesize()
    for kind, most in (
        (resource.RLIMIT_AS, has + memory),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main(*, with_sympy: bool) -> None:
    """Answers requests until there are none; with SymPy imported too, which makes every copy more expensive."""
    package = Path(str(find_spec("gradviz").origin)).parent
    own = (".".join(path.relative_to(package.parent).with_suffix("").parts) for path in package.rglob("*.py"))
    names = [name.removesuffix(".__init__") for name in own if with_sympy or ".symbolic" not in name]
    for name in (*PRELOADED, *names, *(["sympy.physics.units"] if with_sympy else [])):
        import_module(name)
    CDLL(None).prctl(CHILD_SUBREAPER, 1)  # what a command leaves behind is given to this process
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w")
    gc.freeze()
    for line in requests:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Runs a command line in a copy of this process, and everything that it starts; kills what is left of them."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        become(request, there)
    os.close(there)
    deadline, seen, late = time.monotonic() + PATIENCE, b"", False
    while not late:
        late = not select.select([here], [], [], max(0.0, deadline - time.monotonic()))[0]
        if late or not (piece := os.read(here, 1 << 16)):
            break
        seen += piece
    if late:
        os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    os.close(here)
    left = remains(child)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seen": [*seen.decode().splitlines(), *["too slow"] * late, *["processes are left"] * left],
        "seconds": usage.ru_utime + usage.ru_stime,
    }


def remains(group: int) -> bool:
    """Whether processes of a group are left after a while; they are killed."""
    for _ in range(100):
        try:
            with suppress(ChildProcessError):
                while os.waitpid(-group, os.WNOHANG)[0]:
                    pass
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.01)
    os.killpg(group, signal.SIGKILL)
    return True


def become(request: dict[str, Any], report: int) -> None:
    """The command line as if it were started: its folder, its streams, its environment, its limits."""
    from gradviz.cli import main as command

    os.setsid()
    os.chdir(request["folder"])
    for descriptor, (path, flags) in enumerate(request["streams"]):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(request["environment"])
    limit(request["memory"])
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.argv = ["gradviz", *request["words"]]
    watch(report, request["root"])
    leave(command())


def leave(status: int) -> None:
    """End the process as Python does, but for taking everything apart, which would copy the memory of the original."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main(with_sympy=sys.argv[1] == "sympy")
