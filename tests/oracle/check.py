"""Published example + Trace -> the list of numbers on which they disagree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gradviz.evaluator import Trace
from gradviz.language.unparse import expressions

PUBLISHED = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
EXAMPLES = {example["id"]: example for example in PUBLISHED["examples"]}
SCALAR = {
    name: example
    for name, example in EXAMPLES.items()
    if all(isinstance(value, int | float) for value in example["inputs"].values())
}
EXACT = 1e-9  # relative, and the promise; the examples come within 1e-15, a wrong formula within 1e-3 at best
NOISE = 1e-13  # relative: a float64 and its printed decimals may lie this far past half a unit apart

Numbers = dict[str, dict[str, Any]]  # "values" and "grads", each by name or by the text of a sub-expression


def numbers(trace: Trace) -> Numbers:
    """What a trace says about each name, each sub-expression (without spaces), and `out`; arrays are nested lists."""
    texts = [_key(text) for text in expressions(trace.graph)]
    out = trace.graph.output
    columns = {
        "values": ([*trace.node_values], trace.values, trace.node_values[out]),
        "grads": ([*trace.node_grads], trace.grads, trace.node_grads[out]),
    }
    return {
        column: {name: _plain(x) for name, x in {**dict(zip(texts, nodes, strict=True)), **named, "out": last}.items()}
        for column, (nodes, named, last) in columns.items()
    }


def _plain(x: Any) -> Any:
    return x if isinstance(x, float) else x.tolist()


def leaves(name: str, want: Any, got: Any) -> Iterator[tuple[str, Any, Any]]:
    """The numbers of a nested list with their places, each beside the one that was got; None where there is none."""
    if not isinstance(want, list):
        yield name, want, None if isinstance(got, list) else got
        return
    same = isinstance(got, list) and len(got) == len(want)
    for k, (each, other) in enumerate(zip(want, got if same else [None] * len(want), strict=True)):
        yield from leaves(f"{name}[{k}]", each, other)


def disagreements(example: dict[str, Any], got: Numbers) -> list[str]:
    """Numbers that are missing, not the exact ones, or not those printed, a line each; [] when all agree."""
    return [*_exact(example, got), *_printed(example, got), *_updated(example, got)]


def _exact(example: dict[str, Any], got: Numbers) -> list[str]:
    return [
        f"{place}: {want} expected, {number}"
        for column in ("values", "grads")
        for name, wanted in example[column].items()
        for place, want, number in leaves(f"{column}.{name}", wanted, got[column].get(_key(name)))
        if not _near(number, want, EXACT * max(abs(want), 1e-3))
    ]


def _printed(example: dict[str, Any], got: Numbers) -> list[str]:
    return [
        f"{place}: {text} printed, {number}"
        for column in ("values", "grads")
        for name, texts in example["published"][column].items()
        for place, text, number in leaves(f"{column}.{name}", texts, got[column].get(_key(name)))
        if not _as_printed(number, text, example["inexact"].get(f"{column}.{name}", {}))
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
