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
_DIGITS: Final = r"[0-9]+(?:_[0-9]+)*"
_MARKS: Final = sorted({*INFIX, *PREFIX, "(", ")", ",", "="}, key=len, reverse=True)
_TOKEN: Final = re.compile(
    rf"(?P<space>(?:[^\S\n]|#[^\n]*)+)|(?P<newline>\n)|(?P<semicolon>;)"
    rf"|(?P<number>(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{_NAME}(?:\.{_NAME})*)|(?P<superscript>[⁺⁻]?[⁰¹²³⁴-⁹]+)"
    rf"|(?P<mark>{'|'.join(map(re.escape, _MARKS))})|(?P<unknown>.)"
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
    for match in _TOKEN.finditer(text):
        kind, word, place = str(match.lastgroup), match.group(), match.span()
        if kind == "name":
            word = _name(word, text, place)
        elif kind == "superscript":
            word = word.translate(_SUPERSCRIPTS)
        elif kind == "unknown":
            shown = f"'{word}'" if word.isprintable() else f"U+{ord(word):04X}"
            raise ProgramError(f"unexpected character {shown}", text, place)
        if kind != "space":
            yield Token(kind, word, place)
    yield Token("end", "", (len(text), len(text)))


def normal(name: str) -> str:
    """A name as programs have it: NFKC, as in Python (`x₁` is `x1`)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _name(word: str, text: str, place: tuple[int, int]) -> str:
    if word.isascii():
        return word
    name = normal(word)
    if not all(part.isidentifier() for part in name.split(".")):
        raise ProgramError(f"'{word}' is not a name", text, place)
    return name
