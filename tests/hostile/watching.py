"""What Python itself reports of a process: code made of text, programs started, files written, connections."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

GENERATES = (  # code of its own, from numbers and names that are not the user's
    "/collections/__init__.py", "/dataclasses.py", "/enum.py", "/typing.py", "/functools.py",
    "/sympy/polys/monomials.py",
)  # fmt: skip
NEVER = frozenset({
    "os.system", "os.exec", "os.spawn", "os.forkpty", "pty.spawn", "socket.connect", "socket.bind",
    "socket.getaddrinfo", "urllib.Request", "webbrowser.open", "code.__new__", "ctypes.cdata",
    "sys.addaudithook", "sys.settrace",
})  # fmt: skip
STARTED = ("dot", "python", "gradviz")  # what may be started
NOWHERE = ("/dev/", "/proc/", "/nonexistent/", "/tmp/gradviz-")  # where nothing can be written, or nothing stays
CHANGES = frozenset(
    {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
)


def watch(report: int, root: str) -> None:
    """Write a line to the descriptor `report` for each thing that no input may bring about.

    `root` is the folder in which files may be written.
    """
    inside = (os.path.realpath(root) + os.sep, *NOWHERE)

    def look(event: str, args: tuple[Any, ...]) -> None:
        if told := _told(event, args, inside):
            os.write(report, f"{told}\n".encode(errors="replace"))

    sys.addaudithook(look)


def _told(event: str, args: tuple[Any, ...], inside: tuple[str, ...]) -> str:
    if event in NEVER:
        return f"{event} {args!r:.200}"
    if event in {"compile", "exec"}:
        return _code(event, args)
    if event == "subprocess.Popen":
        return "" if Path(os.fsdecode(args[0])).name.startswith(STARTED) else f"{event} {args!r:.200}"
    if event == "pickle.find_class":
        return (
            "" if str(args[0]).startswith(("gradviz", "pathlib", "concurrent", "types")) else f"{event} {args!r:.200}"
        )
    if event == "open" and isinstance(args[0], str | bytes) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return _outside(event, args[:1], inside)
    return _outside(event, args, inside) if event in CHANGES else ""


def _outside(event: str, args: tuple[Any, ...], inside: tuple[str, ...]) -> str:
    paths = [f"{os.path.realpath(os.fsdecode(arg))}/" for arg in args if isinstance(arg, str | bytes | os.PathLike)]
    return "" if all(path.startswith(inside) for path in paths) else f"{event} {paths}"


def _code(event: str, args: tuple[Any, ...]) -> str:
    """Code that comes from no file, unless a library wrote it by itself."""
    name = args[1] if event == "compile" else args[0].co_filename
    name = os.fsdecode(name) if isinstance(name, str | bytes) else "<string>"
    if not name.startswith("<") or name.startswith("<frozen"):
        return ""
    caller = sys._getframe(3).f_code.co_filename
    if event == "compile" and caller.endswith("/ast.py"):  # the header of a .npy file: literals, which are not run
        return ""
    return "" if caller.endswith(GENERATES) else f"{event} {args!r:.200} by {caller}"
