"""Arrays -> texts: entries in rows and columns as they stand in brackets, or the shape and the first numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from gradviz import nested

Array = Any  # of float64, with an axis or more
Rows = tuple[tuple[str, ...], ...]
Number = Callable[[float], str]

MOST_ROWS: Final = 6  # of an array that is written out
MOST_COLUMNS: Final = 6
FIRST: Final = 3  # numbers of one that is not
LINE: Final = 40  # letters of an array that is written out on one line
DIGIT: Final = "\N{NO-BREAK SPACE}" * 2  # as wide as a digit, in a serif and in a sans
POINT: Final = "\N{NO-BREAK SPACE}"  # as wide as a decimal point


class Block(NamedTuple):
    """Rows of text on a shelf, ready to be drawn, not yet escaped."""

    rows: Rows  # all of one length
    brackets: bool = True


def block(array: Array, number: Number, *, most: tuple[int, int] = (MOST_ROWS, MOST_COLUMNS)) -> Block:
    """An array in brackets, a vector as a column; a large one as its shape above its first numbers."""
    if not fits(array, most):
        first = (("".join(_first(array, number, " ")),),) if array.size else ()
        return Block(((shape_text(array.shape),), *first), brackets=False)
    table = [row if array.ndim == 2 else [row] for row in array.tolist()]
    columns = [aligned([entry(number(x)) for x in column]) for column in zip(*table, strict=True)]
    return Block(tuple(zip(*columns, strict=True)))


def fits(array: Array, most: tuple[int, int]) -> bool:
    """Whether an array is written out: a vector or a matrix of at most so many rows and columns."""
    rows, columns = (*array.shape, 1)[:2]
    return len(array.shape) <= 2 and bool(0 < rows <= most[0] and 0 < columns <= most[1])


def line(array: Array, number: Number) -> str:
    """An array on one line: its entries in nested brackets when that is short, else its shape and first numbers."""
    if array.ndim <= 2 and 0 < array.size <= LINE / 2:
        written = nested.written(array.tolist(), lambda x: entry(number(x)))
        if len(written) <= LINE:
            return written
    return " ".join([shape_text(array.shape), *_first(array, number, ", ")])


def _first(array: Array, number: Number, comma: str) -> list[str]:
    shown = [entry(number(x)) for x in array.flat[:FIRST].tolist()]
    more = ["…"] if array.size > FIRST else []
    return [f"[{comma.join([*shown, *more])}]"] if shown else []


def shape_text(shape: Sequence[int]) -> str:
    """A shape as in a lecture.

    >>> shape_text((100, 784)), shape_text((784,)), shape_text(())
    ('100×784', '784 numbers', '1 number')
    """
    if len(shape) > 1:
        return "×".join(map(str, shape))
    count = shape[0] if shape else 1
    return f"{count} number{'' if count == 1 else 's'}"


def entry(text: str) -> str:
    """A number's text among others of an array, where trailing zeros say nothing.

    >>> entry("0.220"), entry("1.00"), entry("100"), entry("1.2e+06")
    ('0.22', '1', '100', '1.2e+06')
    """
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def aligned(column: Sequence[str]) -> list[str]:
    """Texts that stand under each other at their decimal point once they are set flush right.

    >>> [text.count(POINT) for text in aligned(["0.5", "−10.25", "3"])]
    [2, 0, 5]
    """
    places = [len(text.partition(".")[2]) if "e" not in text else 0 for text in column]
    most = max(places)
    return [text + _room(most, own) if "e" not in text else text for text, own in zip(column, places, strict=True)]


def _room(most: int, own: int) -> str:
    return DIGIT * (most - own) + (POINT if most and not own else "")
