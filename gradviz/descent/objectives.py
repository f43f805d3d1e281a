"""Graph + data -> Objective: the loss and its gradient at a vector of parameters, over all rows or batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from statistics import fmean
from typing import Any, Final, NamedTuple

import numpy

from gradviz import chunks, many, passes, tensors
from gradviz.graph import Graph
from gradviz.recorded import ChangedError, NotRecordedError, Recorded
from gradviz.tape import Tape
from gradviz.values import number_or_array

Vector = Any  # an array of float64


class Parameters:
    """Parameters by name, numbers and arrays, as one vector."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """`values` are where the descent starts."""
        arrays = {name: numpy.asarray(value, dtype=float) for name, value in values.items()}
        self.shapes: Final = {name: array.shape for name, array in arrays.items()}
        self.vector: Final = numpy.concatenate([array.ravel() for array in arrays.values()] or [numpy.empty(0)])
        ends = numpy.cumsum([0, *(array.size for array in arrays.values())]).tolist()
        self.spans: Final = {name: slice(*ends[k : k + 2]) for k, name in enumerate(arrays)}

    def named(self, vector: Vector) -> dict[str, Any]:
        """The parameters of a vector: floats, and arrays of their shapes."""
        return {name: self._one(vector[span], self.shapes[name]) for name, span in self.spans.items()}

    def views(self, vector: Vector) -> dict[str, Any]:
        """The same as arrays that look at the vector, and change with it."""
        return {name: vector[span].reshape(self.shapes[name]) for name, span in self.spans.items()}

    @staticmethod
    def _one(entries: Vector, shape: tuple[int, ...]) -> Any:
        return entries.reshape(shape).copy() if shape else float(entries[0])

    @property
    def entries(self) -> list[str]:
        """The name of each entry of the vector: w, W[0,1]."""
        return [
            f"{name}[{','.join(map(str, place))}]" if shape else name
            for name, shape in self.shapes.items()
            for place in numpy.ndindex(shape)
        ]


Found = tuple[float, Vector]  # a loss and its gradient


class Batch(NamedTuple):
    """How many rows one update looks at, all unless given, and in which order they come."""

    size: int | None = None
    seed: int | None = None  # of the order; as they stand without

    @property
    def shuffles(self) -> bool:
        """Whether each epoch has an order of its own."""
        return self.seed is not None

    def orders(self, rows: int) -> Iterator[Any]:
        """The order of each epoch, without end; None is as they stand."""
        if self.seed is None:
            yield from repeat(None)
        random = numpy.random.default_rng(self.seed)
        while True:
            yield random.permutation(rows)

    def of(self, rows: int) -> Iterator[Sequence[int]]:
        """The rows of each batch."""
        size = self.size or rows
        for order in self.orders(rows):
            numbers: Sequence[int] = range(rows) if order is None else order.tolist()
            yield from (numbers[first : first + size] for first in range(0, rows, size))


class Whole:
    """A program whose values are all of the data: one evaluation a step."""

    rows = 1

    def __init__(self, graph: Graph, fixed: Mapping[str, Any], start: Parameters, row: Mapping[str, Any] | None = None):
        """`fixed` are the values of the inputs that are no parameters, `row` those that others take the place of."""
        self.graph, self.fixed, self.start = graph, fixed, start
        self.nodes = nodes_of(graph, start)
        everything = {**fixed, **(row or {}), **start.named(start.vector)}
        self.plain = many.is_plain(graph, many.Given({}, everything, 1))
        self.vector = start.vector.copy()
        self.row = {name: numpy.array(value, dtype=float) for name, value in (row or {}).items()}
        self.recorded = None if self.plain else self._recorded(everything)

    def _recorded(self, values: Mapping[str, Any]) -> Recorded | None:
        """The passes as NumPy's calls on these arrays, if they can be written down."""
        known = tensors.checked(self.graph, [values[name] for name in self.graph.input_names])
        tensors.check_number(self.graph, known[self.graph.output])
        try:
            return Recorded(self.graph, values, {**self.row, **self.start.views(self.vector)}, self.nodes)
        except NotRecordedError:
            return None

    def batches(self) -> Iterator[None]:
        """The same, again and again."""
        return repeat(None)

    def at(self, vector: Vector, row: Mapping[str, Any] | None = None) -> Found:
        """The loss and its gradient."""
        if self.recorded:
            self.vector[:] = vector
            for name, value in (row or {}).items():
                self.row[name][...] = value
            with suppress(ChangedError):
                self.recorded.play()
                output, *found = self.recorded.results
                return float(output), numpy.concatenate([grad.ravel() for grad in found])
        values = {**self.fixed, **(row or {}), **self.start.named(vector)}
        inputs = [values[name] for name in self.graph.input_names]
        columns: Sequence[Any]
        grads: Sequence[Any]
        if self.plain:
            columns = passes.forward(self.graph, inputs)
            grads, _shares = passes.backward(self.graph, passes.local_gradients(self.graph, columns))
        else:
            columns, _local, grads, _shares = tensors.passes(self.graph, inputs, None, jacobian=False)
        return float(columns[self.graph.output]), numpy.concatenate([numpy.ravel(grads[node]) for node in self.nodes])


