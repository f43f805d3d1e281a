"""Picture + Steps -> slides: the lecture as pictures of one layout, each with what is known by then."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.layout.metrics import gap
from gradviz.layout.together import together
from gradviz.picture import Picture, PictureNode, PictureWire
from gradviz.telling.steps import Revealed, Step, revealed


def slides(shown: Picture, told: Sequence[Step], captions: Sequence[str]) -> tuple[Picture, ...]:
    """A picture for each step of a finished figure, what the step is about marked, its sentence below.

    All of them have the places of the finished figure, and so the same size.
    """
    known = revealed(told)
    found = [_slide(shown, step, seen, caption) for step, seen, caption in zip(told, known, captions, strict=True)]
    places = together([*found, shown])
    return tuple(slide._replace(places=places) for slide in found)


def _slide(shown: Picture, step: Step, seen: Revealed, caption: str) -> Picture:
    """What is known after a step."""
    marked = dict.fromkeys(step.wires, step.kind in ("forward", "backward"))
    nodes = tuple(_node(node, k, step, seen) for k, node in enumerate(shown.nodes))
    wires = tuple(_wire(wire, k, seen, mark=marked.get(k, False)) for k, wire in enumerate(shown.wires))
    return shown._replace(nodes=nodes, wires=wires, caption=caption)


def _node(node: PictureNode, k: int, step: Step, seen: Revealed) -> PictureNode:
    value, grad = k in seen.values or node.kind == "constant", k in seen.grads
    return node._replace(
        above=node.above if value else tuple(run if run.role == "name" else gap(run) for run in node.above),
        below=node.below if grad else (),
        alarm=node.alarm and value,
        mark=k == step.node,
    )


def _wire(wire: PictureWire, k: int, seen: Revealed, *, mark: bool) -> PictureWire:
    arrived = k in seen.shares
    return wire._replace(above=wire.above if arrived else (), below=wire.below if arrived else (), mark=mark)
