"""gradviz as the other contestants are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import gradviz
from benchmarks.circuits import Circuit, values
from benchmarks.clock import Run
from gradviz import passes
from gradviz.graph import Graph, GraphBuilder

AGAIN: Final = "gradviz again"
FORWARD: Final = "forward alone"
BACKWARD: Final = "backward alone"


def there(name: str) -> str | None:
    """That gradviz has not the function `name`; None if it has."""
    return None if hasattr(gradviz, name) else f"not there: gradviz.{name}"


def built(inputs: Iterable[str], operations: list[str], operands: list[int]) -> Graph:
    """The graph of gates given as columns."""
    builder = GraphBuilder()
    for name in inputs:
        builder.input(name)
    return builder.build(builder.extend(operations, operands))


def contestant(circuit: Circuit) -> Run:
    """Built of the columns of its gates, where others read a gate at a time; then evaluated: forward and backward."""
    given, columns = values(circuit), circuit.columns
    return Run(lambda: numbers(gradviz.evaluate(built(given, *columns), given), given), len(circuit), list)


def numbers(trace: Any, names: Iterable[str]) -> list[float]:
    """The output, and the gradient of each input."""
    return [trace.output, *map(trace.grads.__getitem__, names)]


def on_built(circuit: Circuit) -> dict[str, Run]:
    """On a graph that is there already and was evaluated before: evaluated again; the two passes by themselves.

    The forward pass includes the local gradients, which need its values only; both are walked node by node.
    """
    given, inputs = values(circuit), list(circuit.inputs)
    graph = built(given, *circuit.columns)
    gradviz.evaluate(graph, given)
    local = passes.local_gradients(graph, passes.forward(graph, inputs))
    return {
        AGAIN: Run(lambda: numbers(gradviz.evaluate(graph, given), given), len(circuit), list),
        FORWARD: Run(lambda: passes.local_gradients(graph, passes.forward(graph, inputs)), len(circuit)),
        BACKWARD: Run(lambda: passes.backward(graph, local), len(circuit)),
    }
