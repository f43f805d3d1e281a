"""Published example + Trace -> the list of numbers on which they disagree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gradviz.evaluator import Trace
from gradviz.unparse import expressions

PUBLISHED = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
SCALAR = {
    example["id"]: example
    for example in PUBLISHED["examples"]
    if all(isinstance(value, int | float) for value in example["inputs"].values())
}
EXACT = 1e-9  # relative, and the promise; the examples come within 1e-15, a wrong formula within 1e-3 at best
NOISE = 1e-13  # relative: a float64 and its printed decimals may lie this far past half a unit apart

Numbers = dict[str, dict[str, float]]  # "values" and "grads", each by name or by the text of a sub-expression


def numbers(trace: Trace) -> Numbers:
    """What a trace says about each name, each sub-expression (without spaces), and `out`."""
    texts = [_key(text) for text in expressions(trace.graph)]
    out = trace.graph.output
    return {
        "values": {**dict(zip(texts, trace.node_values, strict=True)), **trace.values, "out": trace.node_values[out]},
        "grads": {**dict(zip(texts, trace.node_grads, strict=True)), **trace.grads, "out": trace.node_grads[out]},
    }


def disagreements(example: dict[str, Any], got: Numbers) -> list[str]:
    """Numbers that are missing, not the exact ones, or not those printed, a line each; [] when all agree."""
    return [*_exact(example, got), *_printed(example, got), *_updated(example, got)]


def _exact(example: dict[str, Any], got: Numbers) -> list[str]:
    return [
        f"{column}.{name}: {want} expected, {number}"
        for column in ("values", "grads")
        for name, want in example[column].items()
        if not _near(number := got[column].get(_key(name)), want, EXACT * max(abs(want), 1e-3))
    ]


def _printed(example: dict[str, Any], got: Numbers) -> list[str]:
    return [
        f"{column}.{name}: {text} printed, {number}"
        for column in ("values", "grads")
        for name, text in example["published"][column].items()
        if not _as_printed(number := got[column].get(_key(name)), text, example["inexact"].get(f"{column}.{name}", {}))
    ]


def _updated(example: dict[str, Any], got: Numbers) -> list[str]:
    """A step of gradient descent: new = old - rate x gradient."""
    update = example.get("update", {"lr": 0, "params": {}})
    grads = {name: got["grads"].get(name, float("nan")) for name in update["params"]}
    steps = {name: example["inputs"][name] - update["lr"] * grad for name, grad in grads.items()}
    return [
        f"update.{name}: {text} printed, {steps[name]}"
        for name, text in update["params"].items()
        if not _as_printed(steps[name], text, example["inexact"].get(f"update.{name}", {}))
    ]


def _as_printed(number: float | None, text: str, inexact: dict[str, Any]) -> bool:
    """Within half a unit of the last printed digit, or the tolerance of "inexact"; null there: the source is wrong."""
    want, decimals = float(text), len(text.partition(".")[2])
    tolerance = inexact.get("tol", 0.5 * 10.0**-decimals + NOISE * max(1.0, abs(want)))
    return number is not None and (tolerance is None or _near(number, want, tolerance))


def _near(number: float | None, want: float, tolerance: float) -> bool:
    return number is not None and abs(number - want) <= tolerance


def _key(name: str) -> str:
    return "".join(name.split())
