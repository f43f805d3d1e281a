"""Statements: imports, assignments of every form, and definitions."""

from __future__ import annotations

import pytest

from gradviz.errors import ProgramError
from gradviz.language.parser import Further, parse
from tests.test_parser import polish


@pytest.mark.parametrize(
    ("program", "read"),
    [
        ("import numpy as np\nimport torch, os; x + 1", "(add x 1)"),
        ("from jax import (\n  numpy,\n  nn as n)\nfrom math import *\nx + 1", "(add x 1)"),
        ("x\nimport a", "x"),
        ("import = 2; import + from", "(add 2 from)"),
        ("from * import", "(mul from import)"),
        ("f(x, W) = W @ x", "(matmul W x)"),
        ("f() = a*b; f + 1", "(add (mul a b) 1)"),
        ("f(\n  x,\n  y,\n) = x + y", "(add x y)"),
        ("x += 1; x *= 2; x @= W; x **= 2; x -= 1; x /= 3", "(div (sub (pow (matmul (mul (add x 1) 2) W) 2) 1) 3)"),
        ("x -= -1", "(sub x -1)"),
        ("e *= 2", "(mul e 2)"),
        ("a = b == c", "(equal b c)"),
        ("a == b", "(equal a b)"),
        ("a = sum(b, axis=0)", "(sum b axis=0)"),
        ("return a + b", "(add a b)"),
        ("return * 2", "(mul return 2)"),
        ("def = 3; def * 2", "(mul 3 2)"),
        ("def f(w, x, b): return sigmoid(w*x + b)\nf(a, b=c, x=d)", "(f a d c)"),
        ("def f(x):  # doubles\n\n    return (x\n + x)\nf(2)", "(f 2)"),
        ("def f(x): return x; def g(x): return f(x)*e; f = g(f(f)); f", "(g (f f))"),
        ("def gamma(x): return x; gamma(2)", "(gamma 2)"),
    ],
)
def test_a_program_is_read_as(program: str, read: str) -> None:
    assert polish(parse(program)) == read


def test_only_names_that_are_assigned_are_no_constants() -> None:
    assert parse("e *= 2").input_names == ("e",)
    assert parse("e(x) = 2; e*y").input_names == ("y",)
    assert parse("exp(\n  x=e)").input_names == ()
    assert parse("e * sum(x, axis=0)").input_names == ("x",)


def test_a_definition_is_a_gate_with_the_graph_of_its_expression() -> None:
    text = "import a\ndef neuron(w, x, b): return sigmoid(w*x + 2*e)\nneuron(1, y, b=3)"
    graph = parse(text)
    gate = graph.gates[graph.output]
    assert gate is not None
    assert (gate.name, gate.inputs, gate.arity, gate.settings) == ("neuron", ("w", "x", "b"), 3, ())
    assert polish(gate.body) == "(sigmoid (add (mul w x) (mul 2 e)))"
    body = gate.body
    assert {body.label(node): text[slice(*body.place(node))] for node in range(len(body))} == \
        {"w": "w", "x": "x", "*": "*", "2": "2", "e": "e", "+": "+", "σ": "sigmoid"}  # fmt: skip
    assert graph.input_names == ("y",)


def test_a_definition_is_found_before_further_functions_and_offered() -> None:
    further = Further(lambda: ["gamma"], lambda name, count: None)  # noqa: ARG005
    assert polish(parse("def gamma(x): return x\ngamma(2)", further=further)) == "(gamma 2)"
    with pytest.raises(ProgramError, match="unknown function 'neurn'; did you mean 'neuron'"):
        parse("def neuron(x): return x\nneurn(2)")


FORM = "a definition is written 'def f(x): return ...', with one expression"
USES = "a definition uses only its parameters, constants, and functions defined before it"
ERRORS = [
    ("print(cost)", "unknown function 'print'", "print"),
    ("with tf.Session() as s:", "a 'with' statement is not understood", "with"),
    ("for i in range(3): x", "a 'for' statement is not understood", "for"),
    ("class Net(nn.Module):", "a 'class' statement is not understood", "class"),
    ("x: y", "unexpected ':'", ":"),
    ("exp(x) = 2", "unexpected '='", "="),
    ("x[0] = 2", "unexpected '='", "="),
    ("2 += x", "unexpected '+='", "+="),
    ("a.b = 1", "a name has no dot: 'a.b'", "a.b"),
    ("f(x, 2) = x", "a parameter is a plain name, not '2'", "2"),
    ("f(x y) = x", "a parameter is a plain name", "y"),
    ("f(x, x) = x", "two parameters have the name 'x'", "x"),
    ("def f(x): return x", "the program has definitions only", ""),
    ("import numpy", "the program is empty", ""),
    ("def f(x): return x*k; f(2)", f"'k' is not a parameter of 'f'; {USES}", "k"),
    ("k = 2; def f(x): return x*k; f(2)", f"'k' is not a parameter of 'f'; {USES}", "k"),
    ("def f(x): return f(x - 1)", "'f' calls itself; a definition cannot", "f"),
    ("def f(x): return g(x)\ndef g(x): return x", "unknown function 'g'", "g"),
    ("def exp(x): return x", "'exp' is a gate already; give the definition another name", "exp"),
    ("def f(x): return x\ndef f(x): return x", "'f' is defined twice", "f"),
    ("def f(x, x): return x", "two parameters have the name 'x'", "x"),
    ("def f(): return 2", "'f' has no parameters", "f"),
    ("def f(x=2): return x", "a parameter is a plain name", "="),
    ("def f(x) return x", FORM, "return"),
    ("def f(x): y = x", FORM, "y"),
    ("def f(x):", FORM, ":"),
    ("def f", FORM, "f"),
    ("def f(", "this '(' is never closed", "("),
    ("def f(x): return", "the expression ends where a name or a number should follow", "return"),
    ("def f(x): return x; f(1, 2)", "'f' takes 1 input, not 2", "f"),
    ("def f(x): return x; f(z=2)", "'f' has no argument 'z'", "z"),
]


@pytest.mark.parametrize(("program", "problem", "at"), ERRORS, ids=[program for program, _, _ in ERRORS])
def test_an_error_says_the_problem_and_points_to_its_place(program: str, problem: str, at: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(program)
    error = caught.value
    assert error.problem == problem
    assert (error.program[slice(*error.place)] if error.place else "") == at
