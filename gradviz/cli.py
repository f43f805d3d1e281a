"""argv -> a command -> exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from gradviz import offers, terminal
from gradviz.arguments import SET, Words, near_option, shown, sort
from gradviz.commands import READ_ANSWERS, TAKE_EXPRESSIONS, cli, known_options, render
from gradviz.errors import GradvizError, OptionError, ValuesError
from gradviz.options import RANDOM, eager

COMPLETION: Final = "_GRADVIZ_COMPLETE"  # environment variables
DEBUG: Final = "GRADVIZ_DEBUG"
INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status. What goes wrong is told on standard error, never raised."""
    try:
        if instruction := os.environ.get(COMPLETION):
            from click.shell_completion import shell_complete

            return shell_complete(cli, {}, "gradviz", COMPLETION, instruction)
        terminal.keep_descriptors()
        _run(sys.argv[1:] if argv is None else list(argv))
    except (Exception, KeyboardInterrupt) as error:
        return _status(error)
    return 0


def _run(argv: list[str]) -> None:
    if not argv:
        return _click(["--help"])
    command = cli.named(argv[0])
    if command is not None and command.name not in TAKE_EXPRESSIONS:
        return _click(argv)
    chosen, named = command or render, command is not None
    words = sort(argv[named:], known_options() | known_options(chosen))
    check_own(words, chosen)
    if any(map(words.has, eager(chosen))):
        return _click([*(argv[:named] or ["render"] * bool(words.bare)), *words.options])
    return _draw(words, chosen, () if named else cli.names)


def check_own(words: Words, command: click.Command) -> None:
    """Raise `OptionError` for an option that only another command has."""
    for word in words.options:
        option = word.partition("=")[0]
        if option in known_options() and option not in known_options(command):
            problem = f"{command.name} has no {option}"
            raise OptionError(f"{problem}; for one of the program's names write {SET} {option.lstrip('-')}=VALUE")


def _click(args: list[str], words: Words | None = None) -> None:
    with cli.make_context("gradviz", args, obj=words, terminal_width=terminal.width()) as context:
        cli.invoke(context)


def _draw(words: Words, command: click.Command, commands: Sequence[str]) -> None:
    """A command for one expression; an error about a name that is also an option is told of `--set`."""
    program, known = words.bare[0] if words.bare else "", known_options(command)
    try:
        if not words.has(RANDOM):
            offers.check_expression(words, commands, known, files=os.path.exists if command is render else None)
        if program == "-" and not words.literal:
            if command.name in READ_ANSWERS:
                raise OptionError(f"{command.name} reads answers from standard input; write the expression itself")
            program = terminal.read_program()
        _click(
            [str(command.name), *words.options, *(["--", program] if program or not words.has(RANDOM) else [])], words
        )
    except (GradvizError, click.UsageError) as error:
        taken = offers.shadowed(offers.inputs(program, words), words, known)
        missed = [name for name in taken if words.has(f"--{name}") or isinstance(error, ValuesError)]
        error.add_note(offers.set_hint(missed))
        raise


def _status(error: BaseException) -> int:
    """The exit status of an error, after telling it."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED
        case BrokenPipeError():
            terminal.drop_output()
            return 0
    terminal.say("".join([_told(error), *getattr(error, "__notes__", ())]), "error")
    if isinstance(error, OSError):
        terminal.drop_output()
    return error.exit_code if isinstance(error, GradvizError | click.ClickException) else 1


def _told(error: BaseException) -> str:
    match error:
        case GradvizError():
            return str(error)
        case click.NoSuchOption():
            offer = near_option(error.option_name.lstrip("-"), error.possibilities or ())
            return f"unknown option '{shown(error.option_name)}'{offer}"
        case click.ClickException():
            message = error.format_message()
            return message[:1].lower() + message[1:].rstrip(".")
        case OSError():
            where = error.filename or "cannot write to standard output"
            return f"{where}: {error.strerror or error}"
        case MemoryError():
            return "out of memory"
    if os.environ.get(DEBUG):
        from traceback import print_exception

        print_exception(error)
    return f"{type(error).__name__}: {error} (this is a bug, please report it; {DEBUG}=1 shows where)"
