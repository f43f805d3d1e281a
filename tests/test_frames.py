"""Boxes around groups: each holds what belongs to it and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.evaluator import evaluate
from gradviz.formats.dot import dot
from gradviz.formats.engine import ENGINES, draw
from gradviz.graph import Graph, Group
from gradviz.language.parser import parse
from gradviz.layout import Layout, layout
from gradviz.layout.frames import Frame
from gradviz.layout.metrics import text_width
from gradviz.picture import Picture, picture
from gradviz.rewrite import fold
from gradviz.themes import THEMES
from tests.circuits import circuits
from tests.drawings import (
    Box,
    circle_boxes,
    crosses,
    groups,
    hidden_arrows,
    number_boxes,
    overlaps,
    wires_through_boxes,
    with_class,
)
from tests.figures import NEURON, NEURON_VALUES

ROUNDING = 1e-6  # of coordinates of some hundred points, computed in another order

TANH = "y = w*x; e = exp(y); m = exp(-y); t = (e - m)/(e + m); f = t*y + z"
HIDDEN = (
    "a = w1*x + b1; h = 1/(1+exp(-a)); c = w2*x + b2; k = 1/(1+exp(-c)); o = v1*h + v2*k; p = 1/(1+exp(-o)); p + a*0.5"
)
MIDDLE = "a = w*x + b; s = 1/(1+exp(-a)); t = log(exp(y*z)+1)*u; f = s*t + a*x - y"
BRANCH = "a = w*x; b = exp(a); c = b + 1; d = 1/c; b*d + w"

# By name: a program, and groups by name as the node that each ends with and the nodes before it.
CASES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "tanh": (TANH, (("tanh", "t", "y"),)),
    "side by side": (HIDDEN, (("sigmoid", "h", "a"), ("sigmoid", "k", "c"), ("sigmoid", "p", "o"))),
    "in the middle": (MIDDLE, (("sigmoid", "s", "a"),)),
    "nested": (MIDDLE, (("sigmoid", "s", "a"), ("neuron", "s", ""))),
    "the same gates twice": (MIDDLE, (("sigmoid", "s", "a"), ("mine", "s", "a"))),
    "all gates": (MIDDLE, (("all", "f", ""),)),
    "an inner node is used outside": (BRANCH, (("inverse", "d", "a"),)),
    "a name wider than its box": ("exp(x) * y", (("a name far wider than one circle", "0", ""),)),
    "a constant inside": ("h = 0.01; a = x*h; b = a + h*y; b*h", (("step", "b", ""),)),
    "nothing but constants outside": ("h = 2; g = h*h; s = exp(g); s + h", (("gate", "s", "g"),)),
    "two gates that meet at the end": ("a = exp(x); b = a*y; c = b - a; c*a", (("first", "b", "x"), ("all", "c", ""))),
}


def grouped(program: str, wanted: Iterable[tuple[str, str, str]]) -> Graph:
    """A program's graph with groups, each the gates before a node (a name, or the number of a gate) up to others."""
    graph = fold(parse(program))
    named = {name: node for node, name in enumerate(graph.names) if name}
    gates = [node for node, gate in enumerate(graph.gates) if gate is not None]
    found = []
    for name, end, stops in wanted:
        last = gates[int(end)] if end.isdigit() else named[end]
        found.append(Group(name, before(graph, last, {named[stop] for stop in stops.split()})))
    return replace(graph, groups=tuple(found))


def before(graph: Graph, last: int, stops: set[int]) -> frozenset[int]:
    found: set[int] = set()
    waiting = [last]
    while waiting:
        node = waiting.pop()
        if node >= 0 and node not in stops and node not in graph.inputs and node not in found:
            found.add(node)
            waiting += graph.operands[node]
    return frozenset(found)


def pictured(graph: Graph, theme: str = "cs231n", title: str | None = None) -> tuple[Picture, Layout]:
    values = {name: 0.5 * k - 1.25 for k, name in enumerate(graph.input_names)}
    shown = picture(graph, evaluate(graph, values), theme=theme, title=title)
    return shown, layout(shown)


def framed_neuron() -> tuple[Picture, Layout]:
    graph = replace(fold(parse(NEURON)), groups=(Group("sigmoid", frozenset(range(9, 13))),))
    shown = picture(graph, evaluate(graph, NEURON_VALUES))
    return shown, layout(shown)


@pytest.fixture(params=CASES, scope="module")
def figure(request: pytest.FixtureRequest) -> tuple[Picture, Layout]:
    return pictured(grouped(*CASES[request.param]))


# checkers ------------------------------------------------------------------------------------------------------------


def faults(shown: Picture, places: Layout) -> list[str]:
    """What is wrong with the frames of a drawing."""
    return [
        fault
        for frame in places.frames
        for check in (misplaced, cut, astray, in_the_name)
        for fault in check(shown, places, frame)
    ]


