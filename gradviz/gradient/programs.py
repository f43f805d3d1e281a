"""Gradient programs as graphs, of any order, and the matrix of second derivatives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any, Final, NamedTuple

from gradviz.errors import OptionError, ValuesError
from gradviz.evaluator import evaluate
from gradviz.gradient.differentiating import Gradient, differentiated, shapes_of
from gradviz.graph import Graph, GraphBuilder
from gradviz.language.calls import Further
from gradviz.limits import beyond, most
from gradviz.values import checked

Values = Mapping[str, Any]


class Language(NamedTuple):
    """How a gradient program is read: its text with the names of its inputs, and functions beyond the gate table."""

    parse: Callable[[str, Collection[str]], Graph]
    further: Further | None = None


HIGHEST: Final = 20  # order of a derivative: its program grows with each


def derived(graph: Graph, wrt: Sequence[str], values: Values | None, language: Language, order: int = 1) -> Graph:
    """The graph of a derivative, or of the list of several; its `program` is the text, with all of them.

    Raises `OptionError` for an order that is not one, and for one beyond the first by several names.
    """
    if type(order) is not int or not 1 <= order <= HIGHEST:
        raise OptionError(f"the order of a derivative is a whole number from 1 to {HIGHEST}")
    if order > 1 and len(wrt) > 1:
        raise OptionError("a derivative of higher order is by one name; the matrix of second ones is the hessian")
    for _ in range(order):
        gradient = differentiated(graph, wrt, values, language.further)
        wrt = list(gradient.subjects.values())
        graph = language.parse(gradient.program, graph.input_names)
        graph = replace(graph, unused=graph.unused.union(wrt).difference(graph.input_names))
        values = values and needed_by(graph, values)
    return graph


def needed_by(graph: Graph, values: Values) -> dict[str, Any]:
    """Of some values those that a gradient program still needs."""
    return {name: value for name, value in values.items() if name in graph.input_names}


def ones(graph: Graph, values: Values) -> Any:
    """A seed for a gradient program at values, with which it can be drawn; None where its output is a number."""
    shapes = shapes_of(graph, values) if values or not graph.inputs else None
    if not shapes or not shapes[graph.output]:
        return None
    import numpy

    return numpy.ones(shapes[graph.output])


def second_derivatives(
    graph: Graph, wrt: Sequence[str], values: Values, language: Language
) -> dict[str, dict[str, Any]]:
    """By two names the second derivative at values: a number, or for arrays the axes of the first, then the second.

    Each row is the backward pass over the program of a first derivative.
    """
    for name in wrt:
        if name not in graph.input_names and name in graph.bindings:
            raise OptionError(f"'{name}' is no input of the program; second derivatives are by inputs")
    checked(graph, values)
    gradient = differentiated(graph, wrt, values, language.further)
    whole = language.parse(f"{gradient.program}\n[{', '.join(gradient.names.values())}]", graph.input_names)
    shapes = {name: _shape(values[name]) for name in gradient.names}
    entries = sum(map(prod, shapes.values()))
    if entries > most("jacobian"):
        raise ValuesError(f"a large matrix of second derivatives: {beyond('jacobian', entries)}")
    if entries * len(whole) > most("jacobians"):
        raise ValuesError(f"large second derivatives: {beyond('jacobians', entries * len(whole))}")
    return {by: _row(whole, gradient, by, shapes, values) for by in shapes}


def _row(
    whole: Graph, gradient: Gradient, by: str, shapes: Mapping[str, tuple[int, ...]], values: Values
) -> dict[str, Any]:
    """The derivatives of one first derivative by every name; 0 by those that it does not depend on."""
    graph = GraphBuilder.of(whole).build(whole.bindings[gradient.names[by]])
    trace = evaluate(graph, needed_by(graph, values), jacobian=bool(shapes[by]))
    nodes = dict(zip(graph.input_names, graph.inputs, strict=True))
    return {
        name: trace.node_grads[nodes[name]] if name in nodes else _zeros(shapes[by] + shape)
        for name, shape in shapes.items()
    }


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, int | float):
        return ()
    import numpy

    return numpy.shape(value)


def _zeros(shape: tuple[int, ...]) -> Any:
    if not shape:
        return 0.0
    import numpy

    return numpy.zeros(shape)
