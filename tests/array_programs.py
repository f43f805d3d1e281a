"""Random programs with arrays, and an evaluator that shares nothing with gradviz: Python itself, on complex steps.

Python runs the same text on numbers with an imaginary part of 1e-30: what comes out of it is the derivative, exact to
rounding (Squire and Trapp, Using Complex Variables to Estimate Derivatives of Real Functions, 1998).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import permutations
from random import Random
from types import CodeType, SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy
from hypothesis import strategies as st

Array = Any
Shape = tuple[int, ...]

STEP: Final = 1e-30
APART: Final = 1e-6  # numbers that are compared are farther apart than rounding could bring them
LARGEST: Final = 30.0  # values of random programs stay below, so that rounding errors stay comparable
MOST_ENTRIES: Final = 24
NOT_MADE: Final = (ArithmeticError, ValueError, TypeError, AttributeError, IndexError, KeyError, SyntaxError)


# the evaluator -------------------------------------------------------------------------------------------------------


def _need(holds: Array) -> None:
    if not numpy.all(holds):
        raise ArithmeticError


def lifted(function: Callable[..., Array], arity: int = 1) -> Callable[..., Numbers]:
    """A function of complex arrays as one of `Numbers`; what follows its operands are settings."""
    return lambda *xs, **settings: Numbers(function(*[numbers(x).z for x in xs[:arity]], *xs[arity:], **settings))


def _apart(a: Array, b: Array) -> tuple[Array, Array]:
    a, b = numpy.real(a), numpy.real(b)
    _need(abs(a - b) > APART)
    return a, b


def _compared(test: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: test(*_apart(a, b)) + 0j


class Numbers:
    """An array of complex numbers with Python's operators; see `FUNCTIONS` for its methods."""

    def __init__(self, z: Array) -> None:
        self.z = numpy.asarray(z, dtype=complex)

    __add__, __radd__ = lifted(operator.add, 2), lifted(lambda b, a: a + b, 2)
    __sub__, __rsub__ = lifted(operator.sub, 2), lifted(lambda b, a: a - b, 2)
    __mul__, __rmul__ = lifted(operator.mul, 2), lifted(lambda b, a: a * b, 2)
    __truediv__, __rtruediv__ = lifted(operator.truediv, 2), lifted(lambda b, a: a / b, 2)
    __matmul__, __rmatmul__ = lifted(operator.matmul, 2), lifted(lambda b, a: a @ b, 2)
    __gt__, __ge__ = lifted(_compared(operator.gt), 2), lifted(_compared(operator.ge), 2)
    __lt__, __le__ = lifted(_compared(operator.lt), 2), lifted(_compared(operator.le), 2)
    __neg__ = lifted(operator.neg)

    def __getitem__(self, at: Any) -> Numbers:
        return Numbers(self.z[at])

    def __getattr__(self, name: str) -> Any:
        if name == "T":
            return Numbers(self.z.T)
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return partial(FUNCTIONS[name], self)

    def __pow__(self, other: Any) -> Numbers:
        if isinstance(other, Numbers):
            _need(self.z.real > 0)
        return Numbers(numpy.power(self.z, numbers(other).z))

    def __rpow__(self, other: float) -> Numbers:
        return numbers(other) ** self


def numbers(x: Any) -> Numbers:
    """A number or a list of them as an array."""
    if isinstance(x, list | tuple):
        return Numbers(numpy.stack([numbers(each).z for each in x]))
    return x if isinstance(x, Numbers) else Numbers(x)


