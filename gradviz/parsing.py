"""A program's text or a SymPy expression -> the graph that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gradviz.errors import OptionError, ProgramError, in_words
from gradviz.gates import Gate
from gradviz.graph import Graph
from gradviz.language.parser import Further
from gradviz.language.parser import parse as parse_text
from gradviz.nested import depth
from gradviz.rewrite import fold as fold_constants

if TYPE_CHECKING:
    from sympy import Basic

Found = TypeVar("Found")


def parse(
    program: str | Basic,
    names: Collection[str] = (),
    *,
    of: str | None = None,
    fold: bool = True,
    transform: str | None = None,
    expand: Collection[str] = (),
    collapse: bool = False,
    frame: bool = False,
    latex: bool = False,
) -> Graph:
    """The graph of a program's text, or of a SymPy expression as it stands.

    `names` are those that will have values (`e` and `pi` are constants otherwise); `of` names another node as the
    output; `fold` puts constants into their gates as in the lecture (`*-1`, `1/x`); `transform` is one of SymPy's
    "simplify", "expand", "factor", applied first; `latex` says that the text is a formula in LaTeX. A function that the
    gate table has not but SymPy has is a gate all the same.

    `collapse` closes what a gate is made of to that gate (`1/(1+exp(-x))` to σ). `expand` opens gates into those they
    are made of: names of the gate table or of the program's own, in one text with commas or several, or "all".
    `frame` draws a box around the gates of each one that `expand` opens, or without it around what `collapse` would
    close. Raises `ProgramError` with the place, `OptionError` for a gate that does not open.
    """
    if latex and isinstance(program, str):
        from gradviz.latex import program as read_latex

        program = read_latex(program, _axes(names))
    if of is not None and not isinstance(program, str):
        raise OptionError("'of' is a name in a program's text; a SymPy expression has none")
    if isinstance(program, str):
        graph = parse_text(program, names, of=of, further=FURTHER)
    else:
        from gradviz.symbolic import from_sympy

        graph = from_sympy(program)
    if transform is not None:
        from gradviz.symbolic import transformed

        graph = in_time(f"SymPy takes too long to {transform} this", partial(transformed, graph, transform))
    graph = _reshaped(graph, listed(expand), collapse=collapse, frame=frame)
    return fold_constants(graph) if fold else graph


def in_time(problem: str, make: Callable[[], Found]) -> Found:
    """What is made with SymPy, which has the seconds of a limit."""
    from gradviz.deadlines import within

    return within("symbolic", ProgramError, problem, make)


def _axes(names: Collection[str]) -> dict[str, int]:
    """How many axes the value of each name has, where values are known."""
    values = names if isinstance(names, Mapping) else {}
    return {name: getattr(value, "ndim", None) or depth(value) for name, value in values.items()}


def _reshaped(graph: Graph, expand: Collection[str], *, collapse: bool, frame: bool) -> Graph:
    """The graph with gates closed, opened and framed."""
    if frame and not expand:
        from gradviz.closing import framed

        return framed(graph)
    if collapse:
        from gradviz.closing import closed

        graph = closed(graph)
    if expand:
        from gradviz.opening import opened

        graph = opened(graph, expand, frame=frame)
    return graph


def listed(expand: Collection[str]) -> Collection[str]:
    """Names in one text with commas, or several."""
    return [name.strip() for name in expand.split(",")] if isinstance(expand, str) and expand else expand


OF_PARSE: Final[Mapping[str, Any]] = parse.__kwdefaults__ or {}  # its options and what they are unless given


def _further_names() -> Collection[str]:
    from gradviz.symbolic import further_names

    return further_names()


def _further_gate(name: str, count: int) -> Gate | None:
    from gradviz.symbolic import further_gate

    return further_gate(name, count)


FURTHER: Final = Further(_further_names, _further_gate)


def graph_of(program: str | Basic | Graph, names: Collection[str], options: Mapping[str, Any]) -> Graph:
    """The graph of a program; one that is a graph already takes no options of `parse`."""
    if not isinstance(program, Graph):
        return parse(program, names, **options)
    if given := [name for name, value in options.items() if bool(value) != bool(OF_PARSE[name])]:
        told = in_words(f"'{name}'" for name in given)
        raise OptionError(f"{told} {'is' if len(given) == 1 else 'are'} for a program; this one is a graph already")
    return program
