"""The same circuit on many rows has the numbers of `evaluate`, row by row."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from typing import Any

import numpy
import pytest
from circuits import circuits
from hypothesis import given, settings

import gradviz
from gradviz import GATES, GradvizError, chunks, evaluate_many, many, parse
from gradviz.chunks import plan
from gradviz.gates import Gate
from gradviz.gates.row import NAN
from gradviz.graph import Graph, GraphBuilder
from gradviz.many import Table
from gradviz.tape import Tape

ROWS = 300
INF = math.inf
EXACT: dict[str, Any] = {"rel": 1e-12, "abs": 1e-300, "nan_ok": True}
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1e-5, 1e-9, 0.01, 19.0, -40.0, 1000.0, -1000.0, INF, -INF, NAN)
ELEMENT_WISE = {name: gate for name, gate in GATES.items() if gate.partials is not None}


def row_of(values: dict[str, Any], row: int) -> dict[str, float]:
    return {name: float(numpy.broadcast_to(value, row + 1 if not numpy.ndim(value) else len(value))[row])
            for name, value in values.items()}  # fmt: skip


def differences(graph: Graph, values: dict[str, Any], table: Table) -> list[str]:
    """Where a table has other numbers than `evaluate`."""
    found = []
    for row in range(len(table)):
        trace = gradviz.evaluate(graph, row_of(values, row))
        inputs = dict(zip(graph.input_names, trace.node_grads, strict=False))
        pairs = {"output": (table.output[row], trace.output)}
        pairs |= {name: (column[row], inputs[name]) for name, column in table.grads.items()}
        found += [f"row {row}: {what} {a} {b}" for what, (a, b) in pairs.items() if a != pytest.approx(b, **EXACT)]
    return found


def graph_of(gate: Gate) -> Graph:
    builder = GraphBuilder(gate.name)
    inputs = [builder.input(f"x{k}") for k in range(gate.arity)]
    return builder.build(builder.gate(gate, inputs))


@pytest.mark.parametrize("gate", ELEMENT_WISE.values(), ids=ELEMENT_WISE)
def test_every_element_wise_gate_has_the_numbers_of_evaluate(gate: Gate) -> None:
    random = numpy.random.default_rng(7)
    edges = numpy.array(list(itertools.product(EDGES[: 16 if gate.arity < 3 else 6], repeat=gate.arity))).T
    smooth = [random.uniform(low, high, ROWS) for low, high in gate.domain]
    values = {f"x{k}": numpy.concatenate([edges[k], smooth[k]]) for k in range(gate.arity)}
    graph = graph_of(gate)
    assert differences(graph, values, evaluate_many(graph, values)) == []


@pytest.mark.parametrize("gate", ELEMENT_WISE.values(), ids=ELEMENT_WISE)
def test_an_input_that_all_rows_share_gives_the_same(gate: Gate) -> None:
    column = numpy.array(EDGES)
    for shared in range(gate.arity):
        values = {f"x{k}": 2.0 if k == shared else column for k in range(gate.arity)}
        graph = graph_of(gate)
        assert differences(graph, values, evaluate_many(graph, values)) == []


@settings(max_examples=60, deadline=None)
@given(circuits)
def test_random_circuits_have_the_numbers_of_evaluate(circuit: tuple[str, dict[str, float]]) -> None:
    program, centre = circuit
    random = numpy.random.default_rng(len(program))
    graph = parse(program)
    values = {name: centre[name] + random.uniform(-0.1, 0.1, 9) for name in graph.input_names}
    assert loose(graph, values, evaluate_many(graph, values, chunk=4)) == []


def loose(graph: Graph, values: dict[str, Any], table: Table) -> list[str]:
    """The same where sums may cancel: to 1e-9 of the largest number of the row's trace."""
    found = []
    for row in range(len(table)):
        trace = gradviz.evaluate(graph, row_of(values, row))
        numbers = [abs(x) for x in (*trace.node_values, *trace.shares.flat) if math.isfinite(x)]
        within = {"rel": 1e-9, "abs": 1e-11 * max(numbers, default=1.0), "nan_ok": True}
        pairs = [(table.output[row], trace.output)]
        inputs = dict(zip(graph.input_names, trace.node_grads, strict=False))
        pairs += [(column[row], inputs[name]) for name, column in table.grads.items()]
        found += [f"row {row}: {a} {b}" for a, b in pairs if a != pytest.approx(b, **within)]
    return found


