"""Graph + Trace + theme -> Picture: what will be shown, as texts and roles, decided once before any format."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from gradviz import tooltips
from gradviz.blocks import Number, line
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.rounding import MOST_DIGITS, digits_for, drawn, short
from gradviz.runs import Row, number_run, text
from gradviz.shelves import WITH_NUMBERS, Hidden, Shelves, hidden, numbers_of, shown, words
from gradviz.themes import Theme, theme_of

if TYPE_CHECKING:
    from gradviz.notation import Names
    from gradviz.tangents import Tangents

Kind = Literal["input", "constant", "gate", "copy"]  # a copy stands for its node at one use of it
TOLD: Final = 40  # nodes that a description tells one by one


class PictureNode(NamedTuple):
    """A node and its shelf. Texts are ready to be drawn, not yet escaped."""

    kind: Kind
    gate: str  # its name in the table, "def" for one of the program's own, "" for others
    label: str  # in the circle; the name left of the shelf of one that has no circle
    above: Row  # on the shelf
    below: Row
    tooltip: str  # with full precision
    alarm: bool  # a nan or an infinity arises here
    start: int  # where it stands in the program
    mark: bool = False  # this is what a step is about

    @property
    def name(self) -> str:
        """In front of the value."""
        return text(self.above, {"name"})

    @property
    def value(self) -> str:
        """On one line."""
        return text(self.above, {"value", "blank"})

    @property
    def grad(self) -> str:
        """On one line."""
        return text(self.below, {"derivative", "grad", "blank", "equals"})


class PictureWire(NamedTuple):
    """A wire between nodes of the picture."""

    wire: Wire
    forks: bool  # it has a shelf of its own: its source feeds several wires, or its local gradient is shown
    above: Row  # on that shelf
    below: Row
    tooltip: str
    port: float  # where it enters the circle: 0 at its left point, -1 above and 1 below where operands are told apart
    mark: bool = False

    @property
    def local(self) -> str:
        """On one line."""
        return text(self.above)

    @property
    def share(self) -> str:
        """On one line."""
        return text(self.below)


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
    caption: str = ""  # below the figure
    places: Any = None  # the `layout.Layout` that it is drawn at, if not one of its own
    names: Names | None = None  # what unnamed nodes are called, where something is said of them
    hidden: Hidden = Hidden()  # where there are blanks
    asked: Mapping[str, Any] = {}  # the options of `picture` that it was made with
    method: str = "auto"  # how it is laid out, a row of `layout.methods.METHODS`
    told: str = ""  # the figure in words, if these are not those of its graph
    tangents: Tangents | None = None  # of forward mode, which stand where the gradients would

    def text(self, value: Any) -> str:
        """A number or an array as this figure shows it, on one line and with a hyphen for the minus."""
        if isinstance(value, float):
            return short(value, self.decimals, self.digits)
        return line(value, lambda x: short(x, self.decimals, self.digits))

    @property
    def nudged(self) -> Trace | None:
        """The trace after a change of inputs, whose values stand beside the others."""
        found: Trace | None = self.asked.get("nudged")
        return found

    def drawn(self, value: Any) -> str:
        """The same with a minus, as in the drawing."""
        return drawn(self.text(value))

    @property
    def heading(self) -> str:
        """The figure's name for those who cannot see it."""
        return self.title or f"Computational graph of {one_line(self.graph.program)[:200]}"

    @property
    def description(self) -> str:
        """The figure in words."""
        if self.told:
            return self.told
        if len(self.graph) > TOLD:
            counts = f"{len(self.graph.inputs)} inputs and {len(self.graph)} nodes in all"
            return f"A circuit of {counts}. {self._told_output()}"
        told = {kind: [self._told(i) for i, n in enumerate(self.nodes) if n.kind == kind] for kind in _HEADS}
        parts = [part for kind, head in _HEADS.items() if told[kind] for part in (head, *told[kind])]
        return " ".join([*parts, self._told_output()])

    def _told(self, node: int) -> str:
        shown = self.nodes[node]
        operands = " and ".join(self._reference(k) for k in self.graph.operands[node] if k >= 0)
        gate = f" is {shown.label} of {operands}" if operands else ""
        value = f", value {shown.value}" if shown.value and shown.value != self._reference(node) else ""
        new = text(shown.above, {"new"})
        value += f" {new}" if new else ""
        grad = f", {'tangent' if self.tangents else 'gradient'} {shown.grad}" if shown.grad else ""
        return f"{self._reference(node)}{gate}{value}{grad}."

    def _told_output(self) -> str:
        if self.graph.view:
            return f"It shows {self.graph.view}."
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
    theme: str | PathLike[str] | Theme = "cs231n",
    title: str | None = None,
    digits: int = 2,
    show: str | Collection[str] | None = None,
    hide: str | Collection[str] | None = None,
    upstream: str | None = None,
    nudged: Trace | None = None,
    named: bool = False,
    wrt: str | None = None,
    number: Number | None = None,
) -> Picture:
    """What a figure of the graph shows: names and symbols without a trace, else its numbers with `digits` decimals.

    Integers stand bare when every number of the figure is one. `show` chooses among `shelves.SHOWN`, `hide` leaves
    blanks instead of numbers, `upstream` names what comes after the output, the values of `nudged` stand beside the
    trace's, `named` gives names to nodes that have none, `wrt` is the input of forward mode, whose tangents stand where
    the gradients would, `number` writes numbers otherwise. Raises `OptionError` for an unknown theme, word or name, or
    `digits` out of range.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits must be a whole number from 0 to {MOST_DIGITS}, not {digits}")
    if hide and trace is None:
        raise OptionError("'hide' leaves blanks where numbers would stand; it needs values for the program's names")
    if hide and wrt is not None:
        raise OptionError("'hide' asks for what goes backward; forward mode has no blanks")
    shelves = shelves_of(
        graph, trace, theme=theme, show=show, hide=hide, upstream=upstream, nudged=nudged, named=named, wrt=wrt
    )
    decimals = digits_for(numbers_of(shelves, list(graph.wires)), digits) if trace else digits
    shelves = shelves._replace(number=number or (lambda x: drawn(short(x, decimals, digits))))
    look, names, blanks = shelves.theme, shelves.names, shelves.hidden
    nodes = tuple(_node(shelves, node) for node in range(len(graph)))
    wires = tuple(_wires(shelves))
    heading = _BLANKS.sub(" ", title).strip(" ") if title else None
    asked = {"theme": theme, "title": title, "digits": digits, "show": show, "hide": hide, "upstream": upstream,
             "nudged": nudged, "wrt": wrt}  # fmt: skip
    return Picture(
        graph, trace, look, heading, digits, decimals, nodes, wires, names=names, hidden=blanks, asked=asked,
        tangents=shelves.tangents,
    )  # fmt: skip


def shelves_of(
    graph: Graph,
    trace: Trace | None,
    *,
    theme: str | PathLike[str] | Theme = "cs231n",
    show: str | Collection[str] | None = None,
    hide: str | Collection[str] | None = None,
    upstream: str | None = None,
    nudged: Trace | None = None,
    named: bool = False,
    wrt: str | None = None,
) -> Shelves:
    """What decides the rows of a figure's shelves, as `picture` has it; numbers are in full."""
    look = theme_of(theme)
    shows = shown(show, graph, numbers=trace is not None)
    named = named or trace is None or look.equations or "formulas" in shows or upstream is not None
    names = _names(graph, upstream, seeded=trace is not None and trace.is_seeded) if named else None
    tangents = None if wrt is None else _tangents(graph, trace, wrt)
    if names and tangents:
        names = names._replace(wrt=tangents.by)
    return Shelves(graph, trace, look, shows, str, names, nudged, hidden(hide, graph) if hide else Hidden(), tangents)


