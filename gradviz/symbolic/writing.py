"""Graph -> SymPy: an unevaluated expression that is read back as the same graph."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product
from typing import Final

import sympy

from gradviz.errors import ProgramError
from gradviz.gates import CONSTANTS, Gate
from gradviz.graph import Constant, Graph
from gradviz.symbolic.forms import AsWritten, Expression, Unshared, has_form, own_function, unshared
from gradviz.symbolic.reading import Item, as_it_stands

_LARGEST_INTEGER: Final = 2.0**53  # above it neighbouring floats are more than 1 apart
_FRACTION: Final = re.compile(r"-?[0-9]+/[0-9]+")


def to_sympy(graph: Graph) -> Expression:
    """The unevaluated expression of the output, in real symbols of the inputs' names.

    `from_sympy` gives back the same graph: a node with several wires is one object of the expression, two equal nodes
    are two objects. Names of gates and of constants are not kept. Raises `ProgramError` for a gate or a constant that
    is one of arrays: a SymPy expression is a number.
    """
    built: list[Expression] = []
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        _check_is_of_numbers(graph, node)
        if gate is not None:
            parts = [built[k] if k >= 0 else _number_in_sympy(graph.folded[-1 - k]) for k in operands]
            built.append(_written(gate, parts))
        elif node in graph.constants:
            built.append(_number_in_sympy(graph.constants[node]))
        else:
            built.append(sympy.Symbol(graph.names[node], real=True))
    return built[graph.output]


def _check_is_of_numbers(graph: Graph, node: int) -> None:
    gate, constant = graph.gates[node], graph.constants.get(node)
    if gate is not None and gate.is_abstract:
        raise ProgramError(f"'{gate.name}' is only declared; SymPy needs its formula", graph.program, graph.place(node))
    if gate is not None and not has_form(gate):
        problem = f"'{gate.name}' works on arrays; SymPy's expressions are numbers"
        raise ProgramError(problem, graph.program, graph.place(node))
    if constant is not None and not isinstance(constant.value, float):
        problem = f"{constant.text} is an array; SymPy's expressions are numbers"
        raise ProgramError(problem, graph.program, graph.place(node))


def _number_in_sympy(constant: Constant) -> Expression:
    """The number so that `_constant` gives it back to the last bit."""
    value, text = constant
    named = sympy.E if abs(value) == CONSTANTS["e"] else sympy.pi if abs(value) == CONSTANTS["pi"] else None
    if named is not None and text.lstrip("-").isalpha():
        return named if value > 0 else unshared(sympy.Mul, -1, named)
    if _FRACTION.fullmatch(text):
        numerator, denominator = map(int, text.split("/"))
        return sympy.Rational(numerator, denominator)
    if value == 0 and math.copysign(1.0, value) < 0:
        return unshared(sympy.Mul, -1, 0)
    return sympy.Integer(int(value)) if value.is_integer() and abs(value) < _LARGEST_INTEGER else sympy.Float(value)


def _written(gate: Gate, operands: Sequence[Expression]) -> Expression:
    """The gate applied to operands; the last of them are marked `AsWritten` as far as they would be misread."""
    form = _form(gate)
    for plain in range(len(operands), -1, -1):
        parts = [*operands[:plain], *(unshared(AsWritten, part) for part in operands[plain:])]
        expression = form(*parts)
        if _same(as_it_stands(expression), [*parts, gate]):
            break
    return expression


@cache
def _form(gate: Gate) -> Callable[..., Expression]:
    """How a gate is built in SymPy: as its row says, or as a function of its own where that would be read otherwise."""
    assert gate.sympy is not None, "only gates of numbers become expressions"
    form = partial(gate.sympy, Unshared())
    for xs in product(sympy.symbols("a b", real=True, cls=sympy.Dummy), repeat=gate.arity):
        expression = form(*xs)
        if expression in xs or not _same(_items_or_none(expression), [*xs, gate]):
            return partial(unshared, own_function(gate))
    return form


def _items_or_none(expression: Expression) -> list[Item]:
    try:
        return as_it_stands(expression)
    except ProgramError:
        return []


def _same(items: list[Item], wanted: list[Item]) -> bool:
    return len(items) == len(wanted) and all(a is b for a, b in zip(items, wanted, strict=True))
