"""Graph + Trace + theme -> Picture: what will be shown, as texts and roles, decided once before any format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from gradviz import tooltips
from gradviz.blocks import Block, Number, block, line
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.matrices import MOST, Local, as_matrix, local_matrix, local_texts
from gradviz.rounding import MOST_DIGITS, digits_for, drawn, short
from gradviz.themes import Theme, theme_named

Kind = Literal["input", "constant", "gate"]
TOLD: Final = 40  # nodes that a description tells one by one


class PictureNode(NamedTuple):
    """A node and its shelf. Texts are ready to be drawn, not yet escaped."""

    kind: Kind
    gate: str  # its name in the table, "" for others
    label: str  # in the circle; the name left of the shelf of one that has no circle
    name: str  # above the shelf's line, in front of the value
    value: str  # on one line
    grad: str
    tooltip: str  # with full precision
    alarm: bool  # a nan or an infinity arises here
    start: int  # where it stands in the program
    above: Block | None = None  # the value of an array as it stands on the shelf, with its name
    below: Block | None = None  # and its gradient


class PictureWire(NamedTuple):
    """A wire between nodes of the picture."""

    wire: Wire
    forks: bool  # it has a shelf of its own: its source feeds several wires, or its local gradient is shown
    share: str  # below the line of that shelf, on one line
    tooltip: str
    port: float  # where it enters the circle: 0 at its left point, -1 above and 1 below where operands are told apart
    local: str = ""  # above the line
    above: Block | None = None  # a local gradient that is an array, as it stands on the shelf
    below: Block | None = None  # and such a share


class Picture(NamedTuple):
    """What is shown: nodes by index, wires by target and slot."""

    graph: Graph
    trace: Trace | None
    theme: Theme
    title: str | None
    digits: int  # as asked for
    decimals: int  # of this figure's numbers
    nodes: tuple[PictureNode, ...]
    wires: tuple[PictureWire, ...]

    def text(self, value: Any) -> str:
        """A number or an array as this figure shows it, on one line and with a hyphen for the minus."""
        if isinstance(value, float):
            return short(value, self.decimals, self.digits)
        return line(value, lambda x: short(x, self.decimals, self.digits))

    @property
    def heading(self) -> str:
        """The figure's name for those who cannot see it."""
        return self.title or f"Computational graph of {one_line(self.graph.program)[:200]}"

    @property
    def description(self) -> str:
        """The figure in words."""
        if len(self.nodes) > TOLD:
            counts = f"{len(self.graph.inputs)} inputs and {len(self.nodes)} nodes in all"
            return f"A circuit of {counts}. {self._told_output()}"
        told = {kind: [self._told(i) for i, n in enumerate(self.nodes) if n.kind == kind] for kind in _HEADS}
        parts = [part for kind, head in _HEADS.items() if told[kind] for part in (head, *told[kind])]
        return " ".join([*parts, self._told_output()])

    def _told(self, node: int) -> str:
        shown = self.nodes[node]
        operands = " and ".join(self._reference(k) for k in self.graph.operands[node] if k >= 0)
        gate = f" is {shown.label} of {operands}" if operands else ""
        value = f", value {shown.value}" if shown.value and shown.value != self._reference(node) else ""
        grad = f", gradient {shown.grad}" if shown.grad else ""
        return f"{self._reference(node)}{gate}{value}{grad}."

    def _told_output(self) -> str:
        shown = self.nodes[self.graph.output]
        return f"The output is {self._reference(self.graph.output)}{f' = {shown.value}' if shown.value else ''}."

    def _reference(self, node: int) -> str:
        shown = self.nodes[node]
        return self.graph.names[node] or (f"node {node}" if shown.kind == "gate" else shown.value)


_HEADS: Final[dict[Kind, str]] = {
    "input": "Inputs:",
    "constant": "Constants:",
    "gate": "Gates in order of evaluation:",
}


def one_line(program: str) -> str:
    """A program on one line, without its comments.

    >>> one_line("g = w*x  # product" + chr(10) + "f = g + b")
    'g = w*x; f = g + b'
    """
    lines = (line.partition("#")[0].strip() for line in program.splitlines())
    return "; ".join(line for line in lines if line)


