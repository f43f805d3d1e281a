"""Warm: different figures of 13 wires drawn in one process."""

from __future__ import annotations

from collections.abc import Iterator

import gradviz
from benchmarks.clock import Run, race
from benchmarks.findings import OURS, Part, Target, compared
from benchmarks.peers import of
from benchmarks.programs import figures

FASTER = Target("≥", 5)


def measure(runs: int, programs: int, piped: int) -> Iterator[Part]:
    """`draw` of different programs against `Source.pipe` of the DOT texts of some of them."""
    drawn = figures(programs)
    texts = [gradviz.draw(*figure).render("dot").decode() for figure in drawn[:piped]]
    contestants = {
        OURS: Run(lambda: [gradviz.draw(*figure).svg for figure in drawn], programs),
        "graphviz": of("graphviz", "contestant", texts),
    }
    outcomes = race(contestants, runs)
    yield Part(
        f"{programs} programs, {piped} piped",
        outcomes,
        (compared("draw() of different programs", outcomes, "graphviz", FASTER, item="figure"),),
    )
