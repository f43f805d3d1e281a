"""Picture -> Layout: where every circle, shelf and wire lies, in points, x to the right and y down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from typing import Final

from gradviz.layers import Layers, layers
from gradviz.picture import Picture
from gradviz.routes import Point, Portal, taut
from gradviz.sizes import ROW, Sizes

# Lengths for a font of 16 points; others in proportion.
GAP: Final = 16.0  # least space between columns, where wires slant
SLANT: Final = 0.16  # more space for wires that climb, by their height
WIDEST_GAP: Final = 60.0
AIR: Final = 5.0  # between two neighbours in a column
CLEAR: Final = 4.0  # between a wire and what it passes
TITLE: Final = 17.6  # from the top up to the middle of the title
ROUNDS: Final = 4  # of moving the columns towards each other
LEAD: Final = 7.0  # level piece of a wire before a port above or below: seen from the left, arrows stay apart
PORT_ANGLE: Final = 35.0  # degrees above and below the left point of a circle, where ordered operands enter


@dataclass(frozen=True, slots=True)
class Shelf:
    """A horizontal line at y from x0 to x1, with a row of text of height `row` above and one below."""

    x0: float
    x1: float
    y: float
    row: float


@dataclass(frozen=True, slots=True)
class Circle:
    """A gate's circle, and the font size of the symbol in it."""

    x: float
    y: float
    radius: float
    symbol: float


@dataclass(frozen=True, slots=True)
class Name:
    """The name of an input: right-aligned in a width around its centre."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by index of node and of wire."""

    shelves: tuple[Shelf, ...]
    circles: dict[int, Circle]
    names: dict[int, Name]  # left of their shelves
    shares: dict[int, Shelf]  # by wire
    wires: tuple[tuple[tuple[Point, ...], ...], ...]  # one line, or two with the share's shelf between them
    title: Point  # its centre


def layout(picture: Picture) -> Layout:
    """Where everything of a picture lies."""
    sizes, layered = Sizes(picture), layers(picture)
    rows = _rows(sizes, layered)
    heads = [_head(sizes, layered, column) for column in layered.columns]
    columns = _columns(sizes, layered, rows, heads)
    nodes = range(len(picture.nodes))
    starts = [columns[item.column][0] + heads[item.column] for item in layered.items[: len(nodes)]]
    shelves = tuple(Shelf(starts[i], columns[layered.items[i].column][1], rows[i], sizes.row) for i in nodes)
    circles = {node: _circle(sizes, shelves[node], node) for node in nodes if picture.nodes[node].kind == "gate"}
    names = {
        node: Name(starts[node] - sizes.pad - sizes.name(node) / 2, rows[node], sizes.name(node))
        for node in nodes
        if node not in circles and picture.nodes[node].label
    }
    shares = {
        item.index: Shelf(*columns[item.column], rows[i], sizes.share_row)
        for i, item in enumerate(layered.items)
        if item.kind == "share"
    }
    paths = _Paths(sizes, layered, rows, columns, {i: k for column in layered.columns for k, i in enumerate(column)})
    wires = tuple(paths.wire(k, circles[w.wire.target], w.port) for k, w in enumerate(picture.wires))
    return Layout(shelves, circles, names, shares, wires, (columns[-1][1] / 2, -TITLE * sizes.unit))


def _circle(sizes: Sizes, shelf: Shelf, node: int) -> Circle:
    radius = sizes.radius(node)
    return Circle(shelf.x0 - sizes.stem - radius, shelf.y, radius, sizes.symbol(node))


# rows ----------------------------------------------------------------------------------------------------------------


def _rows(sizes: Sizes, layered: Layers) -> list[float]:
    """Y of every item: columns move towards their neighbours, left to right in the end, so that chains are straight."""
    items = layered.items
    y = [item.guess * 2 * ROW * sizes.unit for item in items]
    before = [[k for k, _ in item.before] for item in items]
    after = [[k for k, _ in item.after] for item in items]

    def beside(neighbours: Sequence[Sequence[int]]) -> Callable[[int], float]:
        return lambda i: sum(y[k] for k in neighbours[i]) / len(neighbours[i]) if neighbours[i] else y[i]

    for column in layered.columns:
        _settle(sizes, layered, y, column, lambda i: y[i])
    for _ in range(ROUNDS):
        for column in reversed(layered.columns):
            _settle(sizes, layered, y, column, beside(after))
        for column in layered.columns:
            _settle(sizes, layered, y, column, beside(before))
    top = min(y[i] - sizes.above(item) for i, item in enumerate(items))
    return [each - top for each in y]


