"""The circuit at chosen iterations of a descent, at one layout: frames, or two of them in one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradviz.descent.loop import Run
from gradviz.descent.setting import Descent
from gradviz.evaluator import Trace, evaluate
from gradviz.figure import Figure
from gradviz.graph import Graph
from gradviz.layout.pairs import paired
from gradviz.layout.together import together
from gradviz.picture import Picture, picture
from gradviz.telling.languages import Language, language_named
from gradviz.telling.slideshow import Slideshow


def trace_at(descent: Descent, run: Run, iteration: int) -> Trace:
    """The numbers of the circuit after so many updates; of a mean over rows those of the first one."""
    row = {name: column[0] for name, column in descent.columns.items()}
    return evaluate(descent.graph, {**descent.values, **row, **run.at(iteration)})


def frames(
    descent: Descent, run: Run, iterations: Sequence[int], look: Mapping[str, Any], *, language: str, engine: str
) -> Slideshow:
    """A picture for each of these iterations, with a sentence below it."""
    texts = language_named(language)
    shown = [_picture(descent, run, k, look)._replace(caption=_said(descent, run, k, texts)) for k in iterations]
    places = together(shown)
    kinds = tuple(f"iteration-{k}" for k in iterations)
    return Slideshow(kinds, tuple(each._replace(places=places) for each in shown), engine)


def before_and_after(descent: Descent, run: Run, look: Mapping[str, Any], *, language: str, engine: str) -> Figure:
    """The circuit at the start and at the end, one above the other."""
    texts, ends = language_named(language), (0, run.last)
    shown = [_picture(descent, run, k, look) for k in ends]
    return Figure(paired(shown, [_said(descent, run, k, texts) for k in ends]), engine, language)


def _picture(descent: Descent, run: Run, iteration: int, look: Mapping[str, Any]) -> Picture:
    return picture(descent.graph, trace_at(descent, run, iteration), **look)


def _said(descent: Descent, run: Run, iteration: int, texts: Language) -> str:
    rows = descent.objective.rows if descent.columns else 1
    loss = f"{descent.loss(run.vectors[iteration]):.4g}".replace("-", "\N{MINUS SIGN}")
    key = "descent.row" if rows > 1 else "descent.iteration"
    return texts.say(key, number=iteration, of=name_of(descent.graph, texts), loss=loss, rows=rows).text


def name_of(graph: Graph, texts: Language) -> str:
    """What is made small: the program's name for it, or "loss"."""
    return graph.names[graph.output] or texts.word("descent.loss")
