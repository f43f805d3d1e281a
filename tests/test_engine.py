"""The engine: what crashes, hangs, floods or is not there costs one line, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gradviz.errors import RenderError
from gradviz.formats import engine, graphviz, messages, programs
from gradviz.formats.engine import draw
from tests.processes import is_gone, soon

ROOT = Path(__file__).parent.parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, scripts as programs, fork")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the system in /proc")
DOT = 'digraph { a [pos="0,0"] }'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'
PNG = b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82"

# Stands for pygraphviz's Graphviz: what it does is what the text says.
LIBRARY = f"""
import ctypes, os, signal, sys
from pathlib import Path

def agread(file, nothing): return file.read()
def gvContextWithBuiltins(): return None
def gvLayout(context, text, kind):
    if b"hang" in text:
        Path(__file__).with_name("hangs").touch()
        ctypes.PyDLL(None).sleep(600)  # no Python code runs meanwhile
    if b"crash" in text: os.kill(os.getpid(), signal.SIGSEGV)
    if b"abort" in text: os.write(2, b"first\\nassertion \\xff\\x1b failed\\n\\n"), os.abort()
    if b"quit" in text: os._exit(3)
    if b"raise" in text: raise ValueError("two\\nlines")
    if b"complain" in text: os.write(2, b"Warning: a\\nError: bad \\x1b[31m label\\nError: other\\n")
    if b"warn" in text: os.write(2, b"Fontconfig warning: hot\\n" * 100_000)
    if b"print" in text: print("printed"), sys.stdout.flush(), os.write(1, b"written")
    if b"input" in text: assert os.read(0, 9) == b""
def gvRenderData(context, text, kind):
    if b"empty" in text: return 0, b""
    if b"fail" in text: return 1, b"half"
    if b"garbage" in text: return 0, b"\\xff" * 100
    return 0, {SVG!r} if kind == b"svg" else {PNG!r} + text
def gvFreeLayout(context, text): pass
def gvFreeContext(context): pass
def agclose(text): pass
"""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Each test starts its own process, and leaves none to others."""
    graphviz._keeper.close()
    yield
    graphviz._keeper.close()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pygraphviz before the real one."""
    package = tmp_path / "pygraphviz"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "graphviz.py").write_text(LIBRARY)
    monkeypatch.delitem(sys.modules, "pygraphviz", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return package


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes a `dot` on PATH of some lines for the shell."""

    def write(lines: str) -> Path:
        path = tmp_path / "dot"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return path

    return write


def the_process() -> subprocess.Popen[bytes]:
    assert graphviz._keeper.drawer
    return graphviz._keeper.drawer.process


# the Graphviz of pygraphviz ------------------------------------------------------------------------------------------

BOX = "\N{REPLACEMENT CHARACTER}"
OTHER = "; --engine dot uses the dot on PATH"
LATE = "Graphviz took too long: 0.2 seconds of Graphviz for one drawing are the most (GRADVIZ_MAX_ENGINE raises it)"
FAILURES = [
    ("hang", "svg", LATE),
    ("crash", "svg", f"Graphviz crashed (SIGSEGV){OTHER}"),
    ("abort", "svg", f"Graphviz crashed (SIGABRT): assertion {BOX}{BOX} failed{OTHER}"),
    ("quit", "svg", f"Graphviz failed (exit status 3){OTHER}"),
    ("raise", "svg", "Graphviz failed: ValueError: two lines"),
    ("complain", "svg", f"Graphviz failed: bad {BOX}[31m label"),
    ("empty", "png", "Graphviz drew nothing"),
    ("fail", "png", "Graphviz drew nothing"),
    ("garbage", "svg", "what Graphviz wrote is not a whole SVG"),
    ("garbage", "png", "what Graphviz wrote is not a whole PNG"),
    ("garbage", "pdf", "what Graphviz wrote is not a whole PDF"),
]  # fmt: skip


