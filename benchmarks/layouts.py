"""Large figures: layout and SVG, each in a process of its own, and plain `dot` on a DOT of the same circuit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter, process_time
from typing import Any, Final

import gradviz
from benchmarks.children import MEGABYTE, in_child
from benchmarks.circuits import SHAPES, program, values
from benchmarks.clock import Outcome, Times
from benchmarks.findings import OURS, Finding, Part, Target, compared, seconds, short
from benchmarks.peers import missing
from benchmarks.peers.dot import drawing
from benchmarks.scalars import growing

TESTED: Final = ("random", "chain", "perceptron")
TARGETS: Final[Mapping[int, Target]] = {300: Target("<", 0.5), 10_000: Target("<", 3), 30_000: Target("<", 12)}
LINEAR: Final = Target("≤", 1.2)
FROM: Final = 1_000  # gates from which growth is judged


def measure(runs: int, sizes: Sequence[int], dot_sizes: Sequence[int], limit: float) -> Iterator[Part]:
    """Every shape at every size, up to the first that takes more than `limit` seconds."""
    for shape in TESTED:
        found: list[Outcome] = []
        told, dot_told = "", ""
        for size in sizes:
            outcome: Outcome = told or figure_times(shape, size, runs, limit)
            told = told or _beyond(outcome, size)
            found.append(outcome)
            what = f"{shape}, {size:,} gates"
            outcomes = {OURS: outcome}
            findings = [seconds(what, outcome, TARGETS.get(size))]
            if size in dot_sizes:
                outcomes["dot"] = dot_told or missing("dot") or drawing(shape, size, limit)
                dot_told = dot_told or _beyond(outcomes["dot"], size)
                findings.append(against_dot(what, outcomes, limit))
            yield Part(what, outcomes, tuple(findings))
        yield Part(f"{shape}, growth", {}, (_growth(shape, sizes, found),))


def against_dot(what: str, outcomes: Mapping[str, Outcome], limit: float) -> Finding:
    """How many times faster; at least how many where `dot` was ended at the limit."""
    found, mine = compared(what, outcomes, "dot", None, item="figure"), outcomes[OURS]
    ended = str(outcomes["dot"]).startswith("more than")
    if isinstance(mine, str) or not ended:
        return found
    return found._replace(shown=f"more than {short(limit / mine.each('wall'))}x wall")


def _beyond(outcome: Outcome, size: int) -> str:
    """What is said of larger sizes once one has failed."""
    return f"not tried: {outcome} at {size:,}" if isinstance(outcome, str) else ""


def _growth(shape: str, sizes: Sequence[int], found: Sequence[Outcome]) -> Finding:
    judged = [(size, outcome) for size, outcome in zip(sizes, found, strict=True) if size >= FROM]
    what = f"{shape}: time ~ gates^e, e"
    return growing(what, [size for size, _ in judged], [outcome for _, outcome in judged], LINEAR)


def figure_times(shape: str, gates: int, runs: int, limit: float) -> Outcome:
    """The times of a figure of a program that is parsed already, the first of a process, `runs` times."""
    found = []
    for _ in range(runs):
        told = in_child("benchmarks.layouts:figure", shape, gates, limit=limit)
        if isinstance(told, str):
            return told
        found.append(told)
        if sum(times["wall"] for times in found) > limit:
            break
    return Times(tuple(t["wall"] for t in found), tuple(t["cpu"] for t in found), 0)


def figure(shape: str, gates: int) -> dict[str, Any]:
    """In a child: seconds from the graph and its values to the SVG, and its size."""
    circuit = SHAPES[shape](gates)
    graph, given = gradviz.parse(program(circuit)), values(circuit)
    gradviz.draw("w*x", {"w": 1, "x": 2}).svg  # noqa: B018  imports
    cpu, wall = process_time(), perf_counter()
    svg = gradviz.draw(graph, given).svg
    cpu, wall = process_time() - cpu, perf_counter() - wall
    if svg.count("<text") < len(circuit.gates):
        raise RuntimeError(f"{svg.count('<text')} texts for {len(circuit.gates)} gates")
    return {"cpu": cpu, "wall": wall, "megabytes": len(svg) / MEGABYTE}
