"""Large figures: the fast method of layout leaves out no number, and nothing lies on anything else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from gradviz.api import Figure, draw
from gradviz.errors import OptionError
from gradviz.layout import Layout
from gradviz.layout.copies import Copies
from gradviz.layout.methods import METHODS, MOST, laid_out_by, method_of, placed
from gradviz.layout.strips import WIDE
from gradviz.layout.together import together
from gradviz.picture import Picture
from gradviz.themes import THEMES
from tests.drawings import SVG, circle_boxes, hidden_arrows, number_boxes, overlaps, wires_through_boxes
from tests.figures import FIGURES, NEURON
from tests.large import chained, layered, tangled

LARGE = {
    "anywhere": tangled(80, 80, 1),
    "window": tangled(100, 20, 2),
    "chain": chained(110),
    "residual": "\n".join([f"h{i + 1} = h{i} + tanh(w*h{i})" for i in range(30)]),
    "perceptron": layered(2, 6),
    "sum": "+".join(f"w{i}*x{i}" for i in range(40)),
    "reused": "\n".join(["x = a*b + 0.5", *(f"x = tanh(x)*x + {i}*a" for i in range(30))]),
    "constants": "h = 0.25\n" + "+".join(f"(a + h)*exp(h*x{i})/h" for i in range(12)),
    "balanced": "*".join(f"(1 + x{i}*y{i})" for i in range(24)),
}
LOOKS: dict[str, dict[str, object]] = {
    "usual": {},
    "locals": {"show": "values,grads,local"},
    "bare": {"show": "values"},
    "titled": {"title": "A large one", "theme": "dark"},
    "equations": {"theme": next(name for name, theme in THEMES.items() if theme.equations)},
}


def fast(program: str, **options: object) -> Picture:
    """A program drawn by the fast method, with its copies."""
    return placed(figure(program, **options).picture)


def figure(program: str, **options: object) -> Figure:
    random = Random(5)
    names = draw(program).graph.input_names
    return draw(program, {n: round(random.uniform(-1, 1), 3) for n in names}, **{"layout": "fast", **options})  # type: ignore[arg-type]


@pytest.fixture(params=LARGE, scope="module")
def large(request: pytest.FixtureRequest) -> Picture:
    return fast(LARGE[request.param])


def check_geometry(shown: Picture, places: Layout) -> None:
    assert overlaps(number_boxes(shown, places)) == []
    assert overlaps(circle_boxes(places)) == []
    assert wires_through_boxes(shown, places) == []
    assert hidden_arrows(shown, places) == []
    assert min(y for lines in places.wires for line in lines for _, y in line) > -1e-6
    assert min(shelf.x0 for shelf in places.shelves) >= -1e-6


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", LARGE)
def test_nothing_lies_on_anything_else(name: str, look: str) -> None:
    shown = fast(LARGE[name], **LOOKS[look])
    check_geometry(shown, shown.places)


@pytest.mark.parametrize("name", FIGURES)
def test_small_figures_can_be_drawn_by_it_too(name: str) -> None:
    program, values = FIGURES[name]
    shown = placed(draw(program, values, layout="fast").picture)
    check_geometry(shown, shown.places)


@pytest.mark.parametrize("seed", range(25))
def test_random_circuits(seed: int) -> None:
    random = Random(seed)
    shown = fast(tangled(random.randint(1, 60), random.randint(2, 60), seed), show="values,grads,names")
    check_geometry(shown, shown.places)


def test_the_checks_can_fail(large: Picture) -> None:
    places: Layout = large.places
    moved = places._replace(shelves=(places.shelves[-1], *places.shelves[1:]))
    with pytest.raises(AssertionError):
        check_geometry(large, moved)


def test_the_large_figures_are_drawn_with_copies() -> None:
    counts = {name: len(fast(program).places.copies.wires) for name, program in LARGE.items()}
    assert sorted(name for name, count in counts.items() if not count) == ["balanced", "sum"], counts


# copies --------------------------------------------------------------------------------------------------------------


def test_a_copy_says_the_name_and_value_of_its_source_and_the_share_of_its_wire(large: Picture) -> None:
    copies: Copies = large.places.copies
    graph, trace = large.graph, large.trace
    assert trace is not None
    plain = figure(graph.program).picture
    for number, k in enumerate(copies.wires, len(graph)):
        source, target, slot = plain.wires[k].wire
        copy, wire = large.nodes[number], large.wires[k].wire
        assert (wire.source, wire.target, wire.slot) == (number, target, slot)
        name = next((run.text for run in large.nodes[source].above if run.role == "name"), plain.nodes[source].label)
        assert (copy.kind, copy.label, copy.value) == ("copy", name, plain.nodes[source].value)
        share = trace.shares[target][slot]
        assert copy.grad == "" if source in graph.constants else copy.below[0].text == large.drawn(share)


def test_names_of_references_are_those_of_one_node_each() -> None:
    shown = fast(LARGE["reused"])
    names = [run.text for node in shown.nodes[: len(shown.graph)] for run in node.above if run.role == "name"]
    referred = set(shown.places.copies.names.values())
    assert referred
    assert all(names.count(name) == 1 for name in referred)


def test_unnamed_gates_that_are_referred_to_show_a_name() -> None:
    """g₁, g₂ … as in formulas, on their shelves and where they are used."""
    shown = fast("+".join(["exp(x*y)"] + [f"tanh(z{i})" for i in range(200)]))
    names = shown.places.copies.names
    assert names, "no wire is cut"
    assert all(name[0] in "ghuv" and not name.isascii() for name in names.values())
    assert all(shown.nodes[node].name == name for node, name in names.items())


def test_every_input_of_several_gates_keeps_its_total(large: Picture) -> None:
    for node in large.graph.inputs:
        assert large.nodes[node].grad == large.drawn(large.trace.node_grads[node]) if large.trace else False


def test_what_is_said_in_words_counts_no_copies(large: Picture) -> None:
    assert f"{len(large.graph)} nodes in all" in large.description
    assert "copy" not in large.description


def test_a_wire_is_short_or_begins_at_a_copy(large: Picture) -> None:
    places: Layout = large.places
    columns = sorted({round(shelf.x1, 3) for shelf in places.shelves})
    widest = max(b - a for a, b in pairwise(columns))
    for wire, lines in zip(large.wires, places.wires, strict=True):
        length = lines[-1][-1][0] - lines[0][0][0]
        assert length <= max(1_200, 8 * widest), wire.wire


def test_long_figures_are_cut_into_lines() -> None:
    places = fast(LARGE["chain"]).places
    assert max(shelf.x1 for shelf in places.shelves) < 1.5 * WIDE
    assert len({shelf.y for shelf in places.shelves}) > 5
    levels = Counter(round(circle.y, 3) for circle in places.circles.values())
    assert max(levels.values()) > 20, "a chain is level"


# the choice of a method ----------------------------------------------------------------------------------------------


def test_auto_is_exact_for_usual_figures_and_fast_for_large_ones() -> None:
    small, big = figure(NEURON, layout="auto"), figure(tangled(300, 300, 3), layout="auto")
    assert (method_of(small.picture), method_of(big.picture)) == ("exact", "fast")
    assert small.notes == ()
    assert [note for note in big.notes if "--layout exact" in note]
    assert figure(LARGE["sum"], layout="fast").notes == (), "it was asked for"


def test_the_estimate_counts_columns_that_wires_pass() -> None:
    """A chain in which every gate takes the first node too has few nodes and long wires."""
    program = "\n".join(["v0 = tanh(x)", *(f"v{i + 1} = tanh(v{i}) + v0" for i in range(60))])
    shown = figure(program, layout="auto").picture
    assert len(shown.nodes) + len(shown.wires) < MOST
    assert method_of(shown) == "fast"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_places_for_all_nodes(method: str) -> None:
    shown = placed(figure(LARGE["residual"], layout=method).picture)
    assert len(shown.places.shelves) == len(shown.nodes)
    assert len(shown.places.wires) == len(shown.wires)


def test_an_unknown_method_is_an_error_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'exact'"):
        draw("x*y", layout="exat")


# formats -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["svg", "dot", "tex"])
def test_formats_draw_every_copy(format: str) -> None:
    drawn = figure(LARGE["residual"])
    text = drawn.render(format).decode()
    shown = placed(drawn.picture)
    last = f"s{len(shown.nodes) - 1}"
    if format == "svg":
        assert last in {g.attrib.get("id") for g in ET.fromstring(text).iter(f"{SVG}g")}
    elif format == "dot":
        assert f"\t{last} [" in text
    else:
        assert text.count("gv shelf]") >= len(shown.nodes)


def test_numbers_for_programs_have_no_copies() -> None:
    for name in ("json", "text"):
        assert figure(LARGE["chain"]).render(name) == figure(LARGE["chain"], layout="exact").render(name)


def test_steps_are_drawn_at_the_places_of_the_whole() -> None:
    shown = figure(LARGE["residual"]).picture
    slides = figure("\n".join(LARGE["residual"].split("\n")[:6])).steps()
    groups = [
        {g.attrib["id"] for g in ET.fromstring(data).iter(f"{SVG}g") if "shelf" in g.attrib.get("class", "")}
        for _, data in slides.files("svg")
    ]
    assert len(groups) > 5
    assert all(group == groups[0] for group in groups)
    assert len(together([shown]).shelves) == len(laid_out_by(shown).shelves)
