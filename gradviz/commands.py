"""The commands: options -> library calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from gradviz import literals, offers, terminal
from gradviz.arguments import Words
from gradviz.errors import OptionError, RenderError, ValuesError, in_words, printable
from gradviz.limits import grouped
from gradviz.options import FIGURE, FORMAT, LOOK, SETTINGS, VERSION, Dir, Seconds, given, spellings

if TYPE_CHECKING:
    from gradviz.api import Figure
    from gradviz.batch import Report

USAGE: Final = """\
Draw the computational graph of an expression with its values and gradients.

Usage:
  gradviz EXPRESSION [--NAME=VALUE ...] [OPTIONS]   one figure (also: gradviz render ...)
  gradviz - [--NAME=VALUE ...] [OPTIONS]            the program from standard input
  gradviz batch PATH... --out DIR                   many figures
  gradviz table FILE.csv EXPRESSION                 value and gradients for every row
  gradviz descend EXPRESSION --wrt NAMES            gradient descent, step by step

A VALUE is a number (-2, pi/2), a list ('[[1, 2], [3, 4]]'), or a file of one (@w.csv, .json, .npy).

Examples:
  gradviz "w*x + b" --w=-2 --x=5 --b=3 -o neuron.svg
  gradviz "1/(1 + exp(-(w*x + b)))" --w=2 --x=-1 --b=0.5 --theme=print -o sigmoid.pdf
  gradviz "g = w*x; f = g + b" > names.svg
  gradviz "-log(p)" --p=1/4 --digits=4 -f json
  gradviz "sum((W @ x)**2)" --W='[[0.1,0.5],[-0.3,0.8]]' --x='[0.2,0.4]' --digits=3
  gradviz batch samples --out figures
