"""Arrays in the figure: brackets on their shelves, Jacobians as matrices, local gradients on their wires."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest

from gradviz import formats
from gradviz.blocks import LINE, POINT, Block, aligned, block, line
from gradviz.evaluator import evaluate
from gradviz.formats.dot import dot
from gradviz.formats.json import _setting, as_json
from gradviz.formats.markup import PIECE, tooltip
from gradviz.graph import GraphBuilder, Group
from gradviz.language.parser import parse
from gradviz.layout import layout
from gradviz.layout.metrics import BLOCK_AIR, row_height, row_width
from gradviz.picture import Picture, picture
from gradviz.rewrite import fold
from gradviz.rounding import digits_for, short
from gradviz.runs import Row, number_run
from gradviz.themes import THEMES
from gradviz.tooltips import MOST, written
from tests.drawings import (
    brackets,
    circle_boxes,
    groups,
    hidden_arrows,
    number_boxes,
    overlaps,
    shelf,
    wires_through_boxes,
)  # fmt: skip
from tests.figures import ARRAY_FIGURES

LOCAL = ("values", "grads", "names", "local")
GOLDEN = Path(__file__).parent / "golden"


def shown(program: str, values: dict[str, Any], **options: Any) -> Picture:
    """The picture of a program; `seed` and `jacobian` are for its evaluation."""
    evaluated = {key: options.pop(key) for key in ("seed", "jacobian") if key in options}
    graph = fold(parse(program, tuple(values)))
    return picture(graph, evaluate(graph, values, **evaluated), **options)


@cache
def figure_named(name: str) -> Picture:
    figure = ARRAY_FIGURES[name]
    return shown(figure.program, figure.values, **figure.evaluated, **figure.pictured)


@cache
def svg_of(name: str) -> str:
    return formats.render(figure_named(name), "svg", "auto").decode()


every_figure = pytest.mark.parametrize("name", ARRAY_FIGURES)


def blocks(row: Row) -> list[Block]:
    return [run.block for run in row if run.block]


def rows(row: Row) -> list[list[str]]:
    """The entries of the one array in a row."""
    (found,) = blocks(row)
    return [[text.strip(POINT) for text in line] for line in found.rows]


def row_of(array: Any) -> Row:
    return (number_run(array, short, "value"),)


# texts ---------------------------------------------------------------------------------------------------------------


def test_the_lecture_has_its_numbers() -> None:
    """CS231n's vectorised example: q, and the gradients on W and x."""
    w, x, q, *_ = figure_named("lecture").nodes
    assert rows(w.below) == [["0.088", "0.176"], ["0.104", "0.208"]]
    assert rows(x.below) == [["−0.112"], ["0.636"]]
    assert rows(q.above) == [["0.22"], ["0.26"]]
    assert (q.value, q.name) == ("[0.22, 0.26]", "q")


def test_a_vector_is_a_column_and_a_matrix_its_rows() -> None:
    assert rows(row_of(numpy.array([1.0, 2.0]))) == [["1"], ["2"]]
    assert rows(row_of(numpy.array([[1.0, 2.0]]))) == [["1", "2"]]


def test_entries_stand_under_each_other_at_their_point() -> None:
    """A space that does not break is half as wide as a digit, and as wide as a point."""
    assert aligned(["0.5", "−10.25", "3", "4e−05"]) == ["0.5" + 2 * POINT, "−10.25", "3" + 5 * POINT, "4e−05"]
    assert aligned(["1", "−2"]) == ["1", "−2"]
    assert aligned(["1.2e+06", "0.5"]) == ["1.2e+06", "0.5"]


@pytest.mark.parametrize(
    ("array", "rows_", "text"),
    [
        (numpy.full((100, 784), -0.5), (("100×784",), ("[−0.5 −0.5 −0.5 …]",)), "100×784 [-0.5, -0.5, -0.5, …]"),
        (numpy.arange(784.0), (("784 numbers",), ("[0 1 2 …]",)), "784 numbers [0, 1, 2, …]"),
        (numpy.zeros((0, 3)), (("0×3",),), "0×3"),
        (numpy.zeros(0), (("0 numbers",),), "0 numbers"),
        (numpy.ones((1, 1, 2)), (("1×1×2",), ("[1 1]",)), "1×1×2 [1, 1]"),
    ],
)
def test_a_large_array_is_its_shape_and_first_numbers(array: Any, rows_: Any, text: str) -> None:
    found = block(array, lambda x: short(x).replace("-", "−"))
    assert (found.rows, found.brackets) == (rows_, False)
    assert line(array, short) == text


