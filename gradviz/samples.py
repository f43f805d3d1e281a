"""Figure files -> Samples: TOML documents, JSONL lines, folders of them, and the samples that ship."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from gradviz.errors import SampleError, in_words, nearest
from gradviz.sample import Sample, sample_of

SHIPPED: Final = "samples"  # the path that means the samples that ship, unless there is such a path
STDIN: Final = "-"


class Unreadable(NamedTuple):
    """A figure that could not be read, in the place where it stood; `error` names the file, and the line of a list."""

    name: str
    error: str
    origin: str


def shipped() -> Path:
    """The folder of the samples that ship: beside this module once installed, at the top of a checkout."""
    installed = Path(__file__).parent / "data" / SHIPPED
    return installed if installed.is_dir() else Path(__file__).parents[1] / SHIPPED


class Figures:
    """The figures of figure files: how many there are is known before they are read, one file after the other."""

    def __init__(self, files: Iterable[str | Path]) -> None:
        """The files in their order."""
        self.files: Final = list(map(str, files))  # thousands: less than half the memory of paths

    def __iter__(self) -> Iterator[Sample | Unreadable]:
        return chain.from_iterable(map(_of_file, map(Path, self.files)))

    def __len__(self) -> int:
        return sum(map(_count, map(Path, self.files)))


def read_samples(*paths: str | Path, stdin: BinaryIO | None = None) -> Iterable[Sample | Unreadable]:
    """The figures of .toml and .jsonl files, of folders of them, and of the JSONL lines of `stdin` for "-", in order.

    They have a length unless there is a "-". A figure that cannot be read is an `Unreadable` in its place. Raises
    `SampleError` before anything is read for a path that is not there, not a figure file, or a folder without one.
    """
    parts: list[Figures | Iterator[Sample | Unreadable]] = [
        _lines(stdin or sys.stdin.buffer, "figure", "standard input") if path == STDIN else Figures(_files(path))
        for path in paths
    ]
    files = [part.files for part in parts if isinstance(part, Figures)]
    return Figures([*chain.from_iterable(files)]) if len(files) == len(parts) else chain.from_iterable(parts)


def _files(path: str | Path) -> list[Path]:
    try:
        return figure_files(Path(path))
    except OSError as error:
        raise SampleError(f"cannot read {path}: {error.strerror or error}") from None


def _count(path: Path) -> int:
    """How many figures a file has; one that cannot be read is told of once."""
    if _READERS[path.suffix.lower()] is _document:
        return 1
    try:
        with path.open("rb") as file:
            return sum(not line.isspace() for line in file)
    except OSError:
        return 1


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
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"'{key}' is given twice")
        table[key] = value
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
