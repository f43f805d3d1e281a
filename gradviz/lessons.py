"""The commands around a figure: its chain rule told, worksheets of it, and a quiz."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from gradviz import terminal
from gradviz.arguments import Words
from gradviz.commands import cli, figure_of, tell_notes
from gradviz.errors import OptionError, SampleError
from gradviz.offers import FIGURE_FILES
from gradviz.options import FORMAT, HIDE, OF, OUTPUT, PROGRAM, RANDOM, SETTINGS, SHOWN, TEXTS, TITLE, Dir, RowOf, given

if TYPE_CHECKING:
    from gradviz.api import Figure

SEED: Final = "--seed"


def _renderers() -> Mapping[str, object]:
    from gradviz.explanations import RENDERERS

    return RENDERERS


def _levels() -> Mapping[str, object]:
    from gradviz.practice.exercises import LEVELS, MIXED

    return {MIXED: None, **LEVELS}


_EXPRESSION: Final = click.Argument(["expression"], required=False, default="")
_WITHOUT_SEED: Final = [option for option in PROGRAM if SEED not in option.opts and "--jacobian" not in option.opts]
_RANDOM: Final = [
    click.Option([RANDOM], type=click.IntRange(1), metavar="N", help="N different circuits with friendly numbers."),
    click.Option([SEED], type=int, metavar="S", help="Of the random circuits: the same S, the same circuits."),
    click.Option(["--level"], type=RowOf("level", _levels), help="Of the random circuits: easy, medium, hard, mixed."),
]  # fmt: skip

# explain -------------------------------------------------------------------------------------------------------------


@cli.command("explain", params=[
    _EXPRESSION, OUTPUT, click.Option(["-f", "--format"], type=RowOf("format", _renderers),
                                      help="text, markdown or json, whatever the suffix."),
    *OF, TITLE, *PROGRAM, *TEXTS, click.Option(["--theme"], metavar="NAME", help="Colours on a terminal."),
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def explain(words: Words, /, expression: str, output: str | None, format: str | None, **options: Any) -> None:
    """Tell the chain rule: values forward, gradients backward gate by gate."""
    from gradviz.explanations import explanation, render

    kind = format or _format_of(output)
    figures = [task.figure for task in _tasks(expression, words, given(options), explain)]
    if len(figures) != 1:
        raise OptionError(f"explain tells one figure; {expression} has {len(figures)}")
    (figure,) = figures
    tell_notes(figure)
    told = explanation(
        figure.graph,
        figure.trace,
        language=figure.language,
        title=figure.picture.title,
        digits=figure.picture.digits,
        upstream=figure.picture.asked["upstream"],
    )
    if kind == "text" and output is None and terminal.is_terminal(sys.stdout):
        terminal.show_explanation(told, figure.picture.theme)
    elif output in (None, "-"):
        terminal.write(render(told, kind))
    else:
        terminal.save(str(output), render(told, kind))


def _format_of(output: str | None) -> str:
    """The format that a file's suffix picks."""
    from gradviz.errors import in_words
    from gradviz.explanations import RENDERERS

    if output in (None, "-"):
        return "text"
    by_suffix = {suffix: name for name, row in RENDERERS.items() for suffix in row.suffixes}
    suffix = Path(str(output)).suffix.lower()
    if suffix not in by_suffix:
        raise OptionError(f"'{output}' does not end in the suffix of an explanation: {in_words(by_suffix)}")
    return by_suffix[suffix]


# worksheets and quizzes ----------------------------------------------------------------------------------------------


class Task(NamedTuple):
    """A figure to be worked out."""

    name: str
    figure: Figure


