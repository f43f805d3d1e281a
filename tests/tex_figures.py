"""Pictures that become TikZ: samples, figures of the tests, and every look that a figure can have."""

from __future__ import annotations

from functools import cache
from typing import Any

from gradviz import evaluate, parse
from gradviz.api import draw
from gradviz.batch import keywords_of
from gradviz.picture import Picture, picture
from gradviz.runs import Row
from tests.figures import ARRAY_FIGURES, FIGURES, NEURON, NEURON_VALUES
from tests.lectures import SAMPLES

EVERYTHING = "values,grads,names,local,formulas"
VARIANTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "symbols": (NEURON, {}, {}),
    "formulas": (NEURON, NEURON_VALUES, {"show": EVERYTHING}),
    "board": (NEURON, NEURON_VALUES, {"theme": "board", "show": EVERYTHING, "title": "σ(w·x), 50% of it"}),
    "blanks": (NEURON, NEURON_VALUES, {"hide": "grads,values"}),
    "blank arrays": (ARRAY_FIGURES["lecture"].program, ARRAY_FIGURES["lecture"].values, {"hide": "grads,values"}),
    "locals": (NEURON, NEURON_VALUES, {"theme": "print", "show": "values,grads,names,local"}),
    "declared": ("def f(x, y): ...\nz = f(x, y)", {}, {"upstream": "L"}),
    "framed": (NEURON, NEURON_VALUES, {"frame": True, "theme": "dark"}),
    "gates": (
        "clip(x, 0, 1) + where(x > 0, x, -2) ** 2 / leaky_relu(x) + abs(x)**0.5 + 2**x - max(0, x)",
        {"x": 2},
        {},
    ),
    "array gates": (
        "s = sum(W, axis=0) + W[0, 1:] + softmax(W[1][:2]); norm(s) + prod(s)",
        {"W": [[1, 2], [3, 4]]},
        {},
    ),
}


@cache
def pictures() -> dict[str, Picture]:
    """The figures that are looked at, by name."""
    found = {name: draw(each.expr, each.values, **keywords_of(each, {})).picture for name, each in SAMPLES.items()}
    found |= {f"figure {name}": draw(*each).picture for name, each in FIGURES.items()}
    found |= {f"variant {name}": draw(p, v, **options).picture for name, (p, v, options) in VARIANTS.items()}
    for name, each in ARRAY_FIGURES.items():
        trace = evaluate(parse(each.program), each.values, **each.evaluated)
        found[f"arrays {name}"] = picture(trace.graph, trace, **each.pictured)
    marked = found["figure neuron"]
    nodes, wires = ([part._replace(mark=True) for part in parts] for parts in (marked.nodes, marked.wires))
    caption = "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5, so that 100% & more words of it need a second line.\nAnd a third."
    found["marked"] = marked._replace(nodes=tuple(nodes), wires=tuple(wires), caption=caption, title="A step")
    return found


NAMES = (
    *SAMPLES, *(f"figure {name}" for name in FIGURES), *(f"variant {name}" for name in VARIANTS),
    *(f"arrays {name}" for name in ARRAY_FIGURES), "marked",
)  # fmt: skip


def rows(shown: Picture) -> list[Row]:
    """All rows of a figure."""
    shelves = [*shown.nodes, *(wire for wire in shown.wires if wire.forks)]
    return [row for each in shelves for row in (each.above, each.below)]
