"""Two pictures of one graph -> one Picture: one above the other at the same places, each in a frame with its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gradviz.errors import OptionError
from gradviz.layout.frames import Frame
from gradviz.layout.metrics import text_width
from gradviz.layout.places import Circle, Layout, Name, Shelf
from gradviz.layout.routes import Point
from gradviz.layout.together import together
from gradviz.picture import Picture

# Lengths for a font of 16 points; others in proportion.
AIR: Final = 10.0  # between what is drawn and its frame
BETWEEN: Final = 14.0  # two frames
NAME: Final = 24.0  # height of a frame's name


class _Box(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float


def paired(pictures: Sequence[Picture], names: Sequence[str]) -> Picture:
    """The pictures below one another, which differ in their texts only; frames of their own they have none.

    Raises `OptionError` for a picture that is drawn with copies, as large ones are.
    """
    first = pictures[0]
    places = together([shown._replace(title=None, caption="") for shown in pictures])
    if places.copies is not None:
        raise OptionError("the circuit is too large to be drawn twice in one figure")
    unit = first.theme.font_size / 16.0
    box = _wide_enough(_bounds(places, AIR * unit, NAME * unit), names, first.theme.font_size)
    down = box.y1 - box.y0 + BETWEEN * unit
    nodes, wires = len(first.nodes), len(first.wires)
    return first._replace(
        nodes=tuple(node for shown in pictures for node in shown.nodes),
        wires=tuple(
            wire._replace(
                wire=wire.wire._replace(source=wire.wire.source + k * nodes, target=wire.wire.target + k * nodes)
            )
            for k, shown in enumerate(pictures)
            for wire in shown.wires
        ),
        caption="",
        told=" ".join(f"{name}. {shown.description}" for name, shown in zip(names, pictures, strict=True)),
        places=_joined([_shifted(places, k * down, k * nodes, k * wires) for k in range(len(pictures))])._replace(
            frames=tuple(
                _frame(box, k * down, name, first.theme.font_size, NAME * unit) for k, name in enumerate(names)
            ),
            title=(places.title[0], box.y0 - 17.6 * unit),
        ),
    )


def _bounds(places: Layout, air: float, name: float) -> _Box:
    """What all lies in, with room for a frame and its name."""
    shelves = (*places.shelves, *places.shares.values())
    x = [
        *(x for shelf in shelves for x in (shelf.x0, shelf.x1)),
        *(x for circle in places.circles.values() for x in (circle.x - circle.radius, circle.x + circle.radius)),
        *(each.x - each.width / 2 for each in places.names.values()),
    ]
    y = [
        *(y for shelf in shelves for y in (shelf.y - shelf.row, shelf.y + shelf.under)),
        *(y for circle in places.circles.values() for y in (circle.y - circle.radius, circle.y + circle.radius)),
        *(point[1] for wire in places.wires for line in wire for point in line),
    ]
    return _Box(min(x) - air, min(y) - air - name, max(x) + air, max(y) + air)


def _wide_enough(box: _Box, names: Iterable[str], size: float) -> _Box:
    missing = max(text_width(name, size) for name in names) + size - (box.x1 - box.x0)
    return box._replace(x0=box.x0 - max(0.0, missing / 2), x1=box.x1 + max(0.0, missing / 2))


def _frame(box: _Box, down: float, name: str, size: float, row: float) -> Frame:
    return Frame(box.x0, box.y0 + down, box.x1, box.y1 + down, name, frozenset(), size, row)


def _shifted(places: Layout, down: float, nodes: int, wires: int) -> Layout:
    """Everything further down, with other indices."""

    def shelf(each: Shelf) -> Shelf:
        return each._replace(y=each.y + down)

    def line(points: Iterable[Point]) -> tuple[Point, ...]:
        return tuple((x, y + down) for x, y in points)

    circles: dict[int, Circle] = {k + nodes: each._replace(y=each.y + down) for k, each in places.circles.items()}
    names: dict[int, Name] = {k + nodes: each._replace(y=each.y + down) for k, each in places.names.items()}
    return places._replace(
        shelves=tuple(map(shelf, places.shelves)),
        circles=circles,
        names=names,
        shares={k + wires: shelf(each) for k, each in places.shares.items()},
        wires=tuple(tuple(map(line, wire)) for wire in places.wires),
    )


def _joined(parts: Sequence[Layout]) -> Layout:
    return parts[0]._replace(
        shelves=tuple(shelf for part in parts for shelf in part.shelves),
        circles={k: each for part in parts for k, each in part.circles.items()},
        names={k: each for part in parts for k, each in part.names.items()},
        shares={k: each for part in parts for k, each in part.shares.items()},
        wires=tuple(wire for part in parts for wire in part.wires),
    )
