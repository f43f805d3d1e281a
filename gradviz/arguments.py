"""The words of a command line, sorted: the expression, values for its names, and options for click."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from gradviz.errors import OptionError, printable

SET: Final = "--set"  # NAME=VALUE for a name that is also an option
VALUES: Final = "--values"  # a file of values by name
MISSPELT: Final = 3  # letters from which on a name may be an option with a slip; shorter ones are names
LONGEST: Final = 60  # characters of a word that a message repeats
EXPAND: Final = "--expand"
_NEEDS: Final = {EXPAND: ": the names of gates, or all; SymPy's expand is --multiply-out"}

Options = Mapping[str, bool]  # each spelling of an option, and whether it takes a value


class Given(NamedTuple):
    """A value as it was written: `--w=-2` or `--set w=-2`, whose `option` is `--w` or `--set w`."""

    option: str
    name: str
    text: str


class Words(NamedTuple):
    """A sorted command line."""

    bare: tuple[str, ...]  # what is neither a value nor an option
    values: tuple[Given, ...]
    options: tuple[str, ...]  # for click, a word each, or two for a short option and its value
    literal: bool  # the expression stands after `--`

    def has(self, option: str) -> bool:
        """Whether an option was given in this spelling."""
        return any(word.partition("=")[0] == option for word in self.options)

    def text_of(self, option: str) -> str | None:
        """The text of a long option, the last one; None when it was not given."""
        return next((text for name, text in reversed(self.texts) if name == option), None)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The texts of values and of long options, each after how it was given."""
        pairs = (word.partition("=")[::2] for word in self.options if word.startswith("--"))
        return [*((option, text) for option, _, text in self.values), *pairs]


# sorting -------------------------------------------------------------------------------------------------------------


def sort(words: Sequence[str], options: Options) -> Words:
    """Tell options, values and the expression apart; raises `OptionError` for an option without its value.

    A word with one leading dash is an option only if it is exactly that of one; after `--` all is the expression.

    >>> sort(["-log(p)", "--p=0.5", "-o", "loss.svg"], {"-o": True})[:3]
    (('-log(p)',), (Given(option='--p', name='p', text='0.5'),), ('-o', 'loss.svg'))
    """
    bare: list[str] = []
    values: list[Given] = []
    known: list[str] = []
    rest, literal = deque(words), False
    while rest and not literal:
        word = rest.popleft()
        option = word.partition("=")[0]
        if word == "--":
            literal = bool(rest)
            bare += [" ".join(rest)] if rest else []
        elif word in options or (option in options and option.startswith("--")):
            text = _option_text(word, rest, options)
            if option == SET:
                values.append(_pair(text or ""))
            else:
                known += _for_click(option, text)
        elif word.startswith("--"):
            values.append(_value(word, rest, options))
        else:
            bare.append(word)
    return Words(tuple(bare), tuple(values), tuple(known), literal)


def _option_text(word: str, rest: deque[str], options: Options) -> str | None:
    """The value of an option, None for one that takes none."""
    option, equals, text = word.partition("=")
    if not options[option] and equals:
        raise OptionError(f"{option} takes no value; for one of the program's names write {SET} NAME=VALUE")
    if not options[option] or equals:
        return text if equals else None
    if not rest or _begins_anew(rest[0], options):
        raise OptionError(f"{option} needs a value{_NEEDS.get(option, '')}")
    return rest.popleft()


def _for_click(option: str, text: str | None) -> list[str]:
    if text is None:
        return [option]
    return [f"{option}={text}"] if option.startswith("--") else [option, text]


def _value(word: str, rest: deque[str], options: Options) -> Given:
    option, equals, text = word.partition("=")
    name = option.removeprefix("--")
    if not _is_name(name):
        raise OptionError(f"unknown option '{shown(option)}'{near_option(name, options)}")
    if not equals:
        if not rest or _begins_anew(rest[0], options):
            offer = near_option(name, options) or f"; write {shown(option)}=NUMBER"
            raise OptionError(f"{shown(option)} has no value{offer}")
        text = rest.popleft()
    return Given(option, name, text)


def _pair(text: str) -> Given:
    name, equals, value = text.partition("=")
    if not equals or not _is_name(name.strip()):
        raise OptionError(f"{SET} needs NAME=VALUE, not '{shown(text)}'")
    return Given(f"{SET} {name.strip()}", name.strip(), value)


def _begins_anew(word: str, options: Options) -> bool:
    return word in options or word.startswith("--")


def _is_name(text: str) -> bool:
    from gradviz.language.tokens import normal

    return normal(text).isidentifier()


def check_names_of_gates(text: str) -> None:
    """Raise `OptionError` when the value of `EXPAND` is rather an expression; whether the gates exist is told later."""
    if not all(_is_name(name.strip()) for name in text.split(",")):
        problem = f"{EXPAND} takes the names of gates, as in {EXPAND} sigmoid,tanh, or all, not '{shown(text)}'"
        raise OptionError(f"{problem}; SymPy's expand is --multiply-out")


# texts of messages ---------------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    """A word of the user's in a message: short, and without what a terminal would obey."""
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def near_option(name: str, options: Collection[str]) -> str:
    """What to offer for the option nearest to a name; a letter or two must be exactly one's.

    >>> near_option("thme", ["--theme", "--of", "-f"]), near_option("f", ["--of", "-f"]), near_option("x", ["--of"])
    ("; did you mean '--theme'?", "; did you mean '-f'?", '')
    """
    from difflib import get_close_matches

    by_name = {option.lstrip("-"): option for option in options}
    close = (
        [name] if name in by_name else get_close_matches(name.lower(), by_name, n=1) if len(name) >= MISSPELT else []
    )
    return f"; did you mean '{by_name[close[0]]}'?" if close else ""
