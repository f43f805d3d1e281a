"""What leaves is inert and faithful: hostile texts at every place for text, in every format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console

import gradviz
from gradviz import explanations, formats
from gradviz.errors import ProgramError, RenderError, columns, is_seen, printable, printable_lines
from gradviz.explanations import explanation
from gradviz.explanations.terminal import renderable
from gradviz.formats.dot import dot
from gradviz.formats.inert import inert
from gradviz.formats.text import table
from gradviz.layout.frames import Frame
from gradviz.layout.methods import placed
from gradviz.picture import Picture
from gradviz.practice.quiz import answered, begin
from gradviz.practice.worksheets import worksheet
from gradviz.telling.slideshow import Timing
from gradviz.themes import THEMES
from tests.drawings import SVG

UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"
SHOWN: Final = (  # as they are
    "<b>bold</b>", "&lt;", "&amp;lt;", "&#60;script&#62;", r"\N \G \E \T \H \L", r"a\nb\lc\rd", '"quoted"', "it's",
    "\u201cso\u201d \u2018so\u2019 \u00abso\u00bb", "the end\\", "\\", "-->", "<!-- -->", "]]>", "<![CDATA[x]]>",
    "</title></svg><script>alert(1)</script>", "\"/><a href='javascript:alert(1)'>x</a>", '" onload="alert(1)',
    "<?xml version='1.0'?>", "<!DOCTYPE svg>", "&xxe;", "50% $x$ #1 {} _ ^ ~ &", "^^5cinput", r"\input{/etc/passwd}",
    r"\write18{touch x}", "`a` ``b`` ```", "|a|b|", "[red]red[/red]", "[/]", "[link=http://x]y[/link]", ":smile: :x:",
    "[text](http://x)", "![i](http://x/y.png)", "http://x.org www.x.org a@x.org", "# head", "- item", "1234) item",
    "***", "> quote", "{\"a\": [1]}", "\",\"x\":1", "n0 -> n1; }", "];n9[URL=x", "label=<x>", "url(http://x) @import x",
    "한국어", "変数 名前", "Ω≈ç√", "a\u0301 x\u0338", "\u0301first", "שלום −3", "متغير", "می\u200cخواهم", "क्\u200dष",
    "😀",
    "👍🏽 👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
    "🇰🇷 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "❤\ufe0f ❤\ufe0e", "slotf0. slotd1.",
    "%s %(x)s {0} {x}", "${x} $(x)", "=1+1", "x" * 300,
)  # fmt: skip
HIDDEN: Final = (  # each of them beside letters
    *"\x00\x01\x07\x08\x1b\x1c\x1f\x7f\x80\x85\x9b\x9f",  # C0, C1
    *"\u061c\u200e\u200f\u202a\u202d\u202e\u2066\u2067\u2069",  # directions
    *"\xad\u034f\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u2060\u2062\u2800\u3164\ufeff\uffa0\ufe0f",  # unseen
    *"\ue000\U000f0000\ufdd0\uffff\U0010ffff\ud800\udfff",  # private, none, halves
    *"\U000e0001\U000e0041\U000e0100\U000e01ef",  # tags, selectors
)
TEXTS: Final = (*SHOWN, *(f"a{char}b" for char in HIDDEN), "\x1b[31mred\x1b[0m", "\x1b]8;;http://x\x07link\x1b]8;;\x07")
STYLES: Final = re.compile(r"\x1b\[[0-9;]*m")  # of rich itself


# what is seen --------------------------------------------------------------------------------------------------------


def test_what_can_be_seen_stays() -> None:
    assert [text for text in SHOWN if printable(text) != text] == []


def test_what_cannot_be_seen_is_made_visible() -> None:
    assert {printable(f"a{char}b") for char in HIDDEN} == {f"a{UNKNOWN}b"}
    assert not any(map(is_seen, HIDDEN))


def test_every_character_is_seen_or_replaced_one_for_one() -> None:
    """By its category in Unicode; marks that show nothing are those of Default_Ignorable_Code_Point, and blanks."""
    every = "".join(map(chr, (*range(0x20000), *range(0xE0000, 0xE1000), *range(0x10FF00, 0x110000))))
    shown = "".join(map(printable, every))
    pairs = list(zip(every, shown, strict=True))
    assert {b for a, b in pairs if a != b} == {UNKNOWN}
    assert not [a for a, b in pairs if a == b and unicodedata.category(a) in CONTROLLING and a != " "]
    assert len([a for a, b in pairs if a != b and unicodedata.category(a) not in CONTROLLING]) == MARKS


MARKS: Final = 14 + 16 + 240  # the last two are selectors of variants
CONTROLLING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


@pytest.mark.parametrize("joined", ["a\u200db", "\u200d😀", "😀\u200d", "a\ufe0f", "😀\u200da", "ab\u200cc", "ا\u200cب",
                                    "🏴\U000e0067\U000e0062", "1\ufe0f", "😀\ufe0f\ufe0f"])  # fmt: skip
def test_joiners_stay_only_where_they_join(joined: str) -> None:
    assert UNKNOWN in printable(joined)


def test_columns_of_a_terminal() -> None:
    assert [columns(text) for text in ("abc", "한국", "a\u0301", "❤\ufe0f", "می\u200cخ")] == [3, 4, 1, 1, 3]


# every place for text ------------------------------------------------------------------------------------------------


def everywhere(texts: tuple[str, ...]) -> Picture:
    """A figure with each text as a title once, as a name, on a shelf, in a tooltip, as a frame's name, below it."""
    program = " + ".join(f"x{k}" for k in range(len(texts)))
    shown = gradviz.draw(program, {f"x{k}": k for k in range(len(texts))}).picture
    nodes = list(shown.nodes)
    for k, text in enumerate(texts):
        row = (*shown.nodes[k].above[:-1], shown.nodes[k].above[-1]._replace(text=text))
        nodes[k] = nodes[k]._replace(label=text, tooltip=f"a {text}.\nb {text}.", above=row)
        nodes[-1 - k] = nodes[-1 - k]._replace(label=text) if k < len(texts) - 1 else nodes[-1 - k]
    return shown._replace(nodes=tuple(nodes), title=texts[0], caption="\n".join(printable(text) for text in texts))


