"""THE THEME TABLE: looks as data, one row per theme."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from gradviz.errors import row_named

KOREAN: Final = "Noto Serif KR,Noto Serif CJK KR,Nanum Myeongjo,NanumMyeongjo,AppleMyungjo,Batang"
SERIF: Final = f"Times New Roman,Liberation Serif,Nimbus Roman,serif,{KOREAN}"  # Latin letters stay those of the first


class Theme(NamedTuple):
    """One row: colours as #rrggbb in small letters, lengths in points."""

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
    frame: str = "#2a52be"  # boxes around groups, and their names; values after a nudge
    alarm: str = "#fff2a0"  # behind a nan or an infinity where it arises
    mark: str = "#d9f7ff"  # of the gate that a step is about
    blank: str = "#000000"  # the line to write on of a worksheet
    local: str = "#000000"  # local gradients on wires
    equations: bool = False  # names with = in front of values and gradients
    fractions: bool = False  # derivatives as fractions
    grad_italic: bool = False
    pen: float = 1.0
    arrow: float = 0.45  # 0: none
    dark: Theme | None = None  # whose colours an SVG takes where the reader prefers dark ones


COLORS: Final = ("background", "ink", "gate_fill", "value", "grad", "frame", "alarm", "mark", "blank", "local")


def following(light: Theme, dark: Theme) -> Theme:
    """`light` with a dark sibling.

    Fields of one light colour that become different dark ones are set apart by steps that nobody sees, so that a style
    sheet can map colour to colour.
    """
    maps: dict[str, str] = {}
    for field in COLORS:
        color, target = getattr(light, field), getattr(dark, field)
        while maps.setdefault(color, target) != target:
            color = _beside(color)
        light = light._replace(**{field: color})
    return light._replace(dark=dark._replace(dark=None))


def _beside(color: str) -> str:
    """The next colour, in blue, which the eye sees least.

    >>> _beside("#ffffff"), _beside("#000000")
    ('#fffffe', '#000001')
    """
    blue = int(color[5:], 16)
    return f"{color[:5]}{blue + (1 if blue < 128 else -1):02x}"


_CS231N: Final = Theme("cs231n", "values green above, gradients red below, as in the CS231n notes")
_DARK: Final = _CS231N._replace(
    name="dark", does="light on dark, for slides", background="#15191f", ink="#e6e6e6", gate_fill="#232a33",
    value="#a8f7ba", grad="#ff7a7a", frame="#8fb2ff", alarm="#453700", mark="#1c3a57", blank="#e6e6e6", local="#e6e6e6",
)  # fmt: skip
_ROWS: Final = (
    _CS231N,
    _DARK,
    _CS231N._replace(name="print", does="black on white; gradients in italics", value="#000000", grad="#000000",
            frame="#4d4d4d", alarm="#d9d9d9", mark="#cccccc", grad_italic=True, pen=1.2, arrow=0.55),
    _CS231N._replace(name="colorblind", does="blue values, orange-red gradients in italics, told apart by everyone",
            value="#005a9c", grad="#b34000", frame="#595959", alarm="#f5ea6c", grad_italic=True),
    _CS231N._replace(name="board", does="w = −2 above, ∂f/∂w = 5 below, as Sung Kim writes on the board",
            ink="#1a1a1a", value="#1746a2", grad="#c41e1e", frame="#146c37", blank="#1a1a1a", local="#1a1a1a",
            equations=True, fractions=True, pen=1.2, arrow=0.0),
    following(_CS231N._replace(name="auto", does="cs231n by day, dark by night: an SVG follows its reader's mode"),
              _DARK),
)  # fmt: skip
THEMES: Final = {row.name: row for row in _ROWS}


def theme_named(name: str) -> Theme:
    """The row of a theme's name; raises `OptionError` with the nearest one."""
    return row_named("theme", name, THEMES)


def is_theme_file(word: str | os.PathLike[str]) -> bool:
    """Whether a word means a file: it ends in .toml or has a folder in it.

    >>> is_theme_file("dark"), is_theme_file("my.toml"), is_theme_file("./dark")
    (False, True, True)
    """
    path = os.fspath(word)
    return not isinstance(word, str) or path.lower().endswith(".toml") or any(sep in path for sep in _SEPARATORS)


_SEPARATORS: Final = tuple(filter(None, (os.sep, os.altsep)))


def theme_of(word: str | os.PathLike[str] | Theme) -> Theme:
    """The theme that a word means, a row or a file of the user's own; raises `OptionError`."""
    if isinstance(word, Theme):
        return word if THEMES.get(word.name) == word else _looked_at(word)
    if is_theme_file(word):
        from gradviz.themefiles import read_theme

        return read_theme(word)
    return theme_named(str(word))


def _looked_at(theme: Theme) -> Theme:
    from gradviz.themefiles import checked

    return checked(theme)
