"""Picture -> Picture in which a wire may begin at a copy of its source, right before its target.

A copy is a node behind those of the graph: the name, the value, and below it the share of its wire. What is said of a
figure in words and numbers comes from the graph, which knows of no copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from gradviz.graph import Wire
from gradviz.picture import Picture, PictureNode, PictureWire
from gradviz.runs import Row, Run


class Copies(NamedTuple):
    """Which wires begin at copies, in the order of the copies, and what the gates among their sources are called."""

    wires: tuple[int, ...]
    names: dict[int, str]  # by node


def copies(picture: Picture, wires: Sequence[int]) -> Copies:
    """Copies for these wires of a picture."""
    sources = dict.fromkeys(picture.wires[k].wire.source for k in wires)
    gates = [node for node in sources if picture.nodes[node].kind == "gate"]
    return Copies(tuple(wires), _names(picture, gates))


def _names(picture: Picture, gates: Sequence[int]) -> dict[int, str]:
    """As in formulas, where each node has a name of its own."""
    if not gates:
        return {}
    from gradviz.notation import names

    named = picture.names or names(picture.graph)
    return {node: named.nodes[node] for node in gates}


def copied(picture: Picture, found: Copies) -> Picture:
    """The picture with its copies; a picture of the same graph takes the same ones."""
    uses = Counter(shown.wire.source for shown in picture.wires)
    nodes, wires = list(picture.nodes), list(picture.wires)
    if not picture.theme.equations or picture.trace:
        for node, name in found.names.items():
            nodes[node] = _named(nodes[node], name)
    for number, k in enumerate(found.wires, len(nodes)):
        shown = wires[k]
        source, target, slot = shown.wire
        nodes.append(_copy(picture, nodes[source], shown, found.names.get(source), uses[source] > 1))
        wires[k] = shown._replace(
            wire=Wire(number, target, slot), forks=bool(shown.above), below=shown.below if shown.above else ()
        )
    return picture._replace(nodes=tuple(nodes), wires=tuple(wires))


def _named(node: PictureNode, name: str) -> PictureNode:
    """A gate that says on its shelf what others call it."""
    rest = tuple(run for run in node.above if run.role != "name")
    return node._replace(above=(Run(name, "name"), *rest))


def _copy(picture: Picture, source: PictureNode, wire: PictureWire, name: str | None, several: bool) -> PictureNode:
    """What stands before a wire instead of its source; `name` is that of a gate."""
    label = source.label if name is None else name
    above: Row = source.above
    if picture.theme.equations and source.kind != "constant":
        label = ""  # the shelf says it
    else:
        above = tuple(run for run in above if run.role != "name")
    below = () if wire.above and wire.below else wire.below if several else source.below
    tip = "\n".join((f"{label or 'the same'} from elsewhere", source.tooltip, wire.tooltip))
    return source._replace(kind="copy", gate="", label=label, above=above, below=below, tooltip=tip, alarm=False)
