"""Memory of scalar circuits: bytes a node, retained and at the peak, each size in a process of its own."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any, Final

import gradviz
from benchmarks.children import forget_peak, in_child, resident
from benchmarks.circuits import SHAPES, values
from benchmarks.clock import growth
from benchmarks.findings import Part, Target, bounded
from benchmarks.ours import built
from benchmarks.scalars import LINEAR, TESTED

BYTES: Final = Target("≤", 160)
FEW: Final = 3_000
MEASURED: Final = {
    "traced": {"retained": "graph and trace as allocated", "peak": "the most while building and evaluating"},
    "resident_growth": {"retained": "growth of the process", "peak": "growth of its peak"},
}


def measure(runs: int, **sizes: Sequence[int]) -> Iterator[Part]:  # noqa: ARG001  memory needs no repetition
    """Bytes a node by tracemalloc, which takes its time, and by the process, each at its sizes; and how they grow."""
    for shape in TESTED:
        for way, meanings in MEASURED.items():
            found = [in_child(f"benchmarks.memory:{way}", shape, size) for size in sizes[way]]
            yield Part(f"{shape}, {way}", {}, tuple(_findings(shape, sizes[way], found, meanings)))


def _findings(shape: str, sizes: Sequence[int], found: Sequence[Any], meanings: dict[str, str]) -> Iterator[Any]:
    failed = [told for told in found if isinstance(told, str)]
    for name, meaning in meanings.items():
        what = f"{shape}, {sizes[-1]:,} nodes, {name}"
        amount = failed[0] if failed else found[-1][name] / sizes[-1]
        yield bounded(what, amount, " bytes a node", BYTES, meaning)
        if not failed and len(sizes) > 1:
            exponent = growth(sizes, [amounts[name] for amounts in found])
            yield bounded(f"{shape}: {name} ~ nodes^e, e", exponent, "", LINEAR)


def traced(shape: str, gates: int) -> dict[str, int]:
    """In a child: what building and evaluating allocates, by tracemalloc."""
    circuit = SHAPES[shape](gates)
    given, columns = values(circuit), circuit.columns
    _warm_up(shape)
    tracemalloc.start()
    trace = gradviz.evaluate(built(given, *columns), given)
    retained, peak = tracemalloc.get_traced_memory()
    return {"retained": retained, "peak": peak, "nodes": len(trace.graph)}


def _warm_up(shape: str) -> None:
    """Import what a circuit of thousands of nodes needs."""
    circuit = SHAPES[shape](FEW)
    given = values(circuit)
    gradviz.evaluate(built(given, *circuit.columns), given)


def resident_growth(shape: str, gates: int) -> dict[str, int]:
    """In a child: by how much the process grows."""
    circuit = SHAPES[shape](gates)
    given, columns = values(circuit), circuit.columns
    _warm_up(shape)
    forget_peak()
    before = resident()["has"]
    trace = gradviz.evaluate(built(given, *columns), given)
    after = resident()
    return {"retained": after["has"] - before, "peak": after["peak"] - before, "nodes": len(trace.graph)}
