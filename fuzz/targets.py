"""THE TABLE OF TARGETS: what a stranger's bytes are given to, and the facts that hold afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import isclose, isnan
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import gradviz
from fuzz.command import command
from fuzz.facts import check_reads_back, check_refusal, in_order, missing, said, text_of
from gradviz.arrayfiles import read, read_values
from gradviz.closing import closed
from gradviz.documents import READERS, Unreadable
from gradviz.drawing import keywords_of
from gradviz.errors import GradvizError
from gradviz.figure import Figure
from gradviz.graph import Graph
from gradviz.latex import translation
from gradviz.literals import value
from gradviz.opening import opened
from gradviz.practice.answers import Blank, judge
from gradviz.practice.answers import read as read_answer
from gradviz.rewrite import fold
from gradviz.rounding import short
from gradviz.tables import Reader
from gradviz.themefiles import read_theme

FIGURES: Final[tuple[Mapping[str, Any], ...]] = (  # options of `gradviz.draw` that a figure is tried with
    {}, {}, {"digits": 17}, {"digits": 0}, {"theme": "board"}, {"theme": "dark"}, {"jacobian": True}, {"closed": True},
    {"expand": "all", "frame": True}, {"expand": "all"}, {"collapse": True}, {"frame": True}, {"fold": False},
    {"radius": 1, "focus": "x"}, {"top_gradients": 2}, {"layout": "fast"}, {"strict": True}, {"nudge": "x=0.5"},
)  # fmt: skip
ASKED: Final[tuple[Mapping[str, Any], ...]] = (  # those that show something else than values and gradients
    {"show": "formulas,values,grads,names"}, {"show": "local,values"}, {"hide": "grads"}, {"hide": "values,local"},
    {"local_jacobians": True}, {"upstream": "L"}, {"transform": "simplify"}, {"theme": "board", "show": "formulas"},
)  # fmt: skip
FORMATS: Final = ("json", "text", "tex", "dot")
FORMS: Final[Mapping[str, Callable[[Graph], Graph]]] = {
    "plain": lambda graph: graph,
    "folded": fold,
    "closed and folded": lambda graph: fold(closed(graph)),
    "opened": lambda graph: opened(graph, ["all"]),
    "opened and folded": lambda graph: fold(opened(graph, ["all"])),
}
NUMBERS: Final = (
    0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    3.0,
    1e-9,
    -1e6,
    1e300,
    5e-324,
    float("nan"),
    float("inf"),
    -0.0,
    1234.5678,
)
SHAPES: Final = ((), (), (), (2,), (3,), (2, 2), (2, 3), (3, 2), (1, 3), (7, 1), (2, 2, 2), (0,), (1,))


class Target(NamedTuple):
    """A row of the table."""

    name: str
    run: Callable[[bytes], None]  # raises what is wrong with the program, never for what is wrong with the bytes
    what: str


@contextmanager
def refusing() -> Iterator[None]:
    """Lets what is wrong with the input be told, by nothing but a `GradvizError` as it should be."""
    try:
        yield
    except GradvizError as error:
        check_refusal(error)


# texts ---------------------------------------------------------------------------------------------------------------


def program(data: bytes) -> None:
    """A program is parsed and written again in all its forms, or refused at a place inside it."""
    with refusing():
        check_forms(text_of(data))


def check_forms(text: str) -> None:
    """All forms of a program's graph are read back as they are."""
    graph = gradviz.parse(text, fold=False)
    for name, form in FORMS.items():
        order = in_order if "opened" in name else (lambda graph: graph)
        check_reads_back(form(graph), partial(gradviz.parse, fold="folded" in name), order)


def latex(data: bytes) -> None:
    """A formula is a program, or refused at a place inside it."""
    text = text_of(data)
    with refusing():
        found = translation(text)
        gradviz.parse(found.program)


def literal(data: bytes) -> None:
    """The text of a value is a number or an array, or refused."""
    text = text_of(data)
    if not text.startswith("@"):
        with refusing():
            gradviz.evaluate(gradviz.parse("x"), {"x": value("--x", text)}, jacobian=True)


def answer(data: bytes) -> None:
    """What a student types is judged."""
    text = text_of(data)
    read_answer(text, is_array=True)
    for trace, digits in ((_NUMBER, 0), (_ARRAY, 2)):
        for node in range(len(trace.graph)):
            judge(text, trace, Blank("grad", node), partial(short, digits=digits))


_NUMBER: Final = gradviz.evaluate(gradviz.parse("w*x - x"), {"w": 2.0, "x": -3.0})
_ARRAY: Final = gradviz.evaluate(gradviz.parse("sum(W @ x)"), {"W": [[1, 2.5], [-3, 0.125]], "x": [1, -1]})


# figures -------------------------------------------------------------------------------------------------------------


