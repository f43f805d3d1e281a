"""Case -> what came out of it, and what is wrong with that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tests.hostile.cases import Case
from tests.hostile.server import PATIENCE, limit

ROOT = Path(__file__).parents[2]
# what pip installs
SCRIPT = "import sys\nfrom gradviz.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
# words of command lines that may need SymPy
SYMPY = frozenset(
    {"--", "-", "--latex", "--simplify", "--factor", "--multiply-out", "explain", "quiz", "check", "grad"}
)
TEXTS = frozenset({"gates", "themes", "samples", "explain", "table", "quiz", "descend", "grad", "check"})  # commands
MOST_LINES = 4  # of an error: the message, the line of the program, the carets, what else helps
EITHER = -1  # refused with a limit, or drawn
LONGEST = 3000  # letters of it
SIGNALS = re.compile(rb"Traceback|this is a bug|Exception ignored|Warning:|Fontconfig|gio|sem_leak|resource_tracker")


class Outcome(NamedTuple):
    status: int
    out: bytes
    err: bytes
    seen: list[str]  # what no input may bring about
    files: frozenset[str]  # beside those that were there
    seconds: float = 0.0


class Place:
    """A folder for a case: where it runs, a home, a place for temporary files, and where the canary would be."""

    def __init__(self, root: Path, case: Case) -> None:
        self.root, self.canary = root, root / "canary"
        self.case = case.with_canary(str(self.canary))
        self.work, self.home, self.temporary = (root / name for name in ("work", "home", "tmp"))
        for folder in (root, self.work, self.home, self.temporary):
            folder.mkdir()
        for name, data in case.files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (root / "in").write_bytes(self.case.stdin)
        for name, mode in case.modes.items():
            (self.work / name).chmod(mode)

    @property
    def environment(self) -> dict[str, str]:
        plain = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "OPENBLAS_NUM_THREADS": "1",
        }
        return {name: value for name, value in (plain | dict(self.case.env)).items() if value is not None}

    def found(self) -> frozenset[str]:
        """The files that are there and were not, those of the work folder by their names in it."""
        there = {path for path in self.root.rglob("*") if not path.is_dir() or path.is_symlink()}
        known = {self.root / name for name in ("in", "out", "err", "command.py")}
        known |= {self.work / name for name in self.case.files}
        left = sorted(path for path in there - known if not path.is_relative_to(self.home / ".cache" / "fontconfig"))
        return frozenset(
            os.fsencode(path.relative_to(self.work) if path.is_relative_to(self.work) else path).decode(
                errors="replace"
            )
            for path in left
        )


class Servers:
    """The real command in copies of a process that has it imported: of one with SymPy, or of one without."""

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def of(self, case: Case) -> subprocess.Popen[bytes]:
        kind = "sympy" if SYMPY.intersection(case.words) else "alone"
        if kind not in self.running:
            command = [sys.executable, "-m", "tests.hostile.server", kind]
            environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
            pipe = subprocess.PIPE
            self.running[kind] = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, cwd=ROOT, env=environment, start_new_session=True
            )
        return self.running[kind]

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.running.values():
            process.communicate()

    def run(self, place: Place) -> Outcome:
        process = self.of(place.case)
        assert process.stdin
        assert process.stdout
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        own = [("in", os.O_RDONLY), ("out", write), ("err", write)]
        request = {
            "folder": str(place.work),
            "root": str(place.root),
            "streams": [
                (place.case.streams.get(number, str(place.root / name)), flags)
                for number, (name, flags) in enumerate(own)
            ],
            "environment": place.environment,
            "memory": place.case.memory,
            "words": place.case.words,
        }
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        out, err = (path.read_bytes() if (path := place.root / name).exists() else b"" for name in ("out", "err"))
        return Outcome(answer["status"], out, err, answer["seen"], place.found(), answer["seconds"])


def installed(place: Place) -> list[str]:
    """The command as pip installs it, in a folder that is not the working one."""
    script = place.root / "command.py"
    script.write_text(SCRIPT, "utf-8")
    return [sys.executable, str(script)]


def run_alone(place: Place) -> Outcome:
    """The installed command as a process of its own."""
    with (place.root / "in").open("rb") as stdin:
        done = subprocess.run(
            [*installed(place), *place.case.words],
            stdin=stdin,
            capture_output=True,
            cwd=place.work,
            env=place.environment,
            timeout=PATIENCE,
            check=False,
            start_new_session=True,
            preexec_fn=partial(limit, place.case.memory),
        )
    return Outcome(done.returncode, done.stdout, done.stderr, [], place.found())


# what is wrong -------------------------------------------------------------------------------------------------------


def problems(case: Case, done: Outcome) -> list[str]:
    """Everything about an outcome that is not as it must be."""
    if case.status == EITHER:
        case = case._replace(status=done.status if done.status in (0, 2) else 2)
    return [*_manners(case, done), *(_of_error if case.status in (1, 2) else _of_figure)(case, done)]


def _manners(case: Case, done: Outcome) -> Iterator[str]:
    if done.status != case.status:
        yield f"exit status {done.status}, not {case.status}"
    yield from done.seen
    if done.files != frozenset(case.writes):
        yield f"files: {sorted(done.files)}, not {sorted(case.writes)}"
    if found := SIGNALS.search(done.err):
        yield f"{found[0].decode()} on standard error"
    try:
        text = done.err.decode()
    except UnicodeDecodeError:
        yield "standard error is not UTF-8"
        return
    if any(not letter.isprintable() and letter != "\n" for letter in text):
        yield "something on standard error that a terminal obeys"
    if case.says and not re.search(case.says, text):
        yield f"standard error does not say {case.says!r}"


def _of_error(case: Case, done: Outcome) -> Iterator[str]:
    lines = done.err.decode(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("gradviz: error: ")]
    told = [line for line in lines if not line.startswith(("gradviz: warning: ", "gradviz: note: "))]
    if 2 in case.streams:
        return
    if case.failures:
        if len(errors) != case.failures:
            yield f"{len(errors)} errors, not {case.failures}"
        return
    if done.out:
        yield f"{len(done.out)} bytes on standard output beside an error"
    if len(errors) != 1 or lines[-len(told) :] != told or told[:1] != errors:
        yield "not exactly one error, and it last"
    if len(told) > MOST_LINES:
        yield f"an error of {len(told)} lines"
    if len("".join(told)) > LONGEST:
        yield f"an error of {len(''.join(told))} letters"


def _of_figure(case: Case, done: Outcome) -> Iterator[str]:
    lines = done.err.decode(errors="replace").splitlines()
    if wrong := [line for line in lines if not line.startswith("gradviz: ") or line.startswith("gradviz: error")]:
        yield f"on standard error: {wrong[0][:100]!r}"
    if case.status == 0 and not case.writes and not case.streams:
        yield from _wrong_with(done.out, _kind(case.words), case.shows)


def _kind(words: tuple[str, ...]) -> str:
    """The format of a command line."""
    joined = " ".join(words)
    if not words or any(word in ("-h", "--help", "--version") for word in words):
        return "text"
    found = re.search(r"(?:-f|--format)[= ](\w+)", joined)
    if found:
        return found[1]
    return "text" if words and words[0] in TEXTS else "svg"


def _wrong_with(data: bytes, kind: str, shows: str) -> Iterator[str]:
    """What is wrong with the bytes of a figure."""
    text = data.decode(errors="replace")
    if not data:
        yield "nothing on standard output"
    elif kind == "svg":
        yield from _wrong_svg(data, shows)
    elif kind == "json":
        json.loads(text)
    elif kind == "png" and not (data.startswith(b"\x89PNG") and b"IEND" in data[-12:]):
        yield "no whole PNG"
    elif kind == "pdf" and not (data.startswith(b"%PDF") and b"%%EOF" in data[-12:]):
        yield "no whole PDF"
    if shows and kind not in ("svg", "png", "pdf") and shows not in text:
        yield f"it does not show {shows!r}"


ACTIVE = re.compile(r"(?i)^(on.*|.*href|src|style|action)$")


def _wrong_svg(data: bytes, shows: str) -> Iterator[str]:
    try:
        tree = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        yield f"not well-formed: {error}"
        return
    for element in tree.iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag in ("script", "foreignObject", "iframe", "image", "a", "set", "handler"):
            yield f"an element {tag}"
        for name, value in element.attrib.items():
            plain = name.rpartition("}")[2]
            if ACTIVE.match(plain) and not value.startswith("#") and not (plain == "style" and "url" not in value):
                yield f"an attribute {plain}={value[:50]!r}"
    if shows and shows not in "".join(tree.itertext()):
        yield f"it does not show {shows!r}"
