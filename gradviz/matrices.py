"""Jacobians as a lecture writes them: a matrix, a row for each entry of the output, a column for each of the input."""

from __future__ import annotations

from math import prod
from typing import Any, Final, NamedTuple

from gradviz.blocks import Number, block, fits, line
from gradviz.evaluator import Trace
from gradviz.passes import Value
from gradviz.runs import Row, Run

MOST: Final = (4, 8)  # rows and columns of a local gradient that is drawn on its wire
MOST_OUTPUTS: Final = 1_000  # entries of a gate's output: a backward pass each
DIAGONAL: Final = "diag"


class Local(NamedTuple):
    """The local gradient of a wire in numbers."""

    numbers: Value | None  # None where there are too many
    diagonal: bool  # whether they are the diagonal alone, in the shape of the gate's output
    shape: tuple[int, int]  # of the Jacobian


def as_matrix(trace: Trace, grad: Value, node: int) -> Value:
    """A grad of a node, or a share that it gets: under `jacobian` a matrix, else as it is."""
    if not trace.jacobian or isinstance(grad, float):
        return grad
    return grad.reshape(_entries(trace.output), _entries(trace.node_values[node]))


def _entries(value: Value) -> int:
    return 1 if isinstance(value, float) else int(value.size)


def local_matrix(local: Any, most: int) -> Local:
    """A local of a trace in at most `most` numbers.

    Where an element-wise gate repeats its input the Jacobian is no diagonal, and given in full.
    """
    if isinstance(local, float):
        return Local(local, False, (1, 1))
    output, given = _shapes(local)
    shape = (prod(output), prod(given))
    if _is_elementwise(local) and output == given:
        return Local(local.array() if local.size <= most else None, True, shape)
    if not 0 < prod(shape) <= most or shape[0] > MOST_OUTPUTS:
        return Local(None, False, shape)
    from gradviz.jacobians import by_entries

    return Local(by_entries(output, lambda seed: local * seed, given).reshape(shape), False, shape)


def local_entries(local: Any, most: int) -> Value | None:
    """A local with its axes: of an element-wise gate the diagonal, else the output's, then the input's.

    None where it has more than `most` numbers.
    """
    if isinstance(local, float):
        return local
    costly = not _is_elementwise(local) and prod(local.y.shape) > MOST_OUTPUTS
    return None if costly or local.size > most else local.array()


def _is_elementwise(local: Any) -> bool:
    from gradviz.jacobians import Diagonal

    return isinstance(local, Diagonal)


def _shapes(local: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes of a gate's output and of the input."""
    return (local.output, local.input) if _is_elementwise(local) else (local.y.shape, local.xs[local.slot].shape)


def local_runs(local: Local, number: Number) -> Row:
    """A local gradient as it stands on its wire; nothing where it is too large to be printed."""
    numbers = local.numbers
    if isinstance(numbers, float):
        return (Run(number(numbers), "local"),)
    if numbers is None or not fits(row := numbers[None] if local.diagonal and numbers.ndim == 1 else numbers, MOST):
        return ()
    entries = Run(line(numbers, number), "local", block(row, number, most=MOST))
    return (Run(DIAGONAL, "local"), entries) if local.diagonal else (entries,)
