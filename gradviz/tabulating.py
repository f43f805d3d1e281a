"""The command `table`: a CSV file and an expression -> the file with the output and its gradients in every row."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import click

from gradviz import literals, offers, terminal
from gradviz.arguments import SET, VALUES, Words, shown, sort
from gradviz.commands import cli, known_options
from gradviz.errors import GradvizError, OptionError, SampleError, ValuesError, in_words, nearest
from gradviz.limits import grouped
from gradviz.options import SETTINGS

if TYPE_CHECKING:
    from gradviz.graph import Graph
    from gradviz.many import Given, Rows, Table
    from gradviz.tables import Reader

SUFFIX: Final = ".csv"
EXAMPLE: Final = 'gradviz table data.csv "w*x + b"'


class _OfTable(click.Command):
    """Sorts values, options, the file and the expression apart, as for a figure."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words for click; values stay with the context."""
        words = ctx.obj = sort(args, known_options(self))
        return super().parse_args(ctx, [*words.options, *(["--", *words.bare] if words.bare else [])])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs it; an error about a name that is also an option tells of `--set`."""
        try:
            return super().invoke(ctx)
        except GradvizError as error:
            words, known = ctx.obj, known_options(self)
            taken = offers.shadowed(offers.inputs(words.bare[-1] if words.bare else "", words), words, known)
            error.add_note(offers.set_hint(name for name in taken if words.has(f"--{name}")))
            raise


@cli.command("table", cls=_OfTable, params=[
    click.Argument(["words"], nargs=-1, metavar="FILE.csv EXPRESSION [--NAME=VALUE ...]"),
    click.Option(["-o", "--output"], type=click.Path(allow_dash=True), metavar="FILE",
                 help="The file, written whole or not at all. - is standard output."),
    click.Option([SET], metavar="NAME=VALUE", multiple=True, expose_value=False,
                 help="A value for a name that is also an option."),
    click.Option([VALUES], metavar="FILE.json", expose_value=False, help="Values by name that all rows share."),
    click.Option(["--of"], metavar="NAME", help="Compute up to this node instead of the output."),
    click.Option(["--wrt"], metavar="NAMES", help="Gradients by these names only: w,x. Unless given by every input."),
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def table(sorted_words: Words, /, words: tuple[str, ...], output: str | None, of: str | None, wrt: str | None) -> None:
    """Write the output and its gradients for every row of a CSV file.

    The first line of the file names its columns. Those that are inputs of the program give their values row by row;
    the others are kept as they are. --NAME=VALUE is the same in all rows. The columns of the file come first, then the
    output under its name (f if it has none), then its gradient by each input: df/dw.

    A - instead of the file is standard input.
    """
    from gradviz.tables import Reader, csv_text, with_numbers, written

    name, expression = _bare(words)
    with _opened(name) as file:
        task = _task(Reader(file, _told_name(name)), expression, sorted_words, of, wrt)
        with written(None if output in (None, "-") else output, terminal.write) as out, _progress(file) as advance:
            out.write(f"{csv_text(task.heading, task.reader.mark)}\n".encode())
            told = _Told()
            for chunk in task.reader.chunks(task.columns):
                found = task.rows(chunk.columns, len(chunk.texts), None)
                told.look(found)
                out.write(with_numbers(chunk.texts, [found.output, *found.grads.values()], task.reader.mark))
                advance(file)
    told.tell(output)


class _Task(NamedTuple):
    """A file's heading read, and a circuit that is ready for its rows."""

    reader: Reader
    columns: Sequence[str]  # those that are inputs
    rows: Rows
    heading: Sequence[str]


def _task(reader: Reader, expression: str, words: Words, of: str | None, wrt: str | None) -> _Task:
    from gradviz import api, many

    known = known_options(table)
    values = literals.all_values(words, known)
    graph = api.parse(expression, [*filter(str.isidentifier, reader.names), *values], of=of)
    for note in graph.notes:
        terminal.say(note, "note")
    offers.check_names(values, graph, known)
    given = _given(graph, values, reader)
    wanted = many.asked(graph, _wrt(wrt, given))
    heading = [*reader.heading, *_heading(graph, list(wanted.grads), reader)]
    return _Task(reader, list(given.columns), many.prepared(graph, given, wanted), heading)


