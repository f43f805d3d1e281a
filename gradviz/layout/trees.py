"""Wires -> a tree of gates: each gate hangs at its nearest use, and few wires run across."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

STEPS: Final = 4  # from both ends of a wire to where the tree joins them
BETWEEN: Final = 12  # nodes that may hang there

NONE: Final = -1


class Tree:
    """By node: the wire on which it hangs, the node at whose end that is, and how many hang on it, itself included."""

    __slots__ = ("parents", "sizes", "wires")

    def __init__(
        self, sources: Sequence[int], targets: Sequence[int], drawn: Iterable[int], ranks: Sequence[int]
    ) -> None:
        """The tree of wires that are drawn, the shortest of each source, by the ranks of nodes."""
        self.wires = [NONE] * len(ranks)
        self.parents = [NONE] * len(ranks)
        for k in drawn:
            source, target = sources[k], targets[k]
            if self.parents[source] < 0 or ranks[target] < ranks[self.parents[source]]:
                self.wires[source], self.parents[source] = k, target
        self.sizes = [1] * len(ranks)

    def count(self, enter: Sequence[int]) -> None:
        """Fill in the sizes; `enter` is by node how many wires enter it, which hang on it as copies at least."""
        sizes = self.sizes
        for node, parent in enumerate(self.parents):
            sizes[node] += enter[node]
            if parent >= 0:
                sizes[parent] += sizes[node] - 1

    def joins(self, source: int, target: int) -> bool:
        """Whether the ends of a wire hang near each other, with little between them."""
        above = self._path(target)
        for here in self._path(source):
            if here in above:
                return self._below(source, here) + self._below(target, here) <= BETWEEN
        return False

    def _path(self, node: int) -> list[int]:
        """A node and those above it, as far as a wire may go."""
        found = [node]
        while len(found) <= STEPS and self.parents[found[-1]] >= 0:
            found.append(self.parents[found[-1]])
        return found

    def _below(self, node: int, top: int) -> int:
        """How many nodes hang between a node and one above it."""
        if node == top:
            return 0
        at = node
        while self.parents[at] != top:
            at = self.parents[at]
        return self.sizes[at] - self.sizes[node]


def walk(parents: Sequence[int], children: Sequence[Sequence[int]]) -> list[int]:
    """By node its place in a walk over all trees, each from its root, children in order."""
    order = [NONE] * len(parents)
    count = 0
    for root, parent in enumerate(parents):
        stack = [root] if parent < 0 else []
        while stack:
            node = stack.pop()
            order[node] = count
            count += 1
            stack += reversed(children[node])
    return order
