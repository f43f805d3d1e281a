"""Picture -> DOT: a text that any Graphviz draws, with our places for those that heed them (`neato -n2`, `nop2`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import graphviz

from gradviz.formats.ink import ARROW_LENGTH, MARKED, PAD, TITLE
from gradviz.formats.markup import caption_table, ends, fork_table, label, middle, name_table, shelf_table, tooltip
from gradviz.layout import Caption, Circle, Layout, layout
from gradviz.layout.routes import Point
from gradviz.picture import Picture, PictureNode
from gradviz.themes import Theme

POINTS_PER_INCH: Final = 72
RULE: Final = 1.0  # width of the line that Graphviz draws in a table; a thicker one lies over it


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The DOT text, UTF-8; ids are n0, n1, … for nodes, s0, … for shelves, w3_0 for the wire into slot 0 of n3."""
    return dot(picture).encode()


def dot(picture: Picture, places: Layout | None = None, **attributes: str) -> str:
    """The DOT text of a picture: the same text for the same picture, byte for byte.

    `places` are its own unless given; `attributes` are further ones of the graph.
    """
    places, theme = places or picture.places or layout(picture), picture.theme
    graph = graphviz.Digraph(
        "figure",
        graph_attr={
            "rankdir": "LR", "splines": "polyline", "ranksep": "0.14", "nodesep": "0.1", "outputorder": "edgesfirst",
            "bgcolor": theme.background, "pad": f"{PAD / POINTS_PER_INCH:g}", "fontname": theme.font, **attributes,
        },
        node_attr={
            "fontname": theme.font, "fontsize": f"{theme.font_size:g}", "fontcolor": theme.ink, "color": theme.ink,
        },
        edge_attr={
            "color": theme.ink, "penwidth": f"{theme.pen:g}", "arrowsize": f"{theme.arrow:g}",
            **({} if theme.arrow else {"dir": "none"}),
        },
    )  # fmt: skip
    for number, node in enumerate(picture.nodes):
        _node(graph, picture, places, number, node)
    for number in range(len(picture.wires)):
        _wire(graph, picture, places, number)
    if not places.copies:
        _inputs_in_one_column(graph, picture)
    _frames(graph, picture, places)
    if picture.title:
        _title(graph, picture.title, theme, places)
    if places.caption:
        _caption(graph, picture, places.caption)
    return str(graph.source)


def _node(graph: graphviz.Digraph, picture: Picture, places: Layout, number: int, node: PictureNode) -> None:
    """What stands before a shelf (a circle, a name or nothing), the shelf, and what joins them."""
    theme, shelf, tip = picture.theme, places.shelves[number], tooltip(node.tooltip)
    circle, name = places.circles.get(number), places.names.get(number)
    if circle:
        _circle(graph, picture, circle, number, tip)
    elif name:
        graph.node(
            f"n{number}", name_table(node.label, name), id=f"n{number}", pos=_at(name.x, name.y), tooltip=tip,
            shape="plain", **{"class": node.kind},
        )  # fmt: skip
    graph.node(
        f"s{number}", shelf_table(node, theme, shelf), id=f"s{number}", pos=_at(*middle(shelf)),
        shape="plain", tooltip=tip, **{"class": "shelf alarm" if node.alarm else "shelf"},
    )  # fmt: skip
    start, (port, end) = (shelf.x0, shelf.y), ends(f"s{number}", shelf)
    if theme.pen != RULE:
        line = {"pos": _spline([start, (shelf.x1, shelf.y)]), "id": f"l{number}", "class": "line"}
        graph.edge(port, end, weight="0", dir="none", **line)
    if circle:
        stem = {"pos": _spline([(circle.x + circle.radius, circle.y), start]), "id": f"t{number}", "class": "stem"}
        graph.edge(f"n{number}:e", port, weight="100", dir="none", **stem)
    elif name:
        graph.edge(f"n{number}", port, weight="100", style="invis", pos=_spline([(name.x, name.y), start]))


def _circle(graph: graphviz.Digraph, picture: Picture, circle: Circle, number: int, tip: str) -> None:
    theme, shown = picture.theme, picture.nodes[number]
    size = {"fontsize": f"{circle.symbol:.4g}"} if circle.symbol != theme.font_size else {}
    graph.node(
        f"n{number}", _label(shown.label), id=f"n{number}", pos=_at(circle.x, circle.y), tooltip=tip,
        shape="circle", fixedsize="true", width=_inches(2 * circle.radius), style="filled",
        fillcolor=theme.mark if shown.mark else theme.gate_fill,
        penwidth=f"{theme.pen:g}", **{"class": f"gate {shown.gate}"}, **size,
    )  # fmt: skip


def _label(text: str) -> str:
    return f"<{label(text)}>"


