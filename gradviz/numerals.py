"""A number as it is typed -> float: digits, a fraction, or an expression without names."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from gradviz.errors import GradvizError

_NOT_ONE: Final = r"[;=\n]"  # in programs of several lines


def constant(text: str) -> float | None:
    """The number that a text is, or that an expression without names computes; else None.

    >>> constant("-2"), constant("pi/2"), constant("-1/4"), constant("w")
    (-2.0, 1.5707963267948966, -0.25, None)
    """
    with suppress(ValueError):
        return float(text)
    if re.search(_NOT_ONE, text):
        return None
    from gradviz.evaluator import evaluate
    from gradviz.language.parser import parse

    with suppress(GradvizError):
        graph = parse(text)
        found = None if graph.inputs else evaluate(graph, {}).output
        return found if isinstance(found, float) else None
    return None
