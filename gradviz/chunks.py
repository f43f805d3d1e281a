"""A tape -> a plan of what stands where, which runs over chunk after chunk of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy

from gradviz.errors import ValuesError
from gradviz.tape import Column, Function, Operand, Symbol, Tape

MOST_ROWS: Final = 16_384  # of a chunk; fewer cost time in Python, more leave the cache
MEMORY: Final = 1 << 25  # bytes of registers

Place = tuple[int, int]  # a kind and a number
INPUTS, NUMBERS, FLOATS, TRUTHS, RESULTS = range(5)


class Step(NamedTuple):
    """An operation on places: of what stands at `sources` to `target`."""

    function: Function
    sources: tuple[int, ...]
    target: int


class Plan(NamedTuple):
    """The steps of a tape. Places are those of inputs, numbers, registers of floats and of truths, and results."""

    steps: tuple[Step, ...]
    numbers: tuple[float, ...]
    floats: int
    truths: int
    results: int
    wanted: tuple[int | float, ...]  # of each that was asked for the number of its result, or what it is in all rows

    @property
    def chunk(self) -> int:
        """Rows of a chunk, fewer for a large circuit."""
        return max(1, min(MOST_ROWS, MEMORY // (8 * self.floats + self.truths + 1)))


# planning ------------------------------------------------------------------------------------------------------------


def plan(tape: Tape, wanted: Sequence[Operand]) -> Plan:
    """The plan of the operations that reach what is wanted, each result once."""
    results = {each.number: k for k, each in enumerate(dict.fromkeys(e for e in wanted if isinstance(e, Symbol)))}
    places = _Places(tape, results)
    steps = [step for symbol in places.needed for step in places.steps(symbol)]
    counts = len(tape.inputs), len(places.numbers), places.counts[FLOATS], places.counts[TRUTHS]
    starts = [sum(counts[:kind]) for kind in range(len(counts) + 1)]

    def flat(place: Place) -> int:
        return starts[place[0]] + place[1]

    return Plan(
        tuple(Step(function, tuple(map(flat, sources)), flat(target)) for function, sources, target in steps),
        tuple(value for _, value in places.numbers.values()),
        *counts[2:],
        len(results),
        tuple(results[each.number] if isinstance(each, Symbol) else float(each) for each in wanted),
    )


class _Places:
    """Registers given out in order of the operations; one is free again after the last use of what stands in it."""

    def __init__(self, tape: Tape, results: dict[int, int]) -> None:
        self.tape, self.results = tape, results
        self.last = self._last_uses()
        self.needed = sorted({*results, *self.last})
        self.numbers: dict[str, tuple[int, float]] = {}  # by their digits, for the signs of zeros count
        self.held: dict[int, Place] = {}
        self.counts = {FLOATS: 0, TRUTHS: 0}
        self.free: dict[int, list[int]] = {FLOATS: [], TRUTHS: []}

    def _last_uses(self) -> dict[int, int]:
        """The last operation on each symbol that reaches a result."""
        last: dict[int, int] = {}
        for symbol in range(len(self.tape.operations) - 1, -1, -1):
            if symbol in last or symbol in self.results:
                for each in self.tape.operations[symbol].operands:
                    if isinstance(each, Symbol):
                        last.setdefault(each.number, symbol)
        return last

    def steps(self, symbol: int) -> Iterator[tuple[Function, list[Place], Place]]:
        """The operation that gives a symbol, and for a result that is an input its copy."""
        function, operands = self.tape.operations[symbol]
        if function is None:
            self.held[symbol] = INPUTS, symbol
            if symbol in self.results:
                yield numpy.positive, [self.held[symbol]], (RESULTS, self.results[symbol])
            return
        sources = [self._place(each) for each in operands]
        in_place = isinstance(function, numpy.ufunc)
        if not in_place:
            self.held[symbol] = self._given_out(symbol)
        for each in {each.number for each in operands if isinstance(each, Symbol)}:
            if self.last[each] == symbol:
                self._let_go(self.held[each])
        if in_place:
            self.held[symbol] = self._given_out(symbol)
        yield function, sources, self.held[symbol]

    def _place(self, operand: Operand) -> Place:
        if isinstance(operand, Symbol):
            return self.held[operand.number]
        digits = float(operand).hex()
        self.numbers.setdefault(digits, (len(self.numbers), float(operand)))
        return NUMBERS, self.numbers[digits][0]

    def _given_out(self, symbol: int) -> Place:
        if symbol in self.results:
            return RESULTS, self.results[symbol]
        kind = TRUTHS if self.tape.symbols[symbol].truth else FLOATS
        if self.free[kind]:
            return kind, self.free[kind].pop()
        self.counts[kind] += 1
        return kind, self.counts[kind] - 1

    def _let_go(self, place: Place) -> None:
        if place[0] in self.free:
            self.free[place[0]].append(place[1])


# running -------------------------------------------------------------------------------------------------------------


def run(plan: Plan, inputs: Sequence[Column], rows: int, chunk: int | None = None) -> list[Column]:
    """What was wanted as columns of so many rows; one that is the same number in all rows takes no memory."""
    if chunk is not None and chunk < 1:
        raise ValuesError("a chunk has at least one row")
    results = [numpy.empty(rows) for _ in range(plan.results)]
    _walk(plan, inputs, results, rows, max(1, min(chunk or plan.chunk, rows)))
    found = [results[each] if isinstance(each, int) else numpy.broadcast_to(each, rows) for each in plan.wanted]
    for column in found:
        column.flags.writeable = False
    return found


def _walk(plan: Plan, inputs: Sequence[Column], results: Sequence[Column], rows: int, chunk: int) -> None:
    """The steps over chunk after chunk, in the same registers."""
    registers = registers_of(plan, chunk)
    with numpy.errstate(all="ignore"):
        for start in range(0, rows, chunk):
            span = slice(start, min(start + chunk, rows))
            for function, sources, out in bound(plan, [c[span] for c in inputs], [c[span] for c in results], registers):
                function(*sources, out=out)


def registers_of(plan: Plan, rows: int) -> list[Column]:
    """Registers for chunks of so many rows at most."""
    return [*numpy.empty((plan.floats, rows)), *numpy.empty((plan.truths, rows), bool)]


def bound(
    plan: Plan, inputs: Sequence[Column], results: Sequence[Column], registers: Sequence[Column]
) -> list[tuple[Function, list[Operand], Column]]:
    """The steps of a plan at a chunk: functions, what they take, where they write.

    Results have its rows; an input may be one number for all of them.
    """
    rows = len(results[0]) if results else 0
    numbers = map(numpy.array, plan.numbers)  # NumPy takes half the time for an array of one number
    at = [*inputs, *numbers, *(each[:rows] for each in registers), *results]
    return [(function, [at[k] for k in sources], at[target]) for function, sources, target in plan.steps]
