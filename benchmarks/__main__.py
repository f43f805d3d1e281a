"""The command `python -m benchmarks`."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click
from rich.console import Console

from benchmarks.findings import Part
from benchmarks.machine import machine
from benchmarks.plan import BENCHMARKS
from benchmarks.report import markdown, show

RESULTS = Path(__file__).parent / "RESULTS.md"
NAMES = [benchmark.name for benchmark in BENCHMARKS]


@click.command(epilog="Benchmarks: " + "; ".join(f"{b.name} ({b.what})" for b in BENCHMARKS))
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAMES]...")
@click.option("--quick", is_flag=True, help="Small sizes and few runs: below a minute.")
@click.option("--runs", type=click.IntRange(1), help="Runs of each contestant instead of the benchmark's own.")
@click.option("-o", "--output", type=Path, help="The file of the results; RESULTS.md if all ran at full size.")
def main(names: tuple[str, ...], quick: bool, runs: int | None, output: Path | None) -> None:
    """Measure gradviz and its peers side by side, all benchmarks or those named."""
    console, facts = Console(), machine()
    for name, fact in facts.items():
        console.print(f"{name}: {fact}", markup=False, highlight=False)
    start = perf_counter()
    measured: dict[str, tuple[str, list[Part]]] = {}
    for benchmark in BENCHMARKS:
        if not names or benchmark.name in names:
            parts = measured.setdefault(benchmark.name, (benchmark.what, []))[1]
            for part in benchmark.parts("quick" if quick else "full", runs):
                parts.append(part)
                show(console, benchmark.name, part)
            console.print(f"{perf_counter() - start:.0f} s", style="dim")
    file = output or (None if names or quick else RESULTS)
    if file is None:
        console.print("no file written: RESULTS.md takes all benchmarks at full size; -o FILE writes these")
    else:
        file.write_text(markdown(facts, measured))
        console.print(f"wrote {file}")


if __name__ == "__main__":
    main()
