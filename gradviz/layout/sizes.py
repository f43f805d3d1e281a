"""Picture -> sizes: the room that each circle, shelf, name and share needs, in points."""

from __future__ import annotations

from typing import Final

from gradviz.layout.crossings import Item
from gradviz.layout.metrics import row_height, row_width, text_width
from gradviz.picture import Picture
from gradviz.runs import Row

# Lengths for a font of 16 points; others in proportion.
FONT: Final = 16.0
ROW: Final = 20.0  # height of a shelf's value, and of its gradient
SHARE_ROW: Final = 1.3  # height of a share, in sizes of its font
RADIUS: Final = 18.7  # of a circle, unless its symbol needs more
RIM: Final = 3.0  # between a symbol and its circle
STEM: Final = 3.0  # from the circle to its shelf
SHELF: Final = 42.0  # least length of a shelf
SHARE: Final = 26.0  # least length of a share's line
PAD: Final = 5.0  # beside a number
SHARE_AIR: Final = 5.0  # on the empty side of a share's line, so that no passing wire is taken for it
LINE: Final = 1.0  # half the height of a wire
SMALLEST: Final = 0.7  # of the font, for a symbol that would not fit its circle


class Sizes:
    """The sizes of one picture, by index of node or wire."""

    def __init__(self, picture: Picture) -> None:
        """Sizes are in proportion to the font of the picture's theme, whose size over `FONT` is `unit`."""
        self.nodes, self.wires, self.theme = picture.nodes, picture.wires, picture.theme
        self.unit = self.theme.font_size / FONT
        self.pad, self.stem, self.row = PAD * self.unit, STEM * self.unit, ROW * self.unit
        self._circles: dict[str, tuple[float, float]] = {}  # by label: its font size and radius

    def above(self, item: Item) -> float:
        """Height above the line of a node, a share or a passing wire."""
        if item.kind == "node":
            return max(self.value_row(item.index), self._half(item.index))
        return self.local_row(item.index) if item.kind == "share" else LINE * self.unit

    def below(self, item: Item) -> float:
        """Height below the line."""
        if item.kind == "node":
            return max(self.grad_row(item.index), self._half(item.index))
        return self.share_row(item.index) if item.kind == "share" else LINE * self.unit

    def _half(self, node: int) -> float:
        return self.radius(node) if self.nodes[node].kind == "gate" else 0.0

    def value_row(self, node: int) -> float:
        """Height of what stands on a shelf."""
        return max(self.row, row_height(self.nodes[node].above, self.theme.font_size))

    def grad_row(self, node: int) -> float:
        """Height of what hangs below a shelf."""
        return max(self.row, row_height(self.nodes[node].below, self.theme.font_size))

    def shelf_rows(self, node: int) -> tuple[float, float]:
        """Heights of what stands on a shelf, and below it."""
        return self.value_row(node), self.grad_row(node)

    def local_row(self, wire: int) -> float:
        """Height of the local gradient on a wire's own shelf."""
        shown = self.wires[wire]
        return self._small_row(shown.above) if shown.above else SHARE_AIR * self.unit

    def share_row(self, wire: int) -> float:
        """Height of the share below it."""
        shown = self.wires[wire]
        return SHARE_AIR * self.unit if shown.above and not shown.below else self._small_row(shown.below)

    def _small_row(self, row: Row) -> float:
        size = self.theme.share_size
        return row_height(row, size) or SHARE_ROW * size

    def fork_rows(self, wire: int) -> tuple[float, float]:
        """Heights of both; the same ones for numbers."""
        shown, rows = self.wires[wire], (self.local_row(wire), self.share_row(wire))
        tall = any(row_height(row, self.theme.share_size) for row in (shown.above, shown.below))
        return rows if tall else (max(rows), max(rows))

    def symbol(self, node: int) -> float:
        """The font size of a gate's symbol: smaller when that makes it fit the usual circle."""
        return self._circle(self.nodes[node].label)[0]

    def radius(self, node: int) -> float:
        """The radius of a gate's circle."""
        return self._circle(self.nodes[node].label)[1]

    def _circle(self, label: str) -> tuple[float, float]:
        known = self._circles.get(label)
        if known is None:
            size, room = self.theme.font_size, 2 * (RADIUS - RIM) * self.unit
            symbol = size * min(1.0, max(SMALLEST, room / text_width(label, size)))
            known = symbol, max(RADIUS * self.unit, text_width(label, symbol) / 2 + RIM * self.unit)
            self._circles[label] = known
        return known

    def name(self, node: int) -> float:
        """The width of the name left of a shelf."""
        return text_width(self.nodes[node].label, self.theme.font_size)

    def head(self, node: int) -> float:
        """The width of what stands before a shelf: a circle, a name or nothing."""
        shown = self.nodes[node]
        if shown.kind == "gate":
            return 2 * self.radius(node) + self.stem
        return self.name(node) + 2 * self.pad if shown.label else 0.0

    def shelf(self, node: int) -> float:
        """The length of a shelf."""
        shown, size = self.nodes[node], self.theme.font_size
        text = max(row_width(shown.above, size), row_width(shown.below, size))
        return max(SHELF * self.unit, text + 2 * self.pad)

    def share(self, wire: int) -> float:
        """The length of the line of a wire's own shelf."""
        shown, size = self.wires[wire], self.theme.share_size
        text = max(row_width(shown.above, size), row_width(shown.below, size))
        return max(SHARE * self.unit, text + self.pad)
