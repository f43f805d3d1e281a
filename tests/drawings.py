"""Checkers of drawings: what a lecturer would see at a glance, as facts about geometry and the SVG's structure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gradviz.layout import Circle, Layout, Shelf
from gradviz.layout.metrics import row_height
from gradviz.layout.routes import Point
from gradviz.picture import Picture
from gradviz.runs import Row

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]  # left, top, right, bottom

ARROW = 4.5
ABOVE, BELOW = 16.0, 16.0  # of a shelf's line, where its digits stand (16 points, seen from the line)


def number_boxes(picture: Picture, places: Layout) -> dict[str, Box]:
    """Where digits and symbols stand, by id as in the SVG."""
    size, small = picture.theme.font_size, picture.theme.share_size
    boxes = {
        f"s{n}": _shelf_box(shelf, room(node.above, size, ABOVE), room(node.below, size, BELOW))
        for n, (node, shelf) in enumerate(zip(picture.nodes, places.shelves, strict=True))
    }
    for k, shelf in places.shares.items():
        wire = picture.wires[k]
        above = room(wire.above, small, 12 if wire.local else 0.5)
        below = room(wire.below, small, 12 if wire.share or not wire.local else 0.5)
        boxes[f"h{wire.wire.target}_{wire.wire.slot}"] = _shelf_box(shelf, above, below)
    for n, circle in places.circles.items():
        inner = circle.radius * 0.7  # the square in the circle
        boxes[f"n{n}"] = _around(circle, inner)
    return boxes


def room(row: Row, size: float, otherwise: float) -> float:
    """The height of arrays and fractions in a row, seen from the line."""
    return max(otherwise, row_height(row, size) - 1 if row_height(row, size) else 0)


def circle_boxes(places: Layout) -> dict[str, Box]:
    """The boxes around the circles, by id."""
    return {f"n{n}": _around(circle, circle.radius) for n, circle in places.circles.items()}


def hidden_arrows(picture: Picture, places: Layout) -> list[str]:
    """Wires whose last piece, of the length of an arrow, lies inside a circle."""
    found = []
    for wire, lines in zip(picture.wires, places.wires, strict=True):
        (x0, y0), (x1, y1) = lines[-1][-2:]
        circle = places.circles[wire.wire.target]
        length = max(1e-9, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
        back = min(1.0, ARROW / length)
        x, y = x1 - (x1 - x0) * back, y1 - (y1 - y0) * back
        if (x - circle.x) ** 2 + (y - circle.y) ** 2 < (circle.radius - 0.01) ** 2:
            found.append(f"w{wire.wire.target}_{wire.wire.slot}")
    return found


def _around(circle: Circle, half: float) -> Box:
    return (circle.x - half, circle.y - half, circle.x + half, circle.y + half)


def _shelf_box(shelf: Shelf, above: float, below: float) -> Box:
    return (shelf.x0 + 1, shelf.y - above, shelf.x1 - 1, shelf.y + below)


def overlaps(boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Pairs of boxes that lie on each other."""
    items = sorted(boxes.items(), key=lambda item: item[1][0])
    found = []
    for k, (name, (_, top, right, bottom)) in enumerate(items):
        for other, (left2, top2, _, bottom2) in items[k + 1 :]:
            if left2 >= right:
                break
            if top < bottom2 and top2 < bottom:
                found.append((name, other))
    return found


def wires_through_boxes(picture: Picture, places: Layout) -> list[tuple[str, str]]:
    """Wires that cross digits or symbols, with what they cross."""
    boxes = number_boxes(picture, places)
    return [
        (f"w{wire.wire.target}_{wire.wire.slot}", name)
        for wire, lines in zip(picture.wires, places.wires, strict=True)
        for a, b in _pieces(lines)
        for name, box in boxes.items()
        if crosses(a, b, box)
    ]


def _pieces(lines: tuple[tuple[Point, ...], ...]) -> Iterator[tuple[Point, Point]]:
    for line in lines:
        yield from pairwise(line)


def crosses(a: Point, b: Point, box: Box) -> bool:
    """Whether the segment a-b has a point inside the box (Liang and Barsky's clipping)."""
    left, top, right, bottom = box
    enter, leave = 0.0, 1.0
    for start, way, low, high in ((a[0], b[0] - a[0], left, right), (a[1], b[1] - a[1], top, bottom)):
        if way == 0:
            if not low < start < high:
                return False
            continue
        first, last = sorted(((low - start) / way, (high - start) / way))
        enter, leave = max(enter, first), min(leave, last)
    return enter < leave


@dataclass(frozen=True)
class DrawnShelf:
    """A shelf as it stands in an SVG."""

    texts: tuple[tuple[str, float], ...]  # text and baseline, from top to bottom
    rule: float  # y of the line


def groups(svg: str) -> dict[str, ET.Element]:
    """The groups of an SVG by id; what holds several of them has none."""
    return {g.attrib["id"]: g for g in ET.fromstring(svg).iter(f"{SVG}g") if "id" in g.attrib}


def with_class(svg: str, name: str) -> list[str]:
    """Ids of the groups that have a class."""
    return [key for key, g in groups(svg).items() if name in g.attrib.get("class", "").split()]


def shelf(svg: str, key: str) -> DrawnShelf:
    """What is drawn in the group of a shelf."""
    group = groups(svg)[key]
    texts = [(written(t), float(t.attrib["y"])) for t in group.iter(f"{SVG}text")]
    rule = list(group.iter(f"{SVG}path"))[-1].attrib["d"]
    ys = [float(point.split(",")[1]) for point in rule.removeprefix("M").split()]
    return DrawnShelf(tuple(sorted(texts, key=lambda t: t[1])), sum(ys) / len(ys))


def written(text: ET.Element) -> str:
    """What a text says; between its runs stand spaces that do not break."""
    return "".join(text.itertext()).replace("\N{NO-BREAK SPACE}", " ")


@dataclass(frozen=True)
class DrawnBrackets:
    """A pair of brackets in an SVG: the box that they span, and the texts in it."""

    box: Box
    texts: tuple[str, ...]


def brackets(svg: str, key: str) -> list[DrawnBrackets]:
    """The pairs of brackets in a group, from top to bottom: each a line of three pieces, of one height."""
    group = groups(svg)[key]
    lines = [_bounds(line.attrib["points"]) for line in group.iter(f"{SVG}polyline")]
    texts = [(written(t).strip(), float(t.attrib["x"]), float(t.attrib["y"])) for t in group.iter(f"{SVG}text")]
    found = []
    for left, right in zip(lines[::2], lines[1::2], strict=True):
        assert (left[1], left[3]) == (right[1], right[3]), "a bracket is taller than its pair"
        box = (left[0], left[1], right[2], right[3])
        inside = tuple(text for text, x, y in texts if box[0] < x < box[2] and box[1] < y < box[3])
        found.append(DrawnBrackets(box, inside))
    return sorted(found, key=lambda each: each.box[1])


def _bounds(points: str) -> Box:
    corners = [tuple(map(float, point.split(","))) for point in points.split()]
    assert len(corners) == 4, "a bracket has four corners"
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))
