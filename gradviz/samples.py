"""Figure files -> Samples: TOML documents, JSONL lines, folders of them, and the samples that ship."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from os import scandir
from pathlib import Path
from typing import BinaryIO, Final

from gradviz.documents import READERS, Unreadable, count_lines, lines
from gradviz.errors import SampleError, in_words, nearest
from gradviz.files import open_regular
from gradviz.sample import Sample

__all__ = ["Figures", "Unreadable", "figure_files", "read_samples", "shipped"]

SHIPPED: Final = "samples"  # the path that means the samples that ship, unless there is such a path
STDIN: Final = "-"


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
        return chain.from_iterable(map(_of_file, self.files))

    def __len__(self) -> int:
        return sum(map(_count, self.files))


def read_samples(*paths: str | Path, stdin: BinaryIO | None = None) -> Iterable[Sample | Unreadable]:
    """The figures of .toml and .jsonl files, of folders of them, and of the JSONL lines of `stdin` for "-", in order.

    They have a length unless there is a "-". A figure that cannot be read is an `Unreadable` in its place. Raises
    `SampleError` before anything is read for a path that is not there, not a figure file, or a folder without one.
    """
    parts: list[Figures | Iterator[Sample | Unreadable]] = [
        lines(stdin or sys.stdin.buffer, "figure", "standard input") if path == STDIN else Figures(_files(path))
        for path in paths
    ]
    files = [part.files for part in parts if isinstance(part, Figures)]
    return Figures([*chain.from_iterable(files)]) if len(files) == len(parts) else chain.from_iterable(parts)


def _files(path: str | Path) -> list[str]:
    try:
        return figure_files(Path(path))
    except OSError as error:
        raise SampleError(f"cannot read {path}: {error.strerror or error}") from None


def figure_files(path: Path) -> list[str]:
    """The figure files that a path means, a folder's by name; raises `SampleError` when there are none."""
    if not path.exists() and str(path) == SHIPPED:
        path = shipped()
    if path.is_dir():
        if files := _in_folder(path):
            return files
        raise SampleError(f"the folder {path} has no figure files ({in_words(READERS)})")
    if not path.exists():
        there = _in_folder(path.parent) if path.parent.is_dir() else []
        raise SampleError(f"there is no file or folder {path}{nearest(str(path), [SHIPPED, *there])}")
    if path.suffix.lower() not in READERS:
        raise SampleError(f"{path} is not a figure file: these end in {in_words(READERS)}")
    return [str(path)]


def _in_folder(path: Path) -> list[str]:
    with scandir(path) as entries:
        found = [entry.name.rpartition(".") for entry in entries if not entry.name.startswith(".")]
    start = str(path / "x")[:-1]
    return [f"{start}{stem}.{suffix}" for stem, _, suffix in sorted(found) if f".{suffix.lower()}" in READERS]


def _of_file(path: str) -> Iterator[Sample | Unreadable]:
    stem = Path(path).stem
    try:
        with open_regular(path) as file:
            yield from READERS[Path(path).suffix.lower()](file, stem, path)
    except OSError as error:
        yield Unreadable(stem, f"cannot read {path}: {error.strerror or error}", path)


def _count(path: str) -> int:
    """How many figures a file has; one that cannot be read is told of once."""
    if READERS[Path(path).suffix.lower()] is not lines:
        return 1
    try:
        with open_regular(path) as file:
            return count_lines(file)
    except OSError:
        return 1
