"""Scalar circuits, forward and backward: building included, evaluated again, and how time grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks import ours
from benchmarks.children import in_child
from benchmarks.circuits import SHAPES, Circuit
from benchmarks.clock import Outcome, Run, Times, growth, race
from benchmarks.findings import OURS, Finding, Part, Target, bounded, compared, ratio, short
from benchmarks.peers import of

TESTED: Final = ("wide", "window", "chain")
TARGETS: Final = {"micrograd": Target("≥", 10), "torch": Target("≥", 20), "autograd": None}
AGAIN: Final = Target("≥", 100)
LINEAR: Final = Target("≤", 1.1)
BACKWARD: Final = Target("≤", 3)
AGAIN_FROM: Final = 100_000  # nodes from which the target of a wide circuit evaluated again holds
MOST_SECONDS: Final = 90.0  # for micrograd without a limit of recursion


def measure(runs: int, sizes: Sequence[int], slow_to: int, seconds: float) -> Iterator[Part]:
    """Every shape at every size; HIPS autograd up to `slow_to` gates."""
    for shape in TESTED:
        found: list[Outcome] = []
        for size in sizes:
            circuit = SHAPES[shape](size)
            outcomes = race(_contestants(circuit, slow=size <= slow_to), runs, seconds)
            found.append(outcomes[OURS])
            what = f"{shape}, {size:,} nodes"
            yield Part(what, outcomes, tuple(_findings(what, outcomes)))
        yield Part(f"{shape}, growth", {}, (growing(f"{shape}: time ~ nodes^e, e", sizes, found),))
        if shape == "chain":
            yield from _without_limit(shape, sizes)


def _contestants(circuit: Circuit, *, slow: bool) -> dict[str, Run | str]:
    return {
        OURS: ours.contestant(circuit),
        **ours.on_built(circuit),
        **{peer: of(peer, "contestant", circuit) for peer in TARGETS if slow or peer != "autograd"},
    }


def _findings(what: str, outcomes: dict[str, Outcome]) -> Iterator[Finding]:
    for peer, target in TARGETS.items():
        if peer in outcomes:
            yield compared(what, outcomes, peer, target, item="node")
    wide = what.startswith("wide")
    items = outcomes[OURS].items if isinstance(outcomes[OURS], Times) else 0
    target = AGAIN if wide and items >= AGAIN_FROM * 0.9 else None
    yield compared(f"{what}, evaluated again", outcomes, "micrograd", target, item="node", ours=ours.AGAIN)
    forward, backward = outcomes[ours.FORWARD], outcomes[ours.BACKWARD]
    if isinstance(forward, Times) and isinstance(backward, Times):
        times = ratio(backward, forward, "cpu", upper=True)
        yield bounded(f"{what}, backward against forward", times, "x", BACKWARD)


def growing(what: str, sizes: Sequence[int], outcomes: Sequence[Outcome], target: Target = LINEAR) -> Finding:
    """The exponent of the CPU time of whole runs."""
    amounts = [outcome.each("cpu") * outcome.items for outcome in outcomes if isinstance(outcome, Times)]
    if len(sizes) < 2:
        return Finding(what, "one size only")
    if len(amounts) < len(sizes):
        return bounded(what, next(outcome for outcome in outcomes if isinstance(outcome, str)), "", target)
    return bounded(what, growth(sizes, amounts), "", target, f"{sizes[0]:,} to {sizes[-1]:,}")


def _without_limit(shape: str, sizes: Sequence[int]) -> Iterator[Part]:
    """What becomes of micrograd beyond its recursion where the limit is raised, in a process of its own."""
    if not isinstance(of("micrograd", "passes", SHAPES[shape](6)), list):
        return
    told = in_child("benchmarks.peers.micrograd:unlimited", shape, sizes[-1], limit=MOST_SECONDS)
    shown = told if isinstance(told, str) else f"survives, output {short(told)}"
    what = f"{shape}, {sizes[-1]:,} nodes, micrograd with its limit of recursion raised"
    yield Part(what, {}, (Finding(what, "", shown),))
