"""`Graph`: a program as columns of nodes in order of evaluation, never changed after building.

An operand is the index of a node, or a negative number for a constant folded into the gate: `-1` is `folded[0]`, `-2`
is `folded[1]`, … A list of values with the folded constants reversed at its end therefore holds every operand at its
index.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gradviz.gates import Gate


class Constant(NamedTuple):
    """A number of the program or an array of them (nested tuples of floats), and how it is shown."""

    value: Any
    text: str


class Wire(NamedTuple):
    """One use of a node's output by a gate; nodes are indices."""

    source: int
    target: int
    slot: int


class Group(NamedTuple):
    """Nodes that are drawn in one box: the gates that a gate was opened into."""

    name: str
    nodes: frozenset[int]  # those of a group within it included


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Columns, one entry a node: the inputs in order of first use, then constants and gates in order of evaluation."""

    program: str
    gates: tuple[Gate | None, ...]  # None for inputs and constants
    operands: tuple[tuple[int, ...], ...]  # by slot
    names: tuple[str | None, ...]  # the program's name for the node
    starts: array[int]  # place in the program: [starts, ends)
    ends: array[int]
    constants: Mapping[int, Constant]  # nodes that are drawn constants
    folded: tuple[Constant, ...]  # constants inside gates, see the module's docstring
    output: int
    bindings: Mapping[str, int]  # what each name means at the end of the program
    unused: frozenset[str] = frozenset()  # names of the program that do not reach the output
    notes: tuple[str, ...] = ()  # what the user should be told, a line each
    groups: tuple[Group, ...] = ()  # any two are apart, or one lies within the other

    def __repr__(self) -> str:
        return f"Graph({self.program!r})"

    def __len__(self) -> int:
        return len(self.gates)

    @property
    def inputs(self) -> range:
        """The nodes that need a value, first in the columns."""
        count = 0
        while count < len(self.gates) and self.gates[count] is None and count not in self.constants:
            count += 1
        return range(count)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names that need a value, in order of first use."""
        return tuple(name for name in (self.names[i] for i in self.inputs) if name)

    @property
    def wires(self) -> Iterator[Wire]:
        """Every use of a node by a gate, by target and slot; folded constants have no wire."""
        for target, operands in enumerate(self.operands):
            for slot, source in enumerate(operands):
                if source >= 0:
                    yield Wire(source, target, slot)

    def constants_of(self, node: int) -> dict[int, Constant]:
        """The constants folded into a gate, by slot."""
        return {slot: self.folded[-1 - k] for slot, k in enumerate(self.operands[node]) if k < 0}

    def label(self, node: int) -> str:
        """What stands in the node's circle, or the name or number of one that has no circle."""
        gate = self.gates[node]
        if gate is None:
            return self.constants[node].text if node in self.constants else str(self.names[node])
        return gate.label({slot: c.text for slot, c in self.constants_of(node).items()})

    def place(self, node: int) -> tuple[int, int]:
        """Where the node stands in the program's text, as a pair of offsets."""
        return self.starts[node], self.ends[node]

    def to_sympy(self) -> object:
        """The unevaluated SymPy expression of the output; see `symbolic.to_sympy`."""
        from gradviz.symbolic import to_sympy

        return to_sympy(self)


@dataclass(slots=True)
class GraphBuilder:
    """Collects nodes in any order that has operands before their gates; `build` gives the `Graph`."""

    program: str = ""
    gates: list[Gate | None] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    constants: dict[int, Constant] = field(default_factory=dict)
    folded: list[Constant] = field(default_factory=list)
    bindings: dict[str, int] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    @classmethod
    def of(cls, graph: Graph) -> GraphBuilder:
        """A builder with the columns of a graph, to be changed and built again."""
        return cls(
            graph.program,
            list(graph.gates),
            list(graph.operands),
            list(graph.names),
            graph.starts[:],
            graph.ends[:],
            dict(graph.constants),
            list(graph.folded),
            dict(graph.bindings),
            list(graph.groups),
        )

    def _add(self, gate: Gate | None, operands: tuple[int, ...], name: str | None, place: tuple[int, int]) -> int:
        self.gates.append(gate)
        self.operands.append(operands)
        self.names.append(name)
        self.starts.append(place[0])
        self.ends.append(place[1])
        return len(self.gates) - 1

    def input(self, name: str, place: tuple[int, int] = (0, 0)) -> int:
        """A node that needs a value; `name` means it from here on."""
        node = self.bindings[name] = self._add(None, (), name, place)
        return node

    def constant(self, value: Any, text: str, place: tuple[int, int] = (0, 0)) -> int:
        """A number or an array."""
        node = self._add(None, (), None, place)
        self.constants[node] = Constant(value, text)
        return node

    def gate(self, gate: Gate, operands: tuple[int, ...], place: tuple[int, int] = (0, 0)) -> int:
        """A gate applied to nodes, by slot."""
        return self._add(gate, operands, None, place)

    def fold(self, constant: Constant) -> int:
        """A constant inside a gate: the operand that stands for it."""
        self.folded.append(constant)
        return -len(self.folded)

    def bind(self, name: str, node: int) -> None:
        """Let `name` mean `node` from here on; the node's first name is the one it shows."""
        if self.names[node] is None:
            self.names[node] = name
        self.bindings[name] = node

    def build(self, output: int, unused: Iterable[str] = (), notes: tuple[str, ...] = ()) -> Graph:
        """The graph of what reaches `output`, numbered: inputs first, then the rest in order of evaluation."""
        reached = self.reached(output)
        inputs = self._inputs(reached)
        order = inputs + sorted(set(reached) - set(inputs))
        new = dict(zip(order, range(len(order)), strict=True))
        left_out = {name: node for name, node in self.bindings.items() if node not in new}
        return Graph(
            self.program,
            tuple(self.gates[i] for i in order),
            tuple(tuple(k if k < 0 else new[k] for k in self.operands[i]) for i in order),
            tuple(self.names[i] for i in order),
            array("q", (self.starts[i] for i in order)),
            array("q", (self.ends[i] for i in order)),
            {new[i]: self.constants[i] for i in reached if i in self.constants},
            tuple(self.folded),
            new[output],
            {name: new[node] for name, node in self.bindings.items() if node in new},
            frozenset({*unused, *left_out}),
            notes,
            tuple(Group(g.name, frozenset(new[i] for i in g.nodes if i in new)) for g in self.groups),
        )

    def reached(self, output: int) -> list[int]:
        """The nodes that reach `output`, in order of building."""
        marked = bytearray(len(self.gates))
        marked[output] = 1
        for node in range(output, -1, -1):
            if marked[node]:
                for source in self.operands[node]:
                    if source >= 0:
                        marked[source] = 1
        return [node for node in range(output + 1) if marked[node]]

    def _inputs(self, reached: list[int]) -> list[int]:
        """The inputs in order of first use, line by line and operands left to right."""
        found: list[int] = []
        seen = bytearray(len(self.gates))
        lines = [node for node in reached if self.names[node] is not None and self.gates[node] is not None]
        waiting = [*lines, reached[-1]][::-1]
        while waiting:
            node = waiting.pop()
            if node < 0 or seen[node]:
                continue
            seen[node] = 1
            if self.gates[node] is None and node not in self.constants:
                found.append(node)
            waiting += self.operands[node][::-1]
        return found
