"""SVG texts of one layout -> Film: each version of each part once, with the numbers of the frames that show it.

Frames are the SVG of the format table: the drawing is a group of groups, one per circle, shelf and wire. A part is
what such a group holds (a circle, a text, a line), so that a gradient that appears below a shelf is the only thing
that is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers.expat import ExpatError, ParserCreate

from gradviz.animation.extras import same_size
from gradviz.errors import RenderError

Attributes = tuple[tuple[str, str], ...]  # of a group, hashable

_SIZE: Final = ("width", "height", "viewBox")


class Key(NamedTuple):
    """What makes two parts of two frames the same one."""

    group: Attributes | None  # None: the part stands in no group
    text: str
    copy: int  # its number among equals in its frame


class Part(NamedTuple):
    """A version of something drawn, and the frames that show it, in order."""

    key: Key
    element: Element
    frames: tuple[int, ...]


class Film(NamedTuple):
    """Parts in drawing order; the rest is as in the last frame."""

    attributes: dict[str, str]  # of the svg element
    head: list[Element]  # title, description and what else stands before the drawing
    graph: dict[str, str]  # attributes of the drawing
    parts: list[Part]
    tips: dict[Attributes, Element | None]  # the newest tooltip of each group
    length: int  # in frames


def film(frames: Sequence[str]) -> Film:
    """All frames as one; raises `RenderError` when one is not an SVG figure, or has another size than the first."""
    roots = [_parsed(number, text) for number, text in enumerate(frames)]
    same_size([" ".join(root.get(name, "") for name in _SIZE) for root in roots], "(width, height, view)")
    graphs = [_graph(number, root) for number, root in enumerate(roots)]
    same_size([graph.get("transform", "") for graph in graphs], "(transform)")
    head = [child for child in roots[-1] if child is not graphs[-1]]
    parts = merged([dict(_parts(graph)) for graph in graphs])
    tips = {_attributes(group): group.find("title") for graph in graphs for group in graph.findall("g")}
    return Film(roots[-1].attrib, head, graphs[-1].attrib, parts, tips, len(frames))


def merged(frames: Sequence[dict[Key, Element]]) -> list[Part]:
    """Parts in an order that holds for every frame; of each frame exactly its own carry its number."""
    line: list[Part] = []
    for number, frame in enumerate(frames):
        place = {part.key: index for index, part in enumerate(line)}
        done, longer = 0, []
        for key, element in frame.items():
            found = place.get(key, -1)
            if found < done:  # new, or drawn in another order than before
                longer.append(Part(key, element, (number,)))
                continue
            longer += line[done:found]
            longer.append(line[found]._replace(frames=(*line[found].frames, number)))
            done = found + 1
        line = longer + line[done:]
    return line


def runs(frames: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers in order, as half-open intervals.

    >>> runs((0, 1, 2, 5))
    [(0, 3), (5, 6)]
    """
    starts = [frame for frame in frames if frame - 1 not in frames]
    stops = [frame + 1 for frame in frames if frame + 1 not in frames]
    return list(zip(starts, stops, strict=True))


def _parsed(number: int, text: str) -> Element:
    """The XML as it is written: names keep their prefixes, `xlink:title` and `xml:space`."""
    builder, parser = TreeBuilder(), ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(text, True)
    except ExpatError as error:
        raise RenderError(f"frame {number} is not an SVG: {error}") from None
    return builder.close()


def _graph(number: int, root: Element) -> Element:
    graph = root.find("g")
    if root.tag != "svg" or graph is None:
        raise RenderError(f"frame {number} is not the SVG of a figure")
    graph[:] = list(_unwrapped(graph))
    return graph


def _unwrapped(graph: Element) -> Iterator[Element]:
    """What the drawing holds; a group of groups has no id, and those in it say themselves what it said for them."""
    for child in graph:
        if child.tag != "g" or "id" in child.attrib:
            yield child
            continue
        said = {name: value for name, value in child.attrib.items() if name != "class"}
        for group in child:
            group.attrib = {**group.attrib, **said}
            yield group


def _parts(graph: Element) -> Iterator[tuple[Key, Element]]:
    """What is drawn, in drawing order."""
    seen: Counter[tuple[Attributes | None, str]] = Counter()
    for group, element in _drawn(graph):
        element.tail = None
        same = group, tostring(element, encoding="unicode")
        element.tail = "\n"
        yield Key(*same, seen[same]), element
        seen[same] += 1


def _drawn(graph: Element) -> Iterator[tuple[Attributes | None, Element]]:
    for child in graph:
        if child.tag == "g":
            attributes = _attributes(child)
            yield from ((attributes, part) for part in child if part.tag != "title")
        elif child.tag != "title":
            yield None, child


def _attributes(group: Element) -> Attributes:
    return tuple(group.attrib.items())
