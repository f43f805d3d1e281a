"""The options of a figure, by their long names on the command line: what each is, and which keywords it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from gradviz.errors import OptionError, in_words


class Option(NamedTuple):
    """What an option of a figure must be, and the keywords of `api.draw` that it becomes."""

    kind: type | None = bool  # None is a number or nested lists of numbers
    keywords: Callable[[str, Any], dict[str, Any]] = lambda name, value: {name: value}


def _transform(sympy: str) -> Option:
    return Option(bool, lambda _, value: {"transform": sympy} if value else {})


def _not_drawn(_name: str, _value: str) -> dict[str, Any]:
    return {}


MODES: Final = ("reverse", "forward")  # which derivatives stand on the wires: of the output, or by an input
TRANSFORMS: Final = {"simplify": "simplify", "multiply-out": "expand", "factor": "factor"}  # option: SymPy's function
OPTIONS: Final = {
    "theme": Option(str),
    "title": Option(str),
    "digits": Option(int),
    "engine": Option(str),
    "layout": Option(str),
    "of": Option(str),
    "strict": Option(),
    "fold": Option(),
    "format": Option(str, _not_drawn),
    "seed": Option(None),
    "jacobian": Option(),
    "local-jacobians": Option(bool, lambda _, value: {"local_jacobians": value}),
    "show": Option(str),
    "hide": Option(str),
    "upstream": Option(str),
    "nudge": Option(str),
    "mode": Option(str),
    "wrt": Option(str),
    "lang": Option(str, lambda _, value: {"language": value}),
    "expand": Option(str),
    "collapse": Option(),
    "latex": Option(),
    "frame": Option(),
    "focus": Option(str),
    "radius": Option(int),
    "top-gradients": Option(int, lambda _, value: {"top_gradients": value}),
    "closed": Option(),
    "open": Option(str, lambda _, value: {"opened": value}),
    **{name: _transform(sympy) for name, sympy in TRANSFORMS.items()},
}
RIVALS: Final = (
    tuple(TRANSFORMS),
    ("seed", "jacobian"),
    ("nudge", "seed"),
    ("nudge", "upstream"),
    ("nudge", "hide"),
    ("focus", "top-gradients", "jacobian"),
    ("focus", "top-gradients", "nudge"),
    ("closed", "nudge"),
    ("wrt", "nudge"),
    ("wrt", "hide"),
    ("wrt", "closed"),
    ("wrt", "focus", "top-gradients"),
)  # options of which a figure has one


def keywords(options: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `api.draw` for options by their names on the command line.

    >>> keywords({"digits": 3, "simplify": True, "factor": False, "format": "png"})
    {'digits': 3, 'transform': 'simplify'}
    """
    return {key: value for name in options for key, value in OPTIONS[name].keywords(name, options[name]).items()}


def check_rivals(options: Mapping[str, Any], written: str = "") -> None:
    """Raise `OptionError` for two options that exclude each other; `written` stands in front of each."""
    for rivals in RIVALS:
        chosen = [f"{written}{name}" for name in rivals if _is_on(options.get(name))]
        if len(chosen) > 1:
            raise OptionError(f"{in_words(chosen)} exclude each other")


def _is_on(value: Any) -> bool:
    return value is not None and value is not False


def overridden(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A figure's own options under those that win over them, and over those that these exclude.

    >>> overridden({"seed": [1, 0], "digits": 3}, {"jacobian": True, "digits": 4})
    {'digits': 4, 'jacobian': True}
    """
    excluded = {name for rivals in RIVALS for name in rivals if any(_is_on(given.get(rival)) for rival in rivals)}
    return {**{name: value for name, value in own.items() if name not in excluded}, **given}
