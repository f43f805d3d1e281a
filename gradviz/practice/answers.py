"""What a student writes into a blank -> right, or which mistake was probably made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, NamedTuple

from gradviz import ieee, literals
from gradviz.errors import ValuesError
from gradviz.evaluator import Trace
from gradviz.graph import Wire
from gradviz.matrices import as_matrix
from gradviz.passes import Value

Number = Callable[[float], str]  # as the figure prints it

MISTAKES: Final = (
    "sign",
    "share",
    "switch",
    "route",
    "local",
    "upstream",
    "value",
    "grad",
    "swapped",
    "transposed",
    "shape",
)
WHOLE: Final = 0.005  # how far from a whole number an answer may lie: it was rounded on the way
LONGEST: Final = 2_000  # letters

_NUMBER: Final = r"[-+]?\s*(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)"
_ENTRY: Final = re.compile(rf"{_NUMBER}(?:\s*/\s*{_NUMBER})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA: Final = re.compile(r"[-+]?\s*\d*,\d+", re.ASCII)
_THOUSANDS: Final = re.compile(r"[-+]?\s*[1-9]\d{0,2},\d{3}", re.ASCII)
_SIGNS: Final = str.maketrans({"−": "-", "–": "-", "⁄": "/", "÷": "/", "∞": "inf"})


class Blank(NamedTuple):
    """What is asked: the value of a node, or the gradient of the output by it."""

    kind: Literal["value", "grad"]
    node: int


class Verdict(NamedTuple):
    """Whether an answer is right, and one of `MISTAKES` where it looks like it."""

    right: bool
    mistake: str | None = None


def answer(trace: Trace, blank: Blank) -> Value:
    """What should stand in the blank; of a Jacobian the matrix."""
    if blank.kind == "value":
        return trace.node_values[blank.node]
    return as_matrix(trace, trace.node_grads[blank.node], blank.node)


def judge(text: str, trace: Trace, blank: Blank, number: Number) -> Verdict | None:
    """The verdict on what was typed; None where it is neither a number nor an array of numbers.

    `number` prints a number as the figure does. What it prints is right, and so is every number that it prints alike;
    instead of a whole number only one that is as near to it as `WHOLE`, or as what is printed. A number that it prints
    otherwise is wrong.
    """
    expected = answer(trace, blank)
    given = read(text, is_array=not isinstance(expected, float))
    if given is None:
        return None
    if _agree(given, expected, number):
        return Verdict(right=True)
    wrong = (
        key for key, found in _GUESSES[blank.kind] if any(_agree(given, each, number) for each in found(trace, blank))
    )
    return Verdict(False, next(wrong, None) or _wrong_shape(given, expected))


# reading -------------------------------------------------------------------------------------------------------------


def read(text: str, *, is_array: bool = False) -> Value | None:
    """The number or array that was typed; None for anything else.

    Numbers are written as on the sheet or the command line: −3, .5, 1e-3, 1/2; also with a decimal comma, unless it
    may as well group thousands. Where an array is expected the brackets of a vector may be missing.

    >>> [read(text) for text in ("−3", "1/2", ".5", "0,5", "1,000", "2*3", "")]
    [-3.0, 0.5, 0.5, 0.5, None, None, None]
    """
    from gradviz.language.tokens import normal

    plain = normal(text).translate(_SIGNS).strip()
    if len(plain) > LONGEST:
        return None
    if is_array and not plain.startswith("["):
        plain = f"[{plain}]" if "," in plain else plain
    if not is_array and _DECIMAL_COMMA.fullmatch(plain) and not _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", ".")
    entries = [entry.strip() for entry in re.split(r"[\[\],]", plain)] if "[" in plain else [plain]
    if not all(_ENTRY.fullmatch(entry) for entry in entries if entry or "[" not in plain):
        return None
    return _value(plain)


def _value(text: str) -> Value | None:
    """A number, or an array of a list that is one."""
    try:
        found = literals.value("the answer", text)
    except ValuesError:
        return None
    if isinstance(found, float):
        return found
    from gradviz.values import number_or_array

    return number_or_array("the answer", found)


# comparing -----------------------------------------------------------------------------------------------------------


def is_same(given: float, expected: float, number: Number) -> bool:
    """Whether a number is another one, or that one rounded, see `judge`."""
    printed = number(expected)
    shown = float(printed.translate(_SIGNS))
    near = not expected.is_integer() or abs(given - expected) <= max(WHOLE, abs(shown - expected))
    return given == shown or (number(given) == printed and near)


def _agree(given: Value, expected: Value, number: Number) -> bool:
    """Whether all numbers are the same; axes of length one are not asked for."""
    shapes = [tuple(size for size in getattr(value, "shape", ()) if size != 1) for value in (given, expected)]
    if isinstance(given, float) is not isinstance(expected, float) or shapes[0] != shapes[1]:
        return False
    return all(is_same(x, y, number) for x, y in zip(_flat(given), _flat(expected), strict=True))


def _flat(value: Value) -> list[float]:
    return [value] if isinstance(value, float) else value.ravel().tolist()


def _wrong_shape(given: Value, expected: Value) -> str | None:
    shapes = [getattr(value, "shape", ()) for value in (given, expected)]
    return "shape" if shapes[0] != shapes[1] else None


# mistakes ------------------------------------------------------------------------------------------------------------


def _opposite(trace: Trace, blank: Blank) -> Iterator[Value]:
    yield -answer(trace, blank)


def _transposed(trace: Trace, blank: Blank) -> Iterator[Value]:
    found = answer(trace, blank)
    if not isinstance(found, float) and found.ndim > 1:
        yield found.T


def _value_instead(trace: Trace, blank: Blank) -> Iterator[Value]:
    yield trace.node_values[blank.node]


def _grad_instead(trace: Trace, blank: Blank) -> Iterator[Value]:
    yield answer(trace, Blank("grad", blank.node))


def _swapped(trace: Trace, blank: Blank) -> Iterator[Value]:
    """A gate of its operands in the other order."""
    gate, operands = trace.graph.gates[blank.node], trace.graph.operands[blank.node]
    values = [trace.node_values[k] for k in operands if k >= 0]
    if gate is not None and gate.ordered and len(values) == len(operands) == 2 and _are_numbers(values):
        yield gate.forward(ieee, *values[::-1])


def _wires(trace: Trace, node: int) -> list[Wire]:
    return [wire for wire in trace.graph.wires if wire.source == node]


def _share(trace: Trace, blank: Blank) -> Iterator[Value]:
    """What one of several wires brings back."""
    for source, target, slot in _wires(trace, blank.node):
        yield as_matrix(trace, trace.shares[target][slot], source)


def _local(trace: Trace, blank: Blank) -> Iterator[Value]:
    """The local gradient of a wire, or the sum of several."""
    found = [trace.locals[target][slot] for _, target, slot in _wires(trace, blank.node)]
    if _are_numbers(found):
        yield from found
        yield sum(found, 0.0)


def _upstream(trace: Trace, blank: Blank) -> Iterator[Value]:
    """What arrives at the gate behind a wire, or the sum of several."""
    found = [trace.node_grads[target] for _, target, _ in _wires(trace, blank.node)]
    if trace.jacobian:
        return
    yield from found
    if _are_numbers(found):
        yield sum(found, 0.0)


def _other(behaves: str) -> Callable[[Trace, Blank], Iterator[Value]]:
    """The sum of the shares, with the local gradient of the other input at gates that behave so."""

    def found(trace: Trace, blank: Blank) -> Iterator[Value]:
        wires = _wires(trace, blank.node)
        others = [_other_share(trace, wire, behaves) for wire in wires]
        if _are_numbers(others):
            yield sum(others, 0.0)

    return found


def _other_share(trace: Trace, wire: Wire, behaves: str) -> Value:
    gate, locals_ = trace.graph.gates[wire.target], trace.locals[wire.target]
    if gate is None or gate.behaves[:1] != (behaves,) or len(locals_) != 2 or not _are_numbers(locals_):
        return trace.shares[wire.target][wire.slot]
    return locals_[1 - wire.slot] * trace.node_grads[wire.target]


def _are_numbers(values: Iterable[Value]) -> bool:
    return all(isinstance(value, float) for value in values)


Guess = tuple[str, Callable[[Trace, Blank], Iterator[Value]]]
_GUESSES: Final[dict[str, tuple[Guess, ...]]] = {  # the first that fits is told
    "grad": (
        ("sign", _opposite),
        ("share", _share),
        ("switch", _other("switches")),
        ("route", _other("routes")),
        ("local", _local),
        ("upstream", _upstream),
        ("value", _value_instead),
        ("transposed", _transposed),
    ),
    "value": (
        ("sign", _opposite),
        ("swapped", _swapped),
        ("grad", _grad_instead),
        ("transposed", _transposed),
    ),
}
