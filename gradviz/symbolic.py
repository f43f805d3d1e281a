"""Graph <-> SymPy: a graph as an unevaluated expression, an expression as a graph, SymPy's functions as gates.

Importing this module imports SymPy (0.4 s), so the rest of the program imports it only when it is needed. No text is
ever handed to SymPy: expressions are built node by node, and functions are looked up in a table of SymPy's own classes.

A graph becomes an expression that is read back as the same graph: each gate has the form of its row where that form is
read as this gate again, and is a function of its own name otherwise (`sigmoid`, `square`, `max`, …), whose `doit()` and
derivative are those of the row's form. An operand that would be taken for a part of its gate's form (`x + (-y)`,
`x**-1`) is marked by an `AsWritten` around it, which `doit()` removes.
"""

# SymPy's constructors have no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import product
from typing import Any, Final, NamedTuple

import sympy
from sympy.core.function import AppliedUndef, FunctionClass

from gradviz.errors import GradvizError, OptionError, ProgramError, nearest
from gradviz.gates import CONSTANTS, GATES, INF, NAN, Gate
from gradviz.graph import Constant, Graph, GraphBuilder
from gradviz.tokens import normal
from gradviz.unparse import to_program

Expression = Any  # a SymPy object; SymPy has no types
Item = Expression | Gate | Constant | str  # of an expression in postfix order; a str is the name of an input
Reading = Callable[[Expression], list[Item]]

TRANSFORMS: Final[dict[str, Callable[[Expression], Expression]]] = {
    "simplify": partial(sympy.simplify, doit=False),  # doit would turn relu into cases, which no gate draws
    "expand": sympy.expand,
    "factor": sympy.factor,
}
_MINUS_ONE, _HALF = sympy.Integer(-1), sympy.Rational(1, 2)
_NOT_FINITE: Final = (sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)
_LARGEST_INTEGER: Final = 2.0**53  # above it neighbouring floats are more than 1 apart
_FRACTION: Final = re.compile(r"-?[0-9]+/[0-9]+")


# Graph -> SymPy ------------------------------------------------------------------------------------------------------


def to_sympy(graph: Graph) -> Expression:
    """The unevaluated expression of the output, in real symbols of the inputs' names.

    `from_sympy` gives back the same graph: a node with several wires is one object of the expression, two equal nodes
    are two objects. Names of gates and of constants are not kept.
    """
    built: list[Expression] = []
    for node, (gate, operands) in enumerate(zip(graph.gates, graph.operands, strict=True)):
        if gate is not None:
            parts = [built[k] if k >= 0 else _number_in_sympy(graph.folded[-1 - k]) for k in operands]
            built.append(_written(gate, parts))
        elif node in graph.constants:
            built.append(_number_in_sympy(graph.constants[node]))
        else:
            built.append(sympy.Symbol(graph.names[node], real=True))
    return built[graph.output]


def _number_in_sympy(constant: Constant) -> Expression:
    """The number so that `_constant` gives it back to the last bit."""
    value, text = constant
    named = sympy.E if abs(value) == CONSTANTS["e"] else sympy.pi if abs(value) == CONSTANTS["pi"] else None
    if named is not None and text.lstrip("-").isalpha():
        return named if value > 0 else _unshared(sympy.Mul, -1, named)
    if _FRACTION.fullmatch(text):
        numerator, denominator = map(int, text.split("/"))
        return sympy.Rational(numerator, denominator)
    if value == 0 and math.copysign(1.0, value) < 0:
        return _unshared(sympy.Mul, -1, 0)
    return sympy.Integer(int(value)) if value.is_integer() and abs(value) < _LARGEST_INTEGER else sympy.Float(value)


def _written(gate: Gate, operands: Sequence[Expression]) -> Expression:
    """The gate applied to operands; the last of them are marked `AsWritten` as far as they would be misread."""
    form = _form(gate)
    for plain in range(len(operands), -1, -1):
        parts = [*operands[:plain], *(_unshared(AsWritten, part) for part in operands[plain:])]
        expression = form(*parts)
        if _same(_as_it_stands(expression), [*parts, gate]):
            break
    return expression