def _chosen(test: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: numpy.where(test(*_apart(a, b)), a, b)


def _where(c: Array, a: Array, b: Array) -> Array:
    _need((c == 0) | (abs(c.real) > APART))
    return numpy.where(c.real != 0, a, b)


def _clip(x: Array, low: Array, high: Array) -> Array:
    return _chosen(operator.lt)(_chosen(operator.gt)(x, low), high)


def _axes(x: Array, axis: Any) -> tuple[int, ...]:
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(k % x.ndim for k in axes)


def _extreme(sign: int) -> Callable[..., Array]:
    def extreme(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        axes = _axes(x, axis)
        rest = [k for k in range(x.ndim) if k not in axes]
        flat = x.transpose([*rest, *axes]).reshape(*(x.shape[k] for k in rest), -1)
        order = numpy.argsort(-sign * flat.real, axis=-1)
        ordered = numpy.take_along_axis(flat, order, axis=-1)
        if ordered.shape[-1] > 1:
            _apart(ordered[..., 0], ordered[..., 1])
        top = ordered[..., 0]
        return numpy.expand_dims(top, axes) if keepdims else top

    return extreme


def _either(of_two: Callable[..., Array], of_one: Callable[..., Array]) -> Callable[..., Numbers]:
    """`max(a, b)` and `max(x, axis=0)`."""
    return lambda *xs, **settings: lifted(of_two, 2)(*xs) if len(xs) == 2 else lifted(of_one)(*xs, **settings)


def _softmax(x: Array, axis: Any = -1) -> Array:
    powers = numpy.exp(x)
    return powers / powers.sum(axis=axis if x.ndim else None, keepdims=True)


def _norm(x: Array, **reduction: Any) -> Array:
    found = (x * x).sum(**reduction)
    _need(found.real > APART)
    return numpy.sqrt(found)


def _gelu(x: Array) -> Array:
    below = numpy.vectorize(lambda each: math.erfc(-each / math.sqrt(2)) / 2)(x.real)
    return x * (below + 1j * x.imag * numpy.exp(-(x.real**2) / 2) / math.sqrt(2 * math.pi))


def _bce(p: Array, t: Array) -> Array:
    _need((abs(p.real - 0.5) < 0.499) & (p.shape == t.shape))
    return -(t * numpy.log(p) + (1 - t) * numpy.log(1 - p)).mean()


def _mse(a: Array, b: Array) -> Array:
    _need(a.shape == b.shape)
    return ((a - b) ** 2).mean()


def _cross_entropy(x: Array, t: Array) -> Array:
    _need(x.ndim > 0 and x.shape == t.shape)
    return -(t * numpy.log(_softmax(x))).sum(axis=-1).mean()


def _log(x: Array) -> Array:
    _need(x.real > 1e-3)
    return numpy.log(x)


def _joined(join: Callable[..., Array]) -> Callable[..., Numbers]:
    return lambda xs, axis=0: Numbers(join([numbers(x).z for x in xs], axis=axis))


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + numpy.exp(-x))


def _rises(x: Array) -> Array:
    _apart(x, 0.0)
    return x.real > 0


UNARY: Final[dict[str, Callable[[Array], Array]]] = {
    "exp": numpy.exp, "log": _log, "sqrt": lambda x: numpy.exp(_log(x) / 2), "sin": numpy.sin, "cos": numpy.cos,
    "tan": numpy.tan, "tanh": numpy.tanh, "sigmoid": _sigmoid, "relu": lambda x: numpy.where(_rises(x), x, 0),
    "leaky_relu": lambda x: numpy.where(_rises(x), x, x / 100), "gelu": _gelu, "swish": lambda x: x * _sigmoid(x),
    "elu": lambda x: numpy.where(_rises(x), x, numpy.exp(x) - 1), "softplus": lambda x: numpy.log(1 + numpy.exp(x)),
    "abs": lambda x: numpy.where(_rises(x), x, -x), "square": lambda x: x * x, "reciprocal": lambda x: 1 / x,
    "neg": lambda x: -x,
}  # fmt: skip
REDUCTIONS: Final[dict[str, Callable[..., Array]]] = {
    "sum": numpy.sum, "mean": numpy.mean, "prod": numpy.prod, "amax": _extreme(1), "amin": _extreme(-1), "norm": _norm,
    "L2": lambda x, **reduction: (x * x).sum(**reduction),
    "logsumexp": lambda x, **reduction: numpy.log(numpy.exp(x).sum(**reduction)),
}  # fmt: skip
FUNCTIONS: Final[dict[str, Callable[..., Numbers]]] = {
    **{name: lifted(function) for name, function in (UNARY | REDUCTIONS).items()},
    "max": _either(_chosen(operator.gt), _extreme(1)),
    "min": _either(_chosen(operator.lt), _extreme(-1)),
    "maximum": lifted(_chosen(operator.gt), 2),
    "minimum": lifted(_chosen(operator.lt), 2),
    "matmul": lifted(operator.matmul, 2),
    "power": lambda a, b: numbers(a) ** b,
    "where": lifted(_where, 3),
    "clip": lifted(_clip, 3),
    "softmax": lifted(_softmax),
    "log_softmax": lifted(lambda x, axis=-1: numpy.log(_softmax(x, axis))),
    "transpose": lifted(numpy.transpose),
    "swapaxes": lifted(numpy.swapaxes),
    "reshape": lifted(numpy.reshape),
    "flatten": lifted(numpy.ravel),
    "concatenate": _joined(numpy.concatenate),
    "stack": _joined(numpy.stack),
    "mse": lifted(_mse, 2),
    "binary_cross_entropy": lifted(_bce, 2),
    "cross_entropy": lifted(_cross_entropy, 2),
}


class Program(NamedTuple):
    """Definitions, then assignments; the values of the inputs."""

    definitions: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]  # a name and its expression
    values: Mapping[str, Array]

    @property
    def text(self) -> str:
        """The program as both read it."""
        return "\n".join([*self.definitions, *(f"{name} = {expression}" for name, expression in self.lines)])


