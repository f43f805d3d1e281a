"""`Graph`: a program as columns of nodes in order of evaluation, never changed after building.

An operand is the index of a node, or a negative number for a constant folded into the gate: `-1` is `folded[0]`, `-2`
is `folded[1]`, … A list of values with the folded constants reversed at its end therefore holds every operand at its
index.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from typing import Any, NamedTuple

from gradviz.gates import Gate
from gradviz.slots import Slots


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


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Graph:
    """Columns, one entry a node: the inputs in order of first use, then constants and gates in order of evaluation."""

    program: str
    gates: tuple[Gate | None, ...]  # None for inputs and constants
    operands: Slots  # nodes, by slot; flat
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
    view: str = ""  # what of a larger circuit it is, with whose numbers it is drawn
    has_output: bool = True  # whether `output` is that of the larger circuit, and not just its last node
    memory: dict[str, Any] = field(default_factory=dict, init=False)  # what is found out about it once

    def __repr__(self) -> str:
        return f"Graph({self.program!r})"

    def __len__(self) -> int:
        return len(self.gates)

    @property
    def kinds(self) -> tuple[Gate, ...]:
        """The gates that there are, each once."""
        if "kinds" not in self.memory:
            self.memory["kinds"] = tuple(gate for gate in dict.fromkeys(self.gates) if gate is not None)
        found: tuple[Gate, ...] = self.memory["kinds"]
        return found

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

    @property
    def uses(self) -> Mapping[int, int]:
        """How many wires each node feeds; those that feed none are left out."""
        if "uses" not in self.memory:
            self.memory["uses"] = Counter(self.operands.flat)
        found: Mapping[int, int] = self.memory["uses"]
        return found

    @property
    def targets(self) -> Sequence[int]:
        """The gate of each wire, those of folded constants too, in the order of `operands.flat`."""
        if "targets" not in self.memory:
            ends = [0] * (len(self.operands.flat) + 1)  # how many nodes have theirs up to there
            for end in self.operands.bounds[1:]:
                ends[end] += 1
            self.memory["targets"] = array("i", accumulate(ends[:-1]))
        found: Sequence[int] = self.memory["targets"]
        return found

    def constants_of(self, node: int) -> dict[int, Constant]:
        """The constants folded into a gate, by slot."""
        if not self.folded:
            return {}
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


class GraphBuilder:
    """Collects nodes in any order that has operands before their gates; `build` gives the `Graph`."""

    __slots__ = (
        "bindings", "bounds", "changed", "constants", "ends", "folded", "gates", "groups", "lines", "names",
        "program", "sources", "starts",
    )  # fmt: skip

    def __init__(self, program: str = "") -> None:
        """Without nodes."""
        self.program = program
        self.gates: list[Gate | None] = []
        self.names: list[str | None] = []
        self.sources, self.bounds = array("i"), array("i", (0,))  # the operands of all nodes, as `Slots` has them
        self.starts, self.ends = array("i"), array("i")
        self.constants: dict[int, Constant] = {}
        self.folded: list[Constant] = []
        self.bindings: dict[str, int] = {}
        self.groups: list[Group] = []
        self.changed: dict[int, tuple[int, ...]] = {}  # operands that `change` gave
        self.lines: list[range] = []  # gates that are lines of the program without a name

    @classmethod
    def of(cls, graph: Graph) -> GraphBuilder:
        """A builder with the columns of a graph, to be changed and built again."""
        found = cls(graph.program)
        found.gates, found.names = list(graph.gates), list(graph.names)
        found.sources, found.bounds = array("i", graph.operands.flat), array("i", graph.operands.bounds)
        found.starts, found.ends = graph.starts[:], graph.ends[:]
        found.constants, found.bindings = dict(graph.constants), dict(graph.bindings)
        found.folded, found.groups = list(graph.folded), list(graph.groups)
        return found

    def _add(self, gate: Gate | None, operands: Sequence[int], name: str | None, place: tuple[int, int]) -> int:
        self.gates.append(gate)
        self.sources.extend(operands)
        self.bounds.append(len(self.sources))
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

    def gate(self, gate: Gate, operands: Sequence[int], place: tuple[int, int] = (0, 0)) -> int:
        """A gate applied to nodes, by slot."""
        return self._add(gate, operands, None, place)

    def extend(self, gates: Sequence[str], operands: Sequence[int]) -> int:
        """Many gates, each a line: names in the gate table, and the operands of all; gives the number of the last.

        `extend(["mul", "add"], [0, 1, 3, 2])` is `w*x + b` behind three inputs; the operands may be an array.
        Raises `ValueError` where they do not stand before their gate, or are not as many as the gates have slots;
        `KeyError` for a name that is none.
        """
        from gradviz.bulk import applied

        rows, sources, ends = applied(gates, operands, len(self.gates), len(self.folded))
        self.lines.append(range(len(self.gates), len(self.gates) + len(rows)))
        self.bounds.frombytes((ends + len(self.sources)).astype(ends.dtype).tobytes())
        self.sources.frombytes(sources.tobytes())
        self.gates += rows
        self.names.extend(repeat(None, len(rows)))
        for places in (self.starts, self.ends):
            places.frombytes(bytes(places.itemsize * len(rows)))
        return len(self.gates) - 1

    def fold(self, constant: Constant) -> int:
        """A constant inside a gate: the operand that stands for it."""
        self.folded.append(constant)
        return -len(self.folded)

    def bind(self, name: str, node: int) -> None:
        """Let `name` mean `node` from here on; the node's first name is the one it shows."""
        if self.names[node] is None:
            self.names[node] = name
        self.bindings[name] = node

    def change(self, node: int, gate: Gate, operands: Sequence[int]) -> None:
        """Another gate, with operands of its own, in the place of a node's."""
        self.gates[node], self.changed[node] = gate, tuple(operands)

    def operands(self, node: int) -> Sequence[int]:
        """The operands of a node, by slot."""
        changed = self.changed.get(node)
        return self.sources[self.bounds[node] : self.bounds[node + 1]] if changed is None else changed

    def build(self, output: int, unused: Iterable[str] = (), notes: tuple[str, ...] = ()) -> Graph:
        """The graph of what reaches `output`, numbered: inputs first, then the rest in order of evaluation."""
        reached = self.reached(output)
        move = _Move(reached, self._inputs(reached), len(self.gates), bisect_right(self.bounds, 0) - 1)
        new = move.numbers(len(self.folded))
        left_out = (name for name, node in self.bindings.items() if new[node] is None)
        return Graph(
            self.program,
            tuple(move.column(self.gates)),
            self._slots(move, new),
            tuple(move.column(self.names)),
            move.column(self.starts),
            move.column(self.ends),
            {new[i]: self.constants[i] for i in sorted(self.constants) if new[i] is not None},
            tuple(self.folded),
            new[output],
            {name: new[node] for name, node in self.bindings.items() if new[node] is not None},
            frozenset({*unused, *left_out}),
            notes,
            tuple(Group(g.name, frozenset(new[i] for i in g.nodes if new[i] is not None)) for g in self.groups),
        )

    def _slots(self, move: _Move, new: Sequence[Any]) -> Slots:
        """The operands of nodes in a new order, by their new numbers."""
        if not self.changed and move.leaves_only:
            return Slots(self._renumbered(new), self.bounds[:])
        rows = list(map(self.operands, move.order))
        flat = array("i", map(new.__getitem__, chain.from_iterable(rows)))
        return Slots(flat, array("i", accumulate(map(len, rows), initial=0)))

    def _renumbered(self, new: Sequence[int]) -> array[int]:
        if self.lines:
            from gradviz.bulk import renumbered

            return renumbered(self.sources, new)
        return array("i", map(new.__getitem__, self.sources))

    def reached(self, output: int) -> Sequence[int]:
        """The nodes that reach `output`, in order of building."""
        if output == len(self.gates) - 1 and not self.changed and not self.folded and self._are_used():
            return range(len(self.gates))  # each is an operand of a later one
        marked = bytearray(len(self.gates))
        marked[output] = 1
        for node in range(output, -1, -1):
            if marked[node]:
                for source in self.operands(node):
                    if source >= 0:
                        marked[source] = 1
        return [node for node in range(output + 1) if marked[node]]

    def _are_used(self) -> bool:
        """Whether each node but the last is an operand."""
        if self.lines:
            from gradviz.bulk import are_all_used

            return are_all_used(self.sources, len(self.gates))
        return len({*self.sources, len(self.gates) - 1}) == len(self.gates)

    def _inputs(self, reached: Sequence[int]) -> list[int]:
        """The inputs in order of first use, line by line and operands left to right."""
        wanted = self.gates.count(None) - len(self.constants)
        if not isinstance(reached, range):
            wanted = sum(self.gates[node] is None and node not in self.constants for node in reached)
        found: list[int] = []
        seen = bytearray(len(self.gates))
        for line in chain(filter(self._is_line, reached), (reached[-1],)):
            if len(found) == wanted:
                break
            waiting = [line]
            while waiting and len(found) < wanted:
                node = waiting.pop()
                if node < 0 or seen[node]:
                    continue
                seen[node] = 1
                if self.gates[node] is None and node not in self.constants:
                    found.append(node)
                waiting += self.operands(node)[::-1]
        return found

    def _is_line(self, node: int) -> bool:
        return self.gates[node] is not None and (
            self.names[node] is not None or any(node in lines for lines in self.lines)
        )


