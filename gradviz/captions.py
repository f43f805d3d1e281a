"""Pictures that say below what they show: a nudge of inputs, forward mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradviz import nudging
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph
from gradviz.picture import Picture, picture
from gradviz.tangents import tangents_by
from gradviz.telling import sentences
from gradviz.telling.equations import subject
from gradviz.telling.languages import language_named


def nudged(
    graph: Graph,
    trace: Trace | None,
    by: Mapping[str, Any] | str,
    language: str,
    asked: Mapping[str, Any],
    *,
    strict: bool,
) -> Picture:
    """The figure with the values after a change beside the old ones, and below it what the gradient predicted."""
    if trace is None:
        raise OptionError("a nudge needs values for the program's names")
    after = nudging.nudged(graph, trace, nudging.changes(by) if isinstance(by, str) else by, strict=strict)
    shown = picture(graph, trace, **asked, nudged=after, named=True)
    told = sentences.nudge(
        subject(graph, trace, named=shown.names, number=shown.drawn), after, language_named(language)
    )
    return shown._replace(caption="\n".join(said.text for said in told))


def forward_mode(
    graph: Graph, trace: Trace | None, wrt: str | None, language: str, asked: Mapping[str, Any]
) -> Picture:
    """The figure with tangents where the gradients would be, and below it what they are."""
    by = tangents_by(graph, None, wrt).by
    shown = picture(graph, trace, **asked, wrt=by)
    assert shown.tangents is not None, "the picture of an input's tangents"
    said = language_named(language).say("forward.legend", by=shown.tangents.by)
    return shown._replace(caption=said.text)
