"""THE GATE TABLE: one declaration per gate, from which parser, evaluator, SymPy, tests and docs are fed.

A row says how the gate is written and drawn, what it computes, and how gradients go back through it: its local
partials, or for a gate that is not element-wise how it pulls an upstream gradient back. The chain rule is not here, it
stands once in `passes.backward`.

At kinks the conventions are PyTorch's: relu'(0) = 0, |x|'(0) = 0, max and min ties share evenly, sqrt'(0) = inf,
norm'(0) = 0, and x**0 has the gradient 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Final

from gradviz.gates import arrays, elementwise, losses
from gradviz.gates.row import INF, NAN, Gate, Setting, Shape, ShapeError

__all__ = [
    "CONSTANTS", "CONSTANT_BASES", "FUNCTIONS", "GATES", "INF", "INFIX", "LIBRARIES", "NAN", "PREFIX",
    "Gate", "Setting", "Shape", "ShapeError", "library", "methods",
]  # fmt: skip

_ROWS: Final = (*elementwise.ROWS, *arrays.ROWS, *losses.ROWS)
GATES: Final[dict[str, Gate]] = {gate.name: gate for gate in _ROWS}


def _by(words: Callable[[Gate], Iterable[str]], gates: Iterable[Gate]) -> dict[str, Gate]:
    return {word: gate for gate in gates for word in words(gate)}


def _all_by(words: Callable[[Gate], Iterable[str]]) -> dict[str, tuple[Gate, ...]]:
    found: dict[str, tuple[Gate, ...]] = {}
    for gate in _ROWS:
        for word in words(gate):
            found[word] = (*found.get(word, ()), gate)
    return found


FUNCTIONS: Final = _all_by(lambda gate: (gate.name, *gate.aliases))  # `max` is one of two inputs, and one of an array
INFIX: Final = _by(lambda gate: gate.operators, [g for g in _ROWS if g.arity == 2])
PREFIX: Final = _by(lambda gate: gate.operators, [g for g in _ROWS if g.arity == 1])
CONSTANTS: Final = {"e": 2.718281828459045, "pi": 3.141592653589793, "π": 3.141592653589793}
CONSTANT_BASES: Final = {("pow", 0, CONSTANTS["e"]): "exp"}  # a constant operand that makes another gate of it

# What the first word of a name in `spelled` stands for: the names under which programs import a library.
LIBRARIES: Final = {
    "np": ("np", "numpy", "jnp", "jax.numpy"),
    "tf": ("tf", "tf.math", "tensorflow"),
    "nn": ("nn", "tf.nn", "F", "nn.functional", "torch.nn.functional", "jax.nn"),
}


@cache
def library() -> dict[str, tuple[Gate, ...]]:
    """Gates by their names in libraries, such as `np.exp` and `tf.nn.relu`; compared as whole strings."""
    return _all_by(lambda gate: [name for name in _spellings(gate) if not name.startswith(".")])


@cache
def methods() -> dict[str, tuple[Gate, ...]]:
    """Gates by the names under which an array has them as a method.

    These are what a row spells with a bare dot, then the functions of NumPy and PyTorch, then our own.
    """
    table = dict(FUNCTIONS)
    for library_name in ("torch", "np", ""):
        table |= _all_by(partial(_methods_of, library_name))
    return table


def _methods_of(library_name: str, gate: Gate) -> list[str]:
    parts = (name.rpartition(".") for name in gate.spelled.split())
    return [name for library, _, name in parts if library == library_name]


def _spellings(gate: Gate) -> Iterable[str]:
    for name in gate.spelled.split():
        first, _, rest = name.partition(".")
        yield from (f"{module}.{rest}" for module in LIBRARIES.get(first, (first,)))
