"""Graph <-> SymPy: a graph as an unevaluated expression, an expression as a graph, SymPy's functions as gates.

Importing this module imports SymPy (0.4 s), so the rest of the program imports it only when it is needed. No text is
ever handed to SymPy: expressions are built node by node, and functions are looked up in a table of SymPy's own classes.

A graph becomes an expression that is read back as the same graph: each gate has the form of its row where that form is
read as this gate again, and is a function of its own name otherwise (`sigmoid`, `square`, `max`, …), whose `doit()` and
derivative are those of the row's form. An operand that would be taken for a part of its gate's form (`x + (-y)`,
`x**-1`) is marked by an `AsWritten` around it, which `doit()` removes.
"""

from __future__ import annotations

from gradviz.symbolic.further import further_gate, further_names
from gradviz.symbolic.reading import from_sympy
from gradviz.symbolic.transform import TRANSFORMS, transformed
from gradviz.symbolic.writing import to_sympy

__all__ = ["TRANSFORMS", "from_sympy", "further_gate", "further_names", "to_sympy", "transformed"]
