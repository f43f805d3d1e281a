"""How colours are seen: contrast, and what is left of a difference for colour-blind readers."""

from __future__ import annotations

from typing import NamedTuple


class Linear(NamedTuple):
    """A colour by the light of its primaries, each from 0 to 1."""

    red: float
    green: float
    blue: float


# What dichromats see of linear sRGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
# Color Vision Deficiency", IEEE TVCG 15 (2009), doi:10.1109/TVCG.2009.113, the matrices of severity 1.0.
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_WHITE = (0.95047, 1.0, 1.08883)  # D65


def linear(color: str) -> Linear:
    """The light of #rrggbb (IEC 61966-2-1)."""
    parts = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return Linear(*(x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    dark, light = sorted(0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue for c in (linear(one), linear(other)))
    return (light + 0.05) / (dark + 0.05)


def seen(color: Linear, blindness: str) -> Linear:
    """What a reader who is blind so sees of a colour."""
    rows = BLINDNESS[blindness]
    return Linear(*(min(1.0, max(0.0, sum(a * b for a, b in zip(row, color, strict=True)))) for row in rows))


def lab(color: Linear) -> tuple[float, float, float]:
    """CIE 1976 L*a*b*."""
    xyz = (sum(a * b for a, b in zip(row, color, strict=True)) / white for row, white in zip(_XYZ, _WHITE, strict=True))
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str, blindness: str | None = None) -> float:
    """ΔE*ab (CIE 1976) of two colours as they are seen; 2.3 is just noticed side by side."""
    colors = (linear(color) for color in (one, other))
    first, second = (lab(seen(color, blindness) if blindness else color) for color in colors)
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)
