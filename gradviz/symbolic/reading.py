"""SymPy -> Graph: an expression as it stands, or as SymPy prints it."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

import sympy
from sympy.core.function import AppliedUndef

from gradviz.errors import ProgramError
from gradviz.gates import GATES, INF, Gate
from gradviz.graph import Constant, Graph, GraphBuilder
from gradviz.language.tokens import normal
from gradviz.language.unparse import to_program
from gradviz.symbolic.forms import Defined, Expression, table_functions
from gradviz.symbolic.further import further

Item = Expression | Gate | Constant | str  # of an expression in postfix order; a str is the name of an input
Reading = Callable[[Expression], list[Item]]

_MINUS_ONE, _HALF = sympy.Integer(-1), sympy.Rational(1, 2)
_NOT_FINITE: Final = (sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)


def from_sympy(expression: Expression) -> Graph:
    """The graph of an expression as it stands: operands in the order of SymPy's `args`, sums and products as chains.

    `a + -1*b` is read as a - b, `a * b**-1` as a / b, `-1*x` as -x, `x**-1` as 1 / x, `x**(1/2)` as a square root, and
    `2/3 * x` as 2 * x / 3. Symbols are inputs by their names. A sub-expression that is one object is one node; SymPy
    as a rule holds equal ones as one object. Raises `ProgramError` for what is not a real number or has no gate.
    """
    if not isinstance(expression, sympy.Basic):
        raise ProgramError(f"a program is a text or a SymPy expression, not of type {type(expression).__name__}")
    return graph_of(expression, as_it_stands, id)


def graph_of(
    expression: Expression, reading: Reading, key: Callable[[Expression], Any], unused: Iterable[str] = ()
) -> Graph:
    """The graph of an expression: its items are put on a stack and applied; equal keys are one node."""
    builder = GraphBuilder()
    nodes: dict[Any, int] = {}
    held: list[Expression] = []  # an id is only good as long as its object lives
    values: list[int] = []
    work: list[Item | _Finished] = [expression]
    while work:
        item = work.pop()
        if isinstance(item, Gate):
            operands = tuple(values[-item.arity :])
            del values[-item.arity :]
            values.append(builder.gate(item, operands))
        elif isinstance(item, Constant):
            values.append(builder.constant(*item))
        elif isinstance(item, str):
            values.append(builder.bindings[item] if item in builder.bindings else builder.input(item))
        elif isinstance(item, _Finished):
            nodes[item.key] = values[-1]
        elif (known := nodes.get(key(item))) is not None:
            values.append(known)
        else:
            items = reading(item)
            if not isinstance(items[0], Constant) or len(items) > 1:  # each use of a number is a node of its own
                held.append(item)
                work.append(_Finished(key(item)))
            work.extend(reversed(items))
    graph = builder.build(values.pop(), unused)
    return replace(graph, program=to_program(graph), unused=graph.unused - set(graph.input_names))


class _Finished(NamedTuple):
    """Follows the items of an expression: its node is on top of the stack."""

    key: Any


def as_it_stands(expression: Expression) -> list[Item]:
    """The expression in postfix order, one level of it."""
    return _read(expression, printed=False)


def as_printed(expression: Expression) -> list[Item]:
    """As `as_it_stands`, with the order and the signs with which SymPy prints an evaluated expression."""
    return _read(expression, printed=True)


def _read(expression: Expression, *, printed: bool) -> list[Item]:
    if expression.is_Symbol:
        return [_name(expression)]
    number = _constant(expression)
    if number is not None:
        return [number]
    for kind, read in _READINGS.items():
        if isinstance(expression, kind):
            return read(expression, printed)
    return _read_function(expression)


def _read_sum(expression: Expression, printed: bool) -> list[Item]:
    if not printed:
        first, *rest = expression.args
        return [first, *(item for term in rest for item in _term(term))]
    terms = expression.as_ordered_terms()
    first = next((term for term in terms if not _is_negative(term)), terms[0])  # b - a rather than -a + b
    rest = [term for term in terms if term is not first]
    return [first, *(item for t in rest for item in ((-t, GATES["sub"]) if _is_negative(t) else (t, GATES["add"])))]


def _term(term: Expression) -> list[Item]:
    """A further term of a sum as it stands: subtracted when it is -1 times something."""
    if isinstance(term, sympy.Mul) and term.args[0] is _MINUS_ONE:
        return [*_chain(term.args[1:], "mul"), GATES["sub"]]
    return [term, GATES["add"]]


def _is_negative(term: Expression) -> bool:
    return bool(term.as_coeff_Mul()[0].is_extended_negative)


def _read_product(expression: Expression, printed: bool) -> list[Item]:
    coefficient, *factors = _factors(expression) if printed else expression.args
    if coefficient is _MINUS_ONE and len(factors) == 1 and (number := _constant(factors[0])):
        return [Constant(-number.value, _negated(number.text))]  # as the parser reads -2
    if not coefficient.is_Rational or (coefficient.is_Integer and coefficient is not _MINUS_ONE):
        factors, coefficient = [coefficient, *factors], sympy.S.One
    above: list[Item] = [f for f in factors if not _is_inverse(f, printed)]
    below = [_inverted(f) for f in factors if _is_inverse(f, printed)]
    if abs(coefficient.p) != 1:
        above.insert(0, sympy.Integer(coefficient.p))
    if coefficient.q != 1:
        below.insert(0, sympy.Integer(coefficient.q))
    items = _chain(above or [Constant(1.0, "1")], "mul")
    items += [*_chain(below, "mul"), GATES["div"]] if below else []
    return [*items, GATES["neg"]] if coefficient.p == -1 else items


def _factors(product: Expression) -> list[Expression]:
    """The numerical coefficient, then the others in the order SymPy prints them."""
    coefficient, rest = product.as_coeff_Mul()
    factors = list(rest.as_ordered_factors())
    return factors if coefficient is sympy.S.One else [coefficient, *factors]


def _negated(text: str) -> str:
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


def _is_inverse(factor: Expression, printed: bool) -> bool:
    """Whether a factor is a divisor: b**-1 and b**(-1/2) always, b**-2 only as SymPy prints it."""
    if not isinstance(factor, sympy.Pow) or not factor.exp.is_Rational or not factor.exp.is_negative:
        return False
    return printed or factor.exp is _MINUS_ONE or not factor.exp.is_Integer


def _inverted(power: Expression) -> Expression:
    return power.base if power.exp is _MINUS_ONE else sympy.Pow(power.base, -power.exp, evaluate=False)


def _read_power(expression: Expression, printed: bool) -> list[Item]:
    if _is_inverse(expression, printed):
        return [Constant(1.0, "1"), _inverted(expression), GATES["div"]]
    if expression.exp is _HALF:
        return [expression.base, GATES["sqrt"]]
    return [*expression.args, GATES["pow"]]


def _read_function(expression: Expression) -> list[Item]:
    """A function of the gate table, one of our own, or one of SymPy's further ones."""
    kind, args = type(expression), expression.args
    gate = kind.gate if issubclass(kind, Defined) else table_functions().get(kind) or further(kind, len(args))
    if gate is not None and gate.arity == len(args):
        return [*args, gate]
    if gate is not None and gate.arity == 2 < len(args):  # Max(a, b, c)
        return _chain(args, gate.name)
    raise ProgramError(f"no gate draws SymPy's {_called(expression)}")


