"""The process in which the Graphviz of pygraphviz's wheel draws: one for all drawings, killed when one takes too long.

It starts with the first drawing and ends with this process. It is an interpreter of its own and isolated: it imports
the standard library, and else only from the folders of gradviz and pygraphviz.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, TimeoutExpired
from threading import TIMEOUT_MAX, Lock, Thread
from typing import IO, Final, NamedTuple

from gradviz.formats import messages
from gradviz.formats.drawer import ANSWER, memory
from gradviz.formats.fontconfig import environment
from gradviz.formats.programs import close, end, fate, started

_GRADVIZ: Final = Path(__file__).parent.parent
_CODE: Final = "import sys; sys.path += sys.argv[1:]; from gradviz.formats.drawer import serve; serve()"
_FLAGS: Final = ("-I", "-S", "-B")  # nothing from the environment, the current folder, the user's; nothing written
_START: Final = 60.0  # seconds for starting, in which Fontconfig may look at all the fonts of a machine
_END: Final = 1.0  # seconds for the pipes of a process that was killed
_HEARD: Final = 1 << 16  # bytes
_FIRST: Final = (b'digraph { a [pos="0,0"] }', b"svg", b"")  # a letter, so that the fonts are known


class Answer(NamedTuple):
    """What came of a request."""

    drawing: bytes = b""
    wrong: str = ""  # what went wrong
    said: bytes = b""  # what the libraries wrote to standard error
    lacking: str = ""  # letters of the request that no font has


class DrawerError(Exception):
    """There is no process that draws: how it ended or why it did not start, and what it said."""

    def __init__(self, why: str, said: bytes = b"") -> None:
        super().__init__(why)
        self.why, self.said = why, said


def is_here() -> bool:
    """Whether pygraphviz is installed; it is not imported."""
    return _keeper.drawer is not None or _folder() is not None


def draw(dot: str, kind: str, letters: str, seconds: float) -> Answer:
    """What comes of a DOT text; raises `TimeoutError` after so many seconds, `DrawerError` when the process dies.

    Fonts are looked for that have the `letters`.
    """
    return _keeper.ask((dot.encode(errors="replace"), kind.encode(), letters.encode()), seconds)


class _Drawer:
    """A process that draws, and its pipes."""

    def __init__(self, command: Sequence[str], surroundings: Mapping[str, str]) -> None:
        self.said = memory()
        self.thread: Thread | None = None
        try:
            self.process = started(command, stdin=PIPE, stdout=PIPE, stderr=self.said, env=surroundings, cwd=_GRADVIZ)
        except BaseException:
            self.said.close()
            raise

    def ask(self, request: Sequence[bytes], seconds: float) -> Answer:
        """Raises `TimeoutError` or `DrawerError`; it is of no use any more then."""
        answers: list[Answer] = []
        thread = Thread(target=self._converse, args=(request, answers), daemon=True)
        thread.start()
        self.thread = thread
        thread.join(min(seconds, TIMEOUT_MAX))
        if thread.is_alive():
            raise TimeoutError
        if not answers:
            with suppress(TimeoutExpired):  # its pipes are gone, soon it is
                self.process.wait(_END)
            end(self.process)
            raise DrawerError(fate(self.process.returncode), self._last_words())
        return answers[0]

    def _converse(self, request: Sequence[bytes], answers: list[Answer]) -> None:
        """Ask and listen, beside the thread that waits: either may take forever."""
        with suppress(EOFError, OSError, ValueError):
            messages.write(self._pipe("stdin"), *request)
            drawing, wrong, said, lacking = messages.read(self._pipe("stdout"), ANSWER)
            answers.append(Answer(drawing, wrong.decode(), said, lacking.decode()))

    def _last_words(self) -> bytes:
        self.said.seek(0)
        return self.said.read(_HEARD)

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self.process, name)
        return pipe

    def close(self) -> None:
        """Kill it."""
        end(self.process)
        if self.thread:
            self.thread.join(_END)
        self._let_go()

    def forget(self) -> None:
        """In a copy of this process (a fork): it is not ours."""
        self.process.returncode = 0  # nothing to wait for
        self._let_go()

    def _let_go(self) -> None:
        close(self.process)
        self.said.close()


class _Keeper:
    """Has the process that draws, if any; one request at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.drawer: _Drawer | None = None

    def ask(self, request: Sequence[bytes], seconds: float) -> Answer:
        with self.lock:
            try:
                return self._running().ask(request, seconds)
            except BaseException:  # an interrupt too: its answer would be taken for the next
                self.close()
                raise

    def _running(self) -> _Drawer:
        if self.drawer is None or self.drawer.process.poll() is not None:
            self.close()
            self.drawer = _started()
        return self.drawer

    def close(self) -> None:
        drawer, self.drawer = self.drawer, None
        if drawer:
            drawer.close()

    def forget(self) -> None:
        drawer, self.drawer, self.lock = self.drawer, None, Lock()
        if drawer:
            drawer.forget()


_keeper: Final = _Keeper()
atexit.register(_keeper.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keeper.forget)


def _started() -> _Drawer:
    """A process that has loaded Graphviz and knows the fonts."""
    with environment() as surroundings:
        drawer = _Drawer(_command(), surroundings)
        try:
            _try(drawer)
        except BaseException:
            drawer.close()
            raise
    return drawer


def _try(drawer: _Drawer) -> None:
    try:
        first = drawer.ask(_FIRST, _START)
    except TimeoutError:
        raise DrawerError(f"did not start within {_START:g} s") from None
    if first.wrong:
        raise DrawerError(first.wrong)


def _command() -> list[str]:
    folder = _folder()
    if folder is None:
        raise DrawerError("is not here: there is no pygraphviz")
    if not sys.executable or getattr(sys, "frozen", False):
        raise DrawerError("cannot be started: there is no interpreter for its process")
    return [sys.executable, *_FLAGS, "-c", _CODE, str(folder), str(_GRADVIZ.absolute().parent)]


def _folder() -> Path | None:
    """The folder from which this process would import pygraphviz."""
    try:
        spec = find_spec("pygraphviz")
    except ValueError:
        return None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]).absolute().parent if places else None
