"""Figures of many rows: each is the figure of its row, at one layout in which all numbers have room."""

from __future__ import annotations

import math
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from gradviz.columntexts import as_drawn, decimals_of, extremes, wide_texts
from gradviz.errors import GradvizError
from gradviz.layout.metrics import text_width
from gradviz.rounding import digits_for, drawn, short
from gradviz.themes import THEMES
from tests.drawings import SVG, groups
from tests.figures import NEURON, NEURON_VALUES
from tests.shares import examples

THEME = THEMES["cs231n"]
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "neuron": (NEURON, {}),
    "wx-b": ("g = w*x\nf = g + b", {}),
    "fan-out": ("c = a + b\nd = b + 1\ne = c * d", {"theme": "dark", "title": "slot <b> slotf0."}),
    "constants": ("h = 3; k = 0.5*x; h*x + k", {"digits": 4}),
    "hostile-names": ("slotf1*slotd0 + 비용", {}),
    "equations": ("g = w*x\nf = exp(g/100)", {"theme": "board"}),
    "locals": ("(x - y)*x", {"show": "values,grads,local"}),
    "upstream": ("w*x", {"upstream": "L"}),
}


def contents(svg: str) -> dict[str, tuple[str, ...]]:
    """What is said in each group: classes, tooltip and texts; and in front of all of them."""
    said = {key: (g.attrib["class"], *words(g)) for key, g in groups(svg).items() if key != "graph0"}
    return said | {"words": tuple(words(ET.fromstring(svg))[:2])}


def words(element: ET.Element) -> list[str]:
    return ["".join(e.itertext()) for e in element.iter() if e.tag.removeprefix(SVG) in ("title", "desc", "text")]


def rows_of(names: Sequence[str], count: int, *, whole: bool = False) -> dict[str, list[float]]:
    choose = random.Random(1)
    scales = (0.001, 0.1, 1.0, 1.0, 50.0, 3e4)
    draw = choose.randint if whole else lambda a, b: choose.uniform(a, b) * choose.choice(scales)
    return {name: [float(draw(-9, 9)) for _ in range(count)] for name in names}


def row(rows: Mapping[str, Sequence[float]], number: int) -> dict[str, float]:
    return {name: column[number] for name, column in rows.items()}


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_is_the_figure_of_its_row(name: str, *, whole: bool) -> None:
    program, look = PROGRAMS[name]
    count = 200 if name == "neuron" else 40
    rows = rows_of(gradviz.parse(program).input_names, count, whole=whole)
    for number, svg in enumerate(gradviz.draw_many(program, rows, **look)):
        assert contents(svg) == contents(gradviz.draw(program, row(rows, number), **look).svg)


def test_another_row_would_be_found() -> None:
    rows = rows_of(tuple(NEURON_VALUES), 2)
    first, _ = gradviz.draw_many(NEURON, rows)
    assert contents(first) != contents(gradviz.draw(NEURON, row(rows, 1)).svg)


def test_numbers_of_any_width_stay_on_their_shelves_and_all_are_at_one_place() -> None:
    rows = {"w": [1.0, -123456.789, 0.5, 1e-9], "x": [2.5, -654321.0, 1e300, 3.0]}
    svgs = list(gradviz.draw_many("w*x + w", rows))
    assert len({re.sub(r"(?s)<title>.*?</title>|<desc>.*?</desc>|>[^<]*</text>", "", svg) for svg in svgs}) == 1
    for svg in svgs:
        for key, group in groups(svg).items():
            if key[0] in "sh":
                assert_fits(group, THEME.share_size if key[0] == "h" else THEME.font_size)


def assert_fits(group: ET.Element, size: float) -> None:
    """The texts of a shelf are as wide as its line at most, and centred on it."""
    start, end = (float(p.split(",")[0]) for p in group.findall(f"{SVG}path")[-1].attrib["d"][1:].split())
    for text in group.iter(f"{SVG}text"):
        assert float(text.attrib["x"]) == pytest.approx((start + end) / 2, abs=0.01)
        assert text_width("".join(text.itertext()), size) <= end - start


