"""What a case is: a command line with all that surrounds it, and what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tests.shares import FULL

__all__ = ["CANARY", "FULL", "Case", "drawn", "refused"]

CANARY = "CANARY"  # in any text of a case: the path of a file that nothing may write
NOTHING: Mapping[str, str] = MappingProxyType({})


class Case(NamedTuple):
    """A command line in a folder with some files.

    An error is one message and an empty standard output; otherwise there is a whole figure, in the place it was asked
    for. In neither case is there any other file, or anything on standard error that is not gradviz's.
    """

    words: tuple[str, ...]
    status: int = 2
    says: str = ""  # found in standard error, as a regular expression
    shows: str = ""  # found in the text of the figure
    stdin: bytes = b""
    files: Mapping[str, bytes] = MappingProxyType({})
    env: Mapping[str, str | None] = NOTHING  # None: it is not set
    writes: tuple[str, ...] = ()  # the files that are there afterwards
    failures: int = 0  # of a batch, each a message of its own
    memory: int = 1 << 30  # bytes over what the interpreter has
    streams: Mapping[int, str] = MappingProxyType({})  # instead of standard input, output and error
    modes: Mapping[str, int] = MappingProxyType({})  # of files, "." is the folder

    def with_canary(self, path: str) -> Case:
        """The case with the path of the canary in its texts."""

        def text(old: str) -> str:
            return old.replace(CANARY, path)

        def data(old: bytes) -> bytes:
            return old.replace(CANARY.encode(), path.encode())

        return self._replace(
            words=tuple(map(text, self.words)),
            shows=text(self.shows),
            stdin=data(self.stdin),
            files={text(name): data(content) for name, content in self.files.items()},
            env={name: value and text(value) for name, value in self.env.items()},
            writes=tuple(map(text, self.writes)),
        )


def refused(*words: str, says: str = "") -> Case:
    return Case(words, 2, says)


def drawn(*words: str, shows: str = "") -> Case:
    return Case(words, 0, shows=shows)
