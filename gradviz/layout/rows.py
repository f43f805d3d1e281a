"""Layers -> Rows: the y of every item, so that chains are straight and nothing lies on anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from gradviz.layout.layers import Layers
from gradviz.layout.sizes import ROW, Sizes

if TYPE_CHECKING:
    from gradviz.layout.bands import Band

# Lengths for a font of 16 points; others in proportion.
AIR: Final = 5.0  # between two neighbours in a column
FRAME_AIR: Final = 6.0  # between a frame and what it holds, above and below
FRAME_AROUND: Final = 4.0  # more air above and below a frame than between other neighbours
FRAME_NAME: Final = 18.0  # height of the name at the top of a frame
ROUNDS: Final = 4  # of moving the columns towards each other


class Rows(NamedTuple):
    """By part (items, then bands): its line's y, downwards from the top of the figure, and its height on both sides."""

    y: list[float]
    above: list[float]
    below: list[float]


def rows(sizes: Sizes, layered: Layers) -> Rows:
    """Columns move towards their neighbours, left to right in the end; a band is laid out before what is around it."""
    found = rooms(sizes, layered)
    if layered.bands:
        _settle_bands(found, layered, sizes.unit)
    else:
        none = [0.0] * len(layered.items)
        before = [[k for k, _ in item.before] for item in layered.items]
        after = [[k for k, _ in item.after] for item in layered.items]
        settle_columns(found, layered.columns, (Pull(before, none), Pull(after, none)), AIR * sizes.unit)
    top = min(y - above for y, above in zip(found.y, found.above, strict=False))
    found.y[:] = [y - top for y in found.y]
    return found


def rooms(sizes: Sizes, layered: Layers) -> Rows:
    """The heights of all items, and where they would like to stand."""
    items = layered.items
    return Rows(
        [item.guess * 2 * ROW * sizes.unit for item in items],
        [sizes.above(item) for item in items],
        [sizes.below(item) for item in items],
    )


class Pull(NamedTuple):
    """Where parts are drawn to: by part its neighbours, and how far from their lines, on average, its own would be."""

    neighbours: list[list[int]]
    leans: list[float]

    def wish(self, y: Sequence[float]) -> Callable[[int], float]:
        """The y at which the wires of a part would be level."""
        neighbours, leans = self.neighbours, self.leans

        def wish(i: int) -> float:
            beside = neighbours[i]
            if len(beside) == 1:
                return y[beside[0]] + leans[i]
            return sum([y[k] for k in beside]) / len(beside) + leans[i] if beside else y[i]

        return wish


def settle_columns(
    found: Rows, columns: Sequence[Sequence[int]], pulls: tuple[Pull, Pull], air: float, rounds: int = ROUNDS
) -> None:
    """Move every part of the columns to where what is before and after it draws it, as far as others leave room."""
    y, (before, after) = found.y, pulls
    stacks = [(column, _steps(found, column, air)) for column in columns]
    for column, steps in stacks:
        _settle(y, column, steps, y.__getitem__)
    for _ in range(rounds):
        for column, steps in reversed(stacks):
            _settle(y, column, steps, after.wish(y))
        for column, steps in stacks:
            _settle(y, column, steps, before.wish(y))


def _steps(found: Rows, column: Sequence[int], air: float) -> list[float]:
    """How far below the first of a column each of its parts stands where all are as near as they may be."""
    _, above, below = found
    steps = (below[upper] + above[lower] + air for upper, lower in pairwise(column))
    return list(accumulate(steps, initial=0.0)) if column else []


def _settle(y: list[float], column: Sequence[int], steps: Sequence[float], wish: Callable[[int], float]) -> None:
    """Each part as near to its wish as the order and the heights of the column allow."""
    bases = increasing([wish(i) - step for i, step in zip(column, steps, strict=True)])
    for i, base, step in zip(column, bases, steps, strict=True):
        y[i] = base + step


