"""THE THEME TABLE: looks as data, one row per theme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gradviz.errors import row_named

SERIF: Final = "Times New Roman,Liberation Serif,Nimbus Roman,serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """One row: colours as #rrggbb, lengths in points."""

    name: str
    does: str
    font: str = SERIF
    font_size: float = 16.0
    share_size: float = 12.0
    background: str = "#ffffff"
    ink: str = "#000000"  # names, symbols, lines
    gate_fill: str = "#ffffff"
    value: str = "#008000"
    grad: str = "#d40000"
    alarm: str = "#ffe680"  # behind a nan or an infinity where it arises
    grad_italic: bool = False
    pen: float = 1.0
    arrow: float = 0.45  # 0: none


_CS231N: Final = Theme("cs231n", "values green above, gradients red below, as in the CS231n notes")
_ROWS: Final = (
    _CS231N,
    replace(_CS231N, name="dark", does="light on dark, for slides", background="#15191f", ink="#e6e6e6",
            gate_fill="#232a33", value="#6fdc8c", grad="#ff8f8f", alarm="#4a3b00"),
    replace(_CS231N, name="print", does="black on white; gradients in italics", value="#000000", grad="#000000",
            alarm="#d9d9d9", grad_italic=True),
    replace(_CS231N, name="colorblind", does="blue values, orange-red gradients in italics, told apart by everyone",
            value="#005a9c", grad="#b34000", alarm="#f0e442", grad_italic=True),
)  # fmt: skip
THEMES: Final = {row.name: row for row in _ROWS}


def theme_named(name: str) -> Theme:
    """The row of a theme's name; raises `OptionError` with the nearest one."""
    return row_named("theme", name, THEMES)
