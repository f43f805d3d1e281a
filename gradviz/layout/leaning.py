"""Layers -> Rows of a large figure: a chain is level, with the leaves of its gates above and below it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from gradviz.layout.layers import Item, Layers
from gradviz.layout.rows import AIR, Pull, Rows, rooms, settle_columns
from gradviz.layout.sizes import Sizes

LEADING: Final = 30.0  # points between two lines
ROUNDS: Final = 2  # of moving columns towards each other; trees need few


def leaning(sizes: Sizes, layered: Layers) -> Rows:
    """Columns move towards their neighbours; a gate heeds its leaves only where nothing else feeds it."""
    found, air = rooms(sizes, layered), AIR * sizes.unit
    settle_columns(found, layered.columns, _pulls(found, layered.items, air), air, ROUNDS)
    _move_lines(found, layered, LEADING * sizes.unit)
    return found


def _move_lines(found: Rows, layered: Layers, leading: float) -> None:
    """Each line below the one before."""
    y, above, below = found
    down = 0.0
    for first, after in pairwise([*layered.starts, len(layered.columns)]):
        own = [i for column in layered.columns[first:after] for i in column]
        move = down - min([y[i] - above[i] for i in own])
        for i in own:
            y[i] += move
        down = max([y[i] + below[i] for i in own]) + leading


def _pulls(found: Rows, items: Sequence[Item], air: float) -> tuple[Pull, Pull]:
    """Where items are drawn to from both sides, leaves beside what else feeds their gate."""
    count = len(items)
    before, after = Pull([[] for _ in items], [0.0] * count), Pull([[] for _ in items], [0.0] * count)
    is_leaf = _leaves(items)
    for number, item in enumerate(items):
        feeds = [k for k, _ in item.before]
        grown = [k for k in feeds if not is_leaf[k]]
        before.neighbours[number] = grown or feeds
        for k in feeds:
            after.neighbours[k].append(number)
        if len(grown) == 1 < len(feeds):
            _lean(found, after.leans, feeds, feeds.index(grown[0]), air)
    return before, after


def _lean(found: Rows, leans: list[float], feeds: Sequence[int], middle: int, air: float) -> None:
    """Room for leaves above and below the one that is level with their gate."""
    for step in (1, -1):
        at, offset = middle, 0.0
        while 0 <= at + step < len(feeds):
            upper, lower = (feeds[at], feeds[at + step])[::step]
            offset += step * (found.below[upper] + found.above[lower] + air)
            at += step
            leans[feeds[at]] = offset


def _leaves(items: Sequence[Item]) -> list[bool]:
    """By item whether it has nothing before it, or is on the way of a wire from what has nothing."""
    found = [not item.before for item in items]
    for number, item in enumerate(items):
        if item.kind != "node":  # items of a route stand in order
            found[number] = all(found[k] for k, _ in item.before)
    return found