def _given(graph: Graph, values: Mapping[str, Any], reader: Reader) -> Given:
    """The inputs: columns of the file, still without rows, and values that all rows share."""
    import numpy

    from gradviz import many

    if twice := [name for name in graph.input_names if name in values and name in reader.names]:
        raise ValuesError(f"'{twice[0]}' is a column of {reader.name} and has a value too; leave one out")
    missing = [name for name in graph.input_names if name not in values and name not in reader.names]
    if missing:
        offer = nearest(missing[0], [name for name in reader.names if name not in graph.input_names])
        hint = offers.set_hint(name for name in missing if f"--{name}" in known_options(table))
        problem = (
            f"{reader.name} has no column {in_words(missing)}{offer or '; give what all rows share as --NAME=VALUE'}"
        )
        raise ValuesError(problem + hint)
    columns = {name: numpy.empty(0) for name in graph.input_names if name in reader.names}
    given = many.taken(graph, {**values, **columns}, [name for name in values if name in graph.input_names])
    if not columns:
        raise ValuesError(f"no column of {reader.name} is an input of the program")
    return given


def _wrt(words: str | None, given: Given) -> list[str]:
    """The names whose gradients are wanted: those that are numbers in each row, unless given."""
    numbers = [*given.columns, *(name for name, value in given.shared.items() if isinstance(value, float))]
    if words is None:
        return numbers
    names = [name.strip() for name in words.split(",") if name.strip()]
    for name in names:
        if name in given.shared and name not in numbers:
            raise OptionError(f"--wrt: the gradient by '{name}' is an array, which no cell holds")
    return names


def _heading(graph: Graph, wrt: Sequence[str], reader: Reader) -> list[str]:
    """What stands above the results; raises `OptionError` for a name that the file has already."""
    from gradviz.notation import OUTPUTS

    taken = {*reader.names, *graph.bindings}
    named = None if graph.output in graph.inputs else graph.names[graph.output]
    output = named or next((name for name in OUTPUTS if name not in taken), "value")
    found = [output, *(f"d{output}/d{name}" for name in wrt)]
    for name in found:
        if name in reader.names:
            raise OptionError(f"{reader.name} has a column '{shown(name)}' already; give the output another name")
    return found


class _Told:
    """What is told of all rows at the end."""

    def __init__(self) -> None:
        self.rows, self.odd, self.first = 0, 0, 0

    def look(self, found: Table) -> None:
        """Count the rows of a chunk, and those that have a nan or an infinity."""
        odd = found.not_finite
        if len(odd) and not self.odd:
            self.first = self.rows + int(odd[0]) + 1
        self.odd, self.rows = self.odd + len(odd), self.rows + len(found)

    def tell(self, output: str | None) -> None:
        if self.odd:
            rows = "1 row" if self.odd == 1 else f"{grouped(self.odd)} rows, the first of them"
            terminal.say(f"a nan or an infinity in {rows}{' is' if self.odd > 1 else ','} row {self.first}", "warning")
        if output not in (None, "-"):
            rows = "1 row" if self.rows == 1 else f"{grouped(self.rows)} rows"
            terminal.say(f"wrote {output} ({rows})")


# words and files -----------------------------------------------------------------------------------------------------


def _bare(words: Sequence[str]) -> tuple[str, str]:
    """The file and the expression."""
    if len(words) == 2 and not (words[1].endswith(SUFFIX) and not words[0].endswith(SUFFIX)):
        return words[0], words[1]
    if len(words) == 2:
        raise OptionError(f"the file comes first: gradviz table {shown(words[1])} '{shown(words[0])}'")
    if len(words) > 2:
        raise OptionError(f"the expression must be one word; quote it, as in: {EXAMPLE}")
    wanted = "no expression" if words else "no file and no expression"
    raise OptionError(f"{wanted}; write both, as in: {EXAMPLE}")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield terminal.standard_input()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise SampleError(_unopened(name, error)) from None
    with file:
        yield file


def _unopened(name: str, error: OSError) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"cannot read {name}: {(error.strerror or str(error)).lower()}"
    folder = Path(name).parent
    there = [file.name for file in folder.iterdir() if file.suffix == SUFFIX] if folder.is_dir() else []
    return f"there is no file {name}{nearest(Path(name).name, there)}"


def _told_name(name: str) -> str:
    return "standard input" if name == "-" else name


@contextmanager
def _progress(file: BinaryIO) -> Iterator[Any]:
    """A bar for what is read of a file, on a terminal."""
    size = os.fstat(file.fileno()).st_size if file.seekable() else 0
    with terminal.progress_of(size, "rows") as reached:
        yield lambda file: reached(file.tell()) if reached else None
