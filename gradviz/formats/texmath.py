"""Texts of a picture -> TeX: names, numbers and formulas for math mode, words for text; none of it is a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final
from unicodedata import decomposition, east_asian_width, normalize

from gradviz.errors import printable
from gradviz.notation import tex_name, tex_text
from gradviz.runs import Role, Run

_LOW: Final = "₋₀₁₂₃₄₅₆₇₈₉"
_HIGH: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TOKEN: Final = re.compile(
    rf"""(?P<blank>_{{3,}})
    |(?P<number>(?P<digits>\d+(?:\.\d*)?)(?:e(?P<exponent>[-−+]?\d+))?)
    |(?P<derivative>∂(?P<slot>[{_LOW}]*)(?P<of>[^\W\d_][\w′]*))
    |(?P<word>[^\W\d_{_LOW}{_HIGH}][^\W{_LOW}{_HIGH}]*)
    |(?P<index>[{_LOW}](?:,?[{_LOW}])*)
    |(?P<power>(?<=.)\^.+)
    |(?P<dots>\.\.\.)
    |(?P<char>.)""",
    re.VERBOSE | re.DOTALL,
)
_BLANK: Final = 0.5  # ems of a blank's letter
_GRADIENT: Final = re.compile(r"(∂[^/\s]+)/(∂[^/\s]+)")

_SYMBOLS: Final = {  # for math mode
    "−": "-", "*": r"\ast", "×": r"\times", "·": r"\cdot", "⋅": r"\cdot", "÷": r"\div", "±": r"\pm", "⊙": r"\odot",
    "→": r"\to", "←": r"\leftarrow", "↦": r"\mapsto", "⇒": r"\Rightarrow", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "≡": r"\equiv", "∝": r"\propto", "∞": r"\infty", "∂": r"\partial", "∇": r"\nabla", "√": r"\surd",
    "∏": r"\prod", "∑": r"\sum", "∫": r"\int", "‖": r"\|", "∈": r"\in", "∘": r"\circ", "⊤": r"\top", "…": r"\ldots",
    "⋯": r"\cdots", "′": "'", "°": r"{}^\circ", "^": r"\text{\textasciicircum}", " ": r"\ ", "ϵ": r"\epsilon",
    "ϕ": r"\phi", "⟨": r"\langle", "⟩": r"\rangle", "¬": r"\neg", "∀": r"\forall", "∃": r"\exists",
    **{char: f"\\{char}" for char in "#$%&_{}"}, "\\": r"\backslash", "~": r"\sim",
}  # fmt: skip
_ORDINARY: Final = frozenset(r"()[]|/.!'") | {r"\|", r"\ ", "'", r"\ldots"}  # what has no space around it anyway
_TEXT: Final = {
    '"': "''",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
}
_JOINED: Final = frozenset("-'`,!?\"<>")  # characters that TeX joins to others
_ACCENTS: Final = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327")
_LETTERS: Final = frozenset("ßæÆøØœŒłŁı")  # that every TeX knows, with those that have one of the accents


def text(words: str) -> str:
    r"""Words outside math mode.

    >>> text("50% of x₁ → \\input{a}")
    '50\\% of x\\ensuremath{_{1}} \\ensuremath{\\to} \\textbackslash{}input\\{a\\}'
    """
    pieces = _PIECE.findall(normalize("NFC", printable(words)))
    return "".join(_in_text(piece) + "{}" * ({piece, after} <= _JOINED) for piece, after in pairwise([*pieces, ""]))


_PIECE: Final = re.compile(  # a character, or what joiners and selectors make one of
    "[^\0-\x7f](?:[\u200c\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.)*|.", re.DOTALL
)


def _in_text(char: str) -> str:
    if char in _TEXT or char.isascii():
        return _TEXT.get(char) or tex_text(char)
    return _beyond(char)


def _beyond(char: str) -> str:
    """A character beyond ASCII in whatever mode."""
    symbol = _symbol(char) if len(char) == 1 else ""
    return rf"\ensuremath{{{symbol}}}" if symbol else _letter(char)


def _letter(char: str) -> str:
    """A letter that is no mathematics: as it stands where every TeX has it, else for the macro that asks."""
    base, accent = normalize("NFD", char)[:1], normalize("NFD", char)[1:]
    known = char in _LETTERS or (base.isascii() and accent in _ACCENTS)
    return char if known else rf"\gvchar{{{char}}}{{{ord(char[0]):04X}}}"


def _symbol(char: str) -> str:
    """A character beyond ASCII in math mode, "" for one that is no mathematics."""
    kind, _, codes = decomposition(char).partition(" ")
    if kind in _RAISED and " " not in codes:
        return f"{_RAISED[kind]}{{{math(chr(int(codes, 16)))}}}"
    greek = tex_name(char) if char.isalpha() else ""
    return _SYMBOLS.get(char) or ("" if greek.startswith(r"\text") else greek)


_RAISED: Final = {"<super>": "^", "<sub>": "_"}


def is_east_asian(tex: str) -> bool:
    """Whether there are letters that need a font with Hangul or Han."""
    return any(east_asian_width(char) in "WF" for char in re.findall(r"\\gvchar{(.)}", tex))


def guarded(tex: str) -> str:
    """TeX of math mode in ASCII, but for letters in the care of a macro."""
    return re.sub(r"[^\x00-\x7f]", lambda found: _beyond(found[0]), tex)


def name(word: str) -> str:
    r"""A name in math mode.

    >>> name("w0"), name("loss")
    ('w_{0}', '\\mathit{loss}')
    """
    return guarded(tex_name(normalize("NFC", word)))


def math(formula: str) -> str:
    r"""What stands in a figure on one line, in math mode: numbers, symbols of gates, derivatives.

    Signs have no space around them, as in the layout.

    >>> math("−1.2e+06"), math("*−1"), math("1/x"), math("^2"), math("∂f/∂w0")
    ('-1.2{\\times}10^{6}', '{\\ast}{-}1', '1/x', 'x^{2}', '\\partial f/\\partial w_{0}')
    >>> math("sum₀,₁"), math("max 0"), math("σ"), math("[::−1]")
    ('\\mathrm{sum}_{0,1}', '\\mathrm{max}\\ 0', '\\sigma', '[{:}{:}{-}1]')
    """
    whole = f"x{formula}" if formula.startswith("^") and len(formula) > 1 else formula
    tex = "".join(_tokens(normalize("NFC", printable(whole))))
    return f"-{tex[3:]}" if tex.startswith("{-}") else tex


def _tokens(formula: str) -> Iterator[str]:
    for found in _TOKEN.finditer(formula):
        yield _WRITTEN[found.lastgroup or "char"](found)


def _number(found: re.Match[str]) -> str:
    if not found["exponent"]:
        return found["digits"]
    power = f"10^{{{int(found['exponent'].replace('−', '-'))}}}"
    return power if found["digits"] == "1" else rf"{found['digits']}{{\times}}{power}"


def _word(found: re.Match[str]) -> str:
    """A name of one letter in italics, that of a function upright."""
    word = found["word"]
    if len(word.rstrip("0123456789_")) == 1 or not word.isascii():
        written = name(word)
        return f"{{{written}}}" if "_{" in written else written  # another index may follow
    return rf"\mathrm{{{word.replace('_', chr(92) + '_')}}}"


def _index(found: re.Match[str]) -> str:
    return f"_{{{_plain(found['index'])}}}"


def _plain(indices: str) -> str:
    """Raised or lowered digits as they are otherwise."""
    return normalize("NFKC", indices).replace("−", "-")


def _derivative(found: re.Match[str]) -> str:
    slot = f"_{{{_plain(found['slot'])}}}" if found["slot"] else ""
    return rf"\partial{slot} {name(found['of'])}"


def _power(found: re.Match[str]) -> str:
    power = found["power"][1:]
    inner = power[1:-1] if power.startswith("(") and power.endswith(")") else power
    return f"^{{{math(inner)}}}"


def _char(found: re.Match[str]) -> str:
    char = found["char"]
    written = _SYMBOLS.get(char) or (char if char.isascii() else _symbol(char) or _letter(char))
    if written[:1] in "^_":
        return "{}" + written
    return written if written in _ORDINARY or written.startswith(r"\gvchar") else f"{{{written}}}"


_WRITTEN: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "blank": lambda found: rf"\gvblank{{{_BLANK * len(found['blank']):g}em}}",
    "number": _number,
    "derivative": _derivative,
    "word": _word,
    "index": _index,
    "power": _power,
    "dots": lambda _: r"\ldots{}",
    "char": _char,
}


# runs ----------------------------------------------------------------------------------------------------------------


def run(shown: Run) -> str:
    """A run that is no array, in math mode."""
    if shown.role == "name":
        return name(shown.text)
    if shown.fraction:
        over, under = map(math, shown.fraction)
        return rf"\gvfrac{{{guarded(shown.tex) or f'{_FRAC}{{{over}}}{{{under}}}'}}}"
    return guarded(shown.tex) if shown.tex and not _GRADIENT.fullmatch(shown.text) else math(shown.text)


_FRAC: Final = r"\frac"
NUMBERS: Final[frozenset[Role]] = frozenset({"value", "new", "grad", "local", "share"})


def entry(shown: str) -> str:
    r"""A number of an array, with room for the digits and the point that others of its column have.

    >>> from gradviz.blocks import DIGIT, POINT
    >>> entry("−2" + DIGIT * 2 + POINT)
    '-2\\phantom{.00}'
    """
    body = shown.rstrip("\N{NO-BREAK SPACE}")
    digits, point = divmod(len(shown) - len(body), 2)
    return math(body) + (rf"\phantom{{{'.' * point}{'0' * digits}}}" if digits + point else "")
