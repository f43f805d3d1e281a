"""gradviz draws the computational graph of an expression with its values and gradients.

>>> import gradviz
>>> trace = gradviz.evaluate(gradviz.parse("g = w*x; f = g + b"), {"w": -2, "x": 5, "b": 3})
>>> trace.output, trace.values["g"], trace.grads["w"]
(-7.0, -10.0, 5.0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradviz.api import (
        Figure,
        check,
        descend,
        draw,
        draw_many,
        evaluate,
        evaluate_many,
        explain,
        grad,
        hessian,
        parse,
    )
    from gradviz.errors import GradvizError
    from gradviz.formats import FORMATS
    from gradviz.gates import GATES
    from gradviz.themes import THEMES

__version__ = "0.1.0"
__all__ = [
    "FORMATS",
    "GATES",
    "THEMES",
    "Figure",
    "GradvizError",
    "__version__",
    "check",
    "descend",
    "draw",
    "draw_many",
    "evaluate",
    "evaluate_many",
    "explain",
    "grad",
    "hessian",
    "parse",
]

_HOMES = {
    "FORMATS": "gradviz.formats",
    "GATES": "gradviz.gates",
    "THEMES": "gradviz.themes",
    "GradvizError": "gradviz.errors",
    "Figure": "gradviz.api",
    "check": "gradviz.api",
    "descend": "gradviz.api",
    "draw": "gradviz.api",
    "draw_many": "gradviz.api",
    "evaluate": "gradviz.api",
    "evaluate_many": "gradviz.api",
    "explain": "gradviz.api",
    "grad": "gradviz.api",
    "hessian": "gradviz.api",
    "parse": "gradviz.api",
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Each public name on its first use, so that a command imports only what it needs."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gradviz' has no attribute '{name}'")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