def inside(box: Box, frame: Frame) -> bool:
    left, top, right, bottom = box
    return frame.x0 < left and right < frame.x1 and frame.y0 < top and bottom < frame.y1


def outside(box: Box, frame: Frame) -> bool:
    left, top, right, bottom = box
    return right < frame.x0 or frame.x1 < left or bottom < frame.y0 or frame.y1 < top


def all_boxes(shown: Picture, places: Layout) -> dict[str, Box]:
    names = {
        f"name{node}": (name.x - name.width / 2, name.y - 8, name.x + name.width / 2, name.y + 8)
        for node, name in places.names.items()
    }
    return number_boxes(shown, places) | circle_boxes(places) | names


def misplaced(shown: Picture, places: Layout, frame: Frame) -> Iterator[str]:
    """Circles and numbers of the group outside, or others inside; a gate may show what it gives behind the frame."""
    used_outside = {w.wire.source for w in shown.wires if w.wire.target not in frame.nodes} | {shown.graph.output}
    boxes = all_boxes(shown, places)
    for node in range(len(shown.nodes)):
        for key in (f"n{node}", f"s{node}", f"name{node}"):
            if key not in boxes:
                continue
            may_stick_out = key[0] == "s" and node in used_outside
            if node in frame.nodes and not inside(boxes[key], frame) and not may_stick_out:
                yield f"{key} is not inside {frame.name}"
            if node not in frame.nodes and not outside(boxes[key], frame):
                yield f"{key} is inside {frame.name}"
    for wire in (shown.wires[k].wire for k in places.shares):
        key = f"h{wire.target}_{wire.slot}"
        held = {wire.source in frame.nodes, wire.target in frame.nodes}
        if (held == {True} and not inside(boxes[key], frame)) or (held == {False} and not outside(boxes[key], frame)):
            yield f"{key} is on the wrong side of {frame.name}"


def cut(shown: Picture, places: Layout, frame: Frame) -> Iterator[str]:
    for key, box in all_boxes(shown, places).items():
        if not inside(box, frame) and not outside(box, frame):
            yield f"{key} is cut by {frame.name}"
    for other in places.frames:
        box = (other.x0, other.y0, other.x1, other.y1)
        nested = inside(box, frame) or inside((frame.x0, frame.y0, frame.x1, frame.y1), other)
        if other is not frame and not nested and not outside(box, frame):
            yield f"{other.name} lies across {frame.name}"


def astray(shown: Picture, places: Layout, frame: Frame) -> Iterator[str]:
    """Wires that cross a frame's line more often than they enter or leave its group, or elsewhere than at its sides."""
    for wire, lines in zip(shown.wires, places.wires, strict=True):
        enters, leaves = wire.wire.target in frame.nodes, wire.wire.source in frame.nodes
        points = [points for line in lines for points in pairwise(line)]
        name = f"w{wire.wire.target}_{wire.wire.slot}"
        if not enters and not leaves:
            if any(crosses(a, b, (frame.x0, frame.y0, frame.x1, frame.y1)) for a, b in points):
                yield f"{name} runs through {frame.name}"
        elif any(crosses(a, b, side) for a, b in points for side in lids(frame)):
            yield f"{name} crosses the top or the bottom of {frame.name}"
        elif enters != leaves and not enters and places.shelves[wire.wire.source].x0 > frame.x1:
            continue  # it begins behind the frame
        elif sum((a[0] < x) != (b[0] < x) for a, b in points for x in (frame.x0, frame.x1)) != (enters != leaves):
            yield f"{name} crosses {frame.name} more than once"


def lids(frame: Frame) -> tuple[Box, Box]:
    """The lines at the top and the bottom."""
    return (
        (frame.x0, frame.y0 - 0.5, frame.x1, frame.y0 + 0.5),
        (frame.x0, frame.y1 - 0.5, frame.x1, frame.y1 + 0.5),
    )


def name_box(frame: Frame) -> Box:
    middle, half = (frame.x0 + frame.x1) / 2, text_width(frame.name, frame.size) / 2
    return (middle - half, frame.y0 + 1, middle + half, frame.y0 + frame.row - 1)


def in_the_name(shown: Picture, places: Layout, frame: Frame) -> Iterator[str]:
    if not inside(name_box(frame), frame):
        yield f"the name {frame.name} sticks out"
    for found in overlaps({"the name": name_box(frame), **all_boxes(shown, places)}):
        if "the name" in found:
            yield f"{found} lie on each other in {frame.name}"
    for other in places.frames:
        within = other is not frame and inside((other.x0, other.y0, other.x1, other.y1), frame)
        if within and not outside(name_box(frame), other):
            yield f"{other.name} lies on the name {frame.name}"
    for wire, lines in zip(shown.wires, places.wires, strict=True):
        if any(crosses(a, b, name_box(frame)) for line in lines for a, b in pairwise(line)):
            yield f"{wire.wire} runs through the name {frame.name}"


