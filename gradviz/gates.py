"""THE GATE TABLE: one declaration per gate, from which parser, evaluator, SymPy, tests and docs are fed.

A row says how the gate is written and drawn, what it computes, and its local partials: the derivative of its output
by each of its inputs, knowing nothing of the rest of the circuit. The chain rule is not here, it stands once in
`evaluator.backward`. `forward(xp, *xs)` and `partials(xp, y, *xs)` are written against a namespace `xp` (`ieee` for
numbers), `sympy(S, *xs)` against SymPy's.

At kinks the conventions are PyTorch's: relu'(0) = 0, |x|'(0) = 0, max and min ties 1/2 each, sqrt'(0) = inf,
and x**0 has the gradient 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

Special = tuple[tuple[float, ...], float, tuple[float, ...]]  # inputs, value, partials
INF, NAN = float("inf"), float("nan")
ANY, POSITIVE = (-3.0, 3.0), (0.1, 4.0)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """One row: how a gate is written, drawn and computed."""

    name: str
    symbol: str  # in the circle
    forward: Callable[..., Any]
    partials: Callable[..., tuple[Any, ...]]
    sympy: Callable[..., Any]
    does: str  # y in words or as a formula, for `gradviz gates`
    aliases: tuple[str, ...] = ()  # further function names
    operators: tuple[str, ...] = ()  # as written between (or, with one input, before) operands; the first is printed
    binds: int = 0  # precedence of the operator: a higher one binds tighter
    right: bool = False  # a ** b ** c is a ** (b ** c)
    folded: tuple[str, ...] = ()  # the circle's text when the operand of that slot is the constant {}
    ordered: bool = False  # whether the order of the operands matters, so that it must be seen
    domain: tuple[tuple[float, float], ...] = (ANY,)  # per input, where the gate is smooth apart from its kinks
    special: tuple[Special, ...] = ()  # conventions at kinks, poles and zeros

    @property
    def arity(self) -> int:
        """How many inputs the gate has."""
        return len(self.domain)

    def label(self, constants: dict[int, str] | None = None) -> str:
        """The text in the circle, with the operands that are constants folded into it.

        >>> GATES["mul"].label({1: "-1"}), GATES["div"].label({0: "1"}), GATES["max"].label({0: "0"})
        ('*-1', '1/x', 'max 0')
        """
        if not constants:
            return self.symbol
        if self.ordered and not self.folded:  # a function: which input is constant must be seen
            return f"{self.symbol}({','.join(constants.get(slot, 'x') for slot in range(self.arity))})"
        if len(constants) == 1 and self.folded:
            ((slot, text),) = constants.items()
            template = self.folded[slot]
            sign_misleads = text.startswith("-") and (template[0] in "+-" or template.endswith("^x"))
            return template.format(f"({text})" if sign_misleads else text)
        return " ".join([self.symbol, *(constants[slot] for slot in sorted(constants))])


def _sigmoid(xp: Any, x: Any) -> Any:
    return xp.divide(1.0, 1.0 + xp.exp(-x))


def _tie(xp: Any, wins: Any, ties: Any) -> Any:
    return xp.where(ties, 0.5, xp.where(wins, 1.0, 0.0))


def _power_partials(xp: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    by_base = xp.where(b == 0, 0.0, b * xp.power(a, b - 1))
    by_exponent = xp.where((a == 0) & (b >= 0), 0.0, y * xp.log(a))
    return by_base, by_exponent


# fmt: off
_ROWS: Final = (
    # operators -------------------------------------------------------------------------------------------------------
    Gate("add", "+", lambda xp, a, b: a + b, lambda xp, y, a, b: (1.0, 1.0),
         lambda S, a, b: S.Add(a, b, evaluate=False),
         "a + b", operators=("+",), binds=1, folded=("+{}", "+{}"), domain=(ANY, ANY)),
    Gate("sub", "-", lambda xp, a, b: a - b, lambda xp, y, a, b: (1.0, -1.0),
         lambda S, a, b: S.Add(a, S.Mul(-1, b, evaluate=False), evaluate=False),
         "a - b", operators=("-", "−", "–"), binds=1, folded=("{}-x", "-{}"), ordered=True, domain=(ANY, ANY)),
    Gate("mul", "*", lambda xp, a, b: a * b, lambda xp, y, a, b: (b, a), lambda S, a, b: S.Mul(a, b, evaluate=False),
         "a * b", operators=("*", "·", "×", "⋅", "∗"), binds=2, folded=("*{}", "*{}"), domain=(ANY, ANY)),
    Gate("div", "/", lambda xp, a, b: xp.divide(a, b),
         lambda xp, y, a, b: (xp.divide(1.0, b), xp.divide(-y, b)),
         lambda S, a, b: S.Mul(a, S.Pow(b, -1, evaluate=False), evaluate=False),
         "a / b", operators=("/", "÷"), binds=2, folded=("{}/x", "/{}"), ordered=True, domain=(ANY, POSITIVE),
         special=(((1.0, 0.0), INF, (INF, -INF)), ((-1.0, 0.0), -INF, (INF, INF)))),
    Gate("neg", "*-1", lambda xp, x: -x, lambda xp, y, x: (-1.0,), lambda S, x: S.Mul(-1, x, evaluate=False),
         "-x", operators=("-", "−", "–"), binds=3),
    Gate("pow", "^", lambda xp, a, b: xp.power(a, b), _power_partials, lambda S, a, b: S.Pow(a, b, evaluate=False),
         "a ** b", aliases=("power",), operators=("**", "^"), binds=4, right=True, folded=("{}^x", "^{}"), ordered=True,
         domain=(POSITIVE, ANY),
         special=(((0.0, 2.0), 0.0, (0.0, 0.0)), ((-2.0, 2.0), 4.0, (-4.0, NAN)), ((0.0, 0.0), 1.0, (0.0, 0.0)),
                  ((3.0, 0.0), 1.0, (0.0, 1.0986122886681098)), ((0.0, -1.0), INF, (-INF, -INF)))),
    # functions of one input ------------------------------------------------------------------------------------------
    Gate("exp", "exp", lambda xp, x: xp.exp(x), lambda xp, y, x: (y,), lambda S, x: S.exp(x, evaluate=False), "e ** x",
         special=(((1000.0,), INF, (INF,)), ((-1000.0,), 0.0, (0.0,)))),
    Gate("log", "log", lambda xp, x: xp.log(x), lambda xp, y, x: (xp.divide(1.0, x),),
         lambda S, x: S.log(x, evaluate=False), "the natural logarithm", aliases=("ln",), domain=(POSITIVE,),
         special=(((0.0,), -INF, (INF,)), ((-1.0,), NAN, (-1.0,)))),
    Gate("sqrt", "√", lambda xp, x: xp.sqrt(x), lambda xp, y, x: (xp.divide(0.5, y),),
         lambda S, x: S.Pow(x, S.Rational(1, 2), evaluate=False), "the square root", operators=("√",), binds=5,
         domain=(POSITIVE,), special=(((0.0,), 0.0, (INF,)), ((-1.0,), NAN, (NAN,)))),
    Gate("square", "^2", lambda xp, x: x * x, lambda xp, y, x: (2 * x,), lambda S, x: S.Pow(x, 2, evaluate=False),
         "x * x"),
    Gate("reciprocal", "1/x", lambda xp, x: xp.divide(1.0, x), lambda xp, y, x: (-y * y,),
         lambda S, x: S.Pow(x, -1, evaluate=False), "1 / x", domain=(POSITIVE,), special=(((0.0,), INF, (-INF,)),)),
    Gate("abs", "|x|", lambda xp, x: xp.absolute(x), lambda xp, y, x: (xp.sign(x),),
         lambda S, x: S.Abs(x, evaluate=False), "|x|; its gradient at 0 is 0", special=(((0.0,), 0.0, (0.0,)),)),
    Gate("sin", "sin", lambda xp, x: xp.sin(x), lambda xp, y, x: (xp.cos(x),), lambda S, x: S.sin(x, evaluate=False),
         "the sine"),
    Gate("cos", "cos", lambda xp, x: xp.cos(x), lambda xp, y, x: (-xp.sin(x),), lambda S, x: S.cos(x, evaluate=False),
         "the cosine"),
    Gate("tan", "tan", lambda xp, x: xp.tan(x), lambda xp, y, x: (1 + y * y,), lambda S, x: S.tan(x, evaluate=False),
         "the tangent", domain=((-1.4, 1.4),)),
    Gate("tanh", "tanh", lambda xp, x: xp.tanh(x), lambda xp, y, x: (xp.power(xp.cosh(x), -2.0),),
         lambda S, x: S.tanh(x, evaluate=False), "the hyperbolic tangent", special=(((1000.0,), 1.0, (0.0,)),)),
    Gate("sigmoid", "σ", _sigmoid, lambda xp, y, x: (y * _sigmoid(xp, -x),),
         lambda S, x: 1 / (1 + S.exp(-x)), "1 / (1 + e ** -x)", aliases=("σ", "logistic"),
         special=(((1000.0,), 1.0, (0.0,)), ((-1000.0,), 0.0, (0.0,)), ((0.0,), 0.5, (0.25,)))),
    Gate("relu", "relu", lambda xp, x: xp.maximum(0.0, x),
         lambda xp, y, x: (xp.where(x > 0, 1.0, 0.0),), lambda S, x: S.Piecewise((x, x > 0), (0, True)),
         "max(0, x); its gradient at 0 is 0", special=(((0.0,), 0.0, (0.0,)), ((NAN,), NAN, (0.0,)))),
    Gate("elu", "elu", lambda xp, x: xp.where(x > 0, x, xp.expm1(x)),
         lambda xp, y, x: (xp.where(x > 0, 1.0, xp.exp(x)),),
         lambda S, x: S.Piecewise((x, x > 0), (S.exp(x) - 1, True)), "x above 0, e ** x - 1 below",
         special=(((0.0,), 0.0, (1.0,)), ((1000.0,), 1000.0, (1.0,)), ((-1000.0,), -1.0, (0.0,)))),
    Gate("softplus", "softplus", lambda xp, x: xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.absolute(x))),
         lambda xp, y, x: (_sigmoid(xp, x),), lambda S, x: S.log(1 + S.exp(x)), "log(1 + e ** x)",
         special=(((1000.0,), 1000.0, (1.0,)), ((-1000.0,), 0.0, (0.0,)))),
    # functions of two inputs -----------------------------------------------------------------------------------------
    Gate("max", "max", lambda xp, a, b: xp.maximum(a, b),
         lambda xp, y, a, b: (_tie(xp, a > b, a == b), _tie(xp, b > a, a == b)), lambda S, a, b: S.Max(a, b),
         "the larger of a and b; a tie halves the gradient", aliases=("maximum",), domain=(ANY, ANY),
         special=(((2.0, 2.0), 2.0, (0.5, 0.5)),)),
    Gate("min", "min", lambda xp, a, b: xp.minimum(a, b),
         lambda xp, y, a, b: (_tie(xp, a < b, a == b), _tie(xp, b < a, a == b)), lambda S, a, b: S.Min(a, b),
         "the smaller of a and b; a tie halves the gradient", aliases=("minimum",), domain=(ANY, ANY),
         special=(((2.0, 2.0), 2.0, (0.5, 0.5)),)),
)
# fmt: on

GATES: Final[dict[str, Gate]] = {gate.name: gate for gate in _ROWS}


def _by(words: Callable[[Gate], Iterable[str]], gates: Iterable[Gate]) -> dict[str, Gate]:
    return {word: gate for gate in gates for word in words(gate)}


FUNCTIONS: Final = _by(lambda gate: (gate.name, *gate.aliases), _ROWS)
INFIX: Final = _by(lambda gate: gate.operators, [g for g in _ROWS if g.arity == 2])
PREFIX: Final = _by(lambda gate: gate.operators, [g for g in _ROWS if g.arity == 1])
CONSTANTS: Final = {"e": 2.718281828459045, "pi": 3.141592653589793, "π": 3.141592653589793}
CONSTANT_BASES: Final = {("pow", 0, CONSTANTS["e"]): "exp"}  # a constant operand that makes another gate of it