def increasing(wishes: Sequence[float]) -> list[float]:
    """The increasing sequence nearest to `wishes` in least squares (isotonic regression, pool adjacent violators).

    >>> increasing([1.0, 3.0, 2.0, 5.0])
    [1.0, 2.5, 2.5, 5.0]
    """
    totals: list[float] = []
    counts: list[int] = []
    for wish in wishes:
        total, count = wish, 1
        while totals and totals[-1] * count >= total * counts[-1]:
            total += totals.pop()
            count += counts.pop()
        totals.append(total)
        counts.append(count)
    return [total / count for total, count in zip(totals, counts, strict=True) for _ in range(count)]


# bands ---------------------------------------------------------------------------------------------------------------


def _settle_bands(found: Rows, layered: Layers, unit: float) -> None:
    """The rows of every band, inner ones first: a band is one part of the columns around it, as high as what it holds.

    Until the whole is done the y of a part counts from the line of its band, which is that of its last column. Where
    wires enter a band, stand-ins of their sources draw its first column apart as the sources will stand.
    """
    items, bands = len(layered.items), layered.bands
    stand_ins = _stand_ins(found, layered)
    count = len(found.y)
    offsets = [0.0] * count  # from the line of the largest part that is laid out
    members = [[part] for part in range(count)]
    before, after = (Pull([[] for _ in range(count)], [0.0] * count) for _ in range(2))
    for number in reversed(range(len(bands))):
        band, part, left_of = bands[number], items + number, stand_ins[number]
        wires = [(left, right, offsets[source] - offsets[target]) for left, right, source, target in band.links]
        wires += [(left_of[source], right, -offsets[target]) for source, right, target in band.entries]
        for wire in wires:
            _pull(before, after, *wire)
        found.y[part] = _guess(found, band)
        if not band.passes:
            columns = [list(left_of.values()), *band.columns] if left_of else band.columns
            settle_columns(found, columns, (before, after), AIR * unit)
        _close(found, band, part, unit)
        _gather(found, band, part, members, offsets)
    found.y[:] = offsets[: items + len(bands)]


def _gather(found: Rows, band: Band, part: int, members: list[list[int]], offsets: list[float]) -> None:
    """From here on what a band holds is counted from the band's line."""
    for i in (i for column in band.columns for i in column):
        members[part] += members[i]
        for k in members[i]:
            offsets[k] += found.y[i]


def _stand_ins(found: Rows, layered: Layers) -> list[dict[int, int]]:
    """New parts, as high as the sources of the wires that enter each band; makes room for them and for the bands."""
    count = len(layered.items) + len(layered.bands)
    sources = [list(dict.fromkeys(source for source, _, _ in band.entries)) for band in layered.bands]
    for numbers in (found.y, found.above, found.below):
        numbers.extend(0.0 for _ in layered.bands)
        numbers.extend(numbers[source] for each in sources for source in each)
    numbered = iter(range(count, len(found.y)))
    return [{source: next(numbered) for source in each} for each in sources]


def _pull(before: Pull, after: Pull, left: int, right: int, lean: float) -> None:
    """A wire between two parts; it is level when the line of the right one is `lean` below that of the left one."""
    for pull, part, other, own in ((before, right, left, lean), (after, left, right, -lean)):
        near = pull.neighbours[part]
        near.append(other)
        pull.leans[part] += (own - pull.leans[part]) / len(near)  # the mean so far


def _guess(found: Rows, band: Band) -> float:
    parts = [i for column in band.columns for i in column]
    return sum(found.y[i] for i in parts) / len(parts)


def _close(found: Rows, band: Band, part: int, unit: float) -> None:
    """Rows of a band that is laid out, from its line; and its height."""
    line = sum(found.y[i] for i in band.columns[-1]) / max(1, len(band.columns[-1]))
    parts = [i for column in band.columns for i in column]
    for i in parts:
        found.y[i] = 0.0 if band.passes else found.y[i] - line
    frame = 0.0 if band.name is None else unit
    found.above[part] = (
        max(found.above[i] - found.y[i] for i in parts) + (FRAME_AIR + FRAME_NAME + FRAME_AROUND) * frame
    )
    found.below[part] = max(found.below[i] + found.y[i] for i in parts) + (FRAME_AIR + FRAME_AROUND) * frame