def test_a_text_that_does_not_fit_is_found() -> None:
    group = groups(gradviz.draw("w*x", {"w": 1, "x": 2}).svg)["s0"]
    next(group.iter(f"{SVG}text")).text = "123456789"
    with pytest.raises(AssertionError):
        assert_fits(group, THEME.font_size)


def test_rows_that_are_not_finite_are_marked() -> None:
    rows = {"x": [1.0, 0.0, -1.0, math.inf], "y": [1.0] * 4}
    svgs = list(gradviz.draw_many("log(x) + y", rows))
    assert [svg.count("node shelf alarm") for svg in svgs] == [0, 1, 1, 1]
    for number, svg in enumerate(svgs):
        assert contents(svg) == contents(gradviz.draw("log(x) + y", row(rows, number)).svg)


def test_a_number_holds_for_all_rows() -> None:
    first, second = gradviz.draw_many("w*x", {"w": [1.0, 2.0], "x": 3})
    assert contents(second) == contents(gradviz.draw("w*x", {"w": 2, "x": 3}).svg)
    assert contents(first) == contents(gradviz.draw("w*x", {"w": 1, "x": 3}).svg)


def test_arrays_are_drawn_one_by_one_at_one_layout() -> None:
    rows = [{"W": [[k, 2.0], [0.5, -k]], "x": [1.0, k]} for k in (1.0, -20.25)]
    svgs = list(gradviz.draw_many("sum(W @ x)", rows))
    assert [contents(svg) for svg in svgs] == [contents(gradviz.draw("sum(W @ x)", values).svg) for values in rows]
    assert len({re.findall("viewBox=.*? xmlns", svg)[0] for svg in svgs}) == 1


def test_more_rows_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.stamps.CHUNK", 3)
    rows = rows_of(("w", "x"), 8)
    svgs = list(gradviz.draw_many("w*x", rows))
    assert [contents(svg) for svg in svgs] == [contents(gradviz.draw("w*x", row(rows, k)).svg) for k in range(8)]


@pytest.mark.parametrize(
    "rows", [{"w": [1.0, 2.0]}, {"w": [1.0, 2.0], "x": [1.0]}, {"w": [1.0], "x": [1.0], "y": [2.0]}]
)
def test_wrong_rows_are_one_error(rows: dict[str, list[float]]) -> None:
    with pytest.raises(GradvizError):
        list(gradviz.draw_many("w*x", rows))


# columns of numbers ---------------------------------------------------------------------------------------------------

ANY = st.one_of(
    st.floats(),
    st.integers(-2_000_000, 2_000_000).map(float),
    st.floats(-1, 1),
    st.sampled_from([999999.996, 0.005, -0.0]),
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(ANY, min_size=1, max_size=12), st.integers(0, 5))
def test_columns_are_drawn_as_single_numbers_are(numbers: list[float], digits: int) -> None:
    column = numpy.array(numbers)
    decimals = decimals_of([column], digits)
    assert decimals.tolist() == [digits_for([x], digits) for x in numbers]
    texts = as_drawn(column, decimals, digits)
    assert texts == [drawn(short(x, d, digits)) for x, d in zip(numbers, decimals.tolist(), strict=True)]


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(ANY, min_size=1, max_size=40), st.integers(0, 5))
def test_extremes_are_as_wide_as_any(numbers: list[float], digits: int) -> None:
    ends = wide_texts(extremes(numpy.array(numbers), digits), digits, digits)
    assert max(width(drawn(short(x, digits, digits))) for x in numbers) <= max(map(width, ends)) + 1e-9


def test_extremes_are_few() -> None:
    choose = random.Random(2)
    column = numpy.array([choose.gauss(0, 1) * 10 ** choose.uniform(-3, 7) for _ in range(10_000)])
    assert len(extremes(column, 2)) < 40


def width(text: str) -> float:
    return text_width(text, 1.0)
