"""Levels of a circuit's nodes: each higher than those of its operands, so that a level is computed at once.

It pays for a wide circuit; a narrow one is given up as soon as that is seen.
"""

from __future__ import annotations

from typing import Any, Final

import numpy

Index = Any  # array of whole numbers
TRIED: Final = 32  # levels that are walked before a circuit is judged


def levels(sources: Index, bounds: Index, least: float) -> Index | None:
    """The level of each node; None when they have less than `least` nodes on average.

    `sources` are the operands of node `k` in [bounds[k], bounds[k + 1]), all smaller than `k`; negative ones count for
    nothing.
    """
    found = _runs(sources, bounds, least)
    return _earliest(sources, bounds, least) if found is None else found


def _runs(sources: Index, bounds: Index, least: float) -> Index | None:
    """Levels that are runs of nodes in the order in which they stand: a layered program's, mostly."""
    count = len(bounds) - 1
    highest = numpy.full(count, -1, sources.dtype)  # among the operands of all nodes up to here
    gates = numpy.flatnonzero(bounds[1:] > bounds[:-1])
    highest[gates] = numpy.maximum.reduceat(sources, bounds[gates])
    highest = numpy.maximum.accumulate(highest)
    cuts = [0]
    while cuts[-1] < count:
        cuts.append(int(highest.searchsorted(cuts[-1])))
        if len(cuts) > TRIED and cuts[-1] < least * len(cuts):
            return None
    return numpy.repeat(numpy.arange(len(cuts) - 1), numpy.diff(cuts)) if count >= least * (len(cuts) - 1) else None


def _earliest(sources: Index, bounds: Index, least: float) -> Index | None:
    """Levels as low as can be: nodes whose operands are all done make the next one (Kahn, 1962)."""
    count = len(bounds) - 1
    targets = numpy.repeat(numpy.arange(count), numpy.diff(bounds))[sources >= 0]
    sources = sources[sources >= 0]
    targets = targets[numpy.argsort(sources, kind="stable")]
    first = numpy.concatenate([[0], numpy.bincount(sources, minlength=count).cumsum()])
    waits = numpy.bincount(targets, minlength=count)
    found, last_seen, done, level = numpy.zeros(count, numpy.int64), numpy.empty(count, numpy.int64), 0, 0
    ready = numpy.flatnonzero(waits == 0)
    while len(ready):
        found[ready] = level
        done, level = done + len(ready), level + 1
        if level >= TRIED and done < least * level:
            return None
        fed = targets[ranges(first[ready], first[ready + 1])]
        numpy.subtract.at(waits, fed, 1)
        ready = _once(fed[waits[fed] == 0], last_seen)
    return found if done >= least * level else None


def _once(nodes: Index, at: Index) -> Index:
    """Each of some nodes once; `at` is room for a number a node."""
    numbers = numpy.arange(len(nodes))
    at[nodes] = numbers  # the last of equal ones stays
    return nodes[at[nodes] == numbers]


def ranges(starts: Index, ends: Index) -> Index:
    """All whole numbers in [start, end), for one after the other.

    >>> ranges(numpy.array([3, 7]), numpy.array([5, 8]))
    array([3, 4, 7])
    """
    counts = ends - starts
    return numpy.arange(counts.sum()) + numpy.repeat(starts - (counts.cumsum() - counts), counts)
