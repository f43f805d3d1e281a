"""Graph + columns of values -> Table: the output and the gradients of the same circuit for many rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy

from gradviz import nd
from gradviz.chunks import plan, run
from gradviz.errors import ValuesError, in_words, nearest
from gradviz.evaluator import evaluate
from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.passes import SEED, Value, backward, forward, local_gradients
from gradviz.recorded import ChangedError, NotRecordedError, Recorded
from gradviz.slots import Slots
from gradviz.tape import Column, Operand, Tape
from gradviz.values import checked, number_or_array

MANY: Final = 8  # rows with arrays from which on calls are written down
_SEED: Final = ""  # its name among columns


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Table:
    """The numbers of a circuit, row by row: read-only arrays whose first axis are the rows."""

    output: Column
    grads: Mapping[str, Column]  # d output / d name
    values: Mapping[str, Column]  # of the names that were asked for

    def __len__(self) -> int:
        return len(self.output)

    def __repr__(self) -> str:
        return f"Table({len(self)} rows of output{''.join(f', d/d{name}' for name in self.grads)})"

    @property
    def not_finite(self) -> Column:
        """The rows, counted from 0, in which the output or a gradient is nan or infinite."""
        numbers = self.output, *self.grads.values()
        fine = [numpy.isfinite(each).all(tuple(range(1, each.ndim))) for each in numbers]
        return numpy.flatnonzero(~numpy.logical_and.reduce(fine))


class Given(NamedTuple):
    """The inputs by name: what differs from row to row, and what all rows share."""

    columns: Mapping[str, Column]
    shared: Mapping[str, Value]
    rows: int


class Asked(NamedTuple):
    """The nodes of which something is wanted in each row, by name."""

    grads: Mapping[str, int]
    values: Mapping[str, int]


Rows = Callable[[Mapping[str, Column], int, int | None], Table]  # columns, how many rows, how many a chunk


def evaluate_rows(
    graph: Graph,
    values: Mapping[str, Any],
    *,
    seed: Any = None,
    wrt: Collection[str] | None = None,
    keep: Collection[str] = (),
    shared: Collection[str] = (),
    chunk: int | None = None,
) -> Table:
    """The output and its gradients for each row of `values`; see `api.evaluate_many`."""
    given = taken(graph, values, shared)
    upstream: Value = None if seed is None else number_or_array("the seed", seed)
    if numpy.ndim(upstream) == 1 and is_plain(graph, given):
        together = {**given.columns, _SEED: upstream}
        given = given._replace(columns=together, rows=_length(together))
    return prepared(graph, given, asked(graph, wrt, keep), upstream)(given.columns, given.rows, chunk)


def columns(graph: Graph, inputs: Sequence[Value]) -> tuple[list[Value], list[Value], Slots, Slots]:
    """Values and grads of all nodes, locals and shares of all wires, for one chunk of rows; all gates are element-wise.

    Each is a column, or a number where it is the same in all rows.
    """
    with numpy.errstate(all="ignore"):
        values = forward(graph, inputs, nd)
        local = local_gradients(graph, values, nd)
        grads, shares = backward(graph, local)
    return values[: len(graph)], grads[: len(graph)], local, shares


# what is given, and what is wanted -----------------------------------------------------------------------------------


def taken(graph: Graph, values: Mapping[str, Any], shared: Collection[str] = ()) -> Given:
    """The inputs, checked: raises `ValuesError` as `evaluate` does, and for columns that are not of one length."""
    ready = {normal(name): value for name, value in values.items() if _is_column(value)}  # as they are, not copied
    rest = {name: 0.0 if _is_column(value) else value for name, value in values.items()}
    found = dict(zip(graph.input_names, checked(graph, rest), strict=True))
    found = {name: ready.get(name, value) for name, value in found.items()}
    held = set(map(normal, [shared] if isinstance(shared, str) else shared))
    for name in held - set(found):
        raise ValuesError(f"'{name}' is shared by all rows, but is no input{nearest(name, found)}")
    differ = {name: value for name, value in found.items() if numpy.ndim(value) and name not in held}
    return Given(differ, {name: value for name, value in found.items() if name not in differ}, _length(differ))


def by_name(values: Any) -> Mapping[str, Any]:
    """Columns by name: of a mapping, of a structured array, or of mappings one a row."""
    fields = getattr(getattr(values, "dtype", None), "names", None)
    if fields or hasattr(values, "keys"):
        return {str(name): values[name] for name in fields or values.keys()}
    rows = list(values)
    if not all(isinstance(row, Mapping) for row in rows):
        raise ValuesError("the values must be columns by name, or rows that are mappings")
    names = dict.fromkeys(name for row in rows for name in row)
    for number, row in enumerate(rows):
        if missing := [name for name in names if name not in row]:
            raise ValuesError(f"row {number} has no value for {in_words(missing)}")
    return {name: [row[name] for row in rows] for name in names}


def _is_column(value: Any) -> bool:
    return isinstance(value, numpy.ndarray) and value.ndim == 1 and value.dtype == numpy.float64


def _length(columns: Mapping[str, Column]) -> int:
    """The number of rows that all columns have; 1 without any."""
    lengths = {f"column of '{name}'" if name else "seed": len(column) for name, column in columns.items()}
    for what, length in lengths.items():
        if length != (first := next(iter(lengths.values()))):
            raise ValuesError(f"the {what} has {length} rows, the {next(iter(lengths))} {first}")
    return next(iter(lengths.values()), 1)


def asked(graph: Graph, wrt: Collection[str] | None, keep: Collection[str] = ()) -> Asked:
    """The nodes whose grads and values are wanted; raises `ValuesError` for a name that the program has not.

    The name of an input means the input, also where the program gives it to another node.
    """
    nodes = {**graph.bindings, **dict(zip(graph.input_names, graph.inputs, strict=True))}

    def named(names: Collection[str]) -> dict[str, int]:
        found = [normal(name) for name in ([names] if isinstance(names, str) else names)]
        for name in found:
            if name not in nodes:
                raise ValuesError(f"the program has no name '{name}'{nearest(name, nodes)}")
        return {name: nodes[name] for name in found}

    return Asked(named(graph.input_names if wrt is None else wrt), named(keep))


# passes --------------------------------------------------------------------------------------------------------------


def prepared(graph: Graph, given: Given, wanted: Asked, seed: Any = None) -> Rows:
    """What computes a table of any columns of the same names; a seed that is a column is the one named ""."""
    plain = is_plain(graph, given)
    return _at_once(graph, given, wanted, seed) if plain else _one_by_one(graph, given, wanted, seed)


def is_plain(graph: Graph, given: Given) -> bool:
    """Whether every node is a number in each row, and every gate element-wise."""
    numbers = (*given.shared.values(), *(constant.value for constant in graph.constants.values()))
    return (
        all(gate.partials is not None and not gate.is_abstract for gate in graph.kinds)
        and all(column.ndim == 1 for column in given.columns.values())
        and all(isinstance(each, float) for each in numbers)
    )


def _at_once(graph: Graph, given: Given, wanted: Asked, seed: Any) -> Rows:
    """All rows of a chunk at once."""
    if numpy.ndim(seed) > 1 or (numpy.ndim(seed) == 1 and _SEED not in given.columns):
        raise ValuesError("the seed must be a number, or a column of one a row")
    tape = Tape()
    known: dict[str, Operand] = {name: tape.input() for name in given.columns}
    known |= {name: numpy.float64(value) for name, value in given.shared.items()}
    upstream = known.get(_SEED, SEED if seed is None else seed)
    with numpy.errstate(all="ignore"):  # what all rows share is computed here
        values = forward(graph, [known[name] for name in graph.input_names], tape)
        grads, _ = backward(graph, local_gradients(graph, values, tape), upstream)
    nodes = [*(grads[k] for k in wanted.grads.values()), *(values[k] for k in wanted.values.values())]
    planned = plan(tape, [values[graph.output], *nodes])

    def table(columns: Mapping[str, Column], rows: int, chunk: int | None) -> Table:
        return _table(run(planned, [columns[name] for name in given.columns], rows, chunk), wanted)

    return table


def _one_by_one(graph: Graph, given: Given, wanted: Asked, seed: Any) -> Rows:
    """A circuit with arrays, row by row: by the evaluator, of many rows by its calls, written down at the first."""
    grads, kept = list(wanted.grads.values()), list(wanted.values.values())

    def numbers(row: Mapping[str, Value]) -> list[Value]:
        trace = evaluate(graph, {**given.shared, **row}, seed=seed)
        return [trace.output, *(trace.node_grads[node] for node in grads), *(trace.node_values[node] for node in kept)]

    def played(row: Mapping[str, Value]) -> Callable[[Mapping[str, Value]], list[Value]]:
        """What does the same for rows of the same shapes."""
        moving = {name: numpy.array(value, dtype=float) for name, value in row.items()}
        tape = Recorded(graph, given.shared, moving, grads, kept=kept, seed=SEED if seed is None else seed)

        def play(row: Mapping[str, Value]) -> list[Value]:
            for name, value in row.items():
                moving[name][...] = value
            try:
                with numpy.errstate(all="ignore"):
                    tape.play()
            except ChangedError:
                return numbers(row)
            return [result.copy() for result in tape.results]

        return play

    def table(columns: Mapping[str, Column], rows: int, _: int | None) -> Table:
        singly = [{name: column[row] for name, column in columns.items()} for row in range(rows)]
        found = list(map(numbers, singly[:1]))
        compute: Callable[[Mapping[str, Value]], list[Value]] = numbers
        if rows >= MANY and not any(gate.slow for gate in graph.kinds):
            with suppress(NotRecordedError):
                compute = played(singly[0])
        found += map(compute, singly[1:])
        stacked = list(map(_stacked, zip(*found, strict=True))) or [_stacked(())] * (1 + len(grads) + len(kept))
        return _table(stacked, wanted)

    return table


def _table(found: Sequence[Column], wanted: Asked) -> Table:
    count = 1 + len(wanted.grads)
    grads = dict(zip(wanted.grads, found[1:count], strict=True))
    return Table(found[0], grads, dict(zip(wanted.values, found[count:], strict=True)))


def _stacked(numbers: Iterable[Value]) -> Column:
    column = numpy.array(list(numbers), dtype=float)
    column.flags.writeable = False
    return column
