"""Processes of the system, looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep


def is_gone(process: int) -> bool:
    """Whether there is no such process, or only what nobody has waited for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def soon(fact: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = monotonic() + seconds
    while not fact():
        if monotonic() > until:
            return False
        sleep(0.005)
    return True
