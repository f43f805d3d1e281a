"""Picture -> PNG and PDF, drawn by the engine from the DOT text."""

from __future__ import annotations

from typing import Final

from gradviz.formats.dot import dot
from gradviz.formats.engine import draw
from gradviz.picture import Picture

DPI: Final = {"png": 144}  # pixels per inch: twice the points, sharp on a slide


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The figure as `name`, png or pdf."""
    text = dot(picture)
    if name in DPI:
        text = text.replace("\tgraph [", f"\tgraph [dpi={DPI[name]} ", 1)
    return draw(text, name, engine)
