"""Programs whose figures the tests look at, each with values."""

from __future__ import annotations

from typing import Any, NamedTuple

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON_VALUES = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}

FIGURES: dict[str, tuple[str, dict[str, float]]] = {
    "wx-b": ("g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3}),
    "neuron": (NEURON, NEURON_VALUES),
    "fan-out": ("c = a + b\nd = b + 1\ne = c * d", {"a": 2, "b": 1}),
    "square": ("x*x", {"x": 3}),
    "horner": ("((a*x+b)*x+c)*x+d", {"a": 1.5, "b": -2, "c": 0.3, "d": 4, "x": 2}),
    "ordered": ("a*b - a", {"a": 3, "b": -4}),
    "tangle": ("(a-b)-(c-d)/(b-a)", {"a": 1, "b": 3, "c": 5, "d": 4}),
    "constants": ("h = 0.01; 2*pi*r*h + softplus(r) - 3*reciprocal(r)", {"r": 2}),
    "infinite": ("log(x) + y", {"x": 0, "y": 1}),
    "symbols": ("x^0.333333 + y^0.142857*softplus(y)", {"x": 1, "y": 2}),
    "wide": ("a*b + 1e-7*c", {"a": 1234567, "b": 98765.4, "c": -3e-9}),
    "hostile-names": ("ſ*Ω + 비용", {"ſ": 1, "Ω": 2, "비용": 3}),
}


class ArrayFigure(NamedTuple):
    """A program with arrays: how it is evaluated and pictured."""

    program: str
    values: dict[str, Any]
    evaluated: dict[str, Any]
    pictured: dict[str, Any]


LOCAL = ("values", "grads", "names", "local")
LECTURE = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
XOR_NET = "K = sigmoid(X @ W1 + b1)\nY = sigmoid(K @ W2 + b2)\nf = sum(Y)"
XOR_VALUES = {
    "X": [[0, 0], [0, 1], [1, 0], [1, 1]],
    "W1": [[5, -7], [5, -7]],
    "b1": [-8, 3],
    "W2": [[-11], [-11]],
    "b2": 6,
}
FORKS = "a = x * y\nb = x + a\nsum(a*b) + sum(x)"
FORKS_VALUES = {"x": [1.5, -2, 3.25], "y": [0.001, 2, -1e-5]}
LAYER = {"X": [[0.01 * i - 0.05 * k for i in range(30)] for k in range(7)], "W": [[0.1, -0.2]] * 30}

ARRAY_FIGURES = {
    "lecture": ArrayFigure("q = W @ x\nf = sum(q**2)", LECTURE, {}, {"digits": 3}),
    "lecture-locals": ArrayFigure("q = W @ x\nf = sum(q**2)", LECTURE, {}, {"digits": 3, "show": LOCAL}),
    "xor": ArrayFigure(XOR_NET, XOR_VALUES, {}, {"theme": "dark", "title": "XOR"}),
    "jacobian": ArrayFigure("q = W @ x + c", LECTURE | {"c": 1.5}, {"jacobian": True}, {"theme": "print"}),
    "forks": ArrayFigure(FORKS, FORKS_VALUES, {}, {"theme": "colorblind"}),
    "forks-locals": ArrayFigure(FORKS, FORKS_VALUES, {}, {"show": LOCAL}),
    "layer": ArrayFigure("h = relu(X @ W)\nmean(h*h)", LAYER, {}, {}),
    "infinite": ArrayFigure("sum(log(x) * y)", {"x": [0, 1, 2], "y": [[1, 2, 3], [4, 5, 6]]}, {}, {}),
    "empty": ArrayFigure("sum(x * 2) + y", {"x": [[], []], "y": 1}, {}, {}),
    "stack": ArrayFigure("sum(x * y)", {"x": [[[1, 2], [3, 4]]], "y": [[[0.5, 1], [1, 2]]]}, {}, {}),
    "wide": ArrayFigure("sum(A @ B)", {"A": [[1e-6, 1234567, -0.25, 3, 0, 10.5]] * 6, "B": [[1, -2]] * 6}, {}, {}),
}
