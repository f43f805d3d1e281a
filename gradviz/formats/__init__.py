"""THE FORMAT TABLE: Picture -> bytes, one row and one file per format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from gradviz.errors import OptionError, in_words, row_named

if TYPE_CHECKING:
    from gradviz.picture import Picture


class Format(NamedTuple):
    """One row: a format's name, which is also a file suffix, and the module whose `render` makes it."""

    name: str
    media_type: str
    module: str
    does: str
    text: bool = True  # may be written to a terminal
    draws: bool = True  # what it shows has places
    suffixes: tuple[str, ...] = ()  # further ones


_ROWS: Final = (
    Format("svg", "image/svg+xml", "gradviz.formats.svg", "the figure for web pages and notebooks"),
    Format("png", "image/png", "gradviz.formats.image", "the figure as pixels", text=False),
    Format("pdf", "application/pdf", "gradviz.formats.image", "the figure for LaTeX and print", text=False),
    Format("gif", "image/gif", "gradviz.formats.moving", "pixels that move with --steps", text=False),
    Format("webp", "image/webp", "gradviz.formats.moving", "the same, smaller", text=False),
    Format("tex", "text/x-tex", "gradviz.formats.tex", "the figure as TikZ, for LaTeX"),
    Format("dot", "text/vnd.graphviz", "gradviz.formats.dot", "the figure as text for any Graphviz", suffixes=(".gv",)),
    Format("json", "application/json", "gradviz.formats.json", "the numbers for programs", draws=False),
    Format("text", "text/plain", "gradviz.formats.text", "the numbers as a table", draws=False, suffixes=(".txt",)),
)
FORMATS: Final = {row.name: row for row in _ROWS}
SUFFIXES: Final = {suffix: row for row in _ROWS for suffix in (f".{row.name}", *row.suffixes)}


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The picture in a format of the table; raises `OptionError` for another one, `RenderError` when that fails."""
    row = format_named(name)
    make: Callable[[Picture, str, str], bytes] = import_module(row.module).render
    return make(_placed(picture) if row.draws else picture, name, engine)


def _placed(picture: Picture) -> Picture:
    from gradviz.layout.methods import placed

    return placed(picture)


def format_named(name: str) -> Format:
    """The row of a format's name; raises `OptionError` with the nearest one."""
    return row_named("format", name, FORMATS)


def format_of(path: str) -> Format:
    """The row that a file's suffix picks; raises `OptionError` for a suffix that none has."""
    suffix = "." + path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in SUFFIXES:
        raise OptionError(f"'{path}' does not end in the suffix of a format: {in_words(SUFFIXES)}")
    return SUFFIXES[suffix]
