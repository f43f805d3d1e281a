"""Limits: each is met by a small input once it is lowered, is told with its variable, and lets it pass once raised."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

import numpy
import pytest

import gradviz
from gradviz import deadlines
from gradviz.cli import main
from gradviz.errors import GradvizError, OptionError, nearest
from gradviz.gates import GATES
from gradviz.graph import GraphBuilder
from gradviz.layout.methods import SOON
from gradviz.limits import LIMITS, beyond, most


class Case(NamedTuple):
    """A command line that meets a limit of `low`, and that one of `high` lets pass; FILE is a path of the test's."""

    argv: tuple[str, ...]
    low: str
    high: str = "1e9"
    stdin: str = ""
    file: Callable[[Path], object] | None = None


def _text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


def _numbers(count: int) -> Callable[[Path], object]:
    return lambda path: numpy.save(path, numpy.arange(float(count)))


JSON: Final = ("-f", "json")
EXACT: Final = "+".join(f"x{k}*x{k - 1}" for k in range(1, SOON))
CASES: Final = {
    "text": Case(("-", "--x=1", *JSON), "10", stdin="x + x + x + x"),
    "tokens": Case(("x+x+x", "--x=1", *JSON), "4"),
    "nesting": Case(("((((x))))", "--x=1", *JSON), "2"),
    "name": Case(("abcdef", "--abcdef=1", *JSON), "5"),
    "names": Case(("a + b + c", *JSON), "2"),
    "nodes": Case(("x + x*x + x", "--x=1", *JSON), "2"),
    "definitions": Case(("def f(x): return x; def g(x): return x; f(g(x))", "--x=1", *JSON), "1"),
    "parameters": Case(("def f(x, y): return x*y; f(a, a)", "--a=1", *JSON), "1"),
    "defined": Case(("def f(x): return x*x*x; f(a)", "--a=1", *JSON), "1"),
    "computed": Case(("def f(x): return x*x; def g(x): return f(f(x)); g(a)", "--a=1", *JSON), "3"),
    "latex": Case((r"\frac{x}{2}", "--latex", "--x=1", *JSON), "5"),
    "literal": Case(("sum(x)", "--x=[1, 2, 3]", *JSON), "1"),
    "file": Case(("sum(x)", "--x=@FILE.csv", *JSON), "4", file=_text("1, 2, 3")),
    "entries": Case(("sum(x)", "--x=@FILE.npy", *JSON), "5", file=_numbers(6)),
    "numbers": Case(("sum(x * x)", "--x=[1, 2, 3]", *JSON), "10"),
    "arrays": Case(("sum(x + x)", "--x=[1, 2, 3]", *JSON), "2"),
    "products": Case(("sum(x @ x)", "--x=[[1, 2], [3, 4]]", *JSON), "23"),
    "operands": Case(("sum(stack([x, x, x]))", "--x=1", *JSON), "2"),
    "jacobian": Case(("x * x", "--x=[1, 2, 3]", "--jacobian", *JSON), "2"),
    "jacobians": Case(("x * x", "--x=[1, 2, 3]", "--jacobian", *JSON), "9"),
    "differences": Case(("check", "x*x", "--x=1"), "7"),
    "walked": Case(("descend", "x*x", "--x=1", "--wrt=x", "--iterations=9"), "10"),
    "shown": Case(("x*x + x", "--x=1", *JSON), "2"),
    "wires": Case(("x*x + x", "--x=1", *JSON), "3"),
    "listed": Case(("sum(x * x)", "--x=[1, 2, 3]", *JSON), "5"),
    "gates": Case(("x*x + x", "--x=1", "-f", "svg"), "1"),
    "places": Case((EXACT, "--layout=exact", "-f", "svg"), "100"),
    "layout": Case((EXACT, "--layout=exact", "-f", "svg"), "0.001"),
    "steps": Case(("x*x + x", "--x=1", "--steps", "-f", "svg"), "5"),
    "told": Case(("explain", "x*x + x", "--x=1"), "1"),
    "trees": Case(("x*x + x", "--x=1", "--simplify", *JSON), "2"),
    "factors": Case(("x**7", "--x=1", "--simplify", *JSON), "5"),
    "sums": Case(("(x + y)**7", "--x=1", "--y=1", "--multiply-out", *JSON), "5"),
    "symbolic": Case(("sin(x)**2 + cos(x)**2 + tan(x)", "--x=1", "--simplify", *JSON), "0.001"),
    "line": Case(("table", "FILE.csv", "w*2", "-o", "-"), "5", file=_text("w\n1234567\n")),
}
ELSEWHERE: Final = frozenset({"engine", "figures", "sample"})  # in the tests of the engine and of batches


