"""Picture -> Layout: where every circle, shelf and wire lies, in points, x to the right and y down."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final, NamedTuple

from gradviz.layout.frames import CLEAR, Frame, Frames
from gradviz.layout.layers import Layers, layers
from gradviz.layout.metrics import wrapped
from gradviz.layout.routes import Point, Portal, taut
from gradviz.layout.rows import Rows, rows
from gradviz.layout.sizes import Sizes
from gradviz.picture import Picture

if TYPE_CHECKING:
    from gradviz.layout.copies import Copies

# Lengths for a font of 16 points; others in proportion.
GAP: Final = 16.0  # least space between columns, where wires slant
SLANT: Final = 0.16  # more space for wires that climb, by their height
WIDEST_GAP: Final = 60.0
TITLE: Final = 17.6  # from the top up to the middle of the title
CAPTION_WIDTH: Final = 400.0  # at least
CAPTION_ROW: Final = 1.3  # height of a line, in sizes of its font
CAPTION_OF: Final = 55.0  # the font is this part of a wide figure, to be read on a slide
CAPTION_GAP: Final = 12.0  # above it
LEAD: Final = 7.0  # level piece of a wire before a port above or below: seen from the left, arrows stay apart
PORT_ANGLE: Final = 35.0  # degrees above and below the left point of a circle, where ordered operands enter


class Shelf(NamedTuple):
    """A horizontal line at y from x0 to x1, with room of the height `row` above and `under` below."""

    x0: float
    x1: float
    y: float
    row: float
    under: float


class Circle(NamedTuple):
    """A gate's circle, and the font size of the symbol in it."""

    x: float
    y: float
    radius: float
    symbol: float


class Name(NamedTuple):
    """The name of an input: right-aligned in a width around its centre."""

    x: float
    y: float
    width: float


class Caption(NamedTuple):
    """The box of what is said below the figure, in lines of at most its width."""

    x: float  # its centre
    y: float
    width: float
    height: float
    rows: int  # lines that there is room for
    size: float  # of the font


class Layout(NamedTuple):
    """Places by index of node and of wire."""

    shelves: tuple[Shelf, ...]
    circles: dict[int, Circle]
    names: dict[int, Name]  # left of their shelves
    shares: dict[int, Shelf]  # by wire
    wires: tuple[tuple[tuple[Point, ...], ...], ...]  # one line, or two with the share's shelf between them
    title: Point  # its centre
    frames: tuple[Frame, ...] = ()  # around groups, outer ones first
    caption: Caption | None = None
    copies: Copies | None = None  # for which there are places too, behind those of the picture's nodes


def layout(picture: Picture) -> Layout:
    """Where everything of a picture lies, each wire drawn from end to end."""
    sizes, layered = Sizes(picture), layers(picture)
    return laid_out(picture, sizes, layered, rows(sizes, layered))


def laid_out(picture: Picture, sizes: Sizes, layered: Layers, placed: Rows) -> Layout:
    """Where everything lies in given columns and rows."""
    frames, y = Frames(sizes, layered, placed), placed.y
    heads, columns = _fitted(sizes, layered, y, frames)
    nodes = range(len(picture.nodes))
    starts = [columns[item.column][0] + heads[item.column] for item in layered.items[: len(nodes)]]
    shelves = tuple(Shelf(starts[i], columns[layered.items[i].column][1], y[i], *sizes.shelf_rows(i)) for i in nodes)
    gates = (node for node in nodes if picture.nodes[node].kind == "gate")
    circles = {node: _circle(sizes, shelves[node], node, frames.behind(node)) for node in gates}
    names = {
        node: Name(starts[node] - sizes.pad - sizes.name(node) / 2, y[node], sizes.name(node))
        for node in nodes
        if node not in circles and picture.nodes[node].label
    }
    shares = {
        item.index: Shelf(*columns[item.column], y[i], *sizes.fork_rows(item.index))
        for i, item in enumerate(layered.items)
        if item.kind == "share"
    }
    paths = _Paths(sizes, layered, placed, columns, frames)
    wires = tuple(paths.wire(k, circles[w.wire.target], w.port) for k, w in enumerate(picture.wires))
    width = max(right for _, right in columns)
    title = (width / 2, -TITLE * sizes.unit)
    boxes = frames.drawn(columns, heads)
    bottom = max(y[i] + placed.below[i] for i in range(len(y)))
    caption = _caption(picture, sizes, width, max([bottom, *(box.y1 for box in boxes)]))
    return Layout(shelves, circles, names, shares, wires, title, boxes, caption)