def figure(data: bytes) -> None:
    """A program with values is drawn: an SVG that says its numbers, and texts in the other formats.

    The first two bytes choose the values and the options.
    """
    if len(data) < 2:
        return
    chosen, text = Random(data[0]), text_of(data[2:])  # noqa: S311  the same values for the same input
    options = (*FIGURES, *ASKED)[data[1] % len((*FIGURES, *ASKED))]
    with refusing():
        graph = gradviz.parse(text)
        values = {name: _value(chosen) for name in graph.input_names} if data[0] else {}
        check_figure(gradviz.draw(text, values, title=text, **options), told=options not in ASKED)


def check_figure(drawn: Figure, *, told: bool = True) -> None:
    """All formats can be made of a figure, and its SVG is well-formed; `told` says that it shows its numbers."""
    svg = drawn.render("svg")
    said(svg)
    if told and drawn.picture.method != "fast":
        assert not (lost := missing(drawn, svg)), f"not shown: {lost[:5]}"
    for name in FORMATS:
        drawn.render(name).decode()


def _value(chosen: Random) -> Any:
    import numpy

    shape = chosen.choice(SHAPES)
    numbers = [chosen.choice(NUMBERS) for _ in range(int(numpy.prod(shape)))]
    return numpy.array(numbers).reshape(shape) if shape else numbers[0]


def figure_file(suffix: str) -> Callable[[bytes], None]:
    """A figure file is samples that can be drawn, or lines that say what is wrong with each."""

    def run(data: bytes) -> None:
        for found in READERS[suffix](io.BytesIO(data), "stem", f"figures{suffix}"):
            if isinstance(found, Unreadable):
                assert found.error, "an error that says nothing"
                continue
            with refusing():
                check_figure(gradviz.draw(found.expr, found.values, **keywords_of(found, {})), told=False)

    return run


# what the gradient is for --------------------------------------------------------------------------------------------


def learning(data: bytes) -> None:
    """A program with values goes downhill, has a derivative that is a program, tangents and a check, or is refused.

    The first byte chooses the values. The loss at the start is the program's output.
    """
    if not data:
        return
    chosen, text = Random(data[0]), text_of(data[1:])  # noqa: S311  the same values for the same input
    with refusing():
        graph = gradviz.parse(text)
        values = {name: _value(chosen) for name in graph.input_names}
        with refusing():
            learned = gradviz.descend(graph, values, wrt=graph.input_names, iterations=3)
            output = gradviz.evaluate(graph, values).output
            assert isclose(learned.losses[0], output, rel_tol=1e-12) or isnan(output), "another loss"
        with refusing():
            derived = gradviz.grad(graph, values=values)
            check_reads_back(derived, gradviz.parse, in_order)
        with refusing():
            gradviz.check(graph, values)
        with refusing():
            check_figure(
                gradviz.draw(graph, values, mode="forward", wrt=chosen.choice([*graph.input_names, text])), told=False
            )


def values(data: bytes) -> None:
    """A file of values by name is what a program takes, or refused."""
    with _file("values.json", data) as path, refusing():
        found = read_values(str(path), "the values")
        graph = gradviz.parse(" + ".join(f"sum({name})" for name in found) or "0", found)
        gradviz.evaluate(graph, found)


# files ---------------------------------------------------------------------------------------------------------------


def theme(data: bytes) -> None:
    """A theme file is a theme that a figure can be drawn in, or refused."""
    with _file("theme.toml", data) as path, refusing():
        check_figure(gradviz.draw("g = w*x; f = g + b", {"w": 2, "x": 3, "b": 1}, theme=read_theme(path)))


def numbers(suffix: str) -> Callable[[bytes], None]:
    """A file of numbers is a number or an array, or refused."""

    def run(data: bytes) -> None:
        with _file(f"numbers{suffix}", data) as path, refusing():
            gradviz.evaluate(gradviz.parse("x"), {"x": read(str(path), "the value")}, jacobian=True)

    return run


def rows(data: bytes) -> None:
    """A CSV file has columns of numbers, or is refused."""
    with refusing():
        reader = Reader(io.BytesIO(data), "rows.csv")
        for chunk in reader.chunks([name for name in reader.names if name.isidentifier()]):
            assert {len(column) for column in chunk.columns.values()} <= {len(chunk.texts)}


@contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


# the table ----------------------------------------------------------------------------------------------------------

TARGETS: Final = {
    row.name: row
    for row in (
        Target("program", program, "a program, parsed and written again"),
        Target("figure", figure, "a program with values and options, drawn"),
        Target("latex", latex, "a formula in LaTeX"),
        Target("literal", literal, "the text of a value"),
        Target("answer", answer, "what a student types into a blank"),
        Target("command", command, "the words of a command line, and standard input"),
        Target("toml", figure_file(".toml"), "a figure file"),
        Target("jsonl", figure_file(".jsonl"), "a list of figures"),
        Target("learning", learning, "a program with values: descent, derivative, check, forward mode"),
        Target("values", values, "a file of values by name"),
        Target("theme", theme, "a theme file"),
        Target("npy", numbers(".npy"), "a file of numbers"),
        Target("json", numbers(".json"), "a file of numbers"),
        Target("csv", numbers(".csv"), "a file of numbers"),
        Target("rows", rows, "a CSV file with a heading"),
    )
}