def _called(expression: Expression) -> str:
    """A short name for a thing that cannot be drawn."""
    if isinstance(expression, AppliedUndef):
        return f"undefined function '{expression.func.__name__}'"
    return "'I', a wire carries a real number" if expression is sympy.I else f"'{type(expression).__name__}'"


def _chain(operands: Iterable[Item], gate: str) -> list[Item]:
    """a, b, c -> a b gate c gate: from left to right."""
    first, *rest = operands
    return [first, *(item for operand in rest for item in (operand, GATES[gate]))]


def _read_mark(expression: Expression, printed: bool) -> list[Item]:  # noqa: ARG001  one of _READINGS
    return [expression.args[0]]


_READINGS: Final[dict[Any, Callable[[Expression, bool], list[Item]]]] = {
    sympy.Add: _read_sum,
    sympy.Mul: _read_product,
    sympy.Pow: _read_power,
    sympy.UnevaluatedExpr: _read_mark,
}


def _name(symbol: Expression) -> str:
    name = normal(symbol.name)
    if type(symbol) is not sympy.Symbol or not name.isidentifier():
        raise ProgramError(f"the symbol {symbol.name!r} is not a name that a program can have")
    return name


def _constant(expression: Expression) -> Constant | None:
    """A number with the text with which it is drawn, None for anything else."""
    if any(expression is thing for thing in _NOT_FINITE):
        raise ProgramError(f"the expression holds {expression}, a circuit has finite numbers")
    if not expression.is_Number and not expression.is_NumberSymbol:
        return None
    try:
        value = float(expression)
    except OverflowError:
        value = INF
    if not math.isfinite(value):
        raise ProgramError("the expression holds a number that is too large for a float64")
    if expression.is_NumberSymbol:
        return Constant(value, {sympy.E: "e", sympy.pi: "π"}.get(expression, str(expression)))
    fraction = expression.is_Rational and not expression.is_Integer
    return Constant(value, f"{expression.p}/{expression.q}" if fraction else f"{value:.6g}")
