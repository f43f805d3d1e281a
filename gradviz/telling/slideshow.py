"""Slides -> files: a folder with a file a step, or one file that plays them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Final, NamedTuple

from gradviz import formats
from gradviz.animation.timing import HOLD, SECONDS
from gradviz.errors import OptionError, RenderError, in_words
from gradviz.files import write_whole
from gradviz.picture import Picture, renamed
from gradviz.telling.equations import subject
from gradviz.telling.languages import language_named
from gradviz.telling.sentences import sentences
from gradviz.telling.slides import slides
from gradviz.telling.steps import steps


class Timing(NamedTuple):
    """How steps follow one another in one file."""

    seconds: float = SECONDS  # a step
    hold: float = HOLD  # the finished figure
    fragments: bool = False  # an SVG that is stepped through by reveal.js instead of playing


USUAL: Final = Timing()


class Slideshow(NamedTuple):
    """The lecture as pictures of one layout and one size."""

    kinds: tuple[str, ...]  # of each step, for the name of its file
    pictures: tuple[Picture, ...]
    engine: str = "auto"

    def files(self, format: str) -> Iterator[tuple[str, bytes]]:
        """A file's name and content for each step: `01-graph.svg`, `02-inputs.svg` and so on."""
        width = max(2, len(str(len(self.pictures))))
        for number, (kind, shown) in enumerate(zip(self.kinds, self.pictures, strict=True), 1):
            yield f"{number:0{width}}-{kind}.{format}", formats.render(shown, format, self.engine)

    def render(self, format: str, timing: Timing = USUAL) -> bytes:
        """All steps in one file of a format of `ONE_FILE`; raises `OptionError` for another one."""
        if format not in ONE_FILE:
            told = f"{format} has no steps in one file; {in_words(ONE_FILE)} have"
            raise OptionError(f"{told}, or name a folder: -o steps/ -f {format}")
        if timing.fragments and format != "svg":
            raise OptionError(f"fragments are parts of an SVG, not of {format}")
        part, join = ONE_FILE[format]
        return join([formats.render(shown, part, self.engine) for shown in self.pictures], timing)

    def save(self, path: str | PathLike[str], format: str | None = None, timing: Timing = USUAL) -> list[Path]:
        """Write one file by its suffix, or a file a step into a folder, SVG unless `format` says otherwise.

        Returns the paths. Raises `RenderError` when that fails.
        """
        target = Path(path)
        if is_folder(str(path)):
            return list(self._save_all(target, format or "svg"))
        write_whole(target, self.render(format or formats.format_of(str(path)).name, timing))
        return [target]

    def _save_all(self, folder: Path, format: str) -> Iterator[Path]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RenderError(f"cannot make the folder {folder}: {error.strerror}") from None
        for name, content in self.files(format):
            write_whole(folder / name, content)
            yield folder / name


def is_folder(path: str) -> bool:
    """Whether a path means a folder: it ends in a slash, is one already, or has no suffix."""
    return path.endswith(("/", "\\")) or Path(path).is_dir() or not Path(path).suffix


def slideshow(shown: Picture, language: str = "en", engine: str = "auto") -> Slideshow:
    """The steps of a finished figure, each with its sentences in a language below it."""
    if shown.trace is None:
        raise OptionError("steps fill in numbers; they need values for the program's names")
    if any(shown.hidden) or shown.nudged:
        raise OptionError("steps tell every number; they exclude 'hide' and 'nudge'")
    if all(gate is None for gate in shown.graph.gates):
        raise OptionError("there is no gate, so there are no steps")
    finished, texts = renamed(shown), language_named(language)
    of = subject(finished.graph, finished.trace, named=finished.names, number=finished.drawn)
    told = steps(finished.graph)
    captions = ["\n".join(said.text for said in sentences(step, of, texts)) for step in told]
    return Slideshow(tuple(step.kind for step in told), slides(finished, told, captions), engine)


# one file ------------------------------------------------------------------------------------------------------------


def _svg(frames: Sequence[bytes], timing: Timing) -> bytes:
    from gradviz.animation.svg import animated, fragments

    texts = [frame.decode() for frame in frames]
    return (fragments(texts) if timing.fragments else animated(texts, timing.seconds, timing.hold)).encode()


def _pdf(frames: Sequence[bytes], timing: Timing) -> bytes:  # noqa: ARG001
    from gradviz.animation.pages import pages

    return pages(frames)


def _gif(frames: Sequence[bytes], timing: Timing) -> bytes:
    from gradviz.animation.images import moving_picture

    return moving_picture(frames, "gif", timing.seconds, timing.hold)


def _webp(frames: Sequence[bytes], timing: Timing) -> bytes:
    from gradviz.animation.images import moving_picture

    return moving_picture(frames, "webp", timing.seconds, timing.hold)


ONE_FILE: Final[dict[str, tuple[str, Callable[[Sequence[bytes], Timing], bytes]]]] = {
    "svg": ("svg", _svg),
    "pdf": ("pdf", _pdf),
    "gif": ("png", _gif),
    "webp": ("png", _webp),
}  # of each format: the format of a frame, and how frames are joined
