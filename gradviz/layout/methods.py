"""THE METHODS OF LAYOUT: every wire from end to end, or in a large figure copies right before the gates."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.layout.places import Layout, layout
from gradviz.picture import Picture

MOST: Final = 2_000  # places for nodes and for wires that pass columns, which the exact method arranges in 0.2 s


class Method(NamedTuple):
    """A way to find places; `auto` takes one of the others by the size of the figure."""

    name: str
    does: str


METHODS: Final = {
    method.name: method
    for method in (
        Method("auto", "exact for figures of usual size, fast for large ones"),
        Method("exact", "every wire is drawn from end to end"),
        Method("fast", "long wires begin at copies; the figure is in lines, like a text"),
    )
}


def method_of(picture: Picture) -> str:
    """What a picture is laid out with: exact or fast."""
    if picture.method != "auto":
        return picture.method
    return "exact" if _is_small(picture) else "fast"


def _is_small(picture: Picture) -> bool:
    """Whether the exact method has few places to arrange: one for each node, one for each column a wire passes."""
    if len(picture.nodes) + len(picture.wires) > MOST:
        return False
    ranks, count = [0] * len(picture.nodes), len(picture.nodes)
    for source, target, _ in (shown.wire for shown in picture.wires):
        ranks[target] = max(ranks[target], ranks[source] + 1)
    for shown in picture.wires:
        count += ranks[shown.wire.target] - ranks[shown.wire.source]
    return count <= MOST


def laid_out_by(picture: Picture) -> Layout:
    """Where everything lies, by the method of the picture."""
    if method_of(picture) == "exact":
        return layout(picture)
    from gradviz.layout.fast import layout as fast

    return fast(picture)


def placed(picture: Picture) -> Picture:
    """The picture with its places, and with the copies for which there are places: what formats draw."""
    places: Layout = picture.places or laid_out_by(picture)
    if places.copies and len(picture.nodes) < len(places.shelves):
        from gradviz.layout.copies import copied

        picture = copied(picture, places.copies)
    return picture._replace(places=places)


def note(picture: Picture) -> str:
    """What the user is told where `auto` takes the fast method; empty where it does not."""
    if picture.method != "auto" or method_of(picture) == "exact":
        return ""
    lost = ", without frames" if picture.graph.groups else ""
    return f"a large figure: long wires begin at named copies{lost}; --layout exact draws every wire"
