"""Picture -> SVG as Graphviz draws it, with words for those who cannot see it and tooltips for every browser."""

from __future__ import annotations

import re
from typing import Final

from gradviz.formats.dot import dot
from gradviz.formats.engine import draw
from gradviz.formats.ink import html
from gradviz.picture import Picture

_PROLOGUE: Final = re.compile(r"^.*?(?=<svg )", re.DOTALL)  # XML declaration, DOCTYPE and comments of Graphviz
_ROLE: Final = '<svg role="img"'
_GRAPH: Final = '<g id="graph0"'
_COMMENT: Final = re.compile(r"<!-- .*? -->\n", re.DOTALL)
_TIP: Final = re.compile(
    r'<title>[^<]*</title>\n<g id="a_[^"]*"><a xlink:title="([^"]*)">\n(.*?)</a>\n</g>\n', re.DOTALL
)
_TITLE: Final = re.compile(r"(?<!\0)<title>[^<]*</title>\n")  # the engine's own, which are ids
_OPEN: Final = re.compile(r"<svg ([^>]*)>\n(<g id=\"graph0\"[^>]*>\n)<title>[^<]*</title>\n")


def body(picture: Picture, engine: str, words: str, font: str) -> str:
    """The SVG of an engine: `words` are its first elements, `font` is what CSS calls the font."""
    drawn = draw(dot(picture), "svg", engine).decode()
    bare = _COMMENT.sub("", _PROLOGUE.sub("", drawn, count=1))
    opened = _OPEN.sub(lambda m: f"{_ROLE} {m[1]}>\n{words}{m[2]}", bare, count=1)
    head, graph, rest = opened.partition(_GRAPH)
    tipped = _TIP.sub(r"\0<title>\1</title>\n\2", rest)
    return _one_font(head, graph, _TITLE.sub("", tipped).replace("\0", ""), picture.theme.font, font)


def _one_font(head: str, graph: str, rest: str, font: str, css: str) -> str:
    """The drawing with its font said once, as CSS reads it, instead of with every text."""
    attributes, end, inside = rest.replace(f' font-family="{html(font)}"', "").partition(">")
    return f'{head}{graph}{attributes} font-family="{css}"{end}{inside}'
