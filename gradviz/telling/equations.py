"""Graph + Trace + names -> the equations of the chain rule: `∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradviz.blocks import LINE, line
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.matrices import as_matrix, local_entries
from gradviz.notation import SUBSCRIPTS, Derivative, Formula, Names, names, tex_name
from gradviz.rounding import digits_for, drawn, short
from gradviz.spelling import PRODUCT, SUM, applied, enclosed, numeral
from gradviz.telling.algebra import array, equation, filled, is_number, joined, listed

Number = Callable[[Any], str]


class Subject(NamedTuple):
    """What is told of: a circuit, its numbers unless it has none, and how names and numbers are written."""

    graph: Graph
    trace: Trace | None
    names: Names
    number: Number  # a number or an array as text, on one line
    wires: tuple[Wire, ...]
    uses: Mapping[int, int]  # of a node: its wires


def subject(
    graph: Graph,
    trace: Trace | None = None,
    *,
    named: Names | None = None,
    number: Number | None = None,
    digits: int = 2,
) -> Subject:
    """A circuit to tell of; numbers are rounded as in its figure unless `number` says how."""
    wires = tuple(graph.wires)
    written = number or rounded([trace] if trace else [], digits)
    return Subject(graph, trace, named or names(graph), written, wires, Counter(wire.source for wire in wires))


def rounded(traces: Sequence[Trace], digits: int) -> Number:
    """How numbers are written: with `digits` decimals, with none where all values, gradients and locals are whole."""
    decimals = digits_for((number for trace in traces for number in _numbers(trace)), digits)

    def number(x: float) -> str:
        return drawn(short(x, decimals, digits))

    return lambda value: number(value) if isinstance(value, float) else line(value, number)


def _numbers(trace: Trace) -> Iterator[Any]:
    constants = trace.graph.constants
    yield from trace.node_values
    yield from (grad for node, grad in enumerate(trace.node_grads) if node not in constants)
    for source, target, slot in trace.graph.wires:
        if source not in constants:
            yield trace.shares[target][slot]
            if isinstance(local := trace.locals[target][slot], float):
                yield local


# names and numbers ---------------------------------------------------------------------------------------------------


def number(of: Subject, value: Any) -> Formula:
    """A number or an array."""
    return numeral(of.number(value).replace("∞", "inf")) if isinstance(value, float) else array(of.number(value))


def product(of: Subject, *factors: float) -> Formula:
    """`1 · (−2)`."""
    return joined(" · ", [enclosed(number(of, factor)) for factor in factors])


def times(upstream: Formula, formula: Formula) -> Formula:
    """`∂L/∂f · (x + 1)`; `∂L/∂f` times 1 is itself."""
    return upstream if formula.text == "1" else joined(" · ", [upstream, enclosed(formula)])


def name(of: Subject, node: int) -> Formula:
    """What a node is called; of a constant its number."""
    if node in of.graph.constants and of.graph.names[node] is None:
        return numeral(of.names.nodes[node])
    return Formula(of.names.nodes[node], tex_name(of.names.nodes[node]))


def gradient(of: Subject, node: int) -> Formula:
    """∂f/∂g."""
    return _formula(of.names.gradient(node))


def local_name(of: Subject, wire: Wire) -> Formula:
    """∂g/∂w; ∂₁f where the output takes what reaches it by other ways too, so that ∂f/∂w is not this alone."""
    if not (is_top(of, wire.target) and of.uses[wire.source] > 1):
        return _formula(of.names.local(of.graph, wire))
    slot, target = str(wire.slot + 1), of.names.nodes[wire.target]
    return Formula(f"∂{slot.translate(SUBSCRIPTS)}{target}", rf"\partial_{{{slot}}} {tex_name(target)}")


def _formula(derivative: Derivative) -> Formula:
    return Formula(derivative.text, derivative.tex)


def is_top(of: Subject, node: int) -> bool:
    """Whether gradients are those of this node, so that its own is 1 and no factor."""
    return node == of.graph.output and of.names.top == of.names.nodes[node]


# forward -------------------------------------------------------------------------------------------------------------


def definition(of: Subject, node: int) -> Formula:
    """`g = w·x`."""
    return equation(name(of, node), _applied(of, node, lambda operand: name(of, operand)))


def given(of: Subject, node: int) -> Formula:
    """`w = −2`."""
    return equation(name(of, node), number(of, of.trace.node_values[node]) if of.trace else None)


def forward(of: Subject, node: int) -> Formula:
    """`g = w·x = (−2)·5 = −10`; of arrays only what comes out."""
    if of.trace is None:
        return definition(of, node)
    values = of.trace.node_values
    scalar = all(isinstance(values[k], float) for k in (node, *of.graph.operands[node]) if k >= 0)
    numbers = _applied(of, node, lambda operand: number(of, values[operand])) if scalar else None
    return equation(definition(of, node), numbers, number(of, values[node]))


def _applied(of: Subject, node: int, operand: Callable[[int], Formula]) -> Formula:
    folded = of.graph.constants_of(node)
    operands = [numeral(folded[slot].text) if k < 0 else operand(k) for slot, k in enumerate(of.graph.operands[node])]
    return applied(of.graph, node, operands)


# backward ------------------------------------------------------------------------------------------------------------


def seed(of: Subject) -> Formula:
    """`∂f/∂f = 1`."""
    top = gradient(of, of.graph.output)
    if of.trace is None:
        return equation(top, numeral("1") if is_top(of, of.graph.output) else None)
    return equation(top, number(of, upstream(of, of.graph.output)))


def upstream(of: Subject, node: int) -> Any:
    """The grad of a node; of the Jacobian as a matrix."""
    assert of.trace is not None, "asked where there are numbers"
    return as_matrix(of.trace, of.trace.node_grads[node], node)


def local(of: Subject, wire: Wire, formula: Formula | None = None) -> Formula:
    """`∂g/∂w = x = 5`."""
    value = of.trace.locals[wire.target][wire.slot] if of.trace else None
    if not isinstance(value, float):
        return equation(local_name(of, wire), formula)
    written = None if formula is None or is_number(formula) else enclosed(formula, SUM)
    return equation(local_name(of, wire), written, number(of, value))


def share(of: Subject, wire: Wire, formula: Formula | None = None) -> Formula:
    """`∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5`; without the first where more shares come to the node.

    `formula` is the local gradient's, told where there are no numbers.
    """
    whole = gradient(of, wire.source) if of.uses[wire.source] == 1 else None
    if of.trace is None:
        pulled = _pulled(of, wire)
        return equation(whole, pulled) if pulled else equation(whole, _chain(of, wire), _symbolic(of, wire, formula))
    found = number(of, as_matrix(of.trace, of.trace.shares[wire.target][wire.slot], wire.source))
    return equation(whole, _pulled(of, wire) or _chain(of, wire), _product(of, wire), found)


def _chain(of: Subject, wire: Wire) -> Formula:
    """∂f/∂g · ∂g/∂w."""
    own = local_name(of, wire)
    if is_top(of, wire.target):
        return own
    sign = " ⊙ " if of.trace and not of.trace.jacobian and _is_diagonal(of, wire) else " · "
    chain = joined(sign, [gradient(of, wire.target), own])
    return Formula(f"Σ {chain.text}", rf"\sum {chain.tex}") if is_repeated(of, wire) else chain


def _symbolic(of: Subject, wire: Wire, formula: Formula | None) -> Formula | None:
    """∂f/∂g · x."""
    if formula is None or is_top(of, wire.target):
        return formula
    return times(gradient(of, wire.target), formula)


def _product(of: Subject, wire: Wire) -> Formula | None:
    """`1 · 5`; of an element-wise gate on arrays `[1, 1] ⊙ [2, 3]` where that is short."""
    assert of.trace is not None, "asked where there are numbers"
    whole, own = of.trace.node_grads[wire.target], of.trace.locals[wire.target][wire.slot]
    if isinstance(own, float) and isinstance(whole, float):
        return product(of, whole, own)
    if of.trace.jacobian or isinstance(own, float) or not _is_diagonal(of, wire) or is_repeated(of, wire):
        return None
    entries = local_entries(own, LINE)
    sides = [number(of, side) for side in (whole, entries) if side is not None]
    fits = len(sides) == 2 and all(side.text.startswith("[") for side in sides)
    return joined(" ⊙ ", sides) if fits else None


def _pulled(of: Subject, wire: Wire) -> Formula | None:
    """How a gate on arrays pulls its gradient back: ∂f/∂q · xᵀ."""
    gate = of.graph.gates[wire.target]
    if (of.trace is not None and of.trace.jacobian) or gate is None or not gate.pulled:
        return None
    above = gradient(of, wire.target)
    if is_top(of, wire.target):
        above = number(of, upstream(of, wire.target)) if of.trace else numeral("1")
    parts = {"u": above, "y": name(of, wire.target)}
    inputs = [name(of, operand) for operand in of.graph.operands[wire.target]]
    return filled(gate.pulled[wire.slot], inputs, **parts)


def _is_diagonal(of: Subject, wire: Wire) -> bool:
    """Whether the local is that of an element-wise gate on arrays."""
    gate = of.graph.gates[wire.target]
    value = of.trace.locals[wire.target][wire.slot] if of.trace else 0.0
    return not isinstance(value, float) and gate is not None and gate.pull is None and gate.pulls is None


def is_repeated(of: Subject, wire: Wire) -> bool:
    """Whether an element-wise gate repeats this input along axes."""
    return of.trace is not None and _is_diagonal(of, wire) and shape(of, wire.source) != shape(of, wire.target)


def shape(of: Subject, node: int) -> tuple[int, ...]:
    """The shape of a node's value; () for a number."""
    return () if of.trace is None else getattr(of.trace.node_values[node], "shape", ())


def total(of: Subject, node: int, wires: Sequence[int]) -> Formula:
    """`∂f/∂x = 2 + 3 = 5`; without numbers the sum of what the wires bring back."""
    told = [of.wires[k] for k in wires]
    if of.trace is None:
        return equation(gradient(of, node), joined(" + ", [_chain(of, wire) for wire in told]))
    shares = [number(of, as_matrix(of.trace, of.trace.shares[w.target][w.slot], w.source)) for w in told]
    terms = joined(" + ", [shares[0], *(enclosed(each, PRODUCT - 1) for each in shares[1:])])
    return equation(gradient(of, node), terms, number(of, upstream(of, node)))


def gradients(of: Subject) -> Formula:
    """`∂f/∂w = 5, ∂f/∂x = −2`, of the first inputs."""
    found = [equation(gradient(of, k), number(of, upstream(of, k)) if of.trace else None) for k in of.graph.inputs]
    return listed(found)


def values(of: Subject, nodes: Sequence[int]) -> Formula:
    """`w = −2, x = 5`, of the first ones."""
    return listed([given(of, node) for node in nodes])