class _Move:
    """Nodes in a new order: the inputs first. Of a whole graph only `leaves` move, which stand before all gates."""

    __slots__ = ("count", "head", "leaves_only", "order", "tail")

    def __init__(self, reached: Sequence[int], inputs: Sequence[int], count: int, leaves: int) -> None:
        first, self.count = set(inputs), count
        self.leaves_only = isinstance(reached, range) and (not inputs or max(inputs) < leaves)
        moved = reached[:leaves] if self.leaves_only else reached
        self.head = [*inputs, *(node for node in moved if node not in first)]
        self.tail = range(leaves, count) if self.leaves_only else range(count, count)
        self.order = chain(self.head, self.tail)

    def column(self, column: Any) -> Any:
        """A list or an array in the new order."""
        moved = map(column.__getitem__, self.head)
        rest = column[self.tail.start : self.tail.stop]
        return (array("i", moved) if isinstance(column, array) else list(moved)) + rest

    def numbers(self, folded: int) -> Sequence[Any]:
        """The new number of each node, None for those left out; folded constants, negative, stay what they are."""
        found: list[Any] = [None] * self.count
        found[self.tail.start : self.tail.stop] = self.tail
        for place, node in enumerate(self.head):
            found[node] = place
        return [*found, *range(-folded, 0)]
