"""Frames of one layout become an animated SVG, fragments, pages and moving pictures that show exactly these frames."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from functools import cache, reduce
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader

import gradviz
from gradviz import formats
from gradviz.animation.images import KINDS, moving_picture
from gradviz.animation.pages import pages
from gradviz.animation.svg import animated, fragments
from gradviz.animation.timing import LONGEST, SHORTEST
from gradviz.animation.versions import Key, merged
from gradviz.errors import OptionError, RenderError
from gradviz.telling.slides import slides
from gradviz.telling.steps import steps
from tests.browser import Browser, browser, chromium

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {SVG + name for name in ("text", "ellipse", "path", "polygon", "polyline")}
NEURON = "w*x + b", {"w": -2, "x": 5, "b": 3}
HOSTILE = '</title></svg><script>alert(1)</script> & "quoted" ]]>'
PROGRAMS = {
    "neuron": NEURON,
    "fork": ("g = x*y\nf = g*g + x", {"x": 2, "y": -3}),
    "sigmoid": ("1/(1+exp(-(w0*x0+w1*x1+w2)))", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}),
}


@cache
def frames(program: str = "neuron", kind: str = "svg", title: str = "") -> list[bytes]:
    return drawn(*PROGRAMS[program], kind, title)


def drawn(
    program: str, values: dict[str, float], kind: str = "svg", title: str = "", theme: str = "cs231n"
) -> list[bytes]:
    figure = gradviz.draw(program, values, title=title or None, theme=theme)
    told = steps(figure.graph)
    shown = slides(figure.picture, told, [f"step {number}" for number in range(len(told))])
    return [formats.render(slide, kind, "auto") for slide in shown]


def texts(program: str = "neuron", title: str = "") -> list[str]:
    return [frame.decode() for frame in frames(program, "svg", title)]


# What is seen, evaluated anew from the text


Seen = Callable[[ET.Element], str | None]  # an element's own visibility; None: as its parent's


def visible(root: ET.Element, seen: Seen) -> list[str]:
    """The shapes that are seen, in drawing order."""
    return list(_visible(root, "visible", seen))


def _visible(element: ET.Element, inherited: str, seen: Seen) -> Iterator[str]:
    own = seen(element) or inherited
    if element.tag in SHAPES and own == "visible":
        yield f"{element.tag} {sorted(element.attrib.items())} {element.text}"
    for child in element:
        yield from _visible(child, own, seen)


def still(element: ET.Element) -> str | None:
    """Where nothing is known of animations and reveal.js."""
    return element.get("visibility")


def at(style: str, share: float) -> Seen:
    """After this share of the animation."""
    now = {}
    for name, rule in re.findall(r"@keyframes (\S+) \{(.*)\}", style):
        stops = [(float(at), value) for at, value in re.findall(r"([\d.]+)% \{visibility: (\w+)\}", rule)]
        assert stops[0][0] == 0
        now[name] = [value for start, value in stops if start <= 100 * share][-1]
    assert dict.fromkeys(re.findall(r"\.(\S+) \{animation: \1 [\d.]+s step-end infinite\}", style)) == dict.fromkeys(
        now
    )
    return lambda element: now.get(element.get("class", ""), still(element))


def stepped(step: int) -> Seen:
    """In reveal.js after so many steps forward; its style sheet overrules attributes."""

    def seen(element: ET.Element) -> str | None:
        classes = element.get("class", "").split()
        if "fragment" not in classes:
            return still(element)
        is_past = int(element.attrib["data-fragment-index"]) < step
        return "hidden" if is_past == ("fade-out" in classes) else None

    return seen


def shown_by(text: str) -> list[str]:
    return visible(ET.fromstring(text), still)


def played(text: str, times: Sequence[float]) -> list[list[str]]:
    """What is seen in the middle of each frame."""
    root = ET.fromstring(text)
    style = root.findtext(SVG + "style", "")
    middles = [(sum(times[:k]) + times[k] / 2) / sum(times) for k in range(len(times))]
    return [visible(root, at(style, middle)) for middle in middles]


def durations(count: int, seconds: float, hold: float) -> list[float]:
    return [seconds] * (count - 1) + [hold]


# SVG


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_frame_of_the_animation_shows_its_frame_and_nothing_else(program: str) -> None:
    wanted = texts(program)
    text = animated(wanted, 1.5, 4)
    assert played(text, durations(len(wanted), 1.5, 4)) == [shown_by(frame) for frame in wanted]
    assert f" {1.5 * (len(wanted) - 1) + 4:g}s step-end infinite" in text


def test_the_check_of_frames_can_fail() -> None:
    wanted = texts()
    text, times = animated(wanted, 1, 1), durations(len(wanted), 1, 1)
    seen = [shown_by(frame) for frame in wanted]
    assert played(text, times) == seen
    assert played(text.replace("25% {visibility: visible}", "50% {visibility: visible}"), times) != seen
    assert played(animated(wanted[::-1], 1, 1), times) != seen
    assert len({tuple(each) for each in seen}) == len(seen)


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_animation_and_without_reveal_the_last_frame_stands(program: str) -> None:
    wanted = texts(program)
    assert shown_by(animated(wanted)) == shown_by(fragments(wanted)) == shown_by(wanted[-1])


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_step_of_reveal_shows_the_next_frame(program: str) -> None:
    wanted = texts(program)
    root = ET.fromstring(fragments(wanted))
    assert [visible(root, stepped(step)) for step in range(len(wanted))] == [shown_by(frame) for frame in wanted]


def test_the_check_of_steps_can_fail() -> None:
    wanted = texts()
    root = ET.fromstring(fragments(wanted).replace("fragment fade-out", "fragment"))
    assert [visible(root, stepped(step)) for step in range(len(wanted))] != [shown_by(frame) for frame in wanted]


@pytest.mark.parametrize("make", [animated, fragments])
def test_the_size_grows_with_the_changes_and_not_with_the_frames(make: Callable[[Sequence[str]], str]) -> None:
    """A chain twice as long has twice the steps: whole frames one upon the other would take four times the room."""
    short, long = ([frame.decode() for frame in drawn("+".join("x" * n) + "+y", {"x": 1, "y": 2})] for n in (12, 24))
    assert len(make(long)) / len(make(short)) < 2.3
    assert sum(map(len, long)) / sum(map(len, short)) > 3


@pytest.mark.parametrize("make", [animated, fragments])
def test_two_figures_on_a_page_share_no_name(make: Callable[[Sequence[str]], str]) -> None:
    names = []
    for text in (make(texts()), make(texts(title="another"))):
        ids = [element.attrib["id"] for element in ET.fromstring(text).iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        names.append(set(ids) | set(re.findall(r"@keyframes (\S+)", text)))
    assert all(names)
    assert names[0].isdisjoint(names[1])


def test_the_same_frames_with_other_times_have_other_names() -> None:
    first, second = (set(re.findall(r"@keyframes (\S+)", animated(texts(), seconds))) for seconds in (1, 2))
    assert first.isdisjoint(second)
    assert len(first) > 1


@pytest.mark.parametrize("make", [animated, fragments])
def test_words_stay_words_for_those_who_cannot_see(make: Callable[[Sequence[str]], str]) -> None:
    root = ET.fromstring(make(texts(title=HOSTILE)))
    last = ET.fromstring(texts(title=HOSTILE)[-1])
    assert root.get("role") == "img"
    assert root.findtext(SVG + "title") == last.findtext(SVG + "title") == HOSTILE
    assert root.findtext(SVG + "desc") == last.findtext(SVG + "desc")
    assert not list(root.iter(SVG + "script"))
    assert [root.get(name) for name in ("width", "height", "viewBox")] == [
        last.get(name) for name in ("width", "height", "viewBox")
    ]


def test_tooltips_are_those_of_the_last_frame_and_left_out_of_slides() -> None:
    tips = [{tip.text for tip in ET.fromstring(text).iter(SVG + "title")} for text in (animated(texts()), texts()[-1])]
    assert tips[0] == tips[1]
    assert len(tips[0]) > 1
    assert len(list(ET.fromstring(fragments(texts())).iter(SVG + "title"))) == 1


def test_a_prefix_of_a_name_is_kept() -> None:
    """`xml:space` is written as it was read."""
    frame = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g id="graph0">'
        '<text xml:space="preserve">  &lt; &#10;</text></g></svg>'
    )
    text = animated([frame])
    assert '<text xml:space="preserve">  &lt; \n</text>' in text
    assert "<style" not in text


@pytest.mark.parametrize("make", [animated, fragments])
def test_frames_with_a_link_become_no_film(make: Callable[[Sequence[str]], str]) -> None:
    link = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" {link}><g id="graph0"><a xlink:href="https://x"/></g></svg>'
    with pytest.raises(RenderError, match="not inert: <a xlink"):
        make([frame])


def test_the_animation_asks_whether_motion_is_wanted() -> None:
    style = ET.fromstring(animated(texts())).findtext(SVG + "style", "")
    assert style.startswith("@media screen and (prefers-reduced-motion: no-preference) {")


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=6))
def test_the_merged_order_holds_for_every_frame(orders: list[list[str]]) -> None:
    line = merged([{Key(None, name, 0): ET.Element(name) for name in order} for order in orders])
    for number, order in enumerate(orders):
        assert [part.key.text for part in line if number in part.frames] == order


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=6))
def test_frames_in_one_order_keep_each_part_once(orders: list[set[str]]) -> None:
    """The first frame has all of them here; the order of two that are never seen together cannot be known."""
    every = [{Key(None, name, 0): ET.Element(name) for name in "abcdef"}]
    line = merged(every + [{Key(None, name, 0): ET.Element(name) for name in sorted(order)} for order in orders])
    assert "".join(part.key.text for part in line) == "abcdef"


BROKEN: dict[str, tuple[list[str], str]] = {
    "none": ([], "there are no frames"),
    "text": (["<svg><g/></svg>", "text"], "frame 1 is not an SVG: syntax error"),
    "empty": (["<svg/>"], "frame 0 is not the SVG of a figure"),
    "page": (["<html><g/></html>"], "frame 0 is not the SVG of a figure"),
    "size": (['<svg width="1"><g/></svg>', '<svg width="2"><g/></svg>'], "frame 1 is 2   (width, height, view), but"),
    "place": (['<svg><g transform="a"/></svg>', '<svg><g transform="b"/></svg>'], "frame 1 is b (transform), but"),
}


@pytest.mark.parametrize("make", [animated, fragments])
@pytest.mark.parametrize("case", BROKEN)
def test_frames_that_are_none_are_named(make: Callable[[Sequence[str]], str], case: str) -> None:
    broken, message = BROKEN[case]
    with pytest.raises(RenderError, match=re.escape(message)):
        make(broken)


@pytest.mark.parametrize("bad", [0, -1, SHORTEST / 2, LONGEST + 1, float("nan"), float("inf"), True, "2"])
@pytest.mark.parametrize("name", ["seconds", "hold"])
def test_times_are_numbers_of_seconds(name: str, bad: float) -> None:
    with pytest.raises(OptionError, match=rf"'{name}' is a number of seconds from 0\.1 to 60, not "):
        animated(texts(), **{name: bad})
    with pytest.raises(OptionError, match=f"'{name}' is a number of seconds"):
        moving_picture(frames(kind="png"), "gif", **{name: bad})


# PDF


def test_a_pdf_has_a_page_a_step_all_of_one_size_with_the_text_of_its_frame() -> None:
    wanted = frames(kind="pdf")
    found, alone = PdfReader(BytesIO(pages(wanted))).pages, [PdfReader(BytesIO(frame)).pages[0] for frame in wanted]
    assert len({tuple(page.mediabox) for page in found}) == 1
    assert [page.extract_text() for page in found] == [page.extract_text() for page in alone]
    assert len({page.extract_text() for page in found}) == len(wanted)


def test_pages_that_use_the_same_font_share_it() -> None:
    one = frames(kind="pdf")[-1]
    assert pages([one]).count(b"/FontFile2") == pages([one] * 8).count(b"/FontFile2")
    assert len(pages([one] * 8)) < 2 * len(one)


def test_the_same_frames_give_the_same_pdf() -> None:
    again = drawn(*NEURON, "pdf")
    assert pages(frames(kind="pdf")) == pages(again)
    assert b"CreationDate" not in pages(again)


def test_pages_that_are_none_are_named() -> None:
    other = gradviz.draw("x", {"x": 1}).render("pdf")
    two = pages([other, other])
    for broken, message in (
        ([], "there are no frames"),
        ([b"text"], "frame 0 is not a PDF of one page"),
        ([two], "frame 0 is not a PDF of one page"),
        ([frames(kind="pdf")[0], other], "frame 1 is .* points, but frame 0 is"),
    ):
        with pytest.raises(RenderError, match=message):
            pages(broken)


@pytest.mark.parametrize(
    ("library", "make"),
    [("pypdf", lambda: pages([])), ("PIL", lambda: moving_picture([], "gif"))],
    ids=["pypdf", "Pillow"],
)
def test_a_missing_library_is_named_with_what_to_install(
    library: str, make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [library, *(name for name in sys.modules if name.startswith(library + "."))]:
        monkeypatch.setitem(sys.modules, module, None)
    hint = r"needs (\w+) \(.*\); it comes with gradviz's extra 'steps', or by pip install \1$"
    with pytest.raises(RenderError, match=hint):
        make()


# Pictures


TOLERANCE = {"gif": 24, "webp": 0}  # of 255, where letters are smoothed; a WebP loses nothing


def picture(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def read_back(data: bytes) -> tuple[list[Image.Image], list[int]]:
    """The frames and their milliseconds."""
    film, found, times = Image.open(BytesIO(data)), [], []
    for number in range(getattr(film, "n_frames", 1)):
        film.seek(number)
        film.load()
        found.append(film.convert("RGB"))
        times.append(film.info.get("duration", 0))
    return found, times


def furthest(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of a channel of a pixel."""
    return max(high for _, high in ImageChops.difference(one, other).getextrema())  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
