"""Seed -> exercises: small circuits with friendly numbers, as on the sheet after the lecture.

The same seed gives the same exercises with every version of Python and on every machine, see `circuits.Chance`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final, NamedTuple

from gradviz.errors import OptionError, row_named
from gradviz.evaluator import evaluate
from gradviz.language.parser import parse
from gradviz.passes import forward
from gradviz.practice.circuits import Chance, Circuit, Plan, canonical, random_circuit, some_lines, written
from gradviz.practice.friendly import Wanted, facts, has_friendly_values, is_friendly
from gradviz.rewrite import fold

TRIES: Final = 3_000  # circuits in a row that are nothing new
VALUES_TRIES: Final = 40  # of one circuit


class Exercise(NamedTuple):
    """A circuit to be worked out."""

    program: str
    values: dict[str, float]
    name: str
    level: str


class Level(NamedTuple):
    """How hard an exercise is."""

    name: str
    does: str
    plan: Plan
    wanted: Wanted
    values: tuple[int, ...]  # of inputs; those that come oftener stand there more than once


_SMALL: Final = (-5, -4, -3, -3, -2, -2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)  # 0 and ±1 make products trivial
_BASIC: Final = {"add": 4, "mul": 4, "sub": 2}
_CURVES: Final = frozenset({"sigmoid", "exp"})
LEVELS: Final = {
    level.name: level
    for level in (
        Level(
            "easy",
            "+, - and *; every name is used once",
            Plan((3, 5), (3, 4), (0, 0), _BASIC, {}, needs=frozenset({"mul"})),
            Wanted(products=0),
            (*_SMALL, -6, 7, 8, 10),
        ),
        Level(
            "medium",
            "also max, min, squares and factors, names used twice, several lines",
            Plan(
                (2, 4), (3, 6), (1, 2), {**_BASIC, "max": 4, "min": 2}, {"square": 3, "double": 2, "treble": 1},
                needs=frozenset({"max", "min", "square", "mul"}),
            ),
            Wanted(),
            _SMALL,
        ),
        Level(
            "hard",
            "also quotients, 1/x, exp and the sigmoid; quarters, or rounded to two decimals",
            Plan(
                (2, 5), (4, 7), (0, 2), {**_BASIC, "div": 3, "max": 2},
                {"square": 1, "reciprocal": 3, "halve": 2, "sigmoid": 4, "exp": 1},
                needs=frozenset({"div", "reciprocal", "sigmoid", "exp"}), once=_CURVES,
            ),
            Wanted(fraction=0.25, rounded=_CURVES),
            (-6, -5, -4, -4, -3, -2, -2, -2, 2, 2, 2, 2, 3, 4, 4, 4, 5, 6, 8, 8, 10),
        ),
    )
}  # fmt: skip
MIXED: Final = "mixed"  # one level after the other, again and again
NAMES: Final = {
    2: ("xy", "ab", "wx", "uv"),
    3: ("xyz", "abc", "wxb", "uvw"),
    4: ("abcd", "wxyz", "uvxy"),
    5: ("abcdk", "vwxyz"),
}  # of inputs, a letter each, in order of first use


def random_circuits(count: int, seed: int, level: str = MIXED) -> list[Exercise]:
    """So many exercises, no two of them the same circuit under other names; the first ones do not depend on `count`.

    `level` is one of `LEVELS`, or `MIXED`. Every value and every gradient is a whole number of at most 100; at the
    level hard it may be a multiple of 1/4, or after a sigmoid or exp a number that two decimals tell. Raises
    `OptionError` for an unknown level and a count below 1, and when so many different circuits are not found.
    """
    if count < 1:
        raise OptionError(f"the number of exercises must be at least 1, not {count}")
    levels = _levels(level)
    chance = Chance(f"gradviz exercises, level {level}, seed {seed}")
    seen: set[str] = set()
    width = max(2, len(str(count)))
    return [_new(chance, next(levels), seen, f"exercise-{number:0{width}}") for number in range(1, count + 1)]


def _levels(name: str) -> Iterator[Level]:
    named = row_named("level", name, {**LEVELS, MIXED: None})
    return cycle([named] if named else LEVELS.values())


def _new(chance: Chance, level: Level, seen: set[str], name: str) -> Exercise:
    """An exercise whose circuit is not among those seen."""
    for _ in range(TRIES):
        circuit = random_circuit(chance, level.plan)
        found = _exercise(chance, level, circuit, name) if circuit else None
        if circuit and found and (form := canonical(circuit)) not in seen:
            seen.add(form)
            return found
    others = " or ".join(f"'{other}'" for other in LEVELS if other != level.name)
    problem = f"after {len(seen)} circuits no other one was found at the level '{level.name}'"
    raise OptionError(f"{problem}; ask for fewer, or for the level {others}")


def _exercise(chance: Chance, level: Level, circuit: Circuit, name: str) -> Exercise | None:
    """The circuit at values that make its numbers friendly; None when none were found."""
    names = chance.of(NAMES[circuit.inputs])
    program = written(circuit, names, some_lines(chance, circuit, level.plan.lines))
    graph = fold(parse(program))
    of = facts(graph, level.wanted)
    for _ in range(VALUES_TRIES):
        values = list(map(float, chance.some(level.values, circuit.inputs)))
        if has_friendly_values(forward(graph, values)[: len(graph)], of, level.wanted):
            given = dict(zip(graph.input_names, values, strict=True))
            if is_friendly(evaluate(graph, given), of, level.wanted):
                return Exercise(program, given, name, level.name)
    return None