def run(program: Program, place: str | int | None = None, way: Array = 0.0) -> dict[str, Array]:
    """What each name means at the end, with a step into the direction `way` at an input, or at what a line gives."""
    names = _functions(program.definitions)
    for name, value in program.values.items():
        names[name] = Numbers(numpy.asarray(value) + (1j * STEP * way if name == place else 0))
    known = set(names) - set(program.values)
    with numpy.errstate(all="ignore"):
        for number, (name, expression) in enumerate(program.lines):
            found = numbers(eval(_compiled(expression), names)).z
            names[name] = Numbers(found + (1j * STEP * way if number == place else 0))
    return {name: each.z for name, each in names.items() if name not in known}


@cache
def _compiled(expression: str) -> CodeType:
    return compile(expression, "program", "eval")


def _functions(definitions: tuple[str, ...]) -> dict[str, Any]:
    names: dict[str, Any] = {
        **FUNCTIONS,
        "np": SimpleNamespace(**FUNCTIONS | {"max": FUNCTIONS["amax"], "array": numbers}),
    }
    exec("\n".join(definitions), names)
    return names


def slope(program: Program, place: str | int, way: Array) -> Array:
    """The derivative of the output at an input or a line into a direction."""
    return run(program, place, way)["out"].imag / STEP


# random programs -----------------------------------------------------------------------------------------------------

SHAPES: Final[tuple[Shape, ...]] = ((), (), (1,), (2,), (3,), (2, 3), (3, 2), (1, 3), (2, 1), (2, 2), (2, 2, 3), (3, 1))
INPUTS: Final = ("w", "x", "y", "W")
TARGETS: Final = ("a", "b", "h", "x")  # x may be an input first and a gate later
NUMBERS: Final = (
    *("0.5", "2", "1", "3", "0.25", "1.5"),
    *("np.array([1, -2, 0.5])", "np.array([[0.5], [2]])", "np.array([[1, 2, 3], [-1, 0.5, 2]])"),
)
DEFINITIONS: Final = (
    "def layer(a, b): return tanh(a @ b + 0.5)",
    "def blend(a, b, t): return (1 - t)*a + t*b*b",
    "def gap(x): return sum(square(x - mean(x)), axis=-1, keepdims=True) + [1, 2, 3]",
    "def deep(x, y): return blend(sigmoid(x), y, 0.25) * 3",
    "def last(x, unused): return x[..., -1] * 2",
)
FORMS: Final = (
    *[f"{{a}} {mark} {{b}}" for mark in "+-**" for _ in range(3)],
    *["{a} / (square({b}) + 0.5)", "{a} / {b}", "({a} > {b})", "({a} <= {b}) * {b}", "-{p}"],
    *["{p}**2", "{p}**3", "2**{p}", "(abs({a}) + 0.5)**{p}", "power({p}, -1)", "{p}**2 + {b}**2"],
    *["{p} @ {q}", "{p} @ {q}", "{p}.T @ {q}", "{p} @ {q}.T", "np.matmul({a}, {b})", "{p} @ {q} @ {p}.T"],
    *[f"{name}({{a}})" for name in UNARY if name not in ("neg", "abs")],
    *["log(abs({a}) + 0.5)", "sqrt(square({a}) + 1)", "np.exp({a})", "abs({a})"],
    *[f"{name}({{a}}, axis={{axis}}, keepdims={{keep}})" for name in REDUCTIONS],
    *[f"{name}({{a}})" for name in ("sum", "mean", "max", "min", "prod", "norm", "L2", "logsumexp")],
    *["{p}.sum({axis})", "{p}.mean(axis={axis})", "{p}.max(axis={one})", "np.sum({a}, {axis})", "np.max({a}, {one})"],
    *["max({a}, {b})", "min({a}, {b})", "maximum({a}, {b})", "minimum({a}, {b})"],
    *["softmax({a})", "softmax({a}, axis={one})", "log_softmax({a})", "log_softmax({a}, axis={one})"],
    *["exp({a}) / sum(exp({a}))", "1 / (1 + exp(-{p}))", "sqrt(sum({p}**2))", "log(1 + exp({a}))", "sum({p} * {p})"],
    *["{p}.T", "transpose({a})", "transpose({a}, ({axes}))", "swapaxes({a}, {one}, {one2})"],
    *["reshape({a}, ({shape},))", "{p}.reshape({shape})", "{p}.flatten()", "{p}[{index}]", "{p}[{index}]"],
    *["concatenate([{a}, {b}], axis={one})", "concatenate([{a}, {b}, {a}])", "stack([{a}, {b}], axis={one})"],
    *["stack([{a}, {b}])", "sum([{a}, {b}], axis=0)", "where({a} > {b}, {a}, {b}*2)", "where([1, 0, 2], {a}, {b})"],
    *[
        "where({a} > 0.1, {b}, 1)",
        "clip({a}, -1, 1.25)",
        "clip({a}, {b}, {c})",
        "mse({a}, {b})",
        "mean(({a} - mean({b}))**2)",
        "mean(({a} - sin({a}))**2)",
    ],
    *[
        "cross_entropy({a}, {b})",
        "cross_entropy({a}, softmax({b}))",
        "binary_cross_entropy(sigmoid({a}), sigmoid({b}))",
    ],
    *["layer({a}, {b})", "blend({a}, {b}, {c})", "gap({a})", "deep({a}, {b})", "last({a}, {b})"],
)


