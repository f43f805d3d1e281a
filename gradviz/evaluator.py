"""Graph + values -> Trace: forward, then backward."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gradviz import ieee
from gradviz.errors import ValuesError, in_words, nearest
from gradviz.graph import Graph
from gradviz.tokens import normal

Shares = tuple[tuple[float, ...], ...]  # by node and slot

SEED: Final = 1.0  # d output / d output
LONGEST_PRODUCT: Final = 40  # letters of a name that may be a product without its `*`; the search is cubic


class Named(Mapping[str, float]):
    """A column of a trace by the program's names; a name assigned again means its newest node."""

    def __init__(self, graph: Graph, column: Sequence[float]) -> None:
        self._bindings, self._column = graph.bindings, column

    def __getitem__(self, name: str) -> float:
        return self._column[self._bindings[normal(name)]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bindings)

    def __len__(self) -> int:
        return len(self._bindings)

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A graph with its numbers, all float64: columns by node, and by node and slot for the wires into it."""

    graph: Graph
    node_values: tuple[float, ...]
    node_grads: tuple[float, ...]  # d output / d node
    locals: Shares  # d gate / d operand
    shares: Shares  # local x upstream; a node's grad is the sum of the shares of its wires
    notes: tuple[str, ...] = ()  # where a nan or an infinity arises
    origins: frozenset[int] = frozenset()  # the nodes where it does

    @property
    def values(self) -> Named:
        """Values by the program's names."""
        return Named(self.graph, self.node_values)

    @property
    def grads(self) -> Named:
        """Gradients by the program's names: d output / d name."""
        return Named(self.graph, self.node_grads)

    @property
    def output(self) -> float:
        """The value of the output."""
        return self.node_values[self.graph.output]


def evaluate(graph: Graph, values: Mapping[str, float], *, strict: bool = False) -> Trace:
    """Forward and backward pass at `values`, one number for each input's name.

    Numbers are float64 and follow IEEE-754: nan and infinities go through and are told in `Trace.notes`, or raise
    `ValuesError` under `strict`. Raises `ValuesError` for a value that is missing, not a number, or not of the program.
    """
    columns = forward(graph, _checked(graph, values))
    local = local_gradients(graph, columns)
    grads, shares = backward(graph, local)
    size = len(graph)
    origins = _not_finite(graph, columns, grads, shares)
    if strict and origins:
        raise ValuesError(origins[min(origins)], graph.program, graph.place(min(origins)))
    notes = tuple(origins[node] for node in sorted(origins)[:1])
    return Trace(graph, tuple(columns[:size]), tuple(grads[:size]), local, shares, notes, frozenset(origins))


def forward(graph: Graph, inputs: Sequence[float]) -> list[float]:
    """The value of each node, in order; then the folded constants, reversed, so that every operand is an index."""
    values = [0.0] * len(graph) + [c.value for c in reversed(graph.folded)]
    values[: len(inputs)] = inputs
    for node, constant in graph.constants.items():
        values[node] = constant.value
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        if gate is not None:
            values[node] = gate.forward(ieee, *[values[i] for i in operands])
    return values


def local_gradients(graph: Graph, values: Sequence[float]) -> Shares:
    """For each node the derivative of its output by each operand, at `values` of `forward`."""
    return tuple(
        () if gate is None else gate.partials(ieee, values[node], *[values[i] for i in operands])
        for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True))
    )


def backward(graph: Graph, local: Shares) -> tuple[list[float], Shares]:
    """The gradient d output / d node of each node, and the share that each wire brings back."""
    grads = [0.0] * (len(graph) + len(graph.folded))
    shares: list[tuple[float, ...]] = [()] * len(graph)
    grads[graph.output] = SEED
    for target in range(len(graph) - 1, -1, -1):
        upstream = grads[target]
        shares[target] = tuple([partial * upstream for partial in local[target]])  # chain rule: local x upstream
        for source, share in zip(graph.operands[target], shares[target], strict=True):
            grads[source] += share  # fan-out: shares add up
    return grads, tuple(shares)


def _checked(graph: Graph, values: Mapping[str, Any]) -> list[float]:
    """The inputs' values as floats, in order."""
    given = {normal(name): _number(name, value) for name, value in values.items()}
    wanted = graph.input_names
    missing = [name for name in wanted if name not in given]
    offers = [product for name in missing if (product := _as_product(name, given))]
    legal = {*wanted, *graph.unused}
    for name in given if not offers else ():
        if name not in legal:
            raise ValuesError(_not_an_input(graph, name, missing))
    if missing:
        offer = f"; did you mean {in_words(offers)}?" if offers else ""
        place = graph.place(wanted.index(missing[0]))
        raise ValuesError(f"no value for {in_words(missing)}{offer}", graph.program, place)
    return [given[name] for name in wanted]


def _number(name: str, value: Any) -> float:
    if isinstance(value, str | bytes | bool):
        raise _no_number(name, value)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _no_number(name, value) from None
    except OverflowError:
        raise ValuesError(f"the value of '{name}' is too large for a float64") from None


def _no_number(name: str, value: object) -> ValuesError:
    return ValuesError(f"the value of '{name}' must be a number, not {value!r}")


def _not_an_input(graph: Graph, name: str, missing: list[str]) -> str:
    if name in graph.bindings:
        return f"'{name}' is computed by the program; give values to {in_words(graph.input_names)}"
    offer = nearest(name, missing) or nearest(name, graph.input_names)
    return f"the program has no name '{name}'{offer}"


def _as_product(name: str, known: Mapping[str, float]) -> str | None:
    """`w*x` for the name wx when w and x have values."""
    if len(name) > LONGEST_PRODUCT:
        return None
    best: list[list[str] | None] = [[]] + [None] * len(name)  # best[end]: fewest names that spell name[:end]
    for end in range(1, len(name) + 1):
        spellings = [[*front, name[start:end]] for start, front in enumerate(best[:end])
                     if front is not None and name[start:end] in known]  # fmt: skip
        best[end] = min(spellings, key=len, default=None)
    return "*".join(best[-1]) if best[-1] else None


def _not_finite(graph: Graph, values: Sequence[float], grads: Sequence[float], shares: Shares) -> dict[int, str]:
    """The nodes where a nan or an infinity arises from finite numbers, each with a line that tells it."""
    if all(map(math.isfinite, values)) and all(map(math.isfinite, grads)):
        return {}
    shown = set(range(len(graph))) - graph.constants.keys()  # constants have no gradient
    origins: dict[int, str] = {}
    for node, operands in enumerate(graph.operands):
        before = [values[i] for i in operands]
        if not all(map(math.isfinite, before)):
            continue
        wired = [share for source, share in zip(operands, shares[node], strict=True) if source in shown]
        at = ", ".join(f"{values[i]:.6g}" for i in operands if i >= 0)
        if not math.isfinite(values[node]):
            what = f"gate '{graph.label(node)}' gives" if operands else f"the value of '{graph.label(node)}' is"
            origins[node] = f"{what} {values[node]}" + (f" at {at}" if at else "")
        elif math.isfinite(grads[node]) and not all(map(math.isfinite, wired)):
            bad = next(share for share in wired if not math.isfinite(share))
            origins[node] = f"gate '{graph.label(node)}' brings back the gradient {bad} at {at}"
    overflown = [node for node in shown if not math.isfinite(grads[node])]
    if overflown and not origins:  # shares that are finite one by one
        node = max(overflown)
        origins[node] = f"the gradients that reach '{graph.label(node)}' add up to {grads[node]}"
    return origins
