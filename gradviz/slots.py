"""`Slots`: a column that has as many entries a node as the node has operands, in one flat sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, Final


class Slots(Sequence[tuple[Any, ...]]):
    """By node a tuple with an entry for each of its slots; `flat` has all of them, a node's in [bounds, next bound).

    >>> slots = Slots.of([(), (5, 7), (6,)])
    >>> slots[1], list(slots), slots.flat
    ((5, 7), [(), (5, 7), (6,)], [5, 7, 6])
    """

    __slots__ = ("bounds", "flat")

    def __init__(self, flat: Sequence[Any], bounds: Sequence[int]) -> None:
        """`bounds` begins with 0 and has one more entry than there are nodes."""
        self.flat: Final = flat
        self.bounds: Final = bounds

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Slots:
        """The column with these entries by node."""
        rows = list(rows)
        return cls(list(chain.from_iterable(rows)), [0, *accumulate(map(len, rows))])

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, node: Any) -> Any:
        if isinstance(node, slice):
            return [self[k] for k in range(*node.indices(len(self)))]
        if node < 0:
            node = range(len(self))[node]
        return tuple(self.flat[self.bounds[node] : self.bounds[node + 1]])

    def at(self, node: int, slot: int) -> Any:
        """The entry of one slot of a node, without those beside it."""
        return self.flat[self.bounds[node] + slot]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return (tuple(self.flat[start:end]) for start, end in pairwise(self.bounds))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(a == b for a, b in zip(self, other))  # noqa: B905

    def __hash__(self) -> int:
        return hash(tuple(self.flat))

    def __repr__(self) -> str:
        return repr(tuple(self))
