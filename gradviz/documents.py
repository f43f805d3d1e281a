"""The bytes of a figure file, also a stranger's -> Samples: what would be too much to read is told before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from sys import get_int_max_str_digits
from typing import Any, BinaryIO, Final, NamedTuple

from gradviz.errors import SampleError
from gradviz.limits import beyond, grouped, most
from gradviz.sample import Sample, sample_of

SMALL: Final = 10_000  # bytes that Python's TOML reader takes no time for, whatever they are
MOST_PARTS: Final = 8  # of a dotted key; figure files have keys of two
MOST_DIGITS: Final = 5_000  # of a number; Python takes integers of 4 300
_PIECE: Final = 1 << 16  # bytes
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_PART: Final = rb"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY: Final = rb"(?<![\w.-])%b(?:[ \t]*+\.[ \t]*+%b){%d}" % (_PART, _PART, MOST_PARTS)
_HEADER: Final = rb"(?m)^[ \t]*+\["
_AS_ZEROS: Final = bytes.maketrans(b"123456789_", b"0000000000")


class Unreadable(NamedTuple):
    """A figure that could not be read, in the place where it stood; `error` names the file, and the line of a list."""

    name: str
    error: str
    origin: str


def document(file: BinaryIO, stem: str, origin: str) -> Iterator[Sample | Unreadable]:
    """The figure of a TOML file."""
    start = file.read(_PIECE)  # room for all that may come is not made for a small file
    rest = file.read(max(0, _most() + 1 - _PIECE)) if len(start) == _PIECE else b""
    yield _read(start + rest, _load_toml, stem, origin)


def lines(file: BinaryIO, stem: str, origin: str) -> Iterator[Sample | Unreadable]:
    """The figures of JSON lines."""
    for number, line in enumerate(_lines(file), 1):
        if line.strip():
            yield _read(line, _load_json, f"{stem}-{number}", f"{origin}, line {number}", first=number == 1)


def count_lines(file: BinaryIO) -> int:
    """How many figures JSON lines have."""
    return sum(bool(line.strip()) for line in _lines(file))


READERS: Final = {".toml": document, ".jsonl": lines}


def _most() -> int:
    return int(min(most("figures"), 1 << 60))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Each line; of one that is too long a byte too many."""
    longest = _most() + 1
    while line := file.readline(longest):
        yield line.removesuffix(b"\n")
        while len(line) > 0 and not line.endswith(b"\n"):
            line = file.readline(_PIECE)


def _read(
    data: bytes, load: Callable[[bytes], Any], name: str, origin: str, *, first: bool = True
) -> Sample | Unreadable:
    """A figure; `first` is what may begin with a byte order mark."""
    try:
        _check_size(data)
        return sample_of(load(data.removeprefix(_BOM) if first else data), name, origin)
    except SampleError as error:
        problem = str(error)
    except UnicodeDecodeError:
        problem = f"{origin}: not UTF-8 text{' but UTF-16' if data.startswith(_UTF16) else ''}"
    except RecursionError:
        problem = f"{origin}: nested too deeply"
    except ValueError as error:  # tomllib's, json's and int's
        problem = f"{origin}: {_told(error)}"
    return Unreadable(name, problem, origin)


def _check_size(data: bytes) -> None:
    if len(data) > _most():
        raise ValueError(f"too large: {beyond('figures')}")


def _told(error: ValueError) -> str:
    if "set_int_max_str_digits" in str(error):
        return f"an integer of more than {grouped(get_int_max_str_digits())} digits"
    return str(error)


def _text(data: bytes) -> str:
    if data.startswith(_BOM):
        raise ValueError("a byte order mark (U+FEFF) where only the start of a file may have one")
    return data.decode()


# JSON ----------------------------------------------------------------------------------------------------------------


def _load_json(data: bytes) -> Any:
    from json import JSONDecodeError, loads

    try:
        return loads(_text(data), object_pairs_hook=_once, parse_constant=_refused)
    except JSONDecodeError as error:
        raise ValueError(f"{error.msg[:1].lower()}{error.msg[1:]} (column {error.colno})") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"'{key}' is given twice")
        table[key] = value
    return table


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


# TOML ----------------------------------------------------------------------------------------------------------------


def _load_toml(data: bytes) -> Any:
    from tomllib import loads

    if len(data) > SMALL:
        _check_work(data)
    return loads(_text(data))


def _check_work(data: bytes) -> None:
    """Raise `ValueError` for what costs Python's TOML reader much more than a figure file does."""
    assignments = max(data.count(b"=") // 2, data.count(b"{"), sum(1 for _ in re.finditer(_HEADER, data)) // 2)
    if assignments > most("names"):  # a value and a statement for each
        raise ValueError(f"too many keys or tables: {beyond('names')}")
    if data.count(b",") > most("literal"):
        raise ValueError(f"too many numbers: {beyond('literal')}")
    if b"0" * MOST_DIGITS in data.translate(_AS_ZEROS):
        raise ValueError(f"a number of more than {grouped(MOST_DIGITS)} digits")
    if re.search(_LONG_KEY, data):
        raise ValueError(f"a key of more than {MOST_PARTS} parts")