def test_a_line_of_an_array_stays_short() -> None:
    assert line(numpy.array([[0.1, 0.5], [-0.3, 0.8]]), short) == "[[0.1, 0.5], [-0.3, 0.8]]"
    long = numpy.full((4, 4), 0.12)
    assert line(long, short) == "4×4 [0.12, 0.12, 0.12, …]"
    assert len(line(long, short)) <= LINE


def test_integers_stand_bare_only_when_every_entry_is_one() -> None:
    whole, broken = numpy.array([1.0, numpy.nan, -numpy.inf]), numpy.array([1.0, 0.5])
    assert digits_for([2.0, whole], 2) == 0
    assert digits_for([2.0, broken], 2) == 2
    assert [node.value for node in shown("sum(x) * y", {"x": [1, 2], "y": 3}).nodes] == ["[1, 2]", "3", "3", "9"]


def test_an_array_that_is_a_constant_has_a_value_and_no_gradient() -> None:
    builder = GraphBuilder("sum([1, 2.5] * x)")
    constant = builder.constant((1.0, 2.5), "[1, 2.5]")
    product = builder.gate(parse("a*b").gates[2], (constant, builder.input("x")))  # type: ignore[arg-type]
    graph = builder.build(builder.gate(parse("sum(a)").gates[1], (product,)))  # type: ignore[arg-type]
    found = picture(graph, evaluate(graph, {"x": [3, 4]})).nodes[graph.gates.index(None, 1)]
    assert (found.kind, rows(found.above), found.below) == ("constant", [["1"], ["2.5"]], ())


def test_the_table_and_the_description_tell_arrays_on_one_line() -> None:
    text = formats.render(figure_named("lecture"), "text", "auto").decode()
    assert re.search(
        r"^W +\[\[0\.1, 0\.5\], \[-0\.3, 0\.8\]\] +\[\[0\.088, 0\.176\], \[0\.104, 0\.208\]\]$", text, re.M
    )
    assert "q is @ of W and x, value [0.22, 0.26], gradient [0.44, 0.52]." in figure_named("lecture").description


# Jacobians -----------------------------------------------------------------------------------------------------------


def test_a_jacobian_has_a_row_for_each_entry_of_the_output_and_a_column_for_each_of_the_node() -> None:
    w, x, c, *_, q = figure_named("jacobian").nodes
    assert rows(w.below) == [["0.2", "0.4", "0", "0"], ["0", "0", "0.2", "0.4"]]
    assert rows(x.below) == [["0.1", "0.5"], ["−0.3", "0.8"]]
    assert rows(c.below) == [["1"], ["1"]]
    assert rows(q.below) == [["1", "0"], ["0", "1"]]
    assert "Jacobian (a row for each entry of the output, a column for each entry here) [[0.1, 0.5]" in x.tooltip


def test_shares_of_a_jacobian_are_matrices_too() -> None:
    picture = shown("x * x", {"x": [1, 2]}, jacobian=True)
    assert [rows(wire.below) for wire in picture.wires] == 2 * [[["1", "0"], ["0", "2"]]]


def test_local_gradients_stand_on_their_wires() -> None:
    by_wire = {tuple(wire.wire): wire for wire in figure_named("lecture-locals").wires}
    assert rows(by_wire[0, 2, 0].above) == [["0.2", "0.4", "0", "0"], ["0", "0", "0.2", "0.4"]]
    assert rows(by_wire[1, 2, 1].above) == [["0.1", "0.5"], ["−0.3", "0.8"]]
    square = by_wire[2, 3, 0]
    assert (square.local, rows(square.above)) == ("diag [0.44, 0.52]", [["0.44", "0.52"]])
    assert all(wire.forks and not wire.share for wire in by_wire.values())


def test_local_gradients_of_numbers_are_numbers() -> None:
    picture = shown("w*x + 0.5", {"w": 2, "x": -1}, show=LOCAL)
    assert [wire.local for wire in picture.wires] == ["−1.00", "2.00", "1.00"]


def test_an_input_that_is_repeated_has_no_diagonal() -> None:
    """d(x + c)/dc is a column of ones."""
    _, repeated = shown("sum(x + c)", {"x": [1, 2], "c": 3}, show=LOCAL).wires[:2]
    assert (repeated.local, rows(repeated.above)) == ("[[1], [1]]", [["1"], ["1"]])


