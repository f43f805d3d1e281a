"""The passes of a circuit in which some values are arrays: shapes first, then forward and backward."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, Final

import numpy

from gradviz import nd
from gradviz.errors import ValuesError
from gradviz.gates import Shape, ShapeError
from gradviz.gates.shapes import broadcast, shown
from gradviz.graph import Graph
from gradviz.jacobians import Seeded, basis, locals_of
from gradviz.limits import beyond, most
from gradviz.nested import MOST_AXES, written
from gradviz.passes import SEED, Value, backward, forward
from gradviz.slots import Slots
from gradviz.values import number_or_array

LONGEST_SEED: Final = 12  # entries, in a message


def passes(
    graph: Graph, inputs: Sequence[Value], seed: Any, *, jacobian: bool
) -> tuple[tuple[Value, ...], Slots, tuple[Value, ...], Slots]:
    """Values, locals, grads and shares as `evaluator` has them; raises `ValuesError` before anything is computed."""
    known = checked(graph, inputs)
    if jacobian:
        _check_size(graph, known)
    seeds = basis(known[graph.output]) if jacobian else iter([_seed(graph, known[graph.output], seed)])
    with numpy.errstate(all="ignore"):
        columns = forward(graph, [nd.number(value) for value in inputs], nd)
        columns = [nd.number(value) for value in columns]
        local = locals_at(graph, columns)
        paths = Slots(list(map(Seeded, local.flat)), local.bounds) if jacobian else local
        runs = [backward(graph, paths, each) for each in seeds]
    lead = known[graph.output] if jacobian else ()
    grads = tuple(_gathered([run[0][k] for run in runs], lead, column.shape) for k, column in enumerate(columns))
    shares = [
        _gathered([run[1].flat[wire] for run in runs], lead, columns[source].shape)
        for wire, source in enumerate(graph.operands.flat)
    ]
    return tuple(map(_plain, columns)), local, grads, Slots(shares, local.bounds)


def checked(graph: Graph, inputs: Sequence[Value]) -> list[Shape]:
    """The shape of each node's value; raises `ValuesError` for shapes that do not go together, or are too large."""
    if len(graph) > most("arrays"):
        raise ValuesError(f"a large circuit: {beyond('arrays', len(graph))}")
    known = shapes(graph, [numpy.shape(value) for value in inputs])
    _check_room(graph, known)
    return known


def check_number(graph: Graph, output: Shape) -> None:
    """Raise `ValuesError` for an output of which there is no gradient without a seed."""
    _seed(graph, output, None)


def locals_at(graph: Graph, columns: Sequence[Value]) -> Slots:
    """For each node the derivative of its output by each operand, at arrays of `forward`."""
    return Slots.of(
        () if gate is None else locals_of(gate, columns[node], tuple(columns[i] for i in operands))
        for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True))
    )


def shapes(graph: Graph, inputs: Iterable[Shape]) -> list[Shape]:
    """The shape of each node's value, then those of the folded constants; raises `ValuesError` with the place."""
    known: list[Shape] = [()] * (len(graph) + len(graph.folded))
    largest = most("entries")
    for node, shape in enumerate(inputs):
        known[node] = shape
    for node, constant in graph.constants.items():
        known[node] = numpy.shape(constant.value)
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        try:
            if gate is not None:
                known[node] = (gate.shape or broadcast)(*[known[i] for i in operands])
            _check_shape(known[node], largest)
        except ShapeError as error:
            raise ValuesError(f"'{graph.label(node)}': {error}", graph.program, graph.place(node)) from None
    return known


def _check_shape(shape: Shape, largest: float) -> None:
    """Refuse an array that NumPy, or the memory, has no room for."""
    if len(shape) > MOST_AXES:
        raise ShapeError(f"an array of {len(shape)} axes; at most {MOST_AXES} are possible")
    if (entries := prod(size or 1 for size in shape)) > largest:
        raise ShapeError(f"an array of shape {shown(shape)} has {beyond('entries', entries)}")


def _check_room(graph: Graph, known: Sequence[Shape]) -> None:
    """Refuse a circuit whose arrays together need too much memory, or its products of matrices too much time."""
    sizes = list(map(prod, known))
    products = 0
    count = 2 * sum(sizes[: len(graph)]) + sum(sizes[source] for source in graph.operands.flat)
    widest = most("operands")
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        if len(operands) > widest:
            problem = f"'{graph.label(node)}': {beyond('operands', len(operands))}"
            raise ValuesError(problem, graph.program, graph.place(node))
        if gate is not None and gate.partials is not None:
            count += sizes[node] * len(operands)
        elif gate is not None and gate.name == "matmul":
            matrices, m, k, n = _product(*(known[source] for source in operands))
            products += 3 * matrices * m * k * n  # forward, and back to both operands
            count += matrices * k * (m + n)  # what goes back to each matrix of a stack, before it is summed
    if count > most("numbers"):
        raise ValuesError(f"large arrays: {beyond('numbers', count)}")
    if products > most("products"):
        raise ValuesError(f"large matrices: {beyond('products', products)}")


def _product(a: Shape, b: Shape) -> tuple[int, int, int, int]:
    """How many matrices are multiplied, the rows and columns of a left one, and the columns of a right one."""
    columns = b[-1] if len(b) > 1 else 1
    return prod(broadcast(a[:-2], b[:-2])), (1, *a)[-2], a[-1], columns


def _check_size(graph: Graph, known: Sequence[Shape]) -> None:
    """Refuse Jacobians that would take too long or too much memory."""
    entries = prod(known[graph.output])
    if entries > most("jacobian"):
        raise ValuesError(f"a large Jacobian: {beyond('jacobian', entries)}")
    numbers = entries * sum(map(prod, known[: len(graph)]))
    if numbers > most("jacobians"):
        raise ValuesError(f"large Jacobians: {beyond('jacobians', numbers)}")


def _seed(graph: Graph, output: Shape, seed: Any) -> Value:
    """The upstream gradient of the output."""
    if seed is None and output:
        example = written(next(basis(output)).tolist(), "{:g}".format) if 0 < prod(output) <= LONGEST_SEED else "@FILE"
        offers = f"reduce it, as in sum(...), give the upstream gradient (--seed='{example}'), or --jacobian"
        problem = f"the output is an array of shape {shown(output)}; a gradient is that of a number: {offers}"
        raise ValuesError(problem, graph.program, graph.place(graph.output))
    given = nd.number(SEED if seed is None else number_or_array("the seed", seed))
    if given.shape != output:
        raise ValuesError(f"the seed has the shape {shown(given.shape)}, the output {shown(output)}")
    return given


def _gathered(grads: Sequence[Value], lead: Shape, shape: Shape) -> Value:
    """A gradient of full shape, those of several backward passes put together."""
    if len(grads) == 1 and not lead:
        return _plain(numpy.broadcast_to(grads[0], shape))
    full = [numpy.broadcast_to(grad, shape) for grad in grads]
    return _plain(numpy.array(full, dtype=float).reshape(*lead, *shape))


def _plain(value: Value) -> Value:
    """A float for an array without axes; any other can only be read, for another may look at the same memory."""
    if not numpy.ndim(value):
        return float(value)
    value.flags.writeable = False
    return value
