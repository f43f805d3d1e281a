"""Picture -> TikZ, part by part, from the back of the figure to its front."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gradviz.formats import texmath
from gradviz.formats.ink import ARROW_HALF, ARROW_LENGTH, MARKED, PAD, TITLE, Pen
from gradviz.formats.texrows import AXIS, BASE, ROW, Box, at, corners, line, math, n, named, put, rows
from gradviz.layout import Circle, Layout
from gradviz.layout.metrics import text_width, wrapped
from gradviz.layout.routes import Point
from gradviz.picture import Picture, PictureNode
from gradviz.themes import COLORS

ROOM: Final = 0.92  # of a circle's diameter, for its symbol
NAME: Final = 0.25  # ems that a name may go further to the left


def box(picture: Picture, places: Layout) -> Box:
    """The page: everything that is drawn, and some space around it."""
    boxes = list(_boxes(picture, places))
    left, top = (min(each[k] for each in boxes) - PAD for k in (0, 1))
    right, bottom = (max(each[k] for each in boxes) + PAD for k in (2, 3))
    return left, top, right, bottom


def _boxes(picture: Picture, places: Layout) -> Iterator[Box]:
    for shelf in (*places.shelves, *places.shares.values()):
        yield shelf.x0, shelf.y - shelf.row, shelf.x1, shelf.y + shelf.under
    for x, y, radius, _ in places.circles.values():
        yield x - radius, y - radius, x + radius, y + radius
    for name in places.names.values():
        yield name.x - name.width / 2, name.y, name.x + name.width / 2, name.y
    for frame in places.frames:
        yield frame.x0, frame.y0, frame.x1, frame.y1
    if picture.title:
        (x, y), size = places.title, picture.theme.font_size * TITLE
        half = _title_room(picture, places) / 2
        yield x - half, y - size * ROW / 2, x + half, y + size * ROW / 2
    if says := places.caption:
        yield says.x - says.width / 2, says.y - says.height / 2, says.x + says.width / 2, says.y + says.height / 2


def _title_room(picture: Picture, places: Layout) -> float:
    words = text_width(picture.title or "", picture.theme.font_size * TITLE)
    return max(words, *(shelf.x1 for shelf in places.shelves))


# parts, from the back to the front -----------------------------------------------------------------------------------


def _colors(picture: Picture, places: Layout) -> Iterator[str]:
    for field in COLORS:
        yield f"\\definecolor{{{named(field)}}}{{HTML}}{{{getattr(picture.theme, field)[1:].upper()}}}"


def _page(picture: Picture, places: Layout) -> Iterator[str]:
    page = corners(box(picture, places))
    yield "\\color{gvink}"
    yield f"\\path[use as bounding box] {page};"
    yield f"\\fill[gv page] {page};"


def _frames(picture: Picture, places: Layout) -> Iterator[str]:
    for frame in places.frames:
        yield f"\\draw[gv frame] {corners((frame.x0, frame.y0, frame.x1, frame.y1))};"
        middle = ((frame.x0 + frame.x1) / 2, frame.y0 + frame.row / 2 + BASE * frame.size)
        room = frame.x1 - frame.x0
        yield put(middle, "base", frame.size, (room, frame.row), math(texmath.math(frame.name), "frame"))


def _alarms(picture: Picture, places: Layout) -> Iterator[str]:
    for node, shelf in zip(picture.nodes, places.shelves, strict=True):
        if node.alarm:
            yield f"\\fill[gv alarm] {corners((shelf.x0, shelf.y - shelf.row, shelf.x1, shelf.y + shelf.under))};"


def _wires(picture: Picture, places: Layout) -> Iterator[str]:
    for shown, lines in zip(picture.wires, places.wires, strict=True):
        *fork, last = lines
        bold = f", line width={n(MARKED * picture.theme.pen)}bp" if shown.mark else ""
        if fork:
            yield f"\\draw[gv fork] {line(fork[0])};"
        back, head = _head(last, picture.theme.arrow * ARROW_LENGTH)
        yield f"\\draw[gv wire{bold}] {line([*last[:-1], back])};"
        if head:
            yield f"\\filldraw[gv head{bold}] {line(head)} -- cycle;"


def _head(points: Sequence[Point], length: float) -> tuple[Point, tuple[Point, ...]]:
    """Where a line ends that has an arrow of this length, and the corners of the arrow, its tip first."""
    (x0, y0), (x1, y1) = points[-2:]
    whole = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    if not length or not whole:
        return (x1, y1), ()
    along, down = (x1 - x0) / whole, (y1 - y0) / whole
    back, half = min(length, whole), ARROW_HALF * length
    x, y = x1 - along * back, y1 - down * back
    return (x, y), ((x1, y1), (x - down * half, y + along * half), (x + down * half, y - along * half))


def _circles(picture: Picture, places: Layout) -> Iterator[str]:
    for number, circle in places.circles.items():
        node, shelf = picture.nodes[number], places.shelves[number]
        stem = ((circle.x + circle.radius, circle.y), (shelf.x0, shelf.y))
        fill = ", fill=gvmark" if node.mark else ""
        yield f"\\draw[gv stem] {line(stem)};"
        yield f"\\path[gv gate{fill}] ({at(circle.x, circle.y)}) circle[radius={n(circle.radius)}bp];"
        yield _symbol(node, circle)


def _symbol(node: PictureNode, circle: Circle) -> str:
    place, room = (circle.x, circle.y + AXIS * circle.symbol), 2 * circle.radius * ROOM
    return put(place, "base", circle.symbol, (room, room), math(texmath.math(node.label), "ink"))


def _names(picture: Picture, places: Layout) -> Iterator[str]:
    size = picture.theme.font_size
    for number, name in places.names.items():
        place = (name.x + name.width / 2, name.y + AXIS * size)
        written = math(texmath.name(picture.nodes[number].label), "ink")
        yield put(place, "base,right", size, (name.width + NAME * size, 2 * size), written)


def _shelves(picture: Picture, places: Layout) -> Iterator[str]:
    pen = Pen(picture.theme, picture.theme.font_size)
    for node, shelf in zip(picture.nodes, places.shelves, strict=True):
        yield f"\\draw[gv shelf] {line(((shelf.x0, shelf.y), (shelf.x1, shelf.y)))};"
        yield from rows(node.above, node.below, shelf, pen)


def _shares(picture: Picture, places: Layout) -> Iterator[str]:
    pen = Pen(picture.theme, picture.theme.share_size, small=True)
    for number, shelf in places.shares.items():
        wire = picture.wires[number]
        yield f"\\draw[gv share] {line(((shelf.x0, shelf.y), (shelf.x1, shelf.y)))};"
        yield from rows(wire.above, wire.below, shelf, pen)


def _words(picture: Picture, places: Layout) -> Iterator[str]:
    """The title and what is said below the figure."""
    size = picture.theme.font_size
    if picture.title:
        x, y = places.title
        room = (_title_room(picture, places), size * TITLE * ROW)
        yield put((x, y + BASE * size * TITLE), "base", size * TITLE, room, texmath.text(picture.title))
    if place := places.caption:
        row, left, top = place.height / place.rows, place.x - place.width / 2, place.y - place.height / 2
        for number, words in enumerate(wrapped(picture.caption, place.width, place.size)):
            base = top + row * (number + 0.5) + BASE * place.size
            yield put((left, base), "base,left", place.size, (place.width, row), texmath.text(words))


PARTS: Final[tuple[Callable[[Picture, Layout], Iterator[str]], ...]] = (
    _colors, _page, _frames, _alarms, _wires, _shares, _shelves, _circles, _names, _words,
)  # fmt: skip
