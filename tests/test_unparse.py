"""A graph written as a program and read again is the same graph."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from gradviz.errors import ProgramError
from gradviz.gates import GATES
from gradviz.graph import Graph, GraphBuilder
from gradviz.language.parser import parse
from gradviz.language.unparse import expressions, to_program
from gradviz.rewrite import fold
from tests.circuits import programs, soups
from tests.shares import examples


def structure(graph: Graph) -> list[object]:
    """All that a figure shows of a graph, apart from the names of its gates."""
    nodes = range(len(graph))
    names = [graph.names[i] for i in graph.inputs]
    gates = [(gate.name, gate.arity, gate.chosen, gate.inputs) if gate else None for gate in graph.gates]
    constants = [graph.constants.get(i) for i in nodes], [graph.constants_of(i) for i in nodes]
    wires = [[max(k, -1) for k in operands] for operands in graph.operands]
    return [names, gates, wires, constants, graph.output, [graph.label(i) for i in nodes if i not in graph.inputs]]


def again(graph: Graph) -> Graph:
    return parse(to_program(graph), graph.input_names)


@settings(max_examples=examples(1000), deadline=None)
@given(programs)
def test_writing_and_parsing_again_is_the_identity(program: str) -> None:
    graph = parse(program)
    assert structure(again(graph)) == structure(graph)
    assert structure(fold(again(fold(graph)))) == structure(fold(graph))


@settings(max_examples=examples(2000), deadline=None)
@given(soups)
def test_a_program_with_arrays_is_written_and_parsed_again(program: str) -> None:
    try:
        graph = parse(program)
    except ProgramError:
        return
    assert structure(again(graph)) == structure(graph)
    assert to_program(again(graph)) == to_program(graph)


@settings(max_examples=200, deadline=None)
@given(programs)
def test_writing_again_changes_nothing(program: str) -> None:
    text = to_program(parse(program))
    assert to_program(again(parse(program))) == text


@pytest.mark.parametrize(
    ("program", "written"),
    [
        ("g=w*x;f=g+b", "g = w * x\nf = g + b"),
        ("x = x + x\nx = x*x", "x_2 = x + x\nx_3 = x_2 * x_2"),
        ("x = x + x\nx_2 = x*x\nx_2+1", "x_2 = x + x\nx_2_2 = x_2 * x_2\nx_2_2 + 1"),
        ("a-(b-c)-d", "a - (b - c) - d"),
        ("(a^b)^c^d", "(a**b)**c**d"),
        ("-(a+b)*-c", "-(a + b) * -c"),
        ("(-a)²", "(-a)**2"),
        ("-a²", "-a**2"),
        ("√x² + σ(ln(x))", "sqrt(x)**2 + sigmoid(log(x))"),
        ("max(a,0.1)·e×pi", "max(a, 0.1) * e * pi"),
        ("pi = 3; π*pi*x", "pi = 3\nπ * pi * x"),
        ("π = 3; pi*π*x", "π = 3\npi * π * x"),
        ("x", "x"),
        ("-2.50", "-2.5"),
        ("h = 0.01", "h = 0.01"),
        ("y = x; y", "x"),
        ("x**-1e100 * 1e22", "x**(-1e+100) * 1e+22"),
        ("x.T @ y", "transpose(x) @ y"),
        ("(x+y)[0] * x[:, 1:3] - x[-1, ..., None]", "(x + y)[0] * x[:, 1:3] - x[-1, ..., None]"),
        ("(-2)[0] + [1, -2.5][::-1]", "(-2)[0] + [1, -2.5][::-1]"),
        ("tf.reduce_sum(x, 1, True)", "sum(x, axis=1, keepdims=True)"),
        ("np.max(x) + max(x, y)", "amax(x) + max(x, y)"),
        ("x.reshape(2, -1) + x.ravel()", "reshape(x, shape=(2, -1)) + flatten(x)"),
        ("np.concatenate([x, y], 1)", "concatenate([x, y], axis=1)"),
        ("np.stack((x, [1, 2]))", "[x, [1, 2]]"),
        ("stack([[1, 2], 3])", "stack([[1, 2], 3])"),
        ("[[1, 2], [x, 3]]", "[[1, 2], [x, 3]]"),
        ("((a > b) > c) + (a <= b + c)", "((a > b) > c) + (a <= b + c)"),
        ("def f(a, b): return a*b + e\ng = f(b=x, a=2)", "def f(a, b): return a * b + e\ng = f(2, x)"),
        ("def f(a): return a; def g(a): return f(a)+2; g(x)", "def f(a): return a\ndef g(a): return f(a) + 2\ng(x)"),
    ],
)
def test_a_program_is_written_as(program: str, written: str) -> None:
    assert to_program(parse(program)) == written


def test_a_folded_graph_is_written_with_its_constants() -> None:
    assert to_program(fold(parse("1/(1+e^-x)"))) == "1 / (1 + exp(-x))"
    assert to_program(fold(parse("max(0, x)**2"))) == "max(0, x)**2"


def test_a_node_that_is_used_twice_gets_a_name_that_is_free() -> None:
    builder = GraphBuilder()
    t = builder.input("t")
    twice = builder.gate(GATES["exp"], (t,))
    output = builder.gate(GATES["mul"], (twice, twice))
    assert to_program(builder.build(output)) == "t_2 = exp(t)\nt_2 * t_2"


def test_an_expression_stops_at_the_names_of_the_program() -> None:
    assert expressions(parse("g = w*x; (g + b)**2")) == ["w", "x", "b", "w * x", "g + b", "2", "(g + b)**2"]


def test_a_long_expression_is_cut() -> None:
    graph = parse("+".join(["x"] * 100))
    assert expressions(graph, most=3)[-1] == "… + x + x + x"
    assert expressions(graph, most=99)[-1] == " + ".join(["x"] * 100)
    assert expressions(parse("x^" * 100 + "x"), most=2)[-1] == "x**x**…"


def test_a_graph_that_shares_without_names_has_short_expressions() -> None:
    """Sixty doublings would be 2**60 terms."""
    graph = parse("x = x + x\n" * 60)
    nameless = replace(graph, names=(graph.names[0], *[None] * 60))
    assert max(map(len, expressions(nameless))) < 2000


@pytest.mark.parametrize(
    "program",
    ["+".join(f"x{i}" for i in range(10_000)), "exp(" * 10_000 + "x" + ")" * 10_000, "x^" * 10_000 + "x",
     "x = x + 1\n" * 10_000, "+".join(["e"] * 10_000), "x" + ".T[0].sum(0)" * 3000, "[exp(" * 3000 + "x" + ")]" * 3000,
     "def f(x): return x\n" + "\n".join(f"def f{i}(x): return f(x)" for i in range(3000)) + "\n"
     + "+".join(f"f{i}(x)" for i in range(3000)), f"[{'[1, 2], ' * 10_000}] + x"],
    ids=["sum", "calls", "powers", "lines", "constants", "methods", "arrays", "definitions", "numbers"],
)  # fmt: skip
def test_a_large_graph_is_written_in_linear_time(program: str) -> None:
    """A quadratic writer takes a minute."""
    graph = parse(program)
    assert len(again(graph)) == len(graph)
    assert len(expressions(graph, most=10)) == len(graph)


@pytest.mark.parametrize(
    ("program", "other"),
    [("a-(b-c)", "a-b-c"), ("x+2", "x+3"), ("x*y", "x/y"), ("a+b", "b+a"), ("-x**2", "(-x)**2"), ("x+x", "x+y"),
     ("e*x", "2.71828*x"), ("sum(x, axis=0)", "sum(x)"), ("x[0]", "x[1]"), ("[1, 2]", "[1, 3]"), ("x > y", "x >= y"),
     ("[x, 1]", "stack([x, 1], axis=0)"), ("def f(a): return a; f(x)", "def g(a): return a; g(x)")],
)  # fmt: skip
def test_another_structure_is_found(program: str, other: str) -> None:
    assert structure(parse(program)) != structure(parse(other))
