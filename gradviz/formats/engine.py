"""DOT -> drawing: the only place that calls Graphviz.

`graphviz` is the Graphviz inside pygraphviz's wheel, `dot` the one on PATH; `auto` is the first of them that is there.
They draw at the places that the text gives, in processes of their own that are killed when they take too long. What
needs no engine, such as an SVG under `auto`, does not come here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gradviz.errors import RenderError, printable, row_named
from gradviz.limits import beyond, most

_ERROR: Final = "Error:"  # how Graphviz begins a line that tells a failure
_LONGEST: Final = 200  # letters of such a line that are told
_ENDS: Final = {  # how a drawing begins and ends
    "png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    "pdf": (b"%PDF-", b"%%EOF"),
    "svg": (b"<", b"</svg>"),
}
_TEXTS: Final = frozenset({"svg"})
_READERS_FONTS: Final = frozenset({"svg"})  # in these the fonts of whoever looks are used
_OTHER: Final = "--engine dot uses the dot on PATH"
_told_letters: set[str] = set()


def draw(dot: str, kind: str, engine: str) -> bytes:
    """The drawing of a DOT text as `kind` (svg, png or pdf); raises `RenderError` when the engine fails."""
    return row_named("engine", engine, ENGINES)(dot, kind)


def _auto(dot: str, kind: str) -> bytes:
    from gradviz.formats.graphviz import is_here

    return (_bundled if is_here() else _on_path)(dot, kind)


def _bundled(dot: str, kind: str) -> bytes:
    from gradviz.formats.graphviz import DrawerError, draw

    try:
        answer = draw(dot, kind, _asked(dot, kind), most("engine"))
    except TimeoutError:
        raise _late("Graphviz") from None
    except DrawerError as error:
        raise RenderError(f"Graphviz {error.why}{_last(error.said)}; {_OTHER}") from None
    except (OSError, RuntimeError) as error:
        raise RenderError(f"Graphviz cannot be started: {printable(str(error))}; {_OTHER}") from None
    _check("Graphviz", kind, answer.drawing, answer.said, answer.wrong)
    _tell_missing([letter for letter in answer.lacking if letter not in _told_letters])
    return answer.drawing


def _on_path(dot: str, kind: str) -> bytes:
    from gradviz.formats.fontconfig import environment
    from gradviz.formats.programs import MOST, FloodError, fate, run

    command = [_program(), "-Kneato", "-n2", f"-T{kind}"]
    try:
        with environment() as surroundings:
            done = run(command, dot.encode(errors="replace"), most("engine"), surroundings)
    except TimeoutError:
        raise _late("'dot'") from None
    except FloodError:
        raise RenderError(f"'dot' wrote more than {MOST} bytes") from None
    except (OSError, RuntimeError) as error:
        raise RenderError(f"'dot' cannot be started: {printable(str(error))}") from None
    if done.status and not _complaint(done.said):
        raise RenderError(f"'dot' {fate(done.status)}{_last(done.said)}")
    _check("'dot'", kind, done.written, done.said)
    return done.written


ENGINES: Final[dict[str, Callable[[str, str], bytes]]] = {"auto": _auto, "graphviz": _bundled, "dot": _on_path}


def _program() -> str:
    """The `dot` on PATH; one in the current folder is none."""
    from pathlib import Path
    from shutil import which

    folders = [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
    program = which("dot", path=os.pathsep.join(folders))
    if program is None or not Path(program).is_absolute():
        raise RenderError("no Graphviz: there is no 'dot' on PATH (install Graphviz, or pygraphviz, which brings it)")
    return program


def _late(name: str) -> RenderError:
    return RenderError(f"{name} took too long: {beyond('engine')}")


def _check(name: str, kind: str, drawing: bytes, said: bytes, wrong: str = "") -> None:
    """Raise `RenderError` for what an engine complains of, and for what is no drawing."""
    if complaint := _complaint(said) or wrong:
        raise RenderError(f"{name} failed: {_short(complaint)}")
    if not drawing.strip():
        raise RenderError(f"{name} drew nothing{_last(said)}")
    if not _is_whole(kind, drawing):
        raise RenderError(f"what {name} wrote is not a whole {kind.upper()}")


def _is_whole(kind: str, drawing: bytes) -> bool:
    begins, ends = _ENDS.get(kind, (b"", b""))
    try:
        drawing.decode() if kind in _TEXTS else None
    except UnicodeDecodeError:
        return False
    return drawing.startswith(begins) and drawing[-2 * len(ends) :].rstrip().endswith(ends)


def _complaint(said: bytes) -> str:
    lines = (line for line in said.decode(errors="replace").splitlines() if line.startswith(_ERROR))
    return next(lines, "").removeprefix(_ERROR).strip()


def _last(said: bytes) -> str:
    """The last line that was said, to follow a sentence."""
    lines = said.decode(errors="replace").split("\n")
    line = next((line for line in reversed(lines) if line.strip()), "")
    return f": {_short(line)}" if line else ""


def _short(line: str) -> str:
    """A line for a message."""
    text = printable(" ".join(line.split()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _asked(dot: str, kind: str) -> str:
    """The letters for which boxes might be drawn."""
    if kind in _READERS_FONTS or dot.isascii():
        return ""
    from gradviz.formats.glyphs import asked

    return asked(dot)


def _tell_missing(letters: list[str]) -> None:
    """One line for letters that no font has, each once."""
    _told_letters.update(letters)
    if letters and sys.stderr:  # else print would take standard output
        from gradviz.formats.glyphs import told

        with suppress(OSError):
            print(f"gradviz: note: {told(letters)}", file=sys.stderr)
