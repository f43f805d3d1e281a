"""Operands of formulas: numbers, names, fractions, roots, and what `functions.py` and `brackets.py` read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gradviz.latex import brackets, kinds
from gradviz.latex.expressions import Expressions
from gradviz.latex.functions import arguments, call, function
from gradviz.latex.items import Place
from gradviz.latex.names import Name
from gradviz.latex.reading import Expr
from gradviz.latex.tables import (
    BARS,
    CALLED,
    FRACTIONS,
    MULTIPLIED,
    NORMS,
    OPENING,
    RAISED,
)  # fmt: skip

_TENS: Final = ("e-", "e+", "E-", "E+")


def operand(formula: Expressions) -> Expr:
    """The operand that begins at the next item; raises `ProgramError` where none does."""
    item = formula.item
    word = formula.function_word()
    if word is not None:
        return function(formula, word)
    if item.kind == "digit" or (item.text == "." and formula.begins_factor(item)):
        return _number(formula)
    name = formula.reading.names.name(item)
    if name is not None:
        return _named(formula, name)
    read = _OPERANDS.get(item.kind) or _OPERANDS.get(item.text)
    return read(formula) if read else formula.refuse(item)


def _number(formula: Expressions) -> Expr:
    """Digits without a space between them, with at most one point."""
    first = last = formula.item
    text = ""
    while formula.item.kind == "digit" or (formula.item.text == "." and _digit_follows(formula)):
        if text and formula.item.place[0] != last.place[1]:
            formula.fail(
                "digits with a space between them; write one number, or \\cdot between two", formula.item.place
            )
        last, text = formula.item, text + formula.item.text
        formula.at += 1
    place = (first.place[0], last.place[1])
    if text.count(".") > 1:
        formula.fail(f"'{text}' is not a number", place)
    _check_exponent(formula, place)
    return Expr([(text, place)], place, kind="n")


def _digit_follows(formula: Expressions) -> bool:
    following = formula.items[formula.at + 1 : formula.at + 2]
    return bool(following) and following[0].kind == "digit" and following[0].place[0] == formula.item.place[1]


def _check_exponent(formula: Expressions, place: Place) -> None:
    """Refuse 1e-3, which is 1·e - 3 in LaTeX, and can hardly be meant."""
    three = formula.items[formula.at : formula.at + 3]
    written = formula.reading.latex[place[1] : place[1] + 3]
    if "".join(item.text for item in three) == written and written[:2] in _TENS and written[2:].isdigit():
        formula.fail(r"write a power of ten as 10^{-3}, or spaces between the terms", (place[0], three[-1].place[1]))


def named(formula: Expressions) -> tuple[str, Place]:
    """The name that stands next, with its subscript, as the program has it; `ProgramError` for anything else."""
    return _registered(formula, formula.reading.names.name(formula.item) or formula.refuse(formula.item))[1:]


def _registered(formula: Expressions, name: Name) -> tuple[Name, str, Place]:
    first = formula.item
    formula.at += 1
    name, place = _subscripted(formula, name, first.place)
    return name, formula.reading.program_name(name, place), place


def _named(formula: Expressions, name: Name) -> Expr:
    """A name with its subscript; before a bracket a function, where the formula defines one of that name."""
    reading = formula.reading
    name, text, place = _registered(formula, name)
    applied = formula.item.text in OPENING and formula.item.kind != "group"
    if text in reading.heads:
        if applied:
            return _defined(formula, text, place)
        if text in reading.called:
            formula.fail(f"'{text}' is a function here; give it something in parentheses", place)
    elif applied and text in CALLED and text not in reading.assigned:
        meant = f"a product is written {text} \\cdot (...), and a function needs its {text}(x) = ... before"
        formula.fail(f"is '{text}' a function? {meant}", place)
    return Expr([(text, place)], place, kind=reading.kind_of(name))


def _subscripted(formula: Expressions, name: Name, place: Place) -> tuple[Name, Place]:
    while formula.item.text == "_" and formula.item.kind == "mark":
        if name.subscript:
            formula.fail("two subscripts; put braces around both", formula.item.place)
        formula.at += 1
        item = formula.taken("a subscript")
        name, place = name._replace(subscript=formula.reading.names.subscript(item)), (place[0], item.place[1])
    return name, place


def _defined(formula: Expressions, text: str, place: Place) -> Expr:
    """f(x) after `f(x) = ...` is f itself; with anything else in parentheses f is a function of its own."""
    reading = formula.reading
    inputs, closing = arguments(formula)
    words = tuple("".join(piece for piece, _ in each.pieces) for each in inputs)
    if text not in reading.called:
        if words == reading.heads[text]:
            return Expr([(text, place)], place)
        reading.called.add(text)
    return call(text, inputs, (place[0], closing[1]))


def _group(formula: Expressions) -> Expr:
    item = formula.item
    formula.at += 1
    found = formula.inside(item.parts[0], item.place)
    return found._replace(place=item.place, hidden=not found.bracketed)


def _fraction(formula: Expressions) -> Expr:
    item = formula.item
    formula.at += 1
    over, under = (formula.inside(part, item.place) for part in item.parts)
    kind = kinds.entrywise(over.kind, under.kind)
    return formula.joined(over, ("/", item.place), under, MULTIPLIED, kind)._replace(place=item.place)


def _root(formula: Expressions) -> Expr:
    item = formula.item
    formula.at += 1
    index, radicand = item.parts
    inner = formula.inside(radicand, item.place)
    if index is None:
        return call("sqrt", [inner], item.place)
    one = Expr([("1", item.place)], item.place, kind="n")
    power = formula.joined(one, ("/", item.place), formula.inside(index, item.place), MULTIPLIED, "n")
    return formula.joined(inner, ("^", item.place), power, RAISED, inner.kind)._replace(place=item.place)


_OPERANDS: Final[dict[str, Callable[[Expressions], Expr]]] = {
    "group": _group, "environment": brackets.matrix, "\\sqrt": _root,
    **dict.fromkeys(FRACTIONS, _fraction), **dict.fromkeys(OPENING, brackets.bracket),
    **dict.fromkeys((*BARS, *NORMS), brackets.bars),
}  # fmt: skip
