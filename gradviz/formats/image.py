"""Picture -> PNG and PDF, drawn by the engine from the DOT text."""

from __future__ import annotations

from typing import Final

from gradviz.formats.dot import dot
from gradviz.formats.engine import draw
from gradviz.picture import Picture

ATTRIBUTES: Final = {
    "png": {"dpi": "144"},  # twice the points, sharp on a slide
    "pdf": {"margin": "0"},  # the page is the figure
}


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The figure as `name`, png or pdf."""
    return draw(dot(picture, None, **ATTRIBUTES.get(name, {})), name, engine)
