"""Names of the lines of a gradient program: `g1` for a gate without one, `df_dg1` for a derivative."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.notation import names

LIST: Final = "gradient"  # of several derivatives
LONGEST: Final = 40  # letters of a name that is put together; others are numbered
_DERIVATIVE: Final = re.compile(r"d([0-9]*)(\w+?)((?:_d\w+?)+)")
_SHORT: Final = re.compile(r"[^\W_]+(_[0-9]+)?")


def line_names(graph: Graph) -> list[str]:
    """A name of a program for each node: its own, or that of a lecture; a name that was given again has a number."""
    taken: set[str] = {*graph.input_names}
    found = []
    for node, name in enumerate(names(graph).nodes):
        bare = normal(name.rstrip("′")) if node not in graph.constants or graph.names[node] else ""
        found.append(bare if node in graph.inputs or not bare else free(bare, taken))
    return found


def output_name(graph: Graph, lines: Sequence[str]) -> str:
    """What the output is called: by the last of its names, `f` after `g = w*x; f = g`."""
    aliases = [name for name, node in graph.bindings.items() if node == graph.output and name != graph.names[node]]
    return aliases[-1] if aliases else lines[graph.output]


def derivative_name(of: str, by: str, taken: set[str]) -> str:
    """`df_dw`, from `df_dw` on `d2f_dw_dx`; a name that is taken or long has a number.

    >>> [derivative_name("f", "w", set()), derivative_name("df_dw", "x", set()), derivative_name("f", "w", {"df_dw"})]
    ['df_dw', 'd2f_dw_dx', 'df_dw_2']
    """
    found = _DERIVATIVE.fullmatch(of)
    if found and _SHORT.fullmatch(by):
        order, name, inner = int(found[1] or 1) + 1, found[2], found[3]
        return free(f"d{order}{name}{inner}_d{by}", taken)
    return free(f"d{of}_d{by}", taken)


def free(name: str, taken: set[str]) -> str:
    """A name that is not taken, which it is from there on."""
    base = name if len(name) <= LONGEST else "d"
    found = next(each for each in _numbered(base) if each not in taken)
    taken.add(found)
    return found


def _numbered(base: str) -> Iterable[str]:
    yield base
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1
