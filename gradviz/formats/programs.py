"""A program of the system, run for a result: so long, so much, and then it is gone with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from subprocess import PIPE
from threading import TIMEOUT_MAX, Thread, current_thread, main_thread
from time import monotonic
from typing import IO, Any, Final, NamedTuple

from gradviz.formats.messages import write_whole

MOST: Final = 1 << 28  # bytes that a program may write to standard output, and to standard error
_HEARD: Final = 1 << 16  # bytes of standard error that are kept
_END: Final = 1.0  # seconds that the pipes of a killed program are waited for
_RAISING: Final = (signal.SIGINT, signal.SIGTERM)  # signals for which programs have handlers that raise
# A session of its own: an interrupt is not for it, and with it all that it starts can be killed. On Windows no window.
_ALONE: Final[dict[str, Any]] = {
    "start_new_session": True,
    "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
}


class Done(NamedTuple):
    """How a program ended, and what it wrote."""

    status: int
    written: bytes
    said: bytes


class FloodError(Exception):
    """A program wrote more than `MOST` bytes."""


def run(command: Sequence[str], given: bytes, seconds: float, environment: Mapping[str, str]) -> Done:
    """How a program ended; raises `TimeoutError` or `FloodError` where it was killed, `OSError` where it cannot run."""
    process = started(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment)
    threads: list[Thread] = []
    try:
        written, said = _Reader(process, process.stdout, MOST), _Reader(process, process.stderr, _HEARD)
        for thread in (Thread(target=_feed, args=(process.stdin, given), daemon=True), written, said):
            thread.start()
            threads.append(thread)
        _wait(process, [written, said], monotonic() + min(seconds, TIMEOUT_MAX))
    finally:
        end(process)
        _join(threads, monotonic() + _END)
        close(process)
    return Done(process.returncode, b"".join(written.pieces), b"".join(said.pieces))


def started(command: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
    """A program that runs, with unbuffered pipes; an interrupt meanwhile ends it."""
    process = None
    try:
        with _uninterrupted():
            process = subprocess.Popen(command, bufsize=0, **more, **_ALONE)  # noqa: S603
    except BaseException:
        if process:
            end(process)
            close(process)
        raise
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that still runs and all of its session; nothing is left of it."""
    if process.returncode is None:
        kill(process)
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that nobody has waited for yet, so that its number is still its own."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def close(process: subprocess.Popen[bytes]) -> None:
    """Close its pipes, also those at which a thread waits: who has left the session may have kept one open."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()


def fate(status: int) -> str:
    """How a program ended, in words.

    >>> fate(-11), fate(3)
    ('crashed (SIGSEGV)', 'failed (exit status 3)')
    """
    if status >= 0:
        return f"failed (exit status {status})"
    try:
        return f"crashed ({signal.Signals(-status).name})"
    except ValueError:
        return f"crashed (signal {-status})"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What handlers of signals raise, which they do in the main thread alone, is raised at the end."""
    numbers = _RAISING if current_thread() is main_thread() else ()
    handlers = {number: handler for number in numbers if callable(handler := signal.getsignal(number))}
    came: list[tuple[int, Any]] = []
    for number in handlers:
        signal.signal(number, lambda *call: came.append(call))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for call in came:
            handlers[signal.Signals(call[0])](*call)


class _Reader(Thread):
    """Reads a pipe of a program to its end and keeps so many bytes; too much is the program's end."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: IO[bytes] | None, keeps: int) -> None:
        super().__init__(daemon=True)
        self.process, self.pipe, self.keeps = process, pipe, keeps
        self.pieces: list[bytes] = []
        self.length = 0

    def run(self) -> None:
        assert self.pipe is not None
        with suppress(OSError, ValueError), self.pipe:
            while piece := self.pipe.read(_HEARD):
                if self.length < self.keeps:
                    self.pieces.append(piece)
                self.length += len(piece)
                if self.length > MOST:
                    kill(self.process)
                    break


def _wait(process: subprocess.Popen[bytes], readers: Sequence[_Reader], until: float) -> None:
    _join(readers, until)
    if any(reader.length > MOST for reader in readers):
        raise FloodError
    try:
        if not any(reader.is_alive() for reader in readers):
            process.wait(max(0.0, until - monotonic()))
            return
    except subprocess.TimeoutExpired:
        pass
    raise TimeoutError


def _join(threads: Sequence[Thread], until: float) -> None:
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError, ValueError), pipe:
        write_whole(pipe, data)
