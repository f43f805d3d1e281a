"""The benchmarks run: each at a tiny size gives positive numbers; missing peers are told; targets can be missed."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import gradviz
from benchmarks import __main__ as command
from benchmarks import clock, findings, peers, report
from benchmarks.children import Done, in_child, process
from benchmarks.circuits import SHAPES, Circuit, dot, program, values
from benchmarks.clock import DisagreementError, Run, Times, growth, race
from benchmarks.cold import imports
from benchmarks.findings import OURS, Finding, Target, bounded, compared
from benchmarks.models import MODELS
from benchmarks.models import values as columns
from benchmarks.ours import built, numbers
from benchmarks.peers import PEERS, missing
from benchmarks.plan import BENCHMARKS, Benchmark
from benchmarks.programs import figures
from benchmarks.report import markdown
from benchmarks.scalars import growing

linux = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from /proc")
FAST = Times((1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 0)
SLOW = Times((8.0, 9.0, 99.0), (7.0, 8.0, 9.0), 0)


# each benchmark ------------------------------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_each_benchmark_runs_at_a_tiny_size(benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers that take seconds to import are left out here; the micrograd contestant stays where it is installed."""
    heavy = {name: PEERS[name]._replace(modules=("not_there",)) for name in ("torch", "torchviz", "jax", "autograd")}
    monkeypatch.setattr(peers, "PEERS", {**PEERS, **heavy})
    parts = list(benchmark.parts("tiny"))
    assert parts, "nothing measured"
    assert any(part.findings for part in parts)
    for part in parts:
        for outcome in part.outcomes.values():
            assert isinstance(outcome, str) or (min(outcome.wall) > 0 and min(outcome.cpu) >= 0)
        for finding in part.findings:
            assert all(value > 0 or "^e" in finding.what or "imports" in finding.what for value in finding.values)
            assert finding.values or not finding.target or finding.failed or "install" in finding.theirs, finding


def test_names_are_told_apart() -> None:
    assert len({benchmark.name for benchmark in BENCHMARKS}) == len(BENCHMARKS)


# targets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (Target("≥", 7.9), "met"),
        (Target("≥", 8.1), "NOT met"),
        (Target("≥", 8.5, ("cpu", "wall")), "NOT met"),
        (Target("≥", 8.5, ("wall",)), "met"),
        (Target("≤", 0.126), "met"),
        (Target("≤", 0.124), "NOT met"),
        (None, "—"),
    ],
)
def test_a_target_can_be_met_and_missed(target: Target | None, verdict: str) -> None:
    """Eight times faster by CPU time, nine by wall time."""
    assert compared("x", {OURS: FAST, "peer": SLOW}, "peer", target).verdict == verdict


def test_a_number_can_be_beyond_its_bound() -> None:
    assert bounded("x", 160.0, " bytes", Target("≤", 160)).verdict == "met"
    assert bounded("x", 160.1, " bytes", Target("≤", 160)).verdict == "NOT met"
    assert bounded("x", 0.5, " s", Target("<", 0.5)).verdict == "NOT met"


def test_what_we_lack_misses_and_a_dead_peer_is_no_victory() -> None:
    target = Target("≥", 5)
    assert compared("x", {OURS: "not there", "peer": SLOW}, "peer", target).verdict == "NOT met"
    assert compared("x", {OURS: FAST, "peer": "RecursionError"}, "peer", target).verdict == "—"
    assert bounded("x", "more than 3 s", " s", target).verdict == "NOT met"


def test_needless_imports_are_found() -> None:
    assert imports(("sympy", "numpy", "rich")).verdict == "met"
    assert imports(("click",)).verdict == "NOT met"


# clocks --------------------------------------------------------------------------------------------------------------


def test_contestants_that_disagree_are_not_timed() -> None:
    runs = {"a": Run(lambda: 1.0, 1, lambda x: [x]), "b": Run(lambda: 1.1, 1, lambda x: [x])}
    with pytest.raises(DisagreementError, match=r"b computes \[1.1\], a \[1.0\]"):
        race(runs, 1)
    assert race(runs, 1, tolerance=0.2).keys() == runs.keys()


def test_contestants_run_in_turns_and_the_first_turn_is_dropped() -> None:
    turns: list[str] = []
    found = race({"a": Run(lambda: turns.append("a"), 3), "b": Run(lambda: turns.append("b")), "c": "missing"}, 2)
    assert turns == ["a", "b", "a", "b", "a", "b"]
    assert isinstance(found["a"], Times)
    assert (len(found["a"].wall), found["a"].items, found["c"]) == (2, 3, "missing")


def test_a_contestant_that_raises_is_out() -> None:
    def dies() -> None:
        raise RecursionError("too deep")

    found = race({"a": Run(lambda: None), "b": Run(dies)}, 1)
    assert (isinstance(found["a"], Times), found["b"]) == (True, "RecursionError: too deep")


def test_a_contestant_rests_when_its_seconds_are_gone() -> None:
    found = race({"a": Run(lambda: None)}, 5, seconds=0)
    assert isinstance(found["a"], Times)
    assert len(found["a"].wall) == 1


