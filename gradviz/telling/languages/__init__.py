"""THE LANGUAGE TABLE: every sentence as data, a file a language, with the same keys and placeholders in each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, NamedTuple

from gradviz.errors import row_named
from gradviz.notation import Formula

DEFAULT: Final = "en"
LANGUAGES: Final = {"en": "English", "ko": "한국어"}  # a language has a file of its code's name


class Said(NamedTuple):
    """A sentence: its text in a language, and the formulas that stand in it."""

    template: str
    parts: Mapping[str, Formula]

    @property
    def text(self) -> str:
        """On one line, with plain formulas."""
        return self.template.format_map({key: part.text for key, part in self.parts.items()})

    def pieces(self) -> Iterator[str | Formula]:
        """The words and the formulas, in order."""
        for words, key, _, _ in Formatter().parse(self.template):
            if words:
                yield words
            if key is not None:
                yield self.parts[key]


class Language(NamedTuple):
    """The texts of a language by their keys, such as `quiz.right`."""

    code: str
    name: str  # in itself
    texts: Mapping[str, str]

    def say(self, key: str, **parts: Formula | str | int) -> Said:
        """A sentence with what stands in it; plain words are taken as they are."""
        found = {
            name: part if isinstance(part, Formula) else Formula(str(part), str(part)) for name, part in parts.items()
        }
        return Said(self.texts[key], found)

    def word(self, key: str) -> str:
        """A text without placeholders."""
        return self.texts[key]


@lru_cache
def language_named(code: str) -> Language:
    """The texts of a language; raises `OptionError` for a code that is not in the table."""
    name = row_named("language", code, LANGUAGES)
    source = Path(__file__).with_name(f"{code}.toml").read_text(encoding="utf-8")
    return Language(code, name, flat(tomllib.loads(source)))


def flat(table: Mapping[str, Any], lead: str = "") -> dict[str, str]:
    """Nested tables as one, with dotted keys.

    >>> flat({"quiz": {"right": "Right."}})
    {'quiz.right': 'Right.'}
    """
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{lead}{key}.")
        else:
            found[f"{lead}{key}"] = value
    return found


def placeholders(text: str) -> set[str]:
    """The names in braces.

    >>> sorted(placeholders("{right} of {count}"))
    ['count', 'right']
    """
    return {key for _, key, _, _ in Formatter().parse(text) if key is not None}


def complaints(texts: Mapping[str, Any], model: Mapping[str, str]) -> list[str]:
    """What is wrong with the texts of a language beside those of a complete one, a line each; [] when nothing is."""
    missing = [f"'{key}' is missing" for key in model if key not in texts]
    unknown = [f"'{key}' is not a key" for key in texts if key not in model]
    wrong = {key: _wrong(text, model[key]) for key, text in texts.items() if key in model}
    return [*missing, *unknown, *(f"'{key}' {problem}" for key, problem in wrong.items() if problem)]


def _wrong(text: Any, model: str) -> str:
    """What is wrong with a text, in words; "" when nothing is."""
    if not isinstance(text, str) or not text.strip():
        return "is not text"
    try:
        given, wanted = sorted(placeholders(text)), sorted(placeholders(model))
    except ValueError:
        return "has a brace without its partner"
    return "" if given == wanted else f"has {given} in braces, not {wanted}"
