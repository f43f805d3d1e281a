"""Many nodes of a graph at once, by NumPy."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import numpy

from gradviz.gates import GATES, Gate

Index = Any  # array of whole numbers
WHOLE: Final = numpy.int32  # the type of the columns of a graph


def applied(gates: Sequence[str], operands: Sequence[int], first: int, folded: int) -> tuple[list[Gate], Index, Index]:
    """The gates named, their operands, and where those of each end; they stand from node `first` on.

    Raises `ValueError` for operands that are no earlier nodes or `folded` constants, or that are not as many as the
    slots; `KeyError` for a name that is no gate's.
    """
    rows, given = list(map(GATES.__getitem__, gates)), numpy.asarray(operands)
    arities = {name: GATES[name].arity for name in set(gates)}
    counts = numpy.fromiter(map(arities.__getitem__, gates), WHOLE, len(rows))
    ends = counts.cumsum(dtype=WHOLE)
    fits = given.shape == (counts.sum(),) and (given.dtype.kind in "iu" or not given.size)
    if not fits or (given >= numpy.repeat(numpy.arange(first, first + len(rows)), counts)).any():
        raise ValueError("a gate needs as many operands as it has slots, all of them before it")
    if given.size and given.min() < -folded:
        raise ValueError("a negative operand stands for a folded constant, and there are not as many")
    return rows, given.astype(WHOLE), ends


def are_all_used(sources: array[int], count: int) -> bool:
    """Whether each of `count` nodes but the last is the operand of a gate."""
    used = numpy.zeros(count, bool)
    used[numpy.frombuffer(sources, WHOLE)] = True
    return bool(used[:-1].all())


def renumbered(sources: array[int], new: Sequence[int]) -> array[int]:
    """Operands by their new numbers."""
    return array("i", numpy.array(new, WHOLE)[numpy.frombuffer(sources, WHOLE)].tobytes())
