"""Where things lie: facts that a lecturer sees at a glance."""

from __future__ import annotations

import random

import pytest

from gradviz.api import draw
from gradviz.evaluator import evaluate
from gradviz.language.parser import parse
from gradviz.layout import Layout, layout
from gradviz.layout.layers import layers
from gradviz.layout.routes import taut
from gradviz.picture import Picture, picture
from gradviz.rewrite import fold
from tests.drawings import circle_boxes, crosses, hidden_arrows, number_boxes, overlaps, wires_through_boxes
from tests.figures import FIGURES, NEURON, NEURON_VALUES


def pictured(program: str, values: dict[str, float] | None) -> tuple[Picture, Layout]:
    shown = draw(program, values).picture
    return shown, layout(shown)


@pytest.fixture(params=FIGURES, scope="module")
def figure(request: pytest.FixtureRequest) -> tuple[Picture, Layout]:
    return pictured(*FIGURES[request.param])


def test_numbers_and_symbols_do_not_lie_on_each_other(figure: tuple[Picture, Layout]) -> None:
    assert overlaps(number_boxes(*figure)) == []


def test_circles_do_not_lie_on_each_other_nor_beyond_the_top(figure: tuple[Picture, Layout]) -> None:
    boxes = circle_boxes(figure[1])
    assert overlaps(boxes) == []
    assert min((top for _, top, _, _ in boxes.values()), default=0) >= -1e-9  # of floating point


def test_wires_cross_neither_circles_nor_numbers(figure: tuple[Picture, Layout]) -> None:
    assert wires_through_boxes(*figure) == []


def test_every_arrow_is_seen(figure: tuple[Picture, Layout]) -> None:
    assert hidden_arrows(*figure) == []


def test_inputs_stand_in_one_column_in_the_order_of_the_program(figure: tuple[Picture, Layout]) -> None:
    shown, places = figure
    shelves = [places.shelves[i] for i in shown.graph.inputs]
    assert len({shelf.x0 for shelf in shelves}) == 1
    assert [shelf.y for shelf in shelves] == sorted(shelf.y for shelf in shelves)


def test_wires_run_from_left_to_right(figure: tuple[Picture, Layout]) -> None:
    _, places = figure
    for lines in places.wires:
        xs = [x for line in lines for x, _ in line]
        assert xs == sorted(xs)


def test_wires_begin_at_their_shelf_and_end_at_their_circle(figure: tuple[Picture, Layout]) -> None:
    shown, places = figure
    for wire, lines in zip(shown.wires, places.wires, strict=True):
        shelf, circle = places.shelves[wire.wire.source], places.circles[wire.wire.target]
        assert lines[0][0] == (shelf.x1, shelf.y)
        x, y = lines[-1][-1]
        assert (x - circle.x) ** 2 + (y - circle.y) ** 2 == pytest.approx(circle.radius**2)


def test_numbers_fit_their_shelves(figure: tuple[Picture, Layout]) -> None:
    """Digits are half an em wide in Times."""
    shown, places = figure
    for node, shelf in zip(shown.nodes, places.shelves, strict=True):
        digits = max(len(node.value), len(node.grad))
        assert shelf.x1 - shelf.x0 >= digits * shown.theme.font_size * 0.45


@pytest.mark.parametrize("seed", range(40))
def test_random_circuits_are_drawn_without_overlap(seed: int) -> None:
    shown, places = random_picture(random.Random(seed))
    assert overlaps(number_boxes(shown, places)) == []
    assert wires_through_boxes(shown, places) == []
    assert hidden_arrows(shown, places) == []


def random_picture(rng: random.Random) -> tuple[Picture, Layout]:
    """A circuit with fan-out, long wires, and numbers of all widths."""
    names = [f"x{i}" for i in range(rng.randint(1, 6))]
    lines = []
    if rng.random() < 0.5:
        lines.append("h = 0.5")
        names.append("h")
    for i in range(rng.randint(2, 30)):
        left, right = rng.choice(names[-12:]), rng.choice([*names[-6:], "h"] if "h" in names else names[-6:])
        lines.append(f"t{i} = sigmoid({left})" if rng.random() < 0.2 else f"t{i} = {left} {rng.choice('+-*/')} {right}")
        names.append(f"t{i}")
    graph = fold(parse("\n".join(lines)))
    values = {name: rng.choice([1, 2, 0.5, -3, 1e5, -0.0004]) for name in graph.input_names}
    shown = picture(graph, evaluate(graph, values))
    return shown, layout(shown)