class Ran(NamedTuple):
    """The exit status, and standard error."""

    status: int
    told: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[Case], Ran]:
    """The command line of a case, in this process."""

    def ran(case: Case) -> Ran:
        argv = [word.replace("FILE", str(tmp_path / "numbers")) for word in case.argv]
        if case.file:
            (named,) = [word.rpartition("@")[2] for word in argv if "numbers." in word]
            case.file(Path(named))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(case.stdin.encode())))
        status = main(argv)
        return Ran(status, capfd.readouterr().err)

    return ran


@pytest.mark.parametrize("name", CASES)
def test_a_limit_that_is_raised_lets_it_pass_and_one_that_is_lowered_costs_a_line_that_names_it(
    name: str, run: Callable[[Case], Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order, so that modules are loaded when time is up: a file that is left open then would be told of."""
    monkeypatch.setenv(LIMITS[name].variable, CASES[name].high)
    status, told = run(CASES[name])
    assert (status, "error" in told) == (0, False), told
    monkeypatch.setenv(LIMITS[name].variable, CASES[name].low)
    status, told = run(CASES[name])
    assert status == 2, told
    errors = [line for line in told.splitlines() if line.startswith("gradviz: error: ")]
    assert len(errors) == 1
    assert f"{LIMITS[name].variable} raises it" in errors[0]


def test_every_limit_is_met_by_a_case_or_elsewhere() -> None:
    assert {*CASES} | ELSEWHERE == {*LIMITS}


@pytest.mark.parametrize("text", ["", "many", "0", "-5", "nan", "1e", "x" * 10_000])
def test_a_variable_that_is_no_positive_number_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_NODES", text)
    with pytest.raises(OptionError, match="GRADVIZ_MAX_NODES must be a positive number") as error:
        most("nodes")
    assert len(str(error.value)) < 200


def test_there_may_be_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in LIMITS.values():
        monkeypatch.setenv(row.variable, "inf")
        assert "inf are the most" in beyond(row.name, 5)
    assert gradviz.draw("x*x + sum([x, 1])", {"x": 2}).svg


def test_a_limit_lowered_for_one_is_not_for_another() -> None:
    assert {row.variable for row in LIMITS.values()} == {f"GRADVIZ_MAX_{name.upper()}" for name in LIMITS}


HUGE: Final = {  # what costs little text and would take for ever, or all of the memory
    "doubled": ("\n".join(["x = x + x"] * 60), {"x": 1}),
    "doubled by definitions": (
        "\n".join(
            ["def f0(x): return x + x", *(f"def f{k}(x): return f{k - 1}(f{k - 1}(x))" for k in range(1, 45)), "f44(x)"]
        ),
        {"x": 1},
    ),
    "towers": ("9**9**9**9 + exp(exp(exp(exp(9)))) + 10**10**10 + x**(9**9)", {"x": 2}),
    "broadcast": ("sum(a * b)", {"a": numpy.ones((10**6, 1)), "b": numpy.ones((1, 10**6))}),
    "product": ("sum(a @ b)", {"a": numpy.ones((10**6, 1)), "b": numpy.ones((1, 10**6))}),
    "stacks of products": ("sum(a @ b)", {"a": numpy.ones((1, 1000, 1000)), "b": numpy.ones((1000, 1000, 1))}),
    "joined": ("y = x\n" + "y = concatenate([y, y])\n" * 45 + "sum(y)", {"x": [1.0, 2.0]}),
    "axes": (f"sum(x[{'None, ' * 40}:])", {"x": [1.0]}),
    "kept": ("y = x\n" + "y = y * x\n" * 60 + "sum(y)", {"x": numpy.ones(10**6)}),
    "letters": ("x" * 100_000, {}),
    "brackets": ("(" * 300_000, {}),
    "signs": ("-" * 300_000 + "x", {}),
    "powers": ("x" + "**x" * 300_000, {}),
    "unknown": (f"{'exq' * 50}(x)", {}),
    "index": (f"x[{'1,' * 100_000}]", {"x": [1.0]}),
    "setting": (f"reshape(x, ({'1,' * 100_000}))", {"x": [1.0]}),
    "number": ("1" * 100_000, {}),
    "infinite": ("1e400", {}),
    "radius": ("a + b", {"a": 1, "b": 2, "focus": "a", "radius": 10**18}),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_would_take_for_ever_is_drawn_or_refused(name: str) -> None:
    program, given = HUGE[name]
    options = {key: given[key] for key in ("focus", "radius") if key in given}
    values = {key: value for key, value in given.items() if key not in options}
    with suppress(GradvizError):
        assert gradviz.draw(program, values, **options).svg


def test_the_nearest_of_very_many_names_is_looked_for_among_some() -> None:
    assert nearest("x77", (f"x{k}" for k in range(10**5))) == "; did you mean 'x77'?"
    assert nearest("x" * 10**5, ["x" * 10**5]) == ""


def test_a_large_graph_of_ones_own_has_no_limit_of_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are for texts: whoever builds a graph decides how large it is."""
    monkeypatch.setenv("GRADVIZ_MAX_NODES", "10")
    builder = GraphBuilder()
    node = builder.input("x")
    for _ in range(20):
        node = builder.gate(GATES["tanh"], (node,))
    assert len(gradviz.evaluate(builder.build(node), {"x": 1}).node_values) == 21


# deadlines -----------------------------------------------------------------------------------------------------------


def _turn(seconds: float) -> int:
    """Work in Python for some time."""
    end, turns = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        turns += 1
    return turns


def _ended(seconds: float) -> str:
    try:
        deadlines.within("symbolic", OptionError, "too long", lambda: _turn(seconds))
    except OptionError as error:
        return str(error)
    return "done"


def test_work_is_ended_in_any_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "0.02")
    expected = "too long: 0.02 seconds of SymPy for one request are the most (GRADVIZ_MAX_SYMBOLIC raises it)"
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(_ended(20))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert _ended(20) == expected
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


class _Slow:
    def __del__(self) -> None:
        _turn(0.05)


def test_an_exception_that_is_lost_comes_again_and_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes while an object is cleared away goes nowhere."""
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "0.02")
    hook = sys.unraisablehook
    with pytest.raises(OptionError, match="too long"):
        deadlines.within("symbolic", OptionError, "too long", lambda: [_Slow() and None, _turn(20)])
    assert sys.unraisablehook is hook


def test_what_is_done_in_time_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "1000")
    assert deadlines.within("symbolic", OptionError, "too long", lambda: 5) == 5


def test_nothing_is_raised_once_the_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that ends about when its time does: whatever came first, nothing comes later."""
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "0.002")
    assert {_ended(0.001 + k * 0.00002) for k in range(100)} >= {"done"}
    _turn(0.02)


def test_the_outer_of_two_deadlines_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "0.001")
    assert deadlines.within("engine", OptionError, "outer", lambda: _ended(0.02)) == "done"


def test_an_error_of_the_work_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        deadlines.within("symbolic", OptionError, "too long", lambda: 1 // 0)


def test_those_that_catch_everything_are_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_SYMBOLIC", "0.01")
    monkeypatch.setattr(deadlines, "AGAIN", 0.01)

    def stubborn() -> None:
        with suppress(BaseException):
            _turn(20)
        _turn(20)

    with pytest.raises(OptionError, match="too long"):
        deadlines.within("symbolic", OptionError, "too long", stubborn)


# start-up ------------------------------------------------------------------------------------------------------------


def test_a_scalar_figure_loads_no_threads_for_its_limits() -> None:
    code = "import gradviz, sys, json; gradviz.draw('w*x', {'w': 1, 'x': 2}).svg; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert {"gradviz.deadlines", "numpy", "sympy"}.isdisjoint(json.loads(done.stdout))
