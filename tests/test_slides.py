"""The lecture as frames of one layout, in folders and in one file."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import gradviz
from gradviz.errors import OptionError
from gradviz.layout import layout
from gradviz.layout.together import together
from gradviz.picture import Picture
from gradviz.runs import text
from gradviz.telling.slideshow import ONE_FILE, Timing, is_folder
from gradviz.telling.steps import steps
from tests.drawings import hidden_arrows, number_boxes, overlaps, wires_through_boxes
from tests.figures import ARRAY_FIGURES, FIGURES, NEURON, NEURON_VALUES

WX_B, WX_B_VALUES = "g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3}
SVG = "{http://www.w3.org/2000/svg}"
ALL = {
    **{name: (program, values, {}) for name, (program, values) in FIGURES.items()},
    **{name: (each.program, each.values, each.evaluated) for name, each in ARRAY_FIGURES.items()},
}
every_figure = pytest.mark.parametrize("name", ALL)


def slides_of(name: str) -> tuple[Picture, ...]:
    return figure(name).steps().pictures


def figure(name: str) -> gradviz.Figure:
    program, values, options = ALL[name]
    return gradviz.draw(program, values, **options)


def numbers(picture: Picture) -> tuple[set[int], set[int], set[int]]:
    """The nodes with a value and a gradient, and the wires with a share."""
    return (
        {k for k, node in enumerate(picture.nodes) if node.value},
        {k for k, node in enumerate(picture.nodes) if text(node.below)},
        {k for k, wire in enumerate(picture.wires) if wire.share},
    )


# what is on them -----------------------------------------------------------------------------------------------------


def test_the_lecture_of_sung_kim_frame_by_frame() -> None:
    frames = gradviz.draw(WX_B, WX_B_VALUES).steps()
    seen = [
        ([node.value for node in each.nodes], [text(node.below) for node in each.nodes]) for each in frames.pictures
    ]
    assert list(frames.kinds) == [
        "graph", "inputs", "forward", "forward", "seed", "backward", "backward", "finished",
    ]  # fmt: skip
    nothing, inputs = [""] * 5, ["−2", "5", "3", "", ""]
    everything = ["−2", "5", "3", "−10", "−7"]
    assert seen == [
        (nothing, nothing),
        (inputs, nothing),
        (["−2", "5", "3", "−10", ""], nothing),
        (everything, nothing),
        (everything, ["", "", "", "", "1"]),
        (everything, ["", "", "1", "1", "1"]),
        (everything, ["5", "−2", "1", "1", "1"]),
        (everything, ["5", "−2", "1", "1", "1"]),
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["g = w·x = (−2)·5 = −10", "f = g + b = −10 + 3 = −7", "∂f/∂f = 1", "∂f/∂b = 1 · 1 = 1",
                "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5", "∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2", "distributes",
                "switches"]),
        ("ko", ["순전파", "역전파", "g = w·x = (−2)·5 = −10", "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5", "상류 기울기"]),
    ],
)  # fmt: skip
def test_its_sentences(language: str, told: list[str]) -> None:
    captions = "\n".join(each.caption for each in gradviz.draw(WX_B, WX_B_VALUES, language=language).steps().pictures)
    assert [line for line in told if line not in captions] == []


@every_figure
def test_a_frame_shows_what_the_one_before_showed_and_the_last_all(name: str) -> None:
    frames = slides_of(name)
    for before, after in pairwise(frames):
        for earlier, later in zip(numbers(before), numbers(after), strict=True):
            assert earlier <= later
    finished = figure(name).picture
    assert numbers(frames[-1]) == numbers(finished)
    constants = {k for k, node in enumerate(finished.nodes) if node.kind == "constant"}
    assert numbers(frames[0]) == (constants, set(), set())


@every_figure
def test_what_a_step_is_about_is_marked(name: str) -> None:
    frames = slides_of(name)
    for step, frame in zip(steps(frames[0].graph), frames, strict=True):
        assert [k for k, node in enumerate(frame.nodes) if node.mark] == ([] if step.node is None else [step.node])


# one layout ----------------------------------------------------------------------------------------------------------


@every_figure
def test_frames_have_one_layout_and_nothing_lies_on_anything(name: str) -> None:
    frames = slides_of(name)
    assert len({id(frame.places) for frame in frames}) == 1
    last = frames[-1]
    assert overlaps(number_boxes(last, last.places)) == []
    assert wires_through_boxes(last, last.places) == []
    assert hidden_arrows(last, last.places) == []
    bottom = max(shelf.y + shelf.under for shelf in last.places.shelves)
    assert last.places.caption.y - last.places.caption.height / 2 > bottom


@pytest.mark.parametrize("name", ["wx-b", "neuron", "fan-out", "lecture", "infinite"])
def test_frames_have_one_size_and_one_bounding_box(name: str) -> None:
    frames = figure(name).steps()
    sizes = {re.search(r'<svg [^>]*width="(\S+)" height="(\S+)"', data.decode()).groups()  # type: ignore[union-attr]
             for _, data in frames.files("svg")}  # fmt: skip
    assert len(sizes) == 1


def test_places_for_all_have_room_for_the_longest() -> None:
    """With the places of short numbers long ones lie on each other."""
    short = gradviz.draw("a*b + c*d", {"a": 1, "b": 2, "c": 3, "d": 4}).picture
    long = gradviz.draw("a*b + c*d", {"a": 1.25e-7, "b": -123456.7, "c": 3, "d": 4}, digits=6).picture
    wide = together([short, long])
    for picture in (short, long):
        assert overlaps(number_boxes(picture, wide)) == []
    narrow = layout(short)
    assert wide.shelves[0].x1 - wide.shelves[0].x0 > narrow.shelves[0].x1 - narrow.shelves[0].x0


# files ---------------------------------------------------------------------------------------------------------------


def test_a_folder_has_a_file_a_step(tmp_path: Path) -> None:
    for format in ("svg", "png", "dot", "json"):
        paths = gradviz.draw(WX_B, WX_B_VALUES).steps().save(tmp_path / format, format)
        assert [path.name for path in paths][:3] == [
            f"01-graph.{format}",
            f"02-inputs.{format}",
            f"03-forward.{format}",
        ]
        assert len(list((tmp_path / format).iterdir())) == 8


def test_one_pdf_has_a_page_a_step_of_one_box() -> None:
    pypdf = pytest.importorskip("pypdf")
    frames = gradviz.draw(NEURON, NEURON_VALUES).steps()
    pages = pypdf.PdfReader(io.BytesIO(frames.render("pdf"))).pages
    assert len(pages) == len(frames.pictures) == 20
    assert len({tuple(map(float, page.mediabox)) for page in pages}) == 1


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_moving_picture_has_a_frame_a_step(kind: str) -> None:
    image = pytest.importorskip("PIL.Image")
    frames = gradviz.draw(WX_B, WX_B_VALUES).steps()
    moving = image.open(io.BytesIO(frames.render(kind, Timing(seconds=1, hold=2))))
    assert (moving.format, moving.n_frames) == (kind.upper(), 8)
    still = image.open(io.BytesIO(gradviz.draw("x*y").render(kind)))
    assert getattr(still, "n_frames", 1) == 1


def test_an_animated_svg_has_every_number_once_and_no_script() -> None:
    content = gradviz.draw(WX_B, WX_B_VALUES).steps().render("svg").decode()
    root = ET.fromstring(content)
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    numbers = [text.rpartition("\N{NO-BREAK SPACE}")[2] for text in texts]  # without the name beside it
    assert [numbers.count(number) for number in ("−10", "−7")] == [1, 1]
    assert "<script" not in content
    assert "prefers-reduced-motion" in content


def test_fragments_are_for_reveal() -> None:
    content = gradviz.draw(WX_B, WX_B_VALUES).steps().render("svg", Timing(fragments=True)).decode()
    indices = {int(k) for k in re.findall(r'data-fragment-index="(\d+)"', content)}
    assert indices == set(range(7))
    with pytest.raises(OptionError, match="fragments are parts of an SVG"):
        gradviz.draw(WX_B, WX_B_VALUES).steps().render("pdf", Timing(fragments=True))


@pytest.mark.parametrize("format", ["png", "dot", "json", "text"])
def test_a_format_of_one_picture_is_refused_for_steps(format: str) -> None:
    with pytest.raises(OptionError, match="name a folder") as error:
        gradviz.draw(WX_B, WX_B_VALUES).steps().render(format)
    assert all(each in str(error.value) for each in ONE_FILE)


@pytest.mark.parametrize(("path", "folder"), [("a/", True), ("a", True), ("a.svg", False), ("a.b/c.pdf", False)])
def test_a_path_without_a_suffix_is_a_folder(path: str, folder: bool) -> None:
    assert is_folder(path) == folder


def test_steps_need_numbers() -> None:
    with pytest.raises(OptionError, match="need values"):
        gradviz.draw(WX_B).steps()


@pytest.mark.parametrize("options", [{"hide": "w"}, {"nudge": "b=1"}])
def test_steps_tell_every_number_of_one_trace(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="steps tell every number"):
        gradviz.draw(WX_B, WX_B_VALUES, **options).steps()
