"""Graph + values -> Trace: forward, then backward."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from gradviz.errors import ValuesError
from gradviz.finite import origins
from gradviz.graph import Graph
from gradviz.language.tokens import normal
from gradviz.limits import beyond, most
from gradviz.passes import SEED, Value, backward, forward, local_gradients
from gradviz.slots import Slots
from gradviz.values import checked, number_or_array

Column = Sequence[Value]  # by node, then the folded constants
SMALLEST: Final = 2_000  # nodes of a circuit that NumPy computes; for a smaller one its import costs more


class Named(Mapping[str, Value]):
    """A column of a trace by the program's names; a name assigned again means its newest node."""

    def __init__(self, graph: Graph, column: Sequence[Value]) -> None:
        self._bindings, self._column = graph.bindings, column

    def __getitem__(self, name: str) -> Value:
        return self._column[self._bindings[normal(name)]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bindings)

    def __len__(self) -> int:
        return len(self._bindings)

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Trace:
    """A graph with its numbers: columns by node, and by node and slot for the wires into it.

    A value is a float, or an array of float64. A grad has the shape of the value; with `jacobian` it is d output /
    d node in full: the axes of the output, then those of the node. A local is a float, or a `jacobians.Local`.
    """

    graph: Graph
    node_values: Sequence[Value]
    node_grads: Sequence[Value]  # d output / d node
    locals: Slots  # d gate / d operand
    shares: Slots  # local x upstream; a node's grad is the sum of the shares of its wires
    notes: tuple[str, ...] = ()  # where a nan or an infinity arises
    origins: frozenset[int] = frozenset()  # the nodes whose shelf shows it
    jacobian: bool = False  # whether grads and shares have the axes of the output in front

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
    def is_seeded(self) -> bool:
        """Whether the gradients are those of something after the output, of which the seed is the gradient."""
        seed = self.node_grads[self.graph.output]
        return not self.jacobian and not (isinstance(seed, float) and seed == SEED)

    @property
    def output(self) -> Value:
        """The value of the output."""
        return self.node_values[self.graph.output]


def evaluate(
    graph: Graph,
    values: Mapping[str, Any],
    *,
    strict: bool = False,
    seed: Any = None,
    jacobian: bool = False,
) -> Trace:
    """Forward and backward pass at `values`: a number, nested list or array for each input's name.

    Numbers are float64 and follow IEEE-754: nan and infinities go through and are told in `Trace.notes`, or raise
    `ValuesError` under `strict`. An output that is an array needs `seed`, the upstream gradient of its shape, or
    `jacobian`. Raises `ValuesError` for a value that is missing, not numbers, or not of the program, and for shapes
    that a gate cannot take, before anything is computed.
    """
    if jacobian and seed is not None:
        raise ValuesError("a seed and the whole Jacobian exclude each other")
    if any(gate.slow for gate in graph.kinds):
        from gradviz.deadlines import within

        work = partial(_evaluated, graph, values, strict=strict, seed=seed, jacobian=jacobian)
        return within("symbolic", ValuesError, "functions of SymPy take too long", work)
    return _evaluated(graph, values, strict=strict, seed=seed, jacobian=jacobian)


def _evaluated(graph: Graph, values: Mapping[str, Any], *, strict: bool, seed: Any, jacobian: bool) -> Trace:
    kinds = graph.kinds
    if any(gate.is_abstract for gate in kinds):
        _refuse_abstract(graph)
    inputs = checked(graph, values)
    if any(gate.body is not None for gate in kinds):
        _check_definitions(graph)
    if all(gate.partials is not None for gate in kinds) and _are_numbers(graph, inputs):
        upstream = SEED if seed is None else number_or_array("the seed", seed)
        if not isinstance(upstream, float):
            raise ValuesError(f"the output is a number, but the seed has the shape {upstream.shape}")
        columns, local, grads, shares = _numbers(graph, inputs, upstream)
        jacobian = False
    else:
        from gradviz.tensors import passes

        columns, local, grads, shares = passes(graph, inputs, seed, jacobian=jacobian)
    found = origins(graph, columns, grads, shares)
    if strict and found:
        raise ValuesError(found[0].told, graph.program, graph.place(found[0].gate))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    notes = (found[0].told + more,) if found else ()
    shown = frozenset(origin.shown for origin in found)
    if graph.folded:
        columns, grads = columns[: len(graph)], grads[: len(graph)]
    return Trace(graph, columns, grads, local, shares, notes, shown, jacobian)


def _numbers(graph: Graph, inputs: Sequence[float], seed: float) -> tuple[Column, Slots, Column, Slots]:
    """Values, locals, grads and shares of a circuit of numbers: node by node, or by NumPy where it is large."""
    if len(graph) >= SMALLEST:
        from gradviz import large

        return large.passes(graph, inputs, seed)
    walked = forward(graph, inputs)
    local = local_gradients(graph, walked)
    grads, shares = backward(graph, local, seed)
    return array("d", walked), local, array("d", grads), shares


def _refuse_abstract(graph: Graph) -> None:
    for node, gate in enumerate(graph.gates):
        if gate is not None and gate.is_abstract:
            problem = f"'{gate.name}' is only declared and has no values; leave them out, or define it"
            raise ValuesError(problem, graph.program, graph.place(node))


def _check_definitions(graph: Graph) -> None:
    """Keep definitions of definitions from computing for minutes: closed, each level computes those below it again."""
    count = sum(gate.extent[1] for gate in graph.gates if gate is not None and gate.body is not None)
    if count > most("computed"):
        raise ValuesError(f"large definitions: {beyond('computed', count)}; open them (--expand all)")


def _are_numbers(graph: Graph, inputs: Sequence[Value]) -> bool:
    """Whether no input and no constant is an array."""
    constants = (constant.value for constant in graph.constants.values())
    return all(type(value) is float for value in (*inputs, *constants))
