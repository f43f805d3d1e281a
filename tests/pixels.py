"""PNG -> pixels, without a library: 8 bits a channel, RGB or RGBA, not interlaced."""

from __future__ import annotations

import struct
import zlib

Pixel = tuple[int, ...]


def pixels(png: bytes) -> list[list[Pixel]]:
    """The rows of a PNG, of (red, green, blue) or with alpha."""
    assert png.startswith(b"\x89PNG")
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, interlaced) == (8, 0)
    channels = {2: 3, 6: 4}[kind]
    data, length = zlib.decompress(_data(png)), width * channels
    before, rows = bytearray(length), []
    for y in range(height):
        start = y * (length + 1)
        before = _unfiltered(data[start], bytearray(data[start + 1 : start + 1 + length]), before, channels)
        rows.append([tuple(before[k : k + channels]) for k in range(0, length, channels)])
    return rows


def _data(png: bytes) -> bytes:
    at, parts = 8, []
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            parts.append(png[at + 8 : at + 8 + length])
        at += length + 12
    return b"".join(parts)


def _unfiltered(kind: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    """A row as it was before its filter (PNG specification, section 9)."""
    for k in range(len(row)):
        left, up = row[k - channels] if k >= channels else 0, above[k]
        corner = above[k - channels] if k >= channels else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        row[k] = (row[k] + guess) & 255
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda each: abs(estimate - each))


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
