"""Picture -> Layers: who stands in which column, and in what order from top to bottom.

Columns are those of Sugiyama, Tagawa and Toda (1981): inputs in the first one, in the order of the program, every gate
right of its operands. Between two columns of nodes lies a narrow one for the shares of wires that fork. A wire that
passes a column has a place of its own in it, so that it crosses neither circles nor numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gradviz.layout.crossings import Item, fewest_crossings
from gradviz.picture import Picture

if TYPE_CHECKING:
    from gradviz.layout.bands import Band
    from gradviz.layout.groups import Plan

__all__ = ["Item", "Layers", "layers"]


class Layers(NamedTuple):
    """Items by column from left to right, each column from top to bottom."""

    items: tuple[Item, ...]  # those of the nodes first, by index
    columns: tuple[tuple[int, ...], ...]  # not in order where there are bands
    routes: tuple[tuple[int, ...], ...]  # by wire: the items from its source to its target
    bands: tuple[Band, ...] = ()  # of a figure with boxes: what has rows of its own
    starts: tuple[int, ...] = (0,)  # columns at the left edge: a large figure is in lines, like a text


def layers(picture: Picture) -> Layers:
    """The columns of a picture, with few crossings."""
    operands = _operands(picture)
    planned = _planned(picture)
    ranks = planned.ranks if planned else _ranks(picture, operands)
    guesses = _guesses(picture, operands, ranks)
    shares = {ranks[wire.wire.source] for wire in picture.wires if wire.forks}
    column_of = _columns_of_ranks(max(ranks) + 1, shares)
    items = [Item("node", node, column_of[rank], guesses[node]) for node, rank in enumerate(ranks)]
    routes = tuple(route(items, picture, k) for k in range(len(picture.wires)))
    columns: list[list[int]] = [[] for _ in range(max(item.column for item in items) + 1)]
    for number, item in enumerate(items):
        columns[item.column].append(number)
    for column in columns:
        column.sort(key=lambda i: items[i].guess)
    if planned:
        return _in_bands(items, columns, routes, planned, column_of)
    return Layers(tuple(items), tuple(map(tuple, fewest_crossings(items, columns))), routes)


def _planned(picture: Picture) -> Plan | None:
    if not picture.graph.groups:
        return None
    from gradviz.layout.groups import plan

    return plan(picture)


def _in_bands(
    items: Sequence[Item],
    columns: Sequence[Sequence[int]],
    routes: tuple[tuple[int, ...], ...],
    planned: Plan,
    column_of: Sequence[int],
) -> Layers:
    """Layers whose order is that of their bands."""
    from gradviz.layout.bands import nested

    return Layers(tuple(items), tuple(map(tuple, columns)), routes, nested(items, routes, planned, column_of))


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


def route(items: list[Item], picture: Picture, number: int) -> tuple[int, ...]:
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
