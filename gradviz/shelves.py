"""What stands on each shelf: values, gradients and formulas as runs, by what a figure shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gradviz.blocks import Number
from gradviz.errors import OptionError, in_words, nearest, printable
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.matrices import MOST, as_matrix, local_matrix, local_runs
from gradviz.runs import Row, Run, blanked, number_run
from gradviz.themes import Theme

if TYPE_CHECKING:
    from gradviz.notation import Derivative, Formula, Names
    from gradviz.tangents import Tangents

SHOWN: Final = ("values", "grads", "local", "formulas", "names")  # what `show` chooses among
WITH_NUMBERS: Final = frozenset({"values", "grads", "names"})  # what is shown unless said otherwise
WITHOUT: Final = frozenset({"grads", "names"})
OF_ABSTRACT: Final = frozenset({"grads", "names", "formulas"})  # where a gate is only declared
HIDDEN: Final = ("grads", "values", "local")  # what `hide` takes beside names of nodes


class Hidden(NamedTuple):
    """Where a worksheet has a line to write on."""

    values: frozenset[int] = frozenset()  # nodes
    grads: frozenset[int] = frozenset()
    local: bool = False


def shown(given: str | Collection[str] | None, graph: Graph, *, numbers: bool) -> frozenset[str]:
    """What a figure shows; raises `OptionError` for a word that is none of `SHOWN`."""
    if given is None:
        abstract = any(gate is not None and gate.is_abstract for gate in graph.gates)
        return WITH_NUMBERS if numbers else OF_ABSTRACT if abstract else WITHOUT
    wanted = words(given)
    for word in wanted:
        if word not in SHOWN:
            raise OptionError(f"'show' has no '{printable(word)}'{nearest(word, SHOWN)}; it takes {in_words(SHOWN)}")
    made_of_names = "formulas" in wanted or not numbers  # as symbols are
    return frozenset({*wanted, "names"} if made_of_names else wanted)


def hidden(given: str | Collection[str] | None, graph: Graph) -> Hidden:
    """Where `hide` leaves blanks: what a student can work out, which the inputs' values and the seed are not.

    A name hides the value and the gradient of its node. Raises `OptionError` for what is neither a word of `HIDDEN`
    nor a name.
    """
    values: set[int] = set()
    grads: set[int] = set()
    wanted = words(given or ())
    for word in wanted:
        nodes = _hidden_by(word, graph)
        values |= nodes if word != "grads" else set()
        grads |= nodes if word != "values" else set()
    gates = {node for node, gate in enumerate(graph.gates) if gate is not None}
    found = {node for node in range(len(graph)) if node not in graph.constants} - {graph.output}
    return Hidden(frozenset(values & gates), frozenset(grads & found), "local" in wanted)


def _hidden_by(word: str, graph: Graph) -> set[int]:
    from gradviz.language.tokens import normal

    if word in ("grads", "values"):
        return set(range(len(graph)))
    if word == "local":
        return set()
    if (name := normal(word)) not in graph.bindings:
        offer = nearest(name, [*HIDDEN, *graph.bindings])
        raise OptionError(f"'hide' takes {in_words(HIDDEN)}, or names of the program, not '{printable(word)}'{offer}")
    return {node for node, named in enumerate(graph.names) if named == name} | {graph.bindings[name]}


def words(given: str | Collection[str]) -> list[str]:
    """Words with commas between, or a list of them."""
    return [word.strip() for word in given.split(",")] if isinstance(given, str) else list(given)


class Shelves(NamedTuple):
    """What decides the rows of one figure."""

    graph: Graph
    trace: Trace | None
    theme: Theme
    shows: frozenset[str]
    number: Number
    names: Names | None  # None where only the program's own are needed
    nudged: Trace | None = None  # its values stand beside the trace's
    hidden: Hidden = Hidden()
    tangents: Tangents | None = None  # of forward mode, instead of the gradients

    # nodes -----------------------------------------------------------------------------------------------------------

    def above(self, node: int) -> Row:
        """What stands on the shelf of an input or a gate: its name and its value."""
        row = (*self._name(node), *self._value(node))
        return blanked(row, {"value", "new"}) if node in self.hidden.values else row

    def _name(self, node: int) -> Row:
        own = self.graph.names[node] or ""
        if self.graph.gates[node] is None and not self.theme.equations:
            return ()  # it stands left of the shelf
        name = self.names.nodes[node] if self.names else own
        return (Run(name, "name"),) if name and "names" in self.shows else ()

    def _value(self, node: int) -> Row:
        if self.trace is None or "values" not in self.shows:
            return ()
        old = number_run(self.trace.node_values[node], self.number, "value")
        equals = (Run("=", "equals"),) if self.theme.equations and "names" in self.shows else ()
        return (*equals, old, *self._new(node, old))

    def _new(self, node: int, old: Run) -> Row:
        """The value after a nudge, where that is another one."""
        if self.nudged is None:
            return ()
        new = number_run(self.nudged.node_values[node], self.number, "new")
        return () if new.text == old.text else (Run("→", "new"), new)

    def below(self, node: int) -> Row:
        """What hangs below: the gradient, as a symbol where there are no numbers."""
        if "grads" not in self.shows:
            return ()
        row = self._grad(node) if self.trace else self._symbols(node)
        return blanked(row, {"grad"}) if node in self.hidden.grads else row

    def _grad(self, node: int) -> Row:
        assert self.trace is not None
        if self.tangents:
            assert self.tangents.numbers is not None, "there is a trace"
            found = self.tangents.numbers[node]
        else:
            found = as_matrix(self.trace, self.trace.node_grads[node], node)
        grad = number_run(found, self.number, "grad")
        if not self.theme.equations:
            return (grad,)
        assert self.names is not None, "equations name their left sides"
        return (self._derivative(self.names.gradient(node)), Run("=", "equals"), grad)

    def _symbols(self, node: int) -> Row:
        """∂f/∂g; with formulas also the product that it is, unless it is a sum of several."""
        assert self.names is not None, "symbols are made of names"
        row = (self._derivative(self.names.gradient(node)),)
        if self.tangents:
            return self._tangent_symbols(node, row, self.tangents)
        if node == self.graph.output and self.names.top == self.names.nodes[node]:
            return (*row, Run("=", "equals"), Run("1", "grad"))
        wires = [wire for wire in self.graph.wires if wire.source == node] if "formulas" in self.shows else []
        right = self._product(wires[0]) if len(wires) == 1 else ()
        if right and right[0].text == row[0].text:  # the local gradient of the output's gate
            formula = self._formula(wires[0])
            right = (Run(formula.text, "grad", tex=formula.tex),) if formula else ()
        return (*row, Run("=", "equals"), *right) if right else row

    def _tangent_symbols(self, node: int, row: Row, tangents: Tangents) -> Row:
        """∂g/∂x; with formulas also the sum of products that it is."""
        graph, equals = self.graph, Run("=", "equals")
        if node not in tangents.reached or graph.gates[node] is None:
            return (*row, equals, Run("1" if node in tangents.reached else "0", "grad"))
        if "formulas" not in self.shows:
            return row
        right: list[Run] = []
        for wire in graph.wires:
            if wire.target == node and wire.source in tangents.reached:
                right += [Run("+", "equals")] if right else []
                right += self._pushed(wire)
        if [run.text for run in right] == [row[0].text]:  # of a gate of the input alone
            formula = self._formula(next(wire for wire in graph.wires if wire.target == node))
            return (*row, equals, Run(formula.text, "grad", tex=formula.tex)) if formula else row
        return (*row, equals, *right)

    def _pushed(self, wire: Wire) -> Row:
        """∂h/∂g · ∂g/∂x."""
        assert self.names is not None, "symbols are made of names"
        local = self._derivative(self.names.local(self.graph, wire), "grad")
        if self.names.nodes[wire.source] == self.names.wrt:
            return (local,)
        return (local, Run("·", "equals"), self._derivative(self.names.gradient(wire.source), "grad"))

    # wires -----------------------------------------------------------------------------------------------------------

    def local(self, wire: Wire) -> Row:
        """What stands on a wire's own shelf: the local gradient."""
        if not self.shows & {"local", "formulas"} or wire.source in self.graph.constants:
            return ()
        numbers = self._local_numbers(wire)
        if self.names is None:
            return numbers
        row = self._formulas(wire, numbers) if "formulas" in self.shows else numbers
        return row or (() if self.trace else (self._derivative(self.names.local(self.graph, wire), "local"),))

    def _local_numbers(self, wire: Wire) -> Row:
        if self.trace is None:
            return ()
        local = local_matrix(self.trace.locals.at(wire.target, wire.slot), MOST[0] * MOST[1])
        row = local_runs(local, self.number)
        return blanked(row, {"local"}) if self.hidden.local or self.hidden.values else row

    def _formulas(self, wire: Wire, numbers: Row) -> Row:
        """∂g/∂w = x = 5, as far as there are a formula and a number."""
        from gradviz.spelling import SUM, enclosed

        assert self.names is not None, "formulas name their left sides"
        formula = self._formula(wire)
        name = self._derivative(self.names.local(self.graph, wire), "local")
        equal = Run("=", "local")
        if formula and numbers:
            formula = enclosed(formula, SUM)  # cases are not mistaken for a part of the equation
        right = (equal, Run(formula.text, "local", tex=formula.tex)) if formula else ()
        says_number = formula is not None and formula.text.removeprefix("−").replace(".", "").isdecimal()
        if self.hidden.local and says_number:
            return (name, equal, *numbers)  # a constant would tell what is asked
        return (name, *right, *((equal, *numbers) if numbers and not says_number else ()))

    def _formula(self, wire: Wire) -> Formula | None:
        """The local gradient of a wire as a formula, where SymPy has one."""
        from gradviz.symbolic.formulas import local_formulas

        assert self.names is not None, "formulas are made of names"
        return local_formulas(self.graph, wire.target, self.names)[wire.slot]

    def share(self, wire: Wire) -> Row:
        """What hangs below a branch of a fork: what it brings back."""
        if "grads" not in self.shows or wire.source in self.graph.constants:
            return ()
        if self.tangents:
            return self.below(wire.source)
        if self.trace is None:
            return self._product(wire, "share")
        share: Any = as_matrix(self.trace, self.trace.shares.at(wire.target, wire.slot), wire.source)
        row = (number_run(share, self.number, "share"),)
        return blanked(row, {"share"}) if wire.source in self.hidden.grads else row

    def _product(self, wire: Wire, role: str = "grad") -> Row:
        """∂f/∂g · ∂g/∂w."""
        assert self.names is not None, "symbols are made of names"
        upstream, local = self.names.gradient(wire.target), self.names.local(self.graph, wire)
        here = self._derivative(local, role)
        if wire.target == self.graph.output and self.names.top == self.names.nodes[wire.target]:
            return (here,)
        return (self._derivative(upstream, role), Run("·", "share" if role == "share" else "equals"), here)

    def _derivative(self, name: Derivative, role: str = "derivative") -> Run:
        """A derivative's name, as a fraction where the theme sets them."""
        small: Any = role
        fraction = (name.over.text, name.under.text) if self.theme.fractions and name.under.text else None
        return Run(name.text, small, fraction=fraction, tex=name.tex)


def numbers_of(shelves: Shelves, wires: Sequence[Wire]) -> list[Any]:
    """Every number that a figure may show, which its decimals depend on."""
    trace, constants = shelves.trace, shelves.graph.constants
    assert trace is not None
    found: list[Any] = list(trace.node_values)
    if shelves.nudged:
        found += shelves.nudged.node_values
    inner = [wire for wire in wires if wire.source not in constants]
    if shelves.tangents:
        found += shelves.tangents.numbers or ()
    else:
        found += [grad for node, grad in enumerate(trace.node_grads) if node not in constants]
        found += [trace.shares.at(wire.target, wire.slot) for wire in inner]
    if shelves.shows & {"local", "formulas"}:
        locals_ = (local_matrix(trace.locals.at(w.target, w.slot), MOST[0] * MOST[1]).numbers for w in inner)
        found += [numbers for numbers in locals_ if numbers is not None]
    return found
