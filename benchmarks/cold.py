"""Cold start: whole processes from the command to the figure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.children import Done, how_it_ended, process
from benchmarks.clock import Run, race
from benchmarks.findings import OURS, Finding, Part, Target, bounded, compared
from benchmarks.peers import missing

COMMAND = (sys.executable, "-c", "import sys; from gradviz.cli import main; sys.exit(main())")  # the console script
ARGUMENTS = ("w*x+b", "--w=-2", "--x=5", "--b=3")
SCRIPTS = Path(__file__).parent / "scripts"
BOTH = ("cpu", "wall")
TARGETS = {"micrograd": Target("≤", 1.5, BOTH), "torchviz": Target("≥", 15, BOTH)}
NEEDLESS = ("sympy", "numpy", "rich")
MOST_SECONDS = 30.0


def measure(runs: int) -> Iterator[Part]:
    """The process against those of the peers, and what it imports."""
    scripts = {peer: missing(peer) or whole([sys.executable, str(SCRIPTS / f"{peer}_figure.py")]) for peer in TARGETS}
    outcomes = race({OURS: whole([*COMMAND, *ARGUMENTS]), **scripts}, runs, MOST_SECONDS)
    shown = " ".join(ARGUMENTS)
    yield Part(f"gradviz {shown}", outcomes, tuple(compared("cold start", outcomes, *pair) for pair in TARGETS.items()))
    yield Part("imports", {}, (imports(NEEDLESS),))


def whole(command: Sequence[str]) -> Run:
    """A process from start to end, which must print an SVG."""

    def run() -> None:
        done = process(command)
        if isinstance(done, Done) and (done.status or b"</svg>" not in done.output):
            raise RuntimeError(how_it_ended(done))

    return Run(run)


def imports(names: Sequence[str]) -> Finding:
    """How many of the packages `names` the command imports for a scalar figure."""
    done = process([sys.executable, "-X", "importtime", *COMMAND[1:], *ARGUMENTS])
    if isinstance(done, str) or done.status:
        return bounded("imports", done if isinstance(done, str) else how_it_ended(done), "", Target("≤", 0))
    lines = [line for line in done.errors.splitlines() if line.startswith("import time:")]
    imported = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}
    found = sorted(imported & set(names))
    told = ", ".join(found) or f"of {len(lines)} modules none"
    return bounded(f"imports of {', '.join(names)}", float(len(found)), "", Target("≤", 0), told)
