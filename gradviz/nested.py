"""Nested lists of numbers: what keeps one from being an array, and how one is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gradviz.errors import printable

MOST_AXES: Final = 32  # NumPy 1 has no more, NumPy 2 has 64
_SHOWN: Final = 40  # characters of a wrong entry that a message repeats


def written(value: Any, number: Callable[[float], str] = repr) -> str:
    """A number, or nested lists or tuples of them, as text; they have few axes.

    >>> written([[1.0, 2.5], [3.0, 4.0]])
    '[[1.0, 2.5], [3.0, 4.0]]'
    """
    return (
        f"[{', '.join(written(each, number) for each in value)}]" if isinstance(value, list | tuple) else number(value)
    )


def depth(value: Any) -> int:
    """How many lists stand within one another.

    >>> depth(1.0), depth([1, 2]), depth([[1, 2]])
    (0, 1, 2)
    """
    levels = 0
    while isinstance(value, list | tuple) and value:
        value, levels = value[0], levels + 1
    return levels


def problem(value: Any) -> str:
    """What is wrong with nested lists of numbers, as the end of a sentence; "" for those that make an array.

    >>> problem([[1, 2.5], [3, 4]]), problem([[1, 2], [3]]), problem([1, [2]]), problem([1, True])
    ('', 'has rows of 2 and 1 entries', 'has numbers and lists side by side', 'has True where a number should stand')
    """
    level, axes = [value], 0
    while any(type(each) is list for each in level):
        if any(type(each) is not list for each in level):
            return "has numbers and lists side by side"
        lengths = list(dict.fromkeys(map(len, level)))
        if len(lengths) > 1:
            return f"has rows of {lengths[0]} and {lengths[1]} entries"
        axes += 1
        if axes > MOST_AXES:
            return f"is nested more than {MOST_AXES} deep"
        level = [each for row in level for each in row]
    return next(filter(None, map(_entry_problem, level)), "")


def _entry_problem(entry: Any) -> str:
    if type(entry) is float:
        return ""
    if type(entry) is not int:
        return f"has {told(entry)} where a number should stand"
    try:
        float(entry)
    except OverflowError:
        return "has a number that is too large for a float64"
    return ""


def told(entry: Any) -> str:
    """An entry in a message: short and printable.

    >>> told("two"), told(None), told({"a": 1})
    ("'two'", 'None', 'a table')
    """
    if isinstance(entry, dict):
        return "a table"
    text = printable(f"'{entry}'" if isinstance(entry, str) else str(entry))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
