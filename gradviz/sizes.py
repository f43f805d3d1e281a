"""Picture -> sizes: the room that each circle, shelf, name and share needs, in points."""

from __future__ import annotations

from typing import Final

from gradviz.layers import Item
from gradviz.metrics import text_width
from gradviz.picture import Picture

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
SHARE_AIR: Final = 5.0  # above a share's line, so that no passing wire is taken for it
LINE: Final = 1.0  # half the height of a wire
SMALLEST: Final = 0.7  # of the font, for a symbol that would not fit its circle


class Sizes:
    """The sizes of one picture, by index of node or wire."""

    def __init__(self, picture: Picture) -> None:
        """Sizes are in proportion to the font of the picture's theme, whose size over `FONT` is `unit`."""
        self.nodes, self.wires, self.theme = picture.nodes, picture.wires, picture.theme
        self.unit = self.theme.font_size / FONT
        self.pad, self.stem, self.row = PAD * self.unit, STEM * self.unit, ROW * self.unit
        self.share_row = SHARE_ROW * self.theme.share_size

    def above(self, item: Item) -> float:
        """Height above the line of a node, a share or a passing wire."""
        if item.kind != "node":
            return (SHARE_AIR if item.kind == "share" else LINE) * self.unit
        return max(self.row, self.radius(item.index)) if self.nodes[item.index].kind == "gate" else self.row

    def below(self, item: Item) -> float:
        """Height below the line."""
        return self.share_row if item.kind == "share" else self.above(item)

    def symbol(self, node: int) -> float:
        """The font size of a gate's symbol: smaller when that makes it fit the usual circle."""
        size = self.theme.font_size
        room = 2 * (RADIUS - RIM) * self.unit
        return size * min(1.0, max(SMALLEST, room / text_width(self.nodes[node].label, size)))

    def radius(self, node: int) -> float:
        """The radius of a gate's circle."""
        half = text_width(self.nodes[node].label, self.symbol(node)) / 2
        return max(RADIUS * self.unit, half + RIM * self.unit)

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
        above = f"{shown.name} {shown.value}" if shown.name else shown.value
        text = max(text_width(above, size), text_width(shown.grad, size))
        return max(SHELF * self.unit, text + 2 * self.pad)

    def share(self, wire: int) -> float:
        """The length of a share's line."""
        return max(SHARE * self.unit, text_width(self.wires[wire].share, self.theme.share_size) + self.pad)
