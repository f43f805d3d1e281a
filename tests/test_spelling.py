"""Formulas in lecture notation: every gate comes out, and what is written is read back as what it says."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings

from gradviz.evaluator import evaluate
from gradviz.gates import GATES, Gate
from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.notation import Formula, names, tex_name
from gradviz.rewrite import fold
from gradviz.spelling import Term, applied, enclosed, numeral, spelled, term
from gradviz.symbolic import further_gate, further_names
from tests.circuits import circuits
from tests.shares import examples

EXACT = 1e-9  # the same operations on both sides; e² is read as a power


def named(name: str) -> Formula:
    return Formula(name, tex_name(name))


def of_names(program: str, *, folded: bool = True) -> Formula:
    """The output's gate applied to the names of its operands."""
    graph = fold(parse(program)) if folded else parse(program)
    called, constants = names(graph).nodes, graph.constants_of(graph.output)
    operands = [
        numeral(constants[slot].text if k < 0 else graph.constants[k].text)
        if k < 0 or k in graph.constants
        else named(called[k])
        for slot, k in enumerate(graph.operands[graph.output])
    ]
    return applied(graph, graph.output, operands)


def of_numbers(program: str, *numbers: str) -> Formula:
    graph = parse(program)
    return applied(graph, graph.output, list(map(numeral, numbers)))


@pytest.mark.parametrize(
    ("program", "text", "tex"),
    [
        ("w*x", "w·x", r"w \cdot x"),
        ("g = w*x; g + b", "g + b", "g + b"),
        ("a - b", "a − b", "a - b"),
        ("x - 1", "x − 1", "x - 1"),
        ("1/g", "1/g", r"\frac{1}{g}"),
        ("x0/x1", "x0/x1", r"\frac{x_{0}}{x_{1}}"),
        ("x * -1", "x·(−1)", r"x \cdot (-1)"),
        ("-g", "−g", "-g"),
        ("exp(g)", "e^g", "e^{g}"),
        ("x^2", "x²", "x^{2}"),
        ("x**-1", "x⁻¹", "x^{-1}"),
        ("x^0.5", "x^0.5", "x^{0.5}"),
        ("x^y", "x^y", "x^{y}"),
        ("max(0, x)", "max(0, x)", r"\max(0, x)"),
        ("sigmoid(g)", "σ(g)", r"\sigma(g)"),
        ("sqrt(x)", "√x", r"\sqrt{x}"),
        ("abs(x)", "|x|", r"\lvert x \rvert"),
        ("tanh(x)", "tanh(x)", r"\tanh(x)"),
        ("x >= y", "x ≥ y", r"x \ge y"),
        ("W @ x", "W x", r"W\,x"),
        ("W.T", "Wᵀ", r"W^{\top}"),
        ("np.transpose(W, (0, 2, 1))", "transpose(W, axes=(0, 2, 1))",
         r"\operatorname{transpose}(W, \text{axes=(0, 2, 1)})"),
        ("sum(q)", "sum(q)", r"\operatorname{sum}(q)"),
        ("sum(q, axis=0)", "sum₀(q)", r"\operatorname{sum}_{0}(q)"),
        ("q.sum(axis=(0, -1), keepdims=True)", "sum₀,₋₁(q)", r"\operatorname{sum}_{0,-1}(q)"),
        ("norm(q)", "‖q‖", r"\lVert q \rVert"),
        ("L2(q)", "‖q‖²", r"\lVert q \rVert^{2}"),
        ("norm(q, axis=1)", "norm(q, axis=1)", r"\operatorname{norm}(q, \text{axis=1})"),  # ‖q‖₁ is another norm
        ("x[0]", "x[0]", r"x\texttt{[0]}"),
        ("x[0, 1:]", "x[0, 1:]", r"x\texttt{[0, 1:]}"),
        ("[a, b]", "[a, b]", "[a, b]"),
        ("x.reshape(2, 3)", "reshape(x, (2, 3))", r"\operatorname{reshape}(x, \text{(2, 3)})"),
        ("leaky_relu(x, 0.2)", "leaky_relu(x, negative_slope=0.2)",
         r"\operatorname{leaky\_relu}(x, \text{negative\_slope=0.2})"),
        ("def h(x, y): return x*y\nh(a, b)", "h(a, b)", "h(a, b)"),
        ("def neuron(x): return x\nneuron(a)", "neuron(a)", r"\mathit{neuron}(a)"),
    ],
)  # fmt: skip
def test_a_gate_of_names(program: str, text: str, tex: str) -> None:
    assert of_names(program) == (text, tex)


@pytest.mark.parametrize(
    ("program", "numbers", "text"),
    [
        ("w*x", ("-2", "5"), "(−2)·5"),
        ("w*x", ("5", "−2.00"), "5·(−2.00)"),
        ("a+b", ("-10", "3"), "−10 + 3"),
        ("a+b", ("3", "-10"), "3 + (−10)"),
        ("a-b", ("-1", "-2"), "−1 − (−2)"),
        ("a/b", ("-1", "-2"), "(−1)/(−2)"),
        ("-a", ("-1",), "−(−1)"),
        ("exp(x)", ("-1.00",), "e^(−1.00)"),
        ("exp(x)", ("1.5",), "e^1.5"),
        ("a^b", ("-2", "3"), "(−2)³"),
        ("a^b", ("2/3", "1e-05"), "(2/3)^(1e−05)"),
        ("sqrt(x)", ("-4",), "√(−4)"),
        ("sigmoid(x)", ("-4",), "σ(−4)"),
        ("max(a, b)", ("-4", "-inf"), "max(−4, −∞)"),
    ],
)
def test_a_gate_of_numbers(program: str, numbers: tuple[str, ...], text: str) -> None:
    assert of_numbers(program, *numbers).text == text


