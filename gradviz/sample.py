"""A figure file's table -> Sample, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gradviz.choices import OPTIONS, check_rivals
from gradviz.errors import OptionError, SampleError, nearest, printable
from gradviz.nested import problem, told

LONGEST_NAME: Final = 200  # bytes; file systems take 255, and the suffix and a temporary file's name come on top
_NOT_IN_FILES: Final = r'[/\\:*?"<>|]'
_MISREAD: Final = {".": "which hides a file", "-": "which commands take for an option"}
_DEVICES: Final = r"(?i)(con|conin\$|conout\$|clock\$|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?"  # on Windows


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure to draw. Raises `SampleError` for a name that could not be a plain file's on every system."""

    name: str
    expr: str
    values: Mapping[str, Any] = field(default_factory=dict)  # numbers and nested lists of them
    title: str | None = None
    source: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # by the names of `choices.OPTIONS`
    origin: str = "a sample"  # the file, and the line of a list

    def __post_init__(self) -> None:
        if wrong := _name_problem(self.name):
            raise SampleError(f"{self.origin}: the name '{printable(self.name)}' {wrong}")


_KEYS: Final = {"expr": str, "values": dict, "name": str, "title": str, "source": str, "options": dict}
_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    dict: "a table",
    list: "a list",
    int: "an integer",
    float: "a number",
    bool: "true or false",
}


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
        _must_be_numbers(key, value, given)
    _check_options(given.get("options", {}))
    return given


def _must_be(what: str, kind: type, value: Any) -> None:
    if type(value) is not kind:
        raise SampleError(f"{what} must be {_KINDS[kind]}, not {_kind(value)}")


def _must_be_numbers(name: str, value: Any, given: Collection[str]) -> None:
    try:
        _check_numbers(f"the value of '{printable(name)}'", value)
    except SampleError as error:
        own = name in _KEYS and name not in given
        hint = f"; write '{name}' before [values] if it is not a name of the program" if own else ""
        raise SampleError(f"{error}{hint}") from None


def _check_numbers(what: str, value: Any) -> None:
    if type(value) not in (int, float, list):
        raise SampleError(f"{what} must be a number or a list of numbers, not {_kind(value)}")
    if wrong := problem(value):
        raise SampleError(f"{what} {wrong}")


def _check_options(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name not in OPTIONS:
            raise SampleError(f"unknown option '{printable(name)}'{nearest(name, OPTIONS)}")
        _check_option(f"the option '{name}'", OPTIONS[name].kind, value)
    try:
        check_rivals(options)
    except OptionError as error:
        raise SampleError(str(error)) from None


def _check_option(what: str, kind: type | None, value: Any) -> None:
    if kind is None:
        _check_numbers(what, value)
    else:
        _must_be(what, kind, value)


def _kind(value: Any) -> str:
    return _KINDS[type(value)] if isinstance(value, dict | list) else told(value)


def _name_problem(name: str) -> str:
    """Why a figure's name could not be a plain file's on every system; "" when it could."""
    if not name.strip(" .") or name != name.strip():
        return "is empty, only dots, or has spaces at an end"
    if found := re.search(_NOT_IN_FILES, name):
        return f"has a '{found[0]}', which a file's name cannot have"
    if name[0] in _MISREAD:
        return f"begins with a '{name[0]}', {_MISREAD[name[0]]}"
    if not name.isprintable():
        return "has an invisible character"
    if re.fullmatch(_DEVICES, name):
        return "is kept by Windows for a device"
    size = len(name.encode())
    return f"is {size} bytes long; at most {LONGEST_NAME} are possible" if size > LONGEST_NAME else ""
