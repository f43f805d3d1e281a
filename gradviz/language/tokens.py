"""Program text -> tokens, each with its place; the words and marks come from the gate table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from gradviz.errors import ProgramError
from gradviz.gates import INFIX, PREFIX

_WORD: Final = r"(?![⁰¹²³⁴-⁹])[\w\u0300-\u036f]"
_NAME: Final = rf"(?![0-9]){_WORD}(?:{_WORD})*"
_DIGITS: Final = r"[0-9]+(?:_[0-9]+)*"
AUGMENTED: Final = {f"{mark}=": gate for mark, gate in INFIX.items() if mark.isascii() and gate.binds}  # x += 1
ENDS: Final = frozenset({"newline", "semicolon", "end"})  # of a statement
CLOSING: Final = {"(": ")", "[": "]"}
CLOSES: Final = frozenset(CLOSING.values())
_MARKS: Final = sorted({*INFIX, *PREFIX, *AUGMENTED, *CLOSING, *CLOSES, ",", ":", "=", "..."}, key=len, reverse=True)
_TOKEN: Final = re.compile(
    rf"(?P<space>(?:[^\S\n]|#[^\n]*|\\\n)+)|(?P<newline>\n)|(?P<semicolon>;)"
    rf"|(?P<number>(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{_NAME})|(?P<attribute>\.{_NAME})|(?P<superscript>[⁺⁻]?[⁰¹²³⁴-⁹]+)"
    rf"|(?P<mark>{'|'.join(map(re.escape, _MARKS))})|(?P<unknown>.)"
)
_FULLWIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # （ ＋ ＝ of East Asian keyboards
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029\x85]")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


class Token(NamedTuple):
    """A piece of a program: `kind` is name, attribute (`.T`), number, superscript, mark, newline, semicolon or end."""

    kind: str
    text: str
    place: tuple[int, int]


class Source(NamedTuple):
    """A clean text and its tokens."""

    text: str
    tokens: list[Token]

    def fail(self, problem: str, place: tuple[int, int]) -> NoReturn:
        """Raise `ProgramError` at a place of the text."""
        raise ProgramError(problem, self.text, place)

    def piece(self, place: tuple[int, int]) -> str:
        """The text at a place."""
        return self.text[slice(*place)]

    def refuse(self, problem: str, at: int) -> NoReturn:
        """Raise `ProgramError` at a token within brackets; where the statement ends it is the bracket's fault."""
        if self.tokens[at].kind not in ("semicolon", "end"):
            self.fail(problem, self.tokens[at].place)
        depth = 0
        while depth < 1:
            at -= 1
            depth += (self.tokens[at].text in CLOSING) - (self.tokens[at].text in CLOSES)
        self.fail(f"this '{self.tokens[at].text}' is never closed", self.tokens[at].place)

    def expect(self, text: str, at: int, problem: str) -> None:
        """Raise `ProgramError` unless the token at `at` is this one."""
        token = self.tokens[at]
        if token.text != text:
            self.fail(problem, self.tokens[at - 1].place if token.kind in ENDS else token.place)

    def after_newlines(self, at: int) -> int:
        """The first token from `at` on that is no newline: within brackets a newline is a space."""
        while self.tokens[at].kind == "newline":
            at += 1
        return at

    def ends_argument(self, at: int) -> bool:
        """Whether an argument of a call, or an entry of a list, ends before the token at `at`."""
        return self.tokens[self.after_newlines(at)].text in _ENDS_ARGUMENT


_ENDS_ARGUMENT: Final = frozenset({",", ")", "]"})


def clean(program: str) -> str:
    """The program with line ends and full-width forms made plain; places are offsets into this text."""
    return _LINE_ENDS.sub("\n", program).translate(_FULLWIDTH)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a clean text, an `end` last; raises `ProgramError` at a character that no token begins with."""
    for match in _TOKEN.finditer(text):
        kind, word, place = str(match.lastgroup), match.group(), match.span()
        if kind in ("name", "attribute"):
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
    if not name.removeprefix(".").isidentifier():
        raise ProgramError(f"'{word}' is not a name", text, place)
    return name
