"""Different programs of one size: texts of expressions with 13 wires, the output's included, and their values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Final

from benchmarks.circuits import seeded

LEAVES: Final = 5
APPLIED: Final = 4  # of one operand; with the four that join the leaves, 8 gates and 12 wires into them
NAMES: Final = tuple("a b c d g h k m n p q r s t u v w x y z w0 w1 w2 x0 x1 x2".split())  # noqa: SIM905
JOINED: Final = ("({} + {})", "({} - {})", "{}*{}", "max({}, {})")
FUNCTIONS: Final = ("tanh({})", "exp({})", "sigmoid({})", "sin({})", "cos({})", "relu({})", "({} + 1)", "({}/2)", "-{}")

Figure = tuple[str, dict[str, float]]  # a program and its values


def different() -> Iterator[Figure]:
    """Programs without end, no two alike."""
    random, seen = seeded(13), set()
    while True:
        names = random.sample(NAMES, LEAVES)
        parts = list(names)
        for step in random.sample([True] * (LEAVES - 1) + [False] * APPLIED, LEAVES - 1 + APPLIED):
            _grow(random, parts, join=step and len(parts) > 1)
        while len(parts) > 1:
            _grow(random, parts, join=True)
        if parts[0] not in seen:
            seen.add(parts[0])
            yield parts[0], {name: round(random.uniform(-2, 2), 2) for name in names}


def _grow(random: Random, parts: list[str], *, join: bool) -> None:
    """Join two of the parts, or apply a function to one."""
    part = parts.pop(random.randrange(len(parts)))
    if join:
        other = parts.pop(random.randrange(len(parts)))
        parts.append(random.choice(JOINED).format(part, other))
    else:
        parts.append(random.choice(FUNCTIONS).format(part if part[0] != "-" else f"({part})"))


def figures(count: int) -> list[Figure]:
    """The first of them."""
    return list(islice(different(), count))
