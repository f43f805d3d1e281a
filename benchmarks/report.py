"""Parts -> what is read: a table in the terminal, and RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.clock import Outcome, Times
from benchmarks.findings import NOTHING, Finding, Part, time

HEADINGS: Final = ("what", "gradviz", "beside it", "ratio", "target", "")
SHARES: Final = (6, 4, 6, 5, 4, 2)  # of the terminal's width
RAW_HEADINGS: Final = (
    "what", "who", "CPU median", "CPU min to max", "wall median", "wall min to max", "runs", "collections",
)  # fmt: skip
COLOURS: Final[Mapping[str, str]] = {"met": "green", "NOT met": "red", NOTHING: ""}
INTRODUCTION: Final = """\
Written by `python -m benchmarks`. Contestants run in turns in one process or in processes of their own; times are
medians, of CPU time unless said, and a ratio is one of medians. A ratio says how many times faster gradviz is, or where
the target is an upper bound how many times the peer's time it takes. What each computes was compared before."""


def row(finding: Finding) -> tuple[str, ...]:
    """The texts of a finding, by HEADINGS."""
    return finding.what, finding.ours, finding.theirs, finding.shown, finding.goal, finding.verdict


def show(console: Console, name: str, part: Part) -> None:
    """A part's findings as a table of its own, so that each is seen when it is there."""
    if not part.findings:
        return
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    for share in SHARES:
        table.add_column(ratio=share)
    for finding in part.findings:
        colour = COLOURS[finding.verdict]
        *texts, verdict = map(_plain, row(finding))
        table.add_row(f"{name}: {texts[0]}", *texts[1:], f"[{colour}]{verdict}[/]" if colour else verdict)
    console.print(table)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def markdown(machine: Mapping[str, str], measured: Mapping[str, tuple[str, list[Part]]]) -> str:
    """The whole of RESULTS.md; `measured` has the title and the parts of each benchmark by its name."""
    lines = ["# Results of the benchmarks", "", INTRODUCTION, ""]
    lines += table(("", ""), machine.items())
    for name, (what, parts) in measured.items():
        lines += ["", f"## {name}: {what}", ""]
        lines += table(HEADINGS, (row(finding) for part in parts for finding in part.findings))
    lines += ["", "## Raw times", "", "Seconds of a whole run; how often the collector ran in all runs.", ""]
    raw = ((f"{name}: {part.what}", part) for name, (_, parts) in measured.items() for part in parts)
    lines += table(RAW_HEADINGS, (found for what, part in raw for found in raw_rows(what, part.outcomes)))
    return "\n".join(lines) + "\n"


def raw_rows(what: str, outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, ...]]:
    """The medians and spread of each contestant."""
    for who, times in outcomes.items():
        if isinstance(times, str):
            yield what, who, times, *[NOTHING] * 5
        else:
            clocks = [text for clock in ("cpu", "wall") for text in _spread(times, clock)]
            yield what, who, *clocks, str(len(times.wall)), str(times.collections)


def _spread(times: Times, clock: str) -> tuple[str, str]:
    runs = getattr(times, clock)
    return time(times.each(clock) * times.items), f"{time(min(runs))} to {time(max(runs))}"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Lines of a Markdown table.

    >>> table(("a", "b"), [("1", "2")])
    ['| a | b |', '|---|---|', '| 1 | 2 |']
    """
    heads = list(headings)
    cells = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return [
        f"| {' | '.join(line)} |" if line is not None else f"|{'---|' * len(heads)}" for line in (heads, None, *cells)
    ]
