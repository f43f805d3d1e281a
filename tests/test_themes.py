"""Themes: colours that can be read and told apart, one SVG for day and night, and files of the user's own."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from gradviz.api import draw
from gradviz.errors import OptionError
from gradviz.formats import render
from gradviz.picture import Picture
from gradviz.themefiles import _FIELDS, LARGEST, read_theme
from gradviz.themes import COLORS, THEMES, Theme, following, is_theme_file, theme_of
from tests.browser import Browser, browser, chromium
from tests.drawings import SVG
from tests.palettes import BLINDNESS, contrast, difference, lab, linear
from tests.pixels import hexed, pixels

TEXTS = ("ink", "value", "grad", "frame", "blank", "local")
GROUNDS = ("background", "gate_fill", "alarm", "mark")
READABLE = 4.5  # WCAG 2.2, 1.4.3 (AA) for texts; lines, for which 3 would do (1.4.11), have colours of texts
SIDES = {**THEMES, **{f"{name}, dark side": row.dark for name, row in THEMES.items() if row.dark}}
# ΔE*ab of value and gradient, at least, for each kind of colour blindness; 2.3 is just noticed side by side.
APART = {"colorblind": 80.0, "board": 80.0, "dark": 20.0}
NOT_BY_COLOUR = {"cs231n", "auto", "print"}  # by the place above and below the line; in print by italics too
DOCS = Path(__file__).parent.parent / "docs" / "themes.md"

FIGURE = ("g = w*x\nf = g/b + log(b - b)*x", {"w": -2, "x": 5, "b": 3})  # with a fork and an alarm


def pictured(theme: Theme) -> Picture:
    """A picture in a theme of any origin."""
    return draw(*FIGURE).picture._replace(theme=theme)


def refused(text: str, path: Path) -> str:
    """What is said of a theme file, without its name."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionError) as caught:
        read_theme(path)
    return str(caught.value).replace(f"theme file '{path}'", "FILE")


# palettes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", SIDES.values(), ids=SIDES)
def test_every_colour_is_written_in_one_way(theme: Theme) -> None:
    assert all(re.fullmatch("#[0-9a-f]{6}", getattr(theme, field)) for field in COLORS)
    assert set(COLORS) == {field for field in Theme._fields if str(getattr(theme, field)).startswith("#")}
    assert set(COLORS) == {*TEXTS, *GROUNDS}


@pytest.mark.parametrize("theme", SIDES.values(), ids=SIDES)
def test_texts_and_lines_can_be_read_on_whatever_they_stand(theme: Theme) -> None:
    faint = {
        (text, ground): round(ratio, 2)
        for text, ground in product(TEXTS, GROUNDS)
        if (ratio := contrast(getattr(theme, text), getattr(theme, ground))) < READABLE
    }
    assert faint == {}


@pytest.mark.parametrize("theme", SIDES.values(), ids=SIDES)
def test_what_is_marked_can_be_seen(theme: Theme) -> None:
    """Also in grey: a mark inside its circle, an alarm on the background."""
    assert difference(theme.mark, theme.gate_fill) > 10
    assert difference(theme.alarm, theme.background) > 10


@pytest.mark.parametrize("name", THEMES)
def test_values_and_gradients_stay_apart(name: str) -> None:
    theme = THEMES[name]
    least = min(difference(theme.value, theme.grad, blindness) for blindness in BLINDNESS)
    assert (least >= APART[name]) if name in APART else (name in NOT_BY_COLOUR)


def test_the_contract_s_green_and_red() -> None:
    assert (THEMES["cs231n"].value, THEMES["cs231n"].grad) == ("#008000", "#d40000")


def test_print_needs_no_colour() -> None:
    """Greys only; gradients in italics, lines thicker than on a screen."""
    theme = THEMES["print"]
    assert all(len({getattr(theme, field)[k : k + 2] for k in (1, 3, 5)}) == 1 for field in COLORS)
    assert theme.grad_italic
    assert theme.pen > THEMES["cs231n"].pen
    root = ET.fromstring(draw("w*x", {"w": 2, "x": 3}, theme="print").svg)
    texts = {"".join(t.itertext()): t.attrib.get("font-style") for t in root.iter(f"{SVG}text")}
    assert texts["6"] is None
    assert texts["1"] == "italic"


def test_low_contrast_is_found() -> None:
    assert contrast("#777777", "#ffffff") < READABLE <= contrast("#767676", "#ffffff")
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


