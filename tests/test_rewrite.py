"""Folding constants into their gates, as in the lecture."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.rewrite import fold
from tests.circuits import programs
from tests.shares import examples


def drawn(graph: Graph) -> list[str]:
    return [graph.label(node) for node in range(len(graph))]


@pytest.mark.parametrize(
    ("program", "labels"),
    [
        ("2*x", ["x", "*2"]),
        ("e^x", ["x", "exp"]),
        ("power(e, x)", ["x", "exp"]),
        ("x^e", ["x", "^e"]),
        ("-e^x", ["x", "exp", "*-1"]),
        ("(-e)^x", ["x", "(-e)^x"]),
        ("2*3", ["2", "3", "*"]),
        ("2*3*x", ["x", "2", "3", "*", "*"]),
        ("exp(2)*x", ["x", "2", "exp", "*"]),
        ("e^2", ["e", "2", "^"]),
        ("h = 0.01; h*x", ["x", "0.01", "*"]),
        ("h = 0.01; 2*h", ["0.01", "2", "*"]),
        ("5", ["5"]),
        ("x", ["x"]),
        ("min(x, -1)", ["x", "min -1"]),
    ],
)
def test_what_is_drawn(program: str, labels: list[str]) -> None:
    assert drawn(fold(parse(program))) == labels


def test_operands_keep_their_slots() -> None:
    graph = fold(parse("1 - x"))
    assert graph.operands == ((), (-1, 0))
    assert graph.constants_of(1) == {0: (1.0, "1")}
    assert [tuple(wire) for wire in graph.wires] == [(0, 1, 1)]


def test_folding_keeps_names_outputs_places_and_notes() -> None:
    graph = parse("u = a*b\ng = 2*x\ng + 1")
    folded = fold(graph)
    assert folded.names == ("x", "g", None)
    assert folded.bindings == {"x": 0, "g": 1}
    assert (folded.unused, folded.notes) == (graph.unused, graph.notes)
    assert [folded.program[slice(*folded.place(node))] for node in range(3)] == ["x", "*", "+"]


def test_folding_leaves_its_graph_as_it_was() -> None:
    graph = parse("2*x + 1")
    before = drawn(graph)
    fold(graph)
    assert drawn(graph) == before


@settings(max_examples=examples(300), deadline=None)
@given(programs)
def test_after_folding_a_loose_constant_has_only_constant_neighbours(program: str) -> None:
    graph = fold(parse(program))
    for wire in graph.wires:
        if wire.source in graph.constants and graph.names[wire.source] is None:
            assert all(source in graph.constants for source in graph.operands[wire.target])


@settings(max_examples=200, deadline=None)
@given(programs)
def test_folding_twice_is_folding_once(program: str) -> None:
    once = fold(parse(program))
    assert drawn(fold(once)) == drawn(once)
    assert list(fold(once).wires) == list(once.wires)
