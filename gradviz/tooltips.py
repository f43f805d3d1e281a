"""What is told where the pointer rests: numbers in full precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradviz import nested
from gradviz.blocks import shape_text
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.matrices import as_matrix, local_matrix

if TYPE_CHECKING:
    from gradviz.tangents import Tangents

MOST: Final = 2_000  # entries of an array at its shelf that are listed in full
MOST_AT_WIRE: Final = 100  # at a wire, whose numbers stand at shelves too
BEGINNING: Final = 40  # entries of a larger one


def of_constant(graph: Graph, node: int) -> str:
    """The name of a constant, and its number."""
    return f"{graph.names[node] or 'constant'} = {written(graph.constants[node].value)}"


def of_node(graph: Graph, trace: Trace | None, node: int, what: str, tangents: Tangents | None = None) -> str:
    """What a node is, its folded constants, value, and gradient or tangent, a line each."""
    folded = [f"constant {constant.value!r}" for constant in graph.constants_of(node).values()]
    numbers = [f"value {written(trace.node_values[node])}", _grad(trace, node, tangents)] if trace else []
    return "\n".join([what, *folded, *numbers])


def of_wire(trace: Trace, wire: Wire, tangents: Tangents | None = None) -> str:
    """The chain rule at a wire: local, upstream, share; forward local and tangent."""
    if tangents:
        assert tangents.numbers is not None, "there is a trace"
        return f"local gradient {_local(trace, wire)}\ntangent {written(tangents.numbers[wire.source], MOST_AT_WIRE)}"
    numbers = trace.node_grads[wire.target], trace.shares.at(wire.target, wire.slot)
    upstream, share = (written(x, MOST_AT_WIRE) for x in numbers)
    return f"local gradient {_local(trace, wire)}\nupstream {upstream}\nshare {share}"


def written(value: Any, most: int = MOST) -> str:
    """A number, or an array of at most `most` entries, in full; of a larger one its shape and its beginning."""
    if not hasattr(value, "shape"):
        return nested.written(value)
    if 0 < value.size <= most:
        return nested.written(value.tolist())
    shape = shape_text(value.shape)
    begins = ", ".join(map(repr, value.flat[:BEGINNING].tolist()))
    return f"{shape}: {begins} … and {value.size - BEGINNING} more" if begins else shape


def _grad(trace: Trace, node: int, tangents: Tangents | None) -> str:
    if tangents:
        assert tangents.numbers is not None, "there is a trace"
        return f"tangent (derivative by {tangents.by}) {written(tangents.numbers[node])}"
    grad = trace.node_grads[node]
    if not trace.jacobian or isinstance(grad, float):
        return f"gradient {written(grad)}"
    matrix = as_matrix(trace, grad, node)
    return f"Jacobian (a row for each entry of the output, a column for each entry here) {written(matrix)}"


def _local(trace: Trace, wire: Wire) -> str:
    numbers, diagonal, shape = local_matrix(trace.locals.at(wire.target, wire.slot), MOST_AT_WIRE)
    if isinstance(numbers, float):
        return repr(numbers)
    said = f"{'diagonal of the ' if diagonal else ''}Jacobian {shape_text(shape)}"
    return f"{said}, too large to list" if numbers is None else f"{said}: {written(numbers)}"
