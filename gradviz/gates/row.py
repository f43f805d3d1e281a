"""What one row of the gate table declares: how a gate is written, drawn and computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

Special = tuple[tuple[float, ...], float, tuple[float, ...]]  # inputs, value, partials
Shape = tuple[int, ...]
INF, NAN = float("inf"), float("nan")
ANY, POSITIVE = (-3.0, 3.0), (0.1, 4.0)
_KEPT: Final = 10_000  # gates with settings: batches may have any number of them
_SUBSCRIPTS: Final = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


class ShapeError(ValueError):
    """Shapes that a gate cannot take; its text is the problem, without the place."""


def undefined(xp: Any, *xs: Any) -> Any:
    """The forward of a gate that is only declared."""
    raise NotImplementedError("a gate that is only declared has no values")


class Setting(NamedTuple):
    """A fixed choice of a gate that is no input and has no gradient, such as `axis=0`."""

    name: str
    default: Any
    aliases: tuple[str, ...] = ()
    takes: str = "a whole number"  # in words, for messages
    legal: Callable[[Any], bool] = lambda value: type(value) is int
    required: bool = False
    by_keyword: str = ""  # why it cannot be given by its position


class Spelling(NamedTuple):
    """How a gate applied to operands stands in a formula: as text, and for TeX's math mode.

    `{0:3}` is the operand of slot 0, in parentheses when it binds looser than 3; `{0:()}` is in parentheses always,
    `{0:^}` raised; `{list}` are all operands. `{axis:_}` is a setting as an index, `{label}` the text in the circle.
    What binds how: 0 comparison, 1 sum and minus, 2 quotient, 3 product, 4 power, 5 root, 9 what needs no parentheses.
    """

    text: str
    tex: str
    binds: int = 9
    tex_binds: int = 0  # where it differs: a fraction binds tighter than a slash


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Gate:
    """One row. A gate is element-wise when it declares `partials` and no `pull`.

    `forward(xp, *xs)` and `partials(xp, y, *xs)` are written against a namespace `xp`: `ieee` when every value of the
    circuit is a number, `nd` (NumPy's names) when some are arrays. `pull(xp, slot, u, y, *xs)` brings an upstream
    gradient `u` of the shape of `y` back to the input of that slot; a gate that finds the shares of its inputs together
    declares `pulls(xp, u, y, *xs)` instead. `shape(*shapes)` is the shape of the output, known
    before anything is computed; it raises `ShapeError`. Settings come as keywords.
    """

    name: str
    symbol: str  # in the circle
    forward: Callable[..., Any]
    partials: Callable[..., tuple[Any, ...]] | None
    sympy: Callable[..., Any] | None  # None where SymPy's expressions, which are numbers, have no such thing
    does: str  # y in words or as a formula, for `gradviz gates`
    aliases: tuple[str, ...] = ()  # further function names
    spelled: str = ""  # names in libraries, such as "np.exp nn.relu .mm", see `LIBRARIES`
    operators: tuple[str, ...] = ()  # as written between (or, with one input, before) operands; the first is printed
    binds: int = 0  # precedence of the operator: a higher one binds tighter
    right: bool = False  # a ** b ** c is a ** (b ** c)
    folded: tuple[str, ...] = ()  # the circle's text when the operand of that slot is the constant {}
    ordered: bool = False  # whether the order of the operands matters, so that it must be seen
    domain: tuple[tuple[float, float], ...] = (ANY,)  # per input, where the gate is smooth apart from its kinks
    special: tuple[Special, ...] = ()  # conventions at kinks, poles and zeros
    inputs: tuple[str, ...] = ()  # names by which the inputs can be given as keywords; those of a definition
    variadic: bool = False  # takes a list of inputs: any number of them
    made_of: tuple[str, ...] = ()  # programs of the same function in terms of `inputs` (`x` unless given) and settings
    pull: Callable[..., Any] | None = None
    pulls: Callable[..., tuple[Any, ...]] | None = None
    shape: Callable[..., Shape] | None = None
    behaves: tuple[str, ...] = ()  # what it does to gradients, a key of `languages`; then when only that slot is open
    pulled: tuple[str, ...] = ()  # the share of each slot, of the upstream {u}, the output {y} and the inputs {0}, {1}
    derivative: tuple[str | None, ...] | Callable[..., str | None] | None = None  # see `derivative_of`
    settings: tuple[Setting, ...] = ()
    chosen: Mapping[str, Any] = field(default_factory=dict)  # settings that were given
    shows: Callable[..., str] | None = None  # the symbol with the settings, given as keywords
    spelling: Spelling | None = None  # a function's is its name and its inputs: relu(x)
    slopes: Callable[..., tuple[Any, ...]] | None = None  # the partials as `slopes(S, y, *xs)` in SymPy, where lectures
    # write something else than the derivative of `sympy`; `y` is the output
    body: Any = None  # the `Graph` of a gate that a program defines
    slow: bool = False  # computed through SymPy, which has a limit of time
    extent: tuple[int, int, int] = (1, 1, 0)  # gates that it stands for, computed in a pass; how deep definitions nest

    def __repr__(self) -> str:
        return f"Gate({self.name!r})"

    @property
    def arity(self) -> int:
        """How many inputs the gate has."""
        return len(self.domain)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the inputs are called in a definition."""
        return self.inputs or ("x",)

    @property
    def is_abstract(self) -> bool:
        """Whether the gate is only declared, and has no values."""
        return self.forward is undefined

    def label(self, constants: dict[int, str] | None = None) -> str:
        """The text in the circle, with the operands that are constants folded into it.

        >>> from gradviz.gates import GATES
        >>> GATES["mul"].label({1: "-1"}), GATES["div"].label({0: "1"}), GATES["max"].label({0: "0"})
        ('*-1', '1/x', 'max 0')
        >>> GATES["sum"].choose({"axis": 0}).label()
        'sum₀'
        """
        symbol = self.shows(**self.chosen) if self.shows else self.symbol
        if not constants:
            return symbol
        if self.ordered and not self.folded:  # a function: which input is constant must be seen
            return f"{symbol}({','.join(constants.get(slot, 'x') for slot in range(self.arity))})"
        if len(constants) == 1 and self.folded:
            ((slot, text),) = constants.items()
            template = self.folded[slot]
            sign_misleads = text.startswith("-") and (template[0] in "+-" or template.endswith("^x"))
            return template.format(f"({text})" if sign_misleads else text)
        return " ".join([symbol, *(constants[slot] for slot in sorted(constants))])

    def choose(self, given: Mapping[str, Any]) -> Gate:
        """The gate with these settings, by their names in the row; as a rule the same object for the same settings.

        Raises `ValueError` in words for a value that a setting does not take.
        """
        for setting in self.settings:
            if setting.name in given and not setting.legal(given[setting.name]):
                raise ValueError(f"'{setting.name}' must be {setting.takes}")
        return _chosen(self, tuple(sorted(given.items()))) if given else self

    def of(self, count: int) -> Gate:
        """A gate that takes a list, with `count` inputs; as a rule the same object for the same count."""
        return _of(self, count) if self.variadic and count != self.arity else self

    def definition(self, number: int = 0) -> str:
        """One of the programs in `made_of`, with the settings filled in."""
        values = {setting.name: self.chosen.get(setting.name, setting.default) for setting in self.settings}
        return self.made_of[number].format(**values)

    def derivative_of(self, slot: int, shapes: Sequence[Shape]) -> str | None:
        """The program of the share of a slot; None where nothing goes back. `derivative` must declare it.

        It is in terms of the upstream `u`, the output `y` and the inputs: `x` if there is one, else `a`, `b`, `c`. To
        a gate with the setting `keepdims`, `u` and `y` come with the axes that it reduces; `n` is how many entries of
        the inputs there are for one of the output. A callable is given the slot, the shapes of the inputs, and the
        settings.
        """
        values = {setting.name: self.chosen.get(setting.name, setting.default) for setting in self.settings}
        if callable(self.derivative):
            return self.derivative(slot, shapes, **values)
        assert self.derivative is not None, "asked of gates that declare it"
        program = self.derivative[slot]
        return program and program.format(**values)


@lru_cache(maxsize=_KEPT)
def _chosen(gate: Gate, items: tuple[tuple[str, Any], ...]) -> Gate:
    given = dict(items)
    bound: dict[str, Any] = {
        name: partial(function, **given)
        for name in ("forward", "partials", "sympy", "slopes", "pull", "shape")
        if (function := getattr(gate, name)) is not None
    }
    return replace(gate, chosen={**gate.chosen, **given}, **bound)


@lru_cache(maxsize=_KEPT)
def _of(gate: Gate, count: int) -> Gate:
    return replace(gate, domain=(gate.domain[0],) * count)


# settings ------------------------------------------------------------------------------------------------------------


def _is_axis(value: Any) -> bool:
    return value is None or type(value) is int or _is_axes(value)


def _is_axes(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(each) is int for each in value)


def _is_sizes(value: Any) -> bool:
    return (type(value) is int or _is_axes(value)) and all(n >= -1 for n in as_axes(value))


def as_axes(value: Any) -> tuple[int, ...]:
    """An axis or several as a tuple."""
    return value if isinstance(value, tuple) else (value,)


_DIM: Final = ("dim", "reduction_indices")
AXIS: Final = Setting("axis", None, _DIM, "a whole number, several, or None", _is_axis)
LAST_AXIS: Final = Setting("axis", -1, _DIM, "a whole number, or None for all", lambda v: v is None or type(v) is int)
FIRST_AXIS: Final = Setting("axis", 0, _DIM)
KEEPDIMS: Final = Setting(
    "keepdims", False, ("keepdim", "keep_dims"), "True or False", lambda value: type(value) is bool
)
SIZES: Final = Setting("shape", -1, (), "a whole number or several, one of them perhaps -1", _is_sizes, required=True)
ROOM: Final = Setting(
    "shape", (-1, -1), (), "a whole number or several, -1 for the size there is", _is_sizes, required=True
)
AXES: Final = Setting("axes", None, ("perm", "dims"), "the axes in their new order", lambda v: v is None or _is_axes(v))


def with_axis(symbol: str) -> Callable[..., str]:
    """A symbol with its axis as an index: `sum₀`."""

    def shows(axis: Any = None, **_: Any) -> str:
        return symbol + ("" if axis is None else ",".join(map(str, as_axes(axis))).translate(_SUBSCRIPTS))

    return shows
