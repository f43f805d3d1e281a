"""Graph + Trace + theme -> Picture: what will be shown, as texts and roles, decided once before any format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.rounding import MOST_DIGITS, digits_for, drawn, short
from gradviz.themes import Theme, theme_named

Kind = Literal["input", "constant", "gate"]
Text = Callable[[float], str]
TOLD: Final = 40  # nodes that a description tells one by one


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A node and its shelf. Texts are ready to be drawn, not yet escaped."""

    kind: Kind
    gate: str  # its name in the table, "" for others
    label: str  # in the circle; the name left of the shelf of one that has no circle
    name: str  # above the shelf's line, in front of the value
    value: str
    grad: str
    tooltip: str  # with full precision
    alarm: bool  # a nan or an infinity arises here
    start: int  # where it stands in the program


@dataclass(frozen=True, slots=True)
class PictureWire:
    """A wire between nodes of the picture."""

    wire: Wire
    forks: bool  # its source feeds several wires, and it is drawn with a shelf of its own
    share: str  # on that shelf
    tooltip: str
    port: float  # where it enters the circle: 0 at its left point, -1 above and 1 below where operands are told apart


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is shown: nodes by index, wires by target and slot."""

    graph: Graph
    trace: Trace | None
    theme: Theme
    title: str | None
    digits: int  # as asked for
    decimals: int  # of this figure's numbers
    nodes: tuple[PictureNode, ...]
    wires: tuple[PictureWire, ...]

    def text(self, number: float) -> str:
        """A number as this figure shows it, with a hyphen for the minus."""
        return short(number, self.decimals, self.digits)

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
    graph: Graph, trace: Trace | None = None, *, theme: str = "cs231n", title: str | None = None, digits: int = 2
) -> Picture:
    """What a figure of the graph shows: names only without a trace, else its numbers with `digits` decimals.

    Integers stand bare when every number of the figure is one. Raises `OptionError` for an unknown theme
    or `digits` out of range.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits must be a whole number from 0 to {MOST_DIGITS}, not {digits}")
    look = theme_named(theme)
    decimals = digits_for(_numbers(trace), digits) if trace else digits

    def text(number: float) -> str:
        return drawn(short(number, decimals, digits))

    nodes = tuple(_node(graph, trace, node, text) for node in range(len(graph)))
    title = " ".join(title.split()) if title else None
    return Picture(graph, trace, look, title, digits, decimals, nodes, tuple(_wires(graph, trace, text)))


def _numbers(trace: Trace) -> Iterator[float]:
    yield from trace.node_values
    constants = trace.graph.constants
    yield from (grad for node, grad in enumerate(trace.node_grads) if node not in constants)
    yield from (trace.shares[wire.target][wire.slot] for wire in trace.graph.wires if wire.source not in constants)


def _node(graph: Graph, trace: Trace | None, node: int, text: Text) -> PictureNode:
    name, gate, start = graph.names[node] or "", graph.gates[node], graph.starts[node]
    if node in graph.constants:
        number, label = graph.constants[node].value, drawn(graph.label(node))
        tooltip = f"{name or 'constant'} = {number!r}"
        return PictureNode("constant", "", name, "", text(number) if name else label, "", tooltip, False, start)
    value = text(trace.node_values[node]) if trace else ""
    grad = text(trace.node_grads[node]) if trace else ""
    folded = [f"constant {constant.value!r}" for constant in graph.constants_of(node).values()]
    numbers = [f"value {trace.node_values[node]!r}", f"gradient {trace.node_grads[node]!r}"] if trace else []
    alarm = trace is not None and node in trace.origins
    if gate is None:
        return PictureNode("input", "", name, "", value, grad, "\n".join([name, *numbers]), alarm, start)
    label = drawn(graph.label(node))
    what = f"{name}: gate {label}" if name else f"gate {label}"
    return PictureNode("gate", gate.name, label, name, value, grad, "\n".join([what, *folded, *numbers]), alarm, start)


def _wires(graph: Graph, trace: Trace | None, text: Text) -> Iterator[PictureWire]:
    uses = Counter(wire.source for wire in graph.wires)
    for wire in graph.wires:
        port = _port(graph, wire)
        forks = uses[wire.source] > 1 and wire.source not in graph.constants
        if trace is None or wire.source in graph.constants:
            yield PictureWire(wire, forks, "", "", port)
            continue
        share, local = trace.shares[wire.target][wire.slot], trace.locals[wire.target][wire.slot]
        tooltip = f"local gradient {local!r}\nupstream {trace.node_grads[wire.target]!r}\nshare {share!r}"
        yield PictureWire(wire, forks, text(share) if forks else "", tooltip, port)


def _port(graph: Graph, wire: Wire) -> float:
    """Operands are told apart where their order matters, and where one node is used twice."""
    gate, operands = graph.gates[wire.target], graph.operands[wire.target]
    wires = [k for k in operands if k >= 0]
    apart = (gate is not None and gate.ordered) or len(set(wires)) < len(wires)
    return 2 * wire.slot / (len(operands) - 1) - 1 if apart and len(wires) > 1 else 0.0
