"""Items + Plan -> Bands: the figure as parts within parts, each with rows of its own.

A cluster of the plan is a band: from outside it is one item of its columns, inside it has columns of its own. So a box
holds nothing foreign, whatever the order inside and outside. Wires that pass a box are bands too, one each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import NamedTuple

from gradviz.layout.crossings import Item, fewest_crossings
from gradviz.layout.groups import Plan

Columns = tuple[tuple[int, ...], ...]
Link = tuple[int, int, int, int]  # two parts of a band, one left of the other, and the items in them that a wire joins
Entry = tuple[int, int, int]  # an item left of a band, the part in the band that it feeds, and the item there


class Band(NamedTuple):
    """A part of the figure with rows of its own, from its first column to its last."""

    columns: Columns  # its parts from left to right and top to bottom: items, and bands numbered behind all items
    name: str | None = None  # on its frame
    parent: int = -1  # the band around it
    start: int = 0  # the column where it begins; wires to it run there until its nodes begin
    first: int = 0  # the column where its nodes begin, and its frame
    end: int = 0  # the last column
    passes: bool = False  # it is a wire that passes
    links: tuple[Link, ...] = ()  # the pieces of wires between its parts
    entries: tuple[Entry, ...] = ()  # those of wires that enter it, from top to bottom


@dataclass(slots=True)
class _Nest:
    """Bands while they are found: their places, and what lies in them."""

    items: Sequence[Item]
    bands: list[Band]
    homes: list[int]  # by part: the band that it is directly in
    starts: list[list[int]]  # by band: where its columns begin, among all columns

    def path(self, item: int) -> list[int]:
        """The bands around an item as parts, from the outside in, and the item."""
        found = [item]
        while self.homes[found[-1]]:
            found.append(len(self.items) + self.homes[found[-1]])
        return found[::-1]

    def column(self, part: int) -> int:
        """In which column of its band a part stands."""
        at = self.items[part].column if part < len(self.items) else self.bands[part - len(self.items)].start
        return bisect_right(self.starts[self.homes[part]], at) - 1


def nested(
    items: Sequence[Item], routes: Sequence[Sequence[int]], plan: Plan, column_of: Sequence[int]
) -> tuple[Band, ...]:
    """The bands of a figure with groups, those around others first, in an order with few crossings."""
    last = max(item.column for item in items)
    clusters = [
        Band((), c.name, c.parent, column_of[c.start], column_of[c.first], column_of[c.end] if k else last)
        for k, c in enumerate(plan.clusters)
    ]
    wide = [[(column_of[a], column_of[b]) for a, b in cluster.wide] for cluster in plan.clusters]
    homes = [_home(items[route[0]], items[i], items[route[-1]], plan, clusters) for i, route in _routed(items, routes)]
    nest = _Nest(items, clusters, homes, [_starts(band, spans) for band, spans in zip(clusters, wide, strict=True)])
    _add_passes(nest, wide)
    nest.homes += [max(0, band.parent) for band in nest.bands]
    return tuple(_ordered(nest, routes))


def _routed(items: Sequence[Item], routes: Sequence[Sequence[int]]) -> Iterator[tuple[int, Sequence[int]]]:
    """Every item with the route it is on; a node with itself."""
    for number, item in enumerate(items):
        yield number, (number,) if item.kind == "node" else routes[item.index]


def _home(source: Item, item: Item, target: Item, plan: Plan, bands: Sequence[Band]) -> int:
    """The smallest band that an item is in: that of a node, or for a wire that of the end which it is still within."""
    leaves = takewhile(lambda k: bands[k].end >= item.column, plan.chains[source.index])
    enters = takewhile(lambda k: bands[k].start <= item.column, plan.chains[target.index])
    return max(list(leaves), list(enters), key=len)[-1]


def _starts(band: Band, wide: Sequence[tuple[int, int]]) -> list[int]:
    within = {column for first, last in wide for column in range(first + 1, last + 1)}
    return [column for column in range(band.start, band.end + 1) if column not in within]


def _add_passes(nest: _Nest, wide: Sequence[Sequence[tuple[int, int]]]) -> None:
    """A band for every wire that passes what stands in a box's columns."""
    spans = [{c: span for span in each for c in range(span[0], span[1] + 1)} for each in wide]
    found: dict[tuple[int, int, int], int] = {}
    for number, item in enumerate(nest.items):
        home = nest.homes[number]
        if item.column not in spans[home]:
            continue
        start, end = spans[home][item.column]
        key = home, start, item.index
        if key not in found:
            found[key] = len(nest.bands)
            nest.bands.append(Band((), None, home, start, start, end, passes=True))
            nest.starts.append(list(range(start, end + 1)))
        nest.homes[number] = found[key]


