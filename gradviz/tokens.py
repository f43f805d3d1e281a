"""Program text -> tokens, each with its place; the words and marks come from the gate table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.errors import ProgramError
from gradviz.gates import INFIX, PREFIX

_WORD: Final = r"(?![⁰¹²³⁴-⁹])[\w\u0300-\u036f]"
_NAME: Final = rf"(?![0-9]){_WORD}(?:{_WORD})*"
_MARKS: Final = sorted({*INFIX, *PREFIX, "(", ")", ",", "="}, key=len, reverse=True)
_TOKEN: Final = re.compile(
    rf"(?P<space>(?:[^\S\n]|#[^\n]*)+)|(?P<newline>\n)|(?P<semicolon>;)"
    rf"|(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{_NAME}(?:\.{_NAME})*)|(?P<superscript>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<mark>{'|'.join(map(re.escape, _MARKS))})"
)
_FULLWIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # （ ＋ ＝ of East Asian keyboards
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029\x85]")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


class Token(NamedTuple):
    """A piece of a program: `kind` is name, number, superscript, mark, newline, semicolon or end."""

    kind: str
    text: str
    place: tuple[int, int]


def clean(program: str) -> str:
    """The program with line ends and full-width forms made plain; places are offsets into this text."""
    return _LINE_ENDS.sub("\n", program).translate(_FULLWIDTH)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a clean text, an `end` last; raises `ProgramError` at a character that no token begins with."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            char = text[position]
            shown = f"'{char}'" if char.isprintable() else f"U+{ord(char):04X}"
            raise ProgramError(f"unexpected character {shown}", text, (position, position + 1))
        place, position = match.span(), match.end()
        kind = str(match.lastgroup)
        if kind != "space":
            yield Token(kind, _WRITTEN.get(kind, _as_is)(match.group(), text, place), place)
    yield Token("end", "", (len(text), len(text)))


def normal(name: str) -> str:
    """A name as programs have it: NFKC, as in Python (`x₁` is `x1`)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _as_is(word: str, text: str, place: tuple[int, int]) -> str:
    return word


def _name(word: str, text: str, place: tuple[int, int]) -> str:
    name = normal(word)
    if not all(part.isidentifier() for part in name.split(".")):
        raise ProgramError(f"'{word}' is not a name", text, place)
    return name


def _superscript(word: str, text: str, place: tuple[int, int]) -> str:
    return word.translate(_SUPERSCRIPTS)


_WRITTEN: Final = {"name": _name, "superscript": _superscript}
