"""micrograd: scalars as objects; the backward pass recurses over the depth of the circuit."""

from __future__ import annotations

import math
import sys

from micrograd.engine import Value

from benchmarks.circuits import SHAPES, Circuit
from benchmarks.clock import Run


def tanh(x: Value) -> Value:
    """The lecture's tanh, which the package lacks."""
    y = math.tanh(x.data)
    out = Value(y, (x,), "tanh")

    def backward() -> None:
        x.grad += (1 - y * y) * out.grad

    out._backward = backward  # how the lecture adds one
    return out


def passes(circuit: Circuit) -> list[float]:
    """Forward and backward: the output, and the gradient of each input."""
    nodes = [Value(value) for value in circuit.inputs]
    for kind, left, *right in circuit.gates:
        if kind == "add":
            nodes.append(nodes[left] + nodes[right[0]])
        elif kind == "mul":
            nodes.append(nodes[left] * nodes[right[0]])
        else:
            nodes.append(tanh(nodes[left]))
    nodes[-1].backward()
    return [nodes[-1].data, *(node.grad for node in nodes[: len(circuit.inputs)])]


def contestant(circuit: Circuit) -> Run:
    """The passes, built every time, as micrograd does."""
    return Run(lambda: passes(circuit), len(circuit), list)


def unlimited(shape: str, gates: int) -> float:
    """In a child: the output where Python's limit of recursion is raised beyond the circuit's depth."""
    sys.setrecursionlimit(10_000_000)
    return passes(SHAPES[shape](gates))[0]
