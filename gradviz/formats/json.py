"""Picture -> JSON: the numbers, unrounded, for programs."""

from __future__ import annotations

import json
import math
from typing import Any

from gradviz.picture import Picture


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The graph and its numbers as one object; nan and infinities are the strings "nan", "inf", "-inf"."""
    return as_json(document(picture))


def as_json(content: Any) -> bytes:
    """JSON text, UTF-8; what cannot be encoded is written with its escape."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(errors="backslashreplace")


def document(picture: Picture) -> dict[str, Any]:
    """What the JSON text says; values, grads, locals and shares are null without a trace."""
    graph = picture.graph
    return {
        "program": graph.program,
        "title": picture.title,
        "output": f"n{graph.output}",
        "nodes": [_node(picture, node) for node in range(len(graph))],
        "wires": _wires(picture),
    }


def _node(picture: Picture, node: int) -> dict[str, Any]:
    graph, trace = picture.graph, picture.trace
    gate = graph.gates[node]
    constant = graph.constants.get(node)
    value = trace.node_values[node] if trace else constant.value if constant else None
    folded = {str(slot): _number(c.value) for slot, c in graph.constants_of(node).items()}
    return {
        "id": f"n{node}",
        "name": graph.names[node],
        "gate": gate.name if gate else "const" if constant else None,
        "label": graph.label(node),
        "inputs": [f"n{k}" if k >= 0 else None for k in graph.operands[node]],
        **({"constants": folded} if folded else {}),
        "value": _number(value),
        "grad": _number(trace.node_grads[node]) if trace and not constant else None,
        "shape": [],
    }


def _wires(picture: Picture) -> list[dict[str, Any]]:
    trace = picture.trace
    return [
        {
            "source": f"n{source}",
            "target": f"n{target}",
            "slot": slot,
            "local": _number(trace.locals[target][slot]) if trace else None,
            "grad": _number(trace.shares[target][slot]) if trace else None,
        }
        for source, target, slot in picture.graph.wires
    ]


def _number(x: float | None) -> float | str | None:
    return x if x is None or math.isfinite(x) else str(x)
