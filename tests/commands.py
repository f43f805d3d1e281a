"""Running the command: in this process, in one of its own, and on a pseudo-terminal."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import gradviz

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals and /dev")
COMMAND = [sys.executable, "-m", "gradviz"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(gradviz.__file__).parents[1]), "TERM": "xterm", "COLUMNS": "90"}
ENVIRONMENT["PYTHONUNBUFFERED"] = ""  # what is left in the buffer at the exit is what these tests are about


END_OF_INPUT = "\x04"
PROMPT = re.compile(rb"\n(?:\x1b\[[0-9;?]*[A-Za-z]|\r)*> ")
SETTLED = 0.3  # seconds after which a prompt waits for a key: a signal just before that is seen with the next one
PATIENCE = 30.0  # seconds without a letter, and the program is stuck


@dataclass
class Outcome:
    status: int
    out: str
    err: str


Gradviz = Callable[..., Outcome]


def process(
    *words: str, stdin: bytes = b"", cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command line as a process of its own, with pipes."""
    env = ENVIRONMENT | environment
    return subprocess.run(
        [*COMMAND, *words], input=stdin, capture_output=True, cwd=cwd, env=env, check=False, timeout=60
    )


def on_terminal(*words: str, cwd: Path | None = None, typed: Sequence[str] = ()) -> Outcome:
    """Runs a command line with a pseudo-terminal for everything; `out` is what it shows, colours left out.

    Each of `typed` is typed at a prompt, `> `.
    """
    import pty

    here, there = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *words],
        cwd=cwd,
        env=ENVIRONMENT,
        preexec_fn=partial(os.login_tty, there),  # noqa: PLW1509
    ) as running:
        os.close(there)
        shown, sent, answers = b"", 0, iter(typed)
        while True:
            if not select.select([here], [], [], PATIENCE)[0]:
                running.kill()
                raise AssertionError(f"stuck after {shown[-200:]!r}")
            try:
                piece = os.read(here, 1 << 16)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not piece:
                break
            shown += piece
            while len(PROMPT.findall(shown)) > sent:
                sent += 1
                time.sleep(SETTLED)
                os.write(here, next(answers, END_OF_INPUT).encode())
    os.close(here)
    raw = shown.decode(errors="replace").replace("\r\n", "\n")
    return Outcome(running.returncode, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw), raw)
