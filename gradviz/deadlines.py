"""What takes too long is ended: a watching thread raises an exception in the thread that works.

SymPy and an exact layout have no loop of their own to look at a clock from. The exception comes between two steps of
Python, so it ends all but a single step that takes long. Nobody else catches it: it is no `Exception`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread, get_ident, local
from typing import Final, TypeVar

from gradviz.errors import GradvizError
from gradviz.limits import beyond, most

AGAIN: Final = 0.2  # seconds, after which it is raised again if somebody caught it all the same
LONGEST: Final = 1e6  # seconds that a thread can wait
_STEPS: Final = 10_000  # an exception comes within one

Found = TypeVar("Found")


class Expired(BaseException):
    """The time is up."""


class _Here(local):
    is_watched = False


_HERE: Final = _Here()


def within(name: str, error: type[GradvizError], problem: str, work: Callable[[], Found]) -> Found:
    """What `work` returns, which has the seconds of a limit; raises `error` with `problem` and the limit after that.

    Of two, one within the other, the outer one counts. Works in any thread of CPython; elsewhere nothing is ended.
    """
    if _HERE.is_watched:
        return work()
    watch = _Watch(most(name))
    _HERE.is_watched = True
    try:
        with _quiet():
            try:
                watch.start()
                return work()
            finally:
                watch.end()
    except Expired:
        watch.end()
        _forget()
        raise error(f"{problem}: {beyond(name)}") from None
    finally:
        _HERE.is_watched = False


@contextmanager
def _quiet() -> Iterator[None]:
    """An exception that comes while an object is cleared away is lost, and need not be told: it comes again."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if issubclass(lost.exc_type, Expired) else before(lost)
    try:
        yield
    finally:
        sys.unraisablehook = before


def _forget() -> None:
    """Let SymPy find out anew what it may have kept half done."""
    if cache := sys.modules.get("sympy.core.cache"):
        cache.clear_cache()


class _Watch:
    """A thread that interrupts the one it was made in, again and again, from some seconds on until it is ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.watched = seconds, get_ident()
        self.lock, self.ended, self.struck = Lock(), Event(), False

    def start(self) -> None:
        with suppress(RuntimeError):  # where no thread can be had nothing is watched
            Thread(target=self._watch, daemon=True).start()

    def end(self) -> None:
        """From here on nothing is raised."""
        try:
            self._end()
        except Expired:
            self._end()

    def _end(self) -> None:
        with self.lock:
            self.ended.set()
        if self.struck:
            _let_come(self.watched)

    def _watch(self) -> None:
        seconds = min(self.seconds, LONGEST)
        while not self.ended.wait(seconds):
            with self.lock:
                if not self.ended.is_set():
                    self.struck = True
                    _interrupt(self.watched, Expired)
            seconds = AGAIN


def _let_come(thread: int) -> None:
    """Have an exception that may be on its way come here, in its thread.

    One that is taken back instead would leave CPython 3.11 looking for it at every step, for ever with a tracer.
    """
    with suppress(Expired):
        _interrupt(thread, Expired)
        for _ in range(_STEPS):
            pass


def _interrupt(thread: int, exception: type[BaseException]) -> None:
    """Raise an exception in a thread, instead of one that has not come yet."""
    with suppress(ImportError):  # not CPython
        from ctypes import c_ulong, py_object, pythonapi

        pythonapi.PyThreadState_SetAsyncExc(c_ulong(thread), py_object(exception))
