"""What is wrong where a token cannot stand, in words."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from gradviz.errors import nearest
from gradviz.gates import FUNCTIONS, PREFIX
from gradviz.language.names import ATTRIBUTES, method, method_names
from gradviz.language.tokens import CLOSING, ENDS, Source, Token


def no_operand(source: Source, at: int) -> NoReturn:
    """Complain of a token where an operand should begin."""
    word = source.words[at]
    if word.kind in ENDS:
        source.fail("the expression ends where a name or a number should follow", before(source, at).place)
    source.fail(f"'{word.text}' where a name or a number should stand", source.place(at))


def two_operands(source: Source, at: int) -> NoReturn:
    """Complain of a token after an operand that neither joins nor ends anything."""
    token, previous = source.token(at), before(source, at)
    if token.kind == "mark" and token.text not in {*CLOSING, *PREFIX}:
        source.fail(f"unexpected '{token.text}'", token.place)
    a, b = source.piece(previous.place), source.piece(token.place)
    simple = previous.kind in ("name", "number") and token.kind in ("name", "number")
    offer = f"; for a product write {a}*{b}" if simple else "; a product needs its '*'"
    if previous.text in FUNCTIONS and previous.kind == "name":
        offer = f"; for the function write {a}({b})" if simple else f"; a function needs parentheses: {a}(...)"
    problem = f"'{a}' and '{b}' without an operator between them{offer}"
    source.fail(problem, (previous.place[0], token.place[1]))


def before(source: Source, at: int) -> Token:
    """The token before another, on whatever line."""
    at -= 1
    while source.words[at].kind == "newline":
        at -= 1
    return source.token(at)


def unknown_method(source: Source, at: int) -> NoReturn:
    """Complain of `.name(...)`."""
    word = source.words[at].text
    source.fail(f"unknown method '{word}'{nearest(word, method_names())}", source.place(at))


def unknown_attribute(source: Source, at: int) -> NoReturn:
    """Complain of `.name`."""
    word = source.words[at].text
    offer = f"; write {word}()" if method(word) else nearest(word, ATTRIBUTES)
    source.fail(f"the attribute '{word}' is not understood{offer}", source.place(at))


def unknown_function(source: Source, name: str, place: tuple[int, int], known: Collection[str]) -> NoReturn:
    """Complain of `name(...)`, for which `known` are the functions there are; none for the name of a value."""
    offer = nearest(name, known) if known else f"; for a product write {name}*(...)"
    source.fail(f"unknown function '{name}'{offer}", place)
