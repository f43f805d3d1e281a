"""Graph -> SymPy expressions of its values and derivatives, by the chain rule with the gates' own slopes.

A gate that is no arithmetic is a function of its name here, so that a derivative says `σ(x)` and `relu(x)` as a lecture
does. Conventions at kinks are the gate table's. SymPy's algorithms have no time limit, so the work is bounded before it
is done; `NoForm` is raised beyond that.
"""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Final

import sympy
from sympy.core.function import FunctionClass

from gradviz import ieee
from gradviz.gates import GATES, Gate
from gradviz.graph import Constant, Graph
from gradviz.symbolic.forms import Expression, defined, definition, has_form, table_functions
from gradviz.symbolic.further import further

LARGEST: Final = 120  # nodes of an expression, as a tree: longer than any formula that can be read
MOST_BITS: Final = 10_000  # of a whole number: (2*x)**1000 has one of 1 000
_NOT_CLOSED: Final = (sympy.Derivative, sympy.Subs, sympy.Sum, sympy.Integral)
_NOT_REAL: Final = (sympy.I, sympy.nan, sympy.zoo, sympy.oo, sympy.S.NegativeInfinity)
_SMALL: Final = 1_000  # up to here a fraction that a float stands for is taken for what was meant


class NoForm(Exception):  # noqa: N818  it is an answer rather than an error
    """There is no formula, or none of a size to read."""


class Cases(sympy.Piecewise):
    """Cases that keep their conditions as they are written; SymPy's own are rearranged."""

    @classmethod
    def eval(cls, *pairs: Any) -> Expression | None:
        """The first of them where it holds for certain."""
        return pairs[0].expr if pairs and pairs[0].cond == True else None  # noqa: E712  SymPy's true


class Opaque(sympy.Function):
    """A gate of which SymPy knows only that it is real: its own functions may ask about their arguments for ever."""

    gate: Gate
    is_real = True

    def doit(self, **hints: Any) -> Expression:
        """The form in the gate's row."""
        return defined(self.gate, [arg.doit(**hints) for arg in self.args])

    def _eval_evalf(self, prec: int) -> Expression:
        return self.doit()._eval_evalf(prec)


@cache
def opaque(gate: Gate) -> Any:
    """The function that stands for a gate."""
    return FunctionClass(gate.name, (Opaque,), {"gate": gate, "nargs": gate.arity, "__module__": __name__})


def gate_of(expression: Expression) -> Gate:
    """The gate of a function; raises `NoForm` where there is none."""
    kind = type(expression)
    found = getattr(kind, "gate", None) or table_functions().get(kind) or further(kind, len(expression.args))
    if not isinstance(found, Gate):
        raise NoForm
    return found


# one gate ------------------------------------------------------------------------------------------------------------


def output(gate: Gate, operands: Sequence[Expression]) -> Expression:
    """A gate applied to expressions; what is computed of numbers alone is a number."""
    if not has_form(gate):
        raise NoForm
    if all(operand.is_number for operand in operands):
        return exact(gate.forward(ieee, *map(float, operands)))
    if gate is GATES["pow"]:
        _check_power(*operands)
    if gate.body is not None:
        return values(gate.body, _of_body(gate, operands))[gate.body.output]
    if not _is_plain(gate):
        return opaque(gate)(*operands)
    xs, form = definition(gate)
    return form.xreplace(dict(zip(xs, operands, strict=True)))


def slope(gate: Gate, slot: int, operands: Sequence[Expression]) -> Expression:
    """The local gradient of a gate by one input, at expressions."""
    if gate.body is not None:
        return _slope_of_body(gate, slot, operands)
    if gate is GATES["pow"]:
        _check_power(*operands)
    xs, formula = _slope(gate, slot)
    if any(x in formula.free_symbols for x, at in zip(xs, operands, strict=True) if at is sympy.nan):
        raise NoForm
    return checked(formula.xreplace(dict(zip(xs, operands, strict=True))))


@cache
def _slope(gate: Gate, slot: int) -> tuple[tuple[Expression, ...], Expression]:
    if not has_form(gate):
        raise NoForm
    xs, form = definition(gate)
    formula = gate.slopes(sympy, output(gate, xs), *xs)[slot] if gate.slopes else form.diff(xs[slot])
    formula = sympy.sympify(formula, strict=True)
    formula = checked(formula.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero))  # a jump has slope 0 here
    decimals = {decimal: exact(float(decimal)) for decimal in formula.atoms(sympy.Float)}
    return xs, formula.xreplace(decimals).replace(_is_to_be_opaque, _made_opaque)


def _is_to_be_opaque(part: Expression) -> bool:
    return isinstance(part, sympy.Function | sympy.Max | sympy.Min) and not isinstance(part, sympy.exp | Opaque | Cases)