class Each:
    """A program of one row with arrays, and rows of data: the mean of the loss over them, evaluated row by row."""

    def __init__(self, graph: Graph, given: many.Given, start: Parameters, batch: Batch) -> None:
        """`given` has the columns, and what all rows share."""
        self.rows, self.batch = given.rows, batch
        shared = {name: value for name, value in given.shared.items() if name not in start.shapes}
        self.data = [
            {name: number_or_array(name, column[row]) for name, column in given.columns.items()}
            for row in range(given.rows)
        ]
        self.whole = Whole(graph, shared, start, self.data[0])

    def batches(self) -> Iterator[Sequence[int]]:
        """The numbers of the rows of each batch."""
        return self.batch.of(self.rows)

    def at(self, vector: Vector, batch: Sequence[int]) -> Found:
        """The mean loss of a batch and its gradient."""
        found = [self.whole.at(vector, self.data[row]) for row in batch]
        return fmean(loss for loss, _ in found), numpy.mean([grad for _, grad in found], axis=0)


class Rows:
    """A program of one row, and rows of data: the mean of the loss over them; all gates element-wise."""

    def __init__(self, graph: Graph, given: many.Given, start: Parameters, batch: Batch) -> None:
        """`given` has the columns, and what all rows share."""
        self.rows, self.batch = given.rows, batch
        tape = Tape()
        known: dict[str, Any] = {name: tape.input() for name in (*given.columns, *start.shapes)}
        known |= {name: numpy.float64(value) for name, value in given.shared.items() if name not in known}
        with numpy.errstate(all="ignore"):
            values = passes.forward(graph, [known[name] for name in graph.input_names], tape)
            grads, _ = passes.backward(graph, passes.local_gradients(graph, values, tape))
        self.plan = chunks.plan(tape, [values[graph.output], *(grads[node] for node in nodes_of(graph, start))])
        self.given = [numpy.ascontiguousarray(column) for column in given.columns.values()]
        self.columns = [column.copy() for column in self.given] if batch.shuffles else self.given
        self.vector = start.vector.copy()
        self.size = min(batch.size or self.rows, self.rows)
        self.pieces = min(self.plan.chunk, self.size)
        self.registers = chunks.registers_of(self.plan, self.pieces)
        self.results = numpy.empty((self.plan.results, self.pieces))
        self.fixed = numpy.array([0.0 if isinstance(each, int) else each for each in self.plan.wanted])
        self.places = [(k, each) for k, each in enumerate(self.plan.wanted) if isinstance(each, int)]

    def batches(self) -> Iterator[list[Any]]:
        """Steps bound to the rows of each batch; these are shuffled before each epoch if that is wished."""
        bound = [self._bound(first, min(first + self.size, self.rows)) for first in range(0, self.rows, self.size)]
        for order in self.batch.orders(self.rows):
            if order is not None:
                for column, given in zip(self.columns, self.given, strict=True):
                    column[:] = given[order]
            yield from bound

    def _bound(self, start: int, end: int) -> list[Any]:
        """For each chunk of these rows: steps, where their results are, and what each row counts."""
        scalars = [self.vector[k : k + 1] for k in range(len(self.vector))]
        found = []
        for first in range(start, end, self.pieces):
            span = slice(first, min(first + self.pieces, end))
            results = self.results[:, : span.stop - span.start]
            sources = [*(column[span] for column in self.columns), *scalars]
            steps = chunks.bound(self.plan, sources, list(results), self.registers)
            found.append((steps, results, numpy.full(span.stop - span.start, 1 / (end - start))))
        return found

    def at(self, vector: Vector, batch: list[Any]) -> Found:
        """The mean loss of a batch and its gradient."""
        self.vector[:] = vector
        total: Any = 0.0
        for steps, results, weights in batch:
            for function, sources, out in steps:
                function(*sources, out=out)
            total = total + results @ weights
        found = self.fixed.copy()
        for k, place in self.places:
            found[k] = total[place]
        return float(found[0]), found[1:]


Objective = Whole | Each | Rows


def objective(
    graph: Graph, values: Mapping[str, Any], columns: Mapping[str, Any], start: Parameters, batch: Batch
) -> Objective:
    """What is made small: the program itself, or its mean over the rows of `columns`."""
    fixed = {name: value for name, value in values.items() if name not in start.shapes}
    if not columns:
        return Whole(graph, fixed, start)
    given = many.taken(graph, {**fixed, **start.named(start.vector), **columns}, [*fixed, *start.shapes])
    kind = Rows if many.is_plain(graph, given) and not any(start.shapes.values()) else Each
    return kind(graph, given, start, batch)


def nodes_of(graph: Graph, start: Parameters) -> list[int]:
    """The nodes of the parameters."""
    nodes = dict(zip(graph.input_names, graph.inputs, strict=True))
    return [nodes[name] for name in start.shapes]
