"""Exercises are what a lecturer would hand out: checked on a tape that Python's own parser makes, in fractions."""

from __future__ import annotations

import ast
import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from gradviz.errors import OptionError
from gradviz.evaluator import evaluate
from gradviz.language.parser import parse
from gradviz.practice.circuits import KINDS, Chance, Circuit, canonical, is_sensible, written
from gradviz.practice.exercises import LEVELS, MIXED, Exercise, random_circuits
from gradviz.rewrite import fold

SEEDS = (0, 1, -1, 2**70)
COUNT = int(os.environ.get("GRADVIZ_EXERCISES", "30"))  # a seed and level; 170 make two thousand
GOLDEN = Path(__file__).parent / "golden" / "exercises.txt"

# an independent reading ----------------------------------------------------------------------------------------------

Entry = tuple[str, tuple[Any, ...]]  # a gate and its operands: places on the tape, or texts of constants
SWAPS = ("+", "*", "max", "min")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def tape(program: str) -> list[Entry]:
    """Inputs and gates in order, by Python's parser: `("x", ())` or `("*", (0, 1))`."""
    entries: list[Entry] = []
    places: dict[str, int] = {}

    def place(node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.Name):
            if node.id not in places:
                places[node.id] = len(entries)
                entries.append((node.id, ()))
            return places[node.id]
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            name, operands = node.func.id, tuple(place(each) for each in node.args)
        else:
            assert isinstance(node, ast.BinOp), ast.dump(node)
            name, operands = OPERATORS[type(node.op)], (place(node.left), place(node.right))
        entries.append((name, operands))
        return len(entries) - 1

    for line in program.replace("^", "**").splitlines():
        target, _, expression = line.partition(" = ")
        places[target] = place(ast.parse(expression, mode="eval").body)
    assert places["f"] == len(entries) - 1
    return entries


VALUES: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, _: a * a,
    "max": max,
    "min": min,
    "exp": math.exp,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
}
SLOPES: dict[str, Any] = {
    "+": lambda *_: (1, 1),
    "-": lambda *_: (1, -1),
    "*": lambda a, b: (b, a),
    "/": lambda a, b: (1 / b, -a / b**2),
    "^": lambda a, _: (2 * a, 0),
    "max": lambda a, b: (int(a > b), int(b > a)),
    "min": lambda a, b: (int(a < b), int(b < a)),
    "exp": lambda a: (math.exp(a),),
    "sigmoid": lambda a: (1 / (2 + math.exp(a) + math.exp(-a)),),
}


def values_of(entries: list[Entry], given: dict[str, float], rounded: Callable[[Any], Any]) -> list[Any]:
    """The value of each entry, of rounded ones."""
    values: list[Any] = []
    for name, operands in entries:
        xs = [number(k, values) for k in operands]
        values.append(rounded(VALUES[name](*xs)) if operands else Fraction(given[name]))
    return values


def number(operand: int | str, values: list[Any]) -> Any:
    return values[operand] if isinstance(operand, int) else Fraction(operand)


BY_VALUE: dict[str, Any] = {"exp": lambda y: (y,), "sigmoid": lambda y: (y * (1 - y),)}


def numbers(
    entries: list[Entry], given: dict[str, float], digits: int | None = None, *, by_value: bool = False
) -> tuple[list[Any], list[Any]]:
    """Values, and derivatives of the last by each; in fractions until an exp. With `digits` all are rounded.

    Slopes are exact, or `by_value` those of the rounded values.
    """
    exact = values_of(entries, given, lambda x: x)

    def rounded(x: Any) -> Any:
        return x if digits is None else Fraction(round(float(x), digits)).limit_denominator(10**digits)

    values = values_of(entries, given, rounded)
    slopes = []
    for (name, operands), y in zip(entries, values, strict=True):
        xs = [number(k, values if by_value else exact) for k in operands]
        slopes.append(BY_VALUE[name](y) if by_value and name in BY_VALUE else SLOPES[name](*xs) if operands else ())
    grads: list[Any] = [Fraction(0)] * len(entries)
    grads[-1] = Fraction(1)
    for node in range(len(entries) - 1, -1, -1):
        for k, slope in zip(entries[node][1], slopes[node], strict=True):
            if type(k) is int:
                grads[k] = rounded(grads[k] + rounded(grads[node] * slope))
    return values, grads


# what an exercise must be --------------------------------------------------------------------------------------------

