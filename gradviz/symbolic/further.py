"""Functions of SymPy that the gate table has not, as gates: value and derivative through SymPy."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any, Final

import sympy
from sympy.core.function import FunctionClass

from gradviz.errors import ValuesError
from gradviz.gates import INF, NAN, Gate
from gradviz.symbolic.forms import Expression, table_functions, unshared

_DIGITS: Final = 30  # of SymPy's numbers on the way to a float64, which has 17
_NOISE: Final = sympy.Float("1e-22")  # relative, of an imaginary part that is the numerics' own
_STEP_DIGITS: Final = 20  # a difference quotient at this step has its error at 1e-20
_AGREEMENT: Final = 1e-8  # of the slopes to the left and to the right where there is a derivative
_SMALL_INTEGER: Final = 64  # up to here a whole number is exact, as the order of a Bessel function or a polynomial
_MODULES: Final = tuple(f"sympy.{m}" for m in ("core.mod", "functions.elementary.", "functions.special.",
                                               "functions.combinatorial.factorials"))  # fmt: skip
_COUNTS: Final = {"LambertW": (1,), "DiracDelta": (1,)}  # the second input of these is not a real number
_NO_GATES: Final = frozenset((
    # complex, of cases, of lists, or of whole numbers
    "KroneckerDelta", "LeviCivita", "Piecewise", "Ynm", "Znm", "adjoint", "arg", "chebyshevt_root", "chebyshevu_root",
    "conjugate", "exp_polar", "factorial2", "hankel1", "hankel2", "hn1", "hn2", "hyper", "im", "meijerg", "multigamma",
    "periodic_argument", "polar_lift", "principal_branch", "re", "stieltjes", "subfactorial", "transpose",
    # SymPy 1.14 has no numbers for them, or wrong ones for an order that is not whole
    "SingularityFunction", "appellf1", "assoc_laguerre", "erf2", "erf2inv", "erfcinv", "gegenbauer", "jacobi",
    "marcumq", "mathieuc", "mathieucprime", "mathieus", "mathieusprime",
))  # fmt: skip
_SMALLEST, _LARGEST = 1e-100, 1e3  # inputs of functions of several inputs
_NOT_CLOSED: Final = (sympy.Derivative, sympy.Subs, sympy.Sum, sympy.Integral)


def further_names() -> list[str]:
    """The names of SymPy's functions that are gates although the gate table has not them."""
    return sorted(_further_functions())


def further_gate(name: str, count: int) -> Gate | None:
    """The gate for SymPy's function `name` of `count` inputs, None when SymPy has none; the same one every time.

    Its value and partials are SymPy's to full float64 precision; outside the real numbers they are nan.
    """
    kind = _further_functions().get(name)
    gate = None if kind is None else table_functions().get(kind) or further(kind, count)
    return gate if gate and gate.arity == count else None


@cache
def _further_functions() -> dict[str, Any]:
    """SymPy's functions of real numbers by their names; nothing else can be reached by a name in a program."""
    drawn = table_functions()  # SymPy's own spelling of a gate: Max, Abs
    return {
        name: thing
        for name, thing in vars(sympy).items()
        if isinstance(thing, FunctionClass)
        and thing.__name__ == name
        and name not in _NO_GATES
        and thing.__module__.startswith(_MODULES)
        and (thing.nargs.is_finite_set or thing in drawn)
    }


def further(kind: Any, count: int) -> Gate | None:
    """The gate for a function of SymPy's, None for one that is none."""
    known = _further_functions().get(kind.__name__) is kind and count in _counts(kind)
    return _further_gate(kind, count) if known else None


def _counts(kind: Any) -> Iterable[int]:
    return _COUNTS.get(kind.__name__) or map(int, kind.nargs)


