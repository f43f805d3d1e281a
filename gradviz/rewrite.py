"""Graph -> Graph: fold constants into gates as in the lecture."""

from __future__ import annotations

from gradviz.gates import CONSTANT_BASES, GATES
from gradviz.graph import Graph, GraphBuilder


def fold(graph: Graph) -> Graph:
    """Constant operands move into their gate, as CS231n draws them: `*-1`, `+1`, `1/x`, `^2`; `e^x` becomes `exp`.

    Of operands that are all constant none folds, nor does a constant with a name of its own (`h = 0.01`): they are
    drawn, with a value and no gradient.
    """
    loose = {node for node, c in graph.constants.items() if graph.names[node] is None and isinstance(c.value, float)}
    if not loose:
        return graph
    builder = GraphBuilder.of(graph)
    for node, operands in enumerate(graph.operands):
        gate, fixed = graph.gates[node], [slot for slot, source in enumerate(operands) if source in loose]
        if gate is None or gate.partials is None:  # matrices and their like take nothing in
            continue
        if fixed and not all(source in graph.constants for source in operands):
            _fold_gate(builder, graph, node, fixed)
    return builder.build(graph.output, graph.unused, graph.notes)


def _fold_gate(builder: GraphBuilder, graph: Graph, node: int, fixed: list[int]) -> None:
    gate, operands = graph.gates[node], list(graph.operands[node])
    assert gate is not None, "only gates have operands"
    first = graph.constants[operands[fixed[0]]]
    special = CONSTANT_BASES.get((gate.name, fixed[0], first.value))
    if special:
        builder.change(node, GATES[special], (operands[1 - fixed[0]],))
        return
    for slot in fixed:
        operands[slot] = builder.fold(graph.constants[operands[slot]])
    builder.change(node, gate, operands)