GATES = {"easy": range(3, 5), "medium": range(3, 7), "hard": range(3, 8)}
INPUTS = {"easy": range(2, 6), "medium": range(2, 6), "hard": range(2, 6)}
ALLOWED = {"easy": set("+-*"), "medium": {*"+-*^", "max", "min"}, "hard": {*"+-*/^", "max", "exp", "sigmoid"}}


def complaints(exercise: Exercise) -> list[str]:
    entries = tape(exercise.program)
    return [*_of_form(exercise, entries), *_of_text(exercise.program), *_of_numbers(exercise, entries)]


def _of_form(exercise: Exercise, entries: list[Entry]) -> Iterator[str]:
    gates = [(name, operands) for name, operands in entries if operands]
    inputs = {name for name, operands in entries if not operands}
    uses = Counter(k for _, operands in gates for k in operands if type(k) is int)
    if inputs != set(exercise.values):
        yield "values for other names"
    if len(gates) not in GATES[exercise.level] or len(inputs) not in INPUTS[exercise.level]:
        yield "too small or too large"
    if not {name for name, _ in gates} <= ALLOWED[exercise.level]:
        yield "a gate that the level has not"
    if len({name for name, _ in gates}) < 2:
        yield "one kind of gate"
    if exercise.level == "easy" and max(uses.values()) > 1:
        yield "a name used twice"
    if exercise.level == "medium" and max(uses.values()) == 1:
        yield "no name used twice"
    if exercise.level == "hard" and not {"/", "exp", "sigmoid"} & {name for name, _ in gates}:
        yield "nothing hard"
    if any(uses[k] == 0 for k in range(len(entries) - 1)):
        yield "a node that does not reach the output"
    for name, operands in gates:
        nodes = [k for k in operands if type(k) is int]
        if len(set(nodes)) < len(nodes) or not nodes:
            yield f"a trivial {name}"
    if len({(name, frozenset(operands) if name in SWAPS else operands) for name, operands in gates}) < len(gates):
        yield "a gate twice"


def _of_text(program: str) -> Iterator[str]:
    *lines, last = program.split("\n")
    targets = [line.partition(" = ")[0] for line in [*lines, last]]
    if targets[-1] != "f" or not all(re.fullmatch(r"[pqrst]", target) for target in targets[:-1]):
        yield "lines are not named as in the lecture"
    if len(set(targets)) < len(targets):
        yield "a name assigned twice"
    if re.search(r"  |\( | \)| ,|,\S|[^ ][+*/=]|[+*/=][^ ]", program):
        yield "spaces"
    for left, right in _pairs(program):
        bare = program[:left] + program[left + 1 : right] + program[right + 1 :]
        quotient = " / " in program[left:right] and program[right + 1 :].startswith(" * ")  # (a / b) * c reads better
        if not program[left - 1].isalpha() and not quotient and tape(bare) == tape(program):
            yield "parentheses that say nothing"


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for place, char in enumerate(text):
        if char == "(":
            opened.append(place)
        elif char == ")":
            yield opened.pop(), place


def _of_numbers(exercise: Exercise, entries: list[Entry]) -> Iterator[str]:
    values, grads = numbers(entries, exercise.values)
    operands_of = {name: [k for each, ks in entries if each == name for k in ks] for name in VALUES}
    curved = {*operands_of["exp"], *operands_of["sigmoid"]}
    step = Fraction(1, 4) if exercise.level == "hard" else Fraction(1)
    for x in [*values, *grads]:
        if abs(x) > 100:
            yield f"{x} is large"
        if (Fraction(x) / step).denominator != 1 and not (curved and exercise.level == "hard" and abs(x) >= 0.1):
            yield f"{x} is not told by its decimals"
    by_hand = [numbers(entries, exercise.values, 2, by_value=each) for each in (False, True)]
    if by_hand != [_two_decimals(values, grads)] * 2:
        yield "rounded numbers lead elsewhere"
    new = [k for k, (name, _) in enumerate(entries) if name not in ("max", "min")]
    if len({abs(round(float(values[k]), 2)) for k in new}) < len(new):
        yield "a value twice"
    for name, operands in entries:
        given = [number(k, values) for k in operands]
        if name in ("max", "min") and abs(given[0]) == abs(given[1]):
            yield "a tie"
        if name in ("*", "/") and {abs(x) for k, x in zip(operands, given, strict=True) if type(k) is int} & {0, 1}:
            yield f"{name} of 0 or 1"
    if any(not values[k] and k not in curved for k in range(len(entries))):
        yield "a value of 0"
    zero = [k for k, grad in enumerate(grads) if abs(grad) < 1e-9]
    inputs = [k for k, (_, operands) in enumerate(entries) if not operands]
    if 2 * len(zero) >= len(inputs) or not set(zero) <= set(inputs):
        yield "too many gradients are 0"
    if any(abs(float(x) - s * float(y)) < 1e-9 for x, y in zip(values, grads, strict=True) for s in (1, -1)):
        yield "a gradient that is the value"
    if len({float(grads[k]) for k in inputs}) < 2:
        yield "one gradient everywhere"


