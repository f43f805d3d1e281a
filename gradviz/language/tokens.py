"""Program text -> words and where they stand; the words and marks come from the gate table.

A piece of text means the same wherever it stands, so each different piece is looked at once: a program is a column of
shared words and a column of places. A token is a word at its place.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from itertools import accumulate, compress
from typing import Final, NamedTuple, NoReturn

from gradviz.errors import ProgramError
from gradviz.gates import INFIX, PREFIX
from gradviz.limits import beyond, most

_WORD: Final = r"(?![⁰¹²³⁴-⁹])[\w\u0300-\u036f]"
_ASCII: Final = r"[A-Za-z_][A-Za-z0-9_]*(?![\w\u0300-\u036f])"  # most names; the general pattern is slow
_NAME: Final = rf"(?:{_ASCII}|(?![0-9]){_WORD}(?:{_WORD})*)"
_DIGITS: Final = r"[0-9]+(?:_[0-9]+)*"
AUGMENTED: Final = {f"{mark}=": gate for mark, gate in INFIX.items() if mark.isascii() and gate.binds}  # x += 1
ENDS: Final = frozenset({"newline", "semicolon", "end"})  # of a statement
CLOSING: Final = {"(": ")", "[": "]"}
CLOSES: Final = frozenset(CLOSING.values())
MARKS: Final = sorted({*INFIX, *PREFIX, *AUGMENTED, *CLOSING, *CLOSES, ",", ":", "=", "..."}, key=len, reverse=True)
_PIECE: Final = re.compile(
    rf"{_NAME}| |[()\[\],\n;]|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?"
    rf"|(?:[^\S\n]|#[^\n]*|\\\n)+|{'|'.join(map(re.escape, MARKS))}|\.{_NAME}|[⁺⁻]?[⁰¹²³⁴-⁹]+|."
)
_FULLWIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # （ ＋ ＝ of East Asian keyboards
_WIDE: Final = re.compile("[\uff01-\uff5e]")
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029\x85]")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_DIGIT: Final = frozenset("0123456789")
_RAISED: Final = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAMES: Final = frozenset({"name", "attribute"})


class Word:
    """What a piece of a program means.

    `kind` is name, attribute (`.T`), number, superscript, mark, newline, semicolon or end; `role` says which mark.
    """

    __slots__ = ("kind", "length", "role", "text")

    def __init__(self, kind: str, text: str, length: int) -> None:
        self.kind, self.text = kind, text
        self.length = length  # in the program, whose names may be written otherwise
        self.role = text if kind == "mark" else kind


_END: Final = Word("end", "", 0)
_FIXED: Final = {mark: Word("mark", mark, len(mark)) for mark in MARKS} | {
    "\n": Word("newline", "\n", 1),
    ";": Word("semicolon", ";", 1),
}
ROLES: Final = (*MARKS, "name", "attribute", "number", "superscript", "newline", "semicolon", "end")


class Token(NamedTuple):
    """A word at its place."""

    kind: str
    text: str
    place: tuple[int, int]


class Source:
    """A clean text as columns, one entry a token: its word, and where it starts; an `end` is last.

    Raises `ProgramError` at a character that no token begins with, and beyond the limits of names and tokens.
    """

    __slots__ = ("starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        pieces, lexicon = _PIECE.findall(text), _Lexicon(_FIXED)
        try:
            words = list(map(lexicon.__getitem__, pieces))
        except _NoWordError as error:
            start = sum(map(len, pieces[: pieces.index(error.piece)]))
            self.fail(error.problem, (start, start + len(error.piece)))
        self.starts = array("q", compress(accumulate(map(len, pieces), initial=0), words))
        self.starts.append(len(text))
        self.words = [*filter(None, words), _END]
        self._check_limits(lexicon)

    def _check_limits(self, lexicon: _Lexicon) -> None:
        if len(self.words) > (largest := most("tokens")):
            self.fail(f"a long program: {beyond('tokens', len(self.words))}", self.place(int(largest)))
        if len(lexicon) > most("names"):
            names = sum(word is not None and word.kind == "name" for word in lexicon.values())
            if names > most("names"):
                self.fail(f"a long program: {beyond('names', names)}", (0, 1))

    def place(self, at: int) -> tuple[int, int]:
        """Where the token at `at` stands in the text, as a pair of offsets."""
        start = self.starts[at]
        return start, start + self.words[at].length

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The place from one token to another, both included."""
        return self.starts[first], self.starts[last] + self.words[last].length

    def token(self, at: int) -> Token:
        """The token at `at`."""
        return Token(self.words[at].kind, self.words[at].text, self.place(at))

    def fail(self, problem: str, place: tuple[int, int]) -> NoReturn:
        """Raise `ProgramError` at a place of the text."""
        raise ProgramError(problem, self.text, place)

    def piece(self, place: tuple[int, int]) -> str:
        """The text at a place."""
        return self.text[slice(*place)]

    def refuse(self, problem: str, at: int) -> NoReturn:
        """Raise `ProgramError` at a token within brackets; where the statement ends it is the bracket's fault."""
        if self.words[at].kind not in ("semicolon", "end"):
            self.fail(problem, self.place(at))
        depth = 0
        while depth < 1:
            at -= 1
            depth += (self.words[at].text in CLOSING) - (self.words[at].text in CLOSES)
        self.fail(f"this '{self.words[at].text}' is never closed", self.place(at))

    def expect(self, text: str, at: int, problem: str) -> None:
        """Raise `ProgramError` unless the token at `at` is this one."""
        word = self.words[at]
        if word.text != text:
            self.fail(problem, self.place(at - 1 if word.kind in ENDS else at))

    def after_newlines(self, at: int) -> int:
        """The first token from `at` on that is no newline: within brackets a newline is a space."""
        while self.words[at].kind == "newline":
            at += 1
        return at

    def ends_argument(self, at: int) -> bool:
        """Whether an argument of a call, or an entry of a list, ends before the token at `at`."""
        return self.words[self.after_newlines(at)].text in _ENDS_ARGUMENT