@pytest.mark.parametrize(
    ("formula", "at_least", "text"),
    [("a + b", 3, "(a + b)"), ("a·b", 3, "a·b"), ("a/b", 3, "(a/b)"), ("f(a + b)", 9, "f(a + b)"),
     ("|a − b|", 9, "|a − b|"), ("‖a b‖²", 9, "(‖a b‖²)"), ("x²", 5, "(x²)"),
     ("1 if x > 0, else 0", 1, "(1 if x > 0, else 0)"), ("x0", 9, "x0"),
     ("a > b", 1, "(a > b)"), ("1e−05", 9, "(1e−05)"), ("w2e5", 9, "w2e5")],
)  # fmt: skip
def test_a_formula_is_enclosed_where_it_binds_looser(formula: str, at_least: int, text: str) -> None:
    assert enclosed(Formula(formula, formula), at_least).text == text


def test_a_fraction_needs_no_parentheses_in_tex() -> None:
    half = Formula("a/b", r"\frac{a}{b}")
    assert applied(parse("x*y"), 2, [half, half]) == (r"(a/b)·(a/b)", r"\frac{a}{b} \cdot \frac{a}{b}")
    assert applied(parse("x^y"), 2, [half, half]).tex == r"\left(\frac{a}{b}\right)^{\frac{a}{b}}"


# every gate ----------------------------------------------------------------------------------------------------------


def all_gates() -> list[Gate]:
    own = parse("def f(x, y): return x*y\nf(a, b)").gates[-1]
    further = [gate for name in further_names() for n in (1, 2, 3) if (gate := further_gate(name, n))]
    return [*GATES.values(), *further, *([own] if own else [])]


def check_spelling(gate: Gate) -> None:
    """Every operand stands in it, brackets are balanced, nothing of a template is left."""
    operands = ["p", "q", "r"][: gate.arity]
    found = spelled(gate, [Term(each, each) for each in operands])
    for text in (found.text, found.tex):
        assert all(re.search(rf"(?<![a-zA-Z\\]){each}(?![a-zA-Z])", text) for each in operands), text
        assert all(text.count(a) == text.count(b) for a, b in ("()", "{}", "[]")), text
        assert "axis" not in text, text
    assert not re.search(r"[\\{}*-]", found.text) or gate.name == "mul", found.text
    assert found.tex.isascii()
    assert found.text.count("|") % 2 == 0


@pytest.mark.parametrize("gate", all_gates(), ids=lambda gate: gate.name)
def test_every_gate_comes_out(gate: Gate) -> None:
    check_spelling(gate)


@pytest.mark.parametrize("text", ["{0} + q", "p + ({1}", "p * {1}", "{{{0} + {1}", "p + {1}"])
def test_a_wrong_spelling_is_found(text: str) -> None:
    add = GATES["add"]
    assert add.spelling is not None
    with pytest.raises(AssertionError):
        check_spelling(replace(add, spelling=add.spelling._replace(text=text.replace("p", "s").replace("q", "s"))))


# what is written is read back --------------------------------------------------------------------------------------


def whole(graph: Graph) -> str:
    """The output as one formula of the inputs."""
    found: list[Formula] = []
    for node, gate in enumerate(graph.gates):
        constants = graph.constants_of(node)
        if gate is None:
            of_constant = node in graph.constants
            found.append(numeral(graph.label(node)) if of_constant else named(graph.label(node)))
        else:
            operands = graph.operands[node]
            found.append(
                applied(
                    graph, node, [found[k] if k >= 0 else numeral(constants[s].text) for s, k in enumerate(operands)]
                )
            )
    return found[graph.output].text


def value(graph: Graph, given: dict[str, float]) -> float:
    output: Any = evaluate(graph, {name: given[name] for name in graph.input_names}).output
    return float(output)


@settings(max_examples=examples(300), deadline=None)
@given(circuits)
def test_a_formula_is_read_back_as_what_it_says(circuit: tuple[str, dict[str, float]]) -> None:
    program, given_values = circuit
    readable = program.replace("abs(", "sin(").replace("0.1234567890123", "0.123")  # no |x|, no digits not shown
    graph = fold(parse(readable))
    text = whole(graph)
    assume(len(text) < 3000)
    ours, again = value(graph, given_values), value(parse(text), given_values)
    assert math.isclose(ours, again, rel_tol=EXACT, abs_tol=EXACT) or (math.isnan(ours) and math.isnan(again))


@pytest.mark.parametrize("wrong", ["a·b + c", "a + b·c"])
def test_a_formula_without_its_parentheses_is_found(wrong: str) -> None:
    given_values = {"a": 2.0, "b": 3.0, "c": 5.0}
    right = whole(parse("(a + b)*c"))
    assert right == "(a + b)·c"
    assert value(parse(right), given_values) != value(parse(wrong), given_values)


def test_a_term_knows_how_tight_a_formula_binds() -> None:
    levels = [term(Formula(text, text)).binds for text in ("a > b", "a + b", "a/b", "a·b", "a^b", "√a", "f(a)")]
    assert levels == [0, 1, 2, 3, 4, 5, 9]
