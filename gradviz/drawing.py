"""A sample -> its figure's bytes -> its file, noted in the journal; and what decides the bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gradviz import __version__
from gradviz.api import draw
from gradviz.choices import keywords, overridden
from gradviz.errors import GradvizError
from gradviz.files import write_whole
from gradviz.journal import TEMPORARY, Journal, Written
from gradviz.sample import Sample
from gradviz.themes import Theme, theme_of

WRITERS: Final = 4  # files that are written at once
NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A sample's figure as bytes, or why there is none."""

    data: bytes = b""
    notes: tuple[str, ...] = ()
    error: str | None = None


class Task(NamedTuple):
    """A sample to be drawn to a file; `key` is a hash of all that decides its bytes."""

    sample: Sample
    format: str
    path: Path
    options: Mapping[str, Any]
    key: str | None = None


class Outcome(NamedTuple):
    """What became of a task."""

    sha256: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None


class Drawer:
    """Draws samples to files, here or in a process that is given it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def __call__(self, task: Task) -> Future[Outcome]:
        """Draw a sample; it is written while the next is drawn. Never raises: one sample cannot stop the others."""
        rendered = render_one(task.sample, task.format, task.options)
        return _writers().submit(self.outcome, rendered, task)

    def outcome(self, rendered: Rendered, task: Task) -> Outcome:
        """Write a figure; what became of it."""
        if rendered.error:
            return Outcome(None, rendered.notes, rendered.error)
        digest = sha256(rendered.data).hexdigest()
        try:
            self._write(task, rendered, digest)
        except Exception as error:
            return Outcome(None, rendered.notes, told(error))
        return Outcome(digest, rendered.notes)

    def _write(self, task: Task, rendered: Rendered, digest: str) -> None:
        def note() -> None:
            if task.key:
                self.journal.note(Written(task.path.name, task.key, digest, rendered.notes))

        write_whole(task.path, rendered.data, follow=False, before=note, temporary=TEMPORARY)


@cache
def _writers() -> ThreadPoolExecutor:
    """Waiting for the disk takes longer than drawing; several files together take little longer than one."""
    return ThreadPoolExecutor(WRITERS)


def render_one(sample: Sample, format: str, options: Mapping[str, Any] = NO_OPTIONS) -> Rendered:
    """The sample's figure in a format; never raises, so that one sample cannot stop the others."""
    try:
        figure = draw(sample.expr, sample.values, **keywords_of(sample, options))
        return Rendered(figure.render(format), figure.notes)
    except (Exception, SystemExit) as error:  # some library's exit is not the batch's
        return Rendered(error=told(error))


def keywords_of(sample: Sample, options: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `api.draw` for a sample, with options that win over its own."""
    title = {} if sample.title is None else {"title": sample.title}
    return {**title, **keywords(overridden(sample.options, options))}


class Keys:
    """What decides the bytes of figures, as hashes; a theme's file is read once."""

    def __init__(self) -> None:
        self.themes: dict[Any, Theme] = {}

    def of(self, sample: Sample, format: str, options: Mapping[str, Any]) -> str | None:
        """A figure's key; None when it cannot be told, as of a theme that is not there or a value of Python's own."""
        try:
            settings = keywords_of(sample, options)
            if "theme" in settings:
                settings["theme"] = self._theme(settings["theme"])
            decides = [__version__, format, sample.expr, dict(sample.values), sorted(settings.items())]
            return sha256(json.dumps(decides).encode()).hexdigest()
        except (GradvizError, TypeError, ValueError, RecursionError):
            return None

    def _theme(self, word: Any) -> Theme:
        if word not in self.themes:
            self.themes[word] = theme_of(word)
        return self.themes[word]


def told(error: BaseException) -> str:
    """What is wrong with one sample."""
    if isinstance(error, MemoryError):
        return "out of memory"
    return str(error) if isinstance(error, GradvizError) else f"{type(error).__name__}: {error}"
