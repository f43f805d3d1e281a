"""What ends a process from outside: an interrupt, a request to end; and work that neither disturbs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, Final, NoReturn

ENDS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # besides an interrupt, which Python raises by itself


@contextmanager
def raised() -> Iterator[None]:
    """A request to end the process becomes a `SystemExit` with the status that shells give it, 143 for SIGTERM."""
    with _handled(_end, *(number for number in ENDS if signal.getsignal(number) == signal.SIG_DFL)):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """What cleans up is not ended in the middle."""
    with _handled(signal.SIG_IGN, signal.SIGINT, *ENDS):
        yield


@contextmanager
def _handled(handler: Any, *numbers: signal.Signals) -> Iterator[None]:
    """Signals handled in a way meanwhile, where this may be chosen: in the main thread."""
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            signal.signal(number, handler)
        yield
    finally:
        for number, handled in before.items():
            if handled is not None:  # one that is not Python's cannot be set again
                signal.signal(number, handled)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
