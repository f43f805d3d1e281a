"""Formats: the same picture as SVG, PNG, PDF, DOT, JSON and text, checked by structure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gradviz.api import Figure, draw
from gradviz.errors import OptionError, RenderError
from gradviz.formats import FORMATS, SUFFIXES, format_of
from gradviz.formats import engine as engines
from gradviz.formats.dot import dot
from gradviz.themes import THEMES
from tests.drawings import SVG, groups, shelf, with_class
from tests.figures import FIGURES, NEURON, NEURON_VALUES

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
MAGIC = {
    "svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF", "gif": b"GIF8", "webp": b"RIFF", "tex": b"% ",
    "dot": b"digraph", "json": b"{", "text": b"node",
}  # fmt: skip


@pytest.fixture(params=FIGURES)
def figure(request: pytest.FixtureRequest) -> Figure:
    program, values = FIGURES[request.param]
    return draw(program, values)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_what_it_says(name: str) -> None:
    assert draw("w*x", {"w": 1, "x": 2}).render(name).startswith(MAGIC[name])


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("program", [program for program, _ in FIGURES.values()], ids=FIGURES)
def test_every_format_shows_a_figure_without_values(name: str, program: str) -> None:
    assert draw(program).render(name).startswith(MAGIC[name])


# SVG -----------------------------------------------------------------------------------------------------------------


def test_the_svg_has_as_many_shelves_circles_and_wires_as_the_graph(figure: Figure) -> None:
    graph, svg = figure.graph, figure.svg
    assert len(with_class(svg, "shelf")) == len(graph)
    assert len(with_class(svg, "gate")) == sum(gate is not None for gate in graph.gates)
    assert len(with_class(svg, "wire")) == len(list(graph.wires))
    assert len(with_class(svg, "input")) == len(graph.inputs)


def test_every_number_stands_at_its_wire(figure: Figure) -> None:
    """The value above the shelf's line, the gradient below it."""
    for number, node in enumerate(figure.picture.nodes):
        drawn = shelf(figure.svg, f"s{number}")
        above = "".join(text for text, y in drawn.texts if y < drawn.rule).strip()
        below = "".join(text for text, y in drawn.texts if y > drawn.rule).strip()
        assert (above, below) == (f"{node.name} {node.value}".strip(), node.grad)


def test_shares_stand_at_the_branches_and_sum_to_the_gradient() -> None:
    svg = draw(*FIGURES["fan-out"]).svg
    shares = [text for key in with_class(svg, "share") for text, _ in shelf(svg, key).texts]
    assert sorted(shares) == ["2", "3"]
    assert shelf(svg, "s1").texts[-1][0] == "5"


def test_a_shelf_is_one_line_with_the_ends_of_its_wires() -> None:
    """The rule of each shelf lies at the height of the wires that begin there, within half a line's width."""
    figure = draw(*FIGURES["fan-out"])
    found = groups(figure.svg)
    for wire in figure.graph.wires:
        key = f"h{wire.target}_{wire.slot}"
        start = shelf(figure.svg, key if key in found else f"s{wire.source}").rule
        path = next(found[f"w{wire.target}_{wire.slot}"].iter(f"{SVG}path")).attrib["d"]
        first_y = float(re.findall(r"-?[\d.]+", path)[1])
        assert first_y == pytest.approx(start, abs=0.51)


def test_the_svg_tells_the_figure_in_words() -> None:
    root = ET.fromstring(draw(*FIGURES["wx-b"], title="f = wx + b").svg)
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "f = wx + b"
    assert (root.findtext(f"{SVG}desc") or "") == (
        "Inputs: w, value −2, gradient 5. x, value 5, gradient −2. b, value 3, gradient 1. "
        "Gates in order of evaluation: g is * of w and x, value −10, gradient 1. "
        "f is + of g and b, value −7, gradient 1. The output is f = −7."
    )


def test_tooltips_have_full_precision() -> None:
    svg = draw(NEURON, NEURON_VALUES).svg
    title = groups(svg)["s12"].findtext(f"{SVG}title") or ""
    assert "value 0.7310585786300049" in title
    wire = groups(svg)["w11_1"].findtext(f"{SVG}title") or ""
    assert wire.startswith("local gradient 1.0\nupstream -0.5344466")


def test_the_svg_has_no_links_scripts_or_outside_references(figure: Figure) -> None:
    svg = figure.svg
    assert not re.search(r"<(a|script|image|use|foreignObject)\b|\bhref=|\bon\w+=|<!DOCTYPE|<!--", svg)


def test_where_a_nan_or_infinity_arises_is_marked() -> None:
    svg = draw(*FIGURES["infinite"]).svg
    assert with_class(svg, "alarm") == ["s2"]
    assert shelf(svg, "s2").texts[0][0] == "−∞"


