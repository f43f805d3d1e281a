"""Graph -> the program of its derivatives: the backward pass written down, a line a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gradviz.errors import OptionError, ProgramError, in_words, nearest, printable
from gradviz.gates import GATES, Shape
from gradviz.gates.shapes import shown
from gradviz.gradient.naming import LIST, derivative_name, free, line_names, output_name
from gradviz.gradient.shares import Shares, Wire, is_declared
from gradviz.gradient.spreading import repeated
from gradviz.gradient.terms import ONE, ZERO, Term, Terms
from gradviz.graph import Constant, Graph, GraphBuilder
from gradviz.language.calls import Further
from gradviz.language.tokens import normal
from gradviz.language.unparse import to_program
from gradviz.opening import opened


class Gradient(NamedTuple):
    """A program, and by the names that derivatives are by: their names in it, and what these names are in it."""

    program: str
    names: Mapping[str, str]
    subjects: Mapping[str, str]  # a name that was given again has a number


def differentiated(
    graph: Graph, wrt: Sequence[str], values: Mapping[str, Any] | None, further: Further | None
) -> Gradient:
    """The program of the derivatives of the output by the names `wrt`: the forward lines that it needs, then its own.

    The last line is the derivative, or of several that are numbers the list of them. Arrays need `values`: their
    shapes decide what the backward pass does. Raises `OptionError` for a name that the program has not, `ProgramError`
    with the place for a gate whose derivative is not a program.
    """
    graph = _of_declared(graph)
    nodes = _nodes(graph, wrt)
    shapes = shapes_of(graph, values)
    if shapes and shapes[graph.output]:
        problem = f"the output is an array of shape {shown(shapes[graph.output])}; a derivative is that of a number: "
        raise ProgramError(f"{problem}reduce it, as in sum(...), or name a number (--of)", graph.program,
                           graph.place(graph.output))  # fmt: skip
    return _Backward(graph, nodes, shapes, further).gradient()


def _of_declared(graph: Graph) -> Graph:
    """The graph with its definitions opened, and the gates that are made of others whose derivatives are programs."""
    while defined := {gate.name for gate in graph.kinds if gate.body is not None}:
        graph = opened(graph, defined)  # one level of them
    closed = {gate.name for gate in graph.kinds if gate.made_of and not is_declared(gate)}
    graph = opened(graph, closed) if closed else graph
    for node, gate in enumerate(graph.gates):
        if gate is not None and not is_declared(gate):
            why = "it is only declared" if gate.is_abstract else "it takes more than operations of the gate table"
            problem = f"the derivative of {gate.name} is not a program: {why}"
            raise ProgramError(problem, graph.program, graph.place(node))
    return graph


def _nodes(graph: Graph, wrt: Sequence[str]) -> dict[str, int | None]:
    """The nodes of names; the name of an input means the input, also where the program gives it to another node."""
    known = {**graph.bindings, **dict(zip(graph.input_names, graph.inputs, strict=True))}
    found: dict[str, int | None] = {}
    for name in map(normal, wrt):
        if name not in known and name not in graph.unused:
            raise OptionError(f"the program has no name '{printable(name)}'{nearest(name, known)}")
        found[name] = known.get(name)
    if not found:
        raise OptionError("a derivative is by a name of the program; this one has none")
    return found


def shapes_of(graph: Graph, values: Mapping[str, Any] | None) -> list[Shape] | None:
    """The shape of each node; None where all are numbers."""
    from gradviz.values import checked

    inputs = checked(graph, values or {}) if values or not graph.inputs else [0.0] * len(graph.inputs)
    arrays = [gate for gate in graph.kinds if gate.partials is None]
    constants = [constant.value for constant in graph.constants.values()]
    if not arrays and all(isinstance(value, float) for value in (*inputs, *constants)):
        return None
    if not values and graph.inputs:
        raise OptionError(
            f"the shapes of arrays decide their derivatives; give a value for each of {in_words(graph.input_names)}"
        )
    import numpy

    from gradviz.tensors import shapes

    return shapes(graph, [numpy.shape(value) for value in inputs])[: len(graph)]


class _Backward:
    """One pass back over the nodes of a graph, in a builder that has them."""

    def __init__(
        self,
        graph: Graph,
        wrt: Mapping[str, int | None],
        shapes: Sequence[Shape] | None,
        further: Further | None,
    ) -> None:
        self.graph, self.wrt = graph, wrt
        self.builder = GraphBuilder.of(graph)
        self.terms = Terms(self.builder, shapes)
        self.shares = Shares(self.terms, further)
        self.names = line_names(graph)
        self.output = output_name(graph, self.names)
        self.taken = {*self.names, *graph.unused}
        self.grads: dict[int, Term] = {}

    def gradient(self) -> Gradient:
        self._pass(self._active())
        by_name = {name: self._found(node) for name, node in self.wrt.items()}
        names = {name: self._named(name, term) for name, term in by_name.items()}
        lines = self._lines([term for term in by_name.values() if isinstance(term, int)])
        told = ((names[name], self._told(term, names[name])) for name, term in by_name.items())
        lines += [f"{name} = {text}" for name, text in told if text]
        subjects = {name: name if node is None else self.names[node] for name, node in self.wrt.items()}
        return Gradient("\n".join([*lines, *self._last(lines, names, by_name)]), names, subjects)

    def _found(self, node: int | None) -> Term:
        """The derivative by a node, 0 by one that the output does not depend on."""
        if node is None:
            return ZERO
        return repeated(self.terms, self.grads.get(node, ZERO), self.terms.shape(node))

    def _last(self, lines: Sequence[str], names: Mapping[str, str], by_name: Mapping[str, Term]) -> list[str]:
        """The output, unless the last line is it."""
        if len(names) > 1 and not any(map(self.terms.shape, by_name.values())):
            return [f"{free(LIST, self.taken)} = [{', '.join(names.values())}]"]
        *_, last = names.values()
        return [] if lines[-1].startswith(f"{last} = ") else [last]

    def _active(self) -> bytearray:
        """The nodes that depend on a name of `wrt`; they all get names."""
        active = bytearray(len(self.graph))
        for node in self.wrt.values():
            if node is not None:
                active[node] = 1
        for node, operands in enumerate(self.graph.operands):
            if any(k >= 0 and active[k] for k in operands):
                active[node] = 1
        for node, name in enumerate(self.names):
            self.builder.names[node] = name if active[node] or self.graph.names[node] else None
        return active

    def _pass(self, active: bytearray) -> None:
        """The gradient of every node on the way: shares of its wires, added up."""
        if not active[self.graph.output]:
            return
        self.grads[self.graph.output] = ONE
        wanted = {node for node in self.wrt.values() if node is not None}
        for node in range(self.graph.output, -1, -1):
            upstream = self.grads.get(node)
            if upstream is None:
                continue
            if node in wanted and self.terms.shapes is not None:
                self.grads[node] = upstream = repeated(self.terms, upstream, self.terms.shape(node))
            self._name(node, upstream)
            self._send(node, upstream, active)

    def _name(self, node: int, upstream: Term) -> None:
        """Give the gradient of a node its line."""
        if isinstance(upstream, int) and upstream >= len(self.graph) and self.builder.names[upstream] is None:
            self.builder.names[upstream] = derivative_name(self.output, self.names[node], self.taken)

    def _send(self, node: int, upstream: Term, active: bytearray) -> None:
        gate, operands = self.graph.gates[node], self.graph.operands[node]
        if gate is None:
            return
        xs = [self._term(k) for k in operands]
        for slot, k in enumerate(operands):
            if k < 0 or not active[k]:
                continue
            try:
                share = self.shares.of(Wire(gate, slot, node, xs), upstream)
            except ProgramError as error:
                raise ProgramError(str(error), self.graph.program, self.graph.place(node)) from None
            if share is not None and share != ZERO:
                self.grads[k] = self.terms.call("add", self.grads[k], share) if k in self.grads else share

    def _term(self, k: int) -> Term:
        """An operand: a number without a name is written where it is used."""
        if k < 0:
            return self.graph.folded[-1 - k]
        constant = self.graph.constants.get(k)
        is_plain = constant is not None and self.graph.names[k] is None and isinstance(constant.value, float)
        return constant if constant is not None and is_plain else k

    # lines -----------------------------------------------------------------------------------------------------------

    def _named(self, by: str, term: Term) -> str:
        """The name that the derivative by a name has; a term without one gets it."""
        node = self.wrt[by]
        own = self.builder.names[term] if isinstance(term, int) else None
        self.taken.discard(own or "")
        name = derivative_name(self.output, by if node is None else self.names[node], self.taken)
        if isinstance(term, int) and own is None:
            self.builder.names[term] = name
        self.taken |= {own} if own else set()
        return name

    def _told(self, term: Term, name: str) -> str:
        """What a derivative is that is no line of its own yet."""
        if isinstance(term, Constant):
            return repr(term.value).removesuffix(".0")
        own = str(self.builder.names[term])
        return "" if own == name else own

    def _lines(self, wanted: Sequence[int]) -> list[str]:
        """The lines of what some nodes need."""
        if not wanted:
            return []
        output = self.builder.gate(GATES["stack"].of(len(wanted)), wanted)
        return to_program(self.builder.build(output)).splitlines()[:-1]
