"""Graph + values -> Check: the gradients of the backward pass beside those that were found in other ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from random import Random
from typing import Any, Final, NamedTuple

from gradviz import ieee
from gradviz.differences import Slopes, relative, slopes
from gradviz.errors import GradvizError, OptionError, ProgramError
from gradviz.evaluator import Trace, evaluate
from gradviz.graph import Graph
from gradviz.limits import LIMITS, beyond, grouped, most
from gradviz.tangents import tangents

TOLERANCE: Final = 1e-5
EVALUATIONS: Final = 8  # of the circuit for each number, about
MOST_LOCAL: Final = 100_000  # numbers of a gate's Jacobian that forward mode writes out


class Row(NamedTuple):
    """One number of the inputs, and d output / d it by each way; None where there is none."""

    name: str  # w, W[0,1]
    backward: float
    differences: float
    forward: float | None
    closed: float | None  # SymPy's closed form
    error: float  # the largest relative difference from the backward pass
    kink: tuple[float, float] | None  # the slopes on the left and on the right, where they differ


class Entry(NamedTuple):
    """One number of an input."""

    node: int
    name: str  # w, W[0,1]
    place: tuple[int, ...] = ()  # in an array

    def of(self, column: Sequence[Any]) -> float:
        """It in a column of a trace."""
        value = column[self.node]
        return float(value) if isinstance(value, float) else float(value[self.place])


@dataclass(frozen=True, slots=True)
class Check:
    """A gradient check."""

    rows: tuple[Row, ...]
    tolerance: float
    notes: tuple[str, ...] = ()  # what was left out, and why
    suspects: tuple[str, ...] = ()  # gates whose own derivative is not that of what they compute

    @property
    def ok(self) -> bool:
        """Whether all agree within the tolerance."""
        return not self.wrong

    @property
    def wrong(self) -> list[Row]:
        """The rows that do not, the worst first."""
        found = [row for row in self.rows if not row.error <= self.tolerance]
        return sorted(found, key=lambda row: -row.error if isfinite(row.error) else float("-inf"))


def checked(
    graph: Graph,
    values: Mapping[str, Any],
    *,
    step: float | None = None,
    tolerance: float = TOLERANCE,
    seed: Any = None,
) -> Check:
    """Each gradient of the backward pass beside central differences, forward mode and SymPy's closed form.

    `step` is that of the differences, for an input of the size 1; the best unless given (Press et al., Numerical
    Recipes (2007), 5.7). The relative difference is |a - b| / max(|a|, |b|), as in the CS231n
    notes on gradient checks, but what rounding alone makes of a difference counts nothing. Raises a `GradvizError`.
    """
    for name, number in (("step", step), ("tolerance", tolerance)):
        if number is not None and not (isfinite(number) and number > 0):
            raise OptionError(f"the {name} must be a positive number, not {number:g}")
    trace = evaluate(graph, values, seed=seed)
    notes: list[str] = []
    counts = _counts(trace, notes)
    forward = _forward(trace, seed, notes)
    closed = _closed(trace, notes) if seed is None else {}
    rows = []
    for entry in entries(trace, counts):
        backward = entry.of(trace.node_grads)
        found = slopes(_around(graph, trace, entry, seed), entry.of(trace.node_values), step)
        others = (found.central, forward(entry), closed.get(entry.node))
        error = max(relative(backward, each, found.noise / tolerance) for each in others if each is not None)
        rows.append(Row(entry.name, backward, *others, error, found.kink))
    check = Check(tuple(rows), tolerance, tuple(dict.fromkeys(notes)))
    return check if check.ok else Check(check.rows, tolerance, check.notes, tuple(_suspects(trace, tolerance)))


def entries(trace: Trace, counts: Mapping[int, int]) -> Iterator[Entry]:
    """Numbers of the inputs: of each so many, drawn at random where it has more."""
    for node in trace.graph.inputs:
        value, name = trace.node_values[node], str(trace.graph.names[node])
        if isinstance(value, float):
            yield Entry(node, name)
            continue
        from numpy import unravel_index

        for place in sorted(Random(0).sample(range(value.size), counts[node])):  # noqa: S311  a sample, no secret
            index = tuple(map(int, unravel_index(place, value.shape)))
            yield Entry(node, f"{name}[{','.join(map(str, index))}]", index)


def _counts(trace: Trace, notes: list[str]) -> dict[int, int]:
    """How many numbers of each input are checked: all, or as many as are checked in some seconds.

    Each takes some passes over the circuit. Raises `OptionError` when there is no time for one of each.
    """
    sizes = {node: int(getattr(trace.node_values[node], "size", 1)) for node in trace.graph.inputs}
    passes = EVALUATIONS * sum(getattr(value, "size", 1) for value in trace.node_values)
    rest, counts = int(most("differences") // passes), {}
    if rest < len(sizes):
        raise OptionError(f"a large circuit: some {beyond('differences', passes * len(sizes))}")
    for left, (node, size) in enumerate(sorted(sizes.items(), key=lambda item: item[1])):
        counts[node] = min(size, rest // (len(sizes) - left))
        rest -= counts[node]
    if (total := sum(sizes.values())) > (checked := sum(counts.values())):
        more = f"{LIMITS['differences'].variable} raises it"
        notes.append(f"{grouped(checked)} of {grouped(total)} numbers are checked, drawn at random ({more})")
    return counts


# the ways ------------------------------------------------------------------------------------------------------------


def _around(graph: Graph, trace: Trace, entry: Entry, seed: Any) -> Callable[[float], float]:
    """The output as a function of one entry of the inputs."""
    inputs = {str(graph.names[each]): trace.node_values[each] for each in graph.inputs}
    value = trace.node_values[entry.node]

    def at(x: float) -> float:
        moved: Any = x
        if not isinstance(value, float):
            moved = value.copy()
            moved[entry.place] = x
        return _scalar(evaluate(graph, {**inputs, str(graph.names[entry.node]): moved}, seed=seed).output, seed)

    return at


def _scalar(output: Any, seed: Any) -> float:
    """What the gradients are of: the output, or its product with the seed."""
    if seed is None:
        return float(output)
    from numpy import asarray

    return float((asarray(output, dtype=float) * asarray(seed, dtype=float)).sum())


def _forward(trace: Trace, seed: Any, notes: list[str]) -> Callable[[Entry], float | None]:
    """The tangent of the output by each entry; None everywhere when a gate's Jacobian is too large to be written."""
    if any(not isinstance(local, float) and local.size > MOST_LOCAL for local in trace.locals.flat):
        notes.append("no forward mode: the Jacobian of a gate is too large")
        return lambda _: None

    def by(entry: Entry) -> float:
        value = trace.node_values[entry.node]
        tangent: Any = 1.0
        if not isinstance(value, float):
            tangent = value.copy()
            tangent[...] = 0.0
            tangent[entry.place] = 1.0
        return _scalar(tangents(trace, {entry.node: tangent})[trace.graph.output], seed)

    return by


