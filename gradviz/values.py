"""What is given for the inputs of a graph -> numbers and arrays, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gradviz.errors import MOST_WORDS, ValuesError, in_words, nearest
from gradviz.graph import Graph
from gradviz.language.tokens import normal

LARGE: Final = 100  # entries of a wrong value that is not shown
SHOWN: Final = 120  # letters of a wrong value that is
LONGEST_PRODUCT: Final = 40  # letters of a name that may be a product without its `*`; the search is cubic


def checked(graph: Graph, values: Mapping[str, Any]) -> list[Any]:
    """The inputs' values in order: floats, and arrays of float64 for what is nested.

    Raises `ValuesError` for a value that is missing, not a number or array of them, or not of the program.
    """
    given = {
        normal(name): value if type(value) is float else number_or_array(f"the value of '{name}'", value)
        for name, value in values.items()
    }
    wanted = graph.input_names
    missing = [name for name in wanted if name not in given]
    offers = [product for name in missing[:MOST_WORDS] if (product := _as_product(name, given))]
    legal = {*wanted, *graph.unused}
    for name in given if not offers else ():
        if name not in legal:
            raise ValuesError(_not_an_input(graph, name, missing))
    if missing:
        offer = f"; did you mean {in_words(offers)}?" if offers else ""
        place = graph.place(wanted.index(missing[0]))
        raise ValuesError(f"no value for {in_words(missing)}{offer}", graph.program, place)
    return [given[name] for name in wanted]


def number_or_array(what: str, value: Any) -> Any:
    """A float, or an array of float64 for nested lists and whatever NumPy takes for an array of numbers.

    Raises `ValuesError` that begins with `what`.
    """
    if isinstance(value, str | bytes | bool):
        raise _no_number(what, value)
    if not isinstance(value, int | float) and (isinstance(value, list | tuple) or hasattr(value, "dtype")):
        return _array(what, value)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _no_number(what, value) from None
    except OverflowError:
        raise ValuesError(f"{what} is too large for a float64") from None


def _array(what: str, value: Any) -> Any:
    import numpy

    try:
        found = numpy.asarray(value.detach().cpu() if hasattr(value, "detach") else value)  # a tensor of PyTorch's
    except (TypeError, ValueError):
        raise ValuesError(f"{what} must be a list of numbers, or of rows of one length") from None
    if found.dtype.kind not in "iuf" and not _is_of_large_integers(found):
        raise _no_number(what, value)
    try:
        with numpy.errstate(over="raise"):
            numbers = numpy.array(found, dtype=float)
    except (OverflowError, FloatingPointError):
        raise ValuesError(f"{what} has a number that is too large for a float64") from None
    return numbers if numbers.ndim else float(numbers)


def _is_of_large_integers(found: Any) -> bool:
    """Whether an array holds integers for which NumPy has no type."""
    return found.dtype.kind == "O" and all(type(each) in (int, float) for each in found.flat)


def _no_number(what: str, value: object) -> ValuesError:
    return ValuesError(f"{what} must be a number or an array of numbers, not {_shown(value)}")


def _shown(value: object) -> str:
    """A wrong value in a message; of a large one only its kind, for its text may be as large."""
    if isinstance(value, str | bytes):
        value = value[:SHOWN]
    elif isinstance(value, list | tuple | dict) and len(value) > LARGE:
        return f"a {type(value).__name__}"
    return " ".join(repr(value).split())[:SHOWN]


def _not_an_input(graph: Graph, name: str, missing: list[str]) -> str:
    if name in graph.bindings:
        offer = f"; give values to {in_words(graph.input_names)}" if graph.input_names else ", which takes no values"
        return f"'{name}' is computed by the program{offer}"
    offer = nearest(name, missing) or nearest(name, graph.input_names)
    return f"the program has no name '{name}'{offer}"


def _as_product(name: str, known: Mapping[str, Any]) -> str | None:
    """`w*x` for the name wx when w and x have values."""
    if len(name) > LONGEST_PRODUCT:
        return None
    best: list[list[str] | None] = [[]] + [None] * len(name)  # best[end]: fewest names that spell name[:end]
    for end in range(1, len(name) + 1):
        spellings = [[*front, name[start:end]] for start, front in enumerate(best[:end])
                     if front is not None and name[start:end] in known]  # fmt: skip
        best[end] = min(spellings, key=len, default=None)
    factors = best[-1] or []
    return "*".join(factors) if len(set(factors)) > 1 else None
