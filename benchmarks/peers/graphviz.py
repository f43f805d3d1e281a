"""graphviz: a `dot` process a figure."""

from __future__ import annotations

from collections.abc import Sequence

from graphviz import Source

from benchmarks.clock import Run


def contestant(texts: Sequence[str]) -> Run:
    """`Source(text).pipe` of each DOT text, one after the other."""
    return Run(lambda: [Source(text).pipe("svg") for text in texts], len(texts))