def test_a_moving_picture_shows_each_frame_for_its_time(kind: str) -> None:
    wanted = frames("fork", "png")
    data = moving_picture(wanted, kind, 1.25, 3)
    found, times = read_back(data)
    assert times == [1250] * (len(wanted) - 1) + [3000]
    assert Image.open(BytesIO(data)).info["loop"] == 0
    for mine, frame in zip(found, wanted, strict=True):
        assert furthest(mine, picture(frame)) <= TOLERANCE[kind]
    assert len(data) < sum(map(len, wanted)) / 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_of_pictures_can_fail(kind: str) -> None:
    wanted = frames("fork", "png")
    found, _ = read_back(moving_picture(wanted, kind))
    for one, following in pairwise(range(len(wanted))):
        assert furthest(found[one], picture(wanted[following])) > 100


def test_a_gif_keeps_the_colours_of_surfaces_and_has_one_palette() -> None:
    wanted = frames("fork", "png")
    data, flat = moving_picture(wanted, "gif"), set()
    for mine, frame in zip(read_back(data)[0], wanted, strict=True):
        whole = picture(frame)
        often = [colour for count, colour in whole.getcolors(1 << 24) or [] if count > 200]
        flat |= set(often)
        assert {colour for _, colour in mine.getcolors(1 << 24) or []}.issuperset(often)
    assert len(flat) == 5  # paper, ink, value, gradient and the gate that a step is about
    assert palettes(data) == 0


