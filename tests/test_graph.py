"""The columns of a graph and its builder."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.evaluator import evaluate
from gradviz.gates import GATES
from gradviz.graph import Constant, Graph, GraphBuilder
from gradviz.slots import Slots


def builder_of(*names: str) -> GraphBuilder:
    builder = GraphBuilder()
    for name in names:
        builder.input(name)
    return builder


def one_by_one() -> Graph:
    builder = builder_of("w", "x", "b")
    product = builder.gate(GATES["mul"], (0, 1))
    return builder.build(builder.gate(GATES["relu"], (builder.gate(GATES["add"], (product, 2)),)))


def at_once() -> Graph:
    builder = builder_of("w", "x", "b")
    return builder.build(builder.extend(["mul", "add", "relu"], [0, 1, 3, 2, 4]))


def test_gates_at_once_are_gates_one_by_one() -> None:
    first, second = one_by_one(), at_once()
    assert (first.gates, first.operands, first.names) == (second.gates, second.operands, second.names)
    assert list(first.wires) == list(second.wires)
    assert evaluate(second, {"w": -2, "x": 5, "b": 30}).grads["w"] == 5


@pytest.mark.parametrize(
    ("gates", "operands"),
    [
        (["mul"], [0]),
        (["relu"], [0, 1]),
        (["mul"], [0, 3]),
        (["add", "mul"], [0, 1, 3, 5]),
        (["where"], [0, 1]),
        (["relu"], [0.5]),
        (["relu"], [2**40]),
        (["relu"], [-1]),
        ([], [0]),
    ],
)
def test_gates_at_once_are_checked(gates: list[str], operands: list[int]) -> None:
    builder = builder_of("w", "x", "b")
    with pytest.raises(ValueError, match=r"as many operands as it has slots|stands for a folded constant"):
        builder.extend(gates, operands)
    assert (len(builder.gates), len(builder.sources)) == (3, 0)


def test_operands_at_once_may_be_an_array_and_folded_constants() -> None:
    builder = builder_of("x")
    operands = np.array([0, builder.fold(Constant(3.0, "3"))])
    graph = builder.build(builder.extend(["mul"], operands))
    assert evaluate(graph, {"x": 2.0}).output == 6.0
    assert builder.extend([], []) == 1


def test_a_name_that_is_no_gate() -> None:
    with pytest.raises(KeyError):
        builder_of("x").extend(["mull"], [0, 0])


def test_inputs_come_in_order_of_first_use() -> None:
    builder = builder_of("unused", "b", "x", "w")
    graph = builder.build(builder.extend(["mul", "add"], [3, 2, 4, 1]))
    assert graph.input_names == ("w", "x", "b")
    assert graph.operands == [(), (), (), (0, 1), (3, 2)]
    assert graph.unused == {"unused"}


def test_a_changed_gate_is_built() -> None:
    builder = GraphBuilder.of(at_once())
    builder.change(4, GATES["neg"], (2,))
    graph = builder.build(5)
    assert [graph.label(node) for node in range(len(graph))] == ["b", "*-1", "relu"]
    assert graph.operands == [(), (0,), (1,)]


def test_slots() -> None:
    slots = Slots.of([(), (5, 7), (6,)])
    assert (slots[1], slots[-1], slots[:2], len(slots)) == ((5, 7), (6,), [(), (5, 7)], 3)
    assert slots == [(), (5, 7), (6,)]
    assert slots != [(), (5,), (6,)]
    with pytest.raises(IndexError):
        slots[3]
