"""Trace + changes of inputs -> the trace after them, for what the gradient predicts and what happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from gradviz.errors import OptionError, ValuesError, in_words, nearest, printable
from gradviz.evaluator import Trace, evaluate
from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.numerals import constant
from gradviz.values import number_or_array


def changes(texts: str | Iterable[str]) -> dict[str, float]:
    """Changes that are written `b=+1`, several with commas between; raises `OptionError` for other texts.

    >>> changes("b=+1, w=-0.5")
    {'b': 1.0, 'w': -0.5}
    """
    found: dict[str, float] = {}
    for text in [texts] if isinstance(texts, str) else texts:
        for part in text.split(","):
            name, equals, change = part.partition("=")
            if not equals or normal(name.strip()) in found:
                problem = "is changed twice" if equals else "is no change; it needs NAME=CHANGE, as in b=+1"
                raise OptionError(f"nudge: '{printable((name if equals else part).strip())}' {problem}")
            found[normal(name.strip())] = _number(name.strip(), change.strip())
    return found


def _number(name: str, text: str) -> float:
    found = constant(text.removeprefix("+"))
    if found is None or not isfinite(found):
        raise OptionError(f"nudge: the change of '{printable(name)}' must be a number, not '{printable(text)}'")
    return found


def nudged(graph: Graph, trace: Trace, by: Mapping[str, Any], *, strict: bool = False) -> Trace:
    """The trace after adding a change to inputs: a number to each of their entries, or an array of their shape.

    Raises `OptionError` for names that are no inputs, `ValuesError` for changes that do not fit, and for an output
    that is an array.
    """
    if not isinstance(trace.output, float):
        raise ValuesError("a nudge compares one number before and after, but the output is an array")
    inputs = {name: trace.node_values[node] for node, name in zip(graph.inputs, graph.input_names, strict=True)}
    given = {normal(name): change for name, change in by.items()}
    for name in given:
        if name not in inputs:
            offer = nearest(name, inputs) or f"; its inputs are {in_words(inputs)}" if inputs else ""
            raise OptionError(f"nudge: the program has no input '{printable(name)}'{offer}")
    if not any(bool(abs(change).sum() if hasattr(change, "sum") else change) for change in given.values()):
        raise OptionError("nudge: a change of 0 changes nothing")
    moved = {name: _moved(name, value, given[name]) if name in given else value for name, value in inputs.items()}
    return evaluate(graph, moved, strict=strict)


def _moved(name: str, value: Any, change: Any) -> Any:
    delta = number_or_array(f"the change of '{name}'", change)
    if not isinstance(delta, float) and getattr(value, "shape", ()) != delta.shape:
        raise ValuesError(f"the change of '{name}' has the shape {delta.shape}, its value has not")
    return value + delta