"""

# commands ------------------------------------------------------------------------------------------------------------


TAKE_EXPRESSIONS: Final = frozenset({"render", "explain", "worksheet", "quiz", "descend", "grad", "check"})
READ_ANSWERS: Final = frozenset({"quiz"})  # from standard input
LATER: Final = {  # the modules that declare the others
    **dict.fromkeys(("explain", "worksheet", "quiz"), "gradviz.lessons"),
    "table": "gradviz.tabulating",
    "descend": "gradviz.learning",
    "grad": "gradviz.deriving",
    "check": "gradviz.checking",
}


class Main(click.Group):
    """The command with its own first page of help; its options are those of `render`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The commands, also those that are not loaded."""
        return tuple(dict.fromkeys((*self.commands, *LATER)))

    def named(self, name: str) -> click.Command | None:
        """A command, loaded when it is asked for; None when there is none."""
        if name in LATER:
            import_module(LATER[name])
        return self.commands.get(name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The same for click."""
        del ctx
        return self.named(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        del ctx
        return list(self.names)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage and examples, options, commands, and the rows of the tables; click's own wrapping costs 4 ms."""
        from gradviz.formats import FORMATS
        from gradviz.themes import THEMES

        records = (param.get_help_record(ctx) for param in self.get_params(ctx))
        sections = {
            "Options": [record for record in records if record],
            "Commands": [
                (name, command.get_short_help_str(80)) for name in self.names if (command := self.named(name))
            ],
            "Formats": [(row.name, row.does) for row in FORMATS.values()],
            "Themes": [(row.name, row.does) for row in THEMES.values()],
        }
        formatter.write(USAGE)
        for title, rows in sections.items():
            width = max(len(left) for left, _ in rows)
            formatter.write(f"\n{title}:\n")
            formatter.write("".join(f"  {left:<{width}}  {right}\n" for left, right in rows))


cli = VERSION(Main("gradviz", params=[*FIGURE], context_settings=SETTINGS))


@VERSION
@cli.command("render", params=[click.Argument(["expression"]), *FIGURE], context_settings=SETTINGS)
@click.pass_obj
def render(words: Words, /, expression: str, output: str | None, format: str | None, **options: Any) -> None:
    """Draw one figure; the same as without "render"."""
    steps = {name: options.pop(name) for name in ("steps", "seconds", "fragments")}
    if steps["steps"] or steps["fragments"]:
        play(words, expression, output, format, steps=steps, options=given(options))
        return
    if steps["seconds"] is not None:
        raise OptionError("--seconds is for --steps that play")
    kind = _kind(output, format)
    figure = figure_of(expression, words, given(options))
    tell_notes(figure, drawn=kind is not None and _draws(kind))
    _deliver(figure, output, kind)


def play(
    words: Words,
    expression: str,
    output: str | None,
    format: str | None,
    *,
    steps: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    """Write the steps of a figure: into one file, a folder, or to standard output."""
    from gradviz.telling.slideshow import Timing, is_folder

    if steps["seconds"] is not None and (steps["fragments"] or (output and is_folder(output))):
        raise OptionError("--seconds is for steps that play: .svg, .gif or .webp")
    timing = Timing(**{name: value for name, value in steps.items() if name != "steps" and value is not None})
    to_output = output in (None, "-")
    if to_output and terminal.is_terminal(sys.stdout):
        raise OptionError("steps are a file or a folder of them; name it: -o lecture.svg (or .pdf, .gif), or -o steps/")
    kind = format if to_output or format or is_folder(str(output)) else _kind(output, format)
    figure = figure_of(expression, words, options)
    tell_notes(figure, drawn=True)
    slides = figure.steps()
    if to_output:
        terminal.write(slides.render(kind or "svg", timing))
        return
    paths = slides.save(str(output), kind, timing)
    first = f" ({paths[0].name} …)" if len(paths) > 1 else ""
    terminal.say(f"wrote {len(slides.pictures)} steps to {printable(str(output))}{first}")


def _draws(format: str) -> bool:
    from gradviz.formats import format_named

    return format_named(format).draws


def tell_notes(figure: Figure, *, drawn: bool = False) -> None:
    """What the user should know, on standard error; with what a drawing leaves out."""
    for note in figure.graph.notes + (figure.layout_notes if drawn else figure.view_notes):
        terminal.say(note, "note")
    for warning in figure.trace.notes if figure.trace else ():
        terminal.say(warning, "warning")


@cli.command("batch", params=[
    click.Argument(["paths"], nargs=-1, required=True, type=click.Path(allow_dash=True)),
    click.Option(["-o", "--out"], required=True, type=Dir(), metavar="DIR", help="Where the figures go."),
    FORMAT, click.Option(["--jobs"], type=click.IntRange(1), metavar="N",
                         help="Processes that draw; of a large batch as many as there are processors."),
    click.Option(["--timeout"], type=Seconds(), metavar="SECONDS", help="The most for one figure; 120 unless given."),
    click.Option(["--resume"], is_flag=True, help="Draw only what is missing or has changed."), *LOOK,
])  # fmt: skip
def batch(paths: tuple[str, ...], out: str, format: str | None, jobs: int | None, **options: Any) -> None:
    """Draw many figures: .toml, .jsonl, folders of them, or -.

    Options given here win over a figure's own. The folder "samples" means the samples that ship unless there is one.
    """
    from pathlib import Path

    from gradviz import limits, signals
    from gradviz.batch import jobs_for, run
    from gradviz.samples import read_samples

    timeout, resume = options.pop("timeout"), options.pop("resume")
    look = given(options)
    samples = read_samples(*paths, stdin=terminal.standard_input() if "-" in paths else None)
    count = len(samples) if isinstance(samples, Sized) else None
    how = {"jobs": jobs or jobs_for(count or 1), "timeout": timeout or limits.most("sample"), "resume": resume}
    with signals.raised(), _interrupted(out), terminal.progress(count) as advance:
        report = run(samples, Path(out), format, options=look, on_done=lambda _: advance(), **how)
    _tell(report, out)
    raise click.exceptions.Exit(bool(report.failed))


@contextmanager
def _interrupted(out: str) -> Iterator[None]:
    """An end from outside, or a full disk, is not the last word."""
    from pathlib import Path

    from gradviz.journal import NAME

    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        terminal.say(f"interrupted; what is done is in {out}, and --resume goes on")
        raise
    except RenderError as error:
        if (Path(out) / NAME).exists():
            error.add_note("; what is done stays, and --resume goes on")
        raise


@cli.command("gates")
@click.option("--spelled", is_flag=True, help="Names in libraries instead: np.exp, tf.nn.relu, x.sum() …")
def gates(spelled: bool) -> None:
    """List the gates: functions and operators.

    A gate that opens can be drawn as the gates that it is made of: --expand NAME.
    """
    if spelled:
        terminal.show_rows(("gate", "names in libraries; functions of np and torch are methods too"), _spelled())
    else:
        terminal.show_rows(("gate", "drawn", "also written", "settings", "what it computes"), _gates())


def _gates() -> Iterator[terminal.Row]:
    from gradviz.gates import GATES

    for gate in GATES.values():
        written = " ".join((*gate.operators, *gate.aliases))
        settings = " ".join(f"{setting.name}=" for setting in gate.settings)
        yield gate.name, gate.symbol, written, settings, gate.does + (" (opens)" if gate.made_of else "")


def _spelled() -> Iterator[terminal.Row]:
    """The gates that libraries have too; a bare dot begins a name that only an array's method has."""
    from gradviz.gates import GATES, library

    names = {gate.name: [f"x{word}()" for word in gate.spelled.split() if word[0] == "."] for gate in GATES.values()}
    for name, found in library().items():
        for gate in found:
            names[gate.name].append(name)
    yield from ((name, " ".join(found)) for name, found in names.items() if found)


@cli.command("themes")
def themes() -> None:
    """List the themes."""
    from gradviz.themes import THEMES

    terminal.show_rows(("theme", "what it looks like"), ((theme.name, theme.does) for theme in THEMES.values()))


@cli.command("samples")
def samples() -> None:
    """List the figures that ship with gradviz."""
    terminal.show_rows(("sample", "title", "program"), _samples())


def _samples() -> Iterator[terminal.Row]:
    from gradviz.picture import one_line
    from gradviz.sample import Sample
    from gradviz.samples import read_samples, shipped

    for sample in read_samples(shipped()):
        if isinstance(sample, Sample):
            yield sample.name, sample.title or "", one_line(sample.expr)


@cache
def known_options(command: click.Command | None = None) -> dict[str, bool]:
    """Each spelling of an option of a command, `render` unless given, and whether it takes a value."""
    return spellings(command or render)


# one figure ----------------------------------------------------------------------------------------------------------


def _kind(output: str | None, format: str | None) -> str | None:
    """The format to write; None for the table of a terminal. Raises `OptionError` before any work is done."""
    from gradviz.formats import FORMATS, format_of

    if output not in (None, "-"):
        return format or format_of(output).name
    if terminal.is_terminal(sys.stdout):
        if format and not FORMATS[format].text:
            raise OptionError(f"{format} cannot be shown on a terminal; save it with -o figure.{format}")
        return format or ("svg" if output else None)
    return format or "svg"


def figure_of(program: str, words: Words, options: Mapping[str, Any], command: click.Command | None = None) -> Figure:
    """The figure of an expression with the values on the command line and options by their long names."""
    from gradviz import api
    from gradviz.choices import keywords

    known = known_options(command)
    values = literals.all_values(words, known)
    settings = keywords(options)
    of_parse = {name: settings.pop(name) for name in api.OF_PARSE if name in settings}
    graph = api.parse(program, values, **of_parse)
    offers.check_names(values, graph, known)
    taken = offers.shadowed(graph.input_names, words, known)
    if not values and any(words.has(f"--{name}") for name in taken):
        raise ValuesError(f"no value for {in_words(taken)}")
    return api.draw(graph, values, **settings)


def _deliver(figure: Figure, output: str | None, kind: str | None) -> None:
    if kind is None:
        terminal.show_trace(figure.picture)
        return
    data = figure.render(kind)
    if output in (None, "-"):
        terminal.write(data)
        return
    terminal.save(str(output), data)


def draw_into(make: Callable[[], Figure], output: str | None, format: str | None) -> None:
    """Make a figure and write it; a format that cannot be written there is told before."""
    kind = _kind(output, format)
    figure = make()
    tell_notes(figure, drawn=kind is not None and _draws(kind))
    _deliver(figure, output, kind)


def _tell(report: Report, out: str) -> None:
    """The warnings and failures of a batch, and what became of all."""
    for result in report.results:
        for note in result.notes:
            terminal.say(f"{result.origin}: {note}", "warning")
        if result.error:
            where = "" if result.error.startswith(result.origin) else f"{result.origin}: "
            terminal.say(f"{where}{result.error}", "error")
    failed = f", {grouped(report.failed)} failed" if report.failed else ""
    drawn = report.ok - report.kept
    figures = "figure" if drawn == 1 else "figures"
    there = f", {grouped(report.kept)} already there" if report.kept else ""
    terminal.say(f"{grouped(drawn)} {figures} in {out}{there}{failed}; {report.manifest} tells of each")
