"""Programs whose figures the tests look at, each with values."""

from __future__ import annotations

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
