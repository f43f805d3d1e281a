"""Explanation -> text for terminals: equations under each other, numbers in the colours of a theme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING, Final

from gradviz.errors import printable_lines
from gradviz.explanations.told import Back, Explanation, Found
from gradviz.notation import Formula
from gradviz.telling.languages import Language, Said
from gradviz.themes import THEMES, Theme

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

WIDTH: Final = 80
EQUALS: Final = " = "
INDENT: Final = (0, 0, 0, 2)


def render(told: Explanation) -> str:
    """Plain text of 80 columns."""
    from rich.console import Console

    stream = StringIO()
    Console(file=stream, width=WIDTH, color_system=None, legacy_windows=False).print(renderable(told, THEMES["cs231n"]))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().rstrip("\n").split("\n"))


def renderable(told: Explanation, theme: Theme) -> RenderableType:
    """The explanation for rich, in the theme's colours; texts are literal, not markup."""
    from rich.console import Group
    from rich.padding import Padding

    return Group(*(Padding(part, INDENT) if indent else part for indent, part in _parts(told, theme)))


def _parts(told: Explanation, theme: Theme) -> Iterator[tuple[bool, RenderableType]]:
    """What is printed, each with whether it is set in."""
    word, numbers = told.language.word, told.trace is not None
    if told.title:
        yield False, _text(told.title, "bold")
    yield True, _text(told.graph.program.strip("\n").expandtabs(4))
    if told.inputs and numbers:
        yield from _head(word("head.inputs"))
        yield True, _equations((each.equation for each in told.inputs), theme.value)
    if told.forward:
        yield from _head(word("head.forward"))
        yield True, _equations((each.equation for each in told.forward), theme.value if numbers else "")
    yield from _head(word("head.backward"))
    yield True, _sentence(told.seed, theme.grad if numbers else "")
    for each in told.backward:
        yield False, ""
        yield from _back(each, theme.grad if numbers else "")
    yield from _head(word("head.gradients"))
    yield True, _table(told.found, told.language, theme, numbers=numbers)
    if told.notes:
        yield False, ""
        for note in told.notes:
            yield False, _text(note, "italic")


def _head(text: str) -> Iterator[tuple[bool, RenderableType]]:
    yield False, ""
    yield False, _text(text, "bold underline")


def _text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(printable_lines(text), style=style, overflow="fold")


def _back(each: Back, style: str) -> Iterator[tuple[bool, RenderableType]]:
    yield True, _sentence(each.headline, style, base="bold")
    if each.behaviour:
        yield True, _sentence(each.behaviour, base="italic dim")
    for share in each.shares:
        for said in share.said:
            yield True, _sentence(said, style)
    for total in each.sums:
        yield True, _sentence(total.said, style)


def _sentence(said: Said, style: str = "", base: str = "") -> Text:
    """A sentence; the number at the end of a formula in a colour."""
    found = _text("", base)
    for piece in said.pieces():
        found.append_text(_text(piece) if isinstance(piece, str) else _formula(piece, style))
    return found


def _formula(formula: Formula, style: str) -> Text:
    return _last(formula.text, style) if EQUALS in formula.text else _text(formula.text)


def _equations(found: Iterable[Formula], style: str) -> Table:
    """Equations under each other at their first `=`."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    grid.add_column(overflow="fold")
    for formula in found:
        left, equals, rest = formula.text.partition(EQUALS)
        grid.add_row(_text(left), equals.strip(), _last(rest, style))
    return grid


def _last(text: str, style: str) -> Text:
    """What stands after the last `=` in a colour."""
    front, equals, last = text.rpartition(EQUALS)
    return _text(front + equals).append_text(_text(last, style))


def _table(found: Iterable[Found], language: Language, theme: Theme, *, numbers: bool) -> Table:
    from rich.table import Table

    rows = list(found)
    closed = any(each.closed for each in rows)
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for head, wanted in (("name", True), ("value", numbers), ("gradient", True), ("closed_form", closed)):
        if wanted:
            shown.add_column(language.word(f"head.{head}"), overflow="fold")
    for each in rows:
        value = [_text(each.value_text, theme.value)] if numbers else []
        gradient = _text(each.gradient.text)
        if numbers:
            gradient.append_text(_text(EQUALS)).append_text(_text(each.grad_text, theme.grad))
        form = [_text(each.closed.text if each.closed else "")] if closed else []
        shown.add_row(_text(each.name.text, "bold"), *value, gradient, *form)
    return shown