def _two_decimals(*columns: list[Any]) -> tuple[list[Any], ...]:
    return tuple([Fraction(round(float(x), 2)).limit_denominator(100) for x in column] for column in columns)


@pytest.fixture(scope="module", params=[(seed, level) for seed in SEEDS for level in LEVELS], ids=str)
def sheet(request: pytest.FixtureRequest) -> list[Exercise]:
    seed, level = request.param
    return random_circuits(COUNT, seed, level)


def test_exercises_are_what_a_lecturer_would_hand_out(sheet: list[Exercise]) -> None:
    assert {each.program: found for each in sheet if (found := complaints(each))} == {}


def test_gradviz_finds_the_numbers_of_the_tape(sheet: list[Exercise]) -> None:
    """Every named node, in value and gradient."""
    for exercise in sheet:
        entries = tape(exercise.program)
        values, grads = numbers(entries, exercise.values)
        trace = evaluate(fold(parse(exercise.program)), exercise.values, strict=True)
        assert trace.output == pytest.approx(float(values[-1]), rel=1e-12)
        for place, (name, operands) in enumerate(entries):
            if not operands:
                assert trace.values[name] == exercise.values[name]
                assert trace.grads[name] == pytest.approx(float(grads[place]), rel=1e-12, abs=1e-12)


GOOD = Exercise("q = a + b\nf = q * c", {"a": 2.0, "b": 3.0, "c": -4.0}, "good", "easy")
BAD: dict[str, tuple[str, dict[str, float], str]] = {
    "values for other names": ("f = (a + b) * c * d", {"a": 2.0, "b": 3.0, "c": -4.0, "d": 6.0, "x": 7.0}, "easy"),
    "too small or too large": ("f = a * b", {"a": 2.0, "b": 3.0}, "easy"),
    "a gate that the level has not": ("f = max(a, b) * c + d", {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0}, "easy"),
    "one kind of gate": ("f = a + b + c + d", {"a": 2.0, "b": 3.0, "c": 4.0, "d": 6.0}, "easy"),
    "a name used twice": ("f = (a + b) * c - b", {"a": 2.0, "b": 3.0, "c": 4.0}, "easy"),
    "no name used twice": ("f = a * b + c^2", {"a": 2.0, "b": 3.0, "c": 4.0}, "medium"),
    "nothing hard": ("f = a * b + c^2 - a", {"a": 2.0, "b": 3.0, "c": 4.0}, "hard"),
    "a node that does not reach the output": ("q = a * b\nf = a + b + c - a", {"a": 2.0, "b": 3.0, "c": 9.0}, "medium"),
    "a trivial -": ("f = (a - a) * b + c", {"a": 2.0, "b": 3.0, "c": 4.0}, "medium"),
    "a trivial *": ("f = a * (2 * 3) + b", {"a": 2.0, "b": 3.0}, "medium"),
    "a gate twice": ("f = (a + b) * (b + a) * c", {"a": 2.0, "b": 3.0, "c": 4.0}, "medium"),
    "lines are not named as in the lecture": (
        "a2 = a + b\nf = a2 * c - d",
        {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0},
        "easy",
    ),
    "spaces": ("f = (a+b) * c - d", {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0}, "easy"),
    "parentheses that say nothing": ("f = (a * b) + c * d", {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0}, "easy"),
    "150 is large": ("f = a * b * c - d", {"a": 5.0, "b": 6.0, "c": 5.0, "d": 2.0}, "easy"),
    "2/3 is not told by its decimals": ("f = a / b + a * c", {"a": 2.0, "b": 3.0, "c": 4.0}, "hard"),
    "a value twice": ("f = (a + b) * c - d", {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0}, "easy"),
    "a tie": ("f = max(a, b) * c + a", {"a": 2.0, "b": 2.0, "c": 4.0}, "medium"),
    "* of 0 or 1": ("f = (a + b) * c - d", {"a": 2.0, "b": 3.0, "c": 1.0, "d": 6.0}, "easy"),
    "a value of 0": ("f = (a + b) * c - d", {"a": 2.0, "b": -2.0, "c": 3.0, "d": 6.0}, "easy"),
    "too many gradients are 0": ("f = max(a, b) * max(a, c) - a^2", {"a": 5.0, "b": 3.0, "c": 2.0}, "medium"),
    "a gradient that is the value": ("f = a * b + c - d", {"a": 3.0, "b": 3.0, "c": 4.0, "d": 6.0}, "easy"),
    "one gradient everywhere": ("f = (a + b + c) * 2 + a - a", {"a": 3.0, "b": 4.0, "c": 5.0}, "medium"),
    "rounded numbers lead elsewhere": ("f = sigmoid(a) * b * c + d", {"a": 1.0, "b": 5.0, "c": 6.0, "d": 3.0}, "hard"),
}


