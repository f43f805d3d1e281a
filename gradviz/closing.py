"""Graph -> Graph: gates written out are recognised, and closed to the compound gate that they make, or framed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple

from gradviz.gates import CONSTANT_BASES, GATES, Gate, Setting
from gradviz.graph import Graph, GraphBuilder, Group
from gradviz.language.parser import parse

_ROUNDS: Final = 10  # of closing gates that are made of closed ones

Bindings = dict[str, int]  # by the names of a definition's inputs, nodes


class Match(NamedTuple):
    """A compound gate found written out: its inputs by slot, its last node, and all its nodes, constants included."""

    gate: Gate
    operands: tuple[int, ...]
    root: int
    nodes: frozenset[int]


def closed(graph: Graph) -> Graph:
    """The graph with every recognised compound closed to one gate: `1/(1 + exp(-z))` to σ, `sum(q**2)` to L2."""
    for _ in range(_ROUNDS):
        found = matches(graph)
        if not found:
            break
        builder = GraphBuilder.of(graph)
        for match in found:
            builder.change(match.root, match.gate, match.operands)
        graph = builder.build(graph.output, graph.unused, graph.notes)
    return graph


def framed(graph: Graph) -> Graph:
    """The graph with the nodes of every recognised compound of several gates as a group."""
    builder = GraphBuilder.of(graph)
    for match in matches(graph):
        if sum(graph.gates[node] is not None for node in match.nodes) > 1:
            builder.groups.append(Group(match.gate.name, match.nodes))
    return builder.build(graph.output, graph.unused, graph.notes)


def matches(graph: Graph) -> list[Match]:
    """The compounds in a graph, the largest first where several end in one gate; no two share a gate."""
    patterns = _patterns(graph)
    search = _Search(graph, _users(graph))
    taken: set[int] = set()
    found = []
    for node in range(len(graph) - 1, -1, -1):
        gate = graph.gates[node]
        if gate is None or node in taken:
            continue
        for pattern in patterns.get(search.gate_of(node)[0][0], ()):
            match = search.match(pattern, node)
            if match and not taken & match.nodes:
                taken |= match.nodes
                found.append(match)
                break
    return found


# patterns ------------------------------------------------------------------------------------------------------------


class Pattern(NamedTuple):
    """What a compound gate looks like when it is written out."""

    gate: Gate
    body: Graph


def _patterns(graph: Graph) -> dict[str, list[Pattern]]:
    """By the name of their last gate, larger ones first."""
    found: dict[str, list[Pattern]] = {}
    for row in GATES.values():
        for gate in _with_settings(row, graph) if row.made_of else ():
            for number in range(len(row.made_of)):
                pattern = _pattern(gate, number)
                last = pattern.body.gates[pattern.body.output]
                if last is not None:
                    found.setdefault(last.name, []).append(pattern)
    return {name: sorted(each, key=lambda pattern: -len(pattern.body)) for name, each in found.items()}


@lru_cache(maxsize=1000)
def _pattern(gate: Gate, number: int) -> Pattern:
    return Pattern(_as_told(gate, gate.made_of[number]), parse(gate.definition(number), gate.input_names))


def _with_settings(row: Gate, graph: Graph) -> Iterator[Gate]:
    """The gate with each choice of settings that the gates of the graph suggest."""
    choices = [sorted(_candidates(setting, graph), key=repr) for setting in row.settings]
    for values in product(*choices):
        yield row.choose({s.name: v for s, v in zip(row.settings, values, strict=True)})


def _candidates(setting: Setting, graph: Graph) -> set[Any]:
    chosen = {gate.chosen[setting.name] for gate in graph.gates if gate and setting.name in gate.chosen}
    numbers = {c.value for c in graph.constants.values() if isinstance(c.value, float)}
    return {setting.default, *filter(setting.legal, chosen | numbers)}


def _as_told(gate: Gate, text: str) -> Gate:
    """The gate with the settings that a definition tells; an axis that it does not tell is every axis."""
    told = {
        setting.name: gate.chosen[setting.name] if f"{{{setting.name}}}" in text else None for setting in gate.settings
    }
    given = {setting.name: told[setting.name] for setting in gate.settings if told[setting.name] != setting.default}
    return GATES[gate.name].choose(given)


# search --------------------------------------------------------------------------------------------------------------


def _users(graph: Graph) -> list[set[int]]:
    users: list[set[int]] = [set() for _ in range(len(graph))]
    for source, target, _ in graph.wires:
        users[source].add(target)
    return users


@dataclass(frozen=True, slots=True)
class _Search:
    """Compares parts of a graph with patterns, as trees."""

    graph: Graph
    users: list[set[int]]

    def match(self, pattern: Pattern, root: int) -> Match | None:
        for bindings, nodes in self.trees(pattern.body, pattern.body.output, root, {}):
            operands = tuple(bindings[name] for name in pattern.gate.input_names)
            inner = nodes - {root}
            alone = all(self.users[node] <= nodes for node in inner) and self.graph.output not in inner
            if alone and not inner & set(operands):
                return Match(pattern.gate, operands, root, nodes)
        return None

    def trees(self, body: Graph, wanted: int, node: int, bound: Bindings) -> Iterator[tuple[Bindings, frozenset[int]]]:
        """The ways in which a node is a pattern's node: the inputs that they bind, and the nodes that they cover."""
        gate, constant = body.gates[wanted], body.constants.get(wanted)
        if constant is not None:
            own = self.graph.constants.get(node)
            if own is not None and own.value == constant.value and self.graph.names[node] is None:
                yield bound, frozenset((node,))
        elif gate is None:
            name = str(body.names[wanted])
            if bound.get(name, node) == node:
                yield {**bound, name: node}, frozenset()
        elif self.graph.gates[node] is not None:
            key, operands, extra = self.gate_of(node)
            if key == _key(gate):
                for order in self.orders(gate, operands):
                    for found, nodes in self.operands(body, body.operands[wanted], order, bound):
                        yield found, nodes | extra | {node}

    def operands(
        self, body: Graph, wanted: tuple[int, ...], nodes: tuple[int, ...], bound: Bindings
    ) -> Iterator[tuple[Bindings, frozenset[int]]]:
        if not wanted:
            yield bound, frozenset()
            return
        for found, covered in self.trees(body, wanted[0], nodes[0], bound):
            for last, more in self.operands(body, wanted[1:], nodes[1:], found):
                yield last, covered | more

    def orders(self, gate: Gate, operands: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        return (operands,) if gate.ordered or gate.arity != 2 else (operands, operands[::-1])

    def gate_of(self, node: int) -> tuple[tuple[Any, ...], tuple[int, ...], frozenset[int]]:
        """A node's gate as a key, its operands, and the constant that makes another gate of it (e in e^x)."""
        gate, operands = self.graph.gates[node], self.graph.operands[node]
        assert gate is not None, "asked of gates only"
        for slot, k in enumerate(operands):
            constant = self.graph.constants.get(k)
            special = constant and CONSTANT_BASES.get((gate.name, slot, constant.value))
            if special:
                return _key(GATES[special]), (operands[1 - slot],), frozenset((k,))
        return _key(gate), operands, frozenset()


def _key(gate: Gate) -> tuple[Any, ...]:
    """What makes two gates the same: the name and the settings."""
    return (gate.name, *(gate.chosen.get(s.name, s.default) for s in gate.settings), gate.arity)
