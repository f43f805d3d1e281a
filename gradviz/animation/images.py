"""Frames as PNGs -> a moving picture, GIF or WebP."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from gradviz.animation.extras import needed, same_size
from gradviz.animation.timing import HOLD, SECONDS, durations
from gradviz.errors import RenderError, row_named

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

Prepared = tuple[Sequence["Image"], dict[str, Any]]  # what is saved, and Pillow's options for it

COLOURS: Final = 255  # of a GIF; the last one is "as in the frame before"
_EXACT: Final = 128  # the commonest, which keep their exact colour: surfaces, lines, the middle of letters


def moving_picture(frames: Sequence[bytes], kind: str, seconds: float = SECONDS, hold: float = HOLD) -> bytes:
    """A GIF or a WebP ("gif", "webp") that shows each frame for `seconds`, the last for `hold`, again and again.

    A frame that is like the one before it makes that one stand longer. A WebP keeps every pixel; a GIF has one
    palette for all frames. Raises `OptionError`, and `RenderError` for frames that are not PNGs of one size.
    """
    prepare, side = row_named("moving picture", kind, KINDS)
    times = durations(len(frames), seconds, hold)
    with needed("Pillow", "a moving picture"):
        import PIL.Image  # noqa: F401
    pictures = [_opened(number, frame) for number, frame in enumerate(frames)]
    sizes = [f"{picture.width} x {picture.height}" for picture in pictures]
    same_size(sizes, "pixels")
    if max(pictures[0].size) > side:
        raise RenderError(f"a {kind} has at most {side} pixels a side; these are {sizes[0]}, and an SVG has no limit")
    (first, *others), options = prepare(pictures)
    milliseconds, out = [round(1000 * time) for time in times], BytesIO()
    first.save(out, kind, save_all=True, append_images=others, duration=milliseconds, loop=0, **options)
    return out.getvalue()


def _opened(number: int, frame: bytes) -> Image:
    """The pixels on white where the picture is transparent."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(BytesIO(frame), formats=["PNG"]).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise RenderError(f"frame {number} cannot be read as PNG: {error}") from None
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _webp(pictures: Sequence[Image]) -> Prepared:
    return pictures, {"lossless": True, "quality": 100, "method": 4}


def _gif(pictures: Sequence[Image]) -> Prepared:
    """Pictures of numbers into one palette: every pixel its nearest colour, without dithering."""
    import numpy as np
    from PIL import Image

    pixels = [_packed(np.asarray(picture)) for picture in pictures]
    counts = [np.unique(of_one, return_counts=True) for of_one in pixels]
    colours, inverse = np.unique(np.concatenate([found for found, _ in counts]), return_inverse=True)
    often = np.bincount(inverse, weights=np.concatenate([count for _, count in counts]))
    palette = _palette(colours, often)
    nearest = np.array([_nearest(colour, palette) for colour in _channels(colours)], np.uint8)
    table, drawn = palette.astype(np.uint8).tobytes(), []
    for of_one in pixels:
        drawn.append(Image.fromarray(nearest[np.searchsorted(colours, of_one)]))
        drawn[-1].putpalette(table)
    # the palette is told again, or each frame carries its own; "optimize" leaves open what is as in the frame before
    return drawn, {"palette": table + bytes(3), "transparency": len(palette), "optimize": True}


def _palette(colours: NDArray[Any], often: NDArray[Any]) -> NDArray[Any]:
    """At most `COLOURS` rows of red, green, blue: the commonest as they are, the others by median cut."""
    import numpy as np
    from PIL import Image

    ranked = _channels(colours[np.argsort(-often, kind="stable")])
    if len(ranked) <= COLOURS:
        return ranked
    exact, others = ranked[:_EXACT], ranked[_EXACT:]
    few = Image.fromarray(others[None].astype(np.uint8)).quantize(COLOURS - _EXACT, Image.Quantize.MEDIANCUT)
    cut = np.array(few.getpalette(), np.int32).reshape(-1, 3)[: COLOURS - _EXACT]
    return np.concatenate([exact, cut])


def _nearest(colour: NDArray[Any], palette: NDArray[Any]) -> int:
    return int(((palette - colour) ** 2).sum(axis=1).argmin())


def _packed(pixels: NDArray[Any]) -> NDArray[Any]:
    """Red, green and blue as one number."""
    wide = pixels.astype("int32")
    packed: NDArray[Any] = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return packed


def _channels(colours: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1)


KINDS: Final = {"gif": (_gif, 65535), "webp": (_webp, 16383)}  # and the longest side that each has room for
