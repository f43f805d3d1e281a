"""Gates as SymPy's functions: those that SymPy has not, and expressions that stay as they were written."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from typing import Any, Final

import sympy
from sympy.core.function import FunctionClass

from gradviz.gates import GATES, Gate

Expression = Any  # a SymPy object; SymPy has no types
OPERATIONS: Final = (sympy.Add, sympy.Mul, sympy.Pow, sympy.UnevaluatedExpr)  # what is no function of SymPy's

_CONSTRUCTORS: Final = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Function)


class Unshared:
    """SymPy as the rows of the gate table see it, but with a new object for each call."""

    def __getattr__(self, name: str) -> Any:
        thing = getattr(sympy, name)  # a name in a row of the gate table
        return partial(_built, thing) if isinstance(thing, type) and issubclass(thing, _CONSTRUCTORS) else thing


def _built(kind: Any, *args: Any, evaluate: bool = True) -> Expression:
    return kind(*args) if evaluate else unshared(kind, *args)


def unshared(kind: Any, *args: Any) -> Expression:
    """`kind(*args, evaluate=False)` as an object of its own.

    SymPy's cache would answer with an equal object that was built before, and `x*x + x*x` would be one product with
    two wires. What SymPy computes from its parts on demand is asked for here, from the leaves upwards, so that a deep
    expression needs no recursion for it.
    """
    args = tuple(arg if isinstance(arg, sympy.Basic) else sympy.Integer(arg) for arg in args)
    if issubclass(kind, sympy.Add | sympy.Mul):
        made = kind._from_args(args)
    else:
        made = sympy.Expr.__new__(kind, *args)
        if issubclass(kind, sympy.Pow):
            made.is_commutative = True
        elif issubclass(kind, sympy.Function):
            made.nargs = kind.nargs
    hash(made)
    assert made.is_commutative, "every wire carries a number"
    return made


class AsWritten(sympy.UnevaluatedExpr):
    """An operand that stays an operand of its own; `doit()` is the operand."""

    is_commutative = True

    def _eval_derivative(self, symbol: Expression) -> Expression:
        (operand,) = self.args
        return sympy.diff(operand, symbol)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real


class Defined(sympy.Function):
    """A gate that SymPy has not, as a function of its name; its mathematics is the form in the gate's row."""

    gate: Gate

    def doit(self, **hints: Any) -> Expression:
        """The form in the gate's row."""
        args = [arg.doit(**hints) for arg in self.args] if hints.get("deep", True) else self.args
        return defined(self.gate, args)

    def fdiff(self, argindex: int = 1) -> Expression:
        """The derivative of that form by an input."""
        xs, _ = definition(self.gate)
        return _slope(self.gate, argindex - 1).xreplace(dict(zip(xs, self.args, strict=True)))

    def _eval_evalf(self, prec: int) -> Expression:
        return self.doit(deep=False)._eval_evalf(prec)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(arg.is_extended_real for arg in self.args) else None


def has_form(gate: Gate) -> bool:
    """Whether the gate is one of numbers, as SymPy's expressions are, and not of arrays."""
    return gate.sympy is not None


@cache
def own_function(gate: Gate) -> Any:
    """The function that stands for a gate which SymPy has not."""
    return FunctionClass(gate.name, (Defined,), {"gate": gate, "nargs": gate.arity, "__module__": __name__})


@cache
def definition(gate: Gate) -> tuple[tuple[Expression, ...], Expression]:
    """The form in the gate's row, evaluated, and the symbols that stand for its inputs."""
    xs = tuple(sympy.Dummy(f"x{slot}", real=True) for slot in range(gate.arity))
    assert gate.sympy is not None, "only gates of numbers become expressions"
    return xs, gate.sympy(sympy, *xs).doit()


@cache
def _slope(gate: Gate, slot: int) -> Expression:
    xs, form = definition(gate)
    return form.diff(xs[slot])


def defined(gate: Gate, args: Iterable[Expression]) -> Expression:
    """The form in the gate's row, of `args`."""
    xs, form = definition(gate)
    return form.xreplace(dict(zip(xs, args, strict=True)))


@cache
def table_functions() -> dict[Any, Gate]:
    """The gates of the table whose form is a function of SymPy's."""
    found = {}
    for gate in filter(has_form, GATES.values()):
        xs, form = definition(gate)
        if type(form) not in OPERATIONS and set(form.args) == set(xs):
            found[type(form)] = gate
    return found
