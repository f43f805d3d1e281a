"""The derivative of one of SymPy's further functions as a program."""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Sequence

import sympy

from gradviz.errors import ProgramError
from gradviz.gates import Gate
from gradviz.symbolic.further import derivative_of
from gradviz.symbolic.reading import as_printed, graph_of


def partial_program(gate: Gate, slot: int, names: Sequence[str]) -> str | None:
    """D gate / d the input of a slot, in terms of inputs with these names; None where SymPy has no formula of gates."""
    found = derivative_of(gate, slot)
    if found is None:
        return None
    symbols, formula = found
    named = [sympy.Symbol(name, real=True) for name in names]
    try:
        return graph_of(formula.xreplace(dict(zip(symbols, named, strict=True))), as_printed, lambda each: each).program
    except ProgramError:
        return None