def picture(
    graph: Graph,
    trace: Trace | None = None,
    *,
    theme: str = "cs231n",
    title: str | None = None,
    digits: int = 2,
    local_jacobians: bool = False,
) -> Picture:
    """What a figure of the graph shows: names only without a trace, else its numbers with `digits` decimals.

    Integers stand bare when every number of the figure is one. `local_jacobians` shows the local gradient of every
    wire where it is small. Raises `OptionError` for an unknown theme or `digits` out of range.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits must be a whole number from 0 to {MOST_DIGITS}, not {digits}")
    look = theme_named(theme)
    locals_ = _locals(trace) if trace and local_jacobians else {}
    decimals = digits_for(_numbers(trace, locals_), digits) if trace else digits

    def number(x: float) -> str:
        return drawn(short(x, decimals, digits))

    nodes = tuple(_node(graph, trace, node, number) for node in range(len(graph)))
    wires = tuple(_wires(graph, trace, number, locals_))
    return Picture(graph, trace, look, " ".join(title.split()) if title else None, digits, decimals, nodes, wires)


def _locals(trace: Trace) -> dict[Wire, Local]:
    wires = (wire for wire in trace.graph.wires if wire.source not in trace.graph.constants)
    return {wire: local_matrix(trace.locals[wire.target][wire.slot], MOST[0] * MOST[1]) for wire in wires}


def _numbers(trace: Trace, locals_: Mapping[Wire, Local]) -> Iterator[Any]:
    yield from trace.node_values
    constants = trace.graph.constants
    yield from (grad for node, grad in enumerate(trace.node_grads) if node not in constants)
    yield from (trace.shares[wire.target][wire.slot] for wire in trace.graph.wires if wire.source not in constants)
    yield from (local.numbers for local in locals_.values() if local.numbers is not None)


def _texts(value: Any, number: Number, head: str = "") -> tuple[str, Block | None]:
    """A number as text; an array on one line, and as it stands on a shelf."""
    if isinstance(value, float):
        return number(value), None
    return line(value, number), block(value, number, head=head)


def _node(graph: Graph, trace: Trace | None, node: int, number: Number) -> PictureNode:
    name, gate, start = graph.names[node] or "", graph.gates[node], graph.starts[node]
    if node in graph.constants:
        return _constant(graph, node, number)
    value = grad = ""
    above = below = None
    if trace:
        value, above = _texts(trace.node_values[node], number, name if gate else "")
        grad, below = _texts(as_matrix(trace, trace.node_grads[node], node), number)
    alarm = trace is not None and node in trace.origins
    if gate is None:
        tip = tooltips.of_node(graph, trace, node, name)
        return PictureNode("input", "", name, "", value, grad, tip, alarm, start, above, below)
    label = drawn(graph.label(node))
    tip = tooltips.of_node(graph, trace, node, f"{name}: gate {label}" if name else f"gate {label}")
    return PictureNode("gate", gate.name, label, name, value, grad, tip, alarm, start, above, below)


def _constant(graph: Graph, node: int, number: Number) -> PictureNode:
    name, constant, tip = graph.names[node] or "", graph.constants[node].value, tooltips.of_constant(graph, node)
    if isinstance(constant, float):
        value, above = number(constant) if name else drawn(graph.label(node)), None
    else:
        from numpy import array

        value, above = _texts(array(constant, dtype=float), number)
    return PictureNode("constant", "", name, "", value, "", tip, False, graph.starts[node], above)


def _wires(graph: Graph, trace: Trace | None, number: Number, locals_: Mapping[Wire, Local]) -> Iterator[PictureWire]:
    uses = Counter(wire.source for wire in graph.wires)
    for wire in graph.wires:
        port = _port(graph, wire)
        forks = uses[wire.source] > 1 and wire.source not in graph.constants
        if trace is None or wire.source in graph.constants:
            yield PictureWire(wire, forks, "", "", port)
            continue
        share, below, local, above = "", None, "", None
        if forks:
            share, below = _texts(as_matrix(trace, trace.shares[wire.target][wire.slot], wire.source), number)
        if wire in locals_:
            local, above = local_texts(locals_[wire], number)
        tip = tooltips.of_wire(trace, wire)
        yield PictureWire(wire, forks or local != "", share, tip, port, local, above, below)


def _port(graph: Graph, wire: Wire) -> float:
    """Operands are told apart where their order matters, and where one node is used twice."""
    gate, operands = graph.gates[wire.target], graph.operands[wire.target]
    wires = [k for k in operands if k >= 0]
    apart = (gate is not None and gate.ordered) or len(set(wires)) < len(wires)
    return 2 * wire.slot / (len(operands) - 1) - 1 if apart and len(wires) > 1 else 0.0
