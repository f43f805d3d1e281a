"""What of a circuit a figure draws, as it is asked for; what finds it is loaded when it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph
from gradviz.limits import beyond, most
from gradviz.picture import Picture, picture


def check_shown(graph: Graph) -> None:
    """Raise `OptionError` for a circuit of which no picture is made."""
    for name, count in (("shown", len(graph)), ("wires", len(graph.operands.flat))):
        if count > most(name):
            offer = "--focus, --top-gradients and --closed show less"
            raise OptionError(f"a large circuit: {beyond(name, count)}; {offer}")


def check_told(graph: Graph) -> None:
    """Raise `OptionError` for a circuit that is not told gate by gate."""
    count = sum(gate is not None for gate in graph.gates)
    if count > most("told") or len(graph.operands.flat) > 2 * most("told"):
        raise OptionError(f"a large circuit: {beyond('told', count)}; it can be drawn")


def check_steps(graph: Graph) -> None:
    """Raise `OptionError` for a circuit with too many steps, each of which shows all of it."""
    gates = sum(gate is not None for gate in graph.gates)
    if (count := 2 * gates * len(graph)) > most("steps"):  # each gate has one forward and one back
        raise OptionError(f"a large circuit: some {beyond('steps', count)}; one figure can be drawn")


class View(NamedTuple):
    """What of a circuit is drawn."""

    focus: str | Collection[str] | None
    radius: int | None
    top_gradients: int | None
    closed: bool
    opened: str | Collection[str]

    @property
    def is_asked(self) -> bool:
        """Whether it is not the whole circuit as it is."""
        return bool(self.closed or any(given is not None for given in (self.focus, self.top_gradients, self.radius)))

    def of(
        self, graph: Graph, trace: Trace | None, *, named: bool, upstream: str | None
    ) -> tuple[Graph, Trace | None, str | None]:
        """What is drawn, and what its gradients are derivatives of."""
        from gradviz import views

        if self.focus is not None and self.top_gradients is not None:
            raise OptionError("'focus' and 'top_gradients' exclude each other")
        if (self.radius or 0) < 0 or (self.top_gradients is not None and self.top_gradients < 1):
            raise OptionError("'radius' is 0 or more wires, 'top_gradients' 1 or more")
        if self.closed:
            graph, trace = views.closed(graph, trace, self.opened)
        if self.focus is not None:
            return views.around(graph, trace, self.focus, self.radius, named=named, upstream=upstream)
        if self.top_gradients is not None:
            return views.largest(graph, trace, self.top_gradients, self.radius, named=named, upstream=upstream)
        if self.radius is not None:
            raise OptionError("a radius is that of 'focus' or 'top_gradients'")
        return graph, trace, None

    def closing(self, shown: Picture) -> Picture | None:
        """What is drawn of a large picture: its statements closed, where that is done by itself."""
        from gradviz import views

        if not views.closes_by_itself(shown.graph, shown.trace):
            return None
        smaller, numbers = views.closed(shown.graph, shown.trace, self.opened)
        return picture(smaller, numbers, **shown.asked)._replace(method=shown.method) if smaller.view else None
