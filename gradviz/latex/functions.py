"""Functions of formulas: their names, their inputs with or without parentheses, bases and powers before them."""

from __future__ import annotations

from functools import reduce

from gradviz.errors import printable
from gradviz.gates import FUNCTIONS
from gradviz.latex import kinds
from gradviz.latex.expressions import Expressions
from gradviz.latex.items import Item, Place
from gradviz.latex.reading import Expr, Piece
from gradviz.latex.tables import (
    FUNCTION_MACROS,
    INFIX,
    MULTIPLIED,
    OPENING,
    PAIRED,
    RAISED,
)


def function(formula: Expressions, word: str) -> Expr:
    r"""A function: with its base or its power before the argument, which need not stand in parentheses."""
    item = formula.item
    formula.at += 1
    base = _base(formula, item)
    caret, power = formula.item, _power(formula)
    loose = ""
    if formula.item.text in OPENING and formula.item.kind != "group":
        inputs, end = arguments(formula)
    elif word in PAIRED:
        formula.fail(f"'{printable(item.text)}' needs its inputs in parentheses", item.place)
    else:
        if formula.item.text in INFIX and (item.kind != "macro" or item.text not in FUNCTION_MACROS):
            formula.fail("a function needs its input in parentheses here", item.place)
        inputs, loose = [_loose(formula)], formula.reading.latex[slice(*item.place)]
        end = inputs[0].place
    found = call(word, inputs, (item.place[0], end[1]))
    if base is not None:
        found = formula.joined(found, ("/", item.place), call("log", [base], item.place), MULTIPLIED, found.kind)
    if power is not None:
        found = formula.joined(found, ("^", caret.place), power, RAISED, found.kind)
    return found._replace(loose=printable(loose))


def _base(formula: Expressions, item: Item) -> Expr | None:
    r"""The base of \log_2; no other function has a subscript."""
    if formula.item.text != "_" or formula.item.kind != "mark":
        return None
    if item.text != "\\log":
        formula.fail(f"a subscript of '{printable(item.text)}' is not understood", formula.item.place)
    formula.at += 1
    below = formula.taken("a subscript")
    return formula.inside(below.parts[0] if below.kind == "group" else (below,), below.place)


def _power(formula: Expressions) -> Expr | None:
    r"""The 2 of \sin^2 x; the -1 could mean two things."""
    if formula.item.text != "^" or formula.item.kind != "mark":
        return None
    formula.at += 1
    item = formula.taken("an exponent")
    parts = (item.parts[0] or ()) if item.kind == "group" else (item,)
    if parts and parts[0].text in INFIX:
        formula.fail(r"the inverse function, or 1 over it? write \arcsin and the like, or \frac{1}{...}", item.place)
    return formula.exponent(parts, item)


def _loose(formula: Expressions) -> Expr:
    r"""An argument without parentheses: one operand with its power, or numbers and names side by side (\sin 2\pi x)."""
    formula.reading.deeper(formula.item.place)
    first = formula.item
    found = formula.signed()
    if found.hidden and found.binds < MULTIPLIED:
        formula.fail("these braces do not show in print; write parentheses", found.place)
    while first.kind == "digit" or _is_name(formula, first) or first.text in INFIX:
        item = formula.item
        if not _is_name(formula, item) or formula.function_word() is not None or formula.before_bracket():
            break
        first, found = item, formula.beside(found, formula.factor(), item)
    formula.reading.level -= 1
    return found


def _is_name(formula: Expressions, item: Item) -> bool:
    return formula.reading.names.name(item) is not None


def call(word: str, inputs: list[Expr], place: Place) -> Expr:
    """`word(a, b)`; the larger of three is the larger of the larger of two."""
    pairs = word in PAIRED and len(inputs) > 2
    pieces: list[Piece] = [(f"{word}(", place)] * (len(inputs) - 1 if pairs else 1)
    for number, each in enumerate(inputs):
        pieces += [*([(", ", place)] if number else []), *each.pieces, *([(")", place)] if pairs and number else [])]
    kind = reduce(kinds.entrywise, (each.kind for each in inputs)) if _is_elementwise(word) else "p"
    return Expr(pieces if pairs else [*pieces, (")", place)], place, kind="p" if kind == "n" else kind)


def _is_elementwise(word: str) -> bool:
    return all(gate.partials is not None for gate in FUNCTIONS.get(word, ())[:1])


def arguments(formula: Expressions) -> tuple[list[Expr], Place]:
    """What stands in the brackets that open at the next item, separated by commas; the place where they close."""
    opening = formula.item
    formula.at += 1
    found = formula.enclosed(OPENING[opening.text], opening)
    return found, formula.items[formula.at - 1].place