@pytest.mark.parametrize("module", [clock, findings, report], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    """The folder is none of pytest's own: its peers import what need not be installed."""
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_growth_is_the_slope_of_logarithms() -> None:
    assert growth([1, 10, 100], [5, 50, 500]) == pytest.approx(1)
    assert growth([1, 10, 100], [5, 500, 50_000]) == pytest.approx(2)


def test_growth_can_be_too_fast_and_needs_every_size() -> None:
    fast, slow = (Times((each,), (each,), 0) for each in (1.0, 20.0))
    assert growing("x", [10, 100], [fast, slow]).verdict == "NOT met"
    assert growing("x", [10, 1000], [fast, slow]).verdict == "met"
    assert growing("x", [10, 100], [fast, "more than 60 s"]).verdict == "NOT met"
    assert growing("x", [10], [fast]).verdict == "—"


# children ------------------------------------------------------------------------------------------------------------


def test_a_child_that_takes_too_long_is_ended_and_told() -> None:
    assert process([sys.executable, "-c", "while True: pass"], 0.3) == "more than 0.3 s"


def test_a_child_that_fails_is_told_by_its_last_line_or_signal() -> None:
    assert in_child("math:sqrt", -1) == "ValueError: math domain error"
    assert in_child("os:abort") == "killed by SIGABRT"
    assert in_child("math:sqrt", 9) == 3


def test_a_child_gives_its_output_and_its_cpu_time() -> None:
    done = process([sys.executable, "-c", "print(sum(range(1000000)), input())"], text=b"x\n")
    assert isinstance(done, Done)
    assert (done.status, done.output) == (0, b"499999500000 x\n")
    assert done.times.cpu[0] > 0
    assert done.peak > 1 << 20


# circuits and programs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gates", [20, 300, 1000])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_node_of_a_circuit_reaches_the_output(shape: str, gates: int) -> None:
    circuit = SHAPES[shape](gates)
    used = {operand for _, *operands in circuit.gates for operand in operands}
    assert used == set(range(len(circuit) - 1))
    assert 0.85 * gates <= len(circuit.gates) <= 1.05 * gates


@pytest.mark.parametrize("shape", SHAPES)
def test_a_circuit_is_the_same_as_gates_and_as_a_program(shape: str) -> None:
    circuit = SHAPES[shape](200)
    given = values(circuit)
    read, made = gradviz.parse(program(circuit)), built(values(circuit), *circuit.columns)
    assert numbers(gradviz.evaluate(read, given), given) == numbers(gradviz.evaluate(made, given), given)
    assert dot(circuit).count("shape=circle") == len(circuit.gates)


def test_circuits_are_the_same_in_every_run() -> None:
    assert all(shape(50) == shape(50) for shape in SHAPES.values())
    assert isinstance(SHAPES["wide"](50), Circuit)


def test_programs_are_different_and_have_13_wires() -> None:
    found = figures(200)
    graphs = [gradviz.parse(text) for text, _ in found]
    assert len({text for text, _ in found}) == 200
    assert {len(list(graph.wires)) + 1 for graph in graphs} == {13}  # the last one leads out
    assert all(gradviz.evaluate(graph, given).node_values for graph, (_, given) in zip(graphs, found, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_the_same_as_a_program_and_as_a_function(name: str) -> None:
    numpy = pytest.importorskip("numpy")
    model = MODELS[name]
    given = columns(model, 3)
    first = {name: float(value[0]) if numpy.ndim(value) else value for name, value in given.items()}
    trace = gradviz.evaluate(gradviz.parse(model.program), first)
    assert model.function(numpy, *given.values())[0] == pytest.approx(trace.output, rel=1e-12)


# the command ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEERS)
def test_a_missing_peer_is_told_with_how_to_install_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = PEERS[name]._replace(modules=("not_there",))
    monkeypatch.setattr(peers, "PEERS", {**PEERS, name: lost})
    monkeypatch.setattr(peers.shutil, "which", lambda _: None)
    assert missing(name) == f"not installed: {lost.install}"
    assert peers.of(name, "contestant") == missing(name)


def test_the_command_writes_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path / "never.md")
    file = tmp_path / "results.md"
    ran = CliRunner().invoke(command.main, ["matmul", "--quick", "--runs", "1", "-o", str(file)])
    assert ran.exit_code == 0, ran.output
    assert "## matmul" in file.read_text()
    ran = CliRunner().invoke(command.main, ["matmul", "--quick", "--runs", "1"])
    assert "no file written" in ran.output
    assert not (tmp_path / "never.md").exists()
    assert CliRunner().invoke(command.main, ["matmull"]).exit_code == 2


def test_results_have_a_line_for_each_finding() -> None:
    parts = [part for benchmark in BENCHMARKS if benchmark.name == "matmul" for part in benchmark.parts("tiny")]
    told = markdown({"date": "today"}, {"matmul": ("a | b", parts)})
    assert sum(line.startswith("| sum(W @ x)") for line in told.splitlines()) == 1
    assert "| matmul: 5x5 | gradviz |" in told


def test_a_finding_without_numbers_is_no_success() -> None:
    assert Finding("x", "1 s", target=Target("≤", 1)).verdict == "—"
