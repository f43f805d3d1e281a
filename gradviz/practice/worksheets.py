"""Picture -> exercise and answer key: one figure with blanks and the same one with its numbers, at the same places."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from gradviz import formats
from gradviz.api import Figure
from gradviz.errors import OptionError, RenderError
from gradviz.files import write_whole
from gradviz.layout.together import together
from gradviz.picture import Picture, one_line, picture
from gradviz.shelves import words
from gradviz.telling.languages import Language, language_named

BLANKS: Final = "grads"  # what is asked unless said otherwise
LINE: Final = "_" * 24  # for a name
SHORT_LINE: Final = "_" * 12


class Worksheet(NamedTuple):
    """The two figures of an exercise."""

    exercise: Picture
    key: Picture


def worksheet(shown: Picture, language: str = "en", number: int | None = None) -> Worksheet:
    """The exercise that asks for what a figure hides, its gradients unless it hides something, and the answer key.

    `number` is the exercise's on a sheet of several. Raises `OptionError` for a figure without numbers.
    """
    if shown.trace is None:
        raise OptionError("an exercise asks for numbers; it needs values for the program's names")
    texts, hide = language_named(language), shown.asked["hide"] or BLANKS
    asked = {**shown.asked, "title": None}
    program = shown.title or one_line(shown.graph.program)
    exercise, key = (
        picture(shown.graph, shown.trace, **{**asked, "hide": blanks})._replace(
            title=f"{_head(texts, kind, number)}: {program}", caption=caption
        )
        for kind, blanks, caption in (("exercise", hide, _instruction(texts, hide)), ("answers", None, ""))
    )
    places = together([exercise, key])
    return Worksheet(exercise._replace(places=places), key._replace(places=places))


def _head(texts: Language, kind: str, number: int | None) -> str:
    if number is None:
        return texts.word(f"worksheet.{kind}")
    return texts.say(f"worksheet.{kind}_number", number=number).text


def _instruction(texts: Language, hide: str) -> str:
    """What to do, and lines for a name and a date."""
    asked = set(words(hide)) & {"values", "grads"}
    key = {frozenset({"grads"}): "fill_grads", frozenset({"values"}): "fill_values"}.get(
        frozenset(words(hide)), "fill_both" if len(asked) == 2 else "fill"
    )
    name, date = texts.word("worksheet.name"), texts.word("worksheet.date")
    return f"{texts.word(f'worksheet.{key}')}\n{name}: {LINE}  {date}: {SHORT_LINE}"


class Sheets(NamedTuple):
    """A folder of worksheets in one format."""

    folder: Path
    format: str

    def write(self, name: str, figure: Figure, number: int | None = None) -> None:
        """`name.svg` and `name-key.svg`; raises `RenderError`."""
        made = worksheet(figure.picture, figure.language, number)
        self._make_folder()
        for suffix, shown in (("", made.exercise), ("-key", made.key)):
            data = formats.render(shown, self.format, figure.engine)
            write_whole(self.folder / f"{name}{suffix}.{self.format}", data)

    def list_programs(self, figures: Iterable[tuple[str, Figure]]) -> None:
        """`exercises.jsonl`: programs and values, a figure a line, for other commands."""
        lines = []
        for name, figure in figures:
            assert figure.trace is not None, "an exercise has values"
            inputs = zip(figure.graph.inputs, figure.graph.input_names, strict=True)
            values = {input_name: figure.trace.node_values[node] for node, input_name in inputs}
            lines.append(json.dumps({"name": name, "expr": figure.graph.program, "values": values}, ensure_ascii=False))
        write_whole(self.folder / "exercises.jsonl", "".join(f"{line}\n" for line in lines).encode())

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RenderError(f"cannot make the folder {self.folder}: {error.strerror}") from None
