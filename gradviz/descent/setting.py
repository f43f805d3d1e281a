"""What is asked for -> parameters at their start, data and a plan, all checked before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from math import isfinite, prod
from typing import Any, Final

import numpy

from gradviz.descent.loop import Plan as Way
from gradviz.descent.loop import Run, Tell, descend
from gradviz.descent.objectives import Batch, Found, Objective, Parameters, objective
from gradviz.descent.schedules import schedule
from gradviz.descent.starts import Shape, started
from gradviz.descent.updates import update
from gradviz.errors import OptionError, ValuesError, in_words, nearest
from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.limits import beyond, most
from gradviz.values import checked, number_or_array

ALL: Final = Batch()
OF_POINT: Final = 3  # numbers that are kept of an iteration beside the parameters


class Descent:
    """A descent that can run: what is made small, from where, and how."""

    def __init__(
        self,
        graph: Graph,
        values: Mapping[str, Any],
        columns: Mapping[str, Any],
        *,
        wrt: Collection[str] | str | None = None,
        lr: float = 0.1,
        iterations: int = 100,
        update_by: str = "gd",
        schedule_by: str = "constant",
        tolerance: float = 0.0,
        batch: Batch = ALL,
        init: str | None = None,
        seed: int = 0,
        shapes: Mapping[str, Shape] | None = None,
    ) -> None:
        """Raises `OptionError` or `ValuesError`; see `api.descend`."""
        self.graph, self.columns, self.lr = graph, columns, lr
        self.iterations, self.tolerance, self.batch = iterations, tolerance, batch
        self.update_by, self.schedule_by = update_by, schedule_by
        self._check()
        known = {normal(name): value for name, value in values.items()}
        names = _wrt(graph, known, columns, wrt, random=init is not None)
        self.start: Final = Parameters(_start(names, known, init, seed, shapes or {}))
        fixed = {name: value for name, value in known.items() if name not in names}
        given = {**fixed, **self.start.named(self.start.vector)}
        numbers = dict(zip(graph.input_names, checked(graph, {**given, **dict.fromkeys(columns, 0.0)}), strict=True))
        self.values: Final = {name: value for name, value in numbers.items() if name not in columns}
        self.objective: Final[Objective] = objective(graph, self.values, columns, self.start, batch)
        if (count := (iterations + 1) * (len(self.start.vector) + OF_POINT)) > most("walked"):
            raise OptionError(f"a long descent: {beyond('walked', count)}")

    def _check(self) -> None:
        if not (isfinite(self.lr) and self.lr > 0):
            raise OptionError(f"the learning rate must be a positive number, not {self.lr:g}")
        if self.iterations < 0:
            raise OptionError(f"the iterations must be 0 or more, not {self.iterations}")
        if not self.tolerance >= 0:
            raise OptionError(f"the tolerance must be 0 or more, not {self.tolerance:g}")
        if self.batch.size is not None and not (self.columns and self.batch.size > 0):
            raise OptionError("a batch size is a number of rows of data, 1 or more")
        if self.batch.seed is not None and self.batch.size is None:
            raise OptionError("shuffling is for batches of rows; give a batch size too")

    def run(self, tell: Tell | None = None) -> Run:
        """Walk down; `tell` is called with the iteration, the loss and the norm of the gradient."""
        factor = schedule(self.schedule_by, self.iterations)
        step = update(self.update_by, len(self.start.vector))
        way = Way(step, lambda k: self.lr * factor(k), self.iterations, self.tolerance)
        return descend(self.objective.at, self.objective.batches(), self.start, way, tell)

    def loss(self, vector: Any) -> float:
        """The loss over all rows at a vector of parameters."""
        return self._at(vector)[0]

    @property
    def size(self) -> int:
        """How many numbers a loss is computed from, roughly."""
        numbers = sum(numpy.size(value) for value in (*self.values.values(), *self.columns.values()))
        return len(self.graph) * (self.objective.rows if self.columns else 1) + numbers

    def gradient(self, vector: Any) -> Any:
        """The gradient of the loss over all rows."""
        return self._at(vector)[1]

    def _at(self, vector: Any) -> Found:
        whole, rows = self._whole
        with numpy.errstate(all="ignore"):
            return whole.at(vector, rows)

    @cached_property
    def _whole(self) -> tuple[Objective, Any]:
        """The mean over all rows, and what stands for these."""
        whole = objective(self.graph, self.values, self.columns, self.start, Batch())
        return whole, next(whole.batches())


def _wrt(
    graph: Graph,
    values: Mapping[str, Any],
    columns: Mapping[str, Any],
    wrt: Collection[str] | str | None,
    *,
    random: bool,
) -> list[str]:
    """The names of the parameters: those without a value, or all that are no data, unless given."""
    if wrt is None:
        rest = [name for name in graph.input_names if name not in columns]
        wrt = rest if columns else [name for name in rest if name not in values]
        if not wrt:
            among = f"; name the parameters among {in_words(graph.input_names)}" if graph.inputs else ""
            raise OptionError(f"nothing to learn: every input has a value{among}")
    names = [normal(name.strip()) for name in (wrt.split(",") if isinstance(wrt, str) else wrt)]
    if not names:
        raise OptionError("nothing to learn: no parameter is named")
    for name in names:
        if name in columns:
            raise OptionError(f"wrt: '{name}' is a column of the data")
        if name not in graph.input_names:
            raise OptionError(f"wrt: the program has no input '{name}'{nearest(name, graph.input_names)}")
        if name not in values and not random:
            raise ValuesError(f"no value for '{name}' to start from; give one, or draw it (init 'normal')")
    return list(dict.fromkeys(names))


def _start(
    names: Iterable[str], values: Mapping[str, Any], init: str | None, seed: int, shapes: Mapping[str, Shape]
) -> dict[str, Any]:
    """Where each parameter starts: at its value, or at random."""
    names = list(names)
    for name, shape in shapes.items():
        if name not in names or name in values:
            raise OptionError(f"shapes: '{name}' is no parameter that is drawn at random{nearest(name, names)}")
        if prod(shape) > most("entries"):
            raise OptionError(f"shapes: '{name}' has {beyond('entries', prod(shape))}")
    drawn = {name: shapes.get(name, ()) for name in names if name not in values}
    random = started(init, drawn, seed) if init is not None else {}
    return {
        name: number_or_array(f"the value of '{name}'", values[name]) if name in values else random[name]
        for name in names
    }
