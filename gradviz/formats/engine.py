"""DOT -> drawing: the only place that calls Graphviz.

`graphviz` is the Graphviz inside pygraphviz's wheel, `dot` the one on PATH; `auto` is the first of them that is there.
They draw at the places that the text gives. What needs no engine, such as an SVG under `auto`, does not come here.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from threading import Lock
from typing import IO, TYPE_CHECKING, Final

from gradviz.errors import RenderError, row_named

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT: Final = 60.0  # seconds for one drawing by the `dot` on PATH
_ERROR: Final = "Error:"  # how Graphviz begins a line that tells a failure
_NOTHING_TO_ACT_ON: Final = ("Fontconfig ", "Warning: cell size too small", "in label of node")
_ALONE: Final = Lock()  # descriptor 2 and the environment are the process's
_known_fonts: list[Path] = []  # what the first drawing was told of
_told_letters: set[str] = set()
_SYSTEM_FONTS: Final = "/etc/fonts"  # for Fontconfig, unless the environment says otherwise
_FONTCONFIG: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">{system}</include><dir>{fonts}</dir>
<alias binding="same"><family>serif</family><default><family>Gradviz Myeongjo</family></default></alias>
<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>"""
_READERS_FONTS: Final = frozenset({"svg"})  # in these the fonts of whoever looks are used


def draw(dot: str, kind: str, engine: str) -> bytes:
    """The drawing of a DOT text as `kind` (svg, png or pdf); raises `RenderError` when the engine fails."""
    data = row_named("engine", engine, ENGINES)(dot, kind)
    if not dot.isascii() and kind not in _READERS_FONTS:
        _tell_missing_letters(dot)
    return data


def fonts() -> Path:
    """The folder of the fonts that travel with the package."""
    from pathlib import Path

    return Path(__file__).parent.parent / "fonts"


def _tell_missing_letters(dot: str) -> None:
    """One line for letters that no font has, each once."""
    from gradviz.formats.glyphs import missing, told

    if lacking := [letter for letter in missing(dot) if letter not in _told_letters]:
        _told_letters.update(lacking)
        if sys.stderr:  # else print would take standard output
            print(f"gradviz: note: {told(lacking)}", file=sys.stderr)


def _auto(dot: str, kind: str) -> bytes:
    from importlib.util import find_spec

    return (_bundled if find_spec("pygraphviz") else _on_path)(dot, kind)


def _bundled(dot: str, kind: str) -> bytes:
    with _ALONE, _own_fonts(), _standard_error() as said:
        try:
            from pygraphviz import AGraph
        except ImportError as error:
            raise RenderError(f"pygraphviz cannot be loaded ({error}); --engine dot uses the dot on PATH") from None
        graph = AGraph(string=dot)  # type: ignore[no-untyped-call]
        graph.has_layout = True  # draw at the places given
        data: bytes = graph.draw(format=kind)  # type: ignore[no-untyped-call]
    complaints = [line for line in said if line.startswith(_ERROR)]
    if complaints:
        raise RenderError(f"Graphviz: {complaints[0].removeprefix(_ERROR).strip()}")
    return data


def _on_path(dot: str, kind: str) -> bytes:
    import subprocess
    from shutil import which

    program = which("dot")
    if program is None:
        raise RenderError("no Graphviz: there is no 'dot' on PATH (install Graphviz, or pygraphviz, which brings it)")
    command = [program, "-Kneato", "-n2", f"-T{kind}"]
    try:
        with _fontconfig() as known:
            done = subprocess.run(  # noqa: S603
                command, input=dot.encode(), capture_output=True, timeout=TIMEOUT, check=False, env=os.environ | known
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"'dot' failed: {error}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
        raise RenderError(f"'dot' failed: {said[0]}")
    return done.stdout


ENGINES: Final[dict[str, Callable[[str, str], bytes]]] = {"auto": _auto, "graphviz": _bundled, "dot": _on_path}


@contextlib.contextmanager
def _own_fonts() -> Iterator[None]:
    """Let the first drawing know the fonts that travel with the package; Fontconfig reads its file once."""
    if _known_fonts:
        yield
        return
    _known_fonts.append(fonts())
    with _fontconfig() as known:
        before = {name: os.environ.get(name) for name in known}
        os.environ.update(known)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _fontconfig() -> Iterator[dict[str, str]]:
    """The environment in which Fontconfig knows our fonts beside those it would know; {} where it is not used.

    It takes only a file with a name; without a place for one the system's fonts must do.
    """
    with contextlib.ExitStack() as stack:
        known = {}
        if sys.platform.startswith("linux"):
            from tempfile import NamedTemporaryFile

            with contextlib.suppress(OSError):
                file = stack.enter_context(NamedTemporaryFile("w", prefix="gradviz-", suffix=".conf", encoding="utf-8"))
                file.write(_FONTCONFIG.format(system=_xml(_system_fonts()), fonts=_xml(str(fonts()))))
                file.flush()
                known = {"FONTCONFIG_FILE": file.name}
        yield known


def _system_fonts() -> str:
    """The configuration that Fontconfig would read without us."""
    from pathlib import Path

    folder = os.environ.get("FONTCONFIG_PATH", "").split(os.pathsep)[0] or _SYSTEM_FONTS
    return str(Path(folder, os.environ.get("FONTCONFIG_FILE") or "fonts.conf"))


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@contextlib.contextmanager
def _standard_error() -> Iterator[list[str]]:
    """Collects what a library writes to file descriptor 2; passes on what is neither an error nor of no use."""
    lines: list[str] = []
    try:
        kept = os.dup(2)
    except OSError:  # it is closed: nobody reads
        yield lines
        return
    if sys.stderr:
        sys.stderr.flush()
    with _memory() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            said.seek(0)
            lines += said.read().decode(errors="replace").splitlines()
    for line in lines:
        if not line.startswith((_ERROR, *_NOTHING_TO_ACT_ON)):
            print(line, file=sys.stderr)


def _memory() -> IO[bytes]:
    """A file without a name; in memory where that is possible."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stderr"), "w+b")
    from tempfile import TemporaryFile

    return TemporaryFile()
