"""A word such as "cosine" or "momentum=0.8" -> a row of a table and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from gradviz.errors import OptionError, printable, row_named


class HasSettings(Protocol):
    """A row of a table with numbers that can be set."""

    @property
    def name(self) -> str:
        """By which it is asked for."""

    @property
    def settings(self) -> tuple[tuple[str, float], ...]:
        """Names of numbers and their defaults, in the order in which they are written."""


Row = TypeVar("Row", bound=HasSettings)


def chosen(kind: str, text: str, table: Mapping[str, Row]) -> tuple[Row, list[float]]:
    """The row and all of its numbers; `kind` is what a row is. Raises `OptionError`."""
    name, equals, rest = text.partition("=")
    row = row_named(kind, name.strip(), table)
    given = [_number(kind, row, word) for word in rest.split(",")] if equals else []
    if len(given) > len(row.settings):
        raise OptionError(f"the {kind} {row.name} takes {_settings(row)}")
    return row, [*given, *(default for _, default in row.settings[len(given) :])]


def _number(kind: str, row: HasSettings, word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise OptionError(f"the {kind} {row.name} takes {_settings(row)}, not '{printable(word.strip()[:60])}'")
    return number


def _settings(row: HasSettings) -> str:
    """What follows the name, with what holds unless given.

    >>> from gradviz.descent.updates import UPDATES
    >>> _settings(UPDATES["momentum"]), _settings(UPDATES["gd"])
    ('a positive number: momentum=MOMENTUM (0.9 unless given)', 'no numbers')
    """
    if not row.settings:
        return "no numbers"
    names = ",".join(name.upper() for name, _ in row.settings)
    defaults = ",".join(f"{default:g}" for _, default in row.settings)
    count = "a positive number" if len(row.settings) == 1 else "positive numbers"
    return f"{count}: {row.name}={names} ({defaults} unless given)"
