"""Groups -> Plan: which nodes keep together because some of them stand in a box, and the rank of every node.

A box counts as one wide node of the circuit around it: it takes a rank of its own, which is as many ranks wide as the
longest path inside. What stands beside a box (`_companions`) keeps together in the same way, without a frame, so that
no wire has to change sides along the box.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from gradviz.graph import Group
from gradviz.picture import Picture

WHOLE: Final = 0  # the cluster of all nodes


@dataclass(slots=True)
class Cluster:
    """Nodes that keep together, in ranks from `start` to `end`."""

    name: str | None  # on its frame; None: it has none
    nodes: frozenset[int]
    parent: int  # the smallest cluster around it; -1 for the whole
    start: int = 0  # of the room it takes; wires to it run there until it begins
    first: int = 0  # where its nodes begin
    end: int = 0
    wide: list[tuple[int, int]] = field(default_factory=list)  # ranks in it that boxes make one


class Plan(NamedTuple):
    """Clusters, those around others first, and by node its rank and the clusters that hold it, from the outside in."""

    clusters: tuple[Cluster, ...]
    ranks: tuple[int, ...]
    chains: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class _Level:
    """A cluster from inside: its parts (nodes, and clusters numbered behind all nodes) and their wires."""

    parts: list[int] = field(default_factory=list)
    wires: list[tuple[int, int]] = field(default_factory=list)
    ranks: dict[int, int] = field(default_factory=dict)
    widths: list[int] = field(default_factory=list)  # by rank


def plan(picture: Picture) -> Plan:
    """The plan of a picture with groups; a group that no box can hold is left out.

    That is a group without gates, and one that a wire would have to leave and to enter again.
    """
    clusters = [Cluster(None, frozenset(range(len(picture.nodes))), -1)]
    groups = list(_outer_first(picture))
    together = _with_boxes(clusters, groups)
    if _levels(picture, together) is None:
        together = clusters
        for group in groups:
            tried = _with_boxes(together, [group])
            together = tried if _levels(picture, tried) is not None else together
    return _placed(picture, together)


def _outer_first(picture: Picture) -> Iterator[Group]:
    """The groups as gates and the constants that feed them; of two with the same nodes the later is the outer one."""
    feeds = defaultdict(set)
    for wire in picture.wires:
        feeds[wire.wire.source].add(wire.wire.target)
    for group in sorted(picture.graph.groups, key=lambda group: len(group.nodes))[::-1]:
        gates = {node for node in group.nodes if picture.nodes[node].kind == "gate"}
        constants = {node for node in group.nodes if picture.nodes[node].kind == "constant" and feeds[node] & gates}
        if gates:
            yield Group(group.name, frozenset(gates | constants))


def _with_boxes(clusters: Sequence[Cluster], groups: Iterable[Group]) -> list[Cluster]:
    """The clusters and a further one for each group, without those that lie across another."""
    found = list(clusters)
    for group in groups:
        around = [number for number, cluster in enumerate(found) if group.nodes <= cluster.nodes]
        if all(number in around or not group.nodes & cluster.nodes for number, cluster in enumerate(found)):
            found.append(Cluster(group.name, group.nodes, around[-1]))
    return found


# ranks ---------------------------------------------------------------------------------------------------------------


def _placed(picture: Picture, clusters: list[Cluster]) -> Plan:
    """The plan of clusters that can be drawn: companions found for every box, then ranks counted from the left."""
    levels = _levels(picture, clusters)
    while levels and (companions := _first_companions(picture, levels)):
        clusters = [*clusters, *companions]
        levels = _levels(picture, clusters)
    ranks = [0] * len(picture.nodes)
    for cluster, level in zip(clusters, levels or (), strict=True):
        _place(cluster, level, ranks, clusters, levels or ())
    return Plan(tuple(clusters), tuple(ranks), tuple(map(tuple, _chains(len(ranks), clusters))))


def _place(
    cluster: Cluster, level: _Level, ranks: list[int], clusters: Sequence[Cluster], levels: Sequence[_Level]
) -> None:
    """Ranks in a cluster that has its own: of its nodes, and of the clusters in it."""
    bases = [cluster.first, *(cluster.first + width for width in accumulate(level.widths))]
    cluster.end = bases[-1] - 1
    cluster.wide = [(base, base + width - 1) for base, width in zip(bases, level.widths, strict=False) if width > 1]
    for part, rank in level.ranks.items():
        first = bases[rank + 1] - _length(levels, len(ranks), part)  # at the right, next to what it feeds
        if part < len(ranks):
            ranks[part] = first
        else:
            inner = clusters[part - len(ranks)]
            inner.start, inner.first = bases[rank], first


def _length(levels: Sequence[_Level], count: int, part: int) -> int:
    return sum(levels[part - count].widths) if part >= count else 1


def _levels(picture: Picture, clusters: Sequence[Cluster]) -> list[_Level] | None:
    """The insides of the clusters; None when the wires between the parts of one run in a circle."""
    count = len(picture.nodes)
    levels = [_Level() for _ in clusters]
    chains = _chains(count, clusters)
    for node, chain in enumerate(chains):
        levels[chain[-1]].parts.append(node)
    for number, cluster in enumerate(clusters[1:], 1):
        levels[cluster.parent].parts.append(count + number)
    for source, target, _ in (wire.wire for wire in picture.wires):
        levels_of = [[*(count + number for number in chains[end]), end] for end in (source, target)]
        apart = next(k for k, (a, b) in enumerate(zip(*levels_of, strict=False)) if a != b)
        levels[chains[source][apart - 1]].wires.append((levels_of[0][apart], levels_of[1][apart]))
    for number in reversed(range(len(clusters))):
        if not _rank(picture, levels, number):
            return None
    return levels


def _chains(count: int, clusters: Sequence[Cluster]) -> list[list[int]]:
    """The clusters around each node, from the outside in."""
    chains: list[list[int]] = [[] for _ in range(count)]
    for number, cluster in enumerate(clusters):
        for node in cluster.nodes:
            chains[node].append(number)
    return chains


def _rank(picture: Picture, levels: Sequence[_Level], number: int) -> bool:
    """Ranks of a cluster's parts and their widths; false when the wires run in a circle.

    A constant stands right before its first gate, and the inputs of the figure keep their column to themselves.
    """
    level, count = levels[number], len(picture.nodes)
    least = int(number == WHOLE and any(node.kind == "input" for node in picture.nodes))
    level.ranks = {part: least if part >= count else 0 for part in level.parts}
    after = defaultdict(list)
    for source, target in level.wires:
        after[source].append(target)
    if not _lengthen(level.ranks, after):
        return False
    for part in level.parts:
        if part < count and picture.nodes[part].kind == "constant" and after[part]:
            level.ranks[part] = min(level.ranks[target] for target in after[part]) - 1
    level.widths = [1] * (max(level.ranks.values()) + 1)
    for part, rank in level.ranks.items():
        level.widths[rank] = max(level.widths[rank], _length(levels, count, part))
    return True


def _lengthen(ranks: dict[int, int], after: Mapping[int, Sequence[int]]) -> bool:
    """Every rank at least one more than those before it: the longest path; false when there is none."""
    waiting = Counter(target for targets in after.values() for target in targets)
    ready = [part for part in ranks if not waiting[part]]
    for part in ready:
        for target in after.get(part, ()):
            ranks[target] = max(ranks[target], ranks[part] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return len(ready) == len(ranks)


# beside boxes --------------------------------------------------------------------------------------------------------


def _first_companions(picture: Picture, levels: Sequence[_Level]) -> list[Cluster]:
    found = (_companions(picture, levels, number) for number in range(len(levels)))
    return next((companions for companions in found if companions), [])


def _companions(picture: Picture, levels: Sequence[_Level], number: int) -> list[Cluster]:
    """Clusters of the nodes that stand beside a box, for the leftmost rank that has a box and nodes in no cluster.

    They take in what hangs on them alone, as far as the length of the box lets them, so that the figure stays short.
    """
    level, count = levels[number], len(picture.nodes)
    for rank, width in enumerate(level.widths):
        if width > 1 and any(part < count and at == rank for part, at in level.ranks.items()):
            beside = _beside(picture, level, rank, width)
            return [Cluster(None, nodes, number) for nodes in _connected(level, beside)]
    return []


def _beside(picture: Picture, level: _Level, rank: int, width: int) -> set[int]:
    """The nodes of a rank, and those behind them, at most `width` gates in a row, that need nothing else from there."""
    before, constants = defaultdict(list), set()
    for source, target in level.wires:
        before[target].append(source)
    depths: dict[int, int] = {}
    for part, at in sorted(level.ranks.items(), key=lambda each: (each[1], each[0])):
        if part >= len(picture.nodes) or at < rank:
            continue
        known = [depths.get(source, 0 if level.ranks[source] < rank else width) for source in before[part]]
        depth = 1 + max(known, default=0)
        if depth <= width:
            depths[part] = depth
        if picture.nodes[part].kind == "constant" and at > rank:
            constants.add(part)
    fed = {source for source, target in level.wires if target in depths}
    return {part for part in depths if part not in constants or part in fed}


def _connected(level: _Level, nodes: set[int]) -> list[frozenset[int]]:
    """The sets of nodes that wires join."""
    leader = {node: node for node in nodes}

    def found(node: int) -> int:
        while leader[node] != node:
            leader[node] = node = leader[leader[node]]
        return node

    for source, target in level.wires:
        if source in nodes and target in nodes:
            leader[found(target)] = found(source)
    sets = defaultdict(set)
    for node in sorted(nodes):
        sets[found(node)].add(node)
    return [frozenset(each) for each in sets.values()]