# facts ---------------------------------------------------------------------------------------------------------------


def test_every_group_has_a_frame(figure: tuple[Picture, Layout]) -> None:
    shown, places = figure
    assert len(places.frames) == len(shown.graph.groups)


def test_a_frame_holds_its_group_and_nothing_else(figure: tuple[Picture, Layout]) -> None:
    assert faults(*figure) == []


def test_with_frames_nothing_lies_on_anything(figure: tuple[Picture, Layout]) -> None:
    shown, places = figure
    assert overlaps(number_boxes(shown, places)) == []
    assert overlaps(circle_boxes(places)) == []
    assert wires_through_boxes(shown, places) == []
    assert hidden_arrows(shown, places) == []
    assert min([*(s.y - s.row for s in places.shelves), *(f.y0 for f in places.frames)]) >= -ROUNDING


def test_with_frames_the_inputs_stand_in_one_column_in_order(figure: tuple[Picture, Layout]) -> None:
    shown, places = figure
    shelves = [places.shelves[i] for i in shown.graph.inputs]
    assert len({shelf.x0 for shelf in shelves}) <= 1
    assert [shelf.y for shelf in shelves] == sorted(shelf.y for shelf in shelves)


def test_the_framed_neuron_is_straight_and_ends_behind_its_last_gate() -> None:
    shown, places = framed_neuron()
    (frame,) = places.frames
    tail = [places.shelves[n].y for n in range(8, 13)]
    assert tail == pytest.approx([tail[0]] * 5)
    assert frame.nodes == set(range(9, 13))
    assert places.circles[12].x + places.circles[12].radius < frame.x1 < places.shelves[12].x0
    assert faults(shown, places) == []


def test_frames_are_listed_from_the_outside_in() -> None:
    _, places = pictured(grouped(*CASES["nested"]))
    assert [frame.name for frame in places.frames] == ["neuron", "sigmoid"]


def test_of_groups_with_the_same_gates_the_later_is_the_outer_one() -> None:
    _, places = pictured(grouped(*CASES["the same gates twice"]))
    assert [frame.name for frame in places.frames] == ["mine", "sigmoid"]


def test_what_stands_beside_a_box_does_not_lengthen_the_figure() -> None:
    """Three gates below the four of a box: as many columns as without them."""
    program = "a = w*x; s = 1/(1+exp(-a)); t = exp(exp(exp(x*y))); s*t"
    _, places = pictured(grouped(program, [("sigmoid", "s", "a")]))
    (frame,) = places.frames
    below = [circle for circle in places.circles.values() if frame.x0 < circle.x < frame.x1 and circle.y > frame.y1]
    assert len(below) == 3


def test_of_groups_that_no_box_can_hold_the_first_is_left_out() -> None:
    cases = {
        "it leaves and enters again": ("a = exp(x); b = a*y; a + log(b)", [{0, 3}], 0),  # without `*` and the log
        "it has no gates": ("x + y", [set()], 0),
        "two lie across each other": ("a = exp(x); b = a + 1; log(b)", [{0, 1}, {1, 2}], 1),
        "each needs the other": ("a = exp(x); b = exp(y); (a + 1)*(b + 1) + a*b", [{0, 3}, {1, 2}], 1),
    }
    for name, (program, picked, drawn) in cases.items():
        graph = fold(parse(program))
        gates = [node for node, gate in enumerate(graph.gates) if gate is not None]
        found = tuple(Group(str(k), frozenset(gates[i] for i in group)) for k, group in enumerate(picked))
        shown, places = pictured(replace(graph, groups=found))
        assert len(places.frames) == drawn, name
        assert faults(shown, places) == [], name
        assert overlaps(number_boxes(shown, places)) == [], name


def test_a_hundred_boxes_in_a_row_are_laid_out() -> None:
    lines = ["a0 = x"]
    for k in range(100):
        lines.append(f"s{k} = 1/(1+exp(-a{k})); a{k + 1} = w*s{k}")
    graph = grouped("; ".join([*lines, "a100"]), [("sigmoid", f"s{k}", f"a{k}") for k in range(1, 100)])
    _, places = pictured(graph)
    assert len(places.frames) == 99


# random --------------------------------------------------------------------------------------------------------------


