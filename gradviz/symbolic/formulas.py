"""Graph -> formulas of its derivatives: each gate's local gradients, and each node's gradient in closed form."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import sympy

from gradviz.graph import Graph
from gradviz.notation import Formula, Names, tex_name
from gradviz.spelling import Term
from gradviz.symbolic.forms import Expression, has_form
from gradviz.symbolic.lecture import written
from gradviz.symbolic.shortest import shortest
from gradviz.symbolic.slopes import derivative, number, slope, values, values_after

MOST_GATES: Final = 100  # of a circuit, definitions opened: each node's derivative goes through those after it
LONGEST: Final = 120  # letters of a formula: a line of a page
_DIGITS: Final = 30  # of SymPy's numbers on the way to a float64, which has 17
_NOISE: Final = 1e-20  # relative, of an imaginary part that is the numerics' own


class Closed(NamedTuple):
    """A derivative as a formula, and as a SymPy expression of symbols that stand for nodes."""

    formula: Formula
    expression: Any
    symbols: Mapping[int, Any]  # by node

    def at(self, node_values: Sequence[float]) -> float:
        """Its value where the nodes have these values, in digits beyond float64; nan where it is no real number."""
        try:
            exactly = {symbol: sympy.Float(node_values[node], _DIGITS) for node, symbol in self.symbols.items()}
            found = complex(self.expression.xreplace(exactly).doit().evalf(_DIGITS))
        except (ArithmeticError, TypeError, ValueError):  # nothing that is a number
            return float("nan")
        return found.real if abs(found.imag) <= _NOISE * abs(found.real) else float("nan")


def local_formulas(graph: Graph, node: int, names: Names) -> tuple[Formula | None, ...]:
    """The local gradients of a gate as formulas of its inputs, by slot: `x` and `w` of w*x.

    None for a constant, and for all of a gate that is only declared, or not element-wise.
    """
    return tuple(local and local.formula for local in local_gradients(graph, node, names))


def local_gradients(graph: Graph, node: int, names: Names) -> tuple[Closed | None, ...]:
    """The local gradients of a gate, by slot; see `local_formulas`."""
    gate, operands = graph.gates[node], graph.operands[node]
    if gate is None or gate.partials is None or not has_form(gate) or gate.extent[1] > MOST_GATES:
        return (None,) * len(operands)
    symbols = _symbols(k for k in operands if k >= 0 and k not in graph.constants)
    at = [symbols.get(k) or number(graph.constants[k] if k >= 0 else graph.folded[-1 - k]) for k in operands]

    def local(slot: int) -> Closed | None:
        return _closed(lambda: slope(gate, slot, at), symbols, names)

    return tuple(local(slot) if k in symbols else None for slot, k in enumerate(operands))


def closed_forms(graph: Graph, names: Names, nodes: Iterable[int] | None = None) -> dict[int, Closed]:
    """The gradient of every node but constants, or of `nodes`: in terms of the inputs, and of the node itself.

    Nothing for a gradient without a formula of a readable length, nor for any of a circuit with gates that are not
    element-wise or only declared, with constants that are arrays, or with too many gates.
    """
    if not _is_of_numbers(graph):
        return {}
    inputs = _symbols(graph.inputs)
    columns = values(graph, inputs)

    def gradient(node: int) -> Closed | None:
        symbols = inputs | _symbols([node])
        at = columns if node in inputs else values_after(graph, columns, node, symbols[node])
        return _closed(lambda: derivative(graph, at, node), symbols, names)

    wanted = range(len(graph)) if nodes is None else nodes
    found = {node: gradient(node) for node in wanted if node not in graph.constants}
    return {node: closed for node, closed in found.items() if closed is not None}


def _is_of_numbers(graph: Graph) -> bool:
    gates = [gate for gate in graph.gates if gate is not None]
    numbers = all(isinstance(constant.value, float) for constant in graph.constants.values())
    elementwise = all(gate.partials is not None and has_form(gate) for gate in gates)
    return numbers and elementwise and sum(gate.extent[1] for gate in gates) <= MOST_GATES


def _symbols(nodes: Iterable[int]) -> dict[int, Expression]:
    """Symbols in the order of the nodes, whatever these are called: SymPy sorts by name."""
    return {node: sympy.Symbol(f"n{node:05}", real=True) for node in nodes}


def _closed(make: Any, symbols: Mapping[int, Expression], names: Names) -> Closed | None:
    spelled = {symbol: _name(names.nodes[node]) for node, symbol in symbols.items()}
    try:
        expression, formula = shortest(make(), partial(written, names=spelled))
    except Exception:  # NoForm, or whatever SymPy stumbles over: there is no formula
        return None
    return Closed(formula.formula, expression, symbols) if len(formula.text) <= LONGEST else None


def _name(name: str) -> Term:
    return Term(name, tex_name(name))
