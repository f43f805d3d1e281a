"""THE THEME TABLE: looks as data, one row per theme."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.errors import row_named

SERIF: Final = "Times New Roman,Liberation Serif,Nimbus Roman,serif"


class Theme(NamedTuple):
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
    frame: str = "#2a52be"  # boxes around groups, and their names
    alarm: str = "#ffe680"  # behind a nan or an infinity where it arises
    mark: str = "#fff2b3"  # of the gate that a step is about
    blank: str = "#000000"  # the line to write on of a worksheet
    local: str = "#000000"  # local gradients on wires
    equations: bool = False  # names with = in front of values and gradients
    fractions: bool = False  # derivatives as fractions
    grad_italic: bool = False
    pen: float = 1.0
    arrow: float = 0.45  # 0: none


_CS231N: Final = Theme("cs231n", "values green above, gradients red below, as in the CS231n notes")
_ROWS: Final = (
    _CS231N,
    _CS231N._replace(name="dark", does="light on dark, for slides", background="#15191f", ink="#e6e6e6",
            gate_fill="#232a33", mark="#5a4a00", blank="#e6e6e6", local="#e6e6e6", value="#6fdc8c", grad="#ff8f8f", frame="#7aa2ff", alarm="#4a3b00"),
    _CS231N._replace(name="print", does="black on white; gradients in italics", value="#000000", grad="#000000",
            frame="#666666", alarm="#d9d9d9", grad_italic=True),
    _CS231N._replace(name="colorblind", does="blue values, orange-red gradients in italics, told apart by everyone",
            value="#005a9c", grad="#b34000", frame="#666666", alarm="#f0e442", grad_italic=True),
)  # fmt: skip
THEMES: Final = {row.name: row for row in _ROWS}


def theme_named(name: str) -> Theme:
    """The row of a theme's name; raises `OptionError` with the nearest one."""
    return row_named("theme", name, THEMES)