def test_a_constant_used_twice_stands_left_of_both_its_gates() -> None:
    program = "h = 0.01; a = exp(exp(exp(x)))*h; b = y*h; a+b"
    shown, places = pictured(program, {"x": 0.1, "y": 2})
    for wire, lines in zip(shown.wires, places.wires, strict=True):
        assert lines[0][0][0] < places.circles[wire.wire.target].x


def test_a_chain_is_straight() -> None:
    _, places = pictured(NEURON, NEURON_VALUES)
    tail = [places.shelves[n].y for n in range(8, 13)]
    assert tail == pytest.approx([tail[0]] * 5)


def test_the_first_operand_of_a_minus_enters_above_the_second() -> None:
    shown, places = pictured("a*b - a", {"a": 3, "b": -4})
    ends = {wire.wire: lines[-1][-1][1] for wire, lines in zip(shown.wires, places.wires, strict=True)}
    first, second = (y for (_, target, _), y in sorted(ends.items(), key=lambda e: e[0].slot) if target == 3)
    assert first < second


def test_the_order_of_a_sum_need_not_be_seen() -> None:
    shown, places = pictured("w*x+b", {"w": 1, "x": 2, "b": 3})
    ends = {lines[-1][-1] for wire, lines in zip(shown.wires, places.wires, strict=True) if wire.wire.target == 4}
    assert len(ends) == 1


def test_a_wire_used_twice_is_two_lines() -> None:
    for values in ({"x": 3.0}, None):
        _, places = pictured("x*x", values)
        assert len(set(places.wires)) == 2


@pytest.mark.parametrize("name", FIGURES)
def test_without_values_the_figure_has_the_same_anatomy(name: str) -> None:
    """The branches of a fork keep their shelves, to be filled in."""
    (_, places), (_, bare) = pictured(*FIGURES[name]), pictured(FIGURES[name][0], None)
    assert len(bare.shelves) == len(places.shelves)
    assert bare.circles.keys() == places.circles.keys()
    assert bare.shares.keys() == places.shares.keys()


def test_a_long_wire_is_straight_where_nothing_is_in_its_way() -> None:
    shown, places = pictured(NEURON, NEURON_VALUES)
    by_wire = {wire.wire[:2]: lines for wire, lines in zip(shown.wires, places.wires, strict=True)}
    assert len(by_wire[4, 8][0]) == 2, "w2 goes straight to its gate, past three others"


def test_a_taut_line_bends_only_at_corners() -> None:
    line = taut((0, 0), [(10, 5, 9), (20, -9, -5)], (30, 0))
    assert line == ((0, 0), (10, 5), (20, -5), (30, 0))


def test_a_chain_of_three_thousand_gates_is_laid_out_without_recursion() -> None:
    graph = fold(parse("x" + " + 1" * 3000))
    assert len(layout(picture(graph)).shelves) == 3001


def test_the_first_column_keeps_the_order_of_the_program() -> None:
    shown, _ = pictured("d*a + c*b", {"a": 1, "b": 2, "c": 3, "d": 4})
    assert [shown.nodes[i].label for i in layers(shown).columns[0]] == ["d", "a", "c", "b"]


def test_the_checkers_can_fail() -> None:
    shown, places = pictured(NEURON, NEURON_VALUES)
    first, second, *rest = places.shelves
    stacked = places._replace(shelves=(first, first, *rest))
    assert ("s0", "s1") in overlaps(number_boxes(shown, stacked))
    lines = (((places.shelves[0].x0, places.shelves[0].y - 5), (second.x1, second.y)),)
    assert wires_through_boxes(shown, places._replace(wires=(lines, *places.wires[1:]))) != []
    (*line, (x, y)), *_ = places.wires[0]
    inward = ((*line, (x + 9, y), (x, y)),)
    assert hidden_arrows(shown, places._replace(wires=(inward, *places.wires[1:]))) != []
    assert crosses((0, 0), (10, 10), (4, 4, 6, 6))
    assert not crosses((0, 0), (10, 0), (4, 4, 6, 6))
