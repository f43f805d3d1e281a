"""`Figure`: a finished picture, which shows itself in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from gradviz import formats
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.files import write_whole
from gradviz.graph import Graph
from gradviz.picture import Picture

if TYPE_CHECKING:
    from gradviz.telling.slideshow import Slideshow

SMALL: Final = 40  # nodes below which no figure is large


@dataclass(frozen=True, slots=True)
class Figure:
    """A finished picture that can be rendered in every format."""

    picture: Picture
    engine: str = "auto"
    language: str = "en"  # of what is said below it
    drawn: Picture | None = None  # what drawings show of a large circuit, if not all

    def __repr__(self) -> str:
        return f"Figure({self.picture.heading!r}, theme={self.picture.theme.name!r})"

    @property
    def graph(self) -> Graph:
        """The graph that is drawn."""
        return self.picture.graph

    @property
    def trace(self) -> Trace | None:
        """Its numbers; None when no values were given."""
        return self.picture.trace

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should be told, a line each."""
        return self.graph.notes + (self.trace.notes if self.trace else ()) + self.layout_notes

    @property
    def layout_notes(self) -> tuple[str, ...]:
        """What the drawing leaves out, where it is large."""
        if len(self.graph) < SMALL and not self.graph.view:
            return ()
        from gradviz.layout.methods import note

        shown = self.drawn or self.picture
        closed = (f"showing {shown.graph.view}; opened='all' (--open all) draws every gate",) if self.drawn else ()
        return tuple(filter(None, [*self.view_notes, *closed, note(shown)]))

    @property
    def view_notes(self) -> tuple[str, ...]:
        """What a view leaves out, in every format."""
        return (f"showing {self.graph.view}",) if self.graph.view else ()

    def steps(self) -> Slideshow:
        """The lecture step by step: pictures of one layout, each with its sentence, in a folder or one file."""
        if self.graph.view:
            raise OptionError("steps tell a whole circuit; this is a part of one, or has closed statements")
        if self.picture.tangents:
            raise OptionError("steps tell the backward pass; leave forward mode out")
        from gradviz.telling.slideshow import slideshow
        from gradviz.viewing import check_steps

        check_steps(self.graph)
        return slideshow(self.picture, self.language, self.engine)

    @property
    def svg(self) -> str:
        """The figure as SVG text."""
        return self.render("svg").decode()

    def render(self, format: str) -> bytes:
        """The figure in a format of the format table (`gradviz.FORMATS`)."""
        shown = self.drawn if self.drawn and formats.format_named(format).draws else self.picture
        return formats.render(shown, format, self.engine)

    def save(self, path: str | PathLike[str], format: str | None = None) -> None:
        """Write the figure, whole or not at all; the suffix picks the format unless `format` does."""
        name = format or formats.format_of(str(path)).name
        write_whole(path, self.render(name))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """For notebooks: the SVG, and the table for those that show text only."""
        return {formats.FORMATS[name].media_type: self.render(name).decode() for name in ("svg", "text")}
