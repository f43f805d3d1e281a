"""TikZ: drawn at the places of the layout, its mathematics in math mode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from gradviz.api import draw
from gradviz.errors import RenderError
from gradviz.formats import texmath
from gradviz.formats.tex import tikz
from gradviz.layout import Layout, layout
from gradviz.layout.routes import Point
from gradviz.picture import Picture
from gradviz.themes import THEMES
from tests.figures import FIGURES
from tests.tex_figures import NAMES, pictures, rows

GOLDEN = Path(__file__).parent / "golden"
ROUNDING = 0.011  # of coordinates with two decimals, and of one that is the difference of two


# places --------------------------------------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """A command of the file: its style, and the places in it."""

    style: str
    points: tuple[Point, ...]


def commands(tex: str) -> list[Drawn]:
    """What is drawn, in order."""
    found = re.findall(r"^  \\(?:draw|fill|filldraw|path)\[gv (\w+)[^\]]*\] (.*);$", tex, re.MULTILINE)
    return [Drawn(style, places(rest)) for style, rest in found]


def places(text: str) -> tuple[Point, ...]:
    """The places in a command; of a circle also its radius, as a place."""
    points = [(float(x), float(y)) for x, y in re.findall(r"\((-?[\d.]+),(-?[\d.]+)\)", text)]
    return (*points, *((float(radius), 0.0) for radius in re.findall(r"radius=([\d.]+)bp", text)))


def expected(shown: Picture, at: Layout) -> Iterator[Drawn]:
    """What must be drawn; of a wire's last piece that has an arrow, the arrow's tip as its end."""
    for shelf in at.shelves:
        yield Drawn("shelf", ((shelf.x0, shelf.y), (shelf.x1, shelf.y)))
    for shelf in at.shares.values():
        yield Drawn("share", ((shelf.x0, shelf.y), (shelf.x1, shelf.y)))
    for number, circle in at.circles.items():
        yield Drawn("gate", ((circle.x, circle.y), (circle.radius, 0.0)))
        yield Drawn("stem", ((circle.x + circle.radius, circle.y), (at.shelves[number].x0, circle.y)))
    for lines in at.wires:
        yield from (Drawn("fork", line) for line in lines[:-1])
        yield Drawn("wire", lines[-1])
    for frame in at.frames:
        yield Drawn("frame", ((frame.x0, frame.y0), (frame.x1, frame.y1)))
    for node, shelf in zip(shown.nodes, at.shelves, strict=True):
        if node.alarm:
            yield Drawn("alarm", ((shelf.x0, shelf.y - shelf.row), (shelf.x1, shelf.y + shelf.under)))


def misplaced(tex: str, shown: Picture) -> list[str]:
    """What is drawn elsewhere than the layout says, too often or not at all."""
    left = [each for each in _with_tips(commands(tex)) if each.style not in ("page", "bracket")]
    wrong = []
    for each in expected(shown, shown.places or layout(shown)):
        found = next((other for other in left if _same(each, other)), None)
        wrong += [] if found else [f"no {each.style} at {each.points}"]
        left = [other for other in left if other is not found]
    return [*wrong, *(f"a {other.style} at {other.points}" for other in left)]


def _with_tips(drawn: Sequence[Drawn]) -> Iterator[Drawn]:
    """Wires with the tip of the arrow behind them as their end."""
    for each, after in zip(drawn, [*drawn[1:], Drawn("", ())], strict=True):
        if each.style == "wire" and after.style == "head":
            yield Drawn("wire", (*each.points[:-1], after.points[0]))
        elif each.style != "head":
            yield each


def _same(one: Drawn, other: Drawn) -> bool:
    pairs = list(zip(one.points, other.points, strict=False))
    near = all(abs(a - b) < ROUNDING for first, second in pairs for a, b in zip(first, second, strict=True))
    return one.style == other.style and len(one.points) == len(other.points) and near


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_drawn_where_the_layout_has_it(name: str) -> None:
    shown = pictures()[name]
    assert misplaced(tikz(shown), shown) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gv gate] (98.38,", "gv gate] (99.38,"),
        ("radius=18.7bp", "radius=18bp"),
        (r"\draw[gv wire]", r"\draw[gv fork]"),
    ],
)
def test_what_is_misplaced_is_found(old: str, new: str) -> None:
    shown = draw(*FIGURES["wx-b"]).picture
    tex = tikz(shown)
    assert old in tex
    assert misplaced(tex.replace(old, new, 1), shown)
    assert misplaced(re.sub(r".*gv shelf\].*\n", "", tex, count=1), shown)


@pytest.mark.parametrize("theme", THEMES)
def test_every_color_of_a_theme_is_defined_in_the_picture(theme: str) -> None:
    tex = tikz(draw("log(w)*x", {"w": 0, "x": 2}, theme=theme).picture)
    start = tex.index(r"\begin{tikzpicture}")
    used = set(re.findall(r"(?:color\{|draw=|fill=)(gv\w+)", tex))
    defined = dict(re.findall(r"\\definecolor\{(gv\w+)\}\{HTML\}\{([0-9A-F]{6})\}", tex[start:]))
    assert used <= defined.keys()
    assert defined["gvgrad"] == THEMES[theme].grad[1:].upper()


def test_marks_are_drawn() -> None:
    tex = tikz(pictures()["marked"])
    gates = len(pictures()["marked"].graph) - len(pictures()["marked"].graph.inputs)
    assert tex.count("fill=gvmark]") == gates
    assert tex.count("wire, line width=2.2bp]") == len(pictures()["marked"].wires)


# math mode -----------------------------------------------------------------------------------------------------------


def slips(tex: str) -> list[str]:
    """Texts with braces or math mode that are not closed, or with a sign of math mode outside of it."""
    return [line for line in re.findall(r"^  \\gvtext\([-\d].*", tex, re.MULTILINE) if _slips(line)]


def _slips(line: str) -> bool:
    open_ones: list[str] = []
    for token in re.findall(r"\\[a-zA-Z]+|\\.|.", line):
        last = open_ones[-1] if open_ones else ""
        if (token, last) in {("}", "{"), ("$", "$")}:
            open_ones.pop()
        elif token in ("{", "$"):
            open_ones.append(token)
        elif token in ("}", *"#&%~") or (token in "_^" and "$" not in open_ones and r"\ensuremath" not in line):
            return True
    return bool(open_ones)


@pytest.mark.parametrize("name", NAMES)
def test_braces_and_math_mode_are_closed(name: str) -> None:
    assert slips(tikz(pictures()[name])) == []


@pytest.mark.parametrize("text", ["{$x}$", "$x", "w_0", "$a$ & b", "$x$}", "50%"])
def test_what_is_not_closed_is_found(text: str) -> None:
    assert slips(rf"  \gvtext(1,2)[base]{{1.6}}{{42}}{{20}}{{{text}}}")


@pytest.mark.parametrize("name", NAMES)
def test_every_text_of_a_shelf_is_written(name: str) -> None:
    shown = pictures()[name]
    tex = tikz(shown)
    runs = [run for row in rows(shown) for run in row]
    entries = [entry for run in runs if run.block for row in run.block.rows for entry in row]
    wanted = [*(texmath.run(run) for run in runs if not run.block), *map(texmath.entry, entries)]
    assert [text for text in wanted if text not in tex] == []


MATH = {
    "−10.00": "-10.00", "1.2e+06": r"1.2{\times}10^{6}", "−4e−05": r"-4{\times}10^{-5}", "−∞": r"-{\infty}",
    "1e−07": "10^{-7}", "nan": r"\mathrm{nan}", "*": r"{\ast}", "*−1": r"{\ast}{-}1", "+1": "{+}1", "1/x": "1/x",
    "1−x": "1{-}x", "^2": "x^{2}", "2^x": "2^{x}", "^(−2)": "x^{-2}", "^": r"{\text{\textasciicircum}}", "σ": r"\sigma",
    "exp": r"\mathrm{exp}", "max 0": r"\mathrm{max}\ 0", "sum₀": r"\mathrm{sum}_{0}", "√": r"{\surd}", "|x|": "|x|",
    "‖x‖": r"\|x\|", "x[0]": "x[0]", "[0, 1:, ...]": r"[0{,}\ 1{:}{,}\ \ldots{}]", "π": r"\pi", "L2": "{L_{2}}",
    "log softmax": r"\mathrm{log}\ \mathrm{softmax}", "100×784": r"100{\times}784",
    "∂f/∂w0": r"\partial f/\partial w_{0}",
    "∂₁g": r"\partial_{1} g", "g₁₂": "g_{12}", "_____": r"\gvblank{2.5em}", "log1p": r"\mathrm{log1p}", "·": r"{\cdot}",
    "$#%&{}\\~": r"{\$}{\#}{\%}{\&}{\{}{\}}{\backslash}{\sim}", "=": "{=}", "→": r"{\to}",
}  # fmt: skip


@pytest.mark.parametrize("text", MATH)
def test_texts_become_mathematics(text: str) -> None:
    assert texmath.math(text) == MATH[text]


TEXT = {
    "a--b": "a-{}-b", "x²": r"x\ensuremath{^{2}}", "a|b": r"a\textbar{}b", "«é»": None, "don't": "don't",
    "''": "'{}'", "50%": r"50\%", "^^M": r"\textasciicircum{}\textasciicircum{}M", "σ": r"\ensuremath{\sigma}",
    "가": r"\gvchar{가}{AC00}", "e\u0301": "é", "a\nb": "a\\gvchar{\N{REPLACEMENT CHARACTER}}{FFFD}b",
}  # fmt: skip


@pytest.mark.parametrize("text", [text for text, tex in TEXT.items() if tex])
def test_words_become_text(text: str) -> None:
    assert texmath.text(text) == TEXT[text]


@pytest.mark.parametrize("name", ["wx-b", "fan-out", "array-lecture-locals"])
def test_tikz_is_as_accepted(name: str, request: pytest.FixtureRequest) -> None:
    shown = pictures()[f"figure {name}" if name in FIGURES else f"arrays {name.removeprefix('array-')}"]
    path = GOLDEN / f"{name}.tex"
    if request.config.getoption("--accept"):
        path.write_text(tikz(shown), encoding="utf-8")
    assert tikz(shown) == path.read_text(encoding="utf-8"), "accept with --accept and read the diff"


def test_hangul_asks_for_kotex_where_the_figure_is_alone() -> None:
    assert r"\usepackage{kotex}" in tikz(draw("비용*x", {"비용": 1, "x": 2}).picture)
    assert "kotex" not in tikz(draw("σ*x", {"σ": 1, "x": 2}, title="é 😀"[:1]).picture)


def test_a_figure_that_tex_cannot_hold_is_an_error() -> None:
    chain = "exp(" * 300 + "x" + ")" * 300
    with pytest.raises(RenderError, match=r"the figure is \d{5} points wide and \d+ high; TeX takes at most 16000"):
        tikz(draw(chain, {"x": -1}).picture)
