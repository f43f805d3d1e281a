"""The order of items in their columns in which few wires cross, by barycentres."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

SWEEPS: Final = 8  # passes that look for fewer crossings; more change little
TANGLE: Final = 3  # crossings that are as bad as one right before a circle, of operands that enter in the wrong order
BELOW: Final = 0.25  # rows by which an operand wants to stand above or below the others of its gate

Kind = Literal["node", "share", "pass"]


@dataclass(slots=True)
class Item:
    """What stands in a column: a node, the share of a wire, or a wire that passes."""

    kind: Kind
    index: int  # of the node or of the wire
    column: int
    guess: float  # where it would like to stand, as a row of the first column
    before: list[tuple[int, float]] = field(default_factory=list)  # items in the column to the left, and port
    after: list[tuple[int, float]] = field(default_factory=list)  # items in the column to the right, and port


def fewest_crossings(items: Sequence[Item], columns: list[list[int]]) -> list[list[int]]:
    """The columns reordered by barycentres, left to right and back; the first one keeps the order of the program."""
    best, fewest = columns, _crossings(items, columns)
    current = [list(column) for column in columns]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        for column in range(1, len(columns)) if forward else range(len(columns) - 2, 0, -1):
            _reorder(items, current, column, forward)
        count = _crossings(items, current)
        if count < fewest:
            best, fewest = [list(column) for column in current], count
    return best


def _reorder(items: Sequence[Item], columns: list[list[int]], column: int, forward: bool) -> None:
    rows = {i: row for row, i in enumerate(columns[column - 1 if forward else column + 1])}
    own = {i: row for row, i in enumerate(columns[column])}

    def barycentre(i: int) -> float:
        beside = [(k, 0.0) for k, _ in items[i].before] if forward else items[i].after
        return sum(rows[k] + port * BELOW for k, port in beside) / len(beside) if beside else own[i]

    columns[column].sort(key=barycentre)


def _crossings(items: Sequence[Item], columns: Sequence[Sequence[int]]) -> int:
    """How many pairs of wires cross between neighbouring columns, tangles counted `TANGLE` times."""
    total = 0
    for left, right in pairwise(columns):
        rows = {i: row for row, i in enumerate(left)}
        entries = [[(port, rows[source]) for source, port in items[i].before] for i in right]
        total += _inversions([row for entry in entries for _, row in sorted(entry, key=lambda e: (e[1], e[0]))])
        total += TANGLE * sum(_inversions([row for _, row in sorted(entry)]) for entry in entries)
    return total


def _inversions(ends: Sequence[int]) -> int:
    """Pairs that stand in the wrong order (counted in a sorted list)."""
    seen: list[int] = []
    count = 0
    for end in ends:
        count += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return count