def test_a_pair_that_colour_blind_readers_confuse_is_found() -> None:
    """The classic green and red under deuteranopia, with or against their difference for others."""
    assert difference("#008000", "#d40000") > 100
    assert difference("#008000", "#d40000", "deuteranopia") < 15
    assert difference("#0000ff", "#008080", "tritanopia") < difference("#0000ff", "#008080") / 2


def test_differences_rest_on_the_published_lab() -> None:
    """sRGB's red in CIE L*a*b*, as every converter has it."""
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)


# one SVG for day and night -------------------------------------------------------------------------------------------


def test_colours_that_part_are_set_apart_where_nobody_sees_it() -> None:
    """White is both the paper and the circles' fill; at night they differ."""
    light, dark = THEMES["cs231n"], THEMES["dark"]
    auto = THEMES["auto"]
    assert max(difference(getattr(light, field), getattr(auto, field)) for field in COLORS) < 1
    pairs = {(getattr(auto, field), getattr(dark, field)) for field in COLORS}
    assert len(pairs) == len({color for color, _ in pairs})
    assert following(auto, dark) == auto


def test_many_fields_of_one_colour_are_set_apart() -> None:
    black = Theme("black", "", **dict.fromkeys(COLORS, "#000000"))
    many = black._replace(**{field: f"#10{k:02d}00" for k, field in enumerate(COLORS)})
    found = following(black, many)
    assert len({getattr(found, field) for field in COLORS}) == len(COLORS)


def rules(svg: str) -> dict[tuple[str, str, str], str]:
    """The rules of an SVG's style: (class, attribute, colour) -> its colour at night."""
    rule = re.compile(r'^\.([\w-]+) \[(fill|stroke)="(#[0-9a-f]{6})"\]\{\2:(#[0-9a-f]{6})\}$')
    style = ET.fromstring(svg).findtext(f"{SVG}style") or ""
    first, *lines, last = style.splitlines()
    assert (first, last) == ("@media (prefers-color-scheme:dark){", "}")
    matches = [rule.fullmatch(line) for line in lines]
    assert all(matches)
    return {(m[1], m[2], m[3]): m[4] for m in matches if m}


def test_every_colour_of_the_drawing_has_its_rule_and_no_rule_reaches_beyond_it() -> None:
    svg = draw(*FIGURE, theme="auto", title="t").svg
    root, found = ET.fromstring(svg), rules(svg)
    drawn = {
        (root.attrib["class"], attribute, element.attrib[attribute])
        for element in root.iter()
        for attribute in ("fill", "stroke")
        if element.attrib.get(attribute, "none") not in ("none", "transparent")
    }
    assert drawn
    assert drawn <= set(found)
    assert {name for name, _, _ in found} == {root.attrib["class"]}


def test_figures_of_other_colours_have_a_style_of_their_own() -> None:
    other = following(THEMES["board"]._replace(equations=False), THEMES["dark"])
    classes = [ET.fromstring(render(pictured(t), "svg", "auto")).attrib["class"] for t in (THEMES["auto"], other)]
    assert len({*classes}) == 2


@pytest.mark.parametrize("name", [name for name, row in THEMES.items() if not row.dark])
def test_other_themes_have_no_style(name: str) -> None:
    assert "<style" not in draw("w*x", {"w": 1, "x": 2}, theme=name).svg


def test_other_formats_draw_the_day() -> None:
    png = draw(*FIGURE, theme="auto").render("png")
    assert hexed(pixels(png)[0][0]) == "#ffffff"


@pytest.fixture(scope="module")
def page() -> Iterator[Browser]:
    if not (program := chromium()):
        pytest.skip("needs Chromium")
    with browser(program) as opened:
        yield opened


PAGE = """<!doctype html><body style="margin:0">
<div style="height:20px"><svg width="20" height="20"><rect width="20" height="20" fill="#ffffff"/></svg></div>
<div style="height:280px;overflow:hidden">{figure}</div>
<div style="height:280px;overflow:hidden">{other}</div>"""
BANDS = {"page": slice(0, 20), "figure": slice(20, 300), "other": slice(300, 580)}
MODES = {"light": "auto", "dark": "dark"}
AREAS = ("background", "gate_fill", "alarm")  # as large as to have pixels of their own colour


def colours(rows: list[list[tuple[int, ...]]]) -> set[str]:
    return {hexed(pixel) for row in rows for pixel in row}


