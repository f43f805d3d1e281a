"""In a process of its own: the Graphviz inside pygraphviz's wheel draws what it is asked to, until nobody asks."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from types import ModuleType
from typing import IO, Any, Final, NoReturn

from gradviz.formats import messages

REQUEST: Final = 3  # fields: the DOT text, the kind, letters for which fonts are looked for
ANSWER: Final = 4  # fields: the drawing, what went wrong, what was said on standard error, letters without a font
_PLACED: Final = b"nop2"  # the layout that keeps places, of wires too
_GONE: Final = getattr(signal, "SIGIO", None)  # tells that nobody asks any more


def serve() -> NoReturn:
    """Answer requests from standard input on standard output; ends with whoever asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks ends it
    requests, answers = _pipes()
    _watch(requests)
    with suppress(EOFError, OSError):
        while True:
            dot, kind, letters = messages.read(requests, REQUEST)
            _when_gone("SIG_DFL")
            answer = _answer(dot, kind.decode(), letters.decode())
            _when_gone("SIG_IGN")
            messages.write(answers, *answer)
    os._exit(0)


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output under other numbers: what a library reads or prints there are no messages."""
    requests, answers = (os.fdopen(os.dup(number), mode, buffering=0) for number, mode in ((0, "rb"), (1, "wb")))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _watch(requests: IO[bytes]) -> None:
    """Have the system send a signal when the other end of the pipe is closed; no Python code runs during a drawing."""
    if sys.platform == "linux":
        import fcntl

        _when_gone("SIG_IGN")
        with suppress(OSError):
            flags = fcntl.fcntl(requests, fcntl.F_GETFL)
            fcntl.fcntl(requests, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(requests, fcntl.F_SETFL, flags | os.O_ASYNC)


def _when_gone(action: str) -> None:
    """Requests send the signal too, so that it may end the process only while none can come."""
    if _GONE is not None:
        signal.signal(_GONE, getattr(signal, action))


def _answer(dot: bytes, kind: str, letters: str) -> tuple[bytes, bytes, bytes, bytes]:
    data, wrong, lacking = b"", "", ""
    try:
        data = _drawn(dot, kind)
        if letters:
            from gradviz.formats.glyphs import without_font

            lacking = "".join(without_font(letters))
    except ImportError as error:
        wrong = f"pygraphviz cannot be loaded ({error})"
    except Exception as error:  # whatever a library raises is for the one who asks
        wrong = f"{type(error).__name__}: {error}"
    return data, wrong.encode(errors="replace"), _said(), lacking.encode()


def _drawn(dot: bytes, kind: str) -> bytes:
    """The drawing at the places that the text gives; b"" or an exception where there is none."""
    library = _library()
    with memory() as file:  # given a text, pygraphviz would need a folder for temporary files
        file.write(dot)
        file.seek(0)
        graph = library.agread(file, None)
    context = library.gvContextWithBuiltins()
    if library.gvLayout(context, graph, _PLACED):
        raise RuntimeError("there is no layout at given places")
    status, data = library.gvRenderData(context, graph, kind.encode())
    library.gvFreeLayout(context, graph)
    library.gvFreeContext(context)
    library.agclose(graph)
    return data if status == 0 else b""


def _library() -> Any:
    """Graphviz's own functions, without the classes around them: these would be half of the start.

    On Windows the package itself is loaded first; it knows where the libraries are.
    """
    if "pygraphviz" not in sys.modules and sys.platform != "win32" and (spec := find_spec("pygraphviz")):
        package = ModuleType("pygraphviz")
        package.__path__ = list(spec.submodule_search_locations or ())
        sys.modules["pygraphviz"] = package
    from pygraphviz import graphviz

    return graphviz


def memory() -> IO[bytes]:
    """A file without a name; in memory where that is possible."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("gradviz"), "w+b")
    from tempfile import TemporaryFile

    return TemporaryFile()


def _said() -> bytes:
    """What was written to standard error since the last request; it is a file that the one who asks has made."""
    with suppress(OSError):
        length = os.lseek(2, 0, os.SEEK_CUR)
        os.lseek(2, 0, os.SEEK_SET)
        said = os.read(2, length)
        os.lseek(2, 0, os.SEEK_SET)
        os.ftruncate(2, 0)
        return said
    return b""