def test_a_large_local_gradient_is_left_out_with_its_shape_in_the_tooltip() -> None:
    wire = shown("sum(A @ B)", {"A": [[1, 2, 3]] * 4, "B": [[1, 2]] * 3}, show=LOCAL).wires[0]
    assert (wire.above, wire.forks) == ((), False)
    assert wire.tooltip.startswith("local gradient Jacobian 8×12: [[1.0, 1.0, 1.0, 0.0")
    larger = shown("sum(A @ B)", {"A": [[1, 2, 3]] * 40, "B": [[1, 2]] * 3}).wires[0]
    assert larger.tooltip.startswith("local gradient Jacobian 80×120, too large to list\n")


def test_local_gradients_count_for_the_decimals() -> None:
    picture = shown("max(x, x)*2", {"x": 2}, show=LOCAL)
    assert picture.wires[0].local == "0.50"


# tooltips ------------------------------------------------------------------------------------------------------------


def test_tooltips_list_every_entry_up_to_a_limit() -> None:
    assert written(numpy.array([[0.1, 2.0]])) == "[[0.1, 2.0]]"
    assert written(numpy.zeros(MOST)).count("0.0") == MOST
    assert written(numpy.zeros((MOST, 2))).startswith(f"{MOST}×2: 0.0, 0.0")
    assert written(numpy.zeros((MOST, 2))).endswith(f" … and {2 * MOST - 40} more")
    assert written(numpy.zeros((2, 0))) == "2×0"


def test_a_long_tooltip_is_read_by_graphviz_in_full() -> None:
    """Its reader takes at most 16 384 letters of a string at once."""
    value = [0.1 + k / 7 for k in range(MOST)]
    drawn = formats.render(shown("sum(x)", {"x": value}), "svg", "auto").decode()
    assert repr(value) in (groups(drawn)["s0"].findtext("{http://www.w3.org/2000/svg}title") or "")
    assert max(map(len, tooltip("1, \\" * 3 * PIECE).split("\\\n"))) < 2 * PIECE


# drawings ------------------------------------------------------------------------------------------------------------


@every_figure
def test_nothing_lies_on_anything_else(name: str) -> None:
    places = layout(figure_named(name))
    assert overlaps(number_boxes(figure_named(name), places)) == []
    assert overlaps(circle_boxes(places)) == []
    assert wires_through_boxes(figure_named(name), places) == []
    assert hidden_arrows(figure_named(name), places) == []


def test_brackets_on_a_neighbour_would_be_found() -> None:
    """With the heights of numbers instead of rows the shelves of the lecture stand too near."""
    picture = figure_named("lecture")
    low = picture._replace(nodes=tuple(node._replace(above=(), below=()) for node in picture.nodes))
    assert overlaps(number_boxes(picture, layout(low))) != []


@every_figure
def test_a_shelf_has_room_for_its_arrays(name: str) -> None:
    """Graphviz 2.43 stops at a table that is larger than its cell."""
    picture = figure_named(name)
    places = layout(picture)
    size, small = picture.theme.font_size, picture.theme.share_size
    shelves = [(node, places.shelves[n], size) for n, node in enumerate(picture.nodes)]
    forks = [(picture.wires[k], place, small) for k, place in places.shares.items()]
    for owner, place, points in [*shelves, *forks]:
        for row, height in ((owner.above, place.row), (owner.below, place.under)):
            assert place.x1 - place.x0 >= row_width(row, points) + 0.5
            assert height == row_height(row, points) or not blocks(row)


@every_figure
def test_brackets_hold_their_entries_and_stand_at_the_line(name: str) -> None:
    for number, node in enumerate(figure_named(name).nodes):
        drawn, rule = brackets(svg_of(name), f"s{number}"), shelf(svg_of(name), f"s{number}").rule
        expected = [row for row in (node.above, node.below) if any(block.brackets for block in blocks(row))]
        assert [list(each.texts) for each in drawn] == [
            [text for line in rows(row) for text in line] for row in expected
        ]
        for each, own in zip(drawn, expected, strict=True):
            edge = each.box[3] if own is node.above else each.box[1]
            assert abs(edge - rule) == pytest.approx(BLOCK_AIR, abs=1)


@every_figure
def test_rows_of_a_matrix_are_level_and_its_columns_flush(name: str) -> None:
    """The left ends of a column lie within its width; rows keep their distance."""
    for number, node in enumerate(figure_named(name).nodes):
        for each in brackets(svg_of(name), f"s{number}"):
            height = each.box[3] - each.box[1]
            counts = {len(block.rows) for row in (node.above, node.below) for block in blocks(row)}
            assert any(height == pytest.approx(20 * count, abs=1) for count in counts)


