"""Graph + Trace + theme -> Picture: what will be shown, as texts and roles, decided once before any format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.rounding import MOST_DIGITS, digits_for, drawn, short
from gradviz.themes import Theme, theme_named

Kind = Literal["input", "constant", "gate"]
TOLD: Final = 40  # nodes that a description tells one by one


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A node and its shelf. Texts are ready to be drawn, not yet escaped."""

    kind: Kind
    label: str  # in the circle; the name left of the shelf of one that has no circle
    name: str  # above the shelf's line, in front of the value
    value: str
    grad: str
    tooltip: str  # with full precision
    alarm: bool  # a nan or an infinity arises here


@dataclass(frozen=True, slots=True)
class PictureWire:
    """A wire; `share` is drawn where the source feeds several wires."""

    wire: Wire
    share: str
    tooltip: str
    ordered: bool  # the target's operands must be told apart by where they enter


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is shown: nodes by index, wires by target and slot."""

    graph: Graph
    trace: Trace | None
    theme: Theme
    title: str | None
    digits: int
    nodes: tuple[PictureNode, ...]
    wires: tuple[PictureWire, ...]

    @property
    def heading(self) -> str:
        """The figure's name for those who cannot see it."""
        return self.title or f"Computational graph of {' ; '.join(self.graph.program.split(chr(10)))[:200]}"

    @property
    def description(self) -> str:
        """The figure in words."""
        if len(self.nodes) > TOLD:
            counts = f"{len(self.graph.inputs)} inputs and {len(self.nodes)} nodes in all"
            return f"A circuit of {counts}. {self._told_output()}"
        inputs = [self._told(i) for i, node in enumerate(self.nodes) if node.kind != "gate"]
        gates = [self._told(i) for i, node in enumerate(self.nodes) if node.kind == "gate"]
        return " ".join(["Inputs:", *inputs, "Gates in order of evaluation:", *gates, self._told_output()])

    def _told(self, node: int) -> str:
        shown = self.nodes[node]
        operands = " and ".join(self._reference(k) for k in self.graph.operands[node] if k >= 0)
        name = f"{shown.name or self._reference(node)}" if shown.kind == "gate" else shown.label
        gate = f" is {shown.label} of {operands}" if operands else ""
        value = f", value {shown.value}" if shown.value else ""
        grad = f", gradient {shown.grad}" if shown.grad else ""
        return f"{name}{gate}{value}{grad}."

    def _told_output(self) -> str:
        shown = self.nodes[self.graph.output]
        return f"The output is {self._reference(self.graph.output)}{f' = {shown.value}' if shown.value else ''}."

    def _reference(self, node: int) -> str:
        return self.graph.names[node] or (f"node {node}" if self.nodes[node].kind == "gate" else self.nodes[node].label)


def picture(
    graph: Graph, trace: Trace | None = None, *, theme: str = "cs231n", title: str | None = None, digits: int = 2
) -> Picture:
    """What a figure of the graph shows: names only without a trace, else its numbers with `digits` decimals.

    Integers stand bare when every number of the figure is one. Raises `OptionError` for an unknown theme
    or `digits` out of range.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits must be a whole number from 0 to {MOST_DIGITS}, not {digits}")
    look = theme_named(theme)
    places = digits_for(_numbers(trace), digits) if trace else digits
    nodes = tuple(_node(graph, trace, node, places) for node in range(len(graph)))
    return Picture(graph, trace, look, title, places, nodes, tuple(_wires(graph, trace, places)))


def _numbers(trace: Trace) -> Iterator[float]:
    yield from trace.node_values
    constants = trace.graph.constants
    yield from (grad for node, grad in enumerate(trace.node_grads) if node not in constants)
    yield from (trace.shares[wire.target][wire.slot] for wire in trace.graph.wires if wire.source not in constants)


def _node(graph: Graph, trace: Trace | None, node: int, digits: int) -> PictureNode:
    kind: Kind = "constant" if node in graph.constants else "gate" if graph.gates[node] else "input"
    name, label = graph.names[node] or "", drawn_label(graph, node)
    if kind == "constant":
        number = graph.constants[node].value
        shown = drawn(short(number, digits)) if name else label
        return PictureNode(kind, name, "", shown, "", f"{name or 'constant'} = {number!r}", False)
    value = drawn(short(trace.node_values[node], digits)) if trace else ""
    grad = drawn(short(trace.node_grads[node], digits)) if trace else ""
    what = name if kind == "input" else f"{name}: gate {label}" if name else f"gate {label}"
    numbers = [f"value {trace.node_values[node]!r}", f"gradient {trace.node_grads[node]!r}"] if trace else []
    shown_name = name if kind == "gate" else ""
    alarm = trace is not None and node in trace.origins
    return PictureNode(kind, label, shown_name, value, grad, "\n".join([what, *numbers]), alarm)


def drawn_label(graph: Graph, node: int) -> str:
    """The node's label as drawn: a gate's minus is a minus, a name stays as it is."""
    return drawn(graph.label(node)) if graph.gates[node] or node in graph.constants else graph.label(node)


def _wires(graph: Graph, trace: Trace | None, digits: int) -> Iterator[PictureWire]:
    uses = Counter(wire.source for wire in graph.wires)
    for wire in graph.wires:
        gate, operands = graph.gates[wire.target], graph.operands[wire.target]
        ordered = (gate is not None and gate.ordered) or len(set(operands)) < len(operands)
        if trace is None or wire.source in graph.constants:
            yield PictureWire(wire, "", "", ordered)
            continue
        share, local = trace.shares[wire.target][wire.slot], trace.locals[wire.target][wire.slot]
        upstream = trace.node_grads[wire.target]
        tooltip = f"local gradient {local!r}\nupstream {upstream!r}\nshare {share!r}"
        yield PictureWire(wire, drawn(short(share, digits)) if uses[wire.source] > 1 else "", tooltip, ordered)