def renamed(shown: Picture) -> Picture:
    """The same figure with names for nodes that have none, and everything that is told of them."""
    show = None if shown.asked["show"] is None else {*words(shown.asked["show"]), *WITH_NUMBERS}
    found = picture(shown.graph, shown.trace, **{**shown.asked, "show": show}, named=True)
    return found._replace(method=shown.method)


_BLANKS: Final = re.compile(r"[^\S\x1c-\x1f\x85]+")  # what separates words, and no character that controls


def _names(graph: Graph, upstream: str | None, *, seeded: bool) -> Names:
    from gradviz.notation import names

    return names(graph, upstream, seeded=seeded)


def _tangents(graph: Graph, trace: Trace | None, wrt: str) -> Tangents:
    from gradviz.tangents import tangents_by

    return tangents_by(graph, trace, wrt)


def _node(shelves: Shelves, node: int) -> PictureNode:
    graph, trace = shelves.graph, shelves.trace
    name, gate, start = graph.names[node] or "", graph.gates[node], graph.starts[node]
    if node in graph.constants:
        return _constant(graph, node, shelves.number)
    above, below = shelves.above(node), shelves.below(node)
    told = None if any(shelves.hidden) else trace  # tooltips do not tell what blanks ask for
    alarm = trace is not None and node in trace.origins
    if gate is None:
        tip = tooltips.of_node(graph, told, node, name, shelves.tangents)
        return PictureNode("input", "", "" if shelves.theme.equations else name, above, below, tip, alarm, start)
    label = drawn(graph.label(node))
    tip = tooltips.of_node(graph, told, node, f"{name}: gate {label}" if name else f"gate {label}", shelves.tangents)
    kind = "def" if gate.body is not None or gate.is_abstract else gate.name  # a class of the drawing: no word of users
    return PictureNode("gate", kind, label, above, below, tip, alarm, start)


def _constant(graph: Graph, node: int, number: Number) -> PictureNode:
    name, constant, tip = graph.names[node] or "", graph.constants[node].value, tooltips.of_constant(graph, node)
    if isinstance(constant, float):
        run = number_run(constant, number, "value")
        value = run if name else run._replace(text=drawn(graph.label(node)))
    else:
        from numpy import array

        value = number_run(array(constant, dtype=float), number, "value")
    return PictureNode("constant", "", name, (value,), (), tip, False, graph.starts[node])


def _wires(shelves: Shelves) -> Iterator[PictureWire]:
    graph = shelves.graph
    uses = graph.uses
    for wire in graph.wires:
        several = uses[wire.source] > 1 and wire.source not in graph.constants
        forks = several and not shelves.tangents  # forward all wires of a node carry the same
        above, below = shelves.local(wire), shelves.share(wire) if several else ()
        tells = shelves.trace is not None and not any(shelves.hidden) and wire.source not in graph.constants
        tip = tooltips.of_wire(shelves.trace, wire, shelves.tangents) if shelves.trace and tells else ""
        yield PictureWire(wire, forks or bool(above), above, below, tip, _port(graph, wire))


def _port(graph: Graph, wire: Wire) -> float:
    """Operands are told apart where their order matters, and where one node is used twice."""
    gate = graph.gates[wire.target]
    assert gate is not None, "wires end at gates"
    if gate.arity == 1:
        return 0.0
    operands = graph.operands[wire.target]
    wires = [k for k in operands if k >= 0]
    apart = gate.ordered or len(set(wires)) < len(wires)
    return 2 * wire.slot / (len(operands) - 1) - 1 if apart and len(wires) > 1 else 0.0
