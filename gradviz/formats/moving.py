"""Picture -> a still GIF or WebP; the formats in which steps move."""

from __future__ import annotations

from gradviz.formats import image
from gradviz.picture import Picture


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The figure as `name`, gif or webp; raises `RenderError` without the library that writes them."""
    from gradviz.animation.images import moving_picture

    return moving_picture([image.render(picture, "png", engine)], name)