@cache
def _form(gate: Gate) -> Callable[..., Expression]:
    """How a gate is built in SymPy: as its row says, or as a function of its own where that would be read otherwise."""
    form = partial(gate.sympy, _Unshared())
    for xs in product(sympy.symbols("a b", real=True, cls=sympy.Dummy), repeat=gate.arity):
        expression = form(*xs)
        if expression in xs or not _same(_items_or_none(expression), [*xs, gate]):
            return partial(_unshared, _own_function(gate))
    return form


def _items_or_none(expression: Expression) -> list[Item]:
    try:
        return _as_it_stands(expression)
    except ProgramError:
        return []


def _same(items: list[Item], wanted: list[Item]) -> bool:
    return len(items) == len(wanted) and all(a is b for a, b in zip(items, wanted, strict=True))


_BUILT: Final = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Function)


class _Unshared:
    """SymPy as the rows of the gate table see it, but with a new object for each call."""

    def __getattr__(self, name: str) -> Any:
        thing = getattr(sympy, name)  # a name in a row of the gate table
        return partial(_built, thing) if isinstance(thing, type) and issubclass(thing, _BUILT) else thing


def _built(kind: Any, *args: Any, evaluate: bool = True) -> Expression:
    return kind(*args) if evaluate else _unshared(kind, *args)


def _unshared(kind: Any, *args: Any) -> Expression:
    """`kind(*args, evaluate=False)` as an object of its own.

    SymPy's cache would answer with an equal object that was built before, and `x*x + x*x` would be one product with
    two wires. What SymPy computes from its parts on demand is asked for here, from the leaves upwards, so that a deep
    expression needs no recursion for it.
    """
    args = tuple(map(sympy.sympify, args))
    if issubclass(kind, sympy.Add | sympy.Mul):
        made = kind._from_args(args)
    else:
        made = sympy.Expr.__new__(kind, *args)
        if issubclass(kind, sympy.Pow):
            made.is_commutative = True
        elif issubclass(kind, sympy.Function):
            made.nargs = kind.nargs
    hash(made)
    assert made.is_commutative, "every wire carries a number"
    return made


class AsWritten(sympy.UnevaluatedExpr):
    """An operand that stays an operand of its own; `doit()` is the operand."""

    is_commutative = True

    def _eval_derivative(self, symbol: Expression) -> Expression:
        (operand,) = self.args
        return sympy.diff(operand, symbol)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real


class _Defined(sympy.Function):
    """A gate that SymPy has not, as a function of its name; its mathematics is the form in the gate's row."""

    gate: Gate

    def doit(self, **hints: Any) -> Expression:
        args = [arg.doit(**hints) for arg in self.args] if hints.get("deep", True) else self.args
        return _defined(self.gate, args)

    def fdiff(self, argindex: int = 1) -> Expression:
        xs, _ = _definition(self.gate)
        return _slope(self.gate, argindex - 1).xreplace(dict(zip(xs, self.args, strict=True)))

    def _eval_evalf(self, prec: int) -> Expression:
        return self.doit(deep=False)._eval_evalf(prec)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(arg.is_extended_real for arg in self.args) else None


@cache
def _own_function(gate: Gate) -> Any:
    return FunctionClass(gate.name, (_Defined,), {"gate": gate, "nargs": gate.arity, "__module__": __name__})


@cache
def _definition(gate: Gate) -> tuple[tuple[Expression, ...], Expression]:
    """The form in the gate's row, evaluated, and the symbols that stand for its inputs."""
    xs = tuple(sympy.Dummy(f"x{slot}", real=True) for slot in range(gate.arity))
    return xs, gate.sympy(sympy, *xs).doit()


@cache
def _slope(gate: Gate, slot: int) -> Expression:
    xs, form = _definition(gate)
    return form.diff(xs[slot])


