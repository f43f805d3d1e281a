"""PyTorch: eager scalars of float64, and vmap over rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
import torch

from benchmarks.circuits import Circuit
from benchmarks.clock import Run
from benchmarks.models import Model, Xor


def passes(circuit: Circuit) -> list[float]:
    """Forward and backward: the output, and the gradient of each input."""
    nodes = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in circuit.inputs]
    for kind, left, *right in circuit.gates:
        if kind == "add":
            nodes.append(nodes[left] + nodes[right[0]])
        elif kind == "mul":
            nodes.append(nodes[left] * nodes[right[0]])
        else:
            nodes.append(torch.tanh(nodes[left]))
    nodes[-1].backward()
    return [
        nodes[-1].item(),
        *(0.0 if node.grad is None else node.grad.item() for node in nodes[: len(circuit.inputs)]),
    ]


def contestant(circuit: Circuit) -> Run:
    """The passes, built every time, as PyTorch does."""
    return Run(lambda: passes(circuit), len(circuit), list)


def rows(model: Model, values: Mapping[str, Any], count: int) -> Run:
    """`torch.func.vmap` of the output and all gradients; its arrays are made beforehand."""
    given = tuple(torch.as_tensor(numpy.asarray(value)) for value in values.values())
    axes = tuple(0 if value.ndim else None for value in given)
    passes = torch.func.grad_and_value(lambda *xs: model.function(torch, *xs), argnums=tuple(range(len(given))))
    many = torch.func.vmap(passes, in_dims=axes)
    return Run(lambda: many(*given), count, lambda found: [float(x.sum()) for x in (found[1], *found[0])])


def descent(task: Xor, iterations: int) -> Run:
    """XOR as arrays by `torch.optim.SGD`."""
    return Run(lambda: _descended(task, iterations), iterations, list)


def _descended(task: Xor, iterations: int) -> list[float]:
    x = torch.tensor(task.x, dtype=torch.float64)
    y = torch.tensor(task.y, dtype=torch.float64)[:, None]
    a, b, c, d, e, f, u, v, w = task.weights
    arrays = [[[a, b], [c, d]], [e, f], [[u], [v]], [w]]
    w1, b1, w2, b2 = weights = [torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in arrays]
    optimizer = torch.optim.SGD(weights, lr=task.lr)

    def cost() -> torch.Tensor:
        p = torch.sigmoid(torch.sigmoid(x @ w1 + b1) @ w2 + b2)
        return -torch.mean(y * torch.log(p) + (1 - y) * torch.log(1 - p))

    for _ in range(iterations):
        optimizer.zero_grad()
        cost().backward()
        optimizer.step()
    return [cost().item(), *(number for weight in weights for number in weight.detach().ravel().tolist())]
