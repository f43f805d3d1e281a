"""Picture -> Layout of a large figure in linear time: short wires, copies, and lines one below the other.

`strips` says what stands in which column and which wires begin at copies, `trees` what hangs where, `leaning` how high.
"""

from __future__ import annotations

import gc
from collections import Counter
from typing import Final, NamedTuple

from gradviz.layout.copies import copied, copies
from gradviz.layout.crossings import Item
from gradviz.layout.layers import Layers, route
from gradviz.layout.leaning import leaning
from gradviz.layout.places import Layout, laid_out
from gradviz.layout.sizes import Sizes
from gradviz.layout.strips import Strip, Wires, strip, wires_of
from gradviz.layout.trees import walk
from gradviz.picture import Picture

TALL: Final = 1.15  # rows, from one neighbour in a column to the next at first
ENTRIES: Final = 12  # inputs with their totals in one column, at least


class _Columns(NamedTuple):
    """The columns of a strip: those of entries, then those of each line."""

    of_rank: list[dict[int, int]]  # by line
    starts: tuple[int, ...]  # by line: its first column
    high: int  # entries in a column
    width: int  # how many there are


def layout(picture: Picture) -> Layout:
    """Where everything of a picture and of its copies lies.

    The collector rests: it would look for cycles, of which there are none, for a quarter of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return _layout(picture)
    finally:
        if collects:
            gc.enable()


def _layout(picture: Picture) -> Layout:
    wires = wires_of(picture)
    found = strip(picture, Sizes(picture), wires)
    chosen = copies(picture, found.copies)
    shown, whole = copied(picture, chosen), _with_copies(found, wires)
    columns, sizes = _columns(shown, whole), Sizes(shown)
    layered = _layers(shown, whole, columns)
    return laid_out(shown, sizes, layered, leaning(sizes, layered))._replace(copies=chosen)


def _with_copies(found: Strip, wires: Wires) -> Strip:
    """The strip with the ranks of copies too."""
    targets = [wires.targets[k] for k in found.copies]
    ranks = [*found.ranks, *(found.ranks[target] - 1 for target in targets)]
    lines = [*found.lines, *(found.lines[target] for target in targets)]
    return found._replace(ranks=ranks, lines=lines)


def _columns(shown: Picture, found: Strip) -> _Columns:
    """One for each rank of each line, and one more behind it for shares where there are any."""
    ranks, lines = found.ranks, found.lines
    apart = set(found.entries)
    used = {place for node, place in enumerate(zip(lines, ranks, strict=True)) if node not in apart}
    forks = {(lines[wire.wire.source], ranks[wire.wire.source]) for wire in shown.wires if wire.forks}
    high = max(ENTRIES, *Counter(ranks).values())
    column = -(-len(apart) // high)
    of_rank: list[dict[int, int]] = [{} for _ in found.starts]
    for line, rank in sorted(used):
        of_rank[line][rank] = column
        column += 2 if (line, rank) in forks else 1
    starts = (0, *(min(own.values()) for own in of_rank[1:]))
    return _Columns(of_rank, starts, high, column)


def _layers(shown: Picture, found: Strip, columns: _Columns) -> Layers:
    """The columns, each from top to bottom in the order in which a walk back from the output comes by."""
    order = _order(shown, found)
    items = [
        Item("node", node, columns.of_rank[line].get(rank, 0), float(place))
        for node, (rank, line, place) in enumerate(zip(found.ranks, found.lines, order, strict=True))
    ]
    for number, node in enumerate(found.entries):
        items[node].column, items[node].guess = number // columns.high, float(number)
    routes = tuple(route(items, shown, k) for k in range(len(shown.wires)))
    for item in items:
        if item.kind == "share":  # between the wires before and behind it, so that few cross
            item.guess = (items[item.before[0][0]].guess + items[item.after[0][0]].guess) / 2
    stacks: list[list[int]] = [[] for _ in range(columns.width)]
    for number, item in enumerate(items):
        stacks[item.column].append(number)
    for stack in stacks:
        stack.sort(key=lambda i: items[i].guess)
    for stack in stacks:
        for row, i in enumerate(stack):
            items[i].guess = row * TALL
    return Layers(tuple(items), tuple(map(tuple, stacks)), routes, starts=columns.starts)


def _order(shown: Picture, found: Strip) -> list[int]:
    """By node its place in a walk from the output, and from what else feeds nothing by a wire, back to operands."""
    parents = found.tree.parents + [shown.wires[k].wire.target for k in found.copies]
    hung = found.tree.wires + found.copies
    children: list[list[int]] = [[] for _ in parents]
    for k, wire in enumerate(shown.wires):
        if hung[wire.wire.source] == k:
            children[wire.wire.target].append(wire.wire.source)
    return walk(parents, children)
