"""micrograd: scalars as objects; the backward pass recurses over the depth of the circuit."""

from __future__ import annotations

import math
import sys

from micrograd.engine import Value

from benchmarks.circuits import SHAPES, Circuit
from benchmarks.clock import Run
from benchmarks.models import Xor


def gate(name: str, x: Value, y: float, slope: float) -> Value:
    """A function that the package lacks, as the lecture adds one."""
    out = Value(y, (x,), name)

    def backward() -> None:
        x.grad += slope * out.grad

    out._backward = backward
    return out


def tanh(x: Value) -> Value:
    """The lecture's tanh."""
    y = math.tanh(x.data)
    return gate("tanh", x, y, 1 - y * y)


def sigmoid(x: Value) -> Value:
    """1/(1 + exp(-x)) as one gate."""
    y = 1 / (1 + math.exp(-x.data))
    return gate("sigmoid", x, y, y * (1 - y))


def log(x: Value) -> Value:
    """The natural logarithm."""
    return gate("log", x, math.log(x.data), 1 / x.data)


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


def descent(task: Xor, iterations: int) -> Run:
    """XOR by plain gradient descent, the graph built anew in each iteration."""
    return Run(lambda: _descended(task, iterations), iterations, list)


def _descended(task: Xor, iterations: int) -> list[float]:
    weights = [Value(number) for number in task.weights]
    for _ in range(iterations):
        cost = _cost(task, weights)
        for weight in weights:
            weight.grad = 0.0
        cost.backward()
        for weight in weights:
            weight.data -= task.lr * weight.grad
    return [_cost(task, weights).data, *(weight.data for weight in weights)]


def _cost(task: Xor, weights: list[Value]) -> Value:
    a, b, c, d, e, f, u, v, w = weights  # W1 by rows, b1, W2, b2
    total = Value(0.0)
    for (x1, x2), y in zip(task.x, task.y, strict=True):
        p = sigmoid(u * sigmoid(a * x1 + c * x2 + e) + v * sigmoid(b * x1 + d * x2 + f) + w)
        total = total - (log(p) if y else log(1 - p))
    return total / len(task.y)


def unlimited(shape: str, gates: int) -> float:
    """In a child: the output where Python's limit of recursion is raised beyond the circuit's depth."""
    sys.setrecursionlimit(10_000_000)
    return passes(SHAPES[shape](gates))[0]
