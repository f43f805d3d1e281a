"""What a statement is, from its first tokens: an import, a definition, an assignment or an expression."""

from __future__ import annotations

from typing import Final

from gradviz.gates import FUNCTIONS
from gradviz.language.tokens import AUGMENTED, CLOSES, CLOSING, Source, Token
from gradviz.limits import beyond, most

_STRUCTURE: Final = frozenset({*CLOSING, *CLOSES, *AUGMENTED, "=", "newline", "semicolon"})  # roles
# Statements of Python that no program has; as the first of two words they are nothing else.
FOREIGN: Final = {
    *("assert", "async", "await", "class", "del", "elif", "except", "for", "global"),
    *("if", "nonlocal", "print", "raise", "while", "with", "yield"),
}


def left_sides(source: Source) -> dict[int, int]:
    """For each statement that assigns to a name, perhaps with parameters: its first token, and its '='."""
    return {first: at for first, at in _equals(source).items() if _is_left_side(source, first, at)}


def _equals(source: Source) -> dict[int, int]:
    """For each statement with an '=' outside brackets: its first token, and the '='."""
    found: dict[int, int] = {}
    depth = first = 0
    for at, role in [(at, word.role) for at, word in enumerate(source.words) if word.role in _STRUCTURE]:
        if role in CLOSING:
            depth += 1
        elif role in CLOSES:
            depth -= 1
        elif role == "semicolon" or (role == "newline" and depth <= 0):
            first, depth = at + 1, 0
        elif role != "newline" and not depth:
            found.setdefault(first, at)
    return found


def _is_left_side(source: Source, first: int, equals: int) -> bool:
    """Whether what stands before an '=' is a name, perhaps with parameters: `f(x, W)`, which means `f`."""
    words = source.words
    if words[first].kind != "name" or equals == first + 1:
        return words[first].kind == "name"
    is_header = words[first].text not in FUNCTIONS and words[first + 1].text == "(" and words[equals].text == "="
    return is_header and parameters(source, first + 1)[1] == equals


def import_end(source: Source, at: int) -> int | None:
    """The token after the import that begins at a token, if one does."""
    words = source.words
    if words[at].text not in ("import", "from") or words[at + 1].kind != "name":
        return None
    depth = 0
    while (word := words[at]).kind not in ("end", "semicolon") and (depth > 0 or word.kind != "newline"):
        depth += (word.text in CLOSING) - (word.text in CLOSES)
        at += 1
    return at


def is_definition(source: Source, at: int) -> bool:
    """Whether a token begins a `def`, which is otherwise a name like any other."""
    return source.words[at].text == "def" and source.words[at + 1].kind == "name"


def parameters(source: Source, at: int) -> tuple[list[Token], int]:
    """The names in the parentheses that open at a token, and the token after them."""
    names: dict[str, Token] = {}
    widest = most("parameters")
    at = source.after_newlines(at + 1)
    while source.words[at].text != ")":
        token = source.token(at)
        if token.kind != "name":
            source.refuse(f"a parameter is a plain name, not '{token.text}'", at)
        if token.text in names:
            source.fail(f"two parameters have the name '{token.text}'", token.place)
        names[token.text] = token
        if len(names) > widest:
            source.fail(f"a large definition: {beyond('parameters', len(names))}", token.place)
        at = source.after_newlines(at + 1)
        if source.words[at].text == ",":
            at = source.after_newlines(at + 1)
        elif source.words[at].text != ")":
            source.refuse("a parameter is a plain name", at)
    return list(names.values()), at + 1
