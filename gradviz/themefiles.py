"""A theme file of the user's own -> Theme: a base, and the fields that differ, each checked.

What passes goes into DOT, SVG and HTML-like labels as it is: nothing in it can be markup.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from gradviz.errors import OptionError, in_words, nearest, printable
from gradviz.files import open_regular
from gradviz.themes import COLORS, THEMES, Theme, following, is_theme_file

LARGEST: Final = 16_384  # bytes of a file; the memory of Python's TOML reader grows with the square of a key's length
HUGE: Final = 10**18  # numbers that Python may refuse to write out
LONGEST: Final = 200  # letters of a text
MOST_FONTS: Final = 20
_HEX: Final = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_FAMILY: Final = re.compile(r"[^\W_][\w.+-]*( [\w.+-]+)*")
_BASE: Final = "base"

Read = Callable[[Any], Any]  # what stands in the file -> the field, or ValueError that says what it must be


def read_theme(path: str | os.PathLike[str]) -> Theme:
    """The theme of a TOML file: the fields of `Theme`, with - or _, over those of the row that `base` names.

    Raises `OptionError` with the file, the line where it is known, the key, and what is legal.
    """
    file = Path(path)
    return _theme(file, {**_FIELDS, "dark": lambda value: _sibling(value, file.parent)})


def checked(theme: Theme) -> Theme:
    """A theme made by other means; raises `OptionError` for a field that no file may have either."""
    own = {
        field: _checked(field, getattr(theme, field), read, "the theme")
        for field, read in _FIELDS.items()
        if field != _BASE
    }
    return theme._replace(**own, dark=checked(theme.dark) if theme.dark else None)


def _theme(path: Path, fields: Mapping[str, Read]) -> Theme:
    """A theme with these fields at most."""
    text = _text_of(path)
    given: dict[str, Any] = {}
    for key, value in _table(text, path).items():
        place = _place(path, text, key)
        field = _field(key, fields, given, place)
        given[field] = _checked(field, value, fields[field], place)
    own = {"name": path.stem, "does": f"the theme of {path.name}", **given}
    base: Theme = own.pop(_BASE, THEMES["cs231n"])
    theme = base._replace(**own)
    return following(theme, theme.dark) if theme.dark else theme


# the file ------------------------------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return data.decode("utf-8-sig").replace("\r\n", "\n")
        reason = f"it is larger than {LARGEST:,} bytes"
    except FileNotFoundError:
        reason = f"there is no such file{_near(path)}"
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except (OSError, ValueError) as error:
        reason = f"cannot read it: {(getattr(error, 'strerror', None) or str(error)).lower()}"
    raise OptionError(f"{_named(path)}: {reason}")


def _near(path: Path) -> str:
    """Offers the file nearest by name in the same folder, or the row that was probably meant."""
    try:
        there = [file.name for file in path.parent.iterdir() if file.suffix.lower() == ".toml"]
    except OSError:
        there = []
    return nearest(path.name, there) or nearest(path.stem, THEMES)


def _table(text: str, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise OptionError(f"{_named(path)}: {printable(reason)}") from None


def _place(path: Path, text: str, key: str) -> str:
    """The file, and the line on which a key stands where that is found."""
    quoted = rf"""[ \t]*(?:\[[ \t]*)?(["']?){re.escape(key)}\1[ \t]*[=.\]]"""
    found = re.search(rf"^{quoted}", text, re.MULTILINE)
    return f"{_named(path)}, line {text.count(chr(10), 0, found.start()) + 1}" if found else _named(path)


def _named(path: Path) -> str:
    return f"theme file '{printable(str(path))}'"


# the keys ------------------------------------------------------------------------------------------------------------


def _field(key: str, fields: Mapping[str, Read], given: Mapping[str, Any], place: str) -> str:
    """The field that a key means."""
    field = key.replace("-", "_")
    legal = [_key(name) for name in fields]
    if field not in fields:
        offer = nearest(_key(key), legal) or ";"
        raise OptionError(f"{place}: unknown key '{printable(key)}'{offer} keys are {in_words(legal)}")
    if field in given:
        raise OptionError(f"{place}: '{_key(field)}' is given twice")
    return field


def _key(field: str) -> str:
    """A field as it is best written in a file."""
    return field.replace("_", "-")


def _checked(field: str, value: Any, read: Read, place: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise OptionError(f"{place}: '{_key(field)}' must be {error}, not {_told(value)}") from None
    except OptionError as error:
        raise OptionError(f"{place}: '{_key(field)}': {error}") from None


def _told(value: Any) -> str:
    """A value as its author wrote it, near enough."""
    if isinstance(value, int | float) and abs(value) >= HUGE:
        return "a huge number"
    kinds = {bool: str(value).lower(), dict: "a table", list: "a list", str: f"'{printable(str(value)[:60])}'"}
    return kinds.get(type(value), printable(str(value)[:60]))


# what each field takes -----------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"text on one line of at most {LONGEST} letters")
    return value


def _color(value: Any) -> str:
    """No names of colours: green is #008000 in CSS and #00ff00 in Graphviz."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError("a colour like #d40000 or #d00, in quotes")
    digits = value[1:].lower()
    return "#" + ("".join(2 * digit for digit in digits) if len(digits) == 3 else digits)


def _font(value: Any) -> str:
    """Families with commas between, the first known one draws."""
    families = value.split(",") if isinstance(value, str) else value
    if not isinstance(families, list) or not 0 < len(families) <= MOST_FONTS or not all(map(_is_family, families)):
        raise ValueError("the name of a font, or a list of them, of letters, digits, spaces and . + - _")
    return ",".join(family.strip() for family in families)


def _is_family(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and bool(_FAMILY.fullmatch(value.strip()))


def _between(low: float, high: float) -> Read:
    def number(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004
    return value


def _row(value: Any) -> Theme:
    if not isinstance(value, str) or value not in THEMES:
        offer = get_close_matches(str(value), THEMES, n=1)
        raise ValueError(f"a theme's name ({in_words(THEMES)}{f'; nearest is {offer[0]}' if offer else ''})")
    return THEMES[value]


def _sibling(value: Any, folder: Path) -> Theme:
    """A row, or another file, which has no sibling itself; its path begins in the folder of this one."""
    return _theme(folder / value, _FIELDS) if isinstance(value, str) and is_theme_file(value) else _row(value)


_FIELDS: Final[Mapping[str, Read]] = {
    _BASE: _row, "name": _text, "does": _text, "font": _font, "font_size": _between(6, 96),
    "share_size": _between(5, 96), **dict.fromkeys(COLORS, _color), "equations": _flag, "fractions": _flag,
    "grad_italic": _flag, "pen": _between(0.1, 8), "arrow": _between(0, 3),
}  # fmt: skip