def _settle(sizes: Sizes, layered: Layers, y: list[float], column: Sequence[int], wish: Callable[[int], float]) -> None:
    """Each item as near to its wish as the order and the heights of the column allow."""
    items = [layered.items[i] for i in column]
    steps = [0.0]
    for upper, lower in pairwise(items):
        steps.append(steps[-1] + sizes.below(upper) + sizes.above(lower) + AIR * sizes.unit)
    fitted = increasing([wish(i) - step for i, step in zip(column, steps, strict=True)])
    for i, base, step in zip(column, fitted, steps, strict=True):
        y[i] = base + step


def increasing(wishes: Sequence[float]) -> list[float]:
    """The increasing sequence nearest to `wishes` in least squares (isotonic regression, pool adjacent violators).

    >>> increasing([1.0, 3.0, 2.0, 5.0])
    [1.0, 2.5, 2.5, 5.0]
    """
    pools: list[tuple[float, int]] = []  # sum and count
    for wish in wishes:
        pools.append((wish, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            total, count = pools.pop()
            pools[-1] = (pools[-1][0] + total, pools[-1][1] + count)
    return [total / count for total, count in pools for _ in range(count)]


# columns -------------------------------------------------------------------------------------------------------------


def _columns(sizes: Sizes, layered: Layers, rows: Sequence[float], heads: Sequence[float]) -> list[tuple[float, float]]:
    """The left and right x of every column, with space before it for the wires that climb."""
    columns: list[tuple[float, float]] = []
    x = 0.0
    for column, head in zip(layered.columns, heads, strict=True):
        if columns:
            climb = max(abs(rows[k] - rows[i]) for i in column for k, _ in layered.items[i].before or [(i, 0.0)])
            lead = LEAD if any(port for i in column for _, port in layered.items[i].before) else 0.0
            x += lead * sizes.unit + min(WIDEST_GAP * sizes.unit, max(GAP * sizes.unit, SLANT * climb))
        width = head + max(_tail(sizes, layered, i) for i in column)
        columns.append((x, x + width))
        x += width
    return columns


def _head(sizes: Sizes, layered: Layers, column: Sequence[int]) -> float:
    """The width before the shelves of a column: its circles or its names."""
    return max((sizes.head(i) for i in column if layered.items[i].kind == "node"), default=0.0)


def _tail(sizes: Sizes, layered: Layers, i: int) -> float:
    item = layered.items[i]
    widths = {"node": sizes.shelf, "share": sizes.share}
    return widths[item.kind](item.index) if item.kind in widths else 0.0


# wires ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paths:
    """The lines of wires through the columns."""

    sizes: Sizes
    layered: Layers
    rows: Sequence[float]
    columns: Sequence[tuple[float, float]]
    row_of: Mapping[int, int]  # of each item in its column

    def wire(self, number: int, circle: Circle, port: float) -> tuple[tuple[Point, ...], ...]:
        """The lines of a wire from its source's shelf to a point of its target's circle."""
        route, angle = self.layered.routes[number], radians(PORT_ANGLE) * port
        end = (circle.x - circle.radius * cos(angle), circle.y + circle.radius * sin(angle))
        lead = (circle.x - circle.radius - LEAD * self.sizes.unit, end[1])
        forks = [k for k, i in enumerate(route) if self.layered.items[i].kind == "share"]
        fork = forks[0] if forks else 0
        last = (*self.line(route[fork:], lead), end) if port else self.line(route[fork:], end)
        if not forks:
            return (last,)
        share = route[fork]
        middle = (self.columns[self.layered.items[share].column][0], self.rows[share])
        return (self.line(route[: fork + 1], middle), last)

    def line(self, route: Sequence[int], end: Point) -> tuple[Point, ...]:
        first, *between, _ = route
        start = (self.columns[self.layered.items[first].column][1], self.rows[first])
        return taut(start, [portal for i in between for portal in self.portals(i)], end)

    def portals(self, i: int) -> tuple[Portal, Portal]:
        """What a passing wire leaves free in its column, at both sides of it."""
        number = self.layered.items[i].column
        column = self.layered.columns[number]
        at = self.row_of[i]
        top = self.edge(i, column[at - 1], -1) if at else float("-inf")
        bottom = self.edge(i, column[at + 1], 1) if at + 1 < len(column) else float("inf")
        left, right = self.columns[number]
        return (left, top, bottom), (right, top, bottom)

    def edge(self, i: int, neighbour: int, side: int) -> float:
        """How far the wire may go towards a neighbour above (-1) or below (1); two passing wires share the space."""
        item = self.layered.items[neighbour]
        if item.kind == "pass":
            return (self.rows[i] + self.rows[neighbour]) / 2 - side
        height = self.sizes.below(item) if side < 0 else self.sizes.above(item)
        return self.rows[neighbour] - side * (height + CLEAR * self.sizes.unit)