def _wire(graph: graphviz.Digraph, picture: Picture, places: Layout, number: int) -> None:
    wire = picture.wires[number]
    lines, share = places.wires[number], places.shares.get(number)
    source, target, slot = wire.wire
    port = "nw" if wire.port < 0 else "sw" if wire.port > 0 else "w"
    name = f"w{target}_{slot}"
    tip = {"tooltip": tooltip(wire.tooltip)} if wire.tooltip else {}
    bold = {"penwidth": f"{MARKED * picture.theme.pen:g}"} if wire.mark else {}
    head = {"id": name, "class": "wire", **tip, **bold}
    tail = ends(f"s{source}", places.shelves[source])[1]
    if share is None:
        graph.edge(tail, f"n{target}:{port}", pos=_spline(lines[0], picture.theme.arrow), **head)
        return
    left, right = ends(f"h{target}_{slot}", share)
    graph.node(
        f"h{target}_{slot}", fork_table(wire, picture.theme, share), id=f"h{target}_{slot}", shape="plain",
        pos=_at(*middle(share)), **{"class": "share"}, **tip,
    )  # fmt: skip
    graph.edge(
        tail,
        left,
        pos=_spline(lines[0]),
        dir="none",
        id=f"f{target}_{slot}",
        **{"class": "fork"},
        **tip,
    )
    graph.edge(right, f"n{target}:{port}", pos=_spline(lines[1], picture.theme.arrow), **head)


def _inputs_in_one_column(graph: graphviz.Digraph, picture: Picture) -> None:
    """For layouts other than ours: the names at the left edge, from top to bottom."""
    inputs = [f"n{number}" for number, node in enumerate(picture.nodes) if node.kind == "input" and node.label]
    if len(inputs) > 1:
        with graph.subgraph() as column:
            column.attr(rank="same")
            for upper, lower in pairwise(inputs):
                column.edge(upper, lower, style="invis", pos="0,0 0,0 0,0 0,0")


def _frames(graph: graphviz.Digraph, picture: Picture, places: Layout) -> None:
    """A cluster for every frame: a box at its place, or in other layouts around what stands in it."""
    theme, frames = picture.theme, places.frames
    clusters = [graphviz.Digraph(f"cluster_{number}") for number in range(len(frames))]
    for number, frame in enumerate(frames):
        clusters[number].attr(
            label=_label(frame.name), id=f"g{number}", bb=f"{_at(frame.x0, frame.y1)},{_at(frame.x1, frame.y0)}",
            lp=_at((frame.x0 + frame.x1) / 2, frame.y0 + frame.row / 2), color=theme.frame, fontcolor=theme.frame,
            fontsize=f"{frame.size:g}", penwidth=f"{theme.pen:g}", tooltip=tooltip(frame.name), **{"class": "frame"},
        )  # fmt: skip
    for name, place in _places(picture, places):
        inside = [k for k, frame in enumerate(frames) if frame.holds(place)]
        if inside:
            clusters[inside[-1]].node(name)
    for number in reversed(range(len(frames))):
        around = [k for k, outer in enumerate(frames[:number]) if outer.holds((frames[number].x0, frames[number].y0))]
        (clusters[around[-1]] if around else graph).subgraph(clusters[number])


def _places(picture: Picture, places: Layout) -> Iterator[tuple[str, Point]]:
    """The middle of every circle, shelf and share, by the name of its node."""
    yield from ((f"n{number}", (circle.x, circle.y)) for number, circle in places.circles.items())
    yield from ((f"s{number}", ((shelf.x0 + shelf.x1) / 2, shelf.y)) for number, shelf in enumerate(places.shelves))
    for number, shelf in places.shares.items():
        _, target, slot = picture.wires[number].wire
        yield f"h{target}_{slot}", ((shelf.x0 + shelf.x1) / 2, shelf.y)


def _title(graph: graphviz.Digraph, title: str, theme: Theme, places: Layout) -> None:
    graph.node(
        "title", _label(title), shape="plaintext", pos=_at(*places.title), id="title",
        fontsize=f"{theme.font_size * TITLE:.4g}", **{"class": "title"},
    )  # fmt: skip


def _caption(graph: graphviz.Digraph, picture: Picture, place: Caption) -> None:
    graph.node(
        "caption", caption_table(picture.caption, picture.theme, place), shape="plain", pos=_at(place.x, place.y),
        id="caption", **{"class": "caption"},
    )  # fmt: skip


def _spline(points: Sequence[Point], arrow: float = 0.0) -> str:
    """A polyline as the B-spline of Graphviz, short of its end by the length of an arrow."""
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    back = min(1.0, arrow * ARROW_LENGTH / length) if arrow and length else 0.0
    tip = (x1 - (x1 - x0) * back, y1 - (y1 - y0) * back)
    corners = [*points[:-1], tip]
    head = [f"e,{_at(x1, y1)}"] if arrow else []
    return " ".join([*head, _at(*corners[0]), *_segments(corners)])


def _segments(corners: Sequence[Point]) -> Iterator[str]:
    for (x0, y0), (x1, y1) in pairwise(corners):
        for part in (1 / 3, 2 / 3, 1.0):
            yield _at(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part)


def _at(x: float, y: float) -> str:
    """A place as Graphviz has it: y upwards."""
    return f"{x:.2f},{0.0 - y:.2f}".replace("-0.00", "0.00")


def _inches(points: float) -> str:
    return f"{points / POINTS_PER_INCH:.4f}"