@cache
def _further_gate(kind: Any, count: int) -> Gate:
    name = kind.__name__

    def value(*xs: float) -> float:
        if count > 1:
            _check_size(name, xs)
        return _value(kind, xs)

    def slope(slot: int, y: float, *xs: float) -> float:
        return NAN if math.isnan(y) else _partial(kind, xs, slot)

    def forward(xp: Any, *xs: Any) -> Any:
        return xp.each(value, *xs)

    def partials(xp: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
        return tuple(xp.each(partial(slope, slot), y, *xs) for slot in range(count))

    def form(S: Any, *xs: Expression) -> Expression:  # noqa: ARG001, N803
        return unshared(kind, *xs)

    does, domain = f"SymPy's {name}", ((0.1, 0.9),) * count
    return Gate(name, name, forward, partials, form, does, ordered=count > 1, domain=domain, slow=True)


def _check_size(name: str, xs: Sequence[float]) -> None:
    """Keep SymPy from computing for minutes: the numerics of functions of several inputs have no time limit."""
    for x in xs:
        if math.isfinite(x) and x and not _SMALLEST <= abs(x) <= _LARGEST:
            limits = f"of {_SMALLEST:g} to {_LARGEST:g} in size, not {x:g}"
            raise ValuesError(f"SymPy's {name} is only computed for inputs {limits}")


def _value(kind: Any, xs: Sequence[float]) -> float:
    """The function's value as a float; nan where SymPy has none or no real one, without an exception."""
    if any(map(math.isnan, xs)):
        return NAN
    try:
        return _real(kind(*map(_exact, xs)))
    except Exception:  # whatever SymPy's numerics stumble over, the value is not known
        return NAN


def _partial(kind: Any, xs: Sequence[float], slot: int) -> float:
    """The derivative by one input: SymPy's formula, or where it has none its difference quotient."""
    try:
        symbols, formula = _derivative(kind, len(xs), slot)
        slope = NAN
        if not formula.has(*_NOT_CLOSED):
            slope = _real(formula.xreplace(dict(zip(symbols, map(_exact, xs), strict=True))))
        return _quotient(kind, xs, slot) if math.isnan(slope) else slope
    except Exception:  # as in _value
        return NAN


def derivative_of(gate: Gate, slot: int) -> tuple[tuple[Expression, ...], Expression] | None:
    """SymPy's symbols for the inputs of a further gate, and its derivative by one of them; None without a formula."""
    kind = _further_functions().get(gate.name)
    if kind is None or not gate.slow:
        return None
    symbols, formula = _derivative(kind, gate.arity, slot)
    return None if formula.has(*_NOT_CLOSED) else (symbols, formula)


@cache
def _derivative(kind: Any, count: int, slot: int) -> tuple[tuple[Expression, ...], Expression]:
    symbols = tuple(sympy.Dummy(f"x{i}", real=True) for i in range(count))
    return symbols, kind(*symbols).diff(symbols[slot])


def _quotient(kind: Any, xs: Sequence[float], slot: int) -> float:
    """The slope between two points very near on both sides, in 60 digits; nan at a kink, a jump or a pole."""
    digits = 3 * _STEP_DIGITS
    at = [sympy.Float(x, digits) if i == slot else _exact(x) for i, x in enumerate(xs)]
    step = sympy.Float(10, digits) ** -_STEP_DIGITS * max(1, abs(at[slot]))

    def moved(by: Expression) -> Expression:
        return kind(*at[:slot], at[slot] + by, *at[slot + 1 :]).evalf(digits)

    left, here, right = moved(-step), moved(sympy.S.Zero), moved(step)
    before, after = _real((here - left) / step), _real((right - here) / step)
    jumps = abs(_real(right - left)) > _AGREEMENT * max(1.0, abs(_real(here)))
    agree = math.isclose(before, after, rel_tol=_AGREEMENT, abs_tol=_AGREEMENT)
    return (before + after) / 2 if agree and not jumps else NAN


def _exact(x: float) -> Expression:
    small = float(x).is_integer() and abs(x) <= _SMALL_INTEGER
    return sympy.Integer(int(x)) if small else sympy.Float(x, _DIGITS)


def _real(expression: Expression) -> float:
    """A SymPy number as a float: signed infinity beyond float64, nan for what is complex or not a number."""
    number = expression.evalf(_DIGITS)
    if number in (sympy.oo, -sympy.oo):
        return INF if number is sympy.oo else -INF
    real, imaginary = number.as_real_imag()
    if not (real.is_Float or real.is_Rational) or not abs(imaginary) <= abs(real) * _NOISE:
        return NAN
    try:
        return float(real)
    except OverflowError:
        return math.copysign(INF, real)