_ENDS_ARGUMENT: Final = frozenset({",", ")", "]"})


def clean(program: str) -> str:
    """The program with line ends and full-width forms made plain; places are offsets into this text.

    Raises `ProgramError` for a text beyond the limit.
    """
    if len(program) > most("text"):
        raise ProgramError(f"a long program: {beyond('text', len(program))}")
    plain = _LINE_ENDS.sub("\n", program)
    return plain if plain.isascii() or not _WIDE.search(plain) else plain.translate(_FULLWIDTH)


def tokens(text: str) -> list[Token]:
    """The tokens of a clean text, an `end` last; errors are those of `Source`."""
    source = Source(text)
    return [source.token(at) for at in range(len(source.words))]


def normal(name: str) -> str:
    """A name as programs have it: NFKC, as in Python (`x₁` is `x1`)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


class _NoWordError(Exception):
    def __init__(self, problem: str, piece: str) -> None:
        super().__init__(problem)
        self.problem, self.piece = problem, piece


class _Lexicon(dict[str, Word | None]):
    """The word of each piece that was met; None for what only separates words."""

    def __missing__(self, piece: str) -> Word | None:
        word = self[piece] = _word(piece)
        return word


def _word(piece: str) -> Word | None:
    kind = _kind(piece)
    if kind == "unknown":
        shown = f"'{piece}'" if piece.isprintable() else f"U+{ord(piece):04X}"
        raise _NoWordError(f"unexpected character {shown}", piece)
    if kind in _NAMES and len(piece.removeprefix(".")) > most("name"):
        raise _NoWordError(f"a long name: {beyond('name', len(piece.removeprefix('.')))}", piece)
    text = piece.translate(_SUPERSCRIPTS) if kind == "superscript" else normal(piece)
    if not (piece.isascii() or kind not in _NAMES or text.removeprefix(".").isidentifier()):
        raise _NoWordError(f"'{piece}' is not a name", piece)
    return Word(kind, text, len(piece)) if kind != "space" else None


def _kind(piece: str) -> str:
    """The kind of a piece that is no mark, by how it begins."""
    first, second = piece[0], piece[1:2]
    if first.isalpha() or first == "_":
        return "name"
    if first in _DIGIT or (first == "." and second in _DIGIT):
        return "number"
    if first == "." and second:
        return "attribute"
    if first.isspace() or first == "#" or (first == "\\" and second):
        return "space"
    if piece[-1] in _RAISED:
        return "superscript"
    return "name" if first.isalnum() or "\u0300" <= first <= "\u036f" else "unknown"
