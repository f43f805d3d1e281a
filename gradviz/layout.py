"""Picture -> Layout: where every circle, shelf and wire lies, in points, x to the right and y down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

from gradviz.layers import Item, Layers, layers
from gradviz.metrics import text_width
from gradviz.picture import Picture, PictureNode
from gradviz.routes import Point, Portal, taut

# Lengths for a font of 16 points; others in proportion.
FONT: Final = 16.0
ROW: Final = 20.0  # height of a shelf's value, and of its gradient
RADIUS: Final = 18.7  # of a circle, unless its symbol needs more
STEM: Final = 3.0  # from the circle to its shelf
SHELF: Final = 42.0  # least length of a shelf
SHARE: Final = 26.0  # least length of a share's line
PAD: Final = 5.0  # beside a number
GAP: Final = 16.0  # least space between columns, where wires slant
SLANT: Final = 0.16  # more space for wires that climb, by their height
WIDEST_GAP: Final = 60.0
AIR: Final = 5.0  # between two neighbours in a column
CLEAR: Final = 4.0  # between a wire and what it passes
SMALLEST: Final = 0.7  # of the font, for a symbol that would not fit its circle
ROUNDS: Final = 4  # of moving the columns towards each other
PORT_ANGLE: Final = 35.0  # degrees above and below the left point of a circle, where ordered operands enter


@dataclass(frozen=True, slots=True)
class Shelf:
    """A horizontal line at y from x0 to x1, with text above and below."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True, slots=True)
