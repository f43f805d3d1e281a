"""Interleaved runs -> Times: wall and CPU time of ways to compute the same, children included."""

from __future__ import annotations

import gc
import math
import resource
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from textwrap import shorten
from time import perf_counter, process_time
from typing import Any, NamedTuple

CLOCKS = ("cpu", "wall")
LONGEST = 52  # characters of an error that is told


class Times(NamedTuple):
    """Seconds of each run, and how many times the collector ran in all of them."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]  # of this process and of the children it waited for
    collections: int
    items: int = 1  # what one run does: nodes, figures, rows, lines

    def each(self, clock: str) -> float:
        """The median of a clock, in seconds an item."""
        runs: tuple[float, ...] = getattr(self, clock)
        return median(runs) / self.items


Outcome = Times | str  # or why there are no times


class Run(NamedTuple):
    """One contestant: what is timed, how many items it does, and the numbers by which it is held to the others."""

    call: Callable[[], Any]
    items: int = 1
    numbers: Callable[[Any], Sequence[float]] | None = None


class DisagreementError(Exception):
    """Two contestants did not compute the same."""


def race(
    contestants: Mapping[str, Run | str], runs: int, seconds: float = 10.0, *, tolerance: float = 1e-6
) -> dict[str, Outcome]:
    """The times of each contestant, run in turns so that all meet the same machine.

    The first run of each warms up and is dropped, unless it used up the `seconds` that a contestant has; with these
    gone it rests. The numbers of that first run must agree to the relative `tolerance`. A contestant that raises is
    out, and its outcome is the error; a text instead of a run is its outcome.
    """
    found: dict[str, list[Times]] = {name: [] for name in contestants}
    told = {name: run for name, run in contestants.items() if isinstance(run, str)}
    numbers: dict[str, Sequence[float]] = {}
    for turn in range(runs + 1):
        for name, run in contestants.items():
            spent = sum(once.wall[0] for once in found[name])
            if isinstance(run, str) or name in told or spent > seconds:
                continue
            try:
                times, result = timed(run)
            except Exception as error:  # whatever ends a peer is its result
                told[name] = shorten(f"{type(error).__name__}: {error}", LONGEST, placeholder="…")
                continue
            found[name].append(times)
            if turn == 0 and run.numbers:
                numbers[name] = run.numbers(result)
            del result
        if turn == 0:
            agree(numbers, tolerance)
    return {name: told[name] if name in told else together(found[name]) for name in contestants}


def timed(run: Run) -> tuple[Times, Any]:
    """One run with the collector on, as its users have it, after it has cleared away what others left."""
    gc.collect()
    before = sum(generation["collections"] for generation in gc.get_stats())
    cpu, wall = cpu_seconds(), perf_counter()
    result = run.call()
    wall, cpu = perf_counter() - wall, cpu_seconds() - cpu
    after = sum(generation["collections"] for generation in gc.get_stats())
    return Times((wall,), (cpu,), after - before, run.items), result


def cpu_seconds() -> float:
    """The CPU time that this process and the children it waited for have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def together(runs: Sequence[Times]) -> Times:
    """Single runs as one, without the first if there are others."""
    kept = runs[1:] or runs
    return Times(
        tuple(run.wall[0] for run in kept),
        tuple(run.cpu[0] for run in kept),
        sum(run.collections for run in kept),
        kept[0].items,
    )


def agree(numbers: Mapping[str, Sequence[float]], tolerance: float) -> None:
    """Raise `DisagreementError` unless all contestants found the numbers of the first."""
    (first, expected), *others = list(numbers.items()) or [("", ())]
    for name, found in others:
        if len(found) != len(expected) or not all(map(_close(tolerance), found, expected)):
            raise DisagreementError(f"{name} computes {list(found)[:4]}, {first} {list(expected)[:4]}")


def _close(tolerance: float) -> Callable[[float, float], bool]:
    return lambda a, b: math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


def growth(sizes: Sequence[float], amounts: Sequence[float]) -> float:
    """The exponent e of amount ~ size^e: the slope of least squares on logarithms.

    >>> round(growth([10, 100, 1000], [3, 300, 30000]), 6)
    2.0
    """
    xs, ys = [math.log(size) for size in sizes], [math.log(amount) for amount in amounts]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / sum((x - x_mean) ** 2 for x in xs)