def _defined(gate: Gate, args: Iterable[Expression]) -> Expression:
    xs, form = _definition(gate)
    return form.xreplace(dict(zip(xs, args, strict=True)))


# SymPy -> Graph ------------------------------------------------------------------------------------------------------


def from_sympy(expression: Expression) -> Graph:
    """The graph of an expression as it stands: operands in the order of SymPy's `args`, sums and products as chains.

    `a + -1*b` is read as a - b, `a * b**-1` as a / b, `-1*x` as -x, `x**-1` as 1 / x, `x**(1/2)` as a square root, and
    `2/3 * x` as 2 * x / 3. Symbols are inputs by their names. A sub-expression that is one object is one node; SymPy
    as a rule holds equal ones as one object. Raises `ProgramError` for what is not a real number or has no gate.
    """
    if not isinstance(expression, sympy.Basic):
        raise ProgramError(f"a program is a text or a SymPy expression, not of type {type(expression).__name__}")
    return _graph(expression, _as_it_stands, id)


def _graph(
    expression: Expression, reading: Reading, key: Callable[[Expression], Any], unused: Iterable[str] = ()
) -> Graph:
    """The graph of an expression: its items are put on a stack and applied; equal keys are one node."""
    builder = GraphBuilder()
    nodes: dict[Any, int] = {}
    held: list[Expression] = []  # an id is only good as long as its object lives
    values: list[int] = []
    work: list[Item | _Finished] = [expression]
    while work:
        item = work.pop()
        if isinstance(item, Gate):
            operands = tuple(values[-item.arity :])
            del values[-item.arity :]
            values.append(builder.gate(item, operands))
        elif isinstance(item, Constant):
            values.append(builder.constant(*item))
        elif isinstance(item, str):
            values.append(builder.bindings[item] if item in builder.bindings else builder.input(item))
        elif isinstance(item, _Finished):
            nodes[item.key] = values[-1]
        elif (known := nodes.get(key(item))) is not None:
            values.append(known)
        else:
            items = reading(item)
            if not isinstance(items[0], Constant) or len(items) > 1:  # each use of a number is a node of its own
                held.append(item)
                work.append(_Finished(key(item)))
            work.extend(reversed(items))
    graph = builder.build(values.pop(), unused)
    return replace(graph, program=to_program(graph), unused=graph.unused - set(graph.input_names))


class _Finished(NamedTuple):
    """Follows the items of an expression: its node is on top of the stack."""

    key: Any


def _as_it_stands(expression: Expression) -> list[Item]:
    """The expression in postfix order, one level of it."""
    return _read(expression, printed=False)


def _as_printed(expression: Expression) -> list[Item]:
    """As `_as_it_stands`, with the order and the signs with which SymPy prints an evaluated expression."""
    return _read(expression, printed=True)


def _read(expression: Expression, *, printed: bool) -> list[Item]:
    if expression.is_Symbol:
        return [_name(expression)]
    number = _constant(expression)
    if number is not None:
        return [number]
    for kind, read in _READINGS.items():
        if isinstance(expression, kind):
            return read(expression, printed)
    return _read_function(expression)


def _read_sum(expression: Expression, printed: bool) -> list[Item]:
    if not printed:
        first, *rest = expression.args
        return [first, *(item for term in rest for item in _term(term))]
    terms = expression.as_ordered_terms()
    first = next((term for term in terms if not _is_negative(term)), terms[0])  # b - a rather than -a + b
    rest = [term for term in terms if term is not first]
    return [first, *(item for t in rest for item in ((-t, GATES["sub"]) if _is_negative(t) else (t, GATES["add"])))]


def _term(term: Expression) -> list[Item]:
    """A further term of a sum as it stands: subtracted when it is -1 times something."""
    if isinstance(term, sympy.Mul) and term.args[0] is _MINUS_ONE:
        return [*_chain(term.args[1:], "mul"), GATES["sub"]]
    return [term, GATES["add"]]


def _is_negative(term: Expression) -> bool:
    return bool(term.as_coeff_Mul()[0].is_extended_negative)


