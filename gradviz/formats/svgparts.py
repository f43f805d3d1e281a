"""Picture + Layout -> SVG: circles, shelves, wires, frames and words, each in a group with a stable id and class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gradviz.formats.ink import Pen, html
from gradviz.formats.svgtext import BASE, shelf_rows, text
from gradviz.layout import Caption, Circle, Layout, Shelf
from gradviz.layout.metrics import text_width, wrapped
from gradviz.layout.routes import Point
from gradviz.picture import Picture, PictureWire

Box = tuple[float, float, float, float]  # left, top, right, bottom

PAD: Final = 4.32  # points around everything; Graphviz's `pad` of 0.06 inches
TITLE: Final = 1.1  # of the theme's font
MARKED: Final = 2.2  # times as wide is a wire that a step is about
ARROW_LENGTH: Final = 10.0  # of an arrow at arrowsize 1
ARROW_HALF: Final = 0.35  # half the width of an arrow, in lengths
MITER: Final = 1.5  # pens by which the sharp end of an arrow sticks out


def parts(picture: Picture, places: Layout) -> Iterator[str]:
    """What is drawn, in drawing order: frames, wires, then circles and shelves with what stands on them."""
    yield from _frames(picture, places)
    for number, circle in places.circles.items():
        yield _group(f"t{number}", "edge stem", "", [_stem(circle, places.shelves[number], picture)])
    for number, wire in enumerate(picture.wires):
        yield from _wire(wire, places.wires[number], picture)
    for number in range(len(picture.nodes)):
        yield from _node(picture, places, number)
    pen = Pen(picture.theme, picture.theme.share_size, small=True)
    for number, shelf in places.shares.items():
        wire = picture.wires[number]
        drawn = (*shelf_rows(wire.above, wire.below, shelf, pen), _rule(shelf, picture))
        yield _group(f"h{wire.wire.target}_{wire.wire.slot}", "node share", wire.tooltip, drawn)
    yield from _words(picture, places)


def _group(key: str, kind: str, tip: str, drawn: Iterable[str]) -> str:
    title = f"<title>{_tooltip(tip)}</title>\n" if tip else ""
    return f'<g id="{key}" class="{kind}">\n{title}{"".join(drawn)}</g>\n'


def _tooltip(tip: str) -> str:
    return "&#10;".join(map(html, tip.split("\n")))


# circles and shelves -------------------------------------------------------------------------------------------------


def _node(picture: Picture, places: Layout, number: int) -> Iterator[str]:
    """What stands before a shelf (a circle, a name or nothing), and the shelf."""
    node, theme, shelf = picture.nodes[number], picture.theme, places.shelves[number]
    if circle := places.circles.get(number):
        yield _group(f"n{number}", f"node gate {node.gate}", node.tooltip, _circle(picture, circle, number))
    elif name := places.names.get(number):
        base = name.y + BASE * theme.font_size
        shown = text(node.label, name.x + name.width / 2, base, theme.ink, ' text-anchor="end"')
        yield _group(f"n{number}", f"node {node.kind}", node.tooltip, [shown])
    back = [_back(shelf, theme.alarm)] if node.alarm else []
    drawn = (*back, *shelf_rows(node.above, node.below, shelf, Pen(theme, theme.font_size)), _rule(shelf, picture))
    yield _group(f"s{number}", "node shelf alarm" if node.alarm else "node shelf", node.tooltip, drawn)


def _circle(picture: Picture, circle: Circle, number: int) -> Iterator[str]:
    theme, node = picture.theme, picture.nodes[number]
    fill = theme.mark if node.mark else theme.gate_fill
    radius = f'rx="{circle.radius:.2f}" ry="{circle.radius:.2f}"'
    yield f'<ellipse fill="{fill}" {_stroke(picture)} cx="{circle.x:.2f}" cy="{circle.y:.2f}" {radius}/>\n'
    size = f' font-size="{circle.symbol:.4g}"' if circle.symbol != theme.font_size else ""
    yield text(node.label, circle.x, circle.y + BASE * circle.symbol, theme.ink, size)


def _rule(shelf: Shelf, picture: Picture) -> str:
    """The line of a shelf, which is a piece of the wire."""
    return _line([(shelf.x0, shelf.y), (shelf.x1, shelf.y)], picture)


def _back(shelf: Shelf, color: str) -> str:
    top, bottom = shelf.y - shelf.row, shelf.y + shelf.under
    return f'<polygon fill="{color}" stroke="none" points="{_corners((shelf.x0, top, shelf.x1, bottom))}"/>\n'


# wires ---------------------------------------------------------------------------------------------------------------


def _stem(circle: Circle, shelf: Shelf, picture: Picture) -> str:
    return _line([(circle.x + circle.radius, circle.y), (shelf.x0, shelf.y)], picture)


def _wire(wire: PictureWire, lines: Sequence[Sequence[Point]], picture: Picture) -> Iterator[str]:
    """The line of a wire; where it has a shelf of its own, one up to it, and one on from there."""
    _, target, slot = wire.wire
    *forks, last = lines
    for fork in forks:
        yield _group(f"f{target}_{slot}", "edge fork", wire.tooltip, [_line(fork, picture)])
    wide = MARKED if wire.mark else 1.0
    drawn = _arrow(last, picture, wide) if picture.theme.arrow else [_line(last, picture, wide)]
    yield _group(f"w{target}_{slot}", "edge wire", wire.tooltip, drawn)


def _arrow(points: Sequence[Point], picture: Picture, wide: float) -> Iterator[str]:
    """A line whose arrow ends where it ends."""
    (x0, y0), (x1, y1) = points[-2:]
    run, rise = x1 - x0, y1 - y0
    distance = (run * run + rise * rise) ** 0.5 or 1.0
    run, rise = run / distance, rise / distance
    length = picture.theme.arrow * ARROW_LENGTH
    out = MITER * picture.theme.pen * wide
    back = min(length, distance)
    yield _line([*points[:-1], (x1 - run * back, y1 - rise * back)], picture, wide)
    x, y = x1 - run * out, y1 - rise * out
    left, half = (x - run * length, y - rise * length), length * ARROW_HALF
    corners = (
        f"{left[0] - rise * half:.2f},{left[1] + run * half:.2f} {x:.2f},{y:.2f} "
        f"{left[0] + rise * half:.2f},{left[1] - run * half:.2f}"
    )
    yield f'<polygon fill="{picture.theme.ink}" {_stroke(picture, wide)} points="{corners}"/>\n'


def _line(points: Sequence[Point], picture: Picture, wide: float = 1.0) -> str:
    return f'<path fill="none" {_stroke(picture, wide)} d="M{_points(points)}"/>\n'


def _stroke(picture: Picture, wide: float = 1.0) -> str:
    pen = picture.theme.pen * wide
    width = f' stroke-width="{pen:g}"' if pen != 1.0 else ""
    return f'stroke="{picture.theme.ink}"{width}'


def _points(points: Iterable[Point]) -> str:
    return " ".join([f"{x:.2f},{y:.2f}" for x, y in points])


def _corners(box: Box) -> str:
    left, top, right, bottom = box
    return _points([(left, top), (right, top), (right, bottom), (left, bottom)])


# words and frames ----------------------------------------------------------------------------------------------------


def _frames(picture: Picture, places: Layout) -> Iterator[str]:
    theme = picture.theme
    width = f' stroke-width="{theme.pen:g}"' if theme.pen != 1.0 else ""
    for number, frame in enumerate(places.frames):
        box = _corners((frame.x0, frame.y0, frame.x1, frame.y1))
        base = frame.y0 + frame.row / 2 + BASE * frame.size
        drawn = [
            f'<polygon fill="{theme.background}" stroke="{theme.frame}"{width} points="{box}"/>\n',
            text(frame.name, (frame.x0 + frame.x1) / 2, base, theme.frame, f' font-size="{frame.size:g}"'),
        ]
        yield _group(f"g{number}", "cluster frame", frame.name, drawn)


def _words(picture: Picture, places: Layout) -> Iterator[str]:
    """The title above the figure and the caption below it."""
    theme = picture.theme
    if picture.title:
        (x, y), size = places.title, theme.font_size * TITLE
        shown = text(picture.title, x, y + BASE * size, theme.ink, f' font-size="{size:.4g}"')
        yield _group("title", "node title", "", [shown])
    if places.caption:
        yield _group("caption", "node caption", "", _caption(picture, places.caption))


def _caption(picture: Picture, place: Caption) -> Iterator[str]:
    theme, row = picture.theme, place.height / place.rows
    size = f' font-size="{place.size:g}"' if place.size != theme.font_size else ""
    left, top = place.x - place.width / 2, place.y - place.height / 2
    for number, line in enumerate(wrapped(picture.caption, place.width, place.size)):
        base = top + row * (number + 0.5) + BASE * place.size
        yield text(line, left, base, theme.ink, f' text-anchor="start"{size}')


# around everything ---------------------------------------------------------------------------------------------------


def bounds(picture: Picture, places: Layout) -> Box:
    """The box around all that is drawn, without the pad."""
    boxes = [(shelf.x0, shelf.y - shelf.row, shelf.x1, shelf.y + shelf.under) for shelf in places.shelves]
    boxes += [(shelf.x0, shelf.y - shelf.row, shelf.x1, shelf.y + shelf.under) for shelf in places.shares.values()]
    boxes += [(c.x - c.radius, c.y - c.radius, c.x + c.radius, c.y + c.radius) for c in places.circles.values()]
    boxes += [(name.x - name.width / 2, name.y, name.x, name.y) for name in places.names.values()]
    boxes += [(x, y, x, y) for lines in places.wires for line in lines for x, y in line]
    boxes += [(frame.x0, frame.y0, frame.x1, frame.y1) for frame in places.frames]
    boxes += list(_words_boxes(picture, places))
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _words_boxes(picture: Picture, places: Layout) -> Iterator[Box]:
    if picture.title:
        (x, y), size = places.title, picture.theme.font_size * TITLE
        width = text_width(picture.title, size)
        yield x - width / 2, y - size, x + width / 2, y + size / 2
    if box := places.caption:
        yield box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2
