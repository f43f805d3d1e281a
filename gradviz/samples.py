"""Figure files -> Samples: TOML documents, JSONL lines, folders of them, and the samples that ship."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from gradviz.errors import SampleError, in_words, nearest, printable

SHIPPED: Final = "samples"  # the path that means the samples that ship, unless there is such a path
STDIN: Final = "-"
LONGEST_NAME: Final = 200  # bytes; file systems take 255, and the suffix and a temporary file's name come on top
_NOT_IN_FILES: Final = re.compile(r'[/\\:*?"<>|]')
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?", re.IGNORECASE)  # on Windows


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


class Unreadable(NamedTuple):
    """A figure that could not be read, in the place where it stood; `error` names the file, and the line of a list."""

    name: str
    error: str
    origin: str


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


def shipped() -> Path:
    """The folder of the samples that ship: beside this module once installed, at the top of a checkout."""
    installed = Path(__file__).parent / "data" / SHIPPED
    return installed if installed.is_dir() else Path(__file__).parents[1] / SHIPPED


def read_samples(*paths: str | Path, stdin: BinaryIO | None = None) -> Iterator[Sample | Unreadable]:
    """The figures of .toml and .jsonl files, of folders of them, and of the JSONL lines of `stdin` for "-", in order.

    A figure that cannot be read is an `Unreadable` in its place. Raises `SampleError` before anything is read for a
    path that is not there, not a figure file, or a folder without one.
    """
    return chain.from_iterable([_of_path(path, stdin) for path in paths])


def _of_path(path: str | Path, stdin: BinaryIO | None) -> Iterator[Sample | Unreadable]:
    if path == STDIN:
        return _lines(stdin or sys.stdin.buffer, "figure", "standard input")
    try:
        return chain.from_iterable(map(_of_file, figure_files(Path(path))))
    except OSError as error:
        raise SampleError(f"cannot read {path}: {error.strerror or error}") from None


def figure_files(path: Path) -> list[Path]:
    """The figure files that a path means, a folder's by name; raises `SampleError` when there are none."""
    if not path.exists() and str(path) == SHIPPED:
        path = shipped()
    if path.is_dir():
        if files := _in_folder(path):
            return files
        raise SampleError(f"the folder {path} has no figure files ({in_words(_READERS)})")
    if not path.exists():
        there = _in_folder(path.parent) if path.parent.is_dir() else []
        raise SampleError(f"there is no file or folder {path}{nearest(str(path), [SHIPPED, *map(str, there)])}")
    if path.suffix.lower() not in _READERS:
        raise SampleError(f"{path} is not a figure file: these end in {in_words(_READERS)}")
    return [path]


def _in_folder(path: Path) -> list[Path]:
    files = (file for file in path.iterdir() if file.suffix.lower() in _READERS and not file.name.startswith("."))
    return sorted(files, key=lambda file: (file.stem, file.suffix))


def _of_file(path: Path) -> Iterator[Sample | Unreadable]:
    try:
        with path.open("rb") as file:
            yield from _READERS[path.suffix.lower()](file, path.stem, str(path))
    except OSError as error:
        yield Unreadable(path.stem, f"cannot read {path}: {error.strerror or error}", str(path))


def _document(file: BinaryIO, stem: str, origin: str) -> Iterator[Sample | Unreadable]:
    from tomllib import loads

    yield _read(file.read(), loads, stem, origin)


def _lines(file: BinaryIO, stem: str, origin: str) -> Iterator[Sample | Unreadable]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield _read(line, _load_json, f"{stem}-{number}", f"{origin}, line {number}")


_READERS: Final = {".toml": _document, ".jsonl": _lines}


def _load_json(text: str) -> Any:
    from json import loads

    return loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise ValueError(f"'{twice}' is given twice")
    return table


def _read(data: bytes, load: Callable[[str], Any], name: str, origin: str) -> Sample | Unreadable:
    try:
        return sample_of(load(data.decode("utf-8-sig")), name, origin)
    except SampleError as error:
        problem = str(error)
    except UnicodeDecodeError:
        problem = f"{origin}: not UTF-8 text"
    except RecursionError:
        problem = f"{origin}: nested too deeply"
    except ValueError as error:  # tomllib's, json's and int's
        problem = f"{origin}: {error}"
    return Unreadable(name, problem, origin)


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
    if found := _NOT_IN_FILES.search(name):
        return f"has a '{found[0]}', which a file's name cannot have"
    if not name.isprintable():
        return "has an invisible character"
    if _DEVICES.fullmatch(name):
        return "is kept by Windows for a device"
    size = len(name.encode())
    return f"is {size} bytes long; at most {LONGEST_NAME} are possible" if size > LONGEST_NAME else ""