def _read_product(expression: Expression, printed: bool) -> list[Item]:
    coefficient, *factors = _factors(expression) if printed else expression.args
    if coefficient is _MINUS_ONE and len(factors) == 1 and (number := _constant(factors[0])):
        return [Constant(-number.value, _negated(number.text))]  # as the parser reads -2
    if not coefficient.is_Rational or (coefficient.is_Integer and coefficient is not _MINUS_ONE):
        factors, coefficient = [coefficient, *factors], sympy.S.One
    above: list[Item] = [f for f in factors if not _is_inverse(f, printed)]
    below = [_inverted(f) for f in factors if _is_inverse(f, printed)]
    if abs(coefficient.p) != 1:
        above.insert(0, sympy.Integer(coefficient.p))
    if coefficient.q != 1:
        below.insert(0, sympy.Integer(coefficient.q))
    items = _chain(above or [Constant(1.0, "1")], "mul")
    items += [*_chain(below, "mul"), GATES["div"]] if below else []
    return [*items, GATES["neg"]] if coefficient.p == -1 else items


def _factors(product: Expression) -> list[Expression]:
    """The numerical coefficient, then the others in the order SymPy prints them."""
    coefficient, rest = product.as_coeff_Mul()
    factors = list(rest.as_ordered_factors())
    return factors if coefficient is sympy.S.One else [coefficient, *factors]


def _negated(text: str) -> str:
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


def _is_inverse(factor: Expression, printed: bool) -> bool:
    """Whether a factor is a divisor: b**-1 and b**(-1/2) always, b**-2 only as SymPy prints it."""
    if not isinstance(factor, sympy.Pow) or not factor.exp.is_Rational or not factor.exp.is_negative:
        return False
    return printed or factor.exp is _MINUS_ONE or not factor.exp.is_Integer


def _inverted(power: Expression) -> Expression:
    return power.base if power.exp is _MINUS_ONE else sympy.Pow(power.base, -power.exp, evaluate=False)


def _read_power(expression: Expression, printed: bool) -> list[Item]:
    if _is_inverse(expression, printed):
        return [Constant(1.0, "1"), _inverted(expression), GATES["div"]]
    if expression.exp is _HALF:
        return [expression.base, GATES["sqrt"]]
    return [*expression.args, GATES["pow"]]


def _read_function(expression: Expression) -> list[Item]:
    """A function of the gate table, one of our own, or one of SymPy's further ones."""
    kind, args = type(expression), expression.args
    gate = kind.gate if issubclass(kind, _Defined) else _table_functions().get(kind) or _further(kind, len(args))
    if gate is not None and gate.arity == len(args):
        return [*args, gate]
    if gate is not None and gate.arity == 2 < len(args):  # Max(a, b, c)
        return _chain(args, gate.name)
    raise ProgramError(f"no gate draws SymPy's {_called(expression)}")


def _called(expression: Expression) -> str:
    """A short name for a thing that cannot be drawn."""
    if isinstance(expression, AppliedUndef):
        return f"undefined function '{expression.func.__name__}'"
    return "'I', a wire carries a real number" if expression is sympy.I else f"'{type(expression).__name__}'"


def _chain(operands: Iterable[Item], gate: str) -> list[Item]:
    """a, b, c -> a b gate c gate: from left to right."""
    first, *rest = operands
    return [first, *(item for operand in rest for item in (operand, GATES[gate]))]


def _read_mark(expression: Expression, printed: bool) -> list[Item]:  # noqa: ARG001  one of _READINGS
    return [expression.args[0]]


_READINGS: Final[dict[Any, Callable[[Expression, bool], list[Item]]]] = {
    sympy.Add: _read_sum,
    sympy.Mul: _read_product,
    sympy.Pow: _read_power,
    sympy.UnevaluatedExpr: _read_mark,
}


@cache
def _table_functions() -> dict[Any, Gate]:
    """The gates of the table whose form is a function of SymPy's."""
    found = {}
    for gate in GATES.values():
        xs, form = _definition(gate)
        if type(form) not in _READINGS and set(form.args) == set(xs):
            found[type(form)] = gate
    return found


