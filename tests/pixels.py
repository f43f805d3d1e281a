"""PNG -> pixels."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

Pixel = tuple[int, ...]


def pixels(png: bytes) -> list[list[Pixel]]:
    """The rows of a PNG, of (red, green, blue) or with alpha."""
    with Image.open(BytesIO(png)) as image:
        assert image.mode in ("RGB", "RGBA")
        data, width, channels = image.tobytes(), image.width, len(image.mode)
    flat = list(zip(*(data[k::channels] for k in range(channels)), strict=True))
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def hexed(pixel: Pixel) -> str:
    """A pixel as #rrggbb."""
    return "#" + "".join(f"{part:02x}" for part in pixel[:3])


def ink(png: bytes) -> list[list[bool]]:
    """Where a drawing on white is dark, cut to what is drawn."""
    rows = [[sum(pixel[:3]) < 3 * 128 for pixel in row] for row in pixels(png)]
    rows = [row for row in rows if any(row)]
    left = min(row.index(True) for row in rows)
    right = max(len(row) - row[::-1].index(True) for row in rows)
    return [row[left:right] for row in rows]