def framed(shown: Picture, texts: tuple[str, ...]) -> Picture:
    """The same at its places, with a frame for each text."""
    places = placed(shown).places
    frames = tuple(
        Frame(-900.0, 99.0 * k, -100.0, 99.0 * k + 90, text, frozenset(), 16.0, 20.0) for k, text in enumerate(texts)
    )
    return shown._replace(places=places._replace(frames=frames))


@pytest.fixture(scope="module")
def hostile() -> Picture:
    return framed(everywhere(TEXTS), TEXTS)


def nothing_hidden(text: str) -> bool:
    """Whether each line is made of what can be seen."""
    return printable_lines(text) == text


def said(element: ET.Element) -> str:
    return "".join(element.itertext()).replace("\xa0", " ").strip()


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_svg_shows_each_text_at_each_place(hostile: Picture) -> None:
    root = ET.fromstring(formats.render(hostile, "svg", "auto"))
    groups = {group.get("id", ""): group for group in root.iter(f"{SVG}g")}
    for k, text in enumerate(TEXTS):
        shown = printable(text)
        assert said(groups[f"n{k}"].find(f"{SVG}text")) == shown  # type: ignore[arg-type]
        assert said(groups[f"s{k}"].find(f"{SVG}text")).endswith(shown)  # type: ignore[arg-type]
        assert groups[f"s{k}"].findtext(f"{SVG}title") == f"a {shown}.\nb {shown}."
        assert groups[f"g{k}"].findtext(f"{SVG}title") == shown
        assert said(groups[f"g{k}"].find(f"{SVG}text")) == shown  # type: ignore[arg-type]
    below = "".join(said(line) for line in groups["caption"].iter(f"{SVG}text"))
    assert squeezed(below) == squeezed(hostile.caption)


def test_a_title_is_what_it_was_in_svg_and_json() -> None:
    usual = gradviz.draw("w*x", {"w": 1, "x": 2})
    for title in TEXTS:
        figure = gradviz.Figure(usual.picture._replace(title=title))
        root = ET.fromstring(figure.svg)
        drawn = next(group for group in root.iter(f"{SVG}g") if group.get("id") == "title")
        assert said(drawn) == root.findtext(f"{SVG}title") == printable(title)
        data = figure.render("json").decode()
        assert json.loads(data)["title"] == title
        assert is_seen(data.replace("\n", ""))
        assert not {"</", "<!"} & {data[k : k + 2] for k in range(len(data))}


