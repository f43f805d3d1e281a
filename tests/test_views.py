"""Views of large circuits: numbers are those of the whole, and what is left out is told."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

import gradviz
from gradviz import views
from gradviz.errors import OptionError, ValuesError
from gradviz.evaluator import Trace, evaluate
from gradviz.graph import Graph
from gradviz.views import statements
from tests.commands import Gradviz
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


def random_program(choose: random.Random) -> str:
    """Statements that use each other, assign names again and have constants; every name reaches the output."""
    names = [f"x{k}" for k in range(choose.randint(1, 4))]
    lines = []
    for line in range(choose.randint(1, 12)):
        name = choose.choice(names) if choose.random() < 0.3 else f"h{line}"
        lines.append(f"{name} = {random_expression(choose, names, choose.randint(1, 4))}")
        names += [] if name in names else [name]
    return "\n".join([*lines, choose.choice(["out = ", ""]) + " + ".join(names)])


def random_expression(choose: random.Random, names: list[str], depth: int) -> str:
    if depth == 0 or choose.random() < 0.25:
        return choose.choice([*names, *names, "2", "0.5"])
    left, right = (random_expression(choose, names, depth - 1) for _ in range(2))
    shape = choose.choice(["({} + {})", "({} * {})", "({} - {})", "max({}, {})", "tanh({})", "sin({})", "sigmoid({})"])
    return shape.format(left, right)


def random_circuit(seed: int) -> tuple[random.Random, Graph, Trace]:
    choose = random.Random(seed)
    graph = gradviz.parse(random_program(choose))
    values = {str(graph.names[node]): choose.uniform(-1, 1) for node in graph.inputs}
    return choose, graph, evaluate(graph, values)


def close(a: float, b: float) -> bool:
    return a == pytest.approx(b, rel=1e-9, abs=1e-12)  # shares are summed in another order


def problems(part: Graph, numbers: Trace, whole: Graph, trace: Trace, *, is_all: bool = False) -> list[str]:
    """What of a view is not so in the whole; of one that is all of it (`is_all`), also sums that do not add up."""
    pairs = {(whole.starts[k], whole.ends[k], trace.node_values[k], trace.node_grads[k]) for k in range(len(whole))}
    found = [f"{source} is not before {target}" for source, target, _ in part.wires if source >= target]
    sums = dict.fromkeys(range(len(part)), 0.0)
    for source, target, slot in part.wires:
        share = numbers.shares[target][slot]
        sums[source] += share
        if not close(share, numbers.locals[target][slot] * numbers.node_grads[target]):
            found.append(f"the share of {source} from {target} is not local times upstream")
    for node in range(len(part)):
        if (part.starts[node], part.ends[node], numbers.node_values[node], numbers.node_grads[node]) not in pairs:
            found.append(f"{node} has other numbers than the whole")
        if (
            is_all
            and node not in part.constants
            and node != part.output
            and not close(sums[node], numbers.node_grads[node])
        ):
            found.append(f"the shares of {node} are not its gradient")
    return found


@pytest.mark.parametrize("seed", range(40))
def test_every_number_of_a_view_of_a_random_circuit_is_that_of_the_whole(seed: int) -> None:
    choose, graph, trace = random_circuit(seed)
    names = list(graph.bindings)
    closings = [(), choose.sample(names, min(2, len(names)))]
    for part, numbers in [views.closed(graph, trace, opened) for opened in closings]:
        assert numbers is not None
        assert problems(part, numbers, graph, trace, is_all=True) == []
        assert {source for source, _, _ in part.wires} | {part.output} == set(range(len(part)))
    closed = views.closed(graph, trace)
    parts = [views.around(graph, trace, choose.choice(names), radius) for radius in range(4)]
    parts += [views.largest(graph, trace, 3), views.around(*closed, choose.choice(list(closed[0].bindings)), 1)]
    for part, numbers, _ in parts:
        assert numbers is not None
        assert problems(part, numbers, graph, trace) == []


def test_the_check_of_views_finds_a_wrong_number() -> None:
    graph, trace = whole()
    part, numbers = views.closed(graph, trace)
    assert numbers is not None
    node = part.bindings["h1_1"]
    wrong = list(numbers.node_grads)
    wrong[node] += 1
    found = problems(part, replace(numbers, node_grads=wrong), graph, trace, is_all=True)
    assert f"{node} has other numbers than the whole" in found
    assert f"the shares of {node} are not its gradient" in found
    assert any(f"from {node} is not local" in problem for problem in found)


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
    assert part.view.startswith(
        f"{len(part)} of {len(graph)} nodes: the {f'{min(count, len(graph) - 1)} ' if count > 1 else ''}largest"
    )


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


def test_a_radius_of_nothing_is_told_as_such() -> None:
    assert gradviz.draw(PROGRAM, VALUES, focus="h1_1,f", radius=0).notes == ("showing 2 of 69 nodes: h1_1 and f alone",)
    (note,) = gradviz.draw(PROGRAM, VALUES, top_gradients=1, radius=0).notes
    assert re.fullmatch(r"showing 1 of 69 nodes: the largest gradient \(\w+ [\d.]+\)", note)


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
    ({"focus": ""}, "a focus needs names"),
    ({"focus": "h1_1", "jacobian": True}, "excludes"),
    ({"opened": "q"}, "the program has no name 'q'"),
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


@pytest.mark.parametrize(
    ("program", "count"),
    [("f = " + " + ".join(f"a{k}*b{k}" for k in range(60)), 239), ("tanh(" * 99 + "x" + ")" * 99, 100)],
)
def test_an_expression_without_statements_stays_open(program: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One gate for everything tells nothing."""
    monkeypatch.setattr(statements, "MOST_OPEN", 50)
    graph = gradviz.parse(program)
    figure = gradviz.draw(graph, {str(graph.names[node]): 0.5 for node in graph.inputs})
    assert len(figure.graph) == count
    assert figure.drawn is None


