"""THE BENCHMARK TABLE: what is measured, how often and at which sizes; targets stand with their measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from benchmarks import batches, cold, descents, layouts, matmul, memory, parsing, rows, scalars, stamps, warm
from benchmarks.findings import Part

Sizes = Mapping[str, Any]


class Benchmark(NamedTuple):
    """One subject; `full`, `quick` and `tiny` are arguments of `measure`."""

    name: str
    what: str
    measure: Callable[..., Iterator[Part]]
    full: Sizes
    quick: Sizes
    tiny: Sizes  # for the tests

    def parts(self, size: str, runs: int | None = None) -> Iterator[Part]:
        """Measure at "full", "quick" or "tiny" size, `runs` times if given."""
        sizes: Sizes = getattr(self, size)
        return self.measure(**(sizes if runs is None else {**sizes, "runs": runs}))


BENCHMARKS: Final[tuple[Benchmark, ...]] = (
    Benchmark("cold", "whole processes from the command to the figure", cold.measure,
              full={"runs": 21}, quick={"runs": 2}, tiny={"runs": 1}),
    Benchmark("warm", "different programs of 13 wires drawn in one process", warm.measure,
              full={"runs": 9, "programs": 100, "piped": 10},
              quick={"runs": 3, "programs": 20, "piped": 3},
              tiny={"runs": 1, "programs": 2, "piped": 1}),
    Benchmark("stamps", "one program, many sets of values", stamps.measure,
              full={"runs": 9, "rows": 1_000, "piped": 10},
              quick={"runs": 3, "rows": 1_000, "piped": 3},
              tiny={"runs": 1, "rows": 3, "piped": 1}),
    Benchmark("scalars", "scalar circuits, forward and backward, building included", scalars.measure,
              full={"runs": 9, "sizes": (1_000, 10_000, 100_000, 1_000_000), "slow_to": 10_000, "seconds": 4.0},
              quick={"runs": 3, "sizes": (1_000, 10_000), "slow_to": 1_000, "seconds": 0.2},
              tiny={"runs": 1, "sizes": (40, 80), "slow_to": 40, "seconds": 0.1}),
    Benchmark("memory", "bytes a node of scalar circuits", memory.measure,
              full={"runs": 1, "traced": (10_000, 100_000), "resident_growth": (100_000, 1_000_000)},
              quick={"runs": 1, "traced": (3_000, 10_000), "resident_growth": (30_000,)},
              tiny={"runs": 1, "traced": (2_000,), "resident_growth": (20_000,)}),
    Benchmark("rows", "one circuit on many rows of inputs", rows.measure,
              full={"runs": 7, "rows": 1_000_000, "table_rows": 1_000_000},
              quick={"runs": 2, "rows": 100_000, "table_rows": 10_000},
              tiny={"runs": 1, "rows": 50, "table_rows": 20}),
    Benchmark("descents", "gradient descent on XOR, building included", descents.measure,
              full={"runs": 9, "iterations": 1_000}, quick={"runs": 3, "iterations": 300},
              tiny={"runs": 1, "iterations": 3}),
    Benchmark("parsing", "programs of many lines", parsing.measure,
              full={"runs": 5, "sizes": (1_000, 10_000, 100_000), "sample": 300},
              quick={"runs": 3, "sizes": (1_000, 10_000), "sample": 100},
              tiny={"runs": 1, "sizes": (20, 40), "sample": 3}),
    Benchmark("layouts", "layout and SVG of large figures", layouts.measure,
              full={"runs": 3, "sizes": (300, 1_000, 3_000, 10_000, 30_000), "dot_sizes": (300, 1_000, 3_000),
                    "limit": 60.0},
              quick={"runs": 1, "sizes": (300, 1_000), "dot_sizes": (300,), "limit": 2.5},
              tiny={"runs": 1, "sizes": (12,), "dot_sizes": (12,), "limit": 30.0}),
    Benchmark("batches", "a batch of figure files with one worker and with two", batches.measure,
              full={"runs": 3, "files": 2_000, "fewer": 500},
              quick={"runs": 1, "files": 60, "fewer": 20},
              tiny={"runs": 1, "files": 3, "fewer": 2}),
    Benchmark("matmul", "one product of large arrays", matmul.measure,
              full={"runs": 15, "size": 1_000}, quick={"runs": 3, "size": 300}, tiny={"runs": 1, "size": 5}),
)  # fmt: skip
