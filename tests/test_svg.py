"""The SVG that is written directly is the drawing that Graphviz makes of the DOT text, part by part."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import gradviz
from gradviz.batch import keywords_of
from gradviz.sample import Sample
from gradviz.samples import read_samples, shipped
from gradviz.themes import THEMES
from tests.drawings import SVG, groups
from tests.figures import FIGURES

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


class Part(NamedTuple):
    """What stands in a group: its classes, texts, colours of texts, and where circles are and wires end."""

    kind: str
    letters: list[str]
    fills: set[str]
    circles: list[tuple[float, ...]]
    ends: list[tuple[float, float]]


def parts(svg: str) -> dict[str, Part]:
    """By id, with places counted from the corner of the figure."""
    drawing = groups(svg)["graph0"]
    dx, dy = map(float, re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", drawing.attrib["transform"])[0])
    found = {}
    for key, group in groups(svg).items():
        kind = group.attrib["class"]
        if key == "graph0" or "line" in kind.split():  # a thick line over the rule of Graphviz's table
            continue
        texts = list(group.iter(f"{SVG}text"))
        circles = [
            (float(e.attrib["cx"]) + dx, float(e.attrib["cy"]) + dy, float(e.attrib["rx"]))
            for e in group.iter(f"{SVG}ellipse")
        ]
        letters = sorted("".join("".join(t.itertext()) for t in texts).translate(BLANKS))
        found[key] = Part(kind, letters, set(colors(texts)), circles, list(ends(group, kind, dx, dy)))
    return found


BLANKS = dict.fromkeys(map(ord, " \N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{THIN SPACE}"))


def colors(texts: list[ET.Element]) -> Iterator[str]:
    for text in texts:
        for piece in (text, *text):
            if (piece.text or "").translate(BLANKS):
                yield piece.attrib["fill"]


def ends(group: ET.Element, kind: str, dx: float, dy: float) -> Iterator[tuple[float, float]]:
    """Where the lines of a wire begin, and its arrow points."""
    if "edge" not in kind:
        return
    for path in group.iter(f"{SVG}path"):
        x, y = re.findall(r"-?[\d.]+", path.attrib["d"])[:2]
        yield float(x) + dx, float(y) + dy
    for polygon in group.iter(f"{SVG}polygon"):
        x, y = polygon.attrib["points"].split()[1].split(",")
        yield float(x) + dx, float(y) + dy


def differences(ours: dict[str, Part], theirs: dict[str, Part]) -> list[str]:
    """The groups that are not drawn alike, and what differs."""
    found = [f"only one has {key}" for key in set(ours) ^ set(theirs)]
    for key in set(ours) & set(theirs):
        one, other = ours[key], theirs[key]
        found += [
            f"{key}: {name}" for name in ("kind", "letters", "fills") if getattr(one, name) != getattr(other, name)
        ]
        places = [(*one.circles, *one.ends), (*other.circles, *other.ends)]
        if len(places[0]) != len(places[1]) or any(
            abs(x - y) > NEAR for a, b in zip(*places, strict=True) for x, y in zip(a, b, strict=True)
        ):
            found.append(f"{key}: {places[0]} and {places[1]}")
    return found


def compared(figure: gradviz.Figure) -> list[str]:
    other = gradviz.Figure(figure.picture, "graphviz")
    return differences(*aligned(parts(figure.svg), parts(other.svg)))


def aligned(ours: dict[str, Part], theirs: dict[str, Part]) -> tuple[dict[str, Part], dict[str, Part]]:
    """Both, moved so that the first circle is at one place: Graphviz measures what stands at the edges."""
    circles = [next((p.circles[0] for p in each.values() if p.circles), (0.0, 0.0, 0.0)) for each in (ours, theirs)]
    dx, dy = circles[0][0] - circles[1][0], circles[0][1] - circles[1][1]
    assert abs(dx) + abs(dy) < 60
    return ours, {
        key: part._replace(
            circles=[(x + dx, y + dy, r) for x, y, r in part.circles], ends=[(x + dx, y + dy) for x, y in part.ends]
        )
        for key, part in theirs.items()
    }


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


@pytest.mark.parametrize("change", [('fill="#008000"', 'fill="#008001"'), (">2<", ">3<"), ('rx="18', 'rx="28')])
def test_a_difference_is_found(change: tuple[str, str]) -> None:
    figure = gradviz.draw("w*x", {"w": 2, "x": 3})
    assert differences(parts(figure.svg), parts(figure.svg.replace(*change))) != []


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
