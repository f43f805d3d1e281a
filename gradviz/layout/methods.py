"""THE METHODS OF LAYOUT: every wire from end to end, or in a large figure copies right before the gates."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.errors import OptionError
from gradviz.layout.places import Layout, layout
from gradviz.limits import beyond, most
from gradviz.picture import Picture

SOON: Final = 150  # nodes that the exact method arranges in no time, whatever their wires
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
    """Whether the exact method has few places to arrange."""
    return len(picture.nodes) + len(picture.wires) <= MOST and _places(picture) <= MOST


def _places(picture: Picture) -> int:
    """What the exact method has to arrange: one place for each node, one for each column a wire passes."""
    ranks, count = [0] * len(picture.nodes), len(picture.nodes)
    for source, target, _ in (shown.wire for shown in picture.wires):
        ranks[target] = max(ranks[target], ranks[source] + 1)
    for shown in picture.wires:
        count += ranks[shown.wire.target] - ranks[shown.wire.source]
    return count


def laid_out_by(picture: Picture) -> Layout:
    """Where everything lies, by the method of the picture; raises `OptionError` for one beyond the limits."""
    _check_gates(picture)
    if method_of(picture) == "exact":
        return layout(picture) if len(picture.nodes) <= SOON else _exact(picture)
    from gradviz.layout.fast import layout as fast

    return fast(picture)


def _check_gates(picture: Picture) -> None:
    count = len(picture.nodes)
    if count > most("gates") and (count := sum(node.kind == "gate" for node in picture.nodes)) > most("gates"):
        offer = "--focus and --closed draw less, -f json and -f text tell all"
        raise OptionError(f"a large drawing: {beyond('gates', count)}; {offer}")


def _exact(picture: Picture) -> Layout:
    """The exact layout of a figure that may be large."""
    offer = "--layout fast is for large figures"
    if picture.method != "auto" and (count := _places(picture)) > most("places"):
        raise OptionError(f"a large drawing: {beyond('places', count)}; {offer}")
    from gradviz.deadlines import within

    return within("layout", OptionError, f"the layout takes too long ({offer})", lambda: layout(picture))


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
