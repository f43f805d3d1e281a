"""The SVG that is written directly is the drawing that Graphviz makes of the DOT text, part by part."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import gradviz
from gradviz.batch import keywords_of
from gradviz.errors import printable
from gradviz.layout.metrics import text_width
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from gradviz.themes import THEMES
from tests.drawings import SVG, Box, groups
from tests.figures import FIGURES

EDGE = 20.0  # points
NEAR = 1.6  # points: an arrow's tip, and the base line of a text, lie a little differently
SAMPLES = {sample.name: sample for sample in read_samples(shipped()) if isinstance(sample, Sample)}
ARRAYS = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    **{name: (program, values, {}) for name, (program, values) in FIGURES.items()},
    "title": ("w*x", {"w": 2, "x": 3}, {"title": "w <times> & \"x\""}),
    "fractions": ("g = w*x; f = g + b", {}, {"theme": "board", "show": "formulas,grads,names"}),
    "formulas": ("g = w*x; f = exp(g)", {"w": 2, "x": 0.5}, {"show": "formulas,values,grads"}),
    "equations": ("g = w*x; f = g + b", {"w": 2, "x": 3, "b": 1}, {"theme": "board"}),
    "caption": ("w*x", {"w": 2, "x": 3}, {"nudge": "w=+1"}),
    "frames": ("sigmoid(w*x)", {"w": 2, "x": 3}, {"expand": "sigmoid", "frame": True}),
    "blanks": ("sum(W @ x)", ARRAYS, {"hide": "grads"}),
    "jacobians": ("W @ x", ARRAYS, {"jacobian": True, "local_jacobians": True}),
}  # fmt: skip


class Shape(NamedTuple):
    """A circle, a line, a polygon or a line of text: its looks, and the box around it."""

    what: str
    looks: tuple[str, ...]  # colours
    box: Box


class Part(NamedTuple):
    """What stands in a group: its classes, the letters of its texts as they look, and what is where."""

    kind: str
    tip: str | None
    letters: list[tuple[str, ...]]  # with colour and slant
    sizes: list[float]  # of their fonts
    shapes: list[Shape]
    lines: list[Shape]  # of text: their letters are the looks


INHERITED = {"fill": "black", "stroke": "none", "font-size": "", "font-style": "normal", "text-anchor": "start"}
BLANKS = dict.fromkeys(map(ord, " \N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{THIN SPACE}"))


class Drawn(NamedTuple):
    """An element with the styles that hold for it, and the id of the group that it stands in."""

    element: ET.Element
    styles: dict[str, str]
    group: str


def drawn(element: ET.Element, styles: dict[str, str], group: str = "") -> Iterator[Drawn]:
    """All elements below one, with the styles that they inherit."""
    for child in element:
        own = styles | {name: child.attrib[name] for name in INHERITED if name in child.attrib}
        key = child.attrib.get("id", group) if child.tag == f"{SVG}g" else group
        yield Drawn(child, own, key)
        yield from drawn(child, own, key)


def parts(svg: str) -> dict[str, Part]:
    """By id, with places counted from the corner of the figure."""
    root = ET.fromstring(svg)
    transform = groups(svg)["graph0"].attrib["transform"]
    move = tuple(map(float, re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", transform)[0]))
    held: dict[str, list[Drawn]] = {}
    for each in drawn(root, dict(INHERITED)):
        held.setdefault(each.group, []).append(each)
    kinds = {key: group.attrib["class"] for key, group in groups(svg).items()}
    heavy = [key for key, kind in kinds.items() if "line" in kind.split()]  # a thick line over the rule of a table
    return {key: part(kind, held.get(key, []), move) for key, kind in kinds.items() if key not in ("graph0", *heavy)}


def part(kind: str, held: list[Drawn], move: tuple[float, ...]) -> Part:
    said = [(letter, each.styles) for each in held for letter in letters(each)]
    said.sort(key=lambda found: (found[0], found[1]["fill"], float(found[1]["font-size"])))
    texts = [each for each in held if each.element.tag == f"{SVG}text"]
    looks = [(letter, styles["fill"], styles["font-style"]) for letter, styles in said]
    sizes = [float(styles["font-size"]) for _, styles in said]
    shapes = [shape for each in held if (shape := shaped(each, move))]
    tip = next((each.element.text for each in held if each.element.tag == f"{SVG}title"), None)
    return Part(kind, tip, looks, sizes, joined(shapes), text_lines(texts, move))


def letters(each: Drawn) -> Iterator[str]:
    """What is said in the style of this element."""
    if each.element.tag in (f"{SVG}text", f"{SVG}tspan"):
        for said in (each.element.text, *(child.tail for child in each.element)):
            yield from (said or "").translate(BLANKS)


def joined(shapes: list[Shape]) -> list[Shape]:
    """With one background instead of one for each row of a shelf."""
    backs = [shape for shape in shapes if shape.looks[1:] == ("none",)]
    if not backs:
        return shapes
    lows, highs = ([pick(s.box[k] for s in backs) for k in ks] for pick, ks in ((min, (0, 1)), (max, (2, 3))))
    return [*(s for s in shapes if s not in backs), backs[0]._replace(box=(*lows, *highs))]


def shaped(each: Drawn, move: tuple[float, ...]) -> Shape | None:
    """What is drawn but no text."""
    element, styles = each.element, each.styles
    what = element.tag.removeprefix(SVG)
    if what == "ellipse":
        x, y, r = (float(element.attrib[name]) for name in ("cx", "cy", "rx"))
        points = [(x - r, y - r), (x + r, y + r)]
    elif what in ("path", "polygon", "polyline"):
        numbers = list(map(float, re.findall(r"-?[\d.]+", element.attrib.get("d") or element.attrib["points"])))
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
    else:
        return None
    xs, ys = ([point[k] + move[k] for point in points] for k in (0, 1))
    box = (min(xs), min(ys), max(xs), max(ys))
    if what == "path" or (what == "polygon" and (box[0] == box[2] or box[1] == box[3])):
        return Shape("line", (styles["stroke"],), box)  # Graphviz draws rules of tables as polygons without height
    return Shape(what, (styles["fill"], styles["stroke"]), box)


def text_lines(texts: list[Drawn], move: tuple[float, ...]) -> list[Shape]:
    """What stands on one base line, with a box as far as its letters reach in a usual font."""
    found: dict[float, list[tuple[float, float, str]]] = {}
    for each in texts:
        letters = "".join(each.element.itertext())
        wide = text_width(letters, float(each.styles["font-size"]))
        x, y = (float(each.element.attrib[name]) + move[k] for k, name in enumerate("xy"))
        left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[each.styles["text-anchor"]]
        near = next((other for other in found if abs(other - y) < NEAR), y)
        found.setdefault(near, []).append((left, left + wide, letters.translate(BLANKS)))
    return [
        Shape("text", ("".join(sorted("".join(c for *_, c in row))),), (min(row)[0], y, max(r for _, r, _ in row), y))
        for y, row in found.items()
        if any(letters for *_, letters in row)
    ]


def differences(ours: dict[str, Part], theirs: dict[str, Part]) -> list[str]:
    """The groups that are not drawn alike, and what differs."""
    found = [f"only one has {key}" for key in set(ours) ^ set(theirs)]
    for key in set(ours) & set(theirs):
        one, other = ours[key], theirs[key]
        found += [f"{key}: {name}" for name in ("kind", "tip", "letters") if getattr(one, name) != getattr(other, name)]
        sizes = zip(one.sizes, other.sizes, strict=False)
        found += [f"{key}: {a} and {b} points" for a, b in sizes if abs(a - b) > 1]  # Graphviz has whole points
        found += [f"{key}: {shape}" for shape in unmatched(one.shapes, other.shapes, alike)]
        found += [f"{key}: {line}" for line in unmatched(one.lines, other.lines, centred_alike)]
    return found


def unmatched(ours: list[Shape], theirs: list[Shape], same: Callable[[Shape, Shape], bool]) -> list[Shape]:
    """The shapes of either that the other has not."""
    left, only = list(theirs), []
    for shape in ours:
        found = next((other for other in left if same(shape, other)), None)
        if found is None:
            only.append(shape)
        else:
            left.remove(found)
    return only + left


def alike(one: Shape, other: Shape) -> bool:
    return one[:2] == other[:2] and all(abs(a - b) <= NEAR for a, b in zip(one.box, other.box, strict=True))


def centred_alike(one: Shape, other: Shape) -> bool:
    """Lines of text at one height, their middles as near as the widths of fonts are known."""
    middles = [(shape.box[0] + shape.box[2]) / 2 for shape in (one, other)]
    unsure = max(3.0, 0.15 * (one.box[2] - one.box[0]))
    return one[:2] == other[:2] and abs(one.box[1] - other.box[1]) <= NEAR and abs(middles[0] - middles[1]) <= unsure


def compared(figure: gradviz.Figure) -> list[str]:
    other = gradviz.Figure(figure.picture, "graphviz")
    return differences(*aligned(parts(figure.svg), parts(other.svg))) + heads(figure.svg, other.svg)


def heads(ours: str, theirs: str) -> list[str]:
    """What differs before the drawing; Graphviz measures what stands at the edges with fonts of its own."""
    one, other = ET.fromstring(ours), ET.fromstring(theirs)
    said = [
        (
            root.attrib["role"],
            root.get("class"),
            *(root.findtext(f"{SVG}{name}") for name in ("title", "desc", "style")),
        )
        for root in (one, other)
    ]
    sizes = [[float(root.attrib[name].removesuffix("pt")) for name in ("width", "height")] for root in (one, other)]
    wider = [name for name, a, b in zip(("width", "height"), *sizes, strict=True) if abs(a - b) > EDGE]
    return [*(["words"] if said[0] != said[1] else []), *wider]


def aligned(ours: dict[str, Part], theirs: dict[str, Part]) -> tuple[dict[str, Part], dict[str, Part]]:
    """Both, moved so that the first circle is at one place."""
    corners = [next((s.box for p in each.values() for s in p.shapes if s.what == "ellipse"), (0.0, 0.0, 0.0, 0.0))
               for each in (ours, theirs)]  # fmt: skip
    dx, dy = corners[0][0] - corners[1][0], corners[0][1] - corners[1][1]
    assert abs(dx) + abs(dy) < EDGE

    def moved(shapes: list[Shape]) -> list[Shape]:
        return [s._replace(box=(s.box[0] + dx, s.box[1] + dy, s.box[2] + dx, s.box[3] + dy)) for s in shapes]

    return ours, {key: p._replace(shapes=moved(p.shapes), lines=moved(p.lines)) for key, p in theirs.items()}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_drawn_as_graphviz_draws_them(name: str) -> None:
    sample = SAMPLES[name]
    assert compared(gradviz.draw(sample.expr, sample.values, **keywords_of(sample, {}))) == []


@pytest.mark.parametrize("name", KINDS)
def test_all_that_is_drawn_is_drawn_as_graphviz_draws_it(name: str) -> None:
    program, values, options = KINDS[name]
    assert compared(gradviz.draw(program, values, **options)) == []


@pytest.mark.parametrize("theme", THEMES)
def test_themes_are_drawn_as_graphviz_draws_them(theme: str) -> None:
    assert compared(gradviz.draw("f = (w*x + b)*x", {"w": 2, "x": 3, "b": 1e400}, theme=theme)) == []


def test_steps_are_drawn_as_graphviz_draws_them() -> None:
    for shown in gradviz.draw("(w + x)*x", {"w": 2, "x": 3}, theme="colorblind").steps().pictures:
        assert compared(gradviz.Figure(shown)) == []


CHANGES = {
    "a colour": ('fill="#008000"', 'fill="#008001"'),
    "a number": (">2<", ">3<"),
    "a class": ("node shelf", "node shell"),
    "a tooltip": ("value 3.0", "value 4.0"),
    "a circle": ('rx="18', 'rx="28'),
    "a wire": ('class="edge wire">\n<title>', 'class="edge wire">\n<path d="M0,0 9,9"/><title>'),
    "a size": ('font-size="16"', 'font-size="14"'),
    "a slant": ('font-size="16"', 'font-size="16" font-style="italic"'),
    "an anchor": ('text-anchor="middle"', 'text-anchor="start"'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_difference_is_found(change: str) -> None:
    svg = gradviz.draw("w*x*10000", {"w": 2, "x": 3}).svg
    changed = svg.replace(*CHANGES[change], 1)
    assert changed != svg
    assert differences(parts(svg), parts(changed)) != []


@pytest.mark.parametrize(
    "text", ["<b>&amp;</b>", "a\u202eb\x1b[31m", "]]> <!--", "\n\nlast", "<script>alert(1)</script>"]
)
def test_hostile_texts_are_no_markup(text: str) -> None:
    """Titles, names in tooltips and captions: nothing in them is an element, and all that they say is there."""
    figure = gradviz.draw("w*x", {"w": 2, "x": 3}, title=text)
    shown = figure.picture
    nodes = tuple(node._replace(tooltip=text, label=text) for node in shown.nodes)
    drawing = gradviz.Figure(shown._replace(nodes=nodes, caption=text)).svg
    root, found = ET.fromstring(drawing), groups(drawing)
    assert {e.tag for e in root.iter()} == {e.tag for e in ET.fromstring(figure.svg).iter()}
    assert root.findtext(f"{SVG}title") == printable(" ".join(text.split()))
    assert found["s2"].findtext(f"{SVG}title") == "\n".join(map(printable, text.split("\n")))
    assert "".join(found["n2"].itertext()).strip().endswith(printable(text))


def test_numbers_are_centred_on_their_shelves() -> None:
    svg = gradviz.draw("w*x", {"w": -1234.5678, "x": 3}, digits=4).svg
    for key in ("s0", "s1", "s2"):
        group = groups(svg)[key]
        start, end = (float(p.split(",")[0]) for p in group.findall(f"{SVG}path")[-1].attrib["d"][1:].split())
        for text in group.iter(f"{SVG}text"):
            assert float(text.attrib["x"]) == pytest.approx((start + end) / 2, abs=0.01)


def test_it_is_the_same_on_every_machine_and_loads_no_engine() -> None:
    code = """
import sys, gradviz
print(gradviz.draw("w*x + b", {"w": -2, "x": 5, "b": 3}).svg)
heavy = {"graphviz", "pygraphviz", "subprocess", "tempfile", "numpy", "sympy", "rich"}
print(*(heavy & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == []
    assert done.stdout.strip() == gradviz.draw("w*x + b", {"w": -2, "x": 5, "b": 3}).svg.strip()
