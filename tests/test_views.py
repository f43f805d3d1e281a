"""Views of large circuits: numbers are those of the whole, and what is left out is told."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import gradviz
from gradviz import views
from gradviz.errors import OptionError
from gradviz.evaluator import Trace, evaluate
from gradviz.graph import Graph
from gradviz.views import statements
from tests.drawings import with_class


def perceptron(inputs: int = 4, width: int = 3, layers: int = 2, seed: int = 0) -> tuple[str, dict[str, float]]:
    """A dense net as a program, a line for each unit, and values for it."""
    choose = random.Random(seed)
    before = [f"x{k}" for k in range(inputs)]
    values = {name: round(choose.uniform(-1, 1), 2) for name in before}
    lines = []
    for layer in range(layers):
        units = [f"h{layer}_{k}" for k in range(width)]
        for unit in units:
            weights = [f"w_{unit}_{name}" for name in before]
            values |= {weight: round(choose.gauss(0, 0.5), 3) for weight in weights}
            lines.append(f"{unit} = tanh({' + '.join(f'{w}*{x}' for w, x in zip(weights, before, strict=True))})")
        before = units
    return "\n".join([*lines, f"f = {' + '.join(before)}"]), values


PROGRAM, VALUES = perceptron()


def whole() -> tuple[Graph, Trace]:
    graph = gradviz.parse(PROGRAM)
    return graph, evaluate(graph, VALUES)


def by_place(graph: Graph, trace: Trace) -> dict[tuple[Any, ...], tuple[float, float]]:
    """Value and gradient by what is told of a node's place in the text, of gates also their name."""
    found = {}
    for node in range(len(graph)):
        key = graph.place(node) if graph.names[node] is None else (graph.names[node],)
        found[key] = (trace.node_values[node], trace.node_grads[node])
    return found


@pytest.mark.parametrize("radius", range(5))
@pytest.mark.parametrize("focus", ["h1_1", "x0", "f", "h0_0,h0_2", "w_h1_2_h0_0"])
def test_the_numbers_around_a_name_are_those_of_the_whole(focus: str, radius: int) -> None:
    graph, trace = whole()
    part, numbers, _ = views.around(graph, trace, focus, radius)
    assert numbers is not None
    values, grads = set(trace.node_values), set(trace.node_grads)
    assert {*focus.split(",")} <= {*part.bindings}
    for name in part.bindings:
        assert (numbers.values[name], numbers.grads[name]) == (trace.values[name], trace.grads[name])
    assert set(numbers.node_values) <= values
    assert set(numbers.node_grads) <= grads
    assert set(numbers.locals.flat) <= set(trace.locals.flat)
    assert all(source < target for source, target, _ in part.wires)


def test_a_radius_counts_wires_both_ways() -> None:
    graph = gradviz.parse("a = x + 1; b = a*2; c = exp(b); d = c + y; e = tanh(d)")
    drawn = {radius: set(views.around(graph, None, "c", radius).graph.bindings) for radius in range(4)}
    assert drawn == {0: {"c"}, 1: {"b", "c", "d", "y"}, 2: {"a", "b", "c", "d", "y", "e"}, 3: set("abcdexy")}


@pytest.mark.parametrize("count", [1, 3, 10, 1000])
def test_the_largest_gradients_are_in_the_view(count: int) -> None:
    graph, trace = whole()
    part, numbers, _ = views.largest(graph, trace, count)
    sizes = sorted((abs(grad) for node, grad in enumerate(trace.node_grads) if node != graph.output), reverse=True)
    assert numbers is not None
    assert set(sizes[:count]) <= {abs(grad) for grad in numbers.node_grads}
    assert part.view.startswith(f"{len(part)} of {len(graph)} nodes: the {min(count, len(graph) - 1)} largest")


def test_closed_statements_have_the_numbers_of_the_whole() -> None:
    graph, trace = whole()
    part, numbers = views.closed(graph, trace)
    assert numbers is not None
    gates = [node for node in range(len(part)) if part.gates[node] is not None]
    assert [part.names[node] for node in gates] == [f"h{k}_{j}" for k in (0, 1) for j in range(3)] + ["f"]
    for name in part.bindings:
        assert (numbers.values[name], numbers.grads[name]) == (trace.values[name], trace.grads[name])
    for node, name in enumerate(part.names):
        shares = [numbers.shares[t][slot] for s, t, slot in part.wires if s == node]
        if shares:
            assert sum(shares) == pytest.approx(trace.grads[str(name)], rel=1e-12)


