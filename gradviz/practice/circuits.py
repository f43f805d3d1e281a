"""Chance -> circuits of exercises, none of them trivial; what makes two of them the same; their programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import permutations
from random import Random
from typing import Final, NamedTuple, TypeVar

Item = TypeVar("Item")

LINES: Final = ("q", "p", "r", "s", "t")  # names of gates with a line of their own
OUTPUT: Final = "f"


class Kind(NamedTuple):
    """A gate as it is written in an exercise."""

    text: str
    binds: int
    operands: tuple[int, ...]  # what each of them must bind at least, else it stands in parentheses
    swaps: bool = False  # whether the order of the operands means nothing
    family: str = ""  # a gate and those of its family below it are one long sum, or one long product


class Plan(NamedTuple):
    """What a circuit is made of. Pairs are the least and the most."""

    inputs: tuple[int, int]
    gates: tuple[int, int]
    forks: tuple[int, int]  # further uses of a node
    binary: Mapping[str, int]  # how often a gate comes, relative to the others
    unary: Mapping[str, int]
    needs: frozenset[str]  # at least one of these gates
    once: frozenset[str] = frozenset()  # at most one of these
    lines: int = 2  # gates with a line of their own, at most, beside those that are used twice


class Circuit(NamedTuple):
    """Operands are indices: first the inputs, then the gates in order of evaluation, the output last."""

    inputs: int
    gates: tuple[tuple[str, tuple[int, ...]], ...]  # kinds and operands


_SUM, _QUOTIENT, _PRODUCT, _FACTOR, _POWER, _ATOM = range(1, 7)
KINDS: Final = {
    "add": Kind("{} + {}", _SUM, (_SUM, _QUOTIENT), swaps=True, family="sum"),
    "sub": Kind("{} - {}", _SUM, (_SUM, _QUOTIENT), family="sum"),
    "mul": Kind("{} * {}", _PRODUCT, (_PRODUCT, _FACTOR), swaps=True, family="product"),
    "div": Kind("{} / {}", _QUOTIENT, (_PRODUCT, _FACTOR), family="product"),
    "max": Kind("max({}, {})", _ATOM, (0, 0), swaps=True, family="max"),
    "min": Kind("min({}, {})", _ATOM, (0, 0), swaps=True, family="min"),
    "square": Kind("{}^2", _POWER, (_ATOM,), family="product"),
    "double": Kind("2 * {}", _PRODUCT, (_FACTOR,), family="product"),
    "treble": Kind("3 * {}", _PRODUCT, (_FACTOR,), family="product"),
    "halve": Kind("{} / 2", _QUOTIENT, (_PRODUCT,), family="product"),
    "reciprocal": Kind("1 / {}", _QUOTIENT, (_FACTOR,), family="product"),
    "sigmoid": Kind("sigmoid({})", _ATOM, (0,)),
    "exp": Kind("exp({})", _ATOM, (0,)),
}
_QUOTIENTS: Final = frozenset({"div", "halve", "reciprocal"})


class Chance:
    """Choices by a sequence of numbers that is the same everywhere.

    Python's documentation promises that `random()` of a `Random` with the same whole number as its seed gives the same
    sequence in every version; nothing else is used of it. The whole number is the SHA-256 of a text.
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(int.from_bytes(sha256(seed.encode()).digest(), "big"))  # noqa: S311  no secret

    def below(self, count: int) -> int:
        """A whole number from 0."""
        return int(self._random.random() * count)

    def within(self, bounds: tuple[int, int]) -> int:
        """A whole number between the two, or one of them."""
        return bounds[0] + self.below(bounds[1] - bounds[0] + 1)

    def of(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """So many of the items, in any order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def weighted(self, weights: Mapping[str, int]) -> str:
        """One of the words, as often as its weight says."""
        return self.of([word for word, weight in weights.items() for _ in range(weight)])


# circuits ------------------------------------------------------------------------------------------------------------


def random_circuit(chance: Chance, plan: Plan) -> Circuit | None:
    """A circuit in which every node reaches the output; None when chance has led to a trivial one."""
    inputs, forks = chance.within(plan.inputs), chance.within(plan.forks)
    joins = inputs + forks - 1
    least, most = max(0, plan.gates[0] - joins), plan.gates[1] - joins if plan.unary else 0
    if most < least:
        return None
    tables = [plan.binary] * joins + [plan.unary] * chance.within((least, most))
    kinds = [chance.weighted(weights) for weights in chance.some(tables, len(tables))]
    circuit = _joined(chance, inputs, forks, kinds)
    return circuit if circuit and _suits(circuit, plan) and is_sensible(circuit) else None


def _joined(chance: Chance, inputs: int, forks: int, kinds: Sequence[str]) -> Circuit | None:
    """Gates of these kinds, each taking nodes that wait for one; a fork lets a node wait a second time."""
    waiting = list(range(inputs))
    gates: list[tuple[str, tuple[int, ...]]] = []
    for kind in kinds:
        if forks and chance.below(2):
            waiting.append(chance.of(waiting))
            forks -= 1
        arity = len(KINDS[kind].operands)
        if len(waiting) < arity:
            return None
        gates.append((kind, tuple(waiting.pop(chance.below(len(waiting))) for _ in range(arity))))
        waiting.append(inputs + len(gates) - 1)
    return Circuit(inputs, tuple(gates)) if len(waiting) == 1 and not forks else None


def _suits(circuit: Circuit, plan: Plan) -> bool:
    """Whether the gates that the plan is about are there, and are not all of one kind."""
    kinds = [kind for kind, _ in circuit.gates]
    return (
        bool(plan.needs.intersection(kinds))
        and len(set(kinds)) > 1
        and sum(kinds.count(kind) for kind in plan.once) <= 1
    )


def is_sensible(circuit: Circuit) -> bool:
    """Whether no gate comes twice, none is applied to itself, and no sum or product has the same part twice.

    >>> x_minus_x, x_plus_y_minus_x = Circuit(1, (("sub", (0, 0)),)), Circuit(2, (("add", (0, 1)), ("sub", (2, 0))))
    >>> is_sensible(x_minus_x), is_sensible(x_plus_y_minus_x), is_sensible(Circuit(2, (("sub", (0, 1)),)))
    (False, False, True)
    """
    applied = {(kind, _unordered(kind, operands)) for kind, operands in circuit.gates}
    parts = [_parts(circuit, node) for node in range(circuit.inputs, circuit.inputs + len(circuit.gates))]
    return (
        len(applied) == len(circuit.gates)
        and all(len(set(each)) == len(each) for each in parts)
        and not any(_is_clumsy(kind, _kind(circuit, k)) for kind, operands in circuit.gates for k in operands)
    )


def _is_clumsy(outer: str, inner: str) -> bool:
    """Whether one gate would do for two, one applied to the other: 2 * (3 * x), y * (1 / x), (x / y) / z."""
    inverse = "reciprocal" in (outer, inner) and inner != "" and KINDS[outer].family == KINDS[inner].family
    return inverse or (_is_unary(outer) and _is_unary(inner)) or (outer in _QUOTIENTS and inner in _QUOTIENTS)


def _unordered(kind: str, operands: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(operands)) if KINDS[kind].swaps else operands


def _parts(circuit: Circuit, node: int) -> list[int]:
    """What a long sum or product is made of."""
    kind, operands = circuit.gates[node - circuit.inputs]
    family, found = KINDS[kind].family, list[int]()
    waiting = [*operands]
    while waiting:
        k = waiting.pop()
        inner = _kind(circuit, k)
        if inner and family and KINDS[inner].family == family:
            waiting += circuit.gates[k - circuit.inputs][1]
        else:
            found.append(k)
    return found


def _kind(circuit: Circuit, node: int) -> str:
    return circuit.gates[node - circuit.inputs][0] if node >= circuit.inputs else ""


def _is_unary(kind: str) -> bool:
    return kind in KINDS and len(KINDS[kind].operands) == 1


def canonical(circuit: Circuit) -> str:
    """The same text for circuits that differ only in names and in the order of operands that mean the same.

    >>> one, two = Circuit(3, (("add", (0, 1)), ("mul", (3, 2)))), Circuit(3, (("add", (2, 1)), ("mul", (0, 3))))
    >>> canonical(one), canonical(one) == canonical(two)
    ('mul(0,add(1,2))', True)
    """
    return min(_form(circuit, names) for names in permutations(map(str, range(circuit.inputs))))


def _form(circuit: Circuit, names: Sequence[str]) -> str:
    texts = list(names)
    for kind, operands in circuit.gates:
        inner = [texts[k] for k in operands]
        texts.append(f"{kind}({','.join(sorted(inner) if KINDS[kind].swaps else inner)})")
    return texts[-1]


# programs ------------------------------------------------------------------------------------------------------------


def written(circuit: Circuit, names: Sequence[str], lines: Collection[int] = ()) -> str:
    """The program of a circuit: inputs get their names in order of first use, the gates in `lines` a line each.

    >>> print(written(Circuit(3, (("add", (2, 0)), ("mul", (1, 3)))), "xyz", {3}))
    q = x + y
    f = z * q
    """
    return _named("\n".join(_statements(circuit, dict(zip(sorted(lines), LINES, strict=False)))), names)


def _statements(circuit: Circuit, targets: dict[int, str]) -> Iterator[str]:
    """The lines, with a number instead of each input's name."""
    nodes = [(f"#{k}", _ATOM) for k in range(circuit.inputs)]  # texts, and what they bind
    for kind, operands in circuit.gates:
        text, target = _applied(KINDS[kind], [nodes[k] for k in operands]), targets.get(len(nodes))
        if target:
            yield f"{target} = {text}"
        nodes.append((target, _ATOM) if target else (text, KINDS[kind].binds))
    yield f"{OUTPUT} = {nodes[-1][0]}"


def _applied(kind: Kind, operands: list[tuple[str, int]]) -> str:
    """A gate of operands, each with what it binds; turned round where that saves parentheses."""
    orders = [operands, operands[::-1]] if kind.swaps else [operands]
    return min((_in_order(kind, order) for order in orders), key=len)


def _in_order(kind: Kind, operands: list[tuple[str, int]]) -> str:
    pairs = zip(operands, kind.operands, strict=True)
    return kind.text.format(*(text if binds >= least else f"({text})" for (text, binds), least in pairs))


def _named(program: str, names: Sequence[str]) -> str:
    order = dict(zip(dict.fromkeys(re.findall(r"#\d", program)), names, strict=True))
    return re.sub(r"#\d", lambda found: order[found[0]], program)


def some_lines(chance: Chance, circuit: Circuit, most: int) -> frozenset[int]:
    """The gates with a line of their own: those that are used twice, and at most so many others."""
    uses = Counter(k for _, operands in circuit.gates for k in operands)
    inner = range(circuit.inputs, circuit.inputs + len(circuit.gates) - 1)
    twice = [node for node in inner if uses[node] > 1]
    others = [node for node in inner if uses[node] == 1 and not _is_unary(_kind(circuit, node))]
    return frozenset(twice + chance.some(others, min(chance.below(most + 1), len(others), len(LINES) - len(twice))))