def _closed(trace: Trace, notes: list[str]) -> dict[int, float]:
    """SymPy's closed forms of the gradients at the values; none for circuits with arrays, or that take too long."""
    if not all(isinstance(value, float) for value in trace.node_values):
        notes.append("no closed forms: SymPy's are of numbers")
        return {}
    from gradviz.deadlines import within
    from gradviz.notation import names
    from gradviz.symbolic.formulas import closed_forms

    graph = trace.graph

    def find() -> dict[int, float]:
        forms = closed_forms(graph, names(graph, None, seeded=False), graph.inputs)
        found = {node: form.at(trace.node_values) for node, form in forms.items()}
        return {node: value for node, value in found.items() if not isnan(value)}  # it is no number there

    try:
        return within("symbolic", ProgramError, "no closed forms: SymPy takes too long", find)
    except GradvizError as error:
        notes.append(error.problem)
    except Exception as error:  # whatever SymPy raises for a program that it cannot read
        notes.append(f"no closed forms: {type(error).__name__} in SymPy")
    return {}


def _suspects(trace: Trace, tolerance: float) -> Iterator[str]:
    """Gates whose local gradients are not the differences of what they compute, in some direction."""
    graph, values = trace.graph, trace.node_values
    for node, gate in enumerate(graph.gates):
        xs = [values[k] if k >= 0 else graph.folded[-k - 1].value for k in graph.operands[node]]
        for slot, local in enumerate(trace.locals[node]):
            upstream, direction = _direction(values[node], 1), _direction(xs[slot], 2)
            at = _along(gate, xs, slot, upstream, direction)
            found = slopes(at, 0.0, scales=_sizes(xs[slot]))
            if isfinite(found.central) and not _holds(local, upstream, direction, found, tolerance):
                name = graph.names[node]
                yield f"'{graph.label(node)}'{f' of {name}' if name else ''}"
                break


def _direction(value: Any, seed: int) -> Any:
    """1 for a number, for an array one of its shape without zeros."""
    if isinstance(value, float):
        return 1.0
    from numpy.random import default_rng

    return default_rng(seed).uniform(0.5, 1.5, value.shape)


def _sizes(value: Any) -> list[float]:
    """How large the numbers of a value are."""
    return [abs(value)] if isinstance(value, float) else [float(abs(value).max()), float(abs(value).min())]


def _along(gate: Any, xs: list[Any], slot: int, upstream: Any, direction: Any) -> Callable[[float], float]:
    """What a gate computes, where one of its inputs goes in a direction."""
    if gate.partials is not None and all(isinstance(x, float) for x in xs):
        return lambda t: float(gate.forward(ieee, *xs[:slot], xs[slot] + t, *xs[slot + 1 :]))
    import numpy

    from gradviz import nd

    given = [numpy.asarray(x, dtype=float) for x in xs]

    def at(t: float) -> float:
        with numpy.errstate(all="ignore"):
            moved = gate.forward(nd, *given[:slot], given[slot] + t * direction, *given[slot + 1 :])
            return float(numpy.sum(upstream * moved))

    return at


def _holds(local: Any, upstream: Any, direction: Any, found: Slopes, tolerance: float) -> bool:
    if found.kink:
        return True  # which slope it has there is a convention
    if isinstance(local, float):
        return relative(local, found.central, found.noise / tolerance) <= tolerance
    return relative(float(((local * upstream) * direction).sum()), found.central, found.noise / tolerance) <= tolerance