def _tasks(expression: str, words: Words, options: dict[str, Any], command: click.Command) -> Iterator[Task]:
    """The figures of an expression, of a file, or random ones."""
    chance = {}
    if any(RANDOM in param.opts for param in command.params):
        chance = {name: options.pop(name, None) for name in ("random", "seed", "level")}
    if chance.get("random") is not None:
        if expression or words.values:
            raise OptionError("--random makes its own circuits; leave out the expression and its values")
        yield from _random(chance, options)
    elif any(value is not None for value in chance.values()):
        raise OptionError("--seed and --level are for --random N")
    elif expression.endswith(FIGURE_FILES) or (
        expression and not words.values and not words.literal and _is_folder(expression)
    ):
        if words.values:
            raise OptionError("a figure file has its own values; leave those on the command line out")
        yield from _of_files(expression, options)
    else:
        yield Task("exercise", figure_of(expression, words, options, command))


def _is_folder(text: str) -> bool:
    return os.path.isdir(text)  # noqa: PTH112  Path raises for a long text


def _random(chance: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[Task]:
    from gradviz.api import draw
    from gradviz.choices import keywords
    from gradviz.practice.exercises import MIXED, random_circuits

    for each in random_circuits(chance["random"], chance["seed"] or 0, chance["level"] or MIXED):
        yield Task(each.name, draw(each.program, each.values, **keywords(options)))


def _of_files(path: str, options: Mapping[str, Any]) -> Iterator[Task]:
    from gradviz.api import draw
    from gradviz.batch import keywords_of
    from gradviz.sample import Sample
    from gradviz.samples import read_samples

    for sample in read_samples(path):
        if not isinstance(sample, Sample):
            raise SampleError(sample.error)
        yield Task(sample.name, draw(sample.expr, sample.values, **keywords_of(sample, options)))


@cli.command("worksheet", params=[
    _EXPRESSION, click.Option(["--out"], required=True, type=Dir(), metavar="DIR", help="Where the sheets go."),
    FORMAT, *_RANDOM, HIDE, *OF, TITLE, *_WITHOUT_SEED, *TEXTS, *SHOWN,
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def worksheet(words: Words, /, expression: str, out: str, format: str | None, **options: Any) -> None:
    """Write exercises and answer keys: of an EXPRESSION, a FILE, or --random ones."""
    from gradviz.practice.worksheets import Sheets

    sheets = Sheets(Path(out), format or "svg")
    tasks = list(_tasks(expression, words, given(options), worksheet))
    for number, task in enumerate(tasks, 1):
        tell_notes(task.figure)
        try:
            sheets.write(task.name, task.figure, number if len(tasks) > 1 else None)
        except OptionError as error:
            raise OptionError(f"{task.name}: {error}") from None
    if options["random"]:
        sheets.list_programs((task.name, task.figure) for task in tasks)
    many = "exercise" if len(tasks) == 1 else "exercises"
    terminal.say(f"{len(tasks)} {many} in {out}, each with its answer key")


@cli.command("quiz", params=[_EXPRESSION, *_RANDOM, HIDE, *OF, *_WITHOUT_SEED, *TEXTS], context_settings=SETTINGS)
@click.pass_obj
def quiz(words: Words, /, expression: str, **options: Any) -> None:
    """Ask for each blank in the terminal, and explain wrong answers."""
    for task in list(_tasks(expression, words, given(options), quiz)):
        tell_notes(task.figure)
        if not _ask(task.figure):
            break


def _ask(figure: Figure) -> bool:
    """Ask for each blank of a figure, and tell the score; False when input has ended before."""
    from gradviz.explanations.told import local_formulas
    from gradviz.picture import one_line, renamed
    from gradviz.practice.quiz import answered, begin, closing, opening, question

    asked = begin(renamed(figure.picture), figure.language)
    terminal.show_lines([one_line(figure.graph.program), *(said.text for said in opening(asked))])
    try:
        while asked.blank:
            answer = terminal.read_answer(question(asked).text)
            if answer is None:
                break
            asked, told, _ = answered(asked, answer, partial(local_formulas, asked.of))
            terminal.show_lines(said.text for said in told)
    except KeyboardInterrupt:
        terminal.show_lines([""])
        raise
    finally:
        terminal.show_lines(said.text for said in closing(asked))
    return asked.blank is None
