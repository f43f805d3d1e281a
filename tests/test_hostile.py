"""What is hostile or broken costs one clear line: the cases of `tests/hostile` through the real command, in a sandbox.

That is a share of them; with the environment variable GRADVIZ_TEST_FULL all, and what is to take too long is as large
as it may be.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import broken, learning, limits, manners, payloads
from tests.hostile.cases import CANARY, FULL, Case, drawn, refused
from tests.hostile.fixtures import folder, server
from tests.hostile.sandbox import Outcome, Place, Servers, problems, run_alone

__all__ = ["folder", "server"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory, /proc and /dev/full are Linux's")


CATEGORIES: dict[str, dict[str, Case]] = {
    "payloads": payloads.cases(),
    "broken": broken.cases(),
    "limits": limits.cases(),
    "manners": manners.cases(),
    "learning": learning.cases(),
}
SHARES = {"payloads": 5, "broken": 5, "learning": 5}  # of how many cases one runs, unless all do
CASES = {
    f"{category}: {name}": case
    for category, cases in CATEGORIES.items()
    for name, case in [*cases.items()][:: 1 if FULL else SHARES.get(category, 1)]
}
EVERY = 60  # of how many cases one runs in an interpreter of its own too


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_input_costs_a_line(server: Servers, folder: Path, name: str) -> None:
    place = Place(folder, CASES[name])
    assert problems(place.case, server.run(place)) == []


def fits(case: Case) -> bool:
    """Whether a command line can be given to a process."""
    return not case.streams and "\0" not in "".join(case.words) and sum(map(len, case.words)) < 100_000


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if fits(case)][::EVERY])
def test_the_installed_command_does_the_same(folder: Path, name: str) -> None:
    place = Place(folder, CASES[name])
    assert problems(place.case, run_alone(place)) == []


def test_there_are_several_hundred_of_all_categories() -> None:
    assert len(CASES) > 500
    assert sum(map(len, CATEGORIES.values())) > 1_500
    assert all(len(cases) > 100 for cases in CATEGORIES.values())


# the sandbox sees what it should -------------------------------------------------------------------------------------

WRONG: dict[str, tuple[Case, str]] = {
    "a status": (drawn("("), "exit status 2, not 0"),
    "a figure": (refused("x", "--x=1"), "exit status 0, not 2"),
    "a file": (Case(("x", "--x=1", "-o", "f.svg"), 0), "files: "),
    "no file": (Case(("x", "--x=1"), 0, writes=("f.svg",)), "files: "),
    "a canary": (Case(("x", "--x=1", "-o", CANARY, "-f", "svg"), 0), "canary"),
    "a file outside": (Case(("x", "--x=1", "-o", "/tmp/gradvi-outside.svg"), 0, writes=("x",)), "open ["),
    "what is told": (refused("(", says="a bracket of gold"), "does not say"),
    "what is shown": (drawn("x", "--x=1", shows="gold"), "does not show"),
    "the number of failures": (
        Case(("batch", "l.jsonl", "--out", "d"), 1, failures=2, files={"l.jsonl": b"{}"}, writes=("d/manifest.json",)),
        "1 errors, not 2",
    ),
    "too much memory": (refused("(" * 90_000)._replace(memory=0), ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(server: Servers, folder: Path, name: str) -> None:
    case, wanted = WRONG[name]
    place = Place(folder, case)
    assert wanted in "\n".join(problems(place.case, server.run(place)))
    Path("/tmp/gradvi-outside.svg").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("wanted", "done"),
    [
        ("Traceback", Outcome(2, b"", b"gradviz: error: x\nTraceback (most recent call last):\n", [], frozenset())),
        ("a bug", Outcome(2, b"", b"gradviz: error: KeyError: x (this is a bug, please report it)\n", [], frozenset())),
        ("obeys", Outcome(2, b"", b"gradviz: error: \x1b[2J\n", [], frozenset())),
        ("UTF-8", Outcome(2, b"", b"gradviz: error: \xff\n", [], frozenset())),
        ("exactly one", Outcome(2, b"", b"", [], frozenset())),
        ("exactly one", Outcome(2, b"", b"gradviz: error: x\ngradviz: error: y\n", [], frozenset())),
        ("exactly one", Outcome(2, b"", b"Fontconfig error: x\ngradviz: error: y\n", [], frozenset())),
        ("lines", Outcome(2, b"", b"gradviz: error: x\n1\n2\n3\n4\n", [], frozenset())),
        ("letters", Outcome(2, b"", b"gradviz: error: " + b"x" * 4000 + b"\n", [], frozenset())),
        ("standard output", Outcome(2, b"<svg", b"gradviz: error: x\n", [], frozenset())),
        ("os.system", Outcome(2, b"", b"gradviz: error: x\n", ["os.system ('ls',)"], frozenset())),
        ("exit status -9", Outcome(-9, b"", b"gradviz: error: x\n", [], frozenset())),
    ],
)
def test_what_no_error_may_do_is_found(wanted: str, done: Outcome) -> None:
    assert wanted in "\n".join(problems(refused("("), done))


@pytest.mark.parametrize(
    ("wanted", "out", "err"),
    [
        ("nothing", b"", b""),
        ("well-formed", b"<svg>", b""),
        ("script", b"<svg><script/></svg>", b""),
        ("onload", b"<svg onload='x'/>", b""),
        ("href", b"<svg><g href='http://x'/></svg>", b""),
        ("standard error", b"<svg/>", b"Fontconfig error\n"),
        ("standard error", b"<svg/>", b"gradviz: error: x\n"),
    ],
)
def test_what_no_figure_may_do_is_found(wanted: str, out: bytes, err: bytes) -> None:
    assert wanted in "\n".join(problems(drawn("x"), Outcome(0, out, err, [], frozenset())))


WATCHED = {
    "eval": "eval('1')",
    "exec": "exec('x = 1')",
    "compile": "compile('1', '<x>', 'eval')",
    "os.system": "import os; os.system('true')",
    "a program": "import subprocess; subprocess.run(['true'])",
    "a shell": "import subprocess; subprocess.run('true', shell=True)",
    "pickle": "import pickle; pickle.loads(b'cos\\nsystem\\n.')",
    "a file": "open('/tmp/gradvi-outside', 'w').close()",
    "a folder": "import os; os.mkdir('/tmp/gradvi-outside')",
    "a name": "import os; os.rename('/tmp/gradvi-outside', 'x')",
    "a connection": "import socket; socket.create_connection(('127.0.0.1', 9), 0.01)",
}


@pytest.mark.parametrize("name", WATCHED)
def test_what_python_reports_is_seen(tmp_path: Path, name: str) -> None:
    """The line runs under the same watch as the command does; from a file, as the package does."""
    script = tmp_path / "script.py"
    script.write_text(f"from tests.hostile.watching import watch\nwatch(1, {str(tmp_path)!r})\n{WATCHED[name]}\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, env={"PYTHONPATH": "."}, check=False)
    for left in (Path("/tmp/gradvi-outside"),):
        left.unlink() if left.is_file() else left.rmdir() if left.exists() else None
    assert done.stdout != b""
