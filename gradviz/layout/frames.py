"""Layers + Rows -> Frames: the boxes around groups, the room that they take, and where wires go through their sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from gradviz.layout.layers import Layers
from gradviz.layout.metrics import text_width
from gradviz.layout.routes import Point, Portal
from gradviz.layout.rows import FRAME_AROUND, FRAME_NAME, Rows
from gradviz.layout.sizes import Sizes

# Lengths for a font of 16 points; others in proportion.
SIDE: Final = 10.0  # between a frame and the circles in it, and between two frames
BEHIND: Final = 3.0  # between a frame and the shelf of its last gate, which stands outside
NAME_SIZE: Final = 14.0  # of the font of a frame's name
ENOUGH: Final = 1e-6  # points that are nothing
CLEAR: Final = 4.0  # between a frame and a wire that passes it
ENTRY: Final = 10.0  # more, between the lower corner of a frame and a wire that enters

Span = tuple[float, float]  # from left to right, or from top to bottom


class Frame(NamedTuple):
    """A box with a name at its top."""

    x0: float
    y0: float
    x1: float
    y1: float
    name: str
    nodes: frozenset[int]
    size: float  # of the name's font
    row: float  # height of the name, from the top

    def holds(self, place: Point) -> bool:
        """Whether a point lies within."""
        return self.x0 < place[0] < self.x1 and self.y0 < place[1] < self.y1


class Frames:
    """The frames of a figure; none where the layers have no bands."""

    def __init__(self, sizes: Sizes, layered: Layers, rows: Rows) -> None:
        """Frames are as wide as what they hold until `fit` is told where that lies."""
        self.sizes, self.rows, self.items, self.bands = sizes, rows, layered.items, layered.bands
        self.framed = [k for k, band in enumerate(self.bands) if band.name is not None]
        stacks = [(k, column) for k, band in enumerate(self.bands) for column in band.columns]
        stacks = stacks or [(0, column) for column in layered.columns]
        self.homes = {part: k for k, column in stacks for part in column}  # by item or band: the band that it is in
        self.stacks = {part: (column, row) for _, column in stacks for row, part in enumerate(column)}  # its place
        self.pads = dict.fromkeys(self.framed, (SIDE * sizes.unit, SIDE * sizes.unit))  # at the left and at the right
        self._spread()

    def _spread(self) -> None:
        """The room that frames take: in front of columns, and between circles and their shelves."""
        self.lefts = dict.fromkeys(self.framed, 0.0)  # by band: from its frame to its first column
        self.rights = dict.fromkeys(self.framed, BEHIND * self.sizes.unit)  # from its frame to the shelves behind it
        self.before: dict[int, float] = {}  # by column
        for k in reversed(self.framed):
            around, column = self._frame_around(self.bands[k].parent), self.bands[k].first
            self.lefts[k] += self.pads[k][0]
            if around and self.bands[around].first == column:
                self.lefts[around] = max(self.lefts[around], self.lefts[k])
            self.before[column] = max(self.before.get(column, 0.0), self.lefts[k])
        for k in self.framed:
            around = self._frame_around(self.bands[k].parent)
            if around and self.bands[around].end == self.bands[k].end:
                self.rights[k] = self.rights[around] + self.pads[around][1]

    def _frame_around(self, band: int) -> int:
        """The smallest band with a frame that a band is or lies in; 0 when there is none."""
        while band > 0 and self.bands[band].name is None:
            band = self.bands[band].parent
        return max(0, band)

    def behind(self, node: int) -> float:
        """The room for frames between a circle and its shelf."""
        k = self._frame_around(self.homes[node]) if self.framed else 0
        return self.rights[k] + self.pads[k][1] if k and self.bands[k].end == self.items[node].column else 0.0

    def fit(self, columns: Sequence[Span], heads: Sequence[float], right: float) -> bool:
        """Make room for names that are wider than their frames, a part of it at the right; false without such names.

        What is given at the right may be there already, in front of the shelves of a column with wider circles.
        """
        narrow = False
        for k, frame in zip(self.framed, self.drawn(columns, heads), strict=True):
            missing = text_width(frame.name, frame.size) + 2 * self.sizes.pad - (frame.x1 - frame.x0)
            if missing > ENOUGH:
                before, behind = self.pads[k]
                self.pads[k] = (before + missing * (1 - right), behind + missing * right)
                narrow = True
        self._spread()
        return narrow

    def drawn(self, columns: Sequence[Span], heads: Sequence[float]) -> tuple[Frame, ...]:
        """The frames, outer ones first. Each ends before the shelves of its last column, which show what it gives."""
        size, row = NAME_SIZE * self.sizes.unit, FRAME_NAME * self.sizes.unit
        frames = []
        for k in self.framed:
            band, (top, bottom) = self.bands[k], self._sides(k)
            right = columns[band.end][0] + heads[band.end] - self.rights[k]
            frames.append(Frame(self._left(k, columns), top, right, bottom, band.name or "", self._nodes(k), size, row))
        return tuple(frames)

    def _sides(self, band: int) -> Span:
        """The top and the bottom of a frame."""
        top, bottom = self.extent(len(self.items) + band)
        return top + FRAME_AROUND * self.sizes.unit, bottom - FRAME_AROUND * self.sizes.unit

    def _nodes(self, band: int) -> frozenset[int]:
        parts = [part for column in self.bands[band].columns for part in column]
        for part in parts:
            if part >= len(self.items):
                parts += [inner for column in self.bands[part - len(self.items)].columns for inner in column]
        return frozenset(part for part in parts if part < len(self.items) and self.items[part].kind == "node")

    def _left(self, band: int, columns: Sequence[Span]) -> float:
        return columns[self.bands[band].first][0] - self.lefts[band]

    # wires

    def extent(self, part: int) -> Span:
        """The top and the bottom of a part."""
        y = self.rows.y[part]
        return y - self.rows.above[part], y + self.rows.below[part]

    def around(self, part: int) -> Span:
        """Between which y a wire may run that is alone in its column."""
        return self.inside(self.homes[part])

    def inside(self, band: int) -> Span:
        """Between which y the wires of a band may run."""
        if band <= 0:
            return float("-inf"), float("inf")
        if self.bands[band].name is None:
            return self.extent(len(self.items) + band)
        top, bottom = self._sides(band)
        return top + FRAME_NAME * self.sizes.unit, bottom - CLEAR * self.sizes.unit

    def passing(self, item: int) -> int:
        """The part that a passing wire is among its neighbours: itself, or the band that it is the only wire of."""
        home = self.homes[item]
        return len(self.items) + home if home and self.bands[home].passes else item

    def passes(self, part: int) -> bool:
        """Whether a part is a wire that passes."""
        count = len(self.items)
        return self.items[part].kind == "pass" if part < count else self.bands[part - count].passes

    def gates(self, item: int, columns: Sequence[Span]) -> list[Portal]:
        """The portals on the way to an item through the left sides of the frames that begin in its column."""
        column, found = self.items[item].column, []
        if column not in self.before:
            return []
        part = item
        while part != len(self.items):
            opening = self._opening(part, column)
            if opening:
                top, bottom = self.inside(opening)
                found.append((self._left(opening, columns), top, bottom - ENTRY * self.sizes.unit))
            found += self._between(part, column, columns)
            part = len(self.items) + self.homes[part]
        return sorted(found)

    def _opening(self, part: int, column: int) -> int:
        """The band that a part is, if its frame begins in a column; 0 otherwise."""
        k = max(0, part - len(self.items))
        return k if k and self.bands[k].name is not None and self.bands[k].first == column else 0

    def _between(self, part: int, column: int, columns: Sequence[Span]) -> list[Portal]:
        """A portal between the frames above and below a part that begin in its column."""
        stack, row = self.stacks[part]
        above = next((k for i in reversed(stack[:row]) if (k := self._opening(i, column))), 0)
        below = next((k for i in stack[row + 1 :] if (k := self._opening(i, column))), 0)
        if not above and not below:
            return []
        x = min(self._left(k, columns) for k in (above, below) if k)
        clear = CLEAR * self.sizes.unit
        top = self.extent(len(self.items) + above)[1] + clear if above else float("-inf")
        bottom = self.extent(len(self.items) + below)[0] - clear if below else float("inf")
        return [(x, top, bottom)]
