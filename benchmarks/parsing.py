"""Parsing of long programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import gradviz
from benchmarks.circuits import seeded
from benchmarks.clock import Outcome, Run, race
from benchmarks.findings import OURS, Part, Target, compared
from benchmarks.peers import of
from benchmarks.scalars import growing

FASTER: Final = Target("≥", 10)
SHORTEST: Final = 20  # lines below which names come from the inputs


def measure(runs: int, sizes: Sequence[int], sample: int) -> Iterator[Part]:
    """Programs of different lengths; SymPy reads a sample of the lines of the longest."""
    found: list[Outcome] = []
    for size in sizes:
        text = program(size)
        contestants: dict[str, Run | str] = {OURS: Run(partial(gradviz.parse, text), size)}
        if size == sizes[-1]:
            lines = text.splitlines()
            contestants["sympy"] = of("sympy", "contestant", lines[:: max(1, size // sample)])
        outcomes = race(contestants, runs)
        found.append(outcomes[OURS])
        shown = [compared(f"{size:,} lines", outcomes, "sympy", FASTER, item="line")] if "sympy" in contestants else []
        yield Part(f"{size:,} lines", outcomes, tuple(shown))
    yield Part("growth", {}, (growing("time ~ lines^e, e", sizes, found),))


def program(lines: int) -> str:
    """Lines such as `v7 = v3 + v5*v6`, each with the one before it, so that all reach the output."""
    random = seeded(lines)
    names = ["a", "b", "c", "d"]
    said = []
    for i in range(lines):
        left, right = random.choice(names[-SHORTEST:]), random.choice(names)
        said.append(f"v{i} = {names[-1]} {random.choice('+-')} {left}*{right}")
        names.append(f"v{i}")
    return "\n".join(said)
