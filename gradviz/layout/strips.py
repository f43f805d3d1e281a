"""Picture -> Strip: the ranks of a large figure, cut into lines, and the wires that are drawn from end to end.

A wire is drawn where it is short. Any other begins at a copy of its source: an input that several gates use, a gate far
to the left, in another line, or one of very many uses. So the cost is linear, and every number stands where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from gradviz.layout.sizes import ROW, SHARE, Sizes
from gradviz.layout.trees import Tree
from gradviz.picture import Picture

SPAN: Final = 3  # ranks that a wire may span
USES: Final = 3  # of a gate; where there are more each begins at a copy
WIDE: Final = 4_000.0  # points, beyond which a figure is cut into lines
ASPECT: Final = 1.5  # width by height that lines aim at
SLACK: Final = 0.2  # of a line, within which it may end earlier where few wires are cut
GAP: Final = 30.0  # points between columns, and before a share, on average
AIR: Final = 6.0  # points between neighbours of a column, on average


class Wires(NamedTuple):
    """The wires of a picture, flat, and by node those that enter and leave it."""

    sources: list[int]
    targets: list[int]
    enter: list[list[int]]
    leave: list[list[int]]


class Strip(NamedTuple):
    """Ranks by node, and which wires are drawn."""

    ranks: list[int]  # of gates, from 0; what is used once and is no gate has one less than its gate, from -1
    lines: list[int]  # by node
    starts: list[int]  # by line: its first rank of gates
    entries: list[int]  # inputs that stand apart with their totals, since several gates use them
    copies: list[int]  # wires that begin at a copy
    tree: Tree


def wires_of(picture: Picture) -> Wires:
    """The wires of a picture."""
    ends = [shown.wire for shown in picture.wires]
    found = Wires([w[0] for w in ends], [w[1] for w in ends], [[] for _ in picture.nodes], [[] for _ in picture.nodes])
    for k, (source, target, _) in enumerate(ends):
        found.leave[source].append(k)
        found.enter[target].append(k)
    return found


def strip(picture: Picture, sizes: Sizes, wires: Wires) -> Strip:
    """What stands where in one long strip, and where it is cut."""
    is_gate = [node.kind == "gate" for node in picture.nodes]
    ranks = _ranks(wires, is_gate)
    starts = _starts(sizes, wires, ranks, is_gate)
    line_of_rank = [line for line, (a, b) in enumerate(pairwise([*starts, max(ranks) + 1])) for _ in range(a, b)]
    lines = [line_of_rank[rank] for rank in ranks]
    entries = [k for k, node in enumerate(picture.nodes) if _stands_apart(node.kind, len(wires.leave[k]))]
    apart, short = set(entries), []
    for node, leave in enumerate(wires.leave):
        if is_gate[node]:
            short += _short(wires, ranks, lines, node)
        elif node not in apart:  # it stands before its first gate
            target = wires.targets[leave[0]]
            ranks[node], lines[node] = ranks[target] - 1, lines[target]
            short.append(leave[0])
    tree = _tree(wires, ranks, short)
    drawn = {k for k in short if tree.wires[wires.sources[k]] == k or tree.joins(wires.sources[k], wires.targets[k])}
    return Strip(ranks, lines, starts, entries, [k for k in range(len(wires.sources)) if k not in drawn], tree)


def _stands_apart(kind: str, uses: int) -> bool:
    return kind != "gate" and (not uses or (kind == "input" and uses > 1))


def _short(wires: Wires, ranks: Sequence[int], lines: Sequence[int], source: int) -> list[int]:
    """The wires of a gate that may be drawn."""
    leave, targets = wires.leave[source], wires.targets
    if len(leave) > USES:
        return []
    last, line = ranks[source] + SPAN, lines[source]
    return [k for k in leave if ranks[targets[k]] <= last and lines[targets[k]] == line]


def _tree(wires: Wires, ranks: Sequence[int], drawn: Sequence[int]) -> Tree:
    tree = Tree(wires.sources, wires.targets, drawn, ranks)
    tree.count([len(enter) for enter in wires.enter])
    return tree


def _ranks(wires: Wires, is_gate: Sequence[bool]) -> list[int]:
    """Longest paths: a gate stands right before its first use, one of many uses right after its operands.

    Between one of many uses and the gates that use it is a rank for its copies.
    """
    sources, targets = wires.sources, wires.targets
    ranks = [0] * len(is_gate)
    steps = [1 + (len(leave) > USES) for leave in wires.leave]
    for node, enter in enumerate(wires.enter):
        if is_gate[node]:
            ranks[node] = max([ranks[sources[k]] + steps[sources[k]] for k in enter if is_gate[sources[k]]], default=0)
    for node in range(len(is_gate) - 1, -1, -1):
        leave = wires.leave[node]
        if is_gate[node] and 0 < len(leave) <= USES:
            ranks[node] = min([ranks[targets[k]] for k in leave]) - 1
    return ranks


# lines ---------------------------------------------------------------------------------------------------------------


def _starts(sizes: Sizes, wires: Wires, ranks: Sequence[int], is_gate: Sequence[bool]) -> list[int]:
    """The ranks at which lines begin, all of them about as wide."""
    widths, heights = _room(sizes, wires, ranks, is_gate)
    whole = sum(widths)
    if whole <= WIDE * sizes.unit:
        return [0]
    limit = max(WIDE * sizes.unit, (ASPECT * whole * _mean_height(widths, heights)) ** 0.5)
    ends, cut = list(accumulate(widths)), _cut(wires, ranks, is_gate, len(widths))
    return list(_breaks(ends, cut, whole / max(1, round(whole / limit))))


def _mean_height(widths: Sequence[float], heights: Sequence[float]) -> float:
    return sum(w * h for w, h in zip(widths, heights, strict=True)) / sum(widths)


def _breaks(ends: Sequence[float], cut: Sequence[int], limit: float) -> Iterator[int]:
    """Where a line is full, or a little earlier where fewer wires are cut."""
    start = 0
    yield start
    for rank, end in enumerate(ends):
        begin = ends[start - 1] if start else 0.0
        if end - begin <= limit or rank == start:
            continue
        if ends[-1] - begin < (1 + SLACK) * limit:
            return
        near = [k for k in range(start + 1, rank + 1) if ends[k - 1] - begin >= (1 - SLACK) * limit] or [rank]
        start = min(near, key=lambda k: (cut[k], -k))
        yield start


def _room(sizes: Sizes, wires: Wires, ranks: Sequence[int], is_gate: Sequence[bool]) -> tuple[list[float], list[float]]:
    """By rank, about: the width of its columns, and their height."""
    count = max(ranks) + 1
    gates, leaves, stacks = [0.0] * count, [0.0] * count, [0.0] * count
    row = (2 * ROW + AIR) * sizes.unit
    for node, rank in enumerate(ranks):
        if is_gate[node]:
            gates[rank] = max(gates[rank], sizes.head(node) + sizes.shelf(node))
            stacks[rank] += row
            leaves[rank] += row * len(wires.enter[node])
    between = (GAP + (GAP + SHARE) / 2) * sizes.unit
    return [gate + between for gate in gates], [max(both) for both in zip(stacks, leaves, strict=True)]


def _cut(wires: Wires, ranks: Sequence[int], is_gate: Sequence[bool], count: int) -> list[int]:
    """By rank, how many short wires from gates a line that begins there cuts."""
    changes = [0] * (count + 1)
    for source, target in zip(wires.sources, wires.targets, strict=True):
        if is_gate[source] and ranks[target] - ranks[source] <= SPAN and len(wires.leave[source]) <= USES:
            changes[ranks[source] + 1] += 1
            changes[ranks[target] + 1] -= 1
    return list(accumulate(changes))
