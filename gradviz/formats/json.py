"""Picture -> JSON: the numbers, unrounded, for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gradviz.errors import OptionError, is_seen
from gradviz.limits import beyond, most
from gradviz.matrices import local_entries
from gradviz.picture import Picture

MOST_LOCAL: Final = 10_000  # numbers of a local gradient that is listed
NEW_LINE: Final = "\n"
_NUMBERS: Final = (int, float, list)  # what a list begins with that is written on one line
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_IN_PAGES: Final = {"</": "<\\/", "<!": "<\\u0021"}  # would end or hide a script that the JSON stands in


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The graph and its numbers as one object; nan and infinities are the strings "nan", "inf", "-inf"."""
    _check_size(picture)
    return as_json(document(picture))


def _check_size(picture: Picture) -> None:
    """Refuse arrays of which a text would be too much; what is not an array counts elsewhere."""
    if (trace := picture.trace) is None:
        return
    columns: list[Sequence[Any]] = [trace.node_values, trace.node_grads, trace.shares.flat]
    if picture.tangents:
        columns.append(picture.tangents.numbers or ())
    count = sum(getattr(value, "size", 0) for column in columns for value in column)
    if count > most("listed"):
        raise OptionError(f"large arrays: {beyond('listed', count)}; other formats show less of them")


def as_json(content: Any) -> bytes:
    """JSON text, UTF-8, a line for each entry but those of arrays."""
    return f"{_written(content, NEW_LINE)}\n".encode()


def _written(content: Any, lead: str) -> str:
    """`lead` is a line end and the spaces of this level."""
    kind = type(content)
    if kind is str:
        return as_text(content)
    if content is None:
        return "null"
    inner = f"{lead} "
    if kind is dict and content:
        items = [f"{as_text(key)}: {_written(value, inner)}" for key, value in content.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{lead}}}"
    if kind is list and content and type(content[0]) not in _NUMBERS:
        return f"[{inner}{f',{inner}'.join([_written(value, inner) for value in content])}{lead}]"
    return repr(content) if kind is float and math.isfinite(content) else _ENCODER.encode(content)


def as_text(words: str) -> str:
    r"""A string of JSON; what a terminal or a page would obey, and what nobody would see, is escaped.

    >>> print(as_text("</b>"), as_text("a\x9bb"))
    "<\/b>" "a\u009bb"
    """
    text = _ENCODER.encode(words)
    if not is_seen(text):
        text = "".join([c if is_seen(c) else json.dumps(c)[1:-1] for c in text])
    for mark, written in _IN_PAGES.items():
        text = text.replace(mark, written)
    return text


def document(picture: Picture) -> dict[str, Any]:
    """What the JSON text says; values, grads, locals and shares are null without a trace."""
    graph, trace = picture.graph, picture.trace
    groups = [{"name": g.name, "nodes": [f"n{node}" for node in sorted(g.nodes)]} for g in graph.groups]
    return {
        "program": graph.program,
        "title": picture.title,
        "output": f"n{graph.output}" if graph.has_output else None,
        **({"jacobian": True} if trace and trace.jacobian else {}),
        **({"mode": "forward", "wrt": picture.tangents.by} if picture.tangents else {}),
        "nodes": [_node(picture, node) for node in range(len(graph))],
        "wires": _wires(picture),
        **({"groups": groups} if groups else {}),
    }


def _node(picture: Picture, node: int) -> dict[str, Any]:
    graph, trace = picture.graph, picture.trace
    gate = graph.gates[node]
    constant = graph.constants.get(node)
    value = trace.node_values[node] if trace else constant.value if constant else None
    folded = {str(slot): listed(c.value) for slot, c in graph.constants_of(node).items()}
    settings = _settings(gate.chosen) if gate else {}
    shows_grad = not constant and node not in picture.hidden.grads
    return {
        "id": f"n{node}",
        "name": graph.names[node],
        "gate": gate.name if gate else "const" if constant else None,
        "label": graph.label(node),
        "inputs": [f"n{k}" if k >= 0 else None for k in graph.operands[node]],
        **({"constants": folded} if folded else {}),
        **({"settings": settings} if settings else {}),
        "value": None if node in picture.hidden.values else listed(value),
        **({"nudged": listed(picture.nudged.node_values[node])} if picture.nudged else {}),
        **_tangent(picture, node),
        "grad": listed(trace.node_grads[node]) if trace and shows_grad else None,
        "shape": _shape(value),
    }


def _tangent(picture: Picture, node: int) -> dict[str, Any]:
    """The derivative by the input of forward mode, beside the gradient."""
    if not picture.tangents:
        return {}
    numbers = picture.tangents.numbers
    return {"tangent": listed(numbers[node]) if numbers and node not in picture.graph.constants else None}


def _wires(picture: Picture) -> list[dict[str, Any]]:
    trace, hidden = picture.trace, picture.hidden
    return [
        {
            "source": f"n{source}",
            "target": f"n{target}",
            "slot": slot,
            "local": listed(local_entries(trace.locals[target][slot], MOST_LOCAL))
            if trace and not any(hidden)
            else None,
            "grad": listed(trace.shares[target][slot]) if trace and source not in hidden.grads else None,
        }
        for source, target, slot in picture.graph.wires
    ]


def listed(x: Any) -> Any:
    """A number, or the entries of an array or of nested tuples as nested lists."""
    if x is None or isinstance(x, float):
        return x if x is None or math.isfinite(x) else str(x)
    if isinstance(x, tuple):
        return [listed(each) for each in x]
    odd = ~(abs(x) < math.inf)
    if not odd.any():
        return x.tolist()
    entries = x.astype(object)
    entries[odd] = [str(each) for each in x[odd].tolist()]
    return entries.tolist()


def _shape(value: Any) -> list[int]:
    if not isinstance(value, tuple):
        return list(getattr(value, "shape", ()))
    return [len(value), *(_shape(value[0]) if value else [])]


def _settings(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _setting(value) for name, value in chosen.items()}


def _setting(value: Any) -> Any:
    """A setting's value: several as a list, the `...` of an index as text."""
    if isinstance(value, tuple):
        return [_setting(each) for each in value]
    return "..." if value is ... else value
