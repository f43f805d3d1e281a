"""The command `descend`: gradient descent of an expression, its numbers and pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import click

from gradviz import literals, offers, terminal
from gradviz.arguments import Words, shown
from gradviz.commands import cli, known_options
from gradviz.errors import OptionError, in_words
from gradviz.options import OF, OUTPUT, PROGRAM, SETTINGS, TEXTS, TITLE, RowOf, Theme, given

if TYPE_CHECKING:
    from gradviz.graph import Graph
    from gradviz.learned import Learned
    from gradviz.telling.slideshow import Slideshow

EVERY: Final = 0.1  # seconds between two looks at the bar
ROWS: Final = 14  # iterations of the table, about
MOST_SHOWN: Final = 9  # numbers of the parameters in it
NUMBERS: Final = ("text", "json", "csv")  # formats that are no picture


def _pictures() -> Mapping[str, object]:
    from gradviz.learned import PICTURES

    return PICTURES


def _starts() -> Mapping[str, object]:
    from gradviz.descent.starts import STARTS

    return STARTS


def _formats() -> Mapping[str, object]:
    from gradviz.formats import FORMATS

    return {**dict.fromkeys(NUMBERS), **FORMATS}


_OF_PARSE: Final = [option for option in PROGRAM if option.name not in ("seed", "jacobian", "strict")]


@cli.command("descend", params=[
    click.Argument(["expression"]), OUTPUT,
    click.Option(["-f", "--format"], type=RowOf("format", _formats),
                 help="text, json or csv, or the format of a picture, whatever the suffix."), *OF,
    click.Option(["--wrt"], metavar="NAMES", help="The parameters: w,b. Unless given the inputs that have no value."),
    click.Option(["--lr"], type=float, default=0.1, metavar="NUMBER", help="The learning rate; 0.1 unless given."),
    click.Option(["--iterations"], type=click.IntRange(0), default=100, metavar="N", help="100 unless given."),
    click.Option(["--update"], default="gd", metavar="NAME",
                 help="gd, momentum, nesterov, adagrad, rmsprop or adam; with numbers: momentum=0.8."),
    click.Option(["--schedule"], default="constant", metavar="NAME",
                 help="Of the learning rate: constant, step, exponential, inverse, linear or cosine."),
    click.Option(["--tolerance"], type=float, default=0.0, metavar="NUMBER",
                 help="Stop when the norm of the gradient is at most this."),
    click.Option(["--data"], metavar="FILE.csv", help="Rows whose columns are inputs; the mean over them is the loss."),
    click.Option(["--batch-size"], type=click.IntRange(1), metavar="N", help="Rows of one update; all unless given."),
    click.Option(["--shuffle-seed"], type=click.IntRange(0), metavar="S", help="Another order of rows in each epoch."),
    click.Option(["--init"], type=RowOf("init", _starts), help="Parameters without a value start at random."),
    click.Option(["--seed"], type=click.IntRange(0), default=0, metavar="S", help="Of --init; 0 unless given."),
    click.Option(["--shapes"], metavar="NAMES", help="Of parameters at random that are arrays: W=2x2,b=2."),
    click.Option(["--save"], metavar="FILE.json", help="Where the parameters go, for --values of any command."),
    click.Option(["--picture"], type=RowOf("picture", _pictures),
                 help="loss, bowl or circuit; loss unless given."),
    click.Option(["--over"], metavar="NAMES", help="The one or two parameters under a bowl: w,b or W[0,1]."),
    click.Option(["--steps"], metavar="ITERATIONS", help="The circuit at these, step by step: 0,1,10,100 or auto."),
    click.Option(["--seconds"], type=float, metavar="S", help="Of each step that plays; 2 unless given."),
    TITLE, click.Option(["--theme"], type=Theme(), metavar="NAME", help="Colours and fonts."),
    click.Option(["--show"], metavar="WORDS", help="What stands on the wires of the circuit."),
    *(option for option in TEXTS if option.name != "upstream"), *_OF_PARSE,
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def descend(words: Words, /, expression: str, output: str | None, format: str | None, **options: Any) -> None:
    """Gradient descent: forward, backward, update, again and again.

    Without -o, -f, --picture or --steps it prints a table of the way. Ctrl-C keeps what was reached.
    """
    kind = _kind(output, format, options)
    learned = _learned(expression, words, options)
    if learned.note:
        terminal.say(learned.note, "warning" if learned.ended == "diverged" else "note")
    if options["save"]:
        from gradviz.descent.tables import values_file

        terminal.save(options["save"], values_file(learned.parameters))
    _deliver(learned, output, kind, options)
    if learned.ended == "interrupted":
        raise click.exceptions.Exit(130)


def _kind(output: str | None, format: str | None, options: Mapping[str, Any]) -> str:
    """The format to write, before any work is done; raises `OptionError`."""
    from gradviz.formats import FORMATS, format_of
    from gradviz.telling.slideshow import is_folder

    draws = options["picture"] or options["steps"]
    to_file = output not in (None, "-")
    if options["picture"] and options["steps"]:
        raise OptionError("--picture and --steps exclude each other")
    if options["over"] and options["picture"] != "bowl":
        raise OptionError("--over is for --picture bowl")
    if options["seconds"] is not None and not options["steps"]:
        raise OptionError("--seconds is for --steps that play")
    if format is None and to_file and not (options["steps"] and is_folder(str(output))):
        suffix = Path(str(output)).suffix.lower()
        format = "csv" if suffix == ".csv" else format_of(str(output)).name
    format = format or ("svg" if draws or to_file else "text")
    if draws and format in NUMBERS:
        raise OptionError(f"{format} has the numbers, not a picture; leave --picture and --steps out")
    if not to_file and terminal.is_terminal(sys.stdout) and format not in NUMBERS:
        if not FORMATS[format].text:
            raise OptionError(f"{format} cannot be shown on a terminal; save it with -o figure.{format}")
        if options["steps"]:
            raise OptionError(
                "steps are a file or a folder of them; name it: -o steps.svg (or .pdf, .gif), or -o steps/"
            )
    return format


def _learned(expression: str, words: Words, options: Mapping[str, Any]) -> Learned:
    from gradviz import api
    from gradviz.choices import keywords

    known = known_options(descend)
    values = literals.all_values(words, known)
    data = _columns(options["data"]) if options["data"] else {}
    of_parse = keywords(
        given({option.name: options[option.name] for option in (*_OF_PARSE, *OF) if option.name in options})
    )
    graph = api.parse(expression, [*values, *data], **of_parse)
    for note in graph.notes:
        terminal.say(note, "note")
    offers.check_names(values, graph, known)
    with _bar(options["iterations"]) as tell:
        return api.descend(
            graph, values, wrt=options["wrt"], lr=options["lr"], iterations=options["iterations"],
            update=options["update"], schedule=options["schedule"], tolerance=options["tolerance"],
            data=_inputs(data, graph, options["data"]) or None, batch_size=options["batch_size"],
            shuffle_seed=options["shuffle_seed"], init=options["init"], seed=options["seed"],
            shapes=_shapes(options["shapes"]), tell=tell, theme=options["theme"] or "cs231n", title=options["title"],
            digits=2 if options["digits"] is None else options["digits"], show=options["show"],
            language=options["lang"] or "en",
        )  # fmt: skip


def _columns(name: str) -> dict[str, Any]:
    """The columns of a CSV file whose headings could be names of inputs, and how they are read."""
    import numpy

    from gradviz.errors import SampleError
    from gradviz.tables import Reader

    try:
        with Path(name).open("rb") as file:
            reader = Reader(file, name)
            names = [each for each in reader.names if each.isidentifier()]
            chunks = [chunk.columns for chunk in reader.chunks(names)]
    except OSError as error:
        raise SampleError(f"cannot read {shown(name)}: {(error.strerror or str(error)).lower()}") from None
    if not chunks:
        raise SampleError(f"{shown(name)} has no rows")
    return {each: numpy.concatenate([chunk[each] for chunk in chunks]) for each in names}


def _inputs(data: Mapping[str, Any], graph: Graph, name: str | None) -> dict[str, Any]:
    """The columns that are inputs of the program."""
    found = {each: column for each, column in data.items() if each in graph.input_names}
    if data and not found:
        raise OptionError(f"no column of {shown(str(name))} is an input of the program: {in_words(graph.input_names)}")
    return found


def _shapes(text: str | None) -> dict[str, tuple[int, ...]]:
    """The shapes of W=2x2,b=2; raises `OptionError`."""
    found = {}
    for part in filter(None, (text or "").split(",")):
        name, _, sizes = part.partition("=")
        numbers = sizes.replace("×", "x").split("x")
        if not all(number.isdecimal() and int(number) > 0 for number in numbers):
            raise OptionError(f"--shapes takes NAME=ROWSxCOLUMNS as in W=2x2,b=2, not '{shown(part)}'")
        found[name.strip()] = tuple(map(int, numbers))
    return found


@contextmanager
def _bar(iterations: int) -> Iterator[Any]:
    """What is told of each iteration, on a terminal: a bar with the loss and the norm of the gradient."""
    with terminal.progress_of(iterations, "") as reached:
        if reached is None:
            yield None
            return
        due = 0.0

        def tell(iteration: int, loss: float, norm: float) -> None:
            nonlocal due
            if (time := monotonic()) >= due:
                due = time + EVERY
                reached(iteration, f"loss {loss:.4g}, gradient {norm:.2g}")

        yield tell


# what comes out ------------------------------------------------------------------------------------------------------


def _deliver(learned: Learned, output: str | None, kind: str, options: Mapping[str, Any]) -> None:
    if options["steps"]:
        _play(learned.steps(_iterations(options["steps"])), output, kind, options["seconds"])
    elif kind == "text" and output in (None, "-"):
        heads, *rows = _rows(learned)
        if terminal.is_terminal(sys.stdout):
            terminal.show_rows(tuple(heads), map(tuple, rows))
        else:
            terminal.show_rows((), map(tuple, [heads, *rows]))
    else:
        data = _written(learned, kind, options)
        terminal.write(data) if output in (None, "-") else terminal.save(str(output), data)


def _written(learned: Learned, kind: str, options: Mapping[str, Any]) -> bytes:
    from gradviz.descent import tables

    if kind == "json":
        return tables.to_json(learned.descent, learned.run)
    if kind == "csv":
        return tables.to_csv(learned.run)
    if kind == "text":
        return "".join("\t".join(row) + "\n" for row in _rows(learned)).encode()
    return learned.render(options["picture"] or "loss", kind, options["over"])


def _rows(learned: Learned) -> Iterator[list[str]]:
    """A heading, then some iterations: the first ones, some on the way, the last."""
    from numpy import geomspace

    run = learned.run
    entries = run.start.entries[:MOST_SHOWN]
    more = ["…"] if len(run.start.entries) > MOST_SHOWN else []
    yield ["iteration", "loss", "|gradient|", *entries, *more]
    for k in sorted({round(each) - 1 for each in geomspace(1, run.last + 1, ROWS)}):
        numbers = [run.losses[k], run.norms[k], *run.vectors[k, : len(entries)]]
        yield [str(k), *(f"{number:.6g}" for number in numbers), *more]


def _iterations(text: str) -> Sequence[int] | None:
    """The iterations of 0,1,10; None for those that are spread over the way."""
    if text == "auto":
        return None
    numbers = text.split(",")
    if not all(number.strip().isdecimal() and len(number) < 12 for number in numbers):
        raise OptionError(f"--steps takes iterations, as in 0,1,10,100, or auto; not '{shown(text)}'")
    return sorted({int(number) for number in numbers})


def _play(slides: Slideshow, output: str | None, kind: str, seconds: float | None) -> None:
    from gradviz.telling.slideshow import USUAL

    timing = USUAL if seconds is None else USUAL._replace(seconds=seconds)
    if output in (None, "-"):
        terminal.write(slides.render(kind, timing))
        return
    slides.save(str(output), kind, timing)
    terminal.say(f"wrote {len(slides.pictures)} steps to {shown(str(output))}")
