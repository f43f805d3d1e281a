"""THE TABLE OF RENDERERS: Explanation -> text, one row and one file each."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from gradviz.errors import row_named
from gradviz.explanations.told import Explanation, explanation

__all__ = ["RENDERERS", "Explanation", "explanation", "render"]


class Renderer(NamedTuple):
    """One row: a format's name, and the module whose `render` makes it."""

    name: str
    media_type: str
    module: str
    does: str
    suffixes: tuple[str, ...]


_ROWS: Final = (
    Renderer("text", "text/plain", "gradviz.explanations.terminal", "the chain rule for a terminal", (".txt",)),
    Renderer("markdown", "text/markdown", "gradviz.explanations.markdown", "for notes and web pages", (".md",)),
    Renderer("json", "application/json", "gradviz.explanations.json", "numbers and formulas for programs", (".json",)),
)
RENDERERS: Final = {row.name: row for row in _ROWS}


def render(told: Explanation, name: str) -> bytes:
    """The explanation in a format of the table, UTF-8; raises `OptionError` for another one."""
    make: Callable[[Explanation], str] = import_module(row_named("format", name, RENDERERS).module).render
    return make(told).encode(errors="backslashreplace")
