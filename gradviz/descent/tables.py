"""A descent for machines: JSON and CSV with a row for each iteration; parameters as a file of values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from gradviz.descent.loop import Run, told
from gradviz.descent.setting import Descent
from gradviz.formats.json import as_json, listed


def as_table(run: Run) -> Iterator[list[Any]]:
    """A heading, then iteration, loss, norm of the gradient and each number of the parameters."""
    yield ["iteration", "loss", "gradient_norm", *run.start.entries]
    numbers = zip(run.losses.tolist(), run.norms.tolist(), run.vectors.tolist(), strict=True)
    for iteration, (loss, norm, vector) in enumerate(numbers):
        yield [iteration, loss, norm, *vector]


def to_csv(run: Run) -> bytes:
    """The table with commas; names that begin like a formula of a spreadsheet are none of a program's."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(as_table(run))
    return out.getvalue().encode()


def to_json(descent: Descent, run: Run) -> bytes:
    """All of it; nan and infinities are the texts "nan", "inf", "-inf"."""
    points = [
        {"iteration": k, "loss": listed(loss), "gradient_norm": listed(norm), "parameters": jsonable(run.at(k))}
        for k, (loss, norm) in enumerate(zip(run.losses.tolist(), run.norms.tolist(), strict=True))
    ]
    return as_json({
        "program": descent.graph.program,
        "lr": descent.lr,
        "update": descent.update_by,
        "schedule": descent.schedule_by,
        "ended": run.ended,
        "note": told(run, descent.lr),
        "parameters": jsonable(run.parameters),
        "points": points,
    })  # fmt: skip


def values_file(parameters: dict[str, Any]) -> bytes:
    """Parameters as JSON that `--values` reads."""
    return as_json(jsonable(parameters))


def jsonable(parameters: dict[str, Any]) -> dict[str, Any]:
    """Arrays as nested lists."""
    return {name: listed(value) for name, value in parameters.items()}