def random_groups(graph: Graph, rng: random.Random) -> tuple[Group, ...]:
    """Groups that boxes can hold one by one: gates and all that lies on a path between two of them."""
    found: list[Group] = []
    gates = [node for node, gate in enumerate(graph.gates) if gate is not None]
    for number in range(rng.randint(1, 6)):
        last = rng.choice(gates)
        cone = sorted(before(graph, last, set(rng.sample(gates, rng.randint(0, len(gates)))) - {last}))
        picked = convex(graph, frozenset(rng.sample(cone, rng.randint(0, len(cone)))) | {last})
        if all(not picked & other.nodes or picked <= other.nodes or other.nodes <= picked for other in found):
            found.append(Group(f"group {number}" * rng.randint(1, 2), picked))
    return tuple(found)


def convex(graph: Graph, nodes: frozenset[int]) -> frozenset[int]:
    """The nodes and those on paths between them."""
    after = set(nodes)
    for node, operands in enumerate(graph.operands):
        if after & set(operands):
            after.add(node)
    ahead = set(nodes)
    for node in reversed(range(len(graph))):
        if node in ahead:
            ahead |= {k for k in graph.operands[node] if k >= 0}
    return frozenset(after & ahead)


def check_random(graph: Graph, values: dict[str, float], seed: int) -> None:
    wanted = random_groups(graph, random.Random(seed))
    graph = replace(graph, groups=wanted)
    shown = picture(graph, evaluate(graph, values))
    places = layout(shown)
    assert faults(shown, places) == []
    assert overlaps(number_boxes(shown, places)) == []
    assert overlaps(circle_boxes(places)) == []
    assert wires_through_boxes(shown, places) == []
    assert hidden_arrows(shown, places) == []
    if len(wanted) == 1:
        assert len(places.frames) == 1


@given(circuits, st.integers(0, 2**64))
def test_in_random_circuits_frames_hold_their_groups(circuit: tuple[str, dict[str, float]], seed: int) -> None:
    program, values = circuit
    graph = fold(parse(program))
    check_random(graph, {name: values[name] for name in graph.input_names}, seed)


# DOT -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_a_frame_is_a_cluster_of_the_theme_s_colour(theme: str) -> None:
    shown, places = pictured(grouped(*CASES["nested"]), theme)
    text = dot(shown, places)
    assert text.count("subgraph cluster_") == 2
    assert text.count(f'color="{THEMES[theme].frame}"') == 4, "two lines and two names"


@pytest.mark.parametrize("engine", ENGINES)
def test_frames_are_drawn_at_their_places(engine: str) -> None:
    shown, places = pictured(grouped(*CASES["nested"]), title="A neuron")
    svg = draw(dot(shown, places), "svg", engine).decode()
    assert with_class(svg, "frame") == ["g0", "g1"]
    shapes = groups(svg)
    for number, frame in enumerate(places.frames):
        group = shapes[f"g{number}"]
        polygon = next(each for each in group.iter() if each.tag.endswith("polygon"))
        xs, ys = zip(*(map(float, point.split(",")) for point in polygon.attrib["points"].split()), strict=True)
        assert max(xs) - min(xs) == pytest.approx(frame.x1 - frame.x0, abs=0.05)
        assert max(ys) - min(ys) == pytest.approx(frame.y1 - frame.y0, abs=0.05)
        assert [each.text for each in group.iter() if each.tag.endswith("text")] == [frame.name]


def test_the_name_of_a_frame_is_text() -> None:
    name = '<b>&amp; "\\N" \\'
    graph = grouped("exp(x) + 1", [(name, "0", "")])
    svg = draw(dot(pictured(graph)[0]), "svg", "auto").decode()
    assert name in ["".join(each.itertext()) for each in groups(svg)["g0"].iter() if each.tag.endswith("text")]


def test_the_checkers_can_fail() -> None:
    shown, places = framed_neuron()
    (frame,) = places.frames

    def wrong(**change: float) -> str:
        return "; ".join(faults(shown, places._replace(frames=(frame._replace(**change),))))

    assert "n9 is not inside sigmoid" in wrong(x0=places.circles[9].x)
    assert "n8 is inside sigmoid" in wrong(x0=places.circles[8].x - 30)
    assert "s12 is cut by sigmoid" in wrong(x1=places.shelves[12].x0 + 9)
    assert "runs through the name" in wrong(y0=places.shelves[9].y - frame.row / 2)
    assert "sticks out" in wrong(x0=places.circles[12].x - 1)
    assert "runs through sigmoid" in wrong(x0=places.circles[5].x, y1=places.shelves[4].y + 10)
    into = next(k for k, wire in enumerate(shown.wires) if wire.wire.target == 9)
    over = (((places.circles[9].x, 0.0), (places.circles[9].x, places.circles[9].y)),)
    wires = (*places.wires[:into], over, *places.wires[into + 1 :])
    assert "crosses the top" in "; ".join(faults(shown, places._replace(wires=wires)))
    assert "lies across" in "; ".join(
        faults(shown, places._replace(frames=(frame, frame._replace(x0=frame.x0 + 20, x1=frame.x1 + 20))))
    )
