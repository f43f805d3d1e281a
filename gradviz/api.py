"""What Python users call: `parse`, `evaluate`, `draw`, and the `Figure` that shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gradviz import formats
from gradviz.errors import OptionError, row_named
from gradviz.evaluator import Trace, evaluate
from gradviz.files import write_whole
from gradviz.formats.engine import ENGINES
from gradviz.gates import Gate
from gradviz.graph import Graph
from gradviz.parser import Further
from gradviz.parser import parse as parse_text
from gradviz.picture import Picture, picture
from gradviz.rewrite import fold as fold_constants

__all__ = ["Figure", "draw", "evaluate", "parse"]

if TYPE_CHECKING:
    from sympy import Basic


def parse(
    program: str | Basic,
    names: Collection[str] = (),
    *,
    of: str | None = None,
    fold: bool = True,
    transform: str | None = None,
) -> Graph:
    """The graph of a program's text, or of a SymPy expression as it stands.

    `names` are those that will have values (`e` and `pi` are constants otherwise); `of` names another node as the
    output; `fold` puts constants into their gates as in the lecture (`*-1`, `1/x`); `transform` is one of SymPy's
    "simplify", "expand", "factor", applied first. A function that the gate table has not but SymPy has is a gate all
    the same. Raises `ProgramError` with the place.
    """
    if of is not None and not isinstance(program, str):
        raise OptionError("'of' is a name in a program's text; a SymPy expression has none")
    if isinstance(program, str):
        graph = parse_text(program, names, of=of, further=_FURTHER)
    else:
        from gradviz.symbolic import from_sympy

        graph = from_sympy(program)
    if transform is not None:
        from gradviz.symbolic import transformed

        graph = transformed(graph, transform)
    return fold_constants(graph) if fold else graph


def _further_names() -> Collection[str]:
    from gradviz.symbolic import further_names

    return further_names()


def _further_gate(name: str, count: int) -> Gate | None:
    from gradviz.symbolic import further_gate

    return further_gate(name, count)


_FURTHER: Final = Further(_further_names, _further_gate)


def draw(
    program: str | Basic | Graph,
    values: Mapping[str, float] | None = None,
    *,
    theme: str = "cs231n",
    title: str | None = None,
    digits: int = 2,
    engine: str = "auto",
    of: str | None = None,
    fold: bool = True,
    strict: bool = False,
    transform: str | None = None,
) -> Figure:
    """The figure of a program at `values`: the value above every wire, the gradient below.

    Without values it shows the names and empty shelves. `digits` are decimals; `engine` is "auto" (the Graphviz that
    comes with the installation) or "dot" (the one on PATH); `strict` makes a nan or an infinity an error; for the
    others see `parse`. Raises a `GradvizError`.
    """
    if isinstance(program, Graph) and (of or transform or not fold):
        raise OptionError("'of', 'transform' and 'fold' are for a program; this one is a graph already")
    row_named("engine", engine, ENGINES)
    if not isinstance(program, Graph):
        program = parse(program, values or (), of=of, fold=fold, transform=transform)
    trace = evaluate(program, values or {}, strict=strict) if values or not program.inputs else None
    return Figure(picture(program, trace, theme=theme, title=title, digits=digits), engine)


@dataclass(frozen=True, slots=True)
class Figure:
    """A finished picture that can be rendered in every format."""

    picture: Picture
    engine: str = "auto"

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
        return self.graph.notes + (self.trace.notes if self.trace else ())

    @property
    def svg(self) -> str:
        """The figure as SVG text."""
        return self.render("svg").decode()

    def render(self, format: str) -> bytes:
        """The figure in a format of the format table (`gradviz.FORMATS`)."""
        return formats.render(self.picture, format, self.engine)

    def save(self, path: str | PathLike[str], format: str | None = None) -> None:
        """Write the figure, whole or not at all; the suffix picks the format unless `format` does."""
        name = format or formats.format_of(str(path)).name
        write_whole(Path(path), self.render(name))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """For notebooks: the SVG, and the table for those that show text only."""
        return {formats.FORMATS[name].media_type: self.render(name).decode() for name in ("svg", "text")}