def _name(symbol: Expression) -> str:
    name = normal(symbol.name)
    if type(symbol) is not sympy.Symbol or not name.isidentifier():
        raise ProgramError(f"the symbol {symbol.name!r} is not a name that a program can have")
    return name


def _constant(expression: Expression) -> Constant | None:
    """A number with the text with which it is drawn, None for anything else."""
    if any(expression is thing for thing in _NOT_FINITE):
        raise ProgramError(f"the expression holds {expression}, a circuit has finite numbers")
    if not expression.is_Number and not expression.is_NumberSymbol:
        return None
    try:
        value = float(expression)
    except OverflowError:
        value = INF
    if not math.isfinite(value):
        raise ProgramError("the expression holds a number that is too large for a float64")
    if expression.is_NumberSymbol:
        return Constant(value, {sympy.E: "e", sympy.pi: "π"}.get(expression, str(expression)))
    fraction = expression.is_Rational and not expression.is_Integer
    return Constant(value, f"{expression.p}/{expression.q}" if fraction else f"{value:.6g}")


# transformations -----------------------------------------------------------------------------------------------------

_LARGEST_TREES: Final = {"simplify": 1_000, "expand": 10_000, "factor": 10_000}  # nodes, for about a minute at worst
_LARGEST_EXPONENT: Final = 1_000
_LARGEST_EXPONENT_OF_SUM: Final = 64


def transformed(graph: Graph, how: str) -> Graph:
    """The graph of the output as SymPy's `how` (a key of `TRANSFORMS`) rewrites it, in the order SymPy prints it.

    Equal sub-expressions become one node; a gate that SymPy has not is expanded to its definition if gates can draw
    that. Inputs that vanish are `unused`. Raises `OptionError` for another word, `ProgramError` when SymPy fails.
    """
    if how not in TRANSFORMS:
        raise OptionError(f"no transformation '{how}'{nearest(how, TRANSFORMS)}")
    written = to_sympy(graph)
    if _size(written) > _LARGEST_TREES[how]:
        raise ProgramError(f"the program is too large for SymPy's {how}")
    unused = graph.unused | set(graph.input_names)
    try:
        result = _whole(TRANSFORMS[how](_evaluated(written)))
        return replace(_graph(result, _as_printed, lambda expression: expression, unused), notes=graph.notes)
    except GradvizError:
        raise
    except RecursionError:
        raise ProgramError(f"the program is too deep for SymPy's {how}") from None
    except Exception as error:
        raise ProgramError(f"SymPy cannot {how} this program ({type(error).__name__})") from error


def _evaluated(expression: Expression) -> Expression:
    """The expression with everything that SymPy does by itself (`x + x` is `2*x`), from the leaves upwards."""
    done: dict[int, Expression] = {}
    work = [expression]
    while work:
        top = work[-1]
        waiting = [arg for arg in top.args if id(arg) not in done]
        if waiting:
            work += waiting
        else:
            done[id(work.pop())] = _rebuilt(top, [done[id(arg)] for arg in top.args])
    return done[id(expression)]


def _rebuilt(expression: Expression, args: list[Expression]) -> Expression:
    if isinstance(expression, _Defined) and _is_drawn(expression.gate):
        return _defined(expression.gate, args)
    if isinstance(expression, AsWritten):
        return args[0]
    if not args:
        return expression
    if isinstance(expression, sympy.Pow):
        _check_exponent(*args)
    made = expression.func(*args)
    if isinstance(made, sympy.Pow):  # (x**a)**b has become x**(a*b)
        _check_exponent(made.base, made.exp)
    return made


def _check_exponent(base: Expression, exponent: Expression) -> None:
    """Keep SymPy from working out 9**9**9, or the terms of (a + b + c)**1000, for ever."""
    most = _LARGEST_EXPONENT_OF_SUM if base.is_Add else _LARGEST_EXPONENT
    if exponent.is_number and abs(exponent) > most:
        raise ProgramError(f"an exponent above {most} is too large for SymPy's transformations")


