"""Operations of a batch that can be made to fail, one call after the other."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradviz.formats import engine

Call = Callable[..., Any]


class Fault:
    """Raises an error at one call of an operation."""

    def __init__(self, error: BaseException, at: int) -> None:
        self.error, self.at, self.calls = error, at, 0

    def __call__(self) -> None:
        """A call of the operation."""
        self.calls += 1
        if self.calls == self.at:
            raise self.error

    @property
    def came(self) -> bool:
        return self.calls >= self.at


class Row(NamedTuple):
    """An operation, and what of a batch its failure costs."""

    owner: Any  # a module or a class: its attribute is replaced
    name: str
    harmless: bool = False  # nothing at all is lost
    wrapped: Callable[[Call, Fault], Call] | None = None


def before(real: Call, fault: Fault) -> Call:
    """The fault instead of the operation."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        fault()
        return real(*arguments, **keywords)

    return call


def short(real: Call, fault: Fault) -> Call:
    """A line of which half is written."""

    def call(descriptor: int, data: bytes) -> Any:
        try:
            fault()
        except OSError:
            return real(descriptor, data[: len(data) // 2])
        return real(descriptor, data)

    return call


def in_file(operation: str) -> Callable[[Call, Fault], Call]:
    """An operation of the files that are opened to be written."""

    def wrapped(real: Call, fault: Fault) -> Call:
        def method(file: io.BufferedWriter, *arguments: Any) -> Any:
            if not file.closed:
                fault()
            return getattr(io.BufferedWriter, operation)(file, *arguments)

        odd = type("Odd", (io.BufferedWriter,), {operation: method})

        def call(path: Path, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
            return odd(io.FileIO(path, "x")) if mode == "xb" else real(path, mode, *arguments, **keywords)

        return call

    return wrapped


OPERATIONS = {
    "open a temporary file": Row(Path, "open"),
    "write": Row(Path, "open", wrapped=in_file("writelines")),
    "flush": Row(Path, "open", wrapped=in_file("flush")),
    "fsync of files and of the folder": Row(os, "fsync"),
    "replace": Row(Path, "replace"),
    "open the journal and the folder": Row(os, "open"),
    "begin the journal": Row(os, "ftruncate"),
    "append to the journal": Row(os, "write"),
    "append half of a line": Row(os, "write", wrapped=short),
    "lock the journal": Row(fcntl, "flock", harmless=True),
    "look for what a dead run left": Row(os, "scandir", harmless=True),
    "remove the journal": Row(Path, "unlink", harmless=True),
}
ENGINE = Row(engine.ENGINES, "auto")  # of PNG
ERRORS: dict[str, BaseException] = {
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "broken": OSError(errno.EIO, "Input/output error"),
    "memory": MemoryError(),
    "interrupt": KeyboardInterrupt(),
}


@contextmanager
def failing(row: Row, fault: Fault) -> Iterator[None]:
    """The operation fails meanwhile."""
    wrap = row.wrapped or before
    with pytest.MonkeyPatch.context() as patch:
        if isinstance(row.owner, dict):
            patch.setitem(row.owner, row.name, wrap(row.owner[row.name], fault))
        else:
            patch.setattr(row.owner, row.name, wrap(getattr(row.owner, row.name), fault))
        yield