@pytest.mark.parametrize("complaint", BAD)
def test_a_bad_exercise_is_found(complaint: str) -> None:
    program, values, level = BAD[complaint]
    assert complaint in complaints(Exercise(program, values, "bad", level))


def test_a_good_exercise_is_not_complained_of() -> None:
    """(a + b) * c - d."""
    good = Exercise("q = a + b\nf = q * c - d", {"a": 2.0, "b": 3.0, "c": -4.0, "d": 6.0}, "good", "easy")
    assert complaints(good) == []


# different ones ------------------------------------------------------------------------------------------------------


def signature(program: str) -> tuple[Any, ...]:
    """Equal for circuits that are equal up to names: each node by what is below it, then by what is above it.

    Circuits with different signatures are different. The converse is not needed.
    """
    entries = tape(program)
    below: list[Any] = []
    for name, operands in entries:
        inner = [below[k] if type(k) is int else str(k) for k in operands]
        below.append((name if operands else "input", *(sorted(inner, key=repr) if name in SWAPS else inner)))
    above: list[Any] = [("output",)] * len(entries)
    for node in range(len(entries) - 2, -1, -1):
        used = [(target, slot) for target, (_, ks) in enumerate(entries) for slot, k in enumerate(ks) if k is node]
        uses = [(repr(above[t]), repr(below[t]), entries[t][0] in SWAPS or slot) for t, slot in used]
        above[node] = tuple(sorted(uses, key=repr))
    return tuple(sorted(repr(pair) for pair in zip(below, above, strict=True)))


def test_no_two_circuits_are_the_same(sheet: list[Exercise]) -> None:
    assert len({signature(each.program) for each in sheet}) == len(sheet)
    assert len({(each.program, *each.values.values()) for each in sheet}) == len(sheet)


SAME = (
    ("f = a * b + c", "f = x * y + z"),
    ("f = a * b + c", "f = z + y * x"),
    ("f = a * b + c", "q = u * v\nf = w + q"),
    ("f = max(a, b) * b", "f = x * max(x, y)"),
    ("f = (a - b) * c", "f = x * (y - z)"),
)
OTHERS = (
    "f = a * b + b",
    "f = a * (b + c)",
    "f = a * b - c",
    "f = a - b * c",
    "f = max(a, b) * a * b",
    "f = b / a + c",
)


@pytest.mark.parametrize(("one", "two"), SAME)
def test_the_same_circuit_under_other_names_is_found(one: str, two: str) -> None:
    assert signature(one) == signature(two)


@pytest.mark.parametrize(("one", "two"), [*combinations(OTHERS, 2)])
def test_different_circuits_are_told_apart(one: str, two: str) -> None:
    assert signature(one) != signature(two)


def test_the_canonical_form_is_that_of_the_signature() -> None:
    """On random circuits, sensible or not, with their inputs permuted and operands turned round."""
    chance = Chance("canonical")
    for _ in range(300):
        circuit = _any_circuit(chance)
        turned = _turned(chance, circuit)
        assert canonical(circuit) == canonical(turned)
        other = _any_circuit(chance)
        programs = [written(each, "abc"[: each.inputs]) for each in (circuit, other)]
        assert (canonical(circuit) == canonical(other)) == (signature(programs[0]) == signature(programs[1]))


