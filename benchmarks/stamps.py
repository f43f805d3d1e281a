"""One program with many sets of values: laid out once, numbers stamped in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradviz
from benchmarks.clock import Outcome, Run, race
from benchmarks.findings import OURS, Part, Target, compared
from benchmarks.models import MODELS, values
from benchmarks.ours import there
from benchmarks.peers import of

FASTER = Target("≥", 200)


def measure(runs: int, rows: int, piped: int) -> Iterator[Part]:
    """`draw_many` against `Source.pipe` of the DOT texts of some of the rows."""
    model = MODELS["neuron"]
    columns = {name: column.tolist() for name, column in values(model, rows).items()}
    singly = [dict(zip(columns, row, strict=True)) for row in list(zip(*columns.values(), strict=True))[:piped]]
    texts = [gradviz.draw(model.program, row).render("dot").decode() for row in singly]
    contestants: dict[str, Run | str] = {
        OURS: there("draw_many") or Run(lambda: stamped(model.program, columns, rows), rows),
        "graphviz": of("graphviz", "contestant", texts),
    }
    outcomes: dict[str, Outcome] = race(contestants, runs)
    what = f"one program, {rows:,} sets of values"
    yield Part(what, outcomes, (compared(what, outcomes, "graphviz", FASTER, item="figure"),))


def stamped(program: str, columns: dict[str, Any], rows: int) -> None:
    """All figures, each let go when the next one comes, as a writer of files would."""
    count = 0
    for figure in gradviz.draw_many(program, columns):
        count += figure.rstrip().endswith("</svg>")
    if count != rows:
        raise RuntimeError(f"{count} figures of {rows} rows")