def test_a_title_is_on_one_line_and_keeps_what_is_no_space() -> None:
    titles = {" a\n b\u2028c\xa0d ": "a b c d", "a\x1cb\x85": "a\x1cb\x85", "\x1b": "\x1b"}
    assert {given: gradviz.draw("w*x", title=given).picture.title for given in titles} == titles


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz on PATH")
def test_dot_shows_each_text_at_each_place(hostile: Picture) -> None:
    """Read again by Graphviz: what it would draw, and what its attributes are."""
    done = subprocess.run(
        ["dot", "-Kneato", "-n2", "-Tjson"], input=dot(hostile).encode(), capture_output=True, timeout=60, check=True
    )  # fmt: skip
    read = json.loads(done.stdout)
    objects = {each.get("id", each["name"]): each for each in read["objects"]}
    for k, text in enumerate(TEXTS):
        shown = printable(text)
        assert drawn(objects[f"n{k}"]) == shown
        assert drawn(objects[f"s{k}"]).split("\N{NO-BREAK SPACE}")[-1].startswith(shown)
        assert drawn(objects[f"g{k}"]) == shown
        assert unescaped(objects[f"s{k}"]["tooltip"]) == f"a {shown}.\nb {shown}."
    assert not [name for each in read["objects"] for name in each if name in ("URL", "href", "image", "target")]


def drawn(thing: dict[str, Any]) -> str:
    return "".join(step["text"] for step in thing["_ldraw_"] if step["op"] == "T")


def unescaped(tip: str) -> str:
    """What Graphviz makes of an attribute: its escapes, then entities."""
    from html import unescape

    return unescape(tip.replace("\\\\", "\\"))


def test_a_table_of_a_terminal_obeys_nothing(hostile: Picture) -> None:
    data = formats.render(hostile, "text", "auto").decode()
    assert nothing_hidden(data)
    for kind in ("title", "caption"):
        assert nothing_obeyed(table(hostile._replace(title=TEXTS[-1]))), kind


def nothing_obeyed(thing: Any) -> str:
    """What rich prints, without its own styles; complains of anything else that a terminal would obey."""
    stream = StringIO()
    Console(file=stream, width=10_000, force_terminal=True, color_system="truecolor").print(thing)
    text = STYLES.sub("", stream.getvalue())
    assert nothing_hidden(text)
    return text


# explanations, slides, practice --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told() -> explanations.Explanation:
    graph = gradviz.parse("w*x")
    return explanation(graph, gradviz.evaluate(graph, {"w": -1, "x": 2}), formulas=False)


def test_explanations_show_what_they_were_given(told: explanations.Explanation) -> None:
    shown = told._replace(title="\n".join(TEXTS), notes=TEXTS)
    made = {name: explanations.render(shown, name).decode() for name in explanations.RENDERERS}
    assert all(map(nothing_hidden, made.values()))
    assert json.loads(made["json"])["title"] == shown.title
    assert json.loads(made["json"])["notes"] == list(TEXTS)
    coloured = nothing_obeyed(renderable(shown, THEMES["cs231n"]))
    for text in TEXTS:
        assert squeezed(printable(text)) in squeezed(made["text"])
        assert coloured.count(printable(text)) >= 2
    assert markdown(made["markdown"])[1][-1] == "\n".join(map(printable, TEXTS))


def test_a_heading_of_markdown_is_text(told: explanations.Explanation) -> None:
    model = markdown(explanations.render(told._replace(title="a"), "markdown").decode())
    for title in TEXTS:
        kinds, texts = markdown(explanations.render(told._replace(title=title), "markdown").decode())
        assert kinds == model[0]
        assert texts == [printable(title).strip(), *model[1][1:]]


def markdown(text: str) -> tuple[list[str], list[str]]:
    """The kinds of a page's blocks, and what each piece of running text says; complains of links and markup in it."""
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text)
    inline = [token for token in tokens if token.type == "inline"]
    found = {child.type for token in inline for child in token.children or []}
    assert found <= {"text", "code_inline", "text_special", "softbreak"}
    for token in inline:  # what some readers make links of stands in code
        plain = "".join(child.content for child in token.children or [] if child.type != "code_inline")
        assert not re.search(r"://|www\.|\w@\w", plain)
    return [token.type for token in tokens], list(map(running, inline))