@pytest.mark.parametrize("check", [differences, loose])
def test_another_number_is_found(check: Any) -> None:
    graph, values = parse("w*x"), {"w": numpy.array([2.0, 3.0]), "x": 5.0}
    table = evaluate_many(graph, values)
    wrong = Table(table.output, {**table.grads, "w": table.output}, {})
    assert check(graph, values, table) == []
    assert len(check(graph, values, wrong)) == 2


# what is given -------------------------------------------------------------------------------------------------------

LINE = [{"w": 2.0, "x": 5.0, "b": 1.0}, {"w": -1.0, "x": 3.0, "b": 1.0}]


@pytest.mark.parametrize(
    "values",
    [
        {"w": [2, -1], "x": (5, 3), "b": 1},
        {"w": numpy.array([2, -1], numpy.float32), "x": numpy.array([5, 3]), "b": numpy.array([1.0, 1.0])},
        {"w": numpy.array([2.0, 9.0, -1.0])[::2], "x": numpy.array([5.0, 3.0]), "b": [1.0, 1.0]},
        LINE,
        iter(LINE),
        numpy.array([(2, 5, 1), (-1, 3, 1)], dtype=[("w", float), ("x", float), ("b", float)]),
    ],
    ids=["lists", "arrays of other types", "a strided column", "mappings", "an iterator", "structured"],
)
def test_values_in_several_forms(values: Any) -> None:
    table = evaluate_many("w*x + b", values)
    assert table.output.tolist() == [11, -2]
    assert {name: column.tolist() for name, column in table.grads.items()} == {"w": [5, 3], "x": [2, -1], "b": [1, 1]}


def test_names_are_told_to_the_parser() -> None:
    """`e` with a column is an input."""
    assert evaluate_many("e*x", [{"e": 2, "x": 3}]).grads["e"].tolist() == [3]


def test_what_is_asked_for() -> None:
    table = evaluate_many("g = w*x; f = sin(g)", {"w": [1.0, 2.0], "x": 0.5}, wrt=["g"], keep="g", seed=[1.0, 10.0])
    assert list(table.grads) == ["g"]
    assert table.values["g"].tolist() == [0.5, 1.0]
    assert table.grads["g"] == pytest.approx([math.cos(0.5), 10 * math.cos(1)], rel=1e-15)


def test_another_node_as_the_output() -> None:
    assert evaluate_many("g = w*x; f = sin(g)", {"w": [1.0, 2.0], "x": 0.5}, of="g").output.tolist() == [0.5, 1.0]


def test_the_name_of_an_input_means_the_column() -> None:
    """x = x*x; f = 3*x: the gradient by the column is 6x, by the newer node 3."""
    assert evaluate_many("x = x*x; f = 3*x", {"x": [1.0, 2.0]}).grads["x"].tolist() == [6, 12]


