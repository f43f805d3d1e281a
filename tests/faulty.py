"""What happens in a process that draws, by the name of the sample: a module of its own, so that it loads little."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any

from gradviz import drawing
from gradviz.drawing import Drawer, Outcome, Task, render_one

FULL = OSError(errno.ENOSPC, "No space left on device")
TIMEOUT = 1.5  # seconds for a sample


def finished(value: Any) -> Future[Any]:
    """A result that is there."""
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def _stopped(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


def _kept_alive() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def _raises(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


FATAL: dict[str, tuple[Callable[[], None], str]] = {  # what a process does, and how that is told
    "segfault": (_stopped(signal.SIGSEGV), "died (SIGSEGV)"),
    "killed": (_stopped(signal.SIGKILL), "died (SIGKILL)"),
    "stopped": (_stopped(signal.SIGSTOP), "took longer than 1.5 s"),
    "exit": (lambda: os._exit(0), "died (exit status 0)"),
    "sys.exit": (lambda: sys.exit(3), "died (exit status 3)"),
    "hang": (lambda: time.sleep(60), "took longer than 1.5 s"),
    "hang that hears nothing": (_kept_alive, "took longer than 1.5 s"),
    "error": (_raises(ZeroDivisionError()), "died (exit status 1)"),
}


@contextmanager
def _replaced(owner: Any, name: str, error: BaseException) -> Iterator[None]:
    """An operation fails in this thread; others may still be writing."""
    real, here = getattr(owner, name), get_ident()

    def call(*arguments: Any, **keywords: Any) -> Any:
        if get_ident() == here:
            raise error
        return real(*arguments, **keywords)

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, real)


@contextmanager
def _limited(kind: int, most: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {  # what goes wrong around a figure, and how that is told
    "engine": (lambda: _replaced(drawing, "draw", RuntimeError("by hand")), "RuntimeError: by hand"),
    "exit of a library": (lambda: _replaced(drawing, "draw", SystemExit(0)), "SystemExit: 0"),
    "memory": (lambda: _replaced(drawing, "draw", MemoryError()), "out of memory"),
    "open": (lambda: _replaced(Path, "open", FULL), "No space left on device"),
    "fsync": (lambda: _replaced(os, "fsync", FULL), "No space left on device"),
    "replace": (lambda: _replaced(Path, "replace", FULL), "No space left on device"),
    "journal": (lambda: _replaced(os, "write", FULL), "No space left on device"),
    "size": (lambda: _limited(resource.RLIMIT_FSIZE, 100), "File too large"),
    "descriptors": (lambda: _limited(resource.RLIMIT_NOFILE, 3), "Too many open files"),
}


class Faulty(Drawer):
    """Draws, and does what the name of a sample says; limits are the process's, so that what is written comes first."""

    writing: tuple[Future[Outcome], ...] = ()

    def __call__(self, task: Task) -> Future[Outcome]:
        name = task.sample.name
        if name in FATAL:
            FATAL[name][0]()
        if name not in FAULTS:
            drawn = super().__call__(task)
            self.writing = (*(each for each in self.writing if not each.done()), drawn)
            return drawn
        wait(self.writing)
        with FAULTS[name][0]():
            return finished(self.outcome(render_one(task.sample, task.format, task.options), task))


def work(task: Any) -> Future[Any]:
    """A number is doubled; "die", "sleep" and "kill" do that."""
    if task == "die":
        os._exit(3)
    if task == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "sleep":
        time.sleep(60)
    return finished((2 * task, os.getpid()))