def running(token: Token) -> str:
    """What a piece of running text says."""
    return "".join("\n" if child.type == "softbreak" else child.content for child in token.children or [])


@pytest.mark.parametrize("text", ["<b>", "[a](b)", "http://x.org", "# a\n## b"])
def test_a_markdown_with_markup_is_found(text: str) -> None:
    kinds, _ = markdown("`a`")
    with pytest.raises(AssertionError):
        assert markdown(text)[0] == kinds


@pytest.mark.parametrize("timing", [Timing(), Timing(fragments=True)], ids=["animated", "fragments"])
def test_steps_show_what_their_frames_show(timing: Timing) -> None:
    title = " ".join(TEXTS)
    slides = gradviz.draw("w*x", {"w": 1, "x": 2}, title=title).steps()
    slides = slides._replace(
        pictures=tuple(shown._replace(caption=printable_lines("\n".join(TEXTS))) for shown in slides.pictures[-2:])
    )
    root = ET.fromstring(slides.render("svg", timing))
    group = next(each for each in root.iter(f"{SVG}g") if (each.get("id") or "").endswith("-title"))
    assert said(group) == root.findtext(f"{SVG}title") == printable(title)


def test_worksheets_and_quizzes_repeat_what_they_were_given() -> None:
    shown = gradviz.draw("w*x", {"w": 1, "x": 2}).picture
    quiz = begin(shown)._replace(tries=1)
    for text in TEXTS:
        assert nothing_hidden("\n".join(each.text for each in answered(quiz, text).told))
    exercise = worksheet(shown._replace(title=" ".join(TEXTS))).exercise
    assert (exercise.title or "").endswith(" ".join(TEXTS))


# messages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [
    gradviz.draw,
    lambda text: gradviz.draw("w*x", {text: 1}),
    lambda text: gradviz.draw("w*x", theme=text),
    lambda text: gradviz.draw("w*x", {"w": 1, "x": 2}, upstream=text),
    lambda text: gradviz.draw("w*x", {"w": 1, "x": 2}, show=text),
    lambda text: gradviz.draw("w*x").render(text),
], ids=["program", "value", "theme", "upstream", "show", "format"])  # fmt: skip
def test_messages_obey_nothing(asked: Callable[[str], object]) -> None:
    for text in TEXTS:
        assert nothing_hidden(complaint(asked, text))


def complaint(asked: Callable[[str], object], text: str) -> str:
    """The message of an error; "" where there is none."""
    try:
        asked(text)
    except gradviz.GradvizError as error:
        return f"{error}\n{error.problem}"
    return ""


def test_a_message_of_a_hidden_character_is_its_own_line() -> None:
    assert str(ProgramError("a\x1b[31m\nb")) == f"a{UNKNOWN}[31m\nb"


# the check of SVG ----------------------------------------------------------------------------------------------------

PLAIN: Final = gradviz.draw("w*x", {"w": 1, "x": 2}, theme="auto", title="a").svg
ACTIVE: Final = (
    "<script>alert(1)</script>", "<script/>", "<SCRIPT/>", "<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
    "<foreignObject/>", "<a href='#x'/>", '<a xlink:href="http://x"/>', '<image href="x.png"/>', '<use href="#n0"/>',
    '<g onload="x"/>', '<g onclick="x"/>', "<g onload='x'/>", '<g style="fill:red"/>', '<g xml:base="http://x"/>',
    '<animate attributeName="x"/>', '<set attributeName="x"/>', '<iframe src="x"/>',
    '<g xmlns="http://www.w3.org/1999/xhtml"/>',
    '<rect fill="url(http://x)"/>', '<rect fill="u\\72l(x)"/>', '<rect fill="url&#40;x)"/>', '<rect filter="url(#x)"/>',
    "<style>@import 'x';</style>", "<style>a{fill:url(x)}</style>", "<style>a{fill:u\\72l(x)}</style>",
    '<style class="x">@import "x";</style>',
    "<style>@font-face{}</style>", "<style>a{fill:&#117;rl(x)}</style>", "<?xml-stylesheet href='x'?>",
    "<!-- x -->", "<![CDATA[x]]>",
    '<g x:y="z"/>', "<b>x</b>", '<g id = "x"/>', '<g transform="matrix(1) url(x)" href="x"/>', '<text textPath="x"/>',
)  # fmt: skip
REFUSED: Final = r"not inert|not well-formed"
BROKEN: Final = ("<g>", "</g>", "&xxe;", "&", "<g id='a' id='b'/>", "\x00", "\x1b", "<g id=x/>", "a<b", "]]>", "\ufffe")
ABOVE: Final = (
    "<!DOCTYPE svg>",
    '<!DOCTYPE svg [<!ENTITY a "b">]>',
    '<!DOCTYPE svg SYSTEM "http://x">',
    "<?xml version='1.0'?>",
    "<?php x?>",
    "<!-- -->",
)