def test_the_local_gradient_of_a_closed_statement_is_its_derivative() -> None:
    values = {"x": 0.7, "y": -1.2}
    graph = gradviz.parse("h = tanh(x*y + x)*x; f = h*h")
    part, numbers = views.closed(graph, evaluate(graph, values))
    assert numbers is not None
    alone = evaluate(gradviz.parse("h = tanh(x*y + x)*x"), values)
    node = part.bindings["h"]
    assert numbers.locals[node] == pytest.approx((alone.grads["x"], alone.grads["y"]))


@pytest.mark.parametrize("opened", ["h0_1", "h0_1,f", ["h1_0"], "all"])
def test_open_statements_stay(opened: Any) -> None:
    graph, trace = whole()
    part, _ = views.closed(graph, trace, opened)
    names = opened.split(",") if isinstance(opened, str) else opened
    for name, label in {"h0_1": "tanh", "h1_0": "tanh", "f": "+"}.items():
        expected = label if name in names or "all" in names else "…"
        assert part.label(part.bindings[name]) == expected


def test_a_large_drawing_closes_its_statements_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_OPEN", 50)
    monkeypatch.setattr(statements, "FEWEST", 7)
    figure = gradviz.draw(PROGRAM, VALUES)
    assert len(with_class(figure.svg, "gate")) == 7
    assert len(json.loads(figure.render("json"))["nodes"]) == 69
    assert figure.notes == (
        "showing 32 of 69 nodes: a gate … stands for all that computes its name; "
        "opened='all' (--open all) draws every gate",
    )
    assert len(with_class(gradviz.draw(PROGRAM, VALUES, opened="all").svg, "gate")) == 44
    assert gradviz.draw(PROGRAM, VALUES, opened="all").notes == ()


def test_a_circuit_whose_names_close_nothing_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_OPEN", 5)
    program = "a = x*y; b = a + x; c = b*a; d = c + b; e = exp(d)"
    assert gradviz.draw(program, {"x": 1, "y": 2}).drawn is None


@pytest.mark.parametrize(
    "options", [{"focus": "h1_1"}, {"top_gradients": 3}, {"closed": True}, {"focus": "f", "radius": 0}]
)
@pytest.mark.parametrize("format", ["svg", "dot", "tex", "json", "text", "png"])
def test_views_render_in_every_format(format: str, options: dict[str, Any]) -> None:
    assert gradviz.draw(PROGRAM, VALUES, **options).render(format)


@pytest.mark.parametrize("options", [{"focus": "h1_1"}, {"closed": True}])
def test_views_of_symbols_keep_the_names_of_the_whole(options: dict[str, Any]) -> None:
    figure = gradviz.draw(PROGRAM, **options)
    assert "∂f/∂h1_1" in figure.svg
    assert "∂f/∂" in figure.svg


def test_the_description_says_what_is_shown() -> None:
    figure = gradviz.draw(PROGRAM, VALUES, focus="h1_1")
    assert "It shows 8 of 69 nodes: those within 2 wires of h1_1." in figure.picture.description
    assert "The output is" not in figure.picture.description


WRONG = [
    ({"focus": "h9"}, "the program has no name 'h9'"),
    ({"focus": "h1_1", "top_gradients": 3}, "exclude each other"),
    ({"focus": "h1_1", "radius": -1}, "0 or more"),
    ({"top_gradients": 0}, "1 or more"),
    ({"radius": 2}, "a radius is that of"),
    ({"closed": True, "opened": "q"}, "the program has no name 'q'"),
    ({"focus": "f", "nudge": "x0=+1"}, "excludes"),
]


@pytest.mark.parametrize(("options", "problem"), WRONG)
def test_wrong_views_are_one_error(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(OptionError, match=problem):
        gradviz.draw(PROGRAM, VALUES, **options)


def test_the_largest_gradients_need_values_and_closing_needs_numbers() -> None:
    with pytest.raises(OptionError, match="need values"):
        gradviz.draw(PROGRAM, top_gradients=3)
    with pytest.raises(OptionError, match="arrays"):
        gradviz.draw("f = sum(W @ x)", {"W": [[1, 2]], "x": [1, 2]}, closed=True)


def test_focus_takes_arrays() -> None:
    values = {"W": [[0.5, -2.0], [1.0, 3.0]], "x": [1.0, 2.0]}
    figure = gradviz.draw("q = W @ x; h = tanh(q); f = sum(h**2)", values, focus="h", radius=1)
    assert sorted(figure.graph.bindings) == ["h", "q"]
    assert figure.trace is not None
    assert figure.trace.values["q"].tolist() == [-3.5, 7.0]
