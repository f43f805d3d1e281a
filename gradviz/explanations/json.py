"""Explanation -> JSON: what is told with its numbers, unrounded, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.explanations.told import Back, Explanation, Found, Share, Told, Total
from gradviz.formats.json import MOST_LOCAL, as_json
from gradviz.formats.json import listed as numbers
from gradviz.graph import Graph
from gradviz.matrices import local_entries
from gradviz.notation import Formula
from gradviz.telling.languages import Said


def render(told: Explanation) -> str:
    """One object; nan and infinities are the strings "nan", "inf", "-inf", arrays are nested lists."""
    return as_json(document(told)).decode()


def document(told: Explanation) -> dict[str, Any]:
    """What the JSON text says; values, grads, locals and shares are null without a trace."""
    graph, trace = told.graph, told.trace
    seed = trace.node_grads[graph.output] if trace else None
    return {
        "program": graph.program,
        "title": told.title,
        "language": told.language.code,
        "output": _id(graph.output),
        **({"jacobian": True} if trace and trace.jacobian else {}),
        "inputs": [_told(each) for each in told.inputs],
        "forward": [_gate(graph, each) for each in told.forward],
        "seed": {"id": _id(graph.output), "formula": _formula(told.seed_equation), "grad": numbers(seed)},
        "backward": [_back(graph, each) for each in told.backward],
        "gradients": [_found(each) for each in told.found],
        "notes": list(told.notes),
    }


def _id(node: int) -> str:
    return f"n{node}"


def _formula(formula: Formula | None) -> dict[str, str] | None:
    return formula._asdict() if formula else None


def _texts(said: Iterable[Said]) -> list[str]:
    return [each.text for each in said]


def _told(each: Told) -> dict[str, Any]:
    return {
        "id": _id(each.node),
        "name": _formula(each.name),
        "formula": _formula(each.equation),
        "value": numbers(each.value),
    }


def _gate(graph: Graph, each: Told) -> dict[str, Any]:
    gate = graph.gates[each.node]
    return {**_told(each), "gate": gate.name if gate else None, "label": graph.label(each.node)}


def _back(graph: Graph, each: Back) -> dict[str, Any]:
    gate = graph.gates[each.node]
    return {
        "id": _id(each.node),
        "gate": gate.name if gate else None,
        "headline": each.headline.text,
        "upstream": {"name": _formula(each.upstream_name), "grad": numbers(each.upstream)},
        "behaves": each.behaves or None,
        "says": each.behaviour.text if each.behaviour else None,
        "shares": [_share(share) for share in each.shares],
        "sums": [_total(total) for total in each.sums],
    }


def _share(each: Share) -> dict[str, Any]:
    return {
        "source": _id(each.wire.source),
        "target": _id(each.wire.target),
        "slot": each.wire.slot,
        "gradient": _formula(each.gradient),
        "local_name": _formula(each.local_name),
        "local_formula": _formula(each.local_formula),
        "local": None if each.local is None else numbers(local_entries(each.local, MOST_LOCAL)),
        "upstream": numbers(each.upstream),
        "share": numbers(each.share),
        "formula": _formula(each.equation),
        "says": _texts(each.said),
    }


def _total(each: Total) -> dict[str, Any]:
    return {
        "id": _id(each.node),
        "gradient": _formula(each.gradient),
        "wires": [{"target": _id(wire.target), "slot": wire.slot} for wire in each.wires],
        "shares": [numbers(share) for share in each.shares],
        "grad": numbers(each.grad),
        "formula": _formula(each.equation),
        "says": each.said.text,
    }


def _found(each: Found) -> dict[str, Any]:
    return {
        "id": _id(each.node),
        "name": _formula(each.name),
        "gradient": _formula(each.gradient),
        "value": numbers(each.value),
        "grad": numbers(each.grad),
        "closed_form": _formula(each.closed),
    }
