"""Picture + Layout -> SVG: circles, shelves, wires, frames and words, each in a group with a stable id and class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import inf

from gradviz.errors import is_seen
from gradviz.formats.ink import TITLE, Pen, escaped, html
from gradviz.formats.svglines import edges, points, stroke, width
from gradviz.formats.svgtext import BASE, hand, inherited, prose, shelf_rows, text
from gradviz.layout import Caption, Circle, Layout, Name, Shelf
from gradviz.layout.metrics import text_width, wrapped
from gradviz.picture import Picture, PictureNode
from gradviz.themes import Theme

Box = tuple[float, float, float, float]  # left, top, right, bottom


def parts(picture: Picture, places: Layout) -> Iterator[str]:
    """What is drawn, in drawing order: frames, wires, then circles and shelves with what stands on them."""
    titles = [_title(shown.tooltip) for shown in picture.wires]
    yield from _frames(picture, places)
    yield from edges(picture, places, titles)
    yield from _nodes(picture, places)
    yield from _shares(picture, places, titles)
    yield from _words(picture, places)


def _title(tip: str) -> str:
    """A tooltip, line by line."""
    if not tip:
        return ""
    seen = is_seen(tip.replace("\n", ""))
    lines = escaped(tip).replace("\n", "&#10;") if seen else "&#10;".join(map(html, tip.split("\n")))
    return f"<title>{lines}</title>\n"


# circles and shelves -------------------------------------------------------------------------------------------------


def _nodes(picture: Picture, places: Layout) -> Iterator[str]:
    """What stands before each shelf (a circle, a name or nothing), and the shelf."""
    theme, by = picture.theme, hand(Pen(picture.theme, picture.theme.font_size))
    pen = stroke(theme)
    for number, (node, shelf) in enumerate(zip(picture.nodes, places.shelves, strict=True)):
        title = _title(node.tooltip)
        if circle := places.circles.get(number):
            drawn = _circle(node, circle, theme, pen)
            yield f'<g id="n{number}" class="node gate {node.gate}">\n{title}{drawn}</g>\n'
        elif name := places.names.get(number):
            yield f'<g id="n{number}" class="node {node.kind}">\n{title}{_name(node, name, theme)}</g>\n'
        back = _back(shelf, theme.alarm) if node.alarm else ""
        rows, kind = shelf_rows(node.above, node.below, shelf, by), " alarm" if back else ""
        yield f'<g id="s{number}" class="node shelf{kind}">\n{title}{back}{rows}{_rule(shelf, pen)}</g>\n'


def _circle(node: PictureNode, circle: Circle, theme: Theme, pen: str) -> str:
    x, y, radius, symbol = circle
    fill = theme.mark if node.mark else theme.gate_fill
    size = f' font-size="{symbol:.4g}"' if symbol != theme.font_size else ""
    place = f'cx="{x:.2f}" cy="{y:.2f}" rx="{radius:.2f}" ry="{radius:.2f}"'
    return f'<ellipse fill="{fill}" {pen} {place}/>\n{text(node.label, x, y + BASE * symbol, size)}'


def _name(node: PictureNode, name: Name, theme: Theme) -> str:
    """The name of an input or a constant, flush right."""
    return text(node.label, name.x + name.width / 2, name.y + BASE * theme.font_size, ' text-anchor="end"')


def _rule(shelf: Shelf, pen: str) -> str:
    """The line of a shelf, which is a piece of the wire."""
    x0, x1, y, _, _ = shelf
    return f'<path {pen} d="M{x0:.2f},{y:.2f} {x1:.2f},{y:.2f}"/>\n'


def _back(shelf: Shelf, color: str) -> str:
    top, bottom = shelf.y - shelf.row, shelf.y + shelf.under
    return f'<polygon fill="{color}" points="{_corners((shelf.x0, top, shelf.x1, bottom))}"/>\n'


def _shares(picture: Picture, places: Layout, titles: Sequence[str]) -> Iterator[str]:
    """The shelves of wires, in a group that has their smaller font."""
    if not places.shares:
        return
    theme = picture.theme
    small, pen = Pen(theme, theme.share_size, small=True), stroke(theme)
    by = hand(small)
    yield f'<g class="shares" {inherited(small)}>\n'
    for number, shelf in places.shares.items():
        shown = picture.wires[number]
        (_, target, slot), rows = shown.wire, shelf_rows(shown.above, shown.below, shelf, by)
        key = f"h{target}_{slot}"
        yield f'<g id="{key}" class="node share">\n{titles[number]}{rows}{_rule(shelf, pen)}</g>\n'
    yield "</g>\n"


# words and frames ----------------------------------------------------------------------------------------------------


def _frames(picture: Picture, places: Layout) -> Iterator[str]:
    theme = picture.theme
    for number, frame in enumerate(places.frames):
        box = _corners((frame.x0, frame.y0, frame.x1, frame.y1))
        edge = f'fill="{theme.background}" stroke="{theme.frame}"{width(theme)}'
        base, style = frame.y0 + frame.row / 2 + BASE * frame.size, f' fill="{theme.frame}" font-size="{frame.size:g}"'
        name = text(frame.name, (frame.x0 + frame.x1) / 2, base, style)
        drawn = f'{_title(frame.name)}<polygon {edge} points="{box}"/>\n{name}'
        yield f'<g id="g{number}" class="cluster frame">\n{drawn}</g>\n'


def _words(picture: Picture, places: Layout) -> Iterator[str]:
    """The title above the figure and the caption below it."""
    if picture.title:
        (x, y), size = places.title, picture.theme.font_size * TITLE
        shown = prose(picture.title, x, y + BASE * size, f' font-size="{size:.4g}"')
        yield f'<g id="title" class="node title">\n{shown}</g>\n'
    if places.caption:
        yield f'<g id="caption" class="node caption">\n{"".join(_caption(picture, places.caption))}</g>\n'


def _caption(picture: Picture, place: Caption) -> Iterator[str]:
    theme, row = picture.theme, place.height / place.rows
    size = f' font-size="{place.size:g}"' if place.size != theme.font_size else ""
    left, top = place.x - place.width / 2, place.y - place.height / 2
    for number, line in enumerate(wrapped(picture.caption, place.width, place.size)):
        yield text(line, left, top + row * (number + 0.5) + BASE * place.size, f' text-anchor="start"{size}')


def _corners(box: Box) -> str:
    left, top, right, bottom = box
    return points([(left, top), (right, top), (right, bottom), (left, bottom)])


# around everything ---------------------------------------------------------------------------------------------------


def bounds(picture: Picture, places: Layout) -> Box:
    """The box around all that is drawn, without the pad."""
    left = top = inf
    right = bottom = -inf
    for x0, y0, x1, y1 in chain(_boxes(places), _words_boxes(picture, places)):
        left, top = x0 if x0 < left else left, y0 if y0 < top else top
        right, bottom = x1 if x1 > right else right, y1 if y1 > bottom else bottom
    return left, top, right, bottom


def _boxes(places: Layout) -> Iterator[Box]:
    for x0, x1, y, row, under in chain(places.shelves, places.shares.values()):
        yield x0, y - row, x1, y + under
    for x, y, radius, _ in places.circles.values():
        yield x - radius, y - radius, x + radius, y + radius
    for name in places.names.values():
        yield name.x - name.width / 2, name.y, name.x, name.y
    for frame in places.frames:
        yield frame.x0, frame.y0, frame.x1, frame.y1
    for x, y in chain.from_iterable(chain.from_iterable(places.wires)):
        yield x, y, x, y


def _words_boxes(picture: Picture, places: Layout) -> Iterator[Box]:
    if picture.title:
        (x, y), size = places.title, picture.theme.font_size * TITLE
        half = text_width(picture.title, size) / 2
        yield x - half, y - size, x + half, y + size / 2
    if box := places.caption:
        yield box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2