def _any_circuit(chance: Chance) -> Circuit:
    gates = [("sub", (0, 1)), ("mul", (3, 2))]
    for node in range(5, 5 + chance.below(3)):
        gates.append((chance.of(("add", "sub", "mul", "max")), (node - 1, chance.below(node - 1))))
    return Circuit(3, tuple(gates))


def _turned(chance: Chance, circuit: Circuit) -> Circuit:
    new = [*chance.some(range(circuit.inputs), circuit.inputs), *range(circuit.inputs, 99)]
    gates = [(kind, tuple(new[k] for k in operands)) for kind, operands in circuit.gates]
    return Circuit(circuit.inputs, tuple((kind, ks[::-1] if KINDS[kind].swaps else ks) for kind, ks in gates))


NONSENSE = {
    "x - x": (("sub", (0, 0)),),
    "x + y - x": (("add", (0, 1)), ("sub", (2, 0))),
    "x * y * x": (("mul", (0, 1)), ("mul", (2, 0))),
    "x * y / x": (("mul", (0, 1)), ("div", (2, 0))),
    "(x + y) * (y + x)": (("add", (0, 1)), ("add", (1, 0)), ("mul", (2, 3))),
    "2 * (3 * x) + y": (("treble", (0,)), ("double", (2,)), ("add", (3, 1))),
    "x * (1 / y)": (("reciprocal", (1,)), ("mul", (0, 2))),
    "x / y / 2": (("div", (0, 1)), ("halve", (2,))),
}


@pytest.mark.parametrize("text", NONSENSE)
def test_what_a_lecturer_would_not_write_is_not_sensible(text: str) -> None:
    assert not is_sensible(Circuit(2, NONSENSE[text]))


# the same everywhere -------------------------------------------------------------------------------------------------

LISTING = """
from gradviz.practice.exercises import random_circuits
for each in random_circuits(24, 2024):
    print(each.name, each.level, each.values, each.program.replace(chr(10), "; "), sep=" | ")
"""


def _listed(**environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", LISTING], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return run.stdout


@pytest.mark.parametrize("hashes", ["0", "1", "77"])
def test_a_seed_gives_the_same_exercises_in_every_process(hashes: str, request: pytest.FixtureRequest) -> None:
    found = _listed(PYTHONHASHSEED=hashes)
    if request.config.getoption("--accept"):
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")


def test_the_first_exercises_do_not_depend_on_their_number() -> None:
    few, many = random_circuits(4, 5, "medium"), random_circuits(12, 5, "medium")
    assert [each[:2] for each in few] == [each[:2] for each in many[:4]]


def test_another_seed_gives_other_exercises() -> None:
    sheets = [{each.program for each in random_circuits(6, seed, "medium")} for seed in (1, -1, 2, 3)]
    assert all(one != two for one, two in combinations(sheets, 2))


def test_mixed_exercises_go_through_the_levels() -> None:
    found = random_circuits(7, 3)
    assert [each.level for each in found] == [*LEVELS, *LEVELS, "easy"]
    assert [each.name for each in found][:2] == ["exercise-01", "exercise-02"]


def test_levels_show_all_their_gates() -> None:
    for level, gates in ALLOWED.items():
        found = {name for each in random_circuits(40, 8, level) for name, operands in tape(each.program) if operands}
        assert found >= gates - {"exp", "^"}


# errors --------------------------------------------------------------------------------------------------------------


def test_when_there_are_no_more_circuits_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.practice.exercises.TRIES", 20)
    expected = r"^after \d+ circuits no other one was found at the level 'easy'; ask for fewer, or for the level"
    with pytest.raises(OptionError, match=expected):
        random_circuits(5000, 1, "easy")


@pytest.mark.parametrize(
    ("count", "level", "told"),
    [
        (0, MIXED, "the number of exercises must be at least 1, not 0"),
        (-3, "easy", "the number of exercises must be at least 1, not -3"),
        (1, "meduim", "unknown level 'meduim'; did you mean 'medium'? levels are easy, medium, hard and mixed"),
    ],
)
def test_errors_name_what_is_wrong(count: int, level: str, told: str) -> None:
    with pytest.raises(OptionError) as error:
        random_circuits(count, 1, level)
    assert str(error.value) == told