def _made_opaque(part: Expression) -> Expression:
    return Cases(*part.args) if isinstance(part, sympy.Piecewise) else opaque(gate_of(part))(*part.args)


@cache
def _is_plain(gate: Gate) -> bool:
    """Whether the gate is arithmetic, or the exponential function."""
    xs, form = definition(gate)
    return form == sympy.exp(xs[0]) or not form.has(sympy.Function, sympy.Max, sympy.Min)


def _of_body(gate: Gate, operands: Sequence[Expression]) -> dict[int, Expression]:
    """What the inputs of a definition are."""
    given = dict(zip(gate.inputs, operands, strict=True))
    return {node: given[gate.body.names[node]] for node in gate.body.inputs}


def _slope_of_body(gate: Gate, slot: int, operands: Sequence[Expression]) -> Expression:
    body, name = gate.body, gate.inputs[slot]
    by = next((node for node in body.inputs if body.names[node] == name), None)
    return sympy.S.Zero if by is None else derivative(body, values(body, _of_body(gate, operands)), by)


def _check_power(base: Expression, exponent: Expression) -> None:
    """Keep SymPy from working out the coefficient of (2*x)**1000000000."""
    longest = max(map(_length, base.atoms(sympy.Rational)), default=1)
    if exponent.is_Rational and abs(exponent) * longest > MOST_BITS:
        raise NoForm


# many gates ----------------------------------------------------------------------------------------------------------


def values(graph: Graph, inputs: Mapping[int, Expression]) -> list[Expression]:
    """The value of each node as an expression of the inputs; nan where there is none of a size to read."""
    found: list[Expression] = []
    for node, gate in enumerate(graph.gates):
        if gate is not None:
            found.append(_output_or_nan(gate, _operands(graph, found, node)))
        else:
            found.append(number(graph.constants[node]) if node in graph.constants else inputs[node])
    return found


def values_after(graph: Graph, columns: Sequence[Expression], node: int, symbol: Expression) -> list[Expression]:
    """The value of each node where `node` is a symbol of its own."""
    found, moved = list(columns), {node}
    found[node] = symbol
    for later in range(node + 1, len(graph)):
        if not moved.isdisjoint(graph.operands[later]):
            gate = graph.gates[later]
            assert gate is not None, "it has operands"
            found[later] = _output_or_nan(gate, _operands(graph, found, later))
            moved.add(later)
    return found


def _output_or_nan(gate: Gate, operands: Sequence[Expression]) -> Expression:
    if sympy.nan in operands:
        return sympy.nan
    try:
        return checked(output(gate, operands))
    except Exception:  # NoForm, or whatever SymPy stumbles over
        return sympy.nan


def derivative(graph: Graph, columns: Sequence[Expression], by: int) -> Expression:
    """The gradient d output / d `by`, at the values of the nodes: the chain rule from `by` onwards."""
    slopes: list[Expression] = [sympy.S.Zero] * len(graph)
    slopes[by] = sympy.S.One
    for node in range(by + 1, len(graph)):
        gate, operands = graph.gates[node], graph.operands[node]
        if gate is None:
            continue
        moved = [slot for slot, k in enumerate(operands) if k >= 0 and slopes[k] != 0]
        at = _operands(graph, columns, node) if moved else []
        terms = [slope(gate, slot, at) * slopes[operands[slot]] for slot in moved]
        slopes[node] = checked(sympy.Add(*terms))
    return slopes[graph.output]


def _operands(graph: Graph, columns: Sequence[Expression], node: int) -> list[Expression]:
    return [columns[k] if k >= 0 else number(graph.folded[-1 - k]) for k in graph.operands[node]]


# numbers and sizes ---------------------------------------------------------------------------------------------------


def number(constant: Constant) -> Expression:
    """A constant of a program, exactly."""
    named = {"e": sympy.E, "pi": sympy.pi, "π": sympy.pi}.get(constant.text.lstrip("-"))
    if named is not None:
        return named if constant.value > 0 else -named
    return exact(constant.value) if isinstance(constant.value, float) else sympy.nan


def exact(value: float) -> Expression:
    """A float as the fraction or the decimal number that it stands for."""
    if not math.isfinite(value):
        raise NoForm
    fraction = Fraction(value).limit_denominator(_SMALL)
    return sympy.Rational(fraction if float(fraction) == value else Fraction(repr(value)))


def checked(expression: Expression) -> Expression:
    """The expression; raises `NoForm` when it is too large, no real number, or known to SymPy by name only."""
    for size, part in enumerate(sympy.preorder_traversal(expression)):
        if size >= LARGEST or isinstance(part, _NOT_CLOSED) or any(part is each for each in _NOT_REAL):
            raise NoForm
        if part.is_Rational and _length(part) > MOST_BITS:
            raise NoForm
    return expression


def _length(number: Expression) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())