def _size(expression: Expression) -> int:
    """How many nodes the expression has as a tree, which is how SymPy's algorithms go through it."""
    sizes: dict[int, int] = {}
    work = [expression]
    while work:
        top = work[-1]
        waiting = [arg for arg in top.args if id(arg) not in sizes]
        if waiting:
            work += waiting
        else:
            sizes[id(work.pop())] = 1 + sum(sizes[id(arg)] for arg in top.args)
    return sizes[id(expression)]


@cache
def _is_drawn(gate: Gate) -> bool:
    """Whether gates draw the gate's definition; cases such as relu's have none."""
    xs = sympy.symbols(f"x:{gate.arity}", real=True)
    try:
        return len(from_sympy(_defined(gate, xs))) > 0
    except ProgramError:
        return False


def _whole(expression: Expression) -> Expression:
    """The expression with 2 for 2.0, so that a factor 1.0 goes."""
    floats = [number for number in expression.atoms(sympy.Float) if float(number).is_integer()]
    return expression.xreplace({number: sympy.Integer(int(number)) for number in floats})


# further functions ---------------------------------------------------------------------------------------------------

_DIGITS: Final = 30  # of SymPy's numbers on the way to a float64, which has 17
_NOISE: Final = sympy.Float("1e-22")  # relative, of an imaginary part that is the numerics' own
_STEP_DIGITS: Final = 20  # a difference quotient at this step has its error at 1e-20
_AGREEMENT: Final = 1e-8  # of the slopes to the left and to the right where there is a derivative
_SMALL_INTEGER: Final = 64  # up to here a whole number is exact, as the order of a Bessel function or a polynomial
_MODULES: Final = tuple(f"sympy.{m}" for m in ("core.mod", "functions.elementary.", "functions.special.",
                                               "functions.combinatorial.factorials"))  # fmt: skip
_COUNTS: Final = {"LambertW": (1,), "DiracDelta": (1,)}  # the second input of these is not a real number
_NO_GATES: Final = frozenset((
    # complex, of cases, of lists, or of whole numbers
    "KroneckerDelta", "LeviCivita", "Piecewise", "Ynm", "Znm", "adjoint", "arg", "chebyshevt_root", "chebyshevu_root",
    "conjugate", "exp_polar", "factorial2", "hankel1", "hankel2", "hn1", "hn2", "hyper", "im", "meijerg", "multigamma",
    "periodic_argument", "polar_lift", "principal_branch", "re", "stieltjes", "subfactorial", "transpose",
    # SymPy 1.14 has no numbers for them, or wrong ones for an order that is not whole
    "SingularityFunction", "appellf1", "assoc_laguerre", "erf2", "erf2inv", "erfcinv", "gegenbauer", "jacobi",
    "marcumq", "mathieuc", "mathieucprime", "mathieus", "mathieusprime",
))  # fmt: skip
_NOT_CLOSED: Final = (sympy.Derivative, sympy.Subs, sympy.Sum, sympy.Integral)


def further_names() -> list[str]:
    """The names of SymPy's functions that are gates although the gate table has not them."""
    return sorted(_further_functions())


def further_gate(name: str, count: int) -> Gate | None:
    """The gate for SymPy's function `name` of `count` inputs, None when SymPy has none; the same one every time.

    Its value and partials are SymPy's to full float64 precision; outside the real numbers they are nan.
    """
    kind = _further_functions().get(name)
    return None if kind is None else _table_functions().get(kind) or _further(kind, count)


@cache
def _further_functions() -> dict[str, Any]:
    """SymPy's functions of real numbers by their names; nothing else can be reached by a name in a program."""
    return {
        name: thing
        for name, thing in vars(sympy).items()
        if isinstance(thing, FunctionClass)
        and thing.__name__ == name
        and name not in _NO_GATES
        and thing.__module__.startswith(_MODULES)
        and thing.nargs.is_finite_set
    }