@every_figure
@pytest.mark.parametrize("format", ["png", "pdf", "dot", "json", "text"])
def test_every_format_shows_arrays(name: str, format: str) -> None:
    assert formats.render(figure_named(name), format, "auto")


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_draws_brackets_in_the_colour_of_their_numbers(theme: str) -> None:
    drawn = formats.render(shown("sum(x)", {"x": [1, 2]}, theme=theme), "svg", "auto").decode()
    colors = re.findall(r'<polyline fill="none" stroke="([^"]+)"', drawn)
    expected = [THEMES[theme].value] * 2 + [THEMES[theme].grad] * 2
    assert {"black": "#000000"}.get(colors[0], colors[0]) == expected[0]
    assert len(colors) == len(expected)


@pytest.mark.skipif(not shutil.which("dot"), reason="needs the Graphviz on PATH")
@every_figure
def test_the_dot_on_path_lays_the_text_out_itself(name: str) -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=dot(figure_named(name)).encode(), capture_output=True, check=True)
    assert b"Error" not in done.stderr
    assert "s0" in groups(done.stdout.decode())


@pytest.mark.parametrize("name", ["lecture", "jacobian", "forks-locals"])
def test_dot_is_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    text, path = dot(figure_named(name)), GOLDEN / f"array-{name}.dot"
    if request.config.getoption("--accept"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "accept with --accept and read the diff"


# JSON ----------------------------------------------------------------------------------------------------------------


def document(picture: Picture) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(formats.render(picture, "json", "auto"))
    return found


def test_json_has_arrays_as_nested_lists_with_their_shape() -> None:
    found = document(figure_named("lecture"))
    assert found["nodes"][0]["value"] == [[0.1, 0.5], [-0.3, 0.8]]
    assert [node["shape"] for node in found["nodes"]] == [[2, 2], [2], [2], [2], []]
    assert numpy.shape(found["wires"][0]["local"]) == (2, 2, 2)
    assert found["wires"][2]["local"] == pytest.approx([0.44, 0.52])
    assert "jacobian" not in found


def test_json_says_nan_and_infinities_as_text() -> None:
    assert document(figure_named("infinite"))["nodes"][2]["value"] == ["-inf", 0.0, pytest.approx(0.6931, abs=1e-4)]


def test_json_of_a_jacobian_has_the_axes_of_the_output_in_front() -> None:
    found = document(figure_named("jacobian"))
    assert found["jacobian"] is True
    assert numpy.shape(found["nodes"][0]["grad"]) == (2, 2, 2)


def test_json_leaves_out_a_large_local() -> None:
    found = document(shown("sum(A @ B)", {"A": [[1.0] * 40] * 40, "B": [[1.0]] * 40}))
    assert found["wires"][0]["local"] is None
    assert numpy.shape(found["wires"][1]["local"]) == (40, 1, 40, 1)


def test_json_says_how_a_gate_was_set_and_what_stands_in_a_box() -> None:
    builder = GraphBuilder("sum(x, axis=0)")
    gate = parse("sum(a)").gates[1]
    assert gate is not None
    node = builder.gate(gate.choose({"axis": (0, 1)}), (builder.input("x"),))
    builder.groups.append(Group("total", frozenset({node})))
    graph = builder.build(node)
    found = document(picture(graph, evaluate(graph, {"x": [[1, 2]]})))
    assert found["nodes"][1]["settings"] == {"axis": [0, 1]}
    assert found["groups"] == [{"name": "total", "nodes": ["n1"]}]


def test_json_has_a_line_for_each_entry_but_those_of_arrays() -> None:
    content = {"a": [], "b": {}, "c": ["x", {"d": 1.5}], "e": None, "f": True, "g": '\n"é'}
    assert as_json(content).decode() == json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    assert as_json({"a": [[1.0, 2.0], [3.0, 4.0]]}) == b'{\n "a": [[1.0, 2.0], [3.0, 4.0]]\n}\n'


def test_settings_of_an_index_can_be_told_in_json() -> None:
    assert _setting((1, (None, 2, None), ..., None)) == [1, [None, 2, None], "...", None]


@pytest.mark.parametrize(
    ("program", "x"),
    [("norm(x)", [0, 0]), ("sum(log(x))", [0, 1]), ("prod(x)", [1e308, 1e308]), ("mse(x, -x)", [math.inf, 1])],
)
def test_a_figure_with_infinities_warns_of_nothing(program: str, x: list[float]) -> None:
    """A warning is an error here; the Jacobians of tooltips and of JSON divide by zero too."""
    graph = parse(program)
    shown = picture(graph, evaluate(graph, {"x": x}), show=LOCAL)
    assert dot(shown)
    assert formats.render(shown, "json", "auto")
