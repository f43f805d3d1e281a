"""A figure file's table -> Sample, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gradviz.errors import SampleError, in_words, nearest, printable

LONGEST_NAME: Final = 200  # bytes; file systems take 255, and the suffix and a temporary file's name come on top
_NOT_IN_FILES: Final = r'[/\\:*?"<>|]'
_DEVICES: Final = r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?"  # on Windows


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure to draw. Raises `SampleError` for a name that could not be a plain file's on every system."""

    name: str
    expr: str
    values: Mapping[str, float] = field(default_factory=dict)
    title: str | None = None
    source: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # by the names of `OPTIONS`
    origin: str = "a sample"  # the file, and the line of a list

    def __post_init__(self) -> None:
        if problem := _name_problem(self.name):
            raise SampleError(f"{self.origin}: the name '{printable(self.name)}' {problem}")


class Option(NamedTuple):
    """What an option of a figure must be, and the keywords of `api.draw` that it becomes."""

    kind: type
    keywords: Callable[[str, Any], dict[str, Any]] = lambda name, value: {name: value}


def _transform(name: str, value: bool) -> dict[str, Any]:
    return {"transform": name} if value else {}


def _not_drawn(_name: str, _value: str) -> dict[str, Any]:
    return {}


_TRANSFORMS: Final = {name: Option(bool, _transform) for name in ("simplify", "expand", "factor")}
OPTIONS: Final = {
    "theme": Option(str),
    "title": Option(str),
    "digits": Option(int),
    "engine": Option(str),
    "of": Option(str),
    "strict": Option(bool),
    "fold": Option(bool),
    "format": Option(str, _not_drawn),
    **_TRANSFORMS,
}
_KEYS: Final = {"expr": str, "values": dict, "name": str, "title": str, "source": str, "options": dict}
_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    dict: "a table",
    list: "a list",
    int: "an integer",
    float: "a number",
    bool: "true or false",
}
_SHORT: Final = 40  # characters of a wrong value that a message repeats


def keywords(options: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `api.draw` for options by their names on the command line.

    >>> keywords({"digits": 3, "simplify": True, "expand": False, "format": "png"})
    {'digits': 3, 'transform': 'simplify'}
    """
    return {key: value for name in options for key, value in OPTIONS[name].keywords(name, options[name]).items()}


def sample_of(table: Any, name: str, origin: str) -> Sample:
    """The sample of a figure file's table, called `name` unless it says otherwise; raises `SampleError`."""
    try:
        given = _figure(table)
    except SampleError as error:
        raise SampleError(f"{origin}: {error}") from None
    return Sample(**{"name": name, "origin": origin, **given})


def _figure(table: Any) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise SampleError(f'a figure is a table like {{"expr": "x*y", "values": {{...}}}}, not {_kind(table)}')
    given = {key: value for key, value in table.items() if value is not None}
    for key, value in given.items():
        if key not in _KEYS:
            hint = ": it belongs under options" if key in OPTIONS else nearest(key, _KEYS)
            raise SampleError(f"unknown key '{printable(key)}'{hint}")
        _must_be(f"'{key}'", _KEYS[key], value)
    if "expr" not in given:
        raise SampleError("there is no 'expr', the expression to draw")
    for key, value in given.get("values", {}).items():
        _must_be_number(key, value, given)
    _check_options(given.get("options", {}))
    return given


def _must_be(what: str, kind: type, value: Any) -> None:
    if type(value) is not kind:
        raise SampleError(f"{what} must be {_KINDS[kind]}, not {_kind(value)}")


def _must_be_number(name: str, value: Any, given: Collection[str]) -> None:
    if type(value) not in (int, float):
        hint = "; arrays come in a later version" if isinstance(value, list) else ""
        if name in _KEYS and name not in given:
            hint = f"; write '{name}' before [values] if it is not a name of the program"
        raise SampleError(f"the value of '{printable(name)}' must be a number, not {_kind(value)}{hint}")


def _check_options(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name not in OPTIONS:
            raise SampleError(f"unknown option '{printable(name)}'{nearest(name, OPTIONS)}")
        _must_be(f"the option '{name}'", OPTIONS[name].kind, value)
    if sum(options.get(name, False) for name in _TRANSFORMS) > 1:
        raise SampleError(f"only one of {in_words(_TRANSFORMS)} can be true")


def _kind(value: Any) -> str:
    text = f"'{printable(value)}'" if isinstance(value, str) else str(value)
    return text if isinstance(value, str | int | float) and len(text) <= _SHORT else _KINDS.get(type(value), "that")


def _name_problem(name: str) -> str:
    """Why a figure's name could not be a plain file's on every system; "" when it could."""
    if not name.strip(" .") or name != name.strip():
        return "is empty, only dots, or has spaces at an end"
    if found := re.search(_NOT_IN_FILES, name):
        return f"has a '{found[0]}', which a file's name cannot have"
    if not name.isprintable():
        return "has an invisible character"
    if re.fullmatch(_DEVICES, name):
        return "is kept by Windows for a device"
    size = len(name.encode())
    return f"is {size} bytes long; at most {LONGEST_NAME} are possible" if size > LONGEST_NAME else ""
