"""Standard input, output and error: figures, tables, messages, and what a terminal gets instead of a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

from gradviz.errors import OptionError, ProgramError, RenderError, printable, printable_lines
from gradviz.limits import beyond, grouped, most

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from gradviz.explanations import Explanation
    from gradviz.picture import Picture
    from gradviz.themes import Theme

MOST_BYTES: Final = 4  # of a character in UTF-8
LONGEST_LINE: Final = 1000  # letters of a message

Row = tuple[str, ...]


def is_terminal(stream: IO[Any] | None) -> bool:
    """Whether somebody reads along."""
    return stream is not None and stream.isatty()


def width() -> int:
    """Columns for help texts."""
    with suppress(OSError, ValueError, AttributeError):
        return max(50, min(os.get_terminal_size(sys.stdout.fileno()).columns, 100) - 2)
    return 98


def keep_descriptors() -> None:
    """Take the places of closed standard streams, so that no other file gets their numbers and their text."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def say(message: str, kind: str = "") -> None:
    """A line or a few on standard error, without what a terminal would obey."""
    text = "\n".join(map(_shortened, printable_lines(message).split("\n")))
    with suppress(OSError, ValueError, AttributeError):  # nobody is left to be told
        sys.stderr.write(f"gradviz: {kind}{': ' if kind else ''}{text}\n")
        sys.stderr.flush()


def _shortened(line: str) -> str:
    """A line that somebody reads: its start, and its end, which says what helps."""
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 2 :]}"


def standard_input() -> BinaryIO:
    """The bytes of standard input; raises `OptionError` when there is none."""
    if sys.stdin is None:
        raise OptionError("standard input is closed")
    return sys.stdin.buffer


def read_program() -> str:
    """The program on standard input; raises `ProgramError` for one that is not UTF-8 text, or too long to be read."""
    longest = MOST_BYTES * int(min(most("text"), 1 << 50))
    try:
        data = standard_input().read(longest + 1)
        if len(data) > longest:
            raise ProgramError(f"the program on standard input is too long: {beyond('text')}")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProgramError(f"the program on standard input is not UTF-8 text (byte {error.start + 1})") from None
    except OSError as error:
        raise ProgramError(f"cannot read standard input: {error.strerror}") from None


def write(data: bytes) -> None:
    """Bytes to standard output; raises `RenderError` when that fails, `BrokenPipeError` when nobody reads any more."""
    if sys.stdout is None:
        raise RenderError("cannot write to standard output: it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise RenderError(f"cannot write to standard output: {error.strerror}") from None


def show_lines(lines: Iterable[str]) -> None:
    """Lines on standard output, without what a terminal would obey."""
    write("".join(f"{printable(line)}\n" for line in lines).encode(errors="replace"))


def read_answer(question: str) -> str | None:
    """What is typed after a question, a line without its end; None at the end of input.

    Line editing works where Python has it.
    """
    with suppress(ImportError):
        import readline  # noqa: F401
    if sys.stdin is None:
        raise OptionError("standard input is closed; a quiz needs answers")
    show_lines([question])
    try:
        return input("> ")
    except EOFError:
        show_lines([""])
        return None
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"


def save(path: str, data: bytes) -> None:
    """A file, and the line that tells of it; raises `RenderError`."""
    from gradviz.files import write_whole

    write_whole(path, data)
    say(f"wrote {printable(path)} ({grouped(len(data))} bytes)")


def drop_output() -> None:
    """Let what is still to be flushed to standard output go nowhere, so that the exit is quiet."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_trace(picture: Picture) -> None:
    """The table of a trace in colour, after how to get the picture."""
    from rich.text import Text

    from gradviz.formats.text import table

    console = _console()
    console.print("To get the picture add -o figure.svg (or .png, .pdf, …).", markup=False, highlight=False)
    console.print()
    console.print(table(picture))
    if picture.caption:
        console.print()
        console.print(Text(printable_lines(picture.caption)))


def show_explanation(told: Explanation, theme: Theme) -> None:
    """The chain rule in colour."""
    from gradviz.explanations.terminal import renderable

    _console().print(renderable(told, theme))


def show_rows(heads: Row, rows: Iterable[Row]) -> None:
    """A table on a terminal, lines with tabs in a pipe."""
    if not is_terminal(sys.stdout):
        write("".join("\t".join(map(printable, row)) + "\n" for row in rows).encode(errors="replace"))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        table.add_row(*(Text(printable(cell), style="" if column else "bold") for column, cell in enumerate(row)))
    _console().print(table)


def _console() -> Console:
    from rich.console import Console

    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    return Console()


@contextmanager
def progress(figures: int | None) -> Iterator[Callable[[], object]]:
    """A bar on standard error, on a terminal only; call what it yields after each of the figures, if known so many."""
    if not is_terminal(sys.stderr):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("figures", total=figures)
        yield lambda: bar.advance(task)


@contextmanager
def progress_of(total: int, of: str) -> Iterator[Callable[..., object] | None]:
    """A bar on standard error, on a terminal only, else None; call it with how much of the total is done.

    A second argument is what stands beside the bar from then on.
    """
    if not total or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(of, total=total)
        yield lambda done, told=of: bar.update(task, completed=done, description=told)