HOSTILE = [
    "<b>bold</b>",
    "&lt;",
    "\\N \\G \\",
    '"quoted"',
    "]]>",
    "-->",
    "<script>alert(1)</script>",
    "한국어 😀",
    "a\x1b[31m",
    "\u202e",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_shown_verbatim(text: str) -> None:
    visible = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    svg = draw("w*x", {"w": 1, "x": 2}, title=text).svg
    shown = "".join("".join(t.itertext()) for t in groups(svg)["title"].iter(f"{SVG}text"))
    assert shown.replace("\xa0", " ") == visible
    assert ET.fromstring(svg).findtext(f"{SVG}title") == visible


# other formats -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_dot_is_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    text = dot(draw(*FIGURES[name]).picture)
    path = GOLDEN / f"{name}.dot"
    if request.config.getoption("--accept"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "accept with --accept and read the diff"


def test_the_same_program_gives_the_same_dot_byte_for_byte(figure: Figure) -> None:
    """In another process too, where strings hash otherwise."""
    code = "import sys; from gradviz.api import draw; from tests.figures import FIGURES as F\n"
    code += "sys.stdout.buffer.write(b'\\0'.join(draw(*F[k]).render('dot') for k in F))"
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, env=environment)
    assert figure.render("dot") in done.stdout.split(b"\0")


def test_json_is_the_contract() -> None:
    document = json.loads(draw("w*x+b", {"w": -2, "x": 5, "b": 3}).render("json"))
    assert document["program"] == "w*x+b"
    assert document["output"] == "n4"
    assert document["title"] is None
    expected = {
        "id": "n0",
        "name": "w",
        "gate": None,
        "label": "w",
        "inputs": [],
        "value": -2.0,
        "grad": 5.0,
        "shape": [],
    }
    assert document["nodes"][0] == expected
    assert document["wires"][0] == {"source": "n0", "target": "n3", "slot": 0, "local": 5.0, "grad": 5.0}


def test_json_keeps_the_slots_of_folded_constants() -> None:
    document = json.loads(draw("1/x - 2", {"x": 0}).render("json"))
    divide = document["nodes"][1]
    assert (divide["gate"], divide["label"]) == ("div", "1/x")
    assert (divide["inputs"], divide["constants"]) == ([None, "n0"], {"0": 1.0})
    assert divide["value"] == "inf"
    assert document["wires"][0]["slot"] == 1


def test_json_of_a_drawn_constant_has_a_value_and_no_gradient() -> None:
    document = json.loads(draw("2*3*x", {"x": 1}).render("json"))
    constant = document["nodes"][1]
    assert (constant["gate"], constant["value"], constant["grad"]) == ("const", 2.0, None)


def test_the_table_has_a_row_for_each_node(figure: Figure) -> None:
    lines = figure.render("text").decode().splitlines()
    assert len(lines) == 1 + len(figure.graph)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_draws(theme: str) -> None:
    svg = draw("w*x", {"w": 1, "x": 2}, theme=theme).svg
    assert THEMES[theme].grad in svg
    assert THEMES[theme].value in svg


def test_a_png_has_two_pixels_a_point() -> None:
    figure = draw(NEURON, NEURON_VALUES)
    width = int.from_bytes(figure.render("png")[16:20], "big")
    points = float(re.findall(r'width="([\d.]+)pt"', Figure(figure.picture, "graphviz").svg)[0])
    assert width == pytest.approx(2 * points, abs=3)


def test_a_suffix_picks_the_format_and_an_unknown_one_is_an_error() -> None:
    assert {suffix: format_of(f"f{suffix}").name for suffix in SUFFIXES} == {s: row.name for s, row in SUFFIXES.items()}
    with pytest.raises(OptionError, match=r"'f\.jpg' does not end in the suffix of a format: \.svg"):
        format_of("f.jpg")
    with pytest.raises(OptionError, match=r"unknown format 'sgv'; did you mean 'svg'\?"):
        draw("x", {"x": 1}).render("sgv")


# engines -------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("dot"), reason="needs the Graphviz on PATH")
def test_both_engines_draw_the_same_anatomy(figure: Figure) -> None:
    other = Figure(figure.picture, "dot").svg
    for kind in ("shelf", "gate", "wire", "share", "input", "stem"):
        assert sorted(with_class(other, kind)) == sorted(with_class(figure.svg, kind))


def test_an_unknown_engine_is_an_error() -> None:
    with pytest.raises(
        OptionError, match=r"unknown engine 'dto'; did you mean 'dot'\? engines are auto, graphviz and dot"
    ):
        draw("x", {"x": 1}, engine="dto").render("svg")


def test_a_complaint_of_graphviz_is_an_error() -> None:
    """The engine itself reports a malformed label only on file descriptor 2."""
    with pytest.raises(RenderError, match=r"^Graphviz failed: "):
        engines.draw('digraph { a [label=<<TABLE><TR>>, pos="0,0"] }', "svg", "auto")


def test_the_engine_writes_nothing_to_standard_error(capfd: pytest.CaptureFixture[str], figure: Figure) -> None:
    figure.render("svg")
    figure.render("png")
    assert capfd.readouterr().err == ""


def test_a_machine_without_fonts_still_shows_letters(tmp_path: Path) -> None:
    """With a font of our own the text of a PDF is embedded in it; without any it would be boxes."""
    empty = tmp_path / "empty.conf"
    empty.write_text("<fontconfig></fontconfig>")
    code = "import sys; from gradviz.api import draw;"
    code += "sys.stdout.buffer.write(draw('w*x', {'w': 1, 'x': 2}).render('pdf'))"
    environment = os.environ | {"FONTCONFIG_FILE": str(empty)}
    pdf = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment).stdout
    assert b"LiberationSerif" in pdf
