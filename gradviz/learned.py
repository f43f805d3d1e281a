"""`Learned`: what a descent has reached, its numbers and its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy

from gradviz import formats
from gradviz.descent import circuits
from gradviz.descent.loop import Run, told
from gradviz.descent.setting import Descent
from gradviz.errors import OptionError, in_words, nearest, row_named
from gradviz.figure import Figure
from gradviz.files import write_whole
from gradviz.telling.languages import language_named
from gradviz.themes import Theme, theme_of

if TYPE_CHECKING:
    from gradviz.telling.slideshow import Slideshow

PICTURES: Final = {
    "loss": "the loss over the iterations",
    "bowl": "the loss over one parameter with its tangent, or its contours over two, and the way down",
    "circuit": "the circuit before and after, at one layout",
}
USUAL_STEPS: Final = 6  # circuits, unless the iterations are named


@dataclass(frozen=True, slots=True)
class Learned:
    """A finished descent. `losses[k]` and `norms[k]`, of the gradient, are those before update k."""

    descent: Descent
    run: Run
    look: Mapping[str, Any] = field(default_factory=dict)  # of circuits, as in `draw`
    language: str = "en"
    engine: str = "auto"

    def __repr__(self) -> str:
        return (
            f"Learned(loss {self.losses[0]:.4g} -> {self.losses[-1]:.4g} in {self.run.last} updates, {self.run.ended})"
        )

    @property
    def losses(self) -> Any:
        """The loss at each iteration, an array; with batches that of the batch."""
        return self.run.losses

    @property
    def norms(self) -> Any:
        """The norm of the gradient at each iteration, an array."""
        return self.run.norms

    @property
    def parameters(self) -> dict[str, Any]:
        """Where it ended, by name: the last parameters with a finite loss."""
        return self.run.parameters

    @property
    def ended(self) -> str:
        """Why: "done", "tolerance", "diverged" or "interrupted"."""
        return self.run.ended

    @property
    def note(self) -> str:
        """A sentence on an end before its time; "" for none."""
        return told(self.run, self.descent.lr)

    def at(self, iteration: int) -> dict[str, Any]:
        """The parameters after so many updates, by name."""
        return self.run.at(iteration)

    def render(self, kind: str = "loss", format: str = "svg", over: str | Sequence[str] | None = None) -> bytes:
        """A picture of `PICTURES` in a format; `over` names the one or two parameters under a bowl.

        Raises `OptionError`, and `RenderError` for a curve or a bowl without Matplotlib (the extra `plot`).
        """
        row_named("picture", kind, PICTURES)
        if over is not None and kind != "bowl":
            raise OptionError(f"only a bowl stands over parameters, not '{kind}'")
        if not formats.format_named(format).draws:
            raise OptionError(f"{format} has numbers, not a picture")
        if kind == "circuit":
            return self.before_and_after.render(format)
        return self._curve(format) if kind == "loss" else self._bowl(format, over)

    def save(self, path: str | PathLike[str], kind: str = "loss", over: str | Sequence[str] | None = None) -> None:
        """Write a picture, whole or not at all; the suffix picks the format."""
        write_whole(path, self.render(kind, formats.format_of(str(path)).name, over))

    @property
    def before_and_after(self) -> Figure:
        """The circuit at the start and at the end, one above the other."""
        return circuits.before_and_after(
            self.descent, self._shown(), self.look, language=self.language, engine=self.engine
        )

    def steps(self, iterations: Sequence[int] | None = None) -> Slideshow:
        """The circuit at these iterations, some that are spread over the way unless given, at one layout."""
        shown = self._shown()
        if iterations is None:
            iterations = sorted({round(k) for k in numpy.linspace(0, shown.last, USUAL_STEPS)})
        for k in iterations:
            if not 0 <= k <= shown.last:
                raise OptionError(f"there is no iteration {k}; the last one is {shown.last}")
        return circuits.frames(self.descent, shown, iterations, self.look, language=self.language, engine=self.engine)

    def _shown(self) -> Run:
        """The run up to its last finite loss."""
        count = len(numpy.trim_zeros(numpy.isfinite(self.losses), "b"))
        if not count:
            raise OptionError(self.note)
        return self.run._replace(losses=self.losses[:count], norms=self.norms[:count], vectors=self.run.vectors[:count])

    @property
    def _theme(self) -> Theme:
        return theme_of(self.look.get("theme", "cs231n"))

    @property
    def _name(self) -> str:
        return circuits.name_of(self.descent.graph, language_named(self.language))

    def _curve(self, format: str) -> bytes:
        from gradviz.plots.loss import loss_curve

        across = language_named(self.language).word("descent.iterations")
        about = f"The loss falls from {self.losses[0]:.4g} to {self.losses[-1]:.4g} in {self.run.last} updates."
        return loss_curve(
            self.losses,
            theme=self._theme,
            format=format,
            title=self.look.get("title"),
            words=(across, self._name),
            told=about,
        )

    def _bowl(self, format: str, over: str | Sequence[str] | None) -> bytes:
        from gradviz.plots.bowl import Way, bowl

        run, places = self._shown(), self._places(over)
        last = run.vectors[-1].copy()

        def loss(*at: float) -> float:
            last[places] = at
            return self.descent.loss(last)

        points = run.vectors[:, places]
        first = self.descent.gradient(run.vectors[0])
        names = tuple(run.start.entries[k] for k in places)
        way = Way(
            points, numpy.array([loss(*point) for point in points]), float(first[places[0]]), names, self.descent.size
        )
        about = f"The way down the loss over {in_words(names)}, from {run.losses[0]:.4g} to {run.losses[-1]:.4g}."
        return bowl(
            loss, way, theme=self._theme, format=format, title=self.look.get("title"), of=self._name, told=about
        )

    def _places(self, over: str | Sequence[str] | None) -> list[int]:
        """Which numbers of the parameters a bowl stands over."""
        entries = self.run.start.entries
        names = _listed(over) if over is not None else entries
        if len(names) not in (1, 2):
            few = entries[:2] if len(entries) > 1 else entries
            raise OptionError(f"a bowl stands over one or two parameters; name them: over {','.join(few)}")
        for name in names:
            if name not in entries:
                raise OptionError(f"over: no parameter '{name}'{nearest(name, entries)}")
        return [entries.index(name) for name in names]


def _listed(names: str | Sequence[str]) -> list[str]:
    """Names with commas between, of which some are entries of arrays.

    >>> _listed("w,W[0,1]")
    ['w', 'W[0,1]']
    """
    from re import findall

    return findall(r"[^,\[]+(?:\[[^\]]*\])?", names.replace(" ", "")) if isinstance(names, str) else list(names)
