"""HIPS autograd: functions of NumPy, traced; its backward pass is a loop."""

from __future__ import annotations

import autograd.numpy as anp
from autograd import value_and_grad

from benchmarks.circuits import Circuit
from benchmarks.clock import Run


def contestant(circuit: Circuit) -> Run:
    """The output and the gradients of all inputs; the trace is made every time."""

    def output(inputs: list[float]) -> float:
        nodes = list(inputs)
        for kind, left, *right in circuit.gates:
            if kind == "add":
                nodes.append(nodes[left] + nodes[right[0]])
            elif kind == "mul":
                nodes.append(nodes[left] * nodes[right[0]])
            else:
                nodes.append(anp.tanh(nodes[left]))
        return nodes[-1]

    passes = value_and_grad(output)
    return Run(lambda: passes(list(circuit.inputs)), len(circuit), lambda found: [found[0], *found[1]])