def texts(svg: str) -> set[str]:
    shown = re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", svg, flags=re.DOTALL)
    return {text.strip() for text in re.findall(r">([^<>]+)<", shown)} - {""}


NAMED = "h = x*y; k = exp(h*2) + 1; q = tanh(k)*sin(k); loss = q*3"
CALLED: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"∂loss", "g₁ =", "g₂ ="}),
    ({"seed": 2}, {"∂L", "g₁ =", "g₂ ="}),
    ({"upstream": "E"}, {"∂E", "g₁ =", "g₂ ="}),
]


@pytest.mark.parametrize(("options", "expected"), CALLED)
def test_equations_of_a_view_have_the_names_of_the_whole(options: dict[str, Any], expected: set[str]) -> None:
    values = {"x": 0.5, "y": 0.3}
    drawn = gradviz.draw(NAMED, values, focus="h", theme="board", **options).svg.replace("\xa0", " ")
    found = texts(drawn)
    assert expected <= found
    assert not {"∂f", "∂g"} & found
    assert found & {"∂loss", "∂L", "∂E"} == {name for name in expected if name.startswith("∂")}


def test_formulas_of_a_view_have_the_names_of_the_whole() -> None:
    options: dict[str, Any] = {"show": "values,grads,formulas"}
    values = {"x": 0.5, "y": 0.3}
    assert texts(gradviz.draw(NAMED, values, focus="h", **options).svg) <= {
        *texts(gradviz.draw(NAMED, values, **options).svg),
        "g₂",
    }


REASSIGNED = "f = x*y; g = f*2; f = g + 1"


@pytest.mark.parametrize(("focus", "expected"), [("g", "∂f/∂g"), ("x", "∂L/∂x")])
def test_an_output_that_shares_its_name_is_told_apart(focus: str, expected: str) -> None:
    """Where the older f is drawn, gradients are those of L."""
    drawn = gradviz.draw(REASSIGNED, focus=focus, radius=int(focus == "x")).svg
    assert expected in drawn
    assert "f′" not in drawn


@pytest.mark.parametrize("options", [{"focus": "h1_1"}, {"top_gradients": 2}, {"closed": True}])
def test_steps_are_those_of_a_whole_circuit(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="whole circuit"):
        gradviz.draw(PROGRAM, VALUES, **options).steps()


def test_a_closed_graph_is_not_evaluated_again() -> None:
    with pytest.raises(ValuesError, match="those of the whole circuit"):
        gradviz.evaluate(gradviz.draw(PROGRAM, VALUES, closed=True).graph, VALUES)


def test_a_nan_inside_a_closed_statement_marks_its_gate() -> None:
    figure = gradviz.draw("h = log(x) - log(x) + x; f = h*2 + x", {"x": 0.0}, closed=True)
    assert figure.trace is not None
    assert figure.graph.bindings["h"] in figure.trace.origins


def test_a_view_of_a_view_says_what_both_leave_out() -> None:
    notes = gradviz.draw(PROGRAM, VALUES, closed=True, focus="h1_1", radius=1).notes
    assert notes == (
        "showing 10 of 32 nodes: those within 1 wire of h1_1; these are 32 of 69 nodes: "
        "a gate … stands for all that computes its name",
    )


@pytest.mark.parametrize("format", ["svg", "json", "text"])
def test_the_command_tells_the_view_in_every_format(format: str, gradviz_command: Gradviz) -> None:
    done = gradviz_command("h=x*y; f=exp(h)+1", "--x=1", "--y=2", "--focus=h", "--radius=1", "-f", format)
    assert (done.status, done.err) == (0, "gradviz: note: showing 4 of 5 nodes: those within 1 wire of h\n")
    assert done.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--focus=k"], "the program has no name 'k'"),
        (["--focus="], "a focus needs names"),
        (["--open=q"], "the program has no name 'q'"),
        (["--radius=2"], "a radius is that of"),
        (["--focus=h", "--top-gradients=2"], "--focus and --top-gradients exclude each other"),
        (["--focus=h", "--steps", "-o", "s.svg"], "steps tell a whole circuit"),
    ],
)
def test_wrong_views_on_the_command_line(words: list[str], problem: str, gradviz_command: Gradviz) -> None:
    done = gradviz_command("h=x*y; f=exp(h)+1", "--x=1", "--y=2", *words)
    assert done.status == 2
    assert problem in done.err


def test_json_names_the_output_where_it_is_in_the_view() -> None:
    outputs = {
        focus: json.loads(gradviz.draw(PROGRAM, VALUES, focus=focus, radius=0).render("json"))["output"]
        for focus in ("f", "h0_1")
    }
    assert outputs == {"f": "n0", "h0_1": None}
