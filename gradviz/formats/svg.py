"""Picture -> SVG: the engine's drawing, with words for those who cannot see it and tooltips for every browser."""

from __future__ import annotations

import re
from typing import Final

from gradviz.formats.dot import dot
from gradviz.formats.engine import draw
from gradviz.formats.markup import html
from gradviz.picture import Picture
from gradviz.themes import COLORS, Theme

_PROLOGUE: Final = re.compile(r"^.*?(?=<svg )", re.DOTALL)  # XML declaration, DOCTYPE and comments of Graphviz
_ROLE: Final = '<svg role="img"'
_GRAPH: Final = '<g id="graph0"'
_COMMENT: Final = re.compile(r"<!-- .*? -->\n", re.DOTALL)
_TIP: Final = re.compile(
    r'<title>[^<]*</title>\n<g id="a_[^"]*"><a xlink:title="([^"]*)">\n(.*?)</a>\n</g>\n', re.DOTALL
)
_TITLE: Final = re.compile(r"(?<!\0)<title>[^<]*</title>\n")  # the engine's own, which are ids
_OPEN: Final = re.compile(r"<svg ([^>]*)>\n(<g id=\"graph0\"[^>]*>\n)<title>[^<]*</title>\n")
_IDENTIFIERS: Final = re.compile(r"[^\W\d][\w-]*( [^\W\d][\w-]*)*")  # a font's name that CSS takes without quotes


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The SVG: a title and a description in words, a group per circle, shelf and wire with stable id and class."""
    drawn = draw(dot(picture), "svg", engine).decode()
    bare = _COMMENT.sub("", _PROLOGUE.sub("", drawn, count=1))
    words = f"<title>{html(picture.heading)}</title>\n<desc>{html(picture.description)}</desc>\n"
    opened = _OPEN.sub(lambda m: f"{_ROLE} {m[1]}>\n{words}{m[2]}", bare, count=1)
    head, graph, rest = opened.partition(_GRAPH)
    tipped = _TIP.sub(r"\0<title>\1</title>\n\2", rest)
    svg = _one_font(head, graph, _TITLE.sub("", tipped).replace("\0", ""), picture.theme.font)
    return adaptive(svg, picture.theme).encode()


def _one_font(head: str, graph: str, rest: str, font: str) -> str:
    """The drawing with its font said once, as CSS reads it, instead of with every text."""
    said = f' font-family="{html(font)}"'
    attributes, end, inside = rest.replace(said, "").partition(">")
    return f'{head}{graph}{attributes} font-family="{_css(font)}"{end}{inside}'


def _css(font: str) -> str:
    """Names of fonts for CSS.

    >>> _css("Times New Roman,Exo 2,serif")
    "Times New Roman,'Exo 2',serif"
    """
    return ",".join(name if _IDENTIFIERS.fullmatch(name) else f"'{name}'" for name in font.split(","))


# light and dark ------------------------------------------------------------------------------------------------------


def adaptive(svg: str, theme: Theme) -> str:
    """An SVG in a theme that has a dark sibling, with the style that turns its colours where dark ones are preferred.

    The style reaches only drawings of the same two themes, whatever page the SVG stands in.
    """
    if theme.dark is None:
        return svg
    name = f"gradviz-{_key(theme, theme.dark)}"
    style = f"<style>@media (prefers-color-scheme:dark){{\n{_rules(theme, theme.dark, name)}}}</style>\n"
    start, desc, rest = svg.replace(_ROLE, f'{_ROLE} class="{name}"', 1).partition("</desc>\n")
    return f"{start}{desc}{style}{rest}"


def _rules(light: Theme, dark: Theme, name: str) -> str:
    """A rule for each colour, by the attribute that has it."""
    colors = dict.fromkeys((getattr(light, field), getattr(dark, field)) for field in COLORS)
    return "".join(
        f'.{name} [{attribute}="{color}"]{{{attribute}:{other}}}\n'
        for color, other in colors
        for attribute in ("fill", "stroke")
    )


def _key(light: Theme, dark: Theme) -> str:
    """What tells these colours from others: figures on one page share a style or have their own."""
    from zlib import crc32

    return f"{crc32(_rules(light, dark, '').encode()):08x}"
