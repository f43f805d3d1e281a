"""Picture -> Layers: who stands in which column, and in what order from top to bottom.

Columns are those of Sugiyama, Tagawa and Toda (1981): inputs in the first one, in the order of the program, every gate
right of its operands. Between two columns of nodes lies a narrow one for the shares of wires that fork. A wire that
passes a column has a place of its own in it, so that it crosses neither circles nor numbers.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from gradviz.picture import Picture

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


@dataclass(frozen=True, slots=True)
class Layers:
    """Items by column from left to right, each column from top to bottom."""

    items: tuple[Item, ...]  # those of the nodes first, by index
    columns: tuple[tuple[int, ...], ...]
    routes: tuple[tuple[int, ...], ...]  # by wire: the items from its source to its target


def layers(picture: Picture) -> Layers:
    """The columns of a picture, with few crossings."""
    operands = _operands(picture)
    ranks = _ranks(picture, operands)
    guesses = _guesses(picture, operands, ranks)
    shares = {ranks[wire.wire.source] for wire in picture.wires if wire.forks}
    column_of = _columns_of_ranks(max(ranks) + 1, shares)
    items = [Item("node", node, column_of[rank], guesses[node]) for node, rank in enumerate(ranks)]
    routes = tuple(_route(items, picture, k) for k in range(len(picture.wires)))
    columns: list[list[int]] = [[] for _ in range(max(item.column for item in items) + 1)]
    for number, item in enumerate(items):
        columns[item.column].append(number)
    for column in columns:
        column.sort(key=lambda i: items[i].guess)
    return Layers(tuple(items), tuple(map(tuple, _fewest_crossings(items, columns))), routes)


def _operands(picture: Picture) -> list[list[int]]:
    operands: list[list[int]] = [[] for _ in picture.nodes]
    for wire in picture.wires:
        operands[wire.wire.target].append(wire.wire.source)
    return operands


def _ranks(picture: Picture, operands: Sequence[Sequence[int]]) -> list[int]:
    """The longest path from an input; a constant stands right before its first gate."""
    ranks: list[int] = []
    for sources in operands:
        ranks.append(1 + max((ranks[k] for k in sources), default=-1))
    first: dict[int, int] = {}
    for source, target, _ in (wire.wire for wire in picture.wires):
        if picture.nodes[source].kind == "constant":
            first[source] = min(first.get(source, ranks[target]), ranks[target])
    for source, rank in first.items():
        ranks[source] = rank - 1
    return ranks


def _guesses(picture: Picture, operands: Sequence[Sequence[int]], ranks: Sequence[int]) -> list[float]:
    """Rows: leaves of the first column in the order of the program, gates at the mean of their operands."""
    first = sorted((i for i, rank in enumerate(ranks) if rank == 0), key=lambda i: (picture.nodes[i].start, i))
    rows = dict(zip(first, map(float, range(len(first))), strict=True))
    late = {i for i, node in enumerate(picture.nodes) if node.kind == "constant"} - rows.keys()  # beside their gate
    guesses: list[float] = []
    for node, sources in enumerate(operands):
        known = [guesses[k] for k in sources if k not in late]
        guesses.append(sum(known) / len(known) if known else rows.get(node, 0.0))
    for source, target, slot in (wire.wire for wire in picture.wires):
        if source in late:
            guesses[source] = guesses[target] + slot - 0.5
    return guesses


def _columns_of_ranks(count: int, shares: set[int]) -> list[int]:
    """The column of each rank; one more is left free behind a rank whose wires fork."""
    columns, column = [], 0
    for rank in range(count):
        columns.append(column)
        column += 2 if rank in shares else 1
    return columns


def _route(items: list[Item], picture: Picture, number: int) -> tuple[int, ...]:
    """Places for a wire in the columns between its ends; makes the items and links them."""
    wire = picture.wires[number]
    source, target = wire.wire.source, wire.wire.target
    start, end = items[source], items[target]
    route = [source]
    for column in range(start.column + 1, end.column):
        way = (column - start.column) / (end.column - start.column)
        shares = wire.forks and column == start.column + 1
        guess = end.guess if shares else start.guess + (end.guess - start.guess) * way
        items.append(Item("share" if shares else "pass", number, column, guess))
        route.append(len(items) - 1)
    route.append(target)
    for left, right in pairwise(route):
        port = wire.port if right == target else 0.0
        items[left].after.append((right, port))
        items[right].before.append((left, port))
    return tuple(route)


def _fewest_crossings(items: Sequence[Item], columns: list[list[int]]) -> list[list[int]]:
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
