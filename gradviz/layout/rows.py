"""Layers -> Rows: the y of every item, so that chains are straight and nothing lies on anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
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
    items = layered.items
    found = Rows(
        [item.guess * 2 * ROW * sizes.unit for item in items],
        [sizes.above(item) for item in items],
        [sizes.below(item) for item in items],
    )
    if layered.bands:
        _settle_bands(found, layered, sizes.unit)
    else:
        none = [0.0] * len(items)
        before, after = [[k for k, _ in i.before] for i in items], [[k for k, _ in i.after] for i in items]
        _settle_columns(found, layered.columns, _Pull(before, none), _Pull(after, none), AIR * sizes.unit)
    top = min(y - above for y, above in zip(found.y, found.above, strict=False))
    found.y[:] = [y - top for y in found.y]
    return found


class _Pull(NamedTuple):
    """Where parts are drawn to: by part its neighbours, and how far from their lines, on average, its own would be."""

    neighbours: list[list[int]]
    leans: list[float]

    def wish(self, y: Sequence[float]) -> Callable[[int], float]:
        """The y at which the wires of a part would be level."""
        beside, leans = self.neighbours, self.leans
        return lambda i: sum(y[k] for k in beside[i]) / len(beside[i]) + leans[i] if beside[i] else y[i]


def _settle_columns(found: Rows, columns: Sequence[Sequence[int]], before: _Pull, after: _Pull, air: float) -> None:
    for column in columns:
        _settle(found, column, lambda i: found.y[i], air)
    for _ in range(ROUNDS):
        for column in reversed(columns):
            _settle(found, column, after.wish(found.y), air)
        for column in columns:
            _settle(found, column, before.wish(found.y), air)


def _settle(found: Rows, column: Sequence[int], wish: Callable[[int], float], air: float) -> None:
    """Each part as near to its wish as the order and the heights of the column allow."""
    steps = [0.0] if column else []
    for upper, lower in pairwise(column):
        steps.append(steps[-1] + found.below[upper] + found.above[lower] + air)
    fitted = increasing([wish(i) - step for i, step in zip(column, steps, strict=True)])
    for i, base, step in zip(column, fitted, steps, strict=True):
        found.y[i] = base + step


def increasing(wishes: Sequence[float]) -> list[float]:
    """The increasing sequence nearest to `wishes` in least squares (isotonic regression, pool adjacent violators).

    >>> increasing([1.0, 3.0, 2.0, 5.0])
    [1.0, 2.5, 2.5, 5.0]
    """
    pools: list[tuple[float, int]] = []  # sum and count
    for wish in wishes:
        pools.append((wish, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            total, count = pools.pop()
            pools[-1] = (pools[-1][0] + total, pools[-1][1] + count)
    return [total / count for total, count in pools for _ in range(count)]


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
    before, after = (_Pull([[] for _ in range(count)], [0.0] * count) for _ in range(2))
    for number in reversed(range(len(bands))):
        band, part, left_of = bands[number], items + number, stand_ins[number]
        wires = [(left, right, offsets[source] - offsets[target]) for left, right, source, target in band.links]
        wires += [(left_of[source], right, -offsets[target]) for source, right, target in band.entries]
        for wire in wires:
            _pull(before, after, *wire)
        found.y[part] = _guess(found, band)
        if not band.passes:
            columns = [list(left_of.values()), *band.columns] if left_of else band.columns
            _settle_columns(found, columns, before, after, AIR * unit)
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


def _pull(before: _Pull, after: _Pull, left: int, right: int, lean: float) -> None:
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
