"""SymPy expression -> the shortest of the ways to write it, found in bounded time."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import comb, prod
from typing import Any, Final, NamedTuple

import sympy

from gradviz.spelling import Term
from gradviz.symbolic.forms import Expression
from gradviz.symbolic.slopes import Cases, NoForm


class Rewriting(NamedTuple):
    """A way to write an expression, and how large it may be so that this takes a fraction of a second."""

    rewritten: Callable[[Expression], Expression]
    most_nodes: int  # of the expression
    most_terms: int  # of it when it is multiplied out


REWRITINGS: Final = (
    Rewriting(sympy.factor_terms, 200, 10**9),
    Rewriting(sympy.powsimp, 100, 10**9),
    Rewriting(sympy.together, 100, 60),
    Rewriting(sympy.factor, 60, 30),
)
_WORD: Final = re.compile(r"[\w.]+")
_MOST_DEGREE, _MOST_ROOT = 12, 4  # of powers that are factored: x**1000 - 1 takes its time
_NEVER: Final = 10**6  # terms: a power that is not multiplied out


def shortest(expression: Expression, write: Callable[[Expression], Term]) -> tuple[Expression, Term]:
    """The expression and its formula of the fewest words and letters; of equally short ones the one that comes first.

    Raises `NoForm` when it has no notation at all.
    """
    best, formula = expression, write(expression)
    for each in _ways(expression):
        try:
            found = write(each)
        except NoForm:
            continue
        if _length(found.text) < _length(formula.text):
            best, formula = each, found
    return best, formula


def _length(text: str) -> tuple[int, int]:
    """Names and numbers first: `2·(x − y)` is read more easily than `2·x − 2·y`."""
    return len(_WORD.findall(text)), len(text)


def _ways(expression: Expression) -> Iterator[Expression]:
    cases = expression.atoms(Cases)
    if len(cases) == 1:
        yield _folded(expression, *cases)
    elif not cases:
        yield from _rewritten(expression)


def _folded(expression: Expression, cases: Expression) -> Expression:
    """`x if x > 0, else 0` for `x·(1 if x > 0, else 0)`."""
    branches = [(expression.xreplace({cases: value}), condition) for value, condition in cases.args]
    return Cases(*((min(_rewritten(value), key=_size, default=value), condition) for value, condition in branches))


def _rewritten(expression: Expression) -> Iterator[Expression]:
    expression, sums = _packed(expression)
    nodes, terms = _size(expression), multiplied_out(expression)
    functions = _functions(expression)
    for rewritten, most_nodes, most_terms in REWRITINGS:
        if nodes > most_nodes or terms > most_terms:
            continue
        try:
            found = rewritten(expression)
        except Exception:  # noqa: S112  whatever SymPy stumbles over, there are the others
            continue
        if _functions(found) <= functions:  # cosh where the program says tanh would explain nothing
            yield found.xreplace(sums)


def _packed(expression: Expression) -> tuple[Expression, dict[Expression, Expression]]:
    """The expression with e^t for e^(x + y), which factoring would take apart, and what each t is."""
    exponents = {power.exp for power in expression.atoms(sympy.exp) if power.exp.is_Add}
    sums = {-each if each.could_extract_minus_sign() else each for each in exponents}
    packed = {each: sympy.Dummy(f"t{k}", real=True) for k, each in enumerate(sorted(sums, key=sympy.default_sort_key))}
    turned = {-each: -symbol for each, symbol in packed.items()}
    found = expression.xreplace({sympy.exp(each): sympy.exp(symbol) for each, symbol in (packed | turned).items()})
    return found, {symbol: each for each, symbol in packed.items()}


def _functions(expression: Expression) -> set[Any]:
    return {type(each) for each in expression.atoms(sympy.Function)}


def _size(expression: Expression) -> int:
    return sum(1 for _ in sympy.preorder_traversal(expression))


def multiplied_out(expression: Expression) -> int:
    """How many terms the expression may have when it is multiplied out, which is what factoring begins with.

    >>> a, b, c = sympy.symbols("a b c")
    >>> multiplied_out((a + b) * (a + c)), multiplied_out((a + b + c) ** 10)
    (4, 66)
    """
    terms = list(map(multiplied_out, expression.args))
    if isinstance(expression, sympy.Add):
        return min(sum(terms), _NEVER)
    if isinstance(expression, sympy.Mul):
        return min(prod(terms), _NEVER)
    if isinstance(expression, sympy.Pow | sympy.exp):
        return max(*terms, _power(expression))
    return max(terms, default=1)


def _power(expression: Expression) -> int:
    """The terms of a power; SymPy takes x**0.37 for a polynomial of degree 37 in x**0.01, e^(37·x) for one in e^x."""
    base, exponent = expression.as_base_exp()
    if any(abs(each.p) > _MOST_DEGREE or each.q > _MOST_ROOT for each in exponent.atoms(sympy.Rational)):
        return _NEVER
    whole = abs(int(exponent)) if exponent.is_Integer else 1
    return min(comb(multiplied_out(base) + whole - 1, whole), _NEVER)
