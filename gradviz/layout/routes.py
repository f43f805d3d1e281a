"""Wires between columns: the shortest line through the gaps that a wire may pass."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]
Portal = tuple[float, float, float]  # x, and the y between which a wire may pass there


def taut(start: Point, portals: Sequence[Portal], end: Point) -> tuple[Point, ...]:
    """The shortest line from `start` to `end` through portals from left to right, as if a string were pulled tight.

    >>> taut((0, 0), [(10, -5, 5)], (20, 0)), taut((0, 0), [(10, 4, 9)], (20, 0))
    (((0, 0), (20, 0)), ((0, 0), (10, 4), (20, 0)))
    """
    points, at, first = [start], start, 0
    while first < len(portals):
        corner, following = _first_bend(at, portals, first, end)
        if corner is None:
            break
        points.append(corner)
        at, first = corner, following
    return (*points, end)


def _first_bend(at: Point, portals: Sequence[Portal], first: int, end: Point) -> tuple[Point | None, int]:
    """The corner where the line from `at` must bend first, and the portal after it; None when the end is in sight."""
    low, high = float("-inf"), float("inf")  # slopes that pass all portals so far
    low_corner = high_corner = (at, first)
    for number in range(first, len(portals) + 1):
        x, top, bottom = portals[number] if number < len(portals) else (end[0], end[1], end[1])
        run = x - at[0]
        if run <= 0:
            continue
        to_top, to_bottom = (top - at[1]) / run, (bottom - at[1]) / run
        if to_bottom < low:
            return low_corner
        if to_top > high:
            return high_corner
        if to_top > low:
            low, low_corner = to_top, ((x, top), number + 1)
        if to_bottom < high:
            high, high_corner = to_bottom, ((x, bottom), number + 1)
    return None, first