class Circle:
    """A gate's circle, and the size of the symbol in it."""

    x: float
    y: float
    radius: float
    font_size: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by index of node and of wire."""

    shelves: tuple[Shelf, ...]
    circles: dict[int, Circle]
    names: dict[int, Point]  # centres of the names left of their shelves
    shares: dict[int, Shelf]  # by wire
    wires: tuple[tuple[tuple[Point, ...], ...], ...]  # one line, or two with the share's shelf between them
    width: float
    height: float


def layout(picture: Picture) -> Layout:
    """Where everything of a picture lies."""
    return _Layouter(picture, layers(picture)).layout()


class _Layouter:
    """The steps of one layout; each fills the attributes that the next one reads."""

    def __init__(self, picture: Picture, layered: Layers) -> None:
        self.picture, self.items, self.columns = picture, layered.items, layered.columns
        self.wire_items = layered.routes
        self.unit = picture.theme.font_size / FONT
        self.y = [item.guess for item in self.items]
        self.left: list[float] = []  # of columns
        self.right: list[float] = []

    def layout(self) -> Layout:
        self.place_rows()
        self.place_columns()
        nodes = range(len(self.picture.nodes))
        shelves = tuple(self.shelf(node) for node in nodes)
        circles = {node: self.circle(node) for node in nodes if self.picture.nodes[node].kind == "gate"}
        self.circles = circles
        wires = tuple(self.wire(k) for k in range(len(self.picture.wires)))
        names = {
            node: (shelf.x0 - PAD * self.unit - self.name_width(node) / 2, shelf.y)
            for node, shelf in enumerate(shelves)
            if node not in circles and self.picture.nodes[node].label
        }
        shares = {item.index: self.share(i) for i, item in enumerate(self.items) if item.kind == "share"}
        bottom = max(self.y[i] + self.below(self.items[i]) for i in range(len(self.items)))
        return Layout(shelves, circles, names, shares, wires, max(self.right), bottom)

    # sizes -----------------------------------------------------------------------------------------------------------

    def above(self, item: Item) -> float:
        """Height above the line of an item."""
        return (ROW if item.kind == "node" else 1.0) * self.unit

    def below(self, item: Item) -> float:
        """Height below the line of an item."""
        if item.kind == "share":
            return (self.picture.theme.share_size + 2) * self.unit
        return self.above(item)

    def radius(self, node: PictureNode) -> float:
        return max(RADIUS * self.unit, text_width(node.label, self.symbol_size(node)) / 2 + 3 * self.unit)

    def symbol_size(self, node: PictureNode) -> float:
        """The font size of a symbol: smaller when that makes it fit the usual circle."""
        size = self.picture.theme.font_size
        room = 2 * (RADIUS - 3) * self.unit
        return size * min(1.0, max(SMALLEST, room / text_width(node.label, size)))

    def shelf_width(self, node: PictureNode) -> float:
        size = self.picture.theme.font_size
        named = f"{node.name} {node.value}" if node.name else node.value
        text = max(text_width(named, size), text_width(node.grad, size))
        return max(SHELF * self.unit, text + 2 * PAD * self.unit)

    def name_width(self, node: int) -> float:
        return text_width(self.picture.nodes[node].label, self.picture.theme.font_size)

    def share_width(self, item: Item) -> float:
        text = text_width(self.picture.wires[item.index].share, self.picture.theme.share_size)
        return max(SHARE * self.unit, text + PAD * self.unit)

    # rows ------------------------------------------------------------------------------------------------------------

    def place_rows(self) -> None:
        """y of every item: columns move towards their neighbours, left to right in the end, so that chains are straight."""
        for column in self.columns:
            self.settle(column, lambda i: self.y[i] * 2 * ROW * self.unit)
        for _ in range(ROUNDS):
            for column in reversed(self.columns):
                self.settle(column, self.wish_after)
            for column in self.columns:
                self.settle(column, self.wish_before)
        top = min(self.y[i] - self.above(self.items[i]) for i in range(len(self.items)))
        self.y = [y - top for y in self.y]

    def wish_before(self, i: int) -> float:
        beside = [self.y[k] for k, _ in self.items[i].before]
        return sum(beside) / len(beside) if beside else self.y[i]

    def wish_after(self, i: int) -> float:
        beside = [self.y[k] for k, _ in self.items[i].after]
        return sum(beside) / len(beside) if beside else self.y[i]

    def settle(self, column: Sequence[int], wish: Callable[[int], float]) -> None:
        """Each item as near to its wish as the order and the heights of the column allow."""
        steps = [0.0]
        for upper, lower in zip(column, column[1:], strict=False):
            distance = self.below(self.items[upper]) + self.above(self.items[lower]) + AIR * self.unit
            steps.append(steps[-1] + distance)
        fitted = increasing([wish(i) - step for i, step in zip(column, steps, strict=True)])
        for i, base, step in zip(column, fitted, steps, strict=True):
            self.y[i] = base + step

    # columns ---------------------------------------------------------------------------------------------------------

    def place_columns(self) -> None:
        """x of every column: as wide as its items need, with space for the wires that climb between them."""
        x = 0.0
        for number, column in enumerate(self.columns):
            if number:
                climb = max((abs(self.y[k] - self.y[i]) for i in column for k, _ in self.items[i].before), default=0.0)
                x += min(WIDEST_GAP * self.unit, max(GAP * self.unit, SLANT * climb))
            self.left.append(x)
            x += self.head(column) + max(map(self.tail_width, column))
            self.right.append(x)

    def head(self, column: Sequence[int]) -> float:
        """The width before the shelves of a column: its circles or its names."""
        return max((self.head_width(i) for i in column), default=0.0)

    def head_width(self, i: int) -> float:
        item = self.items[i]
        if item.kind != "node":
            return 0.0
        node = self.picture.nodes[item.index]
        if node.kind == "gate":
            return 2 * self.radius(node) + STEM * self.unit
        return self.name_width(item.index) + 2 * PAD * self.unit if node.label else 0.0

    def tail_width(self, i: int) -> float:
        item = self.items[i]
        if item.kind == "pass":
            return 0.0
        return self.share_width(item) if item.kind == "share" else self.shelf_width(self.picture.nodes[item.index])

    # what is drawn ---------------------------------------------------------------------------------------------------

    def circle(self, node: int) -> Circle:
        shown = self.picture.nodes[node]
        radius = self.radius(shown)
        return Circle(self.shelf(node).x0 - STEM * self.unit - radius, self.y[node], radius, self.symbol_size(shown))

    def shelf(self, node: int) -> Shelf:
        column = self.items[node].column
        return Shelf(self.left[column] + self.head(self.columns[column]), self.right[column], self.y[node])

    def share(self, i: int) -> Shelf:
        column = self.items[i].column
        return Shelf(self.left[column], self.right[column], self.y[i])

    def wire(self, number: int) -> tuple[tuple[Point, ...], ...]:
        """The lines of a wire from its source's shelf to its target's circle."""
        route = self.wire_items[number]
        shared = next((k for k, i in enumerate(route) if self.items[i].kind == "share"), None)
        if shared is None:
            return (self.line(number, route),)
        return (self.line(number, route[: shared + 1]), self.line(number, route[shared:]))

    def line(self, number: int, route: Sequence[int]) -> tuple[Point, ...]:
        first, *between, last = route
        start = (self.right[self.items[first].column], self.y[first])
        end = self.port(number, last) if self.items[last].kind == "node" else (self.left[self.items[last].column], self.y[last])
        return taut(start, [portal for i in between for portal in self.portals(i)], end)

    def portals(self, i: int) -> tuple[Portal, Portal]:
        """What a passing wire leaves free in its column, at both sides of it."""
        column = self.columns[self.items[i].column]
        at = column.index(i)
        top = self.edge(i, column[at - 1], -1) if at else float("-inf")
        bottom = self.edge(i, column[at + 1], 1) if at + 1 < len(column) else float("inf")
        number = self.items[i].column
        return (self.left[number], top, bottom), (self.right[number], top, bottom)

    def edge(self, i: int, neighbour: int, side: int) -> float:
        """How far the wire may go towards a neighbour above (-1) or below (1); two passing wires share the space."""
        other = self.items[neighbour]
        if other.kind == "pass":
            return (self.y[i] + self.y[neighbour]) / 2 - side
        height = self.below(other) if side < 0 else self.above(other)
        return self.y[neighbour] - side * (height + CLEAR * self.unit)

    def port(self, number: int, target: int) -> Point:
        """Where a wire enters a circle: at its left point, or above and below it where operands must be told apart."""
        wire, circle = self.picture.wires[number], self.circles[target]
        count = len(self.picture.graph.operands[target])
        if not wire.ordered or count - len(self.picture.graph.constants_of(target)) < 2:
            return circle.x - circle.radius, circle.y
        angle = radians(PORT_ANGLE) * (2 * wire.wire.slot / (count - 1) - 1)
        return circle.x - circle.radius * cos(angle), circle.y + circle.radius * sin(angle)


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
