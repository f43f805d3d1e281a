"""The same circuit on many rows of inputs: arrays, and a file of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy

import gradviz
from benchmarks.children import MEGABYTE, Done, forget_peak, how_it_ended, in_child, process, resident, weighed
from benchmarks.clock import Outcome, Run, race
from benchmarks.cold import BOTH, COMMAND
from benchmarks.findings import OURS, Part, Target, bounded, compared, seconds
from benchmarks.models import MODELS, Model, values
from benchmarks.ours import there
from benchmarks.peers import of

FASTER: Final = Target("≥", 1.5, BOTH)
TENS: Final = Target("≤", 100)
PEERS: Final = ("jax", "torch")


def measure(runs: int, rows: int, table_rows: int) -> Iterator[Part]:
    """Every model against the peers, then memory, then `gradviz table`."""
    for name, model in MODELS.items():
        given = values(model, rows)
        contestants: dict[str, Run | str] = {OURS: there("evaluate_many") or many(model, given, rows)}
        contestants |= {peer: of(peer, "rows", model, given, rows) for peer in PEERS}
        outcomes = race(contestants, runs, 20.0)
        found = [compared(f"{name}, {rows:,} rows", outcomes, peer, FASTER, item="row") for peer in PEERS]
        more = there("evaluate_many") or in_child("benchmarks.rows:memory", name, rows)
        what = f"{name}, {rows:,} rows, memory beside inputs and results"
        yield Part(name, outcomes, (*found, bounded(what, more, " MB", TENS)))
    yield table(table_rows)


def many(model: Model, given: dict[str, Any], rows: int) -> Run:
    """`evaluate_many` on a graph that is there already."""
    graph = gradviz.parse(model.program)
    return Run(lambda: gradviz.evaluate_many(graph, given), rows, lambda found: totals(found, given))


def totals(found: Any, names: Any) -> list[float]:
    """The sums over all rows of the output and of each gradient."""
    return [float(found.output.sum()), *(float(found.grads[name].sum()) for name in names)]


def memory(name: str, rows: int) -> float:
    """In a child: megabytes at the peak beyond what inputs and results take."""
    model = MODELS[name]
    given = values(model, rows)
    graph = gradviz.parse(model.program)
    gradviz.evaluate_many(graph, {name: value[:10] if numpy.ndim(value) else value for name, value in given.items()})
    forget_peak()
    before = resident()["has"]
    found = gradviz.evaluate_many(graph, given)
    results = found.output.nbytes + sum(found.grads[name].nbytes for name in given)
    more: int = resident()["peak"] - before - results
    return max(0.01, more / MEGABYTE)


def table(rows: int) -> Part:
    """`gradviz table` on a file, in a process of its own: seconds and the memory of the whole process."""
    model = MODELS["neuron"]
    what = f"gradviz table, {rows:,} rows of {len(model.columns)} columns"
    with TemporaryDirectory() as folder:
        done = _tabulated(Path(folder), model, rows)
    outcome: Outcome = done.times if isinstance(done, Done) else done
    peak = done.peak / MEGABYTE if isinstance(done, Done) else done
    return Part(what, {OURS: outcome}, (seconds(what, outcome, None), bounded(f"{what}: memory", peak, " MB", TENS)))


def _tabulated(folder: Path, model: Model, rows: int) -> Done | str:
    """The command's process, or why there is none; its result must have a row for each of the file's."""
    columns = numpy.column_stack(list(values(model, rows).values()))
    numpy.savetxt(folder / "in.csv", columns, "%.6f", ",", header=",".join(model.columns), comments="")
    listed = process([*COMMAND, "--help"])
    if isinstance(listed, str) or not any(
        line.split()[:1] == ["table"] for line in listed.output.decode().splitlines()
    ):
        return "not there: gradviz table"
    out = folder / "out.csv"
    done = weighed([*COMMAND, "table", str(folder / "in.csv"), model.program, "-o", str(out)], 300)
    if isinstance(done, str) or done.status:
        return done if isinstance(done, str) else how_it_ended(done)
    with out.open() as lines:
        written = sum(1 for _ in lines) - 1
    return done if written == rows else f"{written} rows written"