@POSIX
def test_what_goes_wrong_in_the_engine_is_one_line_and_the_next_drawing_is_right(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADVIZ_MAX_ENGINE", "0.2")
    told = []
    for text, kind, _ in FAILURES:
        with pytest.raises(RenderError) as caught:
            draw(text, kind, "auto")
        told.append((text, kind, str(caught.value)))
        monkeypatch.setenv("GRADVIZ_MAX_ENGINE", "20")
        assert draw(DOT, "svg", "auto") == SVG
        monkeypatch.setenv("GRADVIZ_MAX_ENGINE", "0.2")
    assert told == FAILURES


@POSIX
@pytest.mark.parametrize("text", ["warn", "print", "input"])
def test_what_libraries_say_is_not_ours_to_say(fake: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert [draw(text, "svg", "graphviz"), draw(DOT, "svg", "graphviz")] == [SVG, SVG]
    assert capfd.readouterr() == ("", "")


@POSIX
def test_a_large_text_and_a_large_drawing_pass_through_the_pipes(fake: Path) -> None:
    text = "gröẞe" * 2_000_000
    assert draw(text, "other", "graphviz") == PNG + text.encode()


@POSIX
def test_a_letter_that_is_none_is_no_failure(fake: Path) -> None:
    assert draw("\ud800", "other", "graphviz") == PNG + b"?"


@POSIX
@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_a_process_that_was_killed_meanwhile_is_replaced(number: str) -> None:
    draw(DOT, "svg", "graphviz")
    before = the_process()
    before.send_signal(signal.Signals[number])
    assert soon(lambda: is_gone(before.pid))
    assert draw(DOT, "svg", "graphviz").endswith(b"</svg>\n")
    assert the_process().pid != before.pid


@POSIX
def test_a_process_that_is_stopped_is_killed_at_the_limit(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(DOT, "svg", "graphviz")
    stopped = the_process()
    stopped.send_signal(signal.SIGSTOP)
    monkeypatch.setenv("GRADVIZ_MAX_ENGINE", "0.1")
    with pytest.raises(RenderError, match=r"^Graphviz took too long: 0\.1 seconds of Graphviz"):
        draw("x" * 1_000_000, "svg", "graphviz")
    assert is_gone(stopped.pid)
    assert stopped.returncode == -signal.SIGKILL


@POSIX
def test_an_interrupt_ends_the_process_and_nothing_of_its_answer_is_left(fake: Path) -> None:
    draw(DOT, "svg", "graphviz")
    process = the_process()
    interrupt = threading.Thread(
        target=lambda: soon((fake / "hangs").exists) and os.kill(os.getpid(), signal.SIGINT),
    )
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        draw("hang", "svg", "graphviz")
    interrupt.join()
    assert process.returncode == -signal.SIGKILL
    assert draw(DOT, "svg", "graphviz") == SVG


@POSIX
def test_an_interrupt_of_the_terminal_is_not_for_the_process(fake: Path) -> None:
    draw(DOT, "svg", "graphviz")
    process = the_process()
    assert os.getpgid(process.pid) != os.getpgid(0)
    process.send_signal(signal.SIGINT)
    assert draw(DOT, "svg", "graphviz") == SVG
    assert the_process() is process


@LINUX
@pytest.mark.parametrize("text", [DOT, "hang"])
def test_the_process_ends_with_whoever_asks_also_in_a_drawing(fake: Path, text: str) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(fake.parent)!r}, {str(ROOT)!r}];"
        "from gradviz.formats import engine, graphviz;"
        f"engine.draw({DOT!r}, 'svg', 'auto'); print(graphviz._keeper.drawer.process.pid, flush=True);"
        f"engine.draw({text!r}, 'svg', 'auto'); input()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as asks:
        assert asks.stdout
        draws = int(asks.stdout.readline())
        assert text == DOT or soon((fake / "hangs").exists)
        assert not is_gone(draws)
        asks.kill()
    assert soon(lambda: is_gone(draws))


@LINUX
def test_a_process_that_runs_is_not_gone() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert not is_gone(process.pid)
        assert not soon(lambda: is_gone(process.pid), 0.01)
        process.kill()
    assert is_gone(process.pid)


def test_threads_wait_for_one_another() -> None:
    letters = "abcdefghijkl"
    texts = [f'digraph {{ {letter} [pos="0,0", label="{letter * 9}"] }}' for letter in letters]
    with ThreadPoolExecutor(len(letters)) as pool:
        drawn = list(pool.map(lambda text: draw(text, "svg", "graphviz").decode(), texts * 4))
    assert all(f">{letter * 9}<" in svg for letter, svg in zip(letters * 4, drawn, strict=True))


@POSIX
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_copy_of_this_process_has_a_process_of_its_own_even_if_copied_in_a_drawing(fake: Path) -> None:
    draw(DOT, "svg", "graphviz")
    process = the_process()
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(draw, "hang", "svg", "graphviz")
        assert soon((fake / "hangs").exists)
        copy = os.fork()
        if not copy:
            signal.alarm(20)
            same = draw(DOT, "svg", "graphviz") == SVG and the_process().pid != process.pid
            graphviz._keeper.close()
            os._exit(0 if same else 1)
        assert os.waitpid(copy, 0)[1] == 0
        assert not is_gone(process.pid)  # it is not the copy's to end
        process.kill()
        assert isinstance(hanging.exception(), RenderError)


@LINUX
def test_no_descriptor_and_no_thread_is_left_by_drawings(fake: Path) -> None:
    def held() -> tuple[int, int]:
        return len([*Path("/proc/self/fd").iterdir()]), threading.active_count()

    draw(DOT, "svg", "graphviz")
    before = held()
    for text in [DOT] * 100 + ["crash", DOT] * 3:
        try:
            draw(text, "svg", "graphviz")
        except RenderError:
            continue
    assert held() == before
    graphviz._keeper.close()
    assert held() == (before[0] - 3, before[1])


STARTS = [
    ("raise ImportError('no such library')", f"Graphviz pygraphviz cannot be loaded (no such library){OTHER}"),
    ("import os; os._exit(4)", f"Graphviz failed (exit status 4){OTHER}"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", f"Graphviz crashed (SIGILL){OTHER}"),
]


@POSIX
@pytest.mark.parametrize(("code", "message"), STARTS)
def test_a_library_that_does_not_load_is_one_line(fake: Path, code: str, message: str) -> None:
    (fake / "graphviz.py").write_text(code)
    with pytest.raises(RenderError) as caught:
        draw(DOT, "svg", "graphviz")
    assert str(caught.value) == message


INTERPRETERS = [
    ("", f"Graphviz cannot be started: there is no interpreter for its process{OTHER}"),
    ("/none/python", f"Graphviz cannot be started: [Errno 2] No such file or directory: '/none/python'{OTHER}"),
    ("/bin/false", f"Graphviz failed (exit status 1){OTHER}"),
    ("/bin/echo", f"Graphviz failed (exit status 0){OTHER}"),
]  # fmt: skip


@POSIX
@pytest.mark.parametrize(("program", "message"), INTERPRETERS)
def test_without_an_interpreter_there_is_one_line(program: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(RenderError) as caught:
        draw(DOT, "svg", "graphviz")
    assert str(caught.value) == message


def test_without_pygraphviz_the_dot_on_path_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RenderError, match=r"^Graphviz is not here: there is no pygraphviz; --engine dot"):
        draw(DOT, "svg", "graphviz")
    with pytest.raises(RenderError, match=r"^no Graphviz: there is no 'dot' on PATH"):
        draw(DOT, "svg", "auto")


@POSIX
def test_nothing_in_the_current_folder_is_imported(tmp_path: Path) -> None:
    stranger = f"open({str(tmp_path / 'ran')!r}, 'w')"
    for name in ("pygraphviz", "gradviz", "typing", "signal", "subprocess", "encodings", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(stranger)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gradviz.formats.engine import draw;"
    code += f"draw({DOT!r}, 'png', 'auto')"
    environment = os.environ | {"PYTHONPATH": "", "PYTHONSTARTUP": str(tmp_path / "typing.py")}
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, check=True)
    assert not (tmp_path / "ran").exists()


@LINUX
@pytest.mark.parametrize("kind", ["auto", "dot"])
def test_a_bare_environment_draws_and_says_nothing(kind: str, tmp_path: Path) -> None:
    """No home, no cache, no folder for temporary files, no locale; /proc takes no file, whoever asks."""
    if kind == "dot":
        shutil.which("dot") or pytest.skip("needs the Graphviz on PATH")
    bare = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "TMPDIR": "/proc",
        "HOME": "/nonexistent",
        "XDG_CACHE_HOME": "/proc",
    }
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gradviz.cli import main; main()"
    command = [sys.executable, "-c", code, "x*가", "--x=2", "--가=3", f"--engine={kind}", "-o", "f.png"]
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (0, "", 1), done.stderr
    assert "f.png" in done.stderr
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


@LINUX
def test_the_file_for_fontconfig_goes_even_if_the_start_fails(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = "import os; from pathlib import Path;"
    code += "Path(__file__).with_name('read').write_text(os.environ['FONTCONFIG_FILE']); os.abort()"
    (fake / "graphviz.py").write_text(code)
    with pytest.raises(RenderError, match="SIGABRT"):
        draw(DOT, "svg", "graphviz")
    read = Path((fake / "read").read_text())
    assert read.parent == tmp_path
    assert not read.exists()


# the dot on PATH -----------------------------------------------------------------------------------------------------

SCRIPTS = [
    ("kill -SEGV $$", "'dot' crashed (SIGSEGV)"),
    ("exec 1>&- 2>&-; kill -KILL $$", "'dot' crashed (SIGKILL)"),
    ("exit 3", "'dot' failed (exit status 3)"),
    (r"printf 'one\nthe \033[31m \377 end\n\n' >&2; exit 3", f"'dot' failed (exit status 3): the {BOX}[31m {BOX} end"),
    (r"printf 'Warning: a\nError: bad label\n' >&2; exit 1", "'dot' failed: bad label"),
    (r"printf 'Error: bad label\n' >&2; printf '<svg></svg>'", "'dot' failed: bad label"),
    ("exit 0", "'dot' drew nothing"),
    ("echo 'no such format' >&2", "'dot' drew nothing: no such format"),
    ("cat", "what 'dot' wrote is not a whole SVG"),
    ("printf '<svg>'", "what 'dot' wrote is not a whole SVG"),
    (r"printf '<svg>\377</svg>'", "what 'dot' wrote is not a whole SVG"),
    ("exec yes", "'dot' wrote more than 1000000 bytes"),
    ("exec yes >&2", "'dot' wrote more than 1000000 bytes"),
    ("printf '%0999d' >&2; exit 1", f"'dot' failed (exit status 1): {'0' * 200}…"),
]  # fmt: skip


@POSIX
@pytest.mark.parametrize(("lines", "message"), SCRIPTS, ids=[lines for lines, _ in SCRIPTS])
def test_what_goes_wrong_in_dot_is_one_line(
    script: Callable[[str], Path], lines: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MOST", 1_000_000)
    monkeypatch.setattr(engine, "MOST", 1_000_000, raising=False)
    script(lines)
    with pytest.raises(RenderError) as caught:
        draw(DOT, "svg", "dot")
    assert str(caught.value) == message


@POSIX
@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_half_a_drawing_of_dot_is_a_failure(script: Callable[[str], Path], kind: str) -> None:
    whole = draw(DOT, kind, "graphviz")
    path = script('cat "$(dirname $0)"/drawing')
    for data, is_whole in ((whole, True), (whole[:-20], False), (whole[1:], False)):
        path.with_name("drawing").write_bytes(data)
        if is_whole:
            assert draw(DOT, kind, "dot") == whole
        else:
            with pytest.raises(RenderError, match=f"what 'dot' wrote is not a whole {kind.upper()}"):
                draw(DOT, kind, "dot")


HANGING = [
    "exec sleep 60",
    "cat > /dev/null; sleep 60 & echo $! >> $0.pids; wait",  # what it has started goes too
    "sleep 60 & echo $! >> $0.pids; exit 0",  # and if it has ended itself
    "exec 1>&- 2>&-; exec sleep 60",
    "trap '' TERM INT HUP; while :; do sleep 0.05; done",
]


@LINUX
@pytest.mark.parametrize("lines", HANGING)
def test_a_dot_that_hangs_is_killed_with_all_that_it_started(
    script: Callable[[str], Path], lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(f"echo $$ >> $0.pids; {lines}")
    monkeypatch.setenv("GRADVIZ_MAX_ENGINE", "0.2")
    with pytest.raises(RenderError, match=r"^'dot' took too long: 0\.2 seconds of Graphviz"):
        draw("x" * 1_000_000, "svg", "dot")
    started = Path(f"{path}.pids").read_text().split()
    assert all(soon(lambda number=number: is_gone(int(number))) for number in started)  # type: ignore[misc]


@POSIX
def test_an_interrupt_kills_dot(script: Callable[[str], Path]) -> None:
    path = script("echo $$ > $0.pid; exec sleep 60")
    number = Path(f"{path}.pid")
    interrupt = threading.Thread(
        target=lambda: (
            soon(lambda: number.exists() and number.read_text() != "") and os.kill(os.getpid(), signal.SIGINT)
        )
    )
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        draw(DOT, "svg", "dot")
    interrupt.join()
    assert is_gone(int(number.read_text()))


@POSIX
def test_a_dot_that_cannot_run_is_one_line(
    script: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script("")
    path.write_bytes(b"\x7fELF nonsense")
    with pytest.raises(RenderError, match=r"^'dot' cannot be started: \[Errno 8\] Exec format error"):
        draw(DOT, "svg", "dot")
    path.chmod(0o644)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="no 'dot' on PATH"):
        draw(DOT, "svg", "dot")


@POSIX
@pytest.mark.parametrize("path", ["", ".", ":/nonexistent", "../"])
def test_a_dot_in_the_current_folder_is_none(
    script: Callable[[str], Path], tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(f"touch {tmp_path}/ran")
    monkeypatch.setenv("PATH", path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RenderError, match="no 'dot' on PATH"):
        draw(DOT, "svg", "dot")
    assert not (tmp_path / "ran").exists()


@LINUX
def test_dot_leaves_no_descriptor_and_no_thread(script: Callable[[str], Path]) -> None:
    script(f"printf '{SVG.decode()}'")
    before = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()
    assert {draw(DOT, "svg", "dot") for _ in range(20)} == {SVG}
    assert (len([*Path("/proc/self/fd").iterdir()]), threading.active_count()) == before


def test_a_number_of_a_signal_without_a_name_is_told() -> None:
    assert programs.fate(-35) == "crashed (signal 35)"


# messages ------------------------------------------------------------------------------------------------------------


def test_a_message_is_read_as_it_was_written_and_half_a_message_is_none(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    with path.open("wb", buffering=0) as file:
        messages.write(file, b"", b"\0" * 100_000)
    with path.open("rb", buffering=0) as file:
        assert messages.read(file, 2) == [b"", b"\0" * 100_000]
        with pytest.raises(EOFError):
            messages.read(file, 1)
    path.write_bytes(path.read_bytes()[:-1])
    for data in (path.read_bytes()[:-1], b"Traceback", b""):
        path.write_bytes(data)
        with path.open("rb", buffering=0) as file, pytest.raises(EOFError):
            messages.read(file, 2)
