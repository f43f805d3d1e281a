"""How wide text is, in ems of a Times-like face: enough to size shelves without asking a font."""

from __future__ import annotations

from typing import Final
from unicodedata import combining, east_asian_width

_WIDTHS: Final = {
    **dict.fromkeys("0123456789$*_ghknpvxyubdq", 0.5),
    **dict.fromkeys(".,;: ", 0.25),
    **dict.fromkeys("ijlt/|'", 0.29),
    **dict.fromkeys("()[]-frs", 0.36),
    **dict.fromkeys("aceozσπ∂√^", 0.51),
    **dict.fromkeys("+−=<>×÷≈", 0.57),
    **dict.fromkeys("EFLPSTZ", 0.62),
    **dict.fromkeys("ABCDGHIJKNOQRUVXY∞w", 0.73),
    **dict.fromkeys("Mm", 0.89),
    "W": 0.95,
}
_OTHER, _WIDE = 0.65, 1.0


def text_width(text: str, size: float) -> float:
    """The width of `text` in points at a font size; a little generous.

    >>> round(text_width("−10.00", 16), 1)
    45.1
    """
    return size * sum(map(_em, text))


def _em(char: str) -> float:
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    if combining(char):
        return 0.0
    return _WIDE if east_asian_width(char) in "WF" else _OTHER