@pytest.mark.parametrize(
    ("program", "values", "options", "told"),
    [
        ("w*x", {"w": [1, 2], "x": [1, 2, 3]}, {}, "the column of 'x' has 3 rows, the column of 'w' 2"),
        ("w*x", {"w": [1, 2], "x": 1}, {"seed": [1, 2, 3]}, "the seed has 3 rows, the column of 'w' 2"),
        ("w*x", {"w": [1, 2]}, {}, "no value for x"),
        ("w*x", {"w": [1, 2], "xx": [1, 2]}, {}, "the program has no name 'xx'; did you mean 'x'?"),
        ("w*x", {"w": ["a", "b"], "x": 1}, {}, "the value of 'w' must be a number or an array of numbers"),
        ("w*x", {"w": [1], "x": 1}, {"wrt": ["v"]}, "the program has no name 'v'"),
        ("w*x", {"w": [1], "x": 1}, {"shared": ["g"]}, "'g' is shared by all rows, but is no input"),
        ("w*x", [{"w": 1, "x": 1}, {"w": 1}], {}, "row 1 has no value for x"),
        ("w*x", [1, 2], {}, "the values must be columns by name, or rows that are mappings"),
        ("w*x", {"w": [1], "x": 1}, {"seed": [[1.0]]}, "the seed must be a number, or a column of one a row"),
        ("w*x", {"w": [1], "x": 1}, {"chunk": 0}, "a chunk has at least one row"),
    ],
)
def test_errors(program: str, values: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(GradvizError) as error:
        evaluate_many(program, values, **options)
    assert told in str(error.value)


# the passes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 100])
def test_chunks_change_nothing(rows: int) -> None:
    x = numpy.linspace(-3, 3, rows)
    table = evaluate_many("max(x, 0.5)*tanh(w*x)", {"x": x, "w": 2.0}, chunk=7)
    whole = evaluate_many("max(x, 0.5)*tanh(w*x)", {"x": x, "w": 2.0}, chunk=1000)
    assert len(table) == rows
    assert table.output.tolist() == whole.output.tolist()
    assert table.grads["w"].tolist() == whole.grads["w"].tolist()


def test_what_is_given_is_neither_changed_nor_given_back() -> None:
    w = numpy.array([1.0, 2.0])
    table = evaluate_many("w*x", {"w": w, "x": numpy.array([3.0, 4.0])})
    w[:] = 0
    assert table.grads["x"].tolist() == [1, 2]
    assert not any(column.flags.writeable for column in (table.output, *table.grads.values()))


def test_numbers_without_columns_are_one_row() -> None:
    assert evaluate_many("w*x", {"w": 2, "x": 3}).output.tolist() == [6]


def steps(program: str, *names: str) -> list[str]:
    """The operations of a tape, by name."""
    graph, tape = parse(program), Tape()
    known = {name: tape.input() for name in names} | {
        name: numpy.float64(3) for name in graph.input_names if name not in names
    }
    values = many.forward(graph, [known[name] for name in graph.input_names], tape)
    grads, _ = many.backward(graph, many.local_gradients(graph, values, tape), 1.0)
    planned = plan(tape, [values[graph.output], *(grads[graph.input_names.index(name)] for name in names)])
    return [step.function.__name__ for step in planned.steps]


@pytest.mark.parametrize(
    ("program", "names", "wanted"),
    [
        ("w*x", ["w", "x"], "positive positive multiply"),  # the gradients are the other input
        ("w*x + b", ["w"], "multiply add"),  # dw is a number
        ("exp(x)", ["x"], "exp"),  # its slope is its value
        ("x^2", ["x"], "multiply multiply"),
        ("sin(w)*x", ["x"], "multiply"),  # sin(w) and dx are the same in all rows
        ("sin(x) + sin(x)", ["x"], "cos add sin add"),  # each once
    ],
)
def test_a_tape_has_nothing_needless(program: str, names: list[str], wanted: str) -> None:
    assert sorted(steps(program, *names)) == sorted(wanted.split())


def test_memory_does_not_grow_with_the_rows() -> None:
    graph = parse("c = a; " + "; ".join(["c = sin(c)*a"] * 200))
    column = numpy.ones(100_000)
    tracemalloc.start()
    evaluate_many(graph, {"a": column}, wrt=())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < column.nbytes + 2 * chunks.MEMORY  # whole columns would be 320 MB


def test_definitions_have_the_numbers_of_evaluate() -> None:
    program = "def s(x, unused): return 1/(1+exp(-x))\ndef t(a): return s(2*a, a)*a\nf = t(w)*s(x, w)"
    graph, values = parse(program), {"w": numpy.array(EDGES), "x": numpy.array(EDGES[::-1])}
    assert differences(graph, values, evaluate_many(graph, values)) == []


def test_functions_of_sympy_have_the_numbers_of_evaluate() -> None:
    graph, values = gradviz.parse("w*erf(x)"), {"w": numpy.array([1.0, 2.0]), "x": numpy.array([0.5, -1.0])}
    assert differences(graph, values, evaluate_many(graph, values)) == []


def test_columns_of_all_nodes() -> None:
    graph = parse("def d(x): return x*x\nf = w*d(x)")
    values, grads, _, shares = many.columns(graph, [numpy.array([2.0, 3.0]), numpy.array([5.0, 7.0])])
    assert values[graph.output].tolist() == [50, 147]
    assert grads[graph.input_names.index("x")].tolist() == [20, 42]
    assert [list(map(list, each)) for each in shares if each] == [[[20, 42]], [[25, 49], [2, 3]]]


# arrays --------------------------------------------------------------------------------------------------------------


def test_rows_of_arrays_are_evaluated_one_by_one() -> None:
    rows = numpy.arange(6.0).reshape(3, 2)
    table = evaluate_many("sum(softmax(W @ x)**2)", {"W": numpy.eye(2), "x": rows}, shared="W")
    trace = gradviz.evaluate(parse("sum(softmax(W @ x)**2)"), {"W": numpy.eye(2), "x": rows[2]})
    assert table.output[2] == trace.output
    assert table.grads["W"][2].tolist() == trace.grads["W"].tolist()
    assert table.grads["x"].shape == (3, 2)


ARRAYS = {
    "a net": ("sum((sigmoid(W @ x + b) - y)**2)", {"W": (2, 3), "b": (2,)}, {"x": (3,), "y": (2,)}, None),
    "a softmax with a seed": ("h = W @ x; softmax(h)", {"W": (3, 3)}, {"x": (3,)}, [1.0, -2.0, 0.5]),
    "an index, a maximum": ("h = x[1:]*max(x); sum(h)*s", {}, {"x": (4,), "s": ()}, None),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_many_rows_of_arrays_have_the_numbers_of_each(name: str) -> None:
    program, held, moving, seed = ARRAYS[name]
    random = numpy.random.default_rng(3)
    shared = {each: random.normal(size=shape) for each, shape in held.items()}
    rows = {each: random.normal(size=(20, *shape)) for each, shape in moving.items()}
    keep = ["h"] if "h =" in program else []
    table = evaluate_many(program, {**shared, **rows}, shared=list(shared), seed=seed, keep=keep)
    graph = parse(program)
    for k in range(20):
        trace = gradviz.evaluate(graph, {**shared, **{each: row[k] for each, row in rows.items()}}, seed=seed)
        numpy.testing.assert_array_equal(table.output[k], trace.output)
        for each in graph.input_names:
            numpy.testing.assert_array_equal(table.grads[each][k], trace.grads[each])
        for each in keep:
            numpy.testing.assert_array_equal(table.values[each][k], trace.values[each])


def test_a_row_in_which_a_number_decides_otherwise() -> None:
    rows = numpy.ones((12, 2))
    rows[7] = 1.5e308  # the sum overflows, and the mean is found in another way
    table = evaluate_many("mean(x)", {"x": rows})
    assert table.output.tolist() == [1.0] * 7 + [1.5e308] + [1.0] * 4
    assert table.grads["x"].tolist() == [[0.5, 0.5]] * 12


def test_an_array_that_all_rows_share_makes_the_row_an_array() -> None:
    table = evaluate_many("sum(w*x)", {"w": [1.0, 2.0], "x": [3.0, 4.0]}, shared=["x"])
    assert table.output.tolist() == [7, 14]
    assert table.grads["w"].tolist() == [7, 7]


def test_no_rows_of_arrays() -> None:
    assert len(evaluate_many("sum(x)", {"x": numpy.empty((0, 3))})) == 0


def test_rows_that_are_not_finite() -> None:
    table = evaluate_many("1/x", {"x": [1.0, 0.0, 2.0, NAN]})
    assert table.not_finite.tolist() == [1, 3]
