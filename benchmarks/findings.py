"""Times -> findings: a ratio or a number, the target it was given, and whether it is met."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from benchmarks.clock import CLOCKS, Outcome, Times

RELATIONS: Final[Mapping[str, Callable[[float, float], bool]]] = {"≤": operator.le, "<": operator.lt, "≥": operator.ge}
PREFIXES: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
NOTHING: Final = "—"
OURS: Final = "gradviz"


class Target(NamedTuple):
    """A bound on a ratio or a number."""

    relation: str  # of RELATIONS
    bound: float
    clocks: tuple[str, ...] = ("cpu",)  # those of a ratio that must meet it


class Finding(NamedTuple):
    """One line of the table; texts, and the numbers that the target bounds."""

    what: str
    ours: str
    theirs: str = NOTHING
    shown: str = NOTHING  # the ratio
    values: tuple[float, ...] = ()  # none when something is missing
    target: Target | None = None
    goal: str = ""  # the target as it is shown
    failed: bool = False  # ours gave no number

    @property
    def verdict(self) -> str:
        """Whether the target is met, if there is one and a number to judge."""
        if self.target is None or not (self.values or self.failed):
            return NOTHING  # a peer that died or is not there has not been beaten
        holds = RELATIONS[self.target.relation]
        return "met" if self.values and all(holds(value, self.target.bound) for value in self.values) else "NOT met"


class Part(NamedTuple):
    """One race or measurement: its raw times and what follows from them."""

    what: str
    outcomes: Mapping[str, Outcome]
    findings: tuple[Finding, ...]


def compared(
    what: str, outcomes: Mapping[str, Outcome], peer: str, target: Target | None, *, item: str = "", ours: str = OURS
) -> Finding:
    """Our times against a peer's: how many times faster, or under an upper bound how many times the time."""
    mine, theirs = outcomes[ours], outcomes[peer]
    texts = what, spoken(mine, item), f"{peer} {spoken(theirs, item)}"
    if isinstance(mine, str) or isinstance(theirs, str):
        return Finding(*texts, target=target, goal=goal(target, "x"), failed=isinstance(mine, str))
    upper = target is not None and target.relation != "≥"
    ratios = {clock: ratio(mine, theirs, clock, upper=upper) for clock in CLOCKS}
    shown = ", ".join(f"{short(value)}x {CLOCK_NAMES[clock]}" for clock, value in ratios.items())
    clocks = target.clocks if target else ()
    return Finding(*texts, shown, tuple(ratios[clock] for clock in clocks), target, goal(target, "x"))


CLOCK_NAMES: Final = {"cpu": "CPU", "wall": "wall"}


def ratio(mine: Times, theirs: Times, clock: str, *, upper: bool) -> float:
    """Medians an item: theirs over ours, or with `upper` ours over theirs."""
    a, b = mine.each(clock), theirs.each(clock)
    return a / b if upper else b / a


def bounded(what: str, value: float | str, unit: str, target: Target | None, note: str = NOTHING) -> Finding:
    """A number of ours by itself, or a text that says why there is none."""
    if isinstance(value, str):
        return Finding(what, value, note, target=target, goal=goal(target, unit), failed=True)
    return Finding(what, f"{short(value)}{unit}", note, NOTHING, (value,), target, goal(target, unit))


def seconds(what: str, outcome: Outcome, target: Target | None, note: str = NOTHING) -> Finding:
    """The time of a run of ours by itself; the target bounds its clocks."""
    if isinstance(outcome, str):
        return Finding(what, outcome, note, target=target, goal=goal(target, " s"), failed=True)
    values = tuple(outcome.each(clock) for clock in (target.clocks if target else ()))
    return Finding(what, spoken(outcome), note, NOTHING, values, target, goal(target, " s"))


def goal(target: Target | None, unit: str) -> str:
    """A target as it is shown, with the clocks it is about if these are not the usual one.

    >>> goal(Target("≥", 15, ("cpu", "wall")), "x"), goal(Target("<", 0.5), " s"), goal(None, "x")
    ('≥ 15x CPU+wall', '< 0.5 s', '')
    """
    if target is None:
        return ""
    clocks = " " + "+".join(CLOCK_NAMES[clock] for clock in target.clocks) if target.clocks != ("cpu",) else ""
    return f"{target.relation} {target.bound:g}{unit}{clocks}"


def spoken(outcome: Outcome, item: str = "") -> str:
    """CPU time an item, or why there is none."""
    if isinstance(outcome, str):
        return outcome
    return time(outcome.each("cpu")) + (f" a {item}" if item else "")


def time(seconds: float) -> str:
    """Seconds with three digits.

    >>> time(0.0000312), time(12.0), time(0.0)
    ('31.2 µs', '12.0 s', '0 s')
    """
    for size, unit in PREFIXES:
        if seconds >= size:
            return f"{short(seconds / size)} {unit}"
    return f"{seconds / 1e-9:.2f} ns" if seconds else "0 s"


def short(value: float) -> str:
    """A number with three digits.

    >>> short(1234.5), short(23.44), short(1.5)
    ('1234', '23.4', '1.50')
    """
    return f"{value:.{max(0, 3 - len(str(int(abs(value)))))}f}"
