"""Files of numbers -> nested lists and arrays: .npy, .json and .csv, none of which can run anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, prod
from pathlib import Path
from typing import Any, BinaryIO, Final

from gradviz.errors import ValuesError, in_words, nearest, printable
from gradviz.files import open_regular
from gradviz.limits import beyond, most
from gradviz.nested import problem, told

LONGEST_INTEGER: Final = 4_000  # digits; Python reads no more than 4 300


def read(name: str, what: str) -> Any:
    """The number, nested lists or array of a file whose suffix tells the format.

    One line of a .csv is a vector, several are a matrix. Raises `ValuesError` that begins with `what` and the file.
    """
    return _told(name, what, lambda path: _reader(path)(path))


def read_values(name: str, what: str) -> dict[str, Any]:
    """Numbers and nested lists by name, of a .json file with one object; raises `ValuesError` as `read` does."""
    found: dict[str, Any] = _told(name, what, _by_name)
    return found


def _told(name: str, what: str, reader: Callable[[Path], Any]) -> Any:
    path = Path(name)
    try:
        return reader(path)
    except FileNotFoundError:
        reason = f"there is no such file{_near(path)}"
    except OSError as error:
        reason = f"cannot read it: {(error.strerror or str(error)).lower()}"
    except MemoryError:
        reason = "it is too large for the memory"
    except RecursionError:
        reason = "it is nested too deeply"
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except ValueError as error:
        reason = str(error)
    raise ValuesError(f"{what}, @{printable(name)}: {printable(reason)}")


def _reader(path: Path) -> Callable[[Path], Any]:
    if path.suffix.lower() not in _READERS:
        raise ValueError(f"files of numbers end in {in_words(_READERS)}")
    return _READERS[path.suffix.lower()]


def _near(path: Path) -> str:
    """Offers the file of numbers in the same folder whose name is nearest."""
    there = path.parent.iterdir() if path.parent.is_dir() else ()
    return nearest(path.name, [file.name for file in there if file.suffix.lower() in _READERS])


# formats -------------------------------------------------------------------------------------------------------------


def _npy(path: Path) -> Any:
    from numpy import array, errstate
    from numpy.lib import format as npy

    try:
        with open_regular(path) as file:
            _check_entries(file, npy)
            found = npy.read_array(file, allow_pickle=False)
    except (OSError, MemoryError, _TooLargeError):
        raise
    except Exception as error:  # a hostile header raises whatever it likes
        pickled = "allow_pickle" in str(error)
        raise ValueError(_PICKLED if pickled else "it is not a whole .npy file") from None
    if found.dtype.kind not in "iuf":
        raise ValueError(f"it holds {found.dtype}, not real numbers")
    try:
        with errstate(over="raise"):
            numbers = array(found, dtype=float)
    except FloatingPointError:
        raise ValueError("it has a number that is too large for a float64") from None
    return numbers if numbers.ndim else float(numbers)


def _text(path: Path) -> str:
    """What a file says; of one that is too large no more is read than shows it."""
    with open_regular(path) as file:
        data = file.read(int(min(most("file"), 1 << 60)) + 1)
    if len(data) > most("file"):
        raise _TooLargeError(f"it is too large: {beyond('file')}")
    return data.decode("utf-8-sig")


class _TooLargeError(ValueError):
    pass


def _check_entries(file: BinaryIO, npy: Any) -> None:
    """Refuse the array of a file by the shape in its header, before there is room made for it."""
    version = npy.read_magic(file)
    shape, *_ = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(file)
    if min(shape, default=0) < 0:
        raise ValueError(f"its header says a shape of {shape}")
    if (entries := prod(shape)) > most("entries"):
        raise _TooLargeError(f"it has {beyond('entries', entries)}")
    file.seek(0)


_PICKLED: Final = "it holds Python objects, which are not read, for they could run anything; save numbers"


def _loaded(path: Path) -> Any:
    from json import JSONDecodeError, loads

    try:
        return loads(_text(path), parse_float=_finite, parse_int=_whole)
    except JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: not JSON: {error.msg}") from None


def _by_name(path: Path) -> dict[str, Any]:
    found = _loaded(path)
    if type(found) is not dict:
        raise ValueError(f'it must be an object like {{"w": 1, "W": [[1, 2], [3, 4]]}}, not {told(found)}')
    for name, value in found.items():
        if type(value) not in (list, int, float):
            raise ValueError(f"'{name}' must be a number or a list of numbers, not {told(value)}")
        if wrong := problem(value):
            raise ValueError(f"'{name}' {wrong}")
    return found


def _json(path: Path) -> Any:
    found = _loaded(path)
    if isinstance(found, list | int | float) and not isinstance(found, bool):
        if wrong := problem(found):
            raise ValueError(f"it {wrong}")
        return found
    raise ValueError(f"it must be a list of numbers like [[1, 2], [3, 4]], not {told(found)}")


def _whole(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"{text[:20]}… is too large for a float64")
    return int(text)


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(f"{text} is too large for a float64; write Infinity if that is meant")
    return number


def _csv(path: Path) -> Any:
    rows: list[list[float]] = []
    for place, line in _lines(path):
        hint = "" if rows else "; leave the line of headings out"
        rows.append([_number(place, entry.strip(), hint) for entry in _entries(line)])
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(f"{place}: {_entries_told(len(rows[-1]))}, but {len(rows[0])} in the first row")
    if not rows:
        raise ValueError("it has no numbers")
    return rows if len(rows) > 1 else rows[0]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines that are neither blank nor comments, each with its place."""
    for number, line in enumerate(_text(path).splitlines(), 1):
        if text := line.partition("#")[0].strip():
            yield f"line {number}", text


def _entries(line: str) -> list[str]:
    """A line at its semicolons, else commas, else spaces and tabs."""
    mark = next((mark for mark in ";," if mark in line), None)
    return line.split(mark)


def _number(place: str, text: str, hint: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{place}: {_wrong(text, hint)}") from None
    if not isfinite(number) and not text.lstrip("+-").isalpha():
        raise ValueError(f"{place}: {text} is too large for a float64; write inf if that is meant")
    return number


def _wrong(text: str, hint: str) -> str:
    if not text:
        return "an entry is empty"
    if text.replace(",", "", 1).lstrip("+-").isdecimal():
        hint = "; decimals have a point"
    return f"{told(text)} is not a number{hint}"


def _entries_told(count: int) -> str:
    return f"{count} {'number' if count == 1 else 'numbers'}"


_READERS: Final[dict[str, Callable[[Path], Any]]] = {".npy": _npy, ".json": _json, ".csv": _csv}
