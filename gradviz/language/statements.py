"""What a statement is, from its first tokens: an import, a definition, an assignment or an expression."""

from __future__ import annotations

from typing import Final

from gradviz.gates import FUNCTIONS
from gradviz.language.tokens import AUGMENTED, CLOSES, CLOSING, Source, Token

_STRUCTURE: Final = {*CLOSING, *CLOSES, *AUGMENTED, "=", "\n", ";"}
# Statements of Python that no program has; as the first of two words they are nothing else.
FOREIGN: Final = {
    *("assert", "async", "await", "class", "del", "elif", "except", "for", "global"),
    *("if", "nonlocal", "print", "raise", "while", "with", "yield"),
}


def left_sides(source: Source) -> dict[int, int]:
    """For each statement that assigns: its first token, and its '='."""
    found: dict[int, int] = {}
    depth = first = 0
    for at, token in enumerate(source.tokens):
        text = token.text
        if text not in _STRUCTURE:
            continue
        if text in CLOSING:
            depth += 1
        elif text in CLOSES:
            depth -= 1
        elif text == ";" or (text == "\n" and depth <= 0):
            first, depth = at + 1, 0
        elif text != "\n" and not depth:
            found.setdefault(first, at)
    return found


def import_end(source: Source, at: int) -> int | None:
    """The token after the import that begins at a token, if one does."""
    word, name = source.tokens[at : at + 2]
    if word.text not in ("import", "from") or name.kind != "name":
        return None
    depth = 0
    while (token := source.tokens[at]).kind not in ("end", "semicolon") and (depth > 0 or token.kind != "newline"):
        depth += (token.text in CLOSING) - (token.text in CLOSES)
        at += 1
    return at


def is_definition(source: Source, at: int) -> bool:
    """Whether a token begins a `def`, which is otherwise a name like any other."""
    word, name = source.tokens[at : at + 2]
    return word.text == "def" and name.kind == "name"


def parameters(source: Source, at: int) -> tuple[list[Token], int]:
    """The names in the parentheses that open at a token, and the token after them."""
    names: dict[str, Token] = {}
    at = source.after_newlines(at + 1)
    while source.tokens[at].text != ")":
        token = source.tokens[at]
        if token.kind != "name":
            source.refuse(f"a parameter is a plain name, not '{token.text}'", at)
        if token.text in names:
            source.fail(f"two parameters have the name '{token.text}'", token.place)
        names[token.text] = token
        at = source.after_newlines(at + 1)
        if source.tokens[at].text == ",":
            at = source.after_newlines(at + 1)
        elif source.tokens[at].text != ")":
            source.refuse("a parameter is a plain name", at)
    return list(names.values()), at + 1


def is_header(source: Source, at: int) -> bool:
    """Whether the left side that begins at a token is `f(x, W)`, which means `f`."""
    name, bracket = source.tokens[at : at + 2]
    return name.kind == "name" and name.text not in FUNCTIONS and bracket.text == "("
