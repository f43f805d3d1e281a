"""Operands of formulas: numbers, names, fractions, roots, and what `functions.py` and `brackets.py` read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from gradviz.errors import printable
from gradviz.latex import brackets
from gradviz.latex.expressions import Expressions
from gradviz.latex.functions import arguments, call, function
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.names import Name, Names
from gradviz.latex.reading import Expr
from gradviz.latex.tables import (
    BARS,
    CALLED,
    CLOSING,
    FRACTIONS,
    INFIX,
    MULTIPLIED,
    NORMS,
    OF_ENTRIES,
    OPENING,
    RAISED,
    STYLES,
)  # fmt: skip

_TENS: Final = ("e-", "e+", "E-", "E+")
_GATES: Final = {"Gamma": "gamma", "Γ": "gamma", "zeta": "zeta", "ζ": "zeta"}  # what a letter is as a function


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
    else:
        _check_call(formula, name, text, place)
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
    _check_derivative(formula, item)
    over, under = (formula.inside(part, item.place) for part in item.parts)
    kind = formula.quotient(over, under)
    return formula.joined(over, ("/", item.place), under, MULTIPLIED, kind)._replace(place=item.place)


def _root(formula: Expressions) -> Expr:
    item = formula.item
    formula.at += 1
    index, radicand = item.parts
    inner = formula.inside(radicand, item.place)
    if inner.kind == "m":
        formula.fail(OF_ENTRIES.format("a root", r"\operatorname{sqrt}(...)"), item.place)
    if index is None:
        return call("sqrt", [inner], item.place)
    one = Expr([("1", item.place)], item.place, kind="n")
    power = formula.joined(one, ("/", item.place), formula.inside(index, item.place), MULTIPLIED, "n")
    return formula.joined(inner, ("^", item.place), power, RAISED, inner.kind)._replace(place=item.place)


# what is no product by custom, though letters stand side by side ------------------------------------------------------


def _check_derivative(formula: Expressions, fraction: Item) -> None:
    """Raise `ProgramError` for a fraction that is a derivative, unless a line says what d is."""
    if "d" in formula.reading.assigned:
        return
    over, under = (_pieces(formula.reading.names, part or ()) for part in fraction.parts)
    if under[:1] == ["d"] and under[1:2] and _is_name(under[1]) and _has_differential(over):
        formula.fail("a derivative? gradviz works those out itself; write the function", fraction.place)


def _pieces(names: Names, items: Items) -> list[str]:
    """What a part of a fraction is made of, without braces and styles; `dx` in upright letters is d and x."""
    found: list[str] = []
    for item in items:
        if item.kind == "group":
            found += _pieces(names, item.parts[0] or ())
        else:
            text = name.base if (name := names.name(item)) else item.text
            found += text if item.text in STYLES and len(text) == 2 and text[0] == "d" else [text]
    return found


def _is_name(piece: str) -> bool:
    return piece[-1].isalpha() and piece[0] != "\\"


def _has_differential(over: list[str]) -> bool:
    """Whether a numerator begins with d, or has a dy: `d`, `df`, `d^2 y`, `-d(x)`, `x dy`."""
    while over and over[0] in INFIX:
        over = over[1:]
    begins = over[:1] == ["d"] and (not over[1:] or not (over[1] in INFIX or over[1] == "_"))
    return begins or any(one == "d" and _is_name(two) for one, two in pairwise(over))


def _check_call(formula: Expressions, name: Name, text: str, place: Place) -> None:
    """Raise `ProgramError` for a name that is a function by custom, with inputs in brackets and without a value."""
    reading = formula.reading
    if text in reading.assigned or text in reading.axes or not _is_called(name):
        return
    opening = _opening(formula, powers=name.base in CALLED)
    if opening is None or _holds(reading.names, formula.items[opening:], name):
        return
    written = printable(reading.latex[slice(*place)])
    needs = f"a function needs its {written}(x) = ... before"
    if name.base in _GATES:
        needs = rf"the function is \operatorname{{{_GATES[name.base]}}}(x)"
    formula.fail(f"is '{written}' a function? a product is written {written} \\cdot (...), and {needs}", place)


def _is_called(name: Name) -> bool:
    r"""Whether a name before a bracket is a function: f, φ_1, J, \mathbb{E}, a word; bold capitals are matrices."""
    return name.base in CALLED or (not name.bold and (name.base[:1].isupper() or _is_word(name)))


def _is_word(name: Name) -> bool:
    return len(name.base) > 1 and bool(name.styles)


def _opening(formula: Expressions, *, powers: bool) -> int | None:
    """Where the bracket opens that follows a name, or the name's power: f(x), f^2(x)."""
    ahead = [item.text if item.kind != "group" else "" for item in formula.items[formula.at : formula.at + 3]]
    if ahead[:1] and ahead[0] in OPENING:
        return formula.at
    raised = powers and len(ahead) == 3 and ahead[0] == "^" and ahead[2] in OPENING
    return formula.at + 2 if raised and not formula.transposes(formula.items[formula.at + 1]) else None


def _holds(names: Names, items: Items, name: Name) -> bool:
    """Whether a name stands within the bracket that opens first, as in p(1-p): a function is no input of itself."""
    within = tuple(_within(items))
    for item, following in zip(within, (*within[1:], None), strict=True):
        found = names.name(item)
        applied = following is not None and following.text in OPENING and following.kind != "group"
        if found and found.base == name.base and not applied:
            return True
    return False


def _within(items: Items) -> Iterator[Item]:
    depth = 0
    for item in items:
        depth += (item.text in OPENING and item.kind != "group") - (item.text in CLOSING)
        if depth == 0:
            return
        yield item


_OPERANDS: Final[dict[str, Callable[[Expressions], Expr]]] = {
    "group": _group, "environment": brackets.matrix, "\\sqrt": _root,
    **dict.fromkeys(FRACTIONS, _fraction), **dict.fromkeys(OPENING, brackets.bracket),
    **dict.fromkeys((*BARS, *NORMS), brackets.bars),
}  # fmt: skip
