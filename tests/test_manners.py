"""Manners on a terminal and in a system, as processes of their own: closed streams, readers that leave, interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import rmtree

import pytest

from tests.hostile import manners
from tests.hostile.cases import CANARY, Case, drawn
from tests.hostile.fixtures import folder, server
from tests.hostile.sandbox import Outcome, Place, Servers, installed, problems, run_alone

__all__ = ["folder", "server"]
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits of memory, /proc and pseudo-terminals are Linux's"
)

NEURON = manners.NEURON
ALONE: dict[str, Case] = {
    "C": Case(("비용*2",), 0, env={"LC_ALL": "C", "LANG": None}),
    "an error in C": Case(("비용*(",), 2, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
    "cp1252": Case(("비용*2", "--title=∂", "-f", "text"), 0, env={"PYTHONIOENCODING": "cp1252"}),
    "an error in cp1252": Case(("비용*(",), 2, env={"PYTHONIOENCODING": "cp1252"}),
    "an explanation in cp1252": Case(("explain", *NEURON), 0, env={"PYTHONIOENCODING": "cp1252"}),
    "an error in ASCII": Case(("비용*(",), 2, env={"PYTHONIOENCODING": "ascii:strict"}),
    "gates in ASCII": Case(("gates",), 0, env={"PYTHONIOENCODING": "ascii:strict"}),
    "help in ASCII": Case(("--help",), 0, env={"PYTHONIOENCODING": "ascii:strict"}),
    "warnings of SymPy that are errors": Case(("--simplify", "zeta(x)+x"), 0, env={"PYTHONWARNINGS": "error"}),
    "warnings of a batch": manners.BATCH._replace(env={"PYTHONWARNINGS": "error"}),
    "all that Python would warn of": Case((*NEURON, "-f", "png"), 0, env={"PYTHONDEVMODE": "1"}),
    "all that it would warn of in a table": manners.PRINTS["table"]._replace(env={"PYTHONDEVMODE": "1"}),
    "all that it would warn of in steps": manners.STEPS._replace(env={"PYTHONDEVMODE": "1"}),
    "no docstrings": Case(("batch", "--help"), 0, env={"PYTHONOPTIMIZE": "2"}),
    "no asserts": Case(("x[1]", "--x=[1]"), 2, env={"PYTHONOPTIMIZE": "2"}),
    "bytes that are no text": Case(("\udcff\udcfe", "--x=1"), 2),
    "bytes in the environment": Case(NEURON, 0, env=dict.fromkeys(("LANG", "COLUMNS", "GRADVIZ_\udcff"), "\udcff")),
    "bytes for a limit": Case(("x*x", "--x=1"), 2, env={"GRADVIZ_MAX_TEXT": "\udcff"}),
    "bytes for a file": Case((*NEURON, "-o", "\udcff.svg"), 0, writes=("\ufffd.svg",)),
    "an argument of 128 kB": Case(("((x+x))" + " " * 130_000, "--x=1"), 0),
    "a thousand arguments": Case(tuple("x" * 1000), 2),
    "an empty argument": Case(("",), 2),
    "modules of a stranger": Case((*NEURON, "-f", "png"), 0),
    "modules of a stranger in a batch": manners.BATCH,
    "modules of a stranger in a table": Case(("table", "x.csv", "x*x"), 0, files=manners.TABLE),
}  # fmt: skip
MODULES = [
    "numpy",
    "sympy",
    "click",
    "json",
    "random",
    "pickle",
    "signal",
    "multiprocessing",
    "sitecustomize",
    "usercustomize",
    "rich",
    "code",
    "gradviz",
    "pygraphviz",
    "graphviz",
    "tempfile",
    "string",
    "encodings",
    "subprocess",
    "colorsys",
    "tomllib",
    "struct",
]


@pytest.mark.parametrize("name", ALONE)
def test_it_keeps_its_manners(folder: Path, name: str) -> None:
    case = ALONE[name]
    if "stranger" in name:
        poison = f"open({CANARY!r}, 'w').write(__name__)\n".encode()
        case = case._replace(files={**case.files, **{f"{module}.py": poison for module in MODULES}})
    place = Place(folder, case)
    assert problems(place.case, run_alone(place)) == []


CLOSED = {
    "input": ("<&-", 0),
    "output": (">&-", 1),
    "errors": ("2>&-", 0),
    "input and output": ("<&- >&-", 1),
    "output and errors": (">&- 2>&-", 1),
    "all": ("<&- >&- 2>&-", 1),
}


def shell(place: Place, line: str) -> Outcome:
    """A line for a shell, in which `gradviz` is the installed command."""
    command = " ".join(installed(place))
    done = subprocess.run(
        ["bash", "-c", f"gradviz() {{ {command} \"$@\"; }}\n{line}"],
        capture_output=True, cwd=place.work, env=place.environment, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr, [], place.found())


@pytest.mark.parametrize("name", CLOSED)
def test_streams_may_be_closed(folder: Path, name: str) -> None:
    how, status = CLOSED[name]
    done = shell(Place(folder, drawn("x")), f"gradviz 'x*x' --x=1 {how}")
    assert done.status == status
    assert b"Traceback" not in done.err
    assert done.err.count(b"\n") == (status if "2>&-" not in how else 0)


@pytest.mark.parametrize("how", ["<&-", "<&- >&- 2>&-"])
def test_a_file_is_written_whatever_is_closed(folder: Path, how: str) -> None:
    place = Place(folder, drawn("x"))
    assert shell(place, f"gradviz 'x*x' --x=1 -o f.svg {how}")[:2] == (0, b"")
    assert (place.work / "f.svg").read_bytes().startswith(b"<svg ")


@pytest.mark.parametrize(
    "words", ["", "gates --spelled", "'x*x' -f png", "--help", "samples", "-f json " + "'x" + "*x" * 5000 + "'"]
)
def test_a_reader_may_leave(folder: Path, words: str) -> None:
    done = shell(Place(folder, drawn("x")), f"set -o pipefail; gradviz {words} | head -c 10")
    assert (done.status, len(done.out), done.err) == (0, 10, b"")


def test_a_reader_may_not_have_come(folder: Path) -> None:
    done = shell(Place(folder, drawn("x")), "set -o pipefail; gradviz gates --spelled | true")
    assert (done.status, done.err) == (0, b"")


def test_a_reader_of_errors_may_leave(folder: Path) -> None:
    done = shell(Place(folder, drawn("x")), "{ gradviz '(' 2>&1 >&3 | true; } 3>&1; exit ${PIPESTATUS[0]}")
    assert (done.out, done.err) == (b"", b"")


def test_the_folder_may_be_gone(folder: Path) -> None:
    done = shell(Place(folder, drawn("x")), "mkdir gone; cd gone; rmdir ../gone; gradviz 'x*x' --x=1")
    assert (done.status, done.err) == (0, b"")


@pytest.mark.parametrize("words", ["'x*x' -o f.svg", "batch . --out d", "'sum(x)' --x=@x.csv", "x --theme=t.toml"])
def test_in_a_folder_that_is_gone_nothing_is_found(folder: Path, words: str) -> None:
    done = shell(Place(folder, drawn("x")), f"mkdir gone; cd gone; rmdir ../gone; gradviz {words}")
    assert done.status in (1, 2)
    assert done.err.startswith(b"gradviz: error: ")
    assert done.err.count(b"\n") == 1


OF_PIPES = (
    "sum(x) --x=@f.csv",
    "sum(x) --x=@f.json",
    "sum(x) --x=@f.npy",
    "x --theme=f.toml",
    "batch f.toml --out d",
    "batch f.jsonl --out d",
)


@pytest.mark.parametrize("words", OF_PIPES)
def test_a_pipe_that_nobody_writes_to_keeps_nobody_waiting(server: Servers, folder: Path, words: str) -> None:
    place = Place(folder, Case(tuple(words.split()), 2))
    for suffix in ("csv", "json", "npy", "toml", "jsonl"):
        os.mkfifo(place.work / f"f.{suffix}")
    done = server.run(place)
    assert done.status in (1, 2)
    assert done.err.startswith(b"gradviz: error: ")


def test_a_pipe_is_written_to(folder: Path) -> None:
    done = shell(Place(folder, drawn("x")), "mkfifo f.svg; cat f.svg & gradviz 'x*x' --x=1 -o f.svg; wait")
    assert (done.status, done.out[:5]) == (0, b"<svg ")


INTERRUPTED: dict[str, tuple[str, ...]] = {
    "an explanation": ("explain", "+".join(["x*y"] * 400), "--x=1", "--y=2", "-o", "f.md"),
    "standard input": ("-", "-o", "f.svg"),
    "SymPy": ("*".join(f"(x+{k})" for k in range(2000)), "--multiply-out", "-o", "f.svg"),
    "a batch": ("batch", "l.jsonl", "--out", "d", "--jobs", "1"),
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupt_is_not_an_error(folder: Path, name: str) -> None:
    place = Place(
        folder,
        Case(INTERRUPTED[name], files={"l.jsonl": manners.LIST.replace(b'"name": "n"', b'"title": ""') * 20_000}),
    )
    command, pipe = [*installed(place), *place.case.words], subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=place.work, env=place.environment, start_new_session=True
    ) as running:
        assert began(running.pid, place)
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert not [name for name in place.found() if name.endswith((".tmp", "f.svg"))]


def began(pid: int, place: Place) -> bool:
    """Whether a command is at its work: it has computed for a while, waits for more, or has begun to write."""
    before = -1
    for _ in range(300):
        time.sleep(0.1)
        ticks = sum(map(int, Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[11:13]))
        if ticks > 80 or 2 < ticks == before or any((place.work / "d").glob("*.svg")):
            return True
        before = ticks
    return False


@pytest.mark.parametrize("size", [(1, 1)])
def test_a_terminal_may_be_narrow(folder: Path, size: tuple[int, int]) -> None:
    """Nothing but what is asked for: no traceback, whatever fits into a column."""
    for words in (NEURON, ("gates",), ("explain", *NEURON), ("(",)):
        status, shown = on_terminal(Place(folder, drawn(*words)), size)
        assert status == (2 if words == ("(",) else 0)
        assert shown != b""
        assert b"Traceback" not in shown.replace(b"\r\n", b"")
        rmtree(folder)
    folder.mkdir()


def on_terminal(place: Place, size: tuple[int, int]) -> tuple[int, bytes]:
    """The status of a command and what it shows on a terminal of so many rows and columns."""
    import fcntl
    import pty
    import struct
    import termios

    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    login: Callable[[], None] = partial(os.login_tty, there)
    with subprocess.Popen(
        [*installed(place), *place.case.words],
        cwd=place.work,
        env=place.environment,
        preexec_fn=login,  # noqa: PLW1509
    ) as running:
        os.close(there)
        shown = b""
        while piece := _read(here):
            shown += piece
    os.close(here)
    return running.returncode, shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # Linux's way to say that the other end is closed
        return b""
