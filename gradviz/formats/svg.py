"""Picture -> SVG: written at the places of the layout, or as an engine draws it; with words, in light and dark."""

from __future__ import annotations

import re
from typing import Final

from gradviz.formats.inert import inert
from gradviz.formats.ink import PAD, Pen, html
from gradviz.formats.svgparts import bounds, parts
from gradviz.formats.svgtext import inherited
from gradviz.layout import layout
from gradviz.picture import Picture
from gradviz.themes import COLORS, Theme

DIRECT: Final = "auto"  # the engine with which nothing but this module draws
_ROLE: Final = '<svg role="img"'
_IDENTIFIERS: Final = re.compile(r"[^\W\d][\w-]*( [^\W\d][\w-]*)*")  # a font's name that CSS takes without quotes


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The SVG: a title and a description in words, a group per circle, shelf and wire with stable id and class."""
    words = f"<title>{html(picture.heading)}</title>\n<desc>{html(picture.description)}</desc>\n"
    font = html(_css(picture.theme.font))
    return inert(adaptive(_drawn(picture, engine, words, font), picture.theme).encode())


def _drawn(picture: Picture, engine: str, words: str, font: str) -> str:
    if engine == DIRECT:
        return _written(picture, words, font)
    from gradviz.formats.svgdot import body

    return body(picture, engine, words, font)


def _written(picture: Picture, words: str, font: str) -> str:
    """The SVG without an engine."""
    places, theme = picture.places or layout(picture), picture.theme
    left, top, right, bottom = bounds(picture, places)
    width, height = right - left + 2 * PAD, bottom - top + 2 * PAD
    size = f'width="{width:.2f}pt" height="{height:.2f}pt" viewBox="0 0 {width:.2f} {height:.2f}"'
    shared = f'font-family="{font}" {inherited(Pen(theme, theme.font_size))} text-anchor="middle"'
    place = f"translate({PAD - left:.2f} {PAD - top:.2f})"
    pieces = [
        f'{_ROLE} {size} xmlns="http://www.w3.org/2000/svg">\n{words}',
        f'<g id="graph0" class="graph" transform="{place}" {shared}>\n',
        f'<rect fill="{theme.background}" x="{left - PAD:.2f}" y="{top - PAD:.2f}" '
        f'width="{width:.2f}" height="{height:.2f}"/>\n',
        *parts(picture, places),
        "</g>\n</svg>\n",
    ]
    return "".join(pieces)


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