def _caption(picture: Picture, sizes: Sizes, right: float, bottom: float) -> Caption | None:
    if not picture.caption:
        return None
    width = max(right, CAPTION_WIDTH * sizes.unit)
    size = max(picture.theme.font_size, width / CAPTION_OF)
    rows = len(wrapped(picture.caption, width, size))
    height = rows * CAPTION_ROW * size
    return Caption(right / 2, bottom + CAPTION_GAP * sizes.unit + height / 2, width, height, rows, size)


def _circle(sizes: Sizes, shelf: Shelf, node: int, behind: float) -> Circle:
    radius = sizes.radius(node)
    return Circle(shelf.x0 - behind - sizes.stem - radius, shelf.y, radius, sizes.symbol(node))


# columns -------------------------------------------------------------------------------------------------------------


def _fitted(
    sizes: Sizes, layered: Layers, y: Sequence[float], frames: Frames
) -> tuple[list[float], list[tuple[float, float]]]:
    """The columns with frames that are wide enough for their names."""
    heads, columns = _columns(sizes, layered, y, frames)
    for right in (0.5, 0.0):
        if frames.fit(columns, heads, right):
            heads, columns = _columns(sizes, layered, y, frames)
    return heads, columns


def _columns(
    sizes: Sizes, layered: Layers, y: Sequence[float], frames: Frames
) -> tuple[list[float], list[tuple[float, float]]]:
    """The widths before shelves, and the left and right x of every column, after space for the wires that climb."""
    heads: list[float] = []
    columns: list[tuple[float, float]] = []
    x, starts = 0.0, set(layered.starts)
    for number, column in enumerate(layered.columns):
        if number in starts:
            x = 0.0
        else:
            climb = max(abs(y[k] - y[i]) for i in column for k, _ in layered.items[i].before or [(i, 0.0)])
            lead = LEAD if any(port for i in column for _, port in layered.items[i].before) else 0.0
            x += lead * sizes.unit + min(WIDEST_GAP * sizes.unit, max(GAP * sizes.unit, SLANT * climb))
        x += frames.before.get(number, 0.0)
        heads.append(_head(sizes, layered, column, frames))
        width = heads[-1] + max(_tail(sizes, layered, i) for i in column)
        columns.append((x, x + width))
        x += width
    return heads, columns


def _head(sizes: Sizes, layered: Layers, column: Sequence[int], frames: Frames) -> float:
    """The width before the shelves of a column: its circles or its names."""
    nodes = (i for i in column if layered.items[i].kind == "node")
    return max((sizes.head(i) + frames.behind(i) for i in nodes), default=0.0)


def _tail(sizes: Sizes, layered: Layers, i: int) -> float:
    item = layered.items[i]
    if item.kind == "pass":
        return 0.0
    return sizes.shelf(item.index) if item.kind == "node" else sizes.share(item.index)


# wires ---------------------------------------------------------------------------------------------------------------


class _Paths(NamedTuple):
    """The lines of wires through the columns."""

    sizes: Sizes
    layered: Layers
    rows: Rows
    columns: Sequence[tuple[float, float]]
    frames: Frames

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
        middle = (self.columns[self.layered.items[share].column][0], self.rows.y[share])
        return (self.line(route[: fork + 1], middle), last)

    def line(self, route: Sequence[int], end: Point) -> tuple[Point, ...]:
        first, *between, last = route
        start = (self.columns[self.layered.items[first].column][1], self.rows.y[first])
        portals = [portal for i in between for portal in (*self.frames.gates(i, self.columns), *self.portals(i))]
        return taut(start, [*portals, *self.frames.gates(last, self.columns)], end)

    def portals(self, i: int) -> tuple[Portal, Portal]:
        """What a passing wire leaves free in its column, at both sides of it."""
        left, right = self.columns[self.layered.items[i].column]
        part = self.frames.passing(i)
        column, at = self.frames.stacks[part]
        top, bottom = self.frames.around(part)
        if at:
            top = self.edge(part, column[at - 1], -1)
        if at + 1 < len(column):
            bottom = self.edge(part, column[at + 1], 1)
        return (left, top, bottom), (right, top, bottom)

    def edge(self, part: int, neighbour: int, side: int) -> float:
        """How far the wire may go towards a neighbour above (-1) or below (1); two passing wires share the space."""
        y = self.rows.y[neighbour]
        if self.frames.passes(neighbour):
            return (self.rows.y[part] + y) / 2 - side
        height = self.rows.below[neighbour] if side < 0 else self.rows.above[neighbour]
        return y - side * (height + CLEAR * self.sizes.unit)
