r"""Items -> lines of a program: what stands around formulas, lines, left sides, functions that are defined."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from gradviz.latex.brackets import split
from gradviz.latex.expressions import Expressions
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.operands import named, operand
from gradviz.latex.reading import Piece, Reading
from gradviz.latex.tables import ALIGNED, EQUALS, INFIX, LINES, NEW_LINE

_PUNCTUATION: Final = frozenset(".,;")
_SIGNS: Final = EQUALS | INFIX.keys()
Line = list[Piece]


def program_lines(latex: str, items: Items, axes: Mapping[str, int]) -> list[Line]:
    """The lines of the program, as pieces.

    They are read a second time when it turns out that a function, which a line defines, is called with other inputs.
    """
    called: Collection[str] = ()
    while True:
        reading = Reading(latex, axes, called)
        found = _lines(reading, items)
        if reading.called == set(called):
            return found
        called = reading.called


def _lines(reading: Reading, items: Items) -> list[Line]:
    lines = [line for line in map(_bare, _written_lines(reading, items)) if line]
    if not lines:
        reading.fail("the formula is empty", (0, len(reading.latex)))
    return [_line(reading, line, is_last=line is lines[-1]) for line in lines]


def _written_lines(reading: Reading, items: Items, *, aligned: bool = False) -> Iterator[Items]:
    r"""The lines between \\, also those within $...$ and environments of lines; `aligned` lines may have an &."""
    for line in split(items, NEW_LINE):
        block = _only(line)
        if block and (block.kind == "math" or block.text[len("\\begin{") : -1] in LINES):
            reading.deeper(block.place)
            within = aligned or block.text[len("\\begin{") : -1] in ALIGNED
            yield from _written_lines(reading, block.parts[0] or (), aligned=within)
            reading.level -= 1
        else:
            _check_marks(reading, line, aligned=aligned)
            yield line


def _check_marks(reading: Reading, line: Items, *, aligned: bool) -> None:
    """Raise `ProgramError` for an & that aligns nothing: it stands at a sign, or at an end of its line."""
    texts = [item.text for item in line]
    for at, item in enumerate(line):
        if item.text != "&":
            continue
        if not aligned:
            reading.fail(r"an '&' without lines that it aligns; they stand in \begin{aligned}", item.place)
        before = next((text for text in reversed(texts[:at]) if text != "&"), "=")
        after = next((text for text in texts[at + 1 :] if text != "&"), "=")
        if not {before, after} & _SIGNS:
            reading.fail("an '&' between two formulas; give each its own line", item.place)


def _only(line: Items) -> Item | None:
    """The block that a line is, if it is one, but for a point or comma after it."""
    while line[1:] and line[-1].text in _PUNCTUATION:
        line = line[:-1]
    return line[0] if len(line) == 1 and line[0].kind in ("math", "environment") else None


def _bare(line: Items) -> Items:
    """A line without alignment marks and the punctuation at its end."""
    line = tuple(item for item in line if item.text != "&")
    while line and line[-1].text in _PUNCTUATION:
        line = line[:-1]
    return line


def _line(reading: Reading, line: Items, *, is_last: bool) -> Line:
    equals = [at for at, item in enumerate(line) if item.text in EQUALS]
    end = line[-1].place
    if len(equals) > 1:
        reading.fail("a second '=' in a line; give each its own line and name", line[equals[1]].place)
    if not equals:
        if not is_last or ((reading.assigned or reading.heads) and line[0].text in INFIX):
            reading.fail("only the last line goes without 'name ='; write a long formula on one line", line[0].place)
        return Expressions(line, reading, end, operand).whole().pieces
    left, right = line[: equals[0]], line[equals[0] + 1 :]
    if left and left[-1].text == ":":  # W := ...
        left = left[:-1]
    return _assignment(reading, left, line[equals[0]], right, end)


def _assignment(reading: Reading, left: Items, equals: Item, right: Items, end: Place) -> Line:
    """`name = expression`, or `def name(x): return expression` for a function that is called."""
    if not left:
        reading.fail("no name stands before this '='", equals.place)
    if not right:
        reading.fail("nothing stands after this '='", equals.place)
    name, inputs, place = _head(reading, left, end)
    value = Expressions(right, reading, end, operand).whole()
    reading.assigned.pop(name, None)
    reading.heads.pop(name, None)
    if inputs is None:
        reading.assigned[name] = value.kind
        return [(name, place), (" = ", equals.place), *value.pieces]
    reading.heads[name] = inputs
    if name in reading.called:
        return [("def ", place), (name, place), (f"({', '.join(inputs)}): return ", place), *value.pieces]
    return [(name, place), (" = ", equals.place), *value.pieces]


def _head(reading: Reading, left: Items, end: Place) -> tuple[str, tuple[str, ...] | None, Place]:
    """A left side: its name, the names in parentheses after it, and the place of the name."""
    formula = Expressions(left, reading, end, operand)
    name, place = named(formula)
    if formula.item.kind == "end":
        return name, None, place
    if formula.item.text != "(":
        reading.fail("a left side is a name, or a name with names in parentheses", formula.item.place)
    formula.at += 1
    inputs = [named(formula)[0]]
    while formula.item.text in (",", ";"):
        formula.at += 1
        inputs.append(named(formula)[0])
    if formula.item.text != ")" or formula.at + 1 < len(left):
        reading.fail("a left side is a name, or a name with names in parentheses", formula.item.place)
    return name, tuple(inputs), place
