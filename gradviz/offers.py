"""Command lines that are not understood -> what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from gradviz.arguments import EXPAND, SET, Options, Words, check_names_of_gates, near_option, shown
from gradviz.errors import MOST_WORDS, GradvizError, OptionError, in_words, near, nearest

if TYPE_CHECKING:
    from gradviz.graph import Graph

LONG: Final = 50_000  # letters of a program
FIGURE_FILES: Final = (".toml", ".jsonl")
_DASHED: Final = r"-[^\W\d]\w*(=.*)?"  # a value or an option with one dash too few


def check_expression(
    words: Words, commands: Collection[str], options: Options, files: Callable[[str], bool] | None
) -> None:
    """Raise `OptionError` when there is no bare word, or several, or one that is rather something else.

    `commands` are those that it could be a misspelling of; `files` tells whether a word names a file or a folder, None
    for a command that takes them.
    """
    if not words.bare:
        _nothing(words)
    if len(words.bare) > 1:
        _unclosed(words)
        _several(words.bare, commands, options, more=bool(words.values or words.options))
    word = words.bare[0]
    if words.literal or word == "-":
        return
    if files and (word.endswith(FIGURE_FILES) or (not words.values and files(word))):
        file = f"'{shown(word)}' is a file's name, not an expression"
        raise OptionError(f"{file}; did you mean: gradviz batch {shown(word)} --out DIR")
    if commands and word.isidentifier() and not words.values:
        _lone_name(word, commands, options)


def _nothing(words: Words) -> NoReturn:
    """Say that the expression is missing, or that --expand took it."""
    for option, text in words.texts:
        if option == EXPAND:
            check_names_of_gates(text)
    raise OptionError('no expression to draw; write it in quotes, as in: gradviz "w*x + b"')


def _unclosed(words: Words) -> None:
    """Raise `OptionError` for a list that was cut at its spaces."""
    for option, text in words.texts:
        if text.startswith("[") and text.count("[") > text.count("]"):
            raise OptionError(f"the list of {shown(option)} ends at a space; quote it: {shown(option)}='[1, 2]'")


def _lone_name(word: str, commands: Collection[str], options: Options) -> None:
    if word in commands:
        raise OptionError(f"the command {word} comes first: gradviz {word} …")
    offer = nearest(word, commands) or (f"; did you mean '--{word}'?" if f"--{word}" in options else "")
    if offer:
        raise OptionError(f"there is no command '{word}'{offer} (as an expression: gradviz -- {word})")


def _several(bare: Sequence[str], commands: Collection[str], options: Options, *, more: bool) -> NoReturn:
    """Say what several bare words are instead of the one expression."""
    joined = " ".join(bare)
    dashed = next((word for word in bare if word[:2] in options or re.fullmatch(_DASHED, word)), "")
    if not _parses(joined) and bare[0].isidentifier():
        if bare[0] in commands:
            raise OptionError(f"the command {bare[0]} comes first: gradviz {shown(joined)} …")
        if offer := nearest(bare[0], commands):
            raise OptionError(f"there is no command '{bare[0]}'{offer}")
    if dashed and (not _parses(joined) or _glued(dashed)):
        better = f"{dashed[:2]} {dashed[2:].lstrip('=')}" if dashed[:2] in options else f"-{dashed}"
        raise OptionError(f"'{shown(dashed)}' is not an option; did you mean '{shown(better)}'?")
    quoted = f"gradviz {_quoted(shown(joined))}{' …' if more else ''}"
    raise OptionError(f"the expression must be one word; quote it: {quoted}")


def _glued(word: str) -> bool:
    """Whether a word is a short option with its value, as in -fpng or -ofigure.svg."""
    from gradviz.formats import FORMATS, SUFFIXES

    return (word[:2] == "-f" and word[2:] in FORMATS) or (word[:2] == "-o" and word.endswith(tuple(SUFFIXES)))


def _parses(text: str) -> bool:
    from gradviz.language.parser import parse

    with suppress(GradvizError):
        return bool(len(parse(text)))
    return False


def _quoted(text: str) -> str:
    from shlex import quote

    return quote(text) if set('"$`\\!') & set(text) else f'"{text}"'


def check_names(values: Collection[str], graph: Graph, options: Options) -> None:
    """Raise `OptionError` for a value whose name is rather a misspelt option's than one of the program's."""
    known = {*graph.input_names, *graph.bindings, *graph.unused}
    unknown = [name for name in values if name not in known]
    if not unknown:
        return
    words = [*known, *_long_names(options)]
    for name in unknown[:MOST_WORDS]:
        close = near(name, words)
        if close and close not in known and (offer := near_option(name, options)):
            raise OptionError(f"the program has no name '{shown(name)}'{offer}")


def inputs(program: str, words: Words) -> tuple[str, ...]:
    """The names of a program that need a value; none for one that is not understood, or takes long to be read again."""
    if len(program) > LONG:
        return ()
    from gradviz.api import parse

    with suppress(GradvizError):
        return parse(program, [value.name for value in words.values], fold=False).input_names
    return ()


def shadowed(names: Iterable[str], words: Words, options: Options) -> tuple[str, ...]:
    """Those of the names that need a value that have none and are spelled like options, which take it."""
    from gradviz.language.tokens import normal

    given = {normal(value.name) for value in words.values}
    return tuple(name for name in names if f"--{name}" in options and name not in given)


def set_hint(names: Iterable[str]) -> str:
    """The line that tells how to give values to names that are also options; "" without names."""
    told = list(names)
    be = "is also an option" if len(told) == 1 else "are also options"
    return f"\n{in_words(told)} {be}: write {' '.join(f'{SET} {name}=VALUE' for name in told)}" if told else ""


def _long_names(options: Options) -> set[str]:
    return {option.removeprefix("--") for option in options if option.startswith("--")}
