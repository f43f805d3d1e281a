"""Graph -> Graph as SymPy simplifies, expands or factors it."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import sympy

from gradviz.errors import GradvizError, OptionError, ProgramError, nearest
from gradviz.gates import Gate
from gradviz.graph import Graph
from gradviz.limits import beyond, most
from gradviz.symbolic.forms import AsWritten, Defined, Expression, defined
from gradviz.symbolic.reading import as_printed, from_sympy, graph_of
from gradviz.symbolic.writing import to_sympy

TRANSFORMS: Final[dict[str, Callable[[Expression], Expression]]] = {
    "simplify": partial(sympy.simplify, doit=False),  # doit would turn relu into cases, which no gate draws
    "expand": sympy.expand,
    "factor": sympy.factor,
}
# transformations -----------------------------------------------------------------------------------------------------


def transformed(graph: Graph, how: str) -> Graph:
    """The graph of the output as SymPy's `how` (a key of `TRANSFORMS`) rewrites it, in the order SymPy prints it.

    Equal sub-expressions become one node; a gate that SymPy has not is expanded to its definition if gates can draw
    that. Inputs that vanish are `unused`. Raises `OptionError` for another word, `ProgramError` when SymPy fails.
    """
    if how not in TRANSFORMS:
        raise OptionError(f"no transformation '{how}'{nearest(how, TRANSFORMS)}")
    written = to_sympy(graph)
    if (size := _size(written)) > most("trees"):
        raise ProgramError(f"the program is too large for SymPy's {how}: {beyond('trees', size)}")
    unused = graph.unused | set(graph.input_names)
    try:
        result = _whole(TRANSFORMS[how](_evaluated(written)))
        return replace(graph_of(result, as_printed, lambda expression: expression, unused), notes=graph.notes)
    except GradvizError:
        raise
    except RecursionError:
        raise ProgramError(f"the program is too deep for SymPy's {how}") from None
    except Exception as error:
        raise ProgramError(f"SymPy cannot {how} this program ({type(error).__name__})") from error


def _upwards(expression: Expression, make: Callable[[Expression, list[Any]], Any]) -> Any:
    """What `make` gives for an expression and what it gave for its parts, from the leaves upwards, each object once."""
    done: dict[int, Any] = {}
    work = [expression]
    while work:
        top = work[-1]
        waiting = [arg for arg in top.args if id(arg) not in done]
        if waiting:
            work += waiting
        else:
            done[id(work.pop())] = make(top, [done[id(arg)] for arg in top.args])
    return done[id(expression)]


def _evaluated(expression: Expression) -> Expression:
    """The expression with everything that SymPy does by itself: `x + x` is `2*x`."""
    return _upwards(expression, _rebuilt)


def _rebuilt(expression: Expression, args: list[Expression]) -> Expression:
    if isinstance(expression, Defined) and _is_drawn(expression.gate):
        return defined(expression.gate, args)
    if isinstance(expression, AsWritten):
        return args[0]
    if not args:
        return expression
    if isinstance(expression, sympy.Pow):
        _check_exponent(*args)
    made = expression.func(*args)
    if isinstance(made, sympy.Pow):  # (x**a)**b has become x**(a*b)
        _check_exponent(made.base, made.exp)
    return made


def _check_exponent(base: Expression, exponent: Expression) -> None:
    """Keep SymPy from working out 9**9**9, or the terms of (a + b + c)**1000, for ever."""
    limit = "sums" if base.is_Add else "factors"
    if exponent.is_number and abs(exponent) > most(limit):
        raise ProgramError(f"the exponent of a power is too large: {beyond(limit)}")


def _size(expression: Expression) -> int:
    """How many nodes the expression has as a tree, which is how SymPy's algorithms go through it."""
    return int(_upwards(expression, lambda _, sizes: 1 + sum(sizes)))


@cache
def _is_drawn(gate: Gate) -> bool:
    """Whether gates draw the gate's definition; cases such as relu's have none."""
    xs = sympy.symbols(f"x:{gate.arity}", real=True)
    try:
        return len(from_sympy(defined(gate, xs))) > 0
    except ProgramError:
        return False


def _whole(expression: Expression) -> Expression:
    """The expression with 2 for 2.0, so that a factor 1.0 goes."""
    floats = [number for number in expression.atoms(sympy.Float) if float(number).is_integer()]
    return expression.xreplace({number: sympy.Integer(int(number)) for number in floats})