# order ---------------------------------------------------------------------------------------------------------------


def _ordered(nest: _Nest, routes: Sequence[Sequence[int]]) -> list[Band]:
    """The bands with their parts: from the outside in, so that wires enter a band in the order in which they come."""
    bands, links, entries = list(nest.bands), *_links(nest, routes)
    columns, guesses = _columns(nest), _guesses(nest)
    ports = {(i, k): port for i, item in enumerate(nest.items) for k, port in item.after}
    rows: dict[int, int] = {}
    for number in sorted(range(len(bands)), key=lambda k: (bands[k].start, k)):
        own = [sorted(column, key=lambda i: guesses[i]) for column in columns[number]]
        came = [entry for _, entry in sorted((tuple(rows[k] for k in path), entry) for path, entry in entries[number])]
        if not bands[number].passes:
            enter = [(part, ports.get((source, part), 0.0)) for source, part, _ in came]
            inside = [(a, b, ports.get((source, b), 0.0)) for a, b, source, _ in links[number]]
            own = _fewest_crossings(own, guesses, inside, enter)
        rows |= {part: row for column in own for row, part in enumerate(column)}
        placed = tuple(map(tuple, own))
        bands[number] = bands[number]._replace(columns=placed, links=tuple(links[number]), entries=tuple(came))
    return bands


def _columns(nest: _Nest) -> list[list[list[int]]]:
    columns: list[list[list[int]]] = [[[] for _ in starts] for starts in nest.starts]
    for part, home in enumerate(nest.homes):
        if part != len(nest.items):  # the whole is no part
            columns[home][nest.column(part)].append(part)
    return columns


def _guesses(nest: _Nest) -> list[float]:
    """Where every part would like to stand; a band as its nodes on average."""
    inside: list[list[float]] = [[] for _ in nest.bands]
    for number, item in enumerate(nest.items):
        for part in nest.path(number)[:-1]:
            if item.kind == "node" or nest.bands[part - len(nest.items)].passes:
                inside[part - len(nest.items)].append(item.guess)
    return [*(item.guess for item in nest.items), *(sum(each) / max(1, len(each)) for each in inside)]


def _links(
    nest: _Nest, routes: Sequence[Sequence[int]]
) -> tuple[list[list[Link]], list[list[tuple[list[int], Entry]]]]:
    """By band: the pieces of wires within it, and those that enter it, each with the path to where it is from."""
    links: list[list[Link]] = [[] for _ in nest.bands]
    entries: list[list[tuple[list[int], Entry]]] = [[] for _ in nest.bands]
    paths = [nest.path(number) for number in range(len(nest.items))]
    for a, b in (pair for route in routes for pair in pairwise(route)):
        left, right = paths[a], paths[b]
        apart = next(k for k, (p, q) in enumerate(zip(left, right, strict=False)) if p != q)
        for k in range(apart, len(right)):
            if k == apart:
                links[nest.homes[right[k]]].append((left[k], right[k], a, b))
            else:
                entries[nest.homes[right[k]]].append((left[apart:], (a, right[k], b)))
    return links, entries


def _fewest_crossings(
    columns: Sequence[Sequence[int]],
    guesses: Sequence[float],
    links: Sequence[tuple[int, int, float]],
    entries: Sequence[tuple[int, float]],
) -> list[list[int]]:
    """The columns of one band with few crossings; its entries stand before them as a column of their own.

    Links are pairs of parts, entries are parts, both with the port where the wire enters.
    """
    parts = [part for column in columns for part in column]
    local = {part: number for number, part in enumerate(parts, len(entries))}
    items = [Item("pass", k, 0, 0.0) for k in range(len(entries))]
    items += [Item("node", part, 0, guesses[part]) for part in parts]
    wires = [(local[a], local[b], port) for a, b, port in links]
    wires += [(k, local[part], port) for k, (part, port) in enumerate(entries)]
    for a, b, port in wires:
        items[a].after.append((b, port))
        items[b].before.append((a, port))
    before = [list(range(len(entries)))] if entries else []
    found = fewest_crossings(items, [*before, *([local[part] for part in column] for column in columns)])
    return [[parts[i - len(entries)] for i in column] for column in found[len(before) :]]