def palettes(gif: bytes) -> int:
    """How many frames bring their own."""
    place, own = 13 + 3 * (2 << (gif[10] & 7)), 0
    while gif[place] != ord(";"):
        if gif[place] == ord(","):
            table = gif[place + 9]
            own += table >> 7
            place += 11 + (3 * (2 << (table & 7)) if table >> 7 else 0)
        else:
            place += 2
        while gif[place]:
            place += gif[place] + 1
        place += 1
    return own


def test_the_check_of_palettes_can_fail() -> None:
    out = BytesIO()
    first, second = (Image.new("P", (9, 9), colour) for colour in (0, 1))
    first.putpalette(bytes(range(6)))
    second.putpalette(bytes(range(9, 15)))
    first.save(out, "GIF", save_all=True, append_images=[second])
    assert palettes(out.getvalue()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_like_the_one_before_makes_it_stand_longer(kind: str) -> None:
    first, second = frames(kind="png")[:2]
    found, times = read_back(moving_picture([first, second, second], kind, 1, 2))
    assert sum(times) == 4000
    assert len(found) in (2, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_transparent_is_white(kind: str) -> None:
    out = BytesIO()
    Image.new("RGBA", (9, 9), (255, 0, 0, 0)).save(out, "PNG")
    found, _ = read_back(moving_picture([out.getvalue()], kind))
    assert found[0].getcolors() == [(81, (255, 255, 255))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_side_too_long_for_the_format_is_told(kind: str) -> None:
    out, (_, side) = BytesIO(), KINDS[kind]
    Image.new("1", (side + 1, 1)).save(out, "PNG")
    with pytest.raises(RenderError, match=f"a {kind} has at most {side} pixels a side; these are {side + 1} x 1, "):
        moving_picture([out.getvalue()], kind)


def test_pictures_that_are_none_are_named() -> None:
    other = gradviz.draw("x", {"x": 1}).render("png")
    for broken, message in (
        ([], "there are no frames"),
        ([b"text"], "frame 0 cannot be read as PNG: "),
        ([other[:90]], "frame 0 cannot be read as PNG: "),
        ([frames(kind="png")[0], other], r"frame 1 is \d+ x \d+ pixels, but frame 0 is"),
    ):
        with pytest.raises(RenderError, match=message):
            moving_picture(broken, "webp")
    with pytest.raises(OptionError, match="unknown moving picture 'mp4'; moving pictures are gif and webp"):
        moving_picture([other], "mp4")


# A browser

needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium on PATH that takes a pipe")
EDGE, SPECKS = 80, 5  # smoothed edges may differ by less when a part is drawn alone; so many pixels may differ by more


@pytest.fixture(scope="module")
def page() -> Iterator[Browser]:
    with browser(str(chromium())) as opened:
        yield opened


def size(text: str) -> tuple[int, int]:
    """In the browser's pixels, of which three are four points."""
    root = ET.fromstring(text)
    width, height = (float(root.attrib[name].removesuffix("pt")) for name in ("width", "height"))
    return int(width * 4 / 3) + 1, int(height * 4 / 3) + 1


def look(page: Browser, text: str) -> Image.Image:
    return picture(page.screenshot(*size(text)))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def in_page(folder: Path, text: str, name: str) -> Path:
    """A page with the SVG as an <img>."""
    write(folder / f"{name}.svg", text)
    return write(folder / f"{name}.html", f'<body style="margin: 0"><img src="{name}.svg">')


def alike(one: Image.Image, other: Image.Image) -> bool:
    greatest = reduce(ImageChops.lighter, ImageChops.difference(one, other).split())
    return sum(greatest.histogram()[EDGE + 1 :]) <= SPECKS


@needs_chromium
def test_a_browser_plays_the_frames(page: Browser, tmp_path: Path) -> None:
    wanted, alone = texts(), []
    for frame in wanted:
        page.open(write(tmp_path / "frame.svg", frame))
        alone.append(look(page, frame))
    assert not any(alike(one, following) for one, following in pairwise(alone))
    page.open(write(tmp_path / "all.svg", animated(wanted, 2, 4)))
    for number, frame in enumerate(alone):
        assert page.seek(2 * number + 1) > 0
        assert alike(look(page, wanted[0]), frame), number
    for feature, value in (("media", "print"), ("prefers_reduced_motion", "reduce")):
        page.media(value) if feature == "media" else page.media(**{feature: value})
        assert page.seek(0) == 0, feature
        assert alike(look(page, wanted[0]), alone[-1]), feature


@needs_chromium
def test_the_animation_follows_the_mode_of_its_reader(page: Browser, tmp_path: Path) -> None:
    wanted = [frame.decode() for frame in drawn(*NEURON, theme="auto")]
    page.open(write(tmp_path / "frame.svg", wanted[3]), prefers_color_scheme="dark")
    alone = look(page, wanted[3])
    page.open(write(tmp_path / "all.svg", animated(wanted, 2, 4)), prefers_color_scheme="dark")
    page.seek(7)
    assert alike(look(page, wanted[0]), alone)
    assert max(alone.getpixel((1, 1))) < 60  # type: ignore[arg-type,type-var]


@needs_chromium
def test_an_img_plays_the_frames_too(page: Browser, tmp_path: Path) -> None:
    """Its clock cannot be set: what is seen is always one of the frames, and in their order."""
    wanted, alone = texts(), []
    for frame in wanted:
        page.open(in_page(tmp_path, frame, "frame"))
        alone.append(look(page, frame))
    page.open(in_page(tmp_path, animated(wanted, 10, 10), "all"))
    seen = []
    for _ in range(len(wanted) - 2):
        shown = look(page, wanted[0])
        seen += [number for number, frame in enumerate(alone) if alike(shown, frame)]
        page.advance(10)
    assert len(seen) == len(wanted) - 2
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] >= 3


@needs_chromium
def test_an_img_stands_still_for_a_reader_who_wants_less_motion(tmp_path: Path) -> None:
    """An emulated wish does not reach images; the system's does."""
    wanted, seen = texts(), []
    with browser(str(chromium()), "--force-prefers-reduced-motion") as page:
        for text in (wanted[-1], animated(wanted, 10, 10)):
            page.open(in_page(tmp_path, text, "figure"))
            seen.append(look(page, text))
    assert alike(*seen)


@needs_chromium
def test_two_figures_inline_play_each_their_own(page: Browser, tmp_path: Path) -> None:
    body = animated(texts(), 1, 1) + animated(texts("fork"), 2, 2)
    page.open(write(tmp_path / "two.html", f'<!doctype html><meta charset="utf-8">{body}'))
    shapes = "[...document.querySelectorAll('svg:nth-of-type(%d) :is(text, ellipse, path, polygon)')]"
    count = f"{shapes}.filter(e => getComputedStyle(e).visibility == 'visible').length"
    for number in range(4):
        page.seek(number + 0.5)
        assert page.run(count % 1) == len(shown_by(texts()[number]))
        assert page.run(count % 2) == len(shown_by(texts("fork")[number // 2]))
