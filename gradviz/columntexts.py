"""Columns of numbers -> columns of texts as a figure shows them, and the widest of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, Final

import numpy

from gradviz.rounding import LARGE, drawn, short

MINUS: Final = "\N{MINUS SIGN}"
Column = Any  # array of float64, one number a row


def decimals_of(columns: Sequence[Column], digits: int) -> Column:
    """Decimals by row: none where every number of the row is an integer, as in `rounding.digits_for`."""
    whole = [(column == column.round()) | ~numpy.isfinite(column) for column in columns]
    return numpy.where(numpy.logical_and.reduce(whole), 0, digits)


def in_full(column: Column) -> list[str]:
    """Each number so that it is read back as the same."""
    return list(map(repr, column.tolist()))


def as_drawn(column: Column, decimals: Column, digits: int) -> list[str]:
    """Each number as `short` and `drawn` have it; where nothing is special about it, in one go."""
    special = _is_special(column, digits) | (decimals != digits)
    if not special.any():
        return _plain(column, digits)
    texts = [""] * len(column)
    for row, text in zip(numpy.flatnonzero(~special).tolist(), _plain(column[~special], digits), strict=True):
        texts[row] = text
    for row in numpy.flatnonzero(special).tolist():
        texts[row] = drawn(short(float(column[row]), int(decimals[row]), digits))
    return texts


def _plain(column: Column, digits: int) -> list[str]:
    texts = map(f"%.{digits}f".__mod__, column.tolist())
    return [text.replace("-", MINUS) for text in texts] if (column < 0).any() else list(texts)


def _is_special(column: Column, digits: int) -> Column:
    """Where a number has an exponent, or would be shown as 0, or is none."""
    size = numpy.abs(column)
    return ~((size >= 0.6 * 10.0**-digits) & (size < LARGE - 1))


# widths --------------------------------------------------------------------------------------------------------------


def extremes(column: Column, digits: int) -> Column:
    """A few numbers of a column, among them one as wide as any when it is drawn with these decimals.

    Digits are of one width. So it is the largest or the smallest one; of those with an exponent, and of those near 0,
    the largest and the smallest of each sign and order of magnitude.
    """
    special = _is_special(column, digits)
    plain, rest = column[~special], column[special]
    counts = numpy.isfinite(rest) & (rest != 0)
    ends = [plain.min(), plain.max()] if len(plain) else []
    orders = _of_each_order(rest[counts]) if counts.any() else []
    return numpy.concatenate([ends, numpy.unique(rest[~counts]), orders])


def _of_each_order(column: Column) -> Column:
    """The first and the last of each sign and order of magnitude."""
    size = numpy.abs(column)
    kinds = numpy.floor(numpy.log10(size)) * 2 + (column < 0)
    order = numpy.lexsort((size, kinds))
    changes = numpy.diff(kinds[order]) != 0
    first, last = numpy.concatenate([[True], changes]), numpy.concatenate([changes, [True]])
    return column[order][first | last]


def wide_texts(numbers: Column, decimals: int, digits: int) -> Iterator[str]:
    """Texts of `extremes`, none narrower than that of any number for which they stand."""
    for x in numbers.tolist():
        yield drawn(short(x, decimals, digits))
        if LARGE - 1 <= abs(x) < inf:
            yield drawn(f"{x:.{max(digits, 1) - 1}e}")  # which drops no zeros
