"""Fonts: what draws Hangul on a machine without fonts, and what is said of letters that nobody has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.api import draw
from gradviz.formats.fontconfig import fonts
from gradviz.formats.glyphs import asked, told
from gradviz.formats.svg import render
from gradviz.themefiles import _font
from gradviz.themes import KOREAN, SERIF, THEMES, Theme
from tests.drawings import SVG, groups
from tests.pixels import ink

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the system has fonts")
FIGURE = "draw('가중치*x + b', {'가중치': 2, 'x': 5, 'b': 3}, title='순전파와 뷁', engine=%r)"
ENGINES = [
    "auto",
    pytest.param("dot", marks=pytest.mark.skipif(not shutil.which("dot"), reason="needs the Graphviz on PATH")),
]
SYLLABLES = "".join(map(chr, range(0xAC00, 0xD7A4)))


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without fonts."""
    empty = tmp_path / "empty.conf"
    empty.write_text("<fontconfig></fontconfig>")
    return os.environ | {"FONTCONFIG_FILE": str(empty), "PYTHONIOENCODING": "utf-8"}


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    code = f"import sys; from gradviz.api import draw; from gradviz.formats import engine; {code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)


def one_letter(letter: str, environment: dict[str, str]) -> list[list[bool]]:
    """The ink of a single letter in a PNG."""
    dot = f'digraph {{a [shape=plaintext, pos="0,0", fontsize=48, fontname="{SERIF}", label="{letter}"]}}'
    return ink(run(f"sys.stdout.buffer.write(engine.draw({dot!r}, 'png', 'auto'))", environment).stdout)


def is_box(letter: list[list[bool]]) -> bool:
    """Whether a letter has the frame of the box that stands for a missing one: four full sides, but for its corners."""
    top, bottom = letter[0][2:-2], letter[-1][2:-2]
    left, right = [row[0] for row in letter[2:-2]], [row[-1] for row in letter[2:-2]]
    return all(map(all, (top, bottom, left, right)))


@LINUX
@pytest.mark.parametrize("engine", ENGINES)
def test_a_machine_without_fonts_writes_hangul_into_a_pdf(bare: dict[str, str], engine: str) -> None:
    pdf = run(f"sys.stdout.buffer.write({FIGURE % engine}.render('pdf'))", bare).stdout
    assert b"GradvizMyeongjo" in pdf
    assert b"LiberationSerif" in pdf


@LINUX
def test_a_machine_without_fonts_draws_each_syllable_as_itself(bare: dict[str, str]) -> None:
    drawn = {letter: one_letter(letter, bare) for letter in "가뷁힣ㅎ"}
    assert not any(map(is_box, drawn.values()))
    assert len({str(rows) for rows in drawn.values()}) == len(drawn)


@LINUX
def test_a_box_is_known(bare: dict[str, str]) -> None:
    assert is_box(one_letter("あ", bare))


@LINUX
def test_our_font_has_every_syllable(bare: dict[str, str]) -> None:
    code = f"from gradviz.formats import graphviz; letters = {SYLLABLES!r};"
    code += "print([graphviz.draw('digraph {}', 'png', asked, 60).lacking for asked in (letters, 'あ가')])"
    assert run(code, bare).stdout.decode().strip() == "['', 'あ']"


@LINUX
def test_letters_without_a_font_are_told_once(bare: dict[str, str]) -> None:
    draws = "; ".join(f"draw('x', {{'x': 1}}, title='あ 😀 é 가').render({name!r})" for name in ("png", "pdf", "png"))
    assert run(draws, bare).stderr.decode() == "gradviz: note: no font here has あ 😀; boxes stand for them\n"


@LINUX
@pytest.mark.parametrize(
    "code",
    [
        f"{FIGURE % 'auto'}.render('png')",
        "draw('x', {'x': -1.5}, title='Ünïcode ∂f/∂x ≈ x₀ α').render('pdf')",
        "draw('x', {'x': 1}, title='あ').render('svg')",  # its reader has other fonts
    ],
)
def test_no_note_where_there_is_nothing_to_tell(bare: dict[str, str], code: str) -> None:
    assert run(code, bare).stderr == b""


def test_many_letters_are_told_as_some() -> None:
    assert told("abcdefghij") == "no font here has a b c d e f g h …; boxes stand for them"


def test_latin_greek_and_hangul_are_not_asked_for() -> None:
    assert asked("abc −1.5 ∂f/∂x ≈ σ(x₀) Ж 가ㄱ\u200b\u0301") == ""
    assert asked("aあ漢あ") == "あ漢"


@LINUX
def test_the_environment_is_left_as_it_was(bare: dict[str, str]) -> None:
    code = "import os; before = dict(os.environ); draw('x', {'x': 1}).render('png'); print(before == dict(os.environ))"
    without = {name: value for name, value in bare.items() if name != "FONTCONFIG_FILE"}
    assert [run(code, environment).stdout.strip() for environment in (bare, without)] == [b"True", b"True"]


# what travels with the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("font", sorted(fonts().glob("*.ttf")), ids=lambda path: path.name)
def test_every_font_has_its_licence_beside_it(font: Path) -> None:
    family = next(name for name in ("Liberation", "GradvizMyeongjo") if font.name.startswith(name))
    licence = (fonts() / f"LICENSE-{family}.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in " ".join(licence.split())
    assert font.stat().st_size < 2e6


def test_our_part_of_a_font_bears_no_reserved_name() -> None:
    """Of the OFL's Reserved Font Names none is in the names of the file; the copyright is."""
    data = (fonts() / "GradvizMyeongjo-Regular.ttf").read_bytes()
    assert "NanumMyeongjo".encode("utf-16-be") not in data
    assert "Gradviz Myeongjo".encode("utf-16-be") in data
    assert "Copyright © 2010 NHN Corporation".encode("utf-16-be") in data


# in an SVG the reader's fonts draw -----------------------------------------------------------------------------------


def test_korean_fonts_come_after_those_that_draw_latin_letters() -> None:
    assert SERIF.endswith(f",serif,{KOREAN}")


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_fonts_of_every_theme_are_safe(theme: Theme) -> None:
    assert _font(theme.font) == theme.font


@pytest.mark.parametrize(
    ("font", "css"),
    [
        (SERIF, SERIF),
        ("나눔명조,serif", "나눔명조,serif"),
        ("Exo 2,Fira-Sans,serif", "'Exo 2',Fira-Sans,serif"),
        ("A.b,C+d", "'A.b','C+d'"),
    ],
)
def test_an_svg_says_its_font_once_as_css_reads_it(font: str, css: str) -> None:
    picture = draw("가중치*x", {"가중치": 2, "x": 5}).picture
    svg = render(picture._replace(theme=picture.theme._replace(font=font)), "svg", "auto").decode()
    assert groups(svg)["graph0"].attrib["font-family"] == css
    assert svg.count("font-family") == 1


def test_hangul_stands_in_an_svg_as_text() -> None:
    drawn = groups(draw("가중치*x", {"가중치": 2, "x": 5}).svg)["n0"]
    assert ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")] == ["가중치"]