def shown(theme: str, found: set[str]) -> bool:
    return {getattr(THEMES[theme], field) for field in AREAS} <= found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("where", ["inline", "img"])
def test_a_page_follows_its_reader(page: Browser, tmp_path: Path, where: str, mode: str) -> None:
    """The figure takes the colours of the mode; the page and a figure of another theme beside it keep theirs."""
    svg = draw(*FIGURE, theme="auto").svg
    (tmp_path / "figure.svg").write_text(svg, encoding="utf-8")
    figure = svg if where == "inline" else '<img src="figure.svg">'
    html = PAGE.format(figure=figure, other=draw(*FIGURE, theme="cs231n").svg)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.open(tmp_path / "page.html", prefers_color_scheme=mode)
    rows = pixels(page.screenshot(700, 580))
    band = {name: colours(rows[lines]) for name, lines in BANDS.items()}
    assert band["page"] == {"#ffffff"}
    assert [name for name in MODES if shown(MODES[name], band["figure"])] == [mode]
    assert shown("cs231n", band["other"])


@pytest.mark.parametrize("mode", MODES)
def test_a_figure_alone_follows_its_reader(page: Browser, tmp_path: Path, mode: str) -> None:
    draw(*FIGURE, theme="auto").save(tmp_path / "figure.svg")
    page.open(tmp_path / "figure.svg", prefers_color_scheme=mode)
    found = colours(pixels(page.screenshot(700, 220)))
    assert [name for name in MODES if shown(MODES[name], found)] == [mode]


# files of the user's own ---------------------------------------------------------------------------------------------


def test_a_word_is_a_row_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('value = "#00f"', encoding="utf-8")
    assert theme_of("dark") is THEMES["dark"]
    assert theme_of(THEMES["dark"]) is THEMES["dark"]
    assert theme_of(str(file)) == theme_of(file) == read_theme(file)
    assert [is_theme_file(word) for word in ("x.TOML", "./dark", "dark", Path("dark"))] == [True, True, False, True]
    with pytest.raises(OptionError, match=r"unknown theme 'drak'; did you mean 'dark'\?"):
        theme_of("drak")


def test_a_file_changes_its_base_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "lecture.toml"
    file.write_text(
        'base = "board"\nvalue = "#0A0"\ngate-fill = "#FFFFEE"\nfont = ["Noto Serif", "나눔명조", "serif"]\n'
        "share_size = 11\ngrad-italic = true\n",
        encoding="utf-8",
    )
    assert read_theme(file) == THEMES["board"]._replace(
        name="lecture", does="the theme of lecture.toml", value="#00aa00", gate_fill="#ffffee",
        font="Noto Serif,나눔명조,serif", share_size=11.0, grad_italic=True,
    )  # fmt: skip


def test_an_empty_file_is_the_first_theme_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "plain.toml").write_bytes(b"\xef\xbb\xbf\r\n")  # the mark of an editor on Windows
    assert read_theme(tmp_path / "plain.toml")._replace(name="cs231n", does=THEMES["cs231n"].does) == THEMES["cs231n"]


@pytest.mark.parametrize("dark", ["dark", "night.toml", "auto"])
def test_a_file_has_a_dark_sibling(tmp_path: Path, dark: str) -> None:
    (tmp_path / "night.toml").write_text('base = "dark"\nvalue = "#ffffff"', encoding="utf-8")
    (tmp_path / "day.toml").write_text(f'dark = "{dark}"\nvalue = "#111111"', encoding="utf-8")
    theme = read_theme(tmp_path / "day.toml")
    assert theme.dark is not None
    assert theme.dark.dark is None
    svg = render(pictured(theme), "svg", "auto").decode()
    night = {(attribute, color): other for (_, attribute, color), other in rules(svg).items()}
    assert night["fill", "#111111"] == theme.dark.value


def test_siblings_do_not_go_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('dark = "./b.toml"', encoding="utf-8")
    (tmp_path / "b.toml").write_text('\ndark = "./a.toml"', encoding="utf-8")
    with pytest.raises(OptionError, match=r"line 1: 'dark': theme file '.*b\.toml', line 2: unknown key 'dark'"):
        read_theme(tmp_path / "a.toml")


