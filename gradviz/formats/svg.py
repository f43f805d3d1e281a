"""Picture -> SVG: the engine's drawing, with words for those who cannot see it and tooltips for every browser."""

from __future__ import annotations

import re
from typing import Final

from gradviz.formats.dot import dot
from gradviz.formats.engine import draw
from gradviz.formats.markup import html
from gradviz.picture import Picture

_PROLOGUE: Final = re.compile(r"^.*?(?=<svg )", re.DOTALL)  # XML declaration, DOCTYPE and comments of Graphviz
_GRAPH: Final = '<g id="graph0"'
_COMMENT: Final = re.compile(r"<!-- .*? -->\n", re.DOTALL)
_TIP: Final = re.compile(
    r'<title>[^<]*</title>\n<g id="a_[^"]*"><a xlink:title="([^"]*)">\n(.*?)</a>\n</g>\n', re.DOTALL
)
_TITLE: Final = re.compile(r"(?<!\0)<title>[^<]*</title>\n")  # the engine's own, which are ids
_OPEN: Final = re.compile(r"<svg ([^>]*)>\n(<g id=\"graph0\"[^>]*>\n)<title>[^<]*</title>\n")


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The SVG: a title and a description in words, a group per circle, shelf and wire with stable id and class."""
    drawn = draw(dot(picture), "svg", engine).decode()
    bare = _COMMENT.sub("", _PROLOGUE.sub("", drawn, count=1))
    words = f"<title>{html(picture.heading)}</title>\n<desc>{html(picture.description)}</desc>\n"
    opened = _OPEN.sub(lambda m: f'<svg role="img" {m[1]}>\n{words}{m[2]}', bare, count=1)
    head, graph, rest = opened.partition(_GRAPH)
    tipped = _TIP.sub(r"\0<title>\1</title>\n\2", rest)
    return (head + graph + _TITLE.sub("", tipped).replace("\0", "")).encode()
