"""How long each frame stands."""

from __future__ import annotations

from math import isfinite
from typing import Final

from gradviz.errors import OptionError

SECONDS: Final = 2.0  # a frame; time to read its sentence
HOLD: Final = 6.0  # the last one, which is the finished figure
SHORTEST: Final = 0.1  # browsers stretch shorter frames of a GIF
LONGEST: Final = 60.0  # a GIF counts hundredths of a second in 16 bits, and equal frames in a row are one


def durations(count: int, seconds: float, hold: float) -> list[float]:
    """Seconds for each of `count` frames, in whole hundredths; raises `OptionError` for a time that is none.

    >>> durations(3, 1.5, 4)
    [1.5, 1.5, 4.0]
    """
    each, last = _time("seconds", seconds), _time("hold", hold)
    return [each] * (count - 1) + [last]


def _time(name: str, given: float) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not (is_number and isfinite(given) and SHORTEST <= given <= LONGEST):
        raise OptionError(f"'{name}' is a number of seconds from {SHORTEST:g} to {LONGEST:g}, not {given!r}")
    return round(float(given), 2)