@pytest.mark.parametrize("format", ["svg", "dot", "pdf", "png"])
def test_every_format_draws_a_theme_of_the_user_s_own(tmp_path: Path, format: str) -> None:
    (tmp_path / "mine.toml").write_text('base = "dark"\nfont = "Exo 2"\nvalue = "#123456"', encoding="utf-8")
    data = render(pictured(read_theme(tmp_path / "mine.toml")), format, "auto")
    assert b"#123456" in data or format in ("pdf", "png")


KEYS = "keys are base, name, does, font"
WRONG = {
    'gate-fil = "#fff"': "FILE, line 1: unknown key 'gate-fil'; did you mean 'gate-fill'? " + KEYS,
    '\n\nzzz = "#fff"': "FILE, line 3: unknown key 'zzz'; " + KEYS,
    "[colors]\nvalue = 1": "FILE, line 1: unknown key 'colors'; " + KEYS,
    'value = "green"': "FILE, line 1: 'value' must be a colour like #d40000 or #d00, in quotes, not 'green'",
    '"gate-fill" = 3': "FILE, line 1: 'gate-fill' must be a colour like #d40000 or #d00, in quotes, not 3",
    "value.x = 1": "FILE, line 1: 'value' must be a colour like #d40000 or #d00, in quotes, not a table",
    "pen = nan": "FILE, line 1: 'pen' must be a number from 0.1 to 8, not nan",
    "font_size = 5": "FILE, line 1: 'font-size' must be a number from 6 to 96, not 5",
    "arrow = true": "FILE, line 1: 'arrow' must be a number from 0 to 3, not true",
    "equations = 1": "FILE, line 1: 'equations' must be true or false, not 1",
    "font = []": "FILE, line 1: 'font' must be the name of a font, or a list of them",
    'base = "drak"': "FILE, line 1: 'base' must be a theme's name (cs231n, dark, print, colorblind, board and auto; "
    "nearest is dark), not 'drak'",
    'gate-fill = "#fff"\ngate_fill = "#000"': "FILE, line 2: 'gate-fill' is given twice",
    "value = ": "FILE: Invalid value (at ",
    "a = " + 5000 * "[": "FILE: ",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:30])
def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    assert refused(text, tmp_path / "mine.toml").startswith(WRONG[text])


HOSTILE = ['#fff"/>', "#ffffff;}", "red;x", "url(#x)", "<b>", "a&b", "a\nb", "a\tb", "'a'", 'a"b', "a\\b", "a;b", "a=b",
           "a{b}", "/etc/passwd", "../x", "a\u202eb", "a,,b", " ", "-a"]  # fmt: skip


@pytest.mark.parametrize("field", [*COLORS, "font"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_could_be_markup_passes(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"a colour|the name of a font"):
        _FIELDS[field](text)


@pytest.mark.parametrize("field", [field for field in Theme._fields if field != "dark"])
@pytest.mark.parametrize("value", [None, 1 << 70, -1, [["a"]], {}, "\0", float("inf")])
def test_no_field_takes_what_is_of_no_use(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        _FIELDS[field](value)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "large.toml").write_bytes(b"#" * (LARGEST + 1))
    wrong = {
        "large.toml": "it is larger than 16,384 bytes",
        "mine.toml": "it is not UTF-8 text",
        "min.toml": r"there is no such file; did you mean 'mine\.toml'\?",
        "no/such.toml": "there is no such file$",
        ".": "cannot read it: ",
        "a\0.toml": "cannot read it: embedded null byte",
    }
    for name, message in wrong.items():
        with pytest.raises(OptionError, match=message):
            theme_of(f"{tmp_path}/{name}")


def test_a_row_s_name_loads_no_reader_of_files() -> None:
    code = "import sys; from gradviz.themes import theme_of; theme_of('dark'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "gradviz.themes" in loaded
    assert not {"tomllib", "gradviz.themefiles"} & {*loaded}


# the documentation ---------------------------------------------------------------------------------------------------


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    part = DOCS.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_every_field_is_documented_with_what_it_is_unless_given() -> None:
    documented = {row[0].replace("-", "_"): row[2] for row in table("The keys of a theme file")}
    first = THEMES["cs231n"]
    assert list(documented) == ["base", *Theme._fields]
    for field in (*COLORS, "font_size", "share_size", "pen", "arrow"):
        value = getattr(first, field)
        assert documented[field] == (value if isinstance(value, str) else f"{value:g}")


def test_every_row_is_documented_with_what_it_does() -> None:
    assert [row[:2] for row in table("The themes")] == [[row.name, row.does] for row in THEMES.values()]
