"""gradviz as the other contestants are called."""

from __future__ import annotations

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


def built(circuit: Circuit) -> Graph:
    """The graph of a circuit's gates."""
    builder = GraphBuilder()
    for i in range(len(circuit.inputs)):
        builder.input(f"x{i}")
    return builder.build(builder.extend(circuit.gates))


def contestant(circuit: Circuit) -> Run:
    """Built, then evaluated: forward and backward."""
    given = values(circuit)
    return Run(lambda: numbers(circuit, gradviz.evaluate(built(circuit), given)), len(circuit), list)


def numbers(circuit: Circuit, trace: Any) -> list[float]:
    """The output, and the gradient of each input."""
    return [trace.output, *(trace.grads[f"x{i}"] for i in range(len(circuit.inputs)))]


def on_built(circuit: Circuit) -> dict[str, Run]:
    """On a graph that is there already and was evaluated before: evaluated again; the two passes by themselves.

    The forward pass includes the local gradients, which need its values only; both are walked node by node.
    """
    graph, given, inputs = built(circuit), values(circuit), list(circuit.inputs)
    gradviz.evaluate(graph, given)
    local = passes.local_gradients(graph, passes.forward(graph, inputs))
    return {
        AGAIN: Run(lambda: numbers(circuit, gradviz.evaluate(graph, given)), len(circuit), list),
        FORWARD: Run(lambda: passes.local_gradients(graph, passes.forward(graph, inputs)), len(circuit)),
        BACKWARD: Run(lambda: passes.backward(graph, local), len(circuit)),
    }
