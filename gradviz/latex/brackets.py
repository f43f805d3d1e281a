"""What stands between brackets: parentheses, absolute values, norms, matrices."""

from __future__ import annotations

from typing import Final

from gradviz.latex import kinds
from gradviz.latex.expressions import Expressions
from gradviz.latex.functions import arguments, call
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.reading import Expr, Piece
from gradviz.latex.tables import BARS, MATRICES, NEW_LINE, NORM_GATES, NORMS, NORMS_OF_ABS

_BARS: Final = r"bars around an array; write \|x\| for the norm, \operatorname{abs}(x) for the entries"


def bracket(formula: Expressions) -> Expr:
    """One expression in parentheses."""
    opening = formula.item
    found, closing = arguments(formula)
    place = (opening.place[0], closing[1])
    if len(found) > 1:
        formula.fail("a list in parentheses without a function before it", place)
    return found[0]._replace(place=place, bracketed=True)


def bars(formula: Expressions) -> Expr:
    """|x| and ‖x‖ with the subscript that says which norm; a square of it is the gate L2."""
    opening = formula.item
    mark = "||" if formula.is_double_bar() else opening.text
    formula.at += len(mark) if mark == "||" else 1
    (inner, *more) = formula.enclosed({**BARS, **NORMS}[mark], opening)
    place = (opening.place[0], formula.items[formula.at - 1].place[1])
    if more:
        formula.fail("a list between bars", place)
    if mark in BARS and inner.kind in kinds.ARRAYS:
        formula.fail(_BARS, place)
    return call("abs", [inner], place) if mark in BARS else _norm(formula, inner, place)


def _norm(formula: Expressions, inner: Expr, place: Place) -> Expr:
    scripts = formula.items[formula.at : formula.at + 4]
    squared = len(scripts) == 4 and [item.text for item in scripts[::2]] == ["^", "_"] and _text(scripts[1]) == "2"
    if squared:  # \|x\|^2_2
        formula.at += 2
    which = ""
    if formula.item.text == "_":
        formula.at += 1
        below = formula.taken("a subscript")
        which = _text(below)
        if which not in NORM_GATES:
            formula.fail("this norm is not understood; those of 1, 2, F and \\infty are", below.place)
    scripts = formula.items[formula.at : formula.at + 2]
    if not squared and len(scripts) == 2 and scripts[0].text == "^" and _text(scripts[1]) == "2":
        squared = which not in NORMS_OF_ABS
        formula.at += 2 * squared
    argument = call("abs", [inner], place) if which in NORMS_OF_ABS else inner
    return call("L2" if squared else NORM_GATES[which], [argument], place)._replace(kind="p")


def _text(item: Item) -> str:
    """The text of a script, with or without braces."""
    inner = (item.parts[0] or ()) if item.kind == "group" else (item,)
    return inner[0].text if len(inner) == 1 else "…"


def matrix(formula: Expressions) -> Expr:
    r"""A matrix; \begin{bmatrix} 1 \\ 2 \end{bmatrix} is one of two rows."""
    item = formula.item
    if item.text[len("\\begin{") : -1] not in MATRICES:
        formula.refuse(item)
    formula.at += 1
    rows = [split(row, "&") for row in split(item.parts[0] or (), NEW_LINE)]
    if rows[1:] and rows[-1] == [()]:
        del rows[-1]
    if len({len(row) for row in rows}) > 1:
        formula.fail("the rows of this matrix have different lengths", item.place)
    pieces: list[Piece] = [("[", item.place)]
    for row in rows:
        pieces.append((", [" if len(pieces) > 1 else "[", item.place))
        for number, entry in enumerate(row):
            pieces += [*([(", ", item.place)] if number else []), *formula.inside(entry, item.place).pieces]
        pieces.append(("]", item.place))
    return Expr([*pieces, ("]", item.place)], item.place, kind="m")


def split(items: Items, mark: str) -> list[Items]:
    """The items between marks."""
    found: list[list[Item]] = [[]]
    for item in items:
        if item.text == mark:
            found.append([])
        else:
            found[-1].append(item)
    return [tuple(each) for each in found]