def _further(kind: Any, count: int) -> Gate | None:
    known = _further_functions().get(kind.__name__) is kind and count in _counts(kind)
    return _further_gate(kind, count) if known else None


def _counts(kind: Any) -> Iterable[int]:
    return _COUNTS.get(kind.__name__) or map(int, kind.nargs)


@cache
def _further_gate(kind: Any, count: int) -> Gate:
    name = kind.__name__

    def forward(xp: Any, *xs: float) -> float:  # noqa: ARG001  the namespace is SymPy
        return _value(kind, xs)

    def partials(xp: Any, y: float, *xs: float) -> tuple[float, ...]:  # noqa: ARG001
        return tuple(NAN if math.isnan(y) else _partial(kind, xs, slot) for slot in range(count))

    def form(S: Any, *xs: Expression) -> Expression:  # noqa: ARG001, N803
        return _unshared(kind, *xs)

    return Gate(name, name, forward, partials, form, f"SymPy's {name}", ordered=count > 1, domain=((0.1, 0.9),) * count)


def _value(kind: Any, xs: Sequence[float]) -> float:
    """The function's value as a float; nan where SymPy has none or no real one, without an exception."""
    if any(map(math.isnan, xs)):
        return NAN
    try:
        return _real(kind(*map(_exact, xs)))
    except Exception:  # whatever SymPy's numerics stumble over, the value is not known
        return NAN


def _partial(kind: Any, xs: Sequence[float], slot: int) -> float:
    """The derivative by one input: SymPy's formula, or where it has none its difference quotient."""
    try:
        symbols, formula = _derivative(kind, len(xs), slot)
        slope = NAN
        if not formula.has(*_NOT_CLOSED):
            slope = _real(formula.xreplace(dict(zip(symbols, map(_exact, xs), strict=True))))
        return _quotient(kind, xs, slot) if math.isnan(slope) else slope
    except Exception:  # as in _value
        return NAN


@cache
def _derivative(kind: Any, count: int, slot: int) -> tuple[tuple[Expression, ...], Expression]:
    symbols = tuple(sympy.Dummy(f"x{i}", real=True) for i in range(count))
    return symbols, kind(*symbols).diff(symbols[slot])


def _quotient(kind: Any, xs: Sequence[float], slot: int) -> float:
    """The slope between two points very near on both sides, in 60 digits; nan at a kink, a jump or a pole."""
    digits = 3 * _STEP_DIGITS
    at = [sympy.Float(x, digits) if i == slot else _exact(x) for i, x in enumerate(xs)]
    step = sympy.Float(10, digits) ** -_STEP_DIGITS * max(1, abs(at[slot]))

    def moved(by: Expression) -> Expression:
        return kind(*at[:slot], at[slot] + by, *at[slot + 1 :]).evalf(digits)

    left, here, right = moved(-step), moved(sympy.S.Zero), moved(step)
    before, after = _real((here - left) / step), _real((right - here) / step)
    jumps = abs(_real(right - left)) > _AGREEMENT * max(1.0, abs(_real(here)))
    agree = math.isclose(before, after, rel_tol=_AGREEMENT, abs_tol=_AGREEMENT)
    return (before + after) / 2 if agree and not jumps else NAN


def _exact(x: float) -> Expression:
    small = float(x).is_integer() and abs(x) <= _SMALL_INTEGER
    return sympy.Integer(int(x)) if small else sympy.Float(x, _DIGITS)


def _real(expression: Expression) -> float:
    """A SymPy number as a float: signed infinity beyond float64, nan for what is complex or not a number."""
    number = expression.evalf(_DIGITS)
    if number in (sympy.oo, -sympy.oo):
        return INF if number is sympy.oo else -INF
    real, imaginary = number.as_real_imag()
    if not (real.is_Float or real.is_Rational) or not abs(imaginary) <= abs(real) * _NOISE:
        return NAN
    try:
        return float(real)
    except OverflowError:
        return math.copysign(INF, real)
