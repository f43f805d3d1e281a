"""SymPy: `parse_expr` with evaluate=False, a line at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import parse_expr

from benchmarks.clock import Run


def contestant(lines: Sequence[str]) -> Run:
    """The right sides of the lines."""
    sides = [line.split("=", 1)[1].strip() for line in lines]
    return Run(lambda: [parse_expr(side, evaluate=False) for side in sides], len(sides))
