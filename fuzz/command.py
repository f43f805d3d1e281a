"""A command line, run in this process, in a folder of its own, with streams that are thrown away."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

from fuzz.facts import text_of
from gradviz.cli import main
from gradviz.errors import printable_lines

KEPT_OUT: Final = ("batch", "png", "pdf", "gif", "webp", "--engine", "--random", "/dev", "/proc")  # slow, or endless
WRITES: Final = ("-o", "--o")  # how words begin after which a file is written
ELSEWHERE: Final = ("/", "\\", "..", "~")  # what leads out of a folder


def command(data: bytes) -> None:
    """A command line, a word a line and what stands on standard input after an empty one, ends as it should.

    An odd number of words meets a terminal.
    """
    line, _, given = text_of(data).replace("\0", "").partition("\n\n")
    words = line.split("\n") if line else []
    if _has(words, KEPT_OUT) or (any(word.startswith(WRITES) for word in words) and _has(words, ELSEWHERE)):
        return
    status, told = told_by(words, given.encode("utf-8", "surrogateescape"), terminal=len(words) % 2 == 1)
    assert status in (0, 1, 2), f"status {status}"
    assert "Traceback" not in told, told
    assert "this is a bug" not in told, told
    assert printable_lines(told) == told, f"what a terminal obeys: {told!r}"
    assert status == 0 or told.startswith("gradviz: "), told


def _has(words: Collection[str], pieces: Collection[str]) -> bool:
    return any(piece in word for word in words for piece in pieces)


# a process of its own, nearly ----------------------------------------------------------------------------------------


class _Stream(io.TextIOWrapper):
    """A standard stream in memory."""

    def __init__(self, data: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), "utf-8", errors="backslashreplace", write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        """As it was asked for."""
        return self.terminal

    def fileno(self) -> int:
        """None; a descriptor would be that of the process."""
        raise io.UnsupportedOperation

    def text(self) -> str:
        """All that was written."""
        return self.buffer.getvalue().decode(errors="replace")  # type: ignore[attr-defined,no-any-return]


def told_by(words: Sequence[str], given: bytes, *, terminal: bool = False) -> tuple[int, str]:
    """The exit status of a command line with `given` on standard input, and what was told on standard error."""
    with _apart(given, terminal=terminal) as errors:
        status = main(list(words))
    return status, errors.text()


@contextmanager
def _apart(given: bytes, *, terminal: bool) -> Iterator[_Stream]:
    before, folder = (sys.stdin, sys.stdout, sys.stderr), os.open(".", os.O_RDONLY)
    errors = _Stream()
    with TemporaryDirectory() as other:
        os.chdir(other)
        sys.stdin, sys.stdout, sys.stderr = _Stream(given), _Stream(terminal=terminal), errors
        try:
            yield errors
        finally:
            sys.stdin, sys.stdout, sys.stderr = before
            os.fchdir(folder)
            os.close(folder)
