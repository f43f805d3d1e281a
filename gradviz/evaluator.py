"""Graph + values -> Trace: forward, then backward."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

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
    origins: frozenset[int] = frozenset()  # the nodes whose shelf shows it

    def __repr__(self) -> str:
        return f"Trace({self.graph.program!r}, values={self.values}, grads={self.grads})"

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
    origins = _not_finite(graph, columns, grads, shares)
    if strict and origins:
        raise ValuesError(origins[0].told, graph.program, graph.place(origins[0].gate))
    more = f" (and {len(origins) - 1} more)" if len(origins) > 1 else ""
    notes = (origins[0].told + more,) if origins else ()
    nodes = slice(len(graph))
    shown = frozenset(origin.shown for origin in origins)
    return Trace(graph, tuple(columns[nodes]), tuple(grads[nodes]), local, shares, notes, shown)


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
    factors = best[-1] or []
    return "*".join(factors) if len(set(factors)) > 1 else None


class _Origin(NamedTuple):
    """Where a nan or an infinity arises: the node whose shelf shows it, the gate that makes it, the line to tell."""

    shown: int
    gate: int
    told: str


def _not_finite(graph: Graph, values: Sequence[float], grads: Sequence[float], shares: Shares) -> list[_Origin]:
    """The origins of what is not finite: values as they are computed, then gradients as they come back."""
    if all(map(math.isfinite, values)) and all(map(math.isfinite, grads)):
        return []
    origins: list[_Origin] = []
    for node, operands in enumerate(graph.operands):
        if _arises(values[node], [values[i] for i in operands]):
            gives = f"gate '{graph.label(node)}' gives" if operands else f"the value of '{graph.label(node)}' is"
            origins.append(_Origin(node, node, f"{gives} {values[node]}{_at(graph, values, node)}"))
    for source, target, slot in reversed(list(graph.wires)):
        share, around = shares[target][slot], [values[i] for i in graph.operands[target]]
        calm = all(map(math.isfinite, (*around, values[target])))  # else it comes from the value
        if calm and source not in graph.constants and _arises(share, [grads[target]]):
            brings = f"gate '{graph.label(target)}' brings back the gradient {share}"
            origins.append(_Origin(source, target, brings + _at(graph, values, target)))
    overflown = [i for i in range(len(graph)) if i not in graph.constants and not math.isfinite(grads[i])]
    if overflown and not origins:  # shares that are finite one by one
        node = max(overflown)
        told = f"the gradients that reach '{graph.label(node)}' add up to {grads[node]}"
        origins.append(_Origin(node, node, told))
    return origins


def _arises(number: float, before: Sequence[float]) -> bool:
    """Whether a nan comes from no nan, or an infinity from finite numbers."""
    if math.isnan(number):
        return not any(map(math.isnan, before))
    return math.isinf(number) and all(map(math.isfinite, before))


def _at(graph: Graph, values: Sequence[float], node: int) -> str:
    at = ", ".join(f"{values[i]:.6g}" for i in graph.operands[node] if i >= 0)
    return f" at {at}" if at else ""
