"""Element-wise gates: numbers, or arrays entry by entry with NumPy's broadcasting.

Each row declares its local partials: the derivative of its output by each of its inputs, knowing nothing of the rest
of the circuit. Where a gate ends at 0, `+ 0.0` makes 0 of -0, so that the infinity there has the sign of its side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gradviz.gates.row import ANY, INF, NAN, POSITIVE, Gate, Setting, Spelling


def _sigmoid(xp: Any, x: Any) -> Any:
    """By the exponential that does not overflow, so that e ** -712 is not lost."""
    decay = xp.exp(-xp.absolute(x))
    return xp.where(x < 0, decay, 1.0) / (1.0 + decay)


def _sigmoid_slope(xp: Any, x: Any) -> Any:
    decay = xp.exp(-xp.absolute(x))
    return decay / ((1.0 + decay) * (1.0 + decay))


def _tie(xp: Any, wins: Any, ties: Any) -> Any:
    return xp.where(ties, 0.5, xp.where(wins, 1.0, 0.0))


def _power_partials(xp: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    by_base = xp.where(b == 0, 0.0, b * xp.power(a, b - 1))
    by_exponent = xp.where((a == 0) & (b >= 0), 0.0, y * xp.log(a))
    return by_base, by_exponent


def _leaky_relu(S: Any, x: Any, negative_slope: float = 0.01) -> Any:
    return S.Piecewise((x, x > 0), (negative_slope * x, True))


def _normal_cdf(xp: Any, x: Any) -> Any:
    return 0.5 * xp.erfc(-x / _ROOT_2)


def _gelu_partials(xp: Any, y: Any, x: Any) -> tuple[Any]:
    density = xp.exp(-0.5 * x * x) / _ROOT_2PI
    return (_normal_cdf(xp, x) + xp.where(density > 0, x, 0.0) * density,)


def _swish_partials(xp: Any, y: Any, x: Any) -> tuple[Any]:
    slope = _sigmoid_slope(xp, x)
    return (_sigmoid(xp, x) + xp.where(slope > 0, x, 0.0) * slope,)


def _larger(S: Any, a: Any, b: Any) -> Any:
    return S.Piecewise((1, a > b), (S.Rational(1, 2), S.Eq(a, b)), (0, True))


def _clip_slopes(S: Any, y: Any, x: Any, low: Any, high: Any) -> tuple[Any, ...]:
    return (
        S.Piecewise((0, x < low), (0, x > high), (1, True)),
        S.Piecewise((0, low > high), (1, x < low), (0, True)),
        S.Piecewise((1, low > high), (1, x > high), (0, True)),
    )


def _comparison(name: str, marks: tuple[str, ...], test: Callable[..., Any], relation: Callable[..., Any]) -> Gate:
    """1.0 where it holds and 0.0 elsewhere, and no gradient: a mask."""
    symbol = marks[-1]
    return Gate(
        name, symbol, lambda xp, a, b: xp.where(test(a, b), 1.0, 0.0), lambda xp, y, a, b: (0.0, 0.0),
        lambda S, a, b: S.Piecewise((1, relation(S, a, b)), (0, True)), f"1 where a {symbol} b, else 0; no gradient",
        spelled=f"np.{name} torch.{name} tf.{name}", operators=marks, folded=(f"{{}}{symbol}x", f"{symbol}{{}}"),
        ordered=True, domain=(ANY, ANY), behaves=("stops", "stops", "stops"),
        spelling=Spelling(f"{{0:1}} {symbol} {{1:1}}", f"{{0:1}} {_IN_TEX.get(symbol, symbol)} {{1:1}}", 0),
        derivative=(None, None),
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_IN_TEX: Final = {"≥": r"\ge", "≤": r"\le", "==": "=", "≠": r"\ne"}
_ROOT_2, _ROOT_2PI = 1.4142135623730951, 2.5066282746310002
_SLOPE: Final = Setting("negative_slope", 0.01, ("alpha",), "a number", _is_number)

# fmt: off
ROWS: Final = (
    # operators -------------------------------------------------------------------------------------------------------
    Gate("add", "+", lambda xp, a, b: a + b, lambda xp, y, a, b: (1.0, 1.0),
         lambda S, a, b: S.Add(a, b, evaluate=False),
         "a + b", spelling=Spelling("{0:1} + {1:2}", "{0:1} + {1:2}", 1),
         operators=("+",), binds=1, folded=("+{}", "+{}"), domain=(ANY, ANY),
         spelled="np.add torch.add tf.add", behaves=("distributes", "passes", "passes"),
         derivative=("u", "u")),
    Gate("sub", "-", lambda xp, a, b: a - b, lambda xp, y, a, b: (1.0, -1.0),
         lambda S, a, b: S.Add(a, S.Mul(-1, b, evaluate=False), evaluate=False),
         "a - b", spelling=Spelling("{0:1} − {1:2}", "{0:1} - {1:2}", 1),
         operators=("-", "−", "–"), binds=1, folded=("{}-x", "-{}"), ordered=True, domain=(ANY, ANY),
         spelled="np.subtract torch.sub torch.subtract tf.subtract", behaves=("subtracts", "passes", "reverses"),
         derivative=("u", "-u")),
    Gate("mul", "*", lambda xp, a, b: a * b, lambda xp, y, a, b: (b, a), lambda S, a, b: S.Mul(a, b, evaluate=False),
         "a * b", spelling=Spelling("{0:3}·{1:4}", r"{0:3} \cdot {1:4}", 3),
         operators=("*", "·", "×", "⋅", "∗"), binds=2, folded=("*{}", "*{}"), domain=(ANY, ANY),
         spelled="np.multiply torch.mul torch.multiply tf.multiply", behaves=("switches", "scales", "scales"),
         derivative=("u*b", "u*a")),
    Gate("div", "/", lambda xp, a, b: xp.divide(a, b),
         lambda xp, y, a, b: (xp.divide(1.0, b), xp.divide(-y, b)),
         lambda S, a, b: S.Mul(a, S.Pow(b, -1, evaluate=False), evaluate=False),
         "a / b", spelling=Spelling("{0:3}/{1:4}", r"\frac{{{0}}}{{{1}}}", 2, 4),
         operators=("/", "÷"), binds=2, folded=("{}/x", "/{}"), ordered=True, domain=(ANY, POSITIVE),
         special=(((1.0, 0.0), INF, (INF, -INF)), ((-1.0, 0.0), -INF, (INF, INF))),
         spelled="np.divide np.true_divide torch.div torch.divide tf.divide tf.div", behaves=("divides", "scales", ""),
         derivative=("u/b", "-u*y/b")),
    Gate("neg", "*-1", lambda xp, x: -x, lambda xp, y, x: (-1.0,), lambda S, x: S.Mul(-1, x, evaluate=False),
         "-x", spelling=Spelling("−{0:2}", "-{0:2}", 1), operators=("-", "−", "–"), binds=3,
         spelled="np.negative torch.neg torch.negative tf.negative", behaves=("reverses",),
         derivative=("-u",)),
    Gate("pow", "^", lambda xp, a, b: xp.power(a, b), _power_partials, lambda S, a, b: S.Pow(a, b, evaluate=False),
         "a ** b", spelling=Spelling("{0:6}{1:^}", "{0:6}{1:^}", 4),
         slopes=lambda S, y, a, b: (b * a ** (b - 1), y * S.log(a)),
         aliases=("power",), operators=("**", "^"), binds=4, right=True, folded=("{}^x", "^{}"), ordered=True,
         domain=(POSITIVE, ANY),
         special=(((0.0, 2.0), 0.0, (0.0, 0.0)), ((-2.0, 2.0), 4.0, (-4.0, NAN)), ((0.0, 0.0), 1.0, (0.0, 0.0)),
                  ((3.0, 0.0), 1.0, (0.0, 1.0986122886681098)), ((0.0, -1.0), INF, (-INF, -INF))),
         spelled="np.power np.float_power torch.pow tf.pow math.pow",
         derivative=("where(b == 0, 0, b*u*a**(b - 1))", "where((a == 0)*(b >= 0), 0, u*y*log(a))")),
    # functions of one input ------------------------------------------------------------------------------------------
    Gate("exp", "exp", lambda xp, x: xp.exp(x), lambda xp, y, x: (y,), lambda S, x: S.exp(x, evaluate=False), "e ** x",
         spelling=Spelling("e{0:^}", "e{0:^}", 4),
         special=(((1000.0,), INF, (INF,)), ((-1000.0,), 0.0, (0.0,))),
         spelled="np.exp torch.exp tf.exp math.exp", behaves=("repeats",),
         derivative=("u*y",)),
    Gate("log", "log", lambda xp, x: xp.log(x), lambda xp, y, x: (xp.divide(1.0, x + 0.0),),
         lambda S, x: S.log(x, evaluate=False), "the natural logarithm", aliases=("ln",), domain=(POSITIVE,),
         special=(((0.0,), -INF, (INF,)), ((-1.0,), NAN, (-1.0,))),
         spelled="np.log torch.log tf.log math.log",
         derivative=("u/x",)),
    Gate("sqrt", "√", lambda xp, x: xp.sqrt(x), lambda xp, y, x: (xp.divide(0.5, y + 0.0),),
         lambda S, x: S.Pow(x, S.Rational(1, 2), evaluate=False), "the square root",
         spelling=Spelling("√{0:6}", r"\sqrt{{{0}}}", 5, 9), operators=("√",), binds=5,
         domain=(POSITIVE,), special=(((0.0,), 0.0, (INF,)), ((-1.0,), NAN, (NAN,))),
         spelled="np.sqrt torch.sqrt tf.sqrt math.sqrt",
         derivative=("u/(2*y)",)),
    Gate("square", "^2", lambda xp, x: x * x, lambda xp, y, x: (2 * x,), lambda S, x: S.Pow(x, 2, evaluate=False),
         "x * x", spelling=Spelling("{0:6}²", "{0:6}^{{2}}", 4),
         spelled="np.square torch.square tf.square",
         derivative=("2*u*x",)),
    Gate("reciprocal", "1/x", lambda xp, x: xp.divide(1.0, x), lambda xp, y, x: (-y * y,),
         lambda S, x: S.Pow(x, -1, evaluate=False), "1 / x",
         spelling=Spelling("1/{0:4}", r"\frac{{1}}{{{0}}}", 2, 4),
         domain=(POSITIVE,), special=(((0.0,), INF, (-INF,)),),
         spelled="np.reciprocal torch.reciprocal tf.reciprocal",
         derivative=("-u*y*y",)),
    Gate("abs", "|x|", lambda xp, x: xp.absolute(x), lambda xp, y, x: (xp.sign(x),),
         lambda S, x: S.Abs(x, evaluate=False), "|x|; its gradient at 0 is 0", special=(((0.0,), 0.0, (0.0,)),),
         spelling=Spelling("|{0}|", r"\lvert {0} \rvert"),
         spelled="np.abs np.absolute np.fabs torch.abs tf.abs math.fabs",
         derivative=("u*((x > 0) - (x < 0))",)),
    Gate("sin", "sin", lambda xp, x: xp.sin(x), lambda xp, y, x: (xp.cos(x),), lambda S, x: S.sin(x, evaluate=False),
         "the sine",
         spelled="np.sin torch.sin tf.sin math.sin",
         derivative=("u*cos(x)",)),
    Gate("cos", "cos", lambda xp, x: xp.cos(x), lambda xp, y, x: (-xp.sin(x),), lambda S, x: S.cos(x, evaluate=False),
         "the cosine",
         spelled="np.cos torch.cos tf.cos math.cos",
         derivative=("-u*sin(x)",)),
    Gate("tan", "tan", lambda xp, x: xp.tan(x), lambda xp, y, x: (1 + y * y,), lambda S, x: S.tan(x, evaluate=False),
         "the tangent", domain=((-1.4, 1.4),),
         spelled="np.tan torch.tan tf.tan math.tan",
         derivative=("u*(1 + y*y)",)),
    Gate("tanh", "tanh", lambda xp, x: xp.tanh(x), lambda xp, y, x: (xp.power(xp.cosh(x), -2.0),),
         lambda S, x: S.tanh(x, evaluate=False), "the hyperbolic tangent", special=(((1000.0,), 1.0, (0.0,)),),
         spelled="np.tanh nn.tanh torch.tanh tf.tanh math.tanh", behaves=("saturates",),
         made_of=("a = exp(x); b = exp(-x); (a - b) / (a + b)", "(exp(2*x) - 1) / (exp(2*x) + 1)",
                  "2*sigmoid(2*x) - 1"),
         derivative=("u*(1 - y*y)",)),
    Gate("sigmoid", "σ", _sigmoid, lambda xp, y, x: (_sigmoid_slope(xp, x),),
         lambda S, x: 1 / (1 + S.exp(-x)), "1 / (1 + e ** -x)",
         spelling=Spelling("σ{0:()}", r"\sigma{0:()}"), slopes=lambda S, y, x: (y * (1 - y),),
         aliases=("σ", "logistic"),
         special=(((1000.0,), 1.0, (0.0,)), ((-1000.0,), 0.0, (0.0,)), ((0.0,), 0.5, (0.25,))),
         spelled="nn.sigmoid torch.sigmoid tf.sigmoid scipy.special.expit", behaves=("saturates",),
         made_of=("1 / (1 + exp(-x))", "exp(x) / (1 + exp(x))", "exp(x) / (exp(x) + 1)", "1 / (exp(-x) + 1)"),
         derivative=("u*y*(1 - y)",)),
    Gate("relu", "relu", lambda xp, x: xp.maximum(0.0, x),
         lambda xp, y, x: (xp.where(x > 0, 1.0, 0.0),), lambda S, x: S.Piecewise((x, x > 0), (0, True)),
         "max(0, x); its gradient at 0 is 0", special=(((0.0,), 0.0, (0.0,)), ((NAN,), NAN, (0.0,))),
         spelled="nn.relu torch.relu tf.keras.activations.relu", behaves=("opens",),
         made_of=("x * (x > 0)", "where(x > 0, x, 0)"),
         derivative=("u*(x > 0)",)),
    Gate("elu", "elu", lambda xp, x: xp.where(x > 0, x, xp.expm1(x)),
         lambda xp, y, x: (xp.where(x > 0, 1.0, xp.exp(x)),),
         lambda S, x: S.Piecewise((x, x > 0), (S.exp(x) - 1, True)), "x above 0, e ** x - 1 below",
         special=(((0.0,), 0.0, (1.0,)), ((1000.0,), 1000.0, (1.0,)), ((-1000.0,), -1.0, (0.0,))),
         spelled="nn.elu",
         made_of=("where(x > 0, x, exp(x) - 1)",),
         derivative=("u*exp(min(x, 0))",)),
    Gate("softplus", "softplus", lambda xp, x: xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.absolute(x))),
         lambda xp, y, x: (_sigmoid(xp, x),), lambda S, x: S.log(1 + S.exp(x)), "log(1 + e ** x)",
         special=(((1000.0,), 1000.0, (1.0,)), ((-1000.0,), 0.0, (0.0,))),
         spelled="nn.softplus",
         made_of=("log(1 + exp(x))", "log(exp(x) + 1)"),
         derivative=("u*sigmoid(x)",)),
    Gate("leaky_relu", "leaky", lambda xp, x, negative_slope=0.01: xp.where(x > 0, x, negative_slope * x),
         lambda xp, y, x, negative_slope=0.01: (xp.where(x > 0, 1.0, float(negative_slope)),), _leaky_relu,
         "x above 0, a small multiple of it below", spelled="nn.leaky_relu tf.keras.activations.leaky_relu",
         settings=(_SLOPE,), made_of=("where(x > 0, x, {negative_slope}*x)",), special=(((0.0,), 0.0, (0.01,)),),
         derivative=("u*where(x > 0, 1, {negative_slope})",)),
    Gate("gelu", "gelu", lambda xp, x: x * _normal_cdf(xp, x),
         _gelu_partials,
         lambda S, x: x * (1 + S.erf(x / S.sqrt(2))) / 2, "x times the normal distribution's probability below x",
         spelled="nn.gelu", special=(((0.0,), 0.0, (0.5,)),),
         derivative=("u*((1 + erf(x/sqrt(2)))/2 + x*exp(-x*x/2)/sqrt(2*pi))",)),
    Gate("swish", "swish", lambda xp, x: x * _sigmoid(xp, x), _swish_partials, lambda S, x: x / (1 + S.exp(-x)),
         "x * sigmoid(x)", aliases=("silu",), spelled="nn.silu nn.swish", made_of=("x * sigmoid(x)",),
         special=(((0.0,), 0.0, (0.5,)),),
         derivative=("s = sigmoid(x); u*(s + y*(1 - s))",)),
    # functions of two inputs -----------------------------------------------------------------------------------------
    Gate("max", "max", lambda xp, a, b: xp.maximum(a, b),
         lambda xp, y, a, b: (_tie(xp, a > b, a == b), _tie(xp, b > a, a == b)), lambda S, a, b: S.Max(a, b),
         "the larger of a and b; a tie halves the gradient",
         slopes=lambda S, y, a, b: (_larger(S, a, b), _larger(S, b, a)), aliases=("maximum",), domain=(ANY, ANY),
         special=(((2.0, 2.0), 2.0, (0.5, 0.5)),),
         spelled="np.maximum np.fmax torch.maximum torch.max torch.clamp torch.clip tf.maximum .maximum",
         behaves=("routes", "guards", "guards"),
         inputs=("x", "min"),
         derivative=("u*where(a == b, 0.5, a > b)", "u*where(b == a, 0.5, b > a)")),
    Gate("min", "min", lambda xp, a, b: xp.minimum(a, b),
         lambda xp, y, a, b: (_tie(xp, a < b, a == b), _tie(xp, b < a, a == b)), lambda S, a, b: S.Min(a, b),
         "the smaller of a and b; a tie halves the gradient",
         slopes=lambda S, y, a, b: (_larger(S, b, a), _larger(S, a, b)), aliases=("minimum",), domain=(ANY, ANY),
         special=(((2.0, 2.0), 2.0, (0.5, 0.5)),),
         spelled="np.minimum np.fmin torch.minimum torch.min torch.clamp torch.clip tf.minimum .minimum",
         behaves=("routes", "guards", "guards"),
         inputs=("x", "max"),
         derivative=("u*where(a == b, 0.5, a < b)", "u*where(b == a, 0.5, b < a)")),
    # functions of three inputs ---------------------------------------------------------------------------------------
    Gate("where", "where", lambda xp, c, a, b: xp.where(c != 0, a, b),
         lambda xp, y, c, a, b: (0.0, xp.where(c != 0, 1.0, 0.0), xp.where(c != 0, 0.0, 1.0)),
         lambda S, c, a, b: S.Piecewise((a, S.Ne(c, 0)), (b, True)), "a where c is not 0, b elsewhere",
         spelled="np.where torch.where tf.where", ordered=True, domain=(POSITIVE, ANY, ANY),
         behaves=("chooses", "stops", "chooses", "chooses"), inputs=("condition", "x", "y"),
         special=(((0.0, 2.0, 3.0), 3.0, (0.0, 0.0, 1.0)),),
         derivative=(None, "where(a, u, 0)", "where(a, 0, u)")),
    Gate("clip", "clip", lambda xp, x, low, high: xp.minimum(xp.maximum(x, low), high),
         lambda xp, y, x, low, high: (xp.where((low <= x) & (x <= high), 1.0, 0.0),
                                      xp.where((x < low) & (low <= high), 1.0, 0.0),
                                      xp.where((x > high) | (low > high), 1.0, 0.0)),
         lambda S, x, low, high: S.Min(S.Max(x, low), high), "x, but not below a and not above b", slopes=_clip_slopes,
         aliases=("clamp",),
         behaves=("", "opens", "", ""),
         spelled="np.clip torch.clip torch.clamp tf.clip_by_value", ordered=True,
         domain=(ANY, (-2.0, -1.0), (1.0, 2.0)), inputs=("x", "min", "max"),
         special=(((2.0, 0.0, 2.0), 2.0, (1.0, 0.0, 0.0)),),
         derivative=("u*(b <= a)*(a <= c)", "u*(a < b)*(b <= c)", "u*max(a > c, b > c)")),
    # comparisons: 1.0 or 0.0, without a gradient ---------------------------------------------------------------------
    _comparison("greater", (">",), lambda a, b: a > b, lambda S, a, b: a > b),
    _comparison("greater_equal", (">=", "≥"), lambda a, b: a >= b, lambda S, a, b: a >= b),
    _comparison("less", ("<",), lambda a, b: a < b, lambda S, a, b: a < b),
    _comparison("less_equal", ("<=", "≤"), lambda a, b: a <= b, lambda S, a, b: a <= b),
    _comparison("equal", ("==",), lambda a, b: a == b, lambda S, a, b: S.Eq(a, b)),
    _comparison("not_equal", ("!=", "≠"), lambda a, b: a != b, lambda S, a, b: S.Ne(a, b)),
)
# fmt: on
