"""Random programs for the tests, and an evaluator that shares nothing with gradviz: Python itself on dual numbers.

Programs are written so that Python can run them too. Python's own parser then decides what binds tighter, and forward
mode (dual numbers) decides the gradients, where gradviz goes backward.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

INPUTS = ("w", "x", "b", "N", "E", "beta")  # SymPy knows the last three as something else
TARGETS = ("g", "h", "f", "x")  # x may be an input first and a gate later
UNARY = tuple(
    "exp log sqrt sin cos tan tanh sigmoid relu leaky_relu elu gelu swish softplus abs square reciprocal".split()  # noqa: SIM905
)
BINARY = ("max", "min", "power")
OPERATORS = ("+", "-", "*", "/", "**")
LARGEST = 1e3  # values and gradients of random circuits stay below, so that rounding errors stay comparable


# texts ---------------------------------------------------------------------------------------------------------------

NUMBERS = ("0", "1", "2", "3", "10", "0.5", "1.5", "2.", ".25", "1e-3", "1_000", "2E2", "0.1234567890123", "e", "pi")
FORMS: tuple[tuple[int, str], ...] = (
    *[(2, f"{{}}{space}{operator}{space}{{}}") for operator in OPERATORS for space in ("", " ")],
    *[(2, f"{name}({{}}, {{}})") for name in BINARY],
    *[(1, f"{name}({{}})") for name in UNARY],
    *[(1, form) for form in ("-{}", "-({})", "({})", "({})")],
)


def expression(random: Random, names: tuple[str, ...], size: int) -> str:
    """An expression of `size` applications over `names`, in the syntax that gradviz and Python share."""
    if size <= 0:
        return random.choice(NUMBERS) if random.random() < 0.25 else random.choice(names)
    arity, form = random.choice(FORMS)
    if arity == 1:
        return form.format(expression(random, names, size - 1))
    left = random.randrange(size)
    return form.format(expression(random, names, left), expression(random, names, size - 1 - left))


def _program(lines: int, size: int, seed: int) -> str:
    random, names = Random(seed), INPUTS + TARGETS
    statements = [
        f"{random.choice(TARGETS)} = {expression(random, names, random.randint(0, size))}" for _ in range(lines)
    ]
    last = random.choice(["", "out = "]) + expression(random, names, size)
    return random.choice(["\n", "; ", "  # note\n\n"]).join([*statements, last])


def _circuit(lines: int, size: int, seed: int) -> tuple[str, dict[str, float]]:
    random = Random(seed)
    used: tuple[str, ...] = INPUTS
    values = {name: random.choice([round(random.uniform(-3, 3), 6), float(random.randint(-2, 2))]) for name in INPUTS}
    program: list[str] = []
    for number in range(lines):
        target = random.choice([*TARGETS, f"y{number}"])
        line = f"{target} = {expression(random, used, size)} + {used[-1]}"
        if not _moderate([*program, line], values):
            line = f"{target} = sin({used[-1]}) * {used[-2]}"
        program.append(line)
        used = (*(name for name in used if name != target), target)
    return "\n".join(program), values


# the sizes shrink, the seed does not
_SEEDS = st.integers(0, 2**64)
programs = st.builds(_program, st.integers(0, 5), st.integers(0, 8), _SEEDS)
"""Programs in which names are assigned again, reach the output or do not."""
circuits = st.builds(_circuit, st.integers(1, 8), st.integers(1, 5), _SEEDS)
"""A program with fan-out and the values of its inputs, at which everything is finite and of moderate size."""

_PIECES = (  # noqa: SIM905  a list of them would take a hundred lines
    "x¦x¦y¦W¦2¦-1¦e¦(¦)¦)¦[¦]¦]¦,¦,¦\n¦;¦ + ¦ * ¦ @ ¦ > ¦-¦²¦[0]¦[:, 1:]¦[..., None]¦[1, 2]¦[[1, 2], [3, -4]]¦"
    "[x, 1]¦:¦.T¦.mT¦.mean()¦.sum(axis=0)¦.reshape(2, 3)¦.reshape(¦np.exp(¦np.array(¦F.softmax(x, 1)¦max(x, 1)¦"
    "sum(¦max(x, axis=0)¦concatenate([x, y])¦concatenate([¦stack((¦stack([1, 2])¦flatten(x)¦axis=¦x=¦"
    "clip(x, min=0, max=1)¦leaky_relu(x, 0.1)¦keepdims=True¦True¦None¦(0, 1)¦x = ¦y += ¦W @= ¦import a\n¦"
    "from a import b\n¦def f(x): return x\n¦def f(x, y): return sigmoid(x) + y*e\n¦f(x, y)¦"
    "def g(a): return [a, f(a, 2)].sum(0)\n¦f(2, y=x)¦g(x)¦f(x) = ¦return ¦\\\n¦dtype=¦.b¦np.¦with a¦def f("
).split("¦")
soups = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)
"""Texts of pieces of programs with arrays; some are programs."""


def _moderate(program: list[str], values: dict[str, float]) -> bool:
    try:
        output = run("\n".join(program), values).output
    except (ArithmeticError, ValueError):
        return False
    return all(abs(number) < LARGEST for number in (output.scale, *output.sizes.values()))


# dual numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dual:
    """A value with its derivatives by key, and the sizes of what was added up to get them.

    `sizes[key]` sums the absolute contributions of all paths, `scale` does so for the value: rounding errors are small
    against these, while the sums themselves may cancel.
    """

    value: float
    slopes: dict[str, float]
    sizes: dict[str, float]
    scale: float

    def __add__(self, other: Any) -> Dual:
        return applied(lambda a, b: a + b, lambda _a, _b: (1.0, 1.0), self, other)

    def __radd__(self, other: Any) -> Dual:
        return dual(other) + self

    def __sub__(self, other: Any) -> Dual:
        return applied(lambda a, b: a - b, lambda _a, _b: (1.0, -1.0), self, other)

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Any) -> Dual:
        return applied(lambda a, b: a * b, lambda a, b: (b, a), self, other)

    def __rmul__(self, other: Any) -> Dual:
        return dual(other) * self

    def __truediv__(self, other: Any) -> Dual:
        return applied(lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2), self, other)

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    def __pow__(self, other: Any) -> Dual:
        return applied(math.pow, _power_slopes, self, other)

    def __rpow__(self, other: Any) -> Dual:
        return dual(other) ** self

    def __neg__(self) -> Dual:
        return applied(lambda a: -a, lambda _a: (-1.0,), self)


def dual(x: Any) -> Dual:
    """A number as a dual number without derivatives."""
    return x if isinstance(x, Dual) else Dual(float(x), {}, {}, abs(float(x)))


def seeded(key: str, number: Dual) -> Dual:
    """`number`, with the derivatives by it under `key` from here on."""
    return Dual(number.value, {**number.slopes, key: 1.0}, {**number.sizes, key: 1.0}, number.scale)


def applied(function: Callable[..., float], slopes: Callable[..., tuple[float, ...]], *operands: Any) -> Dual:
    """The chain rule of forward mode."""
    duals = [dual(x) for x in operands]
    xs = [d.value for d in duals]
    value, locals_ = function(*xs), slopes(*xs)
    used = [(d, local) for d, local in zip(duals, locals_, strict=True) if d.slopes]
    keys = sorted({key for d, _ in used for key in d.slopes})
    sizes = [abs(local) * d.scale for d, local in zip(duals, locals_, strict=True)]
    return Dual(
        value,
        {key: sum(local * d.slopes.get(key, 0.0) for d, local in used) for key in keys},
        {key: sum(abs(local) * d.sizes.get(key, 0.0) for d, local in used) for key in keys},
        abs(value) + sum(size for size in sizes if not math.isnan(size)),
    )


def _power_slopes(a: float, b: float) -> tuple[float, float]:
    by_base = b * math.pow(a, b - 1) if b else 0.0
    if a > 0:
        return by_base, math.log(a) * math.pow(a, b)
    return by_base, 0.0 if a == 0 and b >= 0 else math.nan


def _function(value: Callable[..., float], *slopes: Callable[..., float]) -> Callable[..., Dual]:
    return lambda *xs: applied(value, lambda *at: tuple(slope(*at) for slope in slopes), *xs)


def _side(wins: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda a, b: 0.5 if a == b else float(wins(a, b))


# textbook derivatives, in other words than the gate table's
FUNCTIONS: dict[str, Callable[..., Dual]] = {
    "exp": _function(math.exp, math.exp),
    "log": _function(math.log, lambda x: 1 / x),
    "sqrt": _function(math.sqrt, lambda x: 1 / (2 * math.sqrt(x))),
    "sin": _function(math.sin, math.cos),
    "cos": _function(math.cos, lambda x: -math.sin(x)),
    "tan": _function(math.tan, lambda x: 1 / math.cos(x) ** 2),
    "tanh": _function(math.tanh, lambda x: 1 / math.cosh(x) ** 2 if abs(x) < 350 else 0.0),  # 1e-303
    "sigmoid": _function(lambda x: 1 / (1 + math.exp(-x)), lambda x: 1 / (2 + math.exp(x) + math.exp(-x))),
    "relu": _function(lambda x: max(x, 0.0), lambda x: float(x > 0)),
    "elu": _function(lambda x: x if x > 0 else math.expm1(x), lambda x: math.exp(min(x, 0.0))),
    "leaky_relu": _function(lambda x: max(x, x / 100), lambda x: 1.0 if x > 0 else 0.01),
    "gelu": _function(
        lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
        lambda x: math.erfc(-x / math.sqrt(2)) / 2 + x * math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "swish": _function(
        lambda x: x / (1 + math.exp(-x)), lambda x: (1 + x + math.exp(x)) / (2 + math.exp(x) + math.exp(-x))
    ),
    "softplus": _function(lambda x: math.log1p(math.exp(x)), lambda x: 1 / (1 + math.exp(-x))),
    "abs": _function(abs, lambda x: 0.0 if x == 0 else math.copysign(1, x)),
    "square": _function(lambda x: x**2, lambda x: x + x),
    "reciprocal": _function(lambda x: 1 / x, lambda x: -1 / x**2),
    "max": _function(max, _side(lambda a, b: a > b), _side(lambda a, b: b > a)),
    "min": _function(min, _side(lambda a, b: a < b), _side(lambda a, b: b < a)),
    "power": lambda a, b: dual(a) ** dual(b),
}
CONSTANTS = {"e": math.e, "pi": math.pi}
LITERAL = re.compile(r"(?<![\w.])(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Run:
    """What Python makes of a program: the output, and for each name its newest value and the key of its gradient."""

    output: Dual
    names: dict[str, tuple[str, Dual]]


def run(program: str, values: dict[str, float]) -> Run:
    """The program of assignments, run by Python on dual numbers; raises what Python raises."""
    scope: dict[str, Any] = {**CONSTANTS, **FUNCTIONS, "dual": dual}
    names = {name: (name, seeded(name, dual(value))) for name, value in values.items()}
    output = dual(0)
    for number, line in enumerate(program.splitlines()):
        target, _, expression = line.partition(" = ")
        scope |= {name: value for name, (_, value) in names.items()}
        in_floats = LITERAL.sub(r"dual(\g<0>)", expression)  # Python's integers would grow without end
        output = seeded(f"line {number}", dual(eval(in_floats, {"__builtins__": {}}, scope)))
        names[target] = (f"line {number}", output)
    return Run(output, names)
