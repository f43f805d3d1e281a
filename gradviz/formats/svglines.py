"""Wires -> SVG: each a line with an arrow, in a group with a stable id and class, all in one group that has the pen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gradviz.formats.ink import ARROW_HALF, ARROW_LENGTH, MARKED
from gradviz.layout import Layout
from gradviz.layout.routes import Point
from gradviz.picture import Picture
from gradviz.themes import Theme

MITER: Final = 1.5  # pens by which the sharp end of an arrow sticks out
_PLACE: Final = "%.2f,%.2f".__mod__  # faster than an f-string, for most of a large figure is places


def edges(picture: Picture, places: Layout, titles: Sequence[str]) -> Iterator[str]:
    """The pieces from circles to their shelves, then the wires, `titles` being their tooltips as SVG."""
    if not places.circles:
        return
    yield f'<g class="edges" fill="none" {stroke(picture.theme)}>\n'
    yield from _stems(places)
    yield from _wires(picture, places, titles)
    yield "</g>\n"


def stroke(theme: Theme) -> str:
    """The pen of a theme as attributes."""
    return f'stroke="{theme.ink}"{width(theme)}'


def width(theme: Theme, wide: float = 1.0) -> str:
    """The width of its lines, unless it is what SVG takes without being told."""
    pen = theme.pen * wide
    return f' stroke-width="{pen:g}"' if pen != 1.0 else ""


def points(line: Iterable[Point]) -> str:
    """Places as SVG has them."""
    return " ".join(map(_PLACE, line))


def _stems(places: Layout) -> Iterator[str]:
    shelves = places.shelves
    for number, (x, y, radius, _) in places.circles.items():
        line = f"M{x + radius:.2f},{y:.2f} {shelves[number].x0:.2f},{y:.2f}"
        yield f'<g id="t{number}" class="edge stem">\n<path d="{line}"/>\n</g>\n'


def _wires(picture: Picture, places: Layout, titles: Sequence[str]) -> Iterator[str]:
    """The line of each wire; where it has a shelf of its own, one up to it, and one on from there."""
    theme = picture.theme
    usual, marked = (_Arrow(theme, wide) for wide in (1.0, MARKED))
    for shown, lines, title in zip(picture.wires, places.wires, titles, strict=True):
        _, target, slot = shown.wire
        for fork in lines[:-1]:
            yield f'<g id="f{target}_{slot}" class="edge fork">\n{title}<path d="M{points(fork)}"/>\n</g>\n'
        drawn = (marked if shown.mark else usual).drawn(lines[-1])
        yield f'<g id="w{target}_{slot}" class="edge wire">\n{title}{drawn}</g>\n'


class _Arrow:
    """A pen for wires whose arrows end where they end."""

    __slots__ = ("half", "length", "out", "pen", "wide")

    def __init__(self, theme: Theme, wide: float) -> None:
        """`wide` are the theme's pens that a line is wide."""
        self.wide = width(theme, wide) if wide != 1.0 else ""  # the group says the usual one
        self.pen = f'fill="{theme.ink}"{self.wide}'
        self.length = theme.arrow * ARROW_LENGTH
        self.half, self.out = ARROW_HALF * self.length, MITER * theme.pen * wide

    def drawn(self, line: Sequence[Point]) -> str:
        """A line up to its arrow, and the arrow, where there is one."""
        length = self.length
        if not length:
            return f'<path{self.wide} d="M{points(line)}"/>\n'
        (x0, y0), (x1, y1) = line[-2:]
        run, rise = x1 - x0, y1 - y0
        distance = (run * run + rise * rise) ** 0.5 or 1.0
        run, rise = run / distance, rise / distance
        back = min(length, distance)
        x, y = x1 - run * self.out, y1 - rise * self.out
        left, top, across, down = x - run * length, y - rise * length, run * self.half, rise * self.half
        tail = points([*line[:-1], (x1 - run * back, y1 - rise * back)])
        head = points([(left - down, top + across), (x, y), (left + down, top - across)])
        return f'<path{self.wide} d="M{tail}"/>\n<polygon {self.pen} points="{head}"/>\n'