def test_what_is_written_passes() -> None:
    assert inert(PLAIN.encode()) == PLAIN.encode()


@pytest.mark.parametrize("active", ACTIVE)
def test_what_acts_never_leaves(active: str) -> None:
    with pytest.raises(RenderError, match=REFUSED) as caught:
        inert(PLAIN.replace("</svg>", f"{active}</svg>").encode())
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("broken", BROKEN, ids=ascii)
def test_what_is_broken_never_leaves(broken: str) -> None:
    with pytest.raises(RenderError, match="not well-formed"):
        inert(PLAIN.replace("</svg>", f"{broken}</svg>").encode())


@pytest.mark.parametrize("above", ABOVE)
def test_nothing_is_declared(above: str) -> None:
    with pytest.raises(RenderError, match="not inert"):
        inert((above + PLAIN).encode())


@pytest.mark.parametrize("data", [b"", b"no XML", PLAIN.encode()[:-20], b"<svg/><svg/>", b"\xff<svg/>"])
def test_what_is_no_svg_never_leaves(data: bytes) -> None:
    with pytest.raises(RenderError, match="not well-formed"):
        inert(data)


@pytest.mark.parametrize("engine", ["auto", "graphviz", "dot"])
def test_every_svg_is_looked_at(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever draws it: words that were not escaped do not leave."""
    monkeypatch.setattr("gradviz.formats.svg.html", lambda text: text)
    figure = gradviz.draw("w*x", {"w": 1, "x": 2}, title="<b>bold</b>", engine=engine)
    with pytest.raises(RenderError, match=REFUSED):
        figure.render("svg")


def test_rows_are_filled_into_a_figure_that_was_looked_at() -> None:
    rows = {"w": [1.5, -2.25, float("inf")], "x": [3.0, 1e300, 0.0]}
    for theme in ("auto", THEMES["cs231n"]._replace(name="own", font="slotf0.,slotd1.")):
        for svg in gradviz.draw_many("w*x", rows, title="slotf0. <b>", theme=theme):
            assert inert(svg.encode()).decode() == svg
            assert "slotf0. &lt;b&gt;" in svg


def test_a_theme_made_by_a_program_is_looked_at_too() -> None:
    for field, value in THEME_FIELDS:
        with pytest.raises(gradviz.GradvizError, match=f"'{field.replace('_', '-')}' must be"):
            gradviz.draw("w*x", theme=THEMES["cs231n"]._replace(**{field: value}))


THEME_FIELDS: Final[list[tuple[str, Any]]] = [
    ("font", 'x" onload="y'), ("ink", 'red"/><script>'), ("value", "url(x)"), ("pen", "1"), ("name", "a\x1b"),
]  # fmt: skip


def test_the_name_of_a_definition_is_no_class_of_the_page() -> None:
    """A page's own styles and scripts go by classes such as `fragment`."""
    svg = gradviz.draw("def fragment(x):\n  return x*2\nfragment(a)", {"a": 1}).svg
    assert {name for group in groups_of(svg) for name in group.split() if name == "fragment"} == set()
    assert "node gate def" in groups_of(svg)


def groups_of(svg: str) -> Iterator[str]:
    return (group.get("class", "") for group in ET.fromstring(svg).iter(f"{SVG}g"))


def test_a_minus_stays_before_its_number_beside_hebrew() -> None:
    """A reader orders Hebrew and what follows it from right to left, unless the name is set apart."""
    svg = gradviz.draw("שם = x * 2\nשם + x", {"x": -3}, theme="board").svg
    assert '<tspan unicode-bidi="isolate">שם</tspan>' in svg
