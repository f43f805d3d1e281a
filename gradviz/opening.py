"""Graph -> Graph: compound gates opened into the gates they are made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from gradviz.errors import OptionError, ProgramError, in_words, nearest
from gradviz.gates import FUNCTIONS, GATES, Gate
from gradviz.graph import Graph, GraphBuilder, Group
from gradviz.language.parser import parse
from gradviz.limits import beyond, most

ALL: Final = "all"


def opened(graph: Graph, names: Collection[str], *, frame: bool = False) -> Graph:
    """The graph with the compound gates of these names opened, those in what they are made of included.

    A name is that of a row of the gate table that says what it is made of, one of its aliases, a definition of the
    program, or "all". With `frame` the gates of each are a group. A name that opens nothing is told in the notes.
    Raises `OptionError` for another name.
    """
    return _Opening(graph, _compounds(graph, names), frame).graph_()


def body_of(gate: Gate) -> Graph:
    """The circuit that a compound gate is made of; its inputs have the gate's `input_names`."""
    return gate.body if gate.body is not None else parse(gate.definition(), gate.input_names)


def is_compound(gate: Gate | None) -> bool:
    """Whether a gate can be opened."""
    return gate is not None and (bool(gate.made_of) or gate.body is not None)


def _compounds(graph: Graph, names: Collection[str]) -> frozenset[str] | None:
    """The names of the gates to open; None for all of them."""
    own = {gate.name for gate in graph.gates if gate is not None and gate.body is not None}
    table = {word: g.name for word, gates in FUNCTIONS.items() for g in gates if g.made_of}
    known = {**table, **{name: name for name in own}}
    for name in names:
        if name in known or name == ALL:
            continue
        plain = name in FUNCTIONS
        problem = f"'{name}' is no compound gate" if plain else f"unknown compound gate '{name}'{nearest(name, known)}"
        legal = in_words([*(gate.name for gate in GATES.values() if gate.made_of), *own, ALL])
        raise OptionError(f"{problem}; those that open are {legal}")
    return None if ALL in names else frozenset(known[name] for name in names)


@dataclass(slots=True)
class _Opening:
    """One pass over the nodes of a graph, which are built anew."""

    graph: Graph
    names: frozenset[str] | None
    frame: bool
    builder: GraphBuilder = field(init=False)
    bodies: dict[Gate, Graph] = field(default_factory=dict)
    count: int = 0  # of gates opened so far; one may be made of no gate
    found: set[str] = field(default_factory=set)  # names of gates that were opened
    widest: float = field(default_factory=partial(most, "nodes"))

    def graph_(self) -> Graph:
        old = self.graph
        self.builder = GraphBuilder(old.program)
        self.builder.folded += old.folded
        new = self.nodes(old, {}, None)
        for node, name in enumerate(old.names):
            if name is not None and self.builder.names[new[node]] is None:
                self.builder.names[new[node]] = name
        self.builder.bindings = {name: new[node] for name, node in old.bindings.items()}
        self.builder.groups += [Group(g.name, frozenset(new[k] for k in g.nodes)) for g in old.groups]
        missed = sorted((self.names or frozenset()) - self.found)
        notes = (f"nothing to open: the program has no {in_words(missed)}",) if missed else ()
        return self.builder.build(new[old.output], old.unused, old.notes + notes)

    def nodes(self, graph: Graph, given: dict[int, int], place: tuple[int, int] | None) -> list[int]:
        """The nodes of a graph in the builder; `given` are those that stand for its inputs."""
        new: list[int] = []
        for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
            at = place or graph.place(node)
            if node in given:
                new.append(given[node])
            elif gate is not None:
                new.append(self.gate(gate, [k if k < 0 else new[k] for k in operands], at))
            elif node in graph.constants:
                new.append(self.builder.constant(*graph.constants[node], at))
            else:
                new.append(self.builder.input(str(graph.names[node]), at))
        return new

    def gate(self, gate: Gate, operands: Sequence[int], place: tuple[int, int]) -> int:
        if not is_compound(gate) or not (self.names is None or gate.name in self.names):
            return self.builder.gate(gate, tuple(operands), place)
        first = len(self.builder.gates)
        self.count += 1
        self.found.add(gate.name)
        if (count := max(first, self.count)) > self.widest:
            raise ProgramError(f"a large program: {beyond('nodes', count)}", self.builder.program, place)
        body = self.bodies.setdefault(gate, self.bodies.get(gate) or body_of(gate))
        inputs = dict(zip(gate.input_names, operands, strict=True))
        given = {node: inputs[str(body.names[node])] for node in body.inputs}
        output = self.nodes(body, given, place)[body.output]
        made = frozenset(range(first, len(self.builder.gates)))
        if self.frame and made:
            self.builder.groups.append(Group(gate.name, made))
        return output
