"""Plain `dot`: its own layout of the same circuit's DOT."""

from __future__ import annotations

from benchmarks.children import Done, how_it_ended, process
from benchmarks.circuits import SHAPES, dot
from benchmarks.clock import Outcome


def drawing(shape: str, gates: int, limit: float) -> Outcome:
    """The times of one drawing, or that it took more than `limit` seconds."""
    done = process(["dot", "-Tsvg"], limit, text=dot(SHAPES[shape](gates)).encode())
    if isinstance(done, Done):
        return done.times if done.status == 0 else how_it_ended(done)
    return done
