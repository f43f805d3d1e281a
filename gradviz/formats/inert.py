"""SVG -> the same SVG, once it is seen to be XML that draws and says things, and does nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gradviz.errors import RenderError, printable

if TYPE_CHECKING:
    from typing import NoReturn

ELEMENTS: Final = (
    "g", "text", "path", "title", "polygon", "ellipse", "tspan", "polyline", "svg", "desc", "rect", "style",
)  # fmt: skip
PLAIN: Final = (  # attributes whose values have no colon and no bracket: no scheme, no url(); the commonest first
    "x", "y", "d", "id", "class", "fill", "points", "stroke", "cx", "cy", "rx", "ry", "font-style", "font-size",
    "text-anchor", "stroke-width", "width", "height", "visibility", "data-fragment-index", "viewBox", "role",
    "unicode-bidi",
    "font-family",
)  # fmt: skip
ATTRIBUTES: Final = {  # others, and what their values look like
    "transform": r"[a-z0-9 ,.()-]*",
    "xml:space": "preserve",
    "xmlns": r"http://www\.w3\.org/2000/svg",
    "xmlns:xlink": r"http://www\.w3\.org/1999/xlink",
}
_OTHERS: Final = "".join(f'|{name}="{value}"' for name, value in ATTRIBUTES.items())
_GIVEN: Final = rf'(?:{"|".join(PLAIN)})="[^"<&\\(:@]*"{_OTHERS}'
_NAMES: Final = "|".join(ELEMENTS)
_FOREIGN: Final = re.compile(rf"<(?!/|(?:{_NAMES})(?:[ \n]+(?:{_GIVEN}))* ?/?>)".encode())  # an end has a beginning
_STYLE: Final = b"<style[^>]*>([^<]*)"
_ACTS: Final = rb"[\w-]\(|[\\&]|@(?!media |keyframes )"  # in a style: a function such as url(), an escape, an import
SHOWN: Final = 60  # bytes of what is refused


def inert(svg: bytes) -> bytes:
    """An SVG as it came; raises `RenderError` for one that is not well-formed, or holds what the tables above do not.

    So there is no script, no link, no handler of events, no reference to anything outside, and no declaration.
    """
    _parse(svg)
    if found := _FOREIGN.search(svg):
        _refuse(svg[found.start() :])
    if b"<style" in svg:
        for style in re.finditer(_STYLE, svg):
            if found := re.search(_ACTS, style[1]):
                _refuse(style[1][found.start() :])
    return svg


def _parse(svg: bytes) -> None:
    """Complains of what is no XML, and of what no element is: declarations, instructions, comments, raw text."""
    from pyexpat import ExpatError, ParserCreate

    parser = ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = parser.CommentHandler = _not_drawn
    parser.XmlDeclHandler = parser.StartCdataSectionHandler = _not_drawn
    try:
        parser.Parse(svg, True)
    except ExpatError as error:
        raise RenderError(f"the SVG is not well-formed: {error}") from None


def _not_drawn(*what: object) -> None:
    _refuse(repr(what[0] if what else "CDATA").encode())


def _refuse(what: bytes) -> NoReturn:
    raise RenderError(f"the SVG is not inert: {printable(what[:SHOWN].decode(errors='replace'))}")
