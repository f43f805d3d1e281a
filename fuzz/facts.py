"""What holds whatever goes in: errors are told in print at a place, programs read back, figures show their numbers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gradviz.blocks import MOST_COLUMNS, MOST_ROWS, entry
from gradviz.errors import GradvizError, printable_lines
from gradviz.evaluator import Trace
from gradviz.figure import Figure
from gradviz.gates import Gate
from gradviz.graph import Graph, GraphBuilder
from gradviz.language.unparse import to_program
from gradviz.picture import Picture
from gradviz.rounding import drawn, short

SVG = "{http://www.w3.org/2000/svg}"
GAP = "\N{NO-BREAK SPACE}"  # between what stands side by side, and after numbers that are aligned
LISTED = 2_000  # entries of an array that its tooltip lists
LISTED_AT_WIRE = 100


def text_of(data: bytes) -> str:
    """Bytes as Python has the words of a command line."""
    return data.decode("utf-8", "surrogateescape")


def check_refusal(error: GradvizError) -> None:
    """An error is visible from end to end, and its place holds something of its text."""
    assert error.problem, "an error that says nothing"
    assert printable_lines(str(error)) == str(error), f"an error has what a terminal obeys: {error!r}"
    if error.place is not None:
        start, end = error.place
        assert 0 <= start < end <= len(error.program), f"{error.place} is outside {error.program!r}"


# programs ------------------------------------------------------------------------------------------------------------


def structure(graph: Graph) -> list[Any]:
    """All that a figure shows of a graph, and what its gates compute; names of gates, and places, aside."""
    nodes = range(len(graph))
    return [
        [graph.names[k] for k in graph.inputs],
        [_gate(gate) for gate in graph.gates],
        [[max(k, -1) for k in operands] for operands in graph.operands],
        [repr(graph.constants.get(k)) for k in nodes],
        [repr(graph.constants_of(k)) for k in nodes],
        [graph.label(k) for k in nodes if k not in graph.inputs],
        graph.output,
        [(gate.name, gate.inputs, gate.body and structure(gate.body)) for gate in _defined(graph)],
    ]


def _gate(gate: Gate | None) -> Any:
    return (gate.name, gate.arity, gate.chosen, gate.inputs) if gate else None


def _defined(graph: Graph) -> list[Gate]:
    return [gate for gate in dict.fromkeys(graph.gates) if gate and (gate.body is not None or gate.is_abstract)]


def in_order(graph: Graph) -> Graph:
    """The same graph with its gates in the order in which a single expression has them, without their names."""
    builder = GraphBuilder(graph.program)
    new: dict[int, int] = {}
    waiting = [graph.output]
    while waiting:
        node = waiting[-1]
        if later := [k for k in graph.operands[node] if k >= 0 and k not in new]:
            waiting += later[::-1]
            continue
        waiting.pop()
        if node not in new:
            new[node] = _copied(builder, graph, node, new)
    return builder.build(new[graph.output])


def _copied(builder: GraphBuilder, graph: Graph, node: int, new: dict[int, int]) -> int:
    gate, operands = graph.gates[node], graph.operands[node]
    if gate is not None:
        inputs = [builder.fold(graph.folded[-1 - k]) if k < 0 else new[k] for k in operands]
        return builder.gate(gate, inputs)
    if node in graph.constants:
        return builder.constant(*graph.constants[node])
    return builder.input(str(graph.names[node]))


def check_reads_back(graph: Graph, read: Any, order: Callable[[Graph], Graph] = lambda graph: graph) -> None:
    """What is written of a graph is read as the same graph, and written as the same text.

    `read` takes the text and the names of inputs. Names are the same too, unless one had several meanings. `order` is
    `in_order` for graphs whose gates no text has in their order.
    """
    text = to_program(graph)
    again = read(text, graph.input_names)
    assert structure(order(again)) == structure(order(graph)), f"read back as something else:\n{text}"
    names = [name for k, name in enumerate(graph.names) if name and k not in graph.constants]
    if len(set(names)) == len(names):
        assert set(names) <= set(again.names), f"names are lost: {names} {again.names}"
    written = to_program(again)
    assert sorted(written) == sorted(text), f"written in two ways:\n{text}\n\n{written}"
    assert written == text or order is in_order, f"written in two orders:\n{text}\n\n{written}"


# figures -------------------------------------------------------------------------------------------------------------


class Said(NamedTuple):
    """What a group of an SVG says: pieces of its texts, and the lines of its tooltip."""

    texts: Counter[str]
    tip: tuple[str, ...]


NOTHING = Said(Counter(), ())


def said(svg: str | bytes) -> dict[str, Said]:
    """By id; raises `ParseError` for what is not well-formed."""
    return {g.attrib["id"]: _said(g) for g in ET.fromstring(svg).iter(f"{SVG}g") if "id" in g.attrib}  # noqa: S314  ours


def _said(group: ET.Element) -> Said:
    texts = ("".join(text.itertext()) for text in group.iter(f"{SVG}text"))
    tip = next((title.text or "" for title in group.iter(f"{SVG}title")), "")
    return Said(Counter(piece for text in texts for piece in text.split(GAP) if piece), tuple(tip.split("\n")))


def missing(figure: Figure, svg: str | bytes) -> list[str]:
    """The numbers of a figure that its SVG does not say at their place, rounded or in full.

    For figures that show values and gradients, and hide nothing.
    """
    shown = figure.drawn or figure.picture
    return list(_missing(shown, said(svg))) if shown.trace else []


def _missing(shown: Picture, there: dict[str, Said]) -> Iterator[str]:
    for group, numbers in _groups(shown):
        here = there.get(group, NOTHING)
        if group[0] != "w":
            wanted = sum((_texts(value, shown) for value in numbers.values()), Counter[str]())
            yield from (f"{text!r} at {group}" for text in wanted - here.texts)
        if group[0] != "h":
            yield from (f"{line!r} in the tooltip of {group}" for line in _lines(numbers) if line not in here.tip)


def _groups(shown: Picture) -> Iterator[tuple[str, dict[str, Any]]]:
    """The numbers of each group by what they are: shelves of nodes (s), wires (w), shelves of their shares (h)."""
    trace, constants = shown.trace, shown.graph.constants
    assert trace is not None, "numbers are those of a trace"
    matrix = "Jacobian (a row for each entry of the output, a column for each entry here)"
    for node, (value, grad) in enumerate(zip(trace.node_values, trace.node_grads, strict=True)):
        if node not in constants:
            is_matrix = trace.jacobian and not isinstance(grad, float)
            yield f"s{node}", {"value": value, matrix if is_matrix else "gradient": _matrix(trace, grad, node)}
    for number, (source, target, slot) in enumerate(shown.graph.wires):
        if source not in constants:
            share = trace.shares.at(target, slot)
            if shown.wires[number].forks:
                yield f"h{target}_{slot}", {"share": _matrix(trace, share, source)}
            if not trace.jacobian and (isinstance(share, float) or share.size <= LISTED_AT_WIRE):
                yield f"w{target}_{slot}", {"share": share}


def _matrix(trace: Trace, grad: Any, node: int) -> Any:
    """A gradient as it is shown: under `jacobian` with a row for each entry of the output."""
    sizes = [1 if isinstance(value, float) else value.size for value in (trace.output, trace.node_values[node])]
    return grad.reshape(sizes) if trace.jacobian and not isinstance(grad, float) else grad


def _texts(value: Any, shown: Picture) -> Counter[str]:
    """What is to be read of a number or an array; of a large one its shape and its first numbers."""
    if isinstance(value, float):
        return Counter([drawn(short(value, shown.decimals, shown.digits))])
    entries = [entry(drawn(short(x, shown.decimals, shown.digits))) for x in value.ravel().tolist()]
    rows, columns = (*value.shape, 1)[:2]
    if value.ndim <= 2 and 0 < rows <= MOST_ROWS and 0 < columns <= MOST_COLUMNS:
        return Counter(entries)
    shape = f"{value.size} number{'s' * (value.size != 1)}" if value.ndim < 2 else "×".join(map(str, value.shape))
    return Counter([shape, *([f"[{' '.join([*entries[:3], *['…'] * (len(entries) > 3)])}]"] * bool(entries))])


def _lines(numbers: dict[str, Any]) -> Iterator[str]:
    """The lines of a tooltip that have numbers in full."""
    for what, value in numbers.items():
        if isinstance(value, float):
            yield f"{what} {value!r}"
        elif 0 < value.size <= LISTED:
            yield f"{what} {value.tolist()!r}"