class _Maker:
    """Makes expressions that Python can compute."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.definitions = DEFINITIONS
        self.names = _functions(self.definitions)
        self.used: list[str] = []

    def value(self, text: str) -> Array | None:
        """What an expression is, if it is anything, and of moderate size."""
        try:
            with numpy.errstate(all="ignore"):
                found = numbers(eval(text, self.names)).z
        except NOT_MADE:
            return None
        moderate = found.size <= MOST_ENTRIES and numpy.all(abs(found) < LARGEST)
        return found if moderate and found.size else None

    def expression(self, size: int) -> str:
        """An expression of at most `size` forms; those that do not fit are left out."""
        pick = self.random.choice
        if size <= 0 or not self.used:
            return pick(NUMBERS) if self.random.random() < 0.12 or not self.used else pick(self.used)
        first, second = (self.expression(self.random.randrange(size)) for _ in range(2))
        for _ in range(6):
            text = self.filled(pick(FORMS), first, second)
            if self.value(text) is not None:
                return text
        return first

    def filled(self, form: str, a: str, b: str) -> str:
        """A form with operands, and with settings that fit the first."""
        random, x = self.random, numpy.asarray(self.value(a))
        axes = [*range(-x.ndim, x.ndim)] or [0]
        orders = [*permutations(range(x.ndim))][1:] or [()]
        return form.format(
            a=a, b=b, c=random.choice(self.used), p=_atom(a), q=_atom(b),
            axis=random.choice([None, *axes, *([(0, -1)] if x.ndim > 1 else [])]), keep=random.choice([True, False]),
            one=random.choice(axes), one2=random.choice(axes), axes=", ".join(map(str, random.choice(orders))),
            shape=random.choice([f"-1, {x.shape[-1]}" if x.ndim else "1, 1", "-1", "2, -1", "3, -1", "1, -1, 1"]),
            index=", ".join(self.index(size) for size in x.shape[: random.randint(1, 3)]) or "...",
        )  # fmt: skip

    def index(self, size: int) -> str:
        return self.random.choice(["0", "-1", ":", "1:", "::-1", ":2", "::2", "None", "...", "None, :", str(size - 1)])


def _atom(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def made(lines: int, size: int, seed: int, reduced: bool = True) -> Program:
    """A program of so many lines, in which names are used several times; its output is a number if `reduced`."""
    maker = _Maker(seed)
    random = maker.random
    values = {}
    for name in INPUTS[: random.randint(1, len(INPUTS))]:
        places = numpy.array(random.sample(range(-2000, 2000), k := math.prod(shape := random.choice(SHAPES))))
        values[name] = (places / 1000 + 0.0003).reshape(shape) if k else None
        maker.names[name] = Numbers(values[name])
        maker.used.append(name)
    lines_: list[tuple[str, str]] = []
    for number in range(lines):
        expression = maker.expression(size)
        if expression.isidentifier() or (found := maker.value(expression)) is None:
            continue
        name = random.choice([*TARGETS, f"t{number}"])
        lines_.append((name, expression))
        maker.names[name] = Numbers(found)
        maker.used = [*(each for each in maker.used if each != name), name]
    last = random.sample(maker.used, min(3, len(maker.used)))
    if reduced:
        output = " + ".join(f"{random.choice(['sum', 'mean', 'L2'])}({name})" for name in last)
    else:
        output = (
            f"{last[0]} * 2" if len(last) < 2 or maker.value(f"{last[0]} * {last[1]}") is None else " * ".join(last[:2])
        )
    return Program(_used(maker.definitions, lines_), (*lines_, ("out", output)), values)


def _used(definitions: tuple[str, ...], lines: list[tuple[str, str]]) -> tuple[str, ...]:
    text = " ".join(expression for _, expression in lines)
    names = {d: d[4 : d.index("(")] for d in definitions}
    return tuple(d for d in definitions if names[d] in text or (names[d] == "blend" and "deep" in text))


# the sizes shrink, the seed does not
_SEEDS: Final = st.integers(0, 2**64)
array_programs = st.builds(made, st.integers(0, 11), st.integers(1, 4), _SEEDS)
"""A program with fan-out and the values of its inputs; its output is a number."""
array_maps = st.builds(made, st.integers(1, 6), st.integers(1, 3), _SEEDS, st.just(False))
"""The same with an output that may be an array."""
