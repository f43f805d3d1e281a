"""SymPy expression -> formula in lecture notation: `x·e^(−g)/(1 + e^(−g))²`."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import sympy

from gradviz.gates import GATES
from gradviz.spelling import POWER, Term, called, is_command, numeral, spelled, term
from gradviz.symbolic.forms import Expression
from gradviz.symbolic.slopes import Cases, NoForm, gate_of

_LONGEST: Final = 10**9  # from here on numbers are rounded
_MOST_POWER: Final = 9  # tanh²(x), but tanh(x)^10
_CASES: Final = -1  # binds looser than a comparison
_RELATIONS: Final = {
    sympy.StrictGreaterThan: "greater", sympy.GreaterThan: "greater_equal", sympy.StrictLessThan: "less",
    sympy.LessThan: "less_equal", sympy.Equality: "equal", sympy.Unequality: "not_equal",
}  # fmt: skip


def written(expression: Expression, names: Mapping[Expression, Term]) -> Term:
    """An expression in terms of symbols that have names; raises `NoForm` for what has no notation."""
    if expression.is_Symbol:
        return names[expression]
    if expression.is_Rational or expression.is_NumberSymbol:
        return _number(expression)
    write = partial(written, names=names)
    for kind, how in _KINDS.items():
        if isinstance(expression, kind):
            return how(expression, write)
    return spelled(gate_of(expression), list(map(write, expression.args)))


Write = Callable[[Expression], Term]


def _apply(gate: str, *operands: Term) -> Term:
    return spelled(GATES[gate], operands)


def _number(number: Expression) -> Term:
    """A whole number or a fraction as it is, a decimal number as one, anything else rounded."""
    if number.is_NumberSymbol:
        return term(numeral({sympy.E: "e", sympy.pi: "π"}.get(number, f"{float(number):.6g}")))
    if max(abs(number.p), number.q) < _LONGEST and _is_fraction(number):
        return term(numeral(str(number)))
    return term(numeral(f"{float(number):.6g}"))


def _is_fraction(number: Expression) -> bool:
    """Whether a number is written p/q, or is whole; 1/5 is 0.2."""
    return bool(number.q % 5) and number.q <= _LONGEST


# sums ----------------------------------------------------------------------------------------------------------------


def _sum(expression: Expression, write: Write) -> Term:
    """`1 − x` rather than `−x + 1`, `1 + e^x` but `x + 1`, and `−(x + y)` where all are negative."""
    terms = list(map(_sign_first, expression.as_ordered_terms()))
    if len(terms) == 2 and terms[1].is_number and terms[0].has(sympy.Function):
        terms.reverse()
    first = next((each for each in terms if not _is_negative(each)), None)
    if first is None:
        return _apply("neg", write(-expression))
    total = write(first)
    for each in terms:
        if each is not first:
            total = _apply("sub", total, write(-each)) if _is_negative(each) else _apply("add", total, write(each))
    return total


def _is_negative(each: Expression) -> bool:
    return bool(each.as_coeff_Mul()[0].is_extended_negative)


# products and powers -------------------------------------------------------------------------------------------------


def _product(expression: Expression, write: Write) -> Term:
    if (turned_out := _sign_first(expression)) is not expression:
        return write(turned_out)
    coefficient, rest = expression.as_coeff_Mul()
    factors = sorted(rest.as_ordered_factors(), key=_rank)
    if coefficient.is_extended_negative:
        turned = next((k for k, each in enumerate(factors) if _is_turned(each)), None)
        if turned is None:
            return _apply("neg", write(-expression))
        coefficient, factors[turned] = -coefficient, -factors[turned]
    above = [write(each) for each in factors if not _is_divisor(each)]
    below = [write(_inverted(each)) for each in factors if _is_divisor(each)]
    whole = _is_fraction(coefficient)
    if (number := sympy.Integer(coefficient.p) if whole else coefficient) != 1:
        above.insert(0, _number(number))
    if whole and coefficient.q != 1:
        below.insert(0, _number(sympy.Integer(coefficient.q)))
    top = _chain(above) if above else term(numeral("1"))
    return _apply("div", top, _chain(below)) if below else top


def _sign_first(term: Expression) -> Expression:
    """A product with the signs of its factors in front: −x·(y + 1) for x·(−y − 1)."""
    turned = [each for each in term.args if each.is_Add and all(map(_is_negative, each.args))] if term.is_Mul else []
    if not turned:
        return term
    return sympy.Mul(*(-each if each in turned else each for each in term.args), (-1) ** len(turned))


def _is_turned(factor: Expression) -> bool:
    """Whether `−x·(y − p)` is better read as `x·(p − y)`; `−x·(1 − p)` is not."""
    return bool(factor.is_Add) and any(map(_is_negative, factor.args)) and not any(a.is_number for a in factor.args)


def _chain(factors: Sequence[Term]) -> Term:
    total = factors[0]
    for each in factors[1:]:
        total = _apply("mul", total, each)
    return total


def _rank(factor: Expression) -> int:
    """Names before functions, functions before sums, cases last."""
    base, exponent = factor.as_base_exp()
    kinds = (
        bool(base.is_Atom and exponent.is_number),
        not isinstance(base, sympy.Add | Cases),
        not isinstance(base, Cases),
        True,
    )
    return kinds.index(True)


def _is_divisor(factor: Expression) -> bool:
    return isinstance(factor, sympy.Pow) and _is_negative(factor.exp)


def _inverted(power: Expression) -> Expression:
    return sympy.Pow(power.base, -power.exp)


def _power(expression: Expression, write: Write) -> Term:
    base, exponent = expression.args
    if _is_divisor(expression):
        return _apply("div", term(numeral("1")), write(_inverted(expression)))
    if exponent == sympy.S.Half:
        return _apply("sqrt", write(base))
    gate = gate_of(base) if isinstance(base, sympy.Function) and not isinstance(base, Cases) else None
    if gate is not None and is_command(gate) and exponent.is_Integer and exponent <= _MOST_POWER:
        return called(gate, list(map(write, base.args)), str(exponent))
    return _apply("pow", write(base), write(exponent))


# cases ---------------------------------------------------------------------------------------------------------------


def _cases(expression: Expression, write: Write) -> Term:
    """`1 if x > 0, else 0`."""
    lines = [(write(value), None if condition == True else _condition(condition, write))  # noqa: E712  SymPy's true
             for value, condition in expression.args]  # fmt: skip
    text = ", ".join(f"{each.text} if {when.text}" if when else f"else {each.text}" for each, when in lines)
    rows = (rf"{each.tex} & \text{{{'if ' if when else 'else'}}} {when.tex if when else ''}" for each, when in lines)
    body = r" \\ ".join(row.rstrip() for row in rows)
    return Term(text, rf"\begin{{cases}} {body} \end{{cases}}", _CASES, POWER)


def _condition(condition: Any, write: Write) -> Term:
    if isinstance(condition, sympy.Or):
        either = sorted(_condition(each, write) for each in condition.args)
        return Term(" or ".join(each.text for each in either), r" \text{ or } ".join(each.tex for each in either), 0, 0)
    if type(condition) not in _RELATIONS:
        raise NoForm
    if condition.lhs.is_number:
        condition = condition.reversed
    left, right = map(write, condition.args)
    if isinstance(condition, sympy.Equality):  # no comparison of the program, which is written ==
        return Term(f"{left.text} = {right.text}", f"{left.tex} = {right.tex}", 0, 0)
    return _apply(_RELATIONS[type(condition)], left, right)


_KINDS: Final[Mapping[Any, Callable[[Expression, Write], Term]]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _power,
    sympy.Piecewise: _cases,
}
