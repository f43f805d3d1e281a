"""Items -> a piece of program: operators, products without a sign, powers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from gradviz.errors import printable
from gradviz.latex import kinds
from gradviz.latex.cursor import ENDS, Cursor
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.reading import Expr, Piece, Reading
from gradviz.latex.tables import (
    ADDED,
    CLOSES_SIZE,
    CLOSING,
    COMPARED,
    DOTS,
    ENTRYWISE,
    FRACTIONS,
    INFIX,
    MULTIPLIED,
    OF_ENTRIES,
    RAISED,
    SIGNED,
    TRANSPOSED,
    WHOLE,
)  # fmt: skip

_NUMBER_AFTER: Final = (
    r"a number after a factor; write \cdot between them, _ before a subscript, or braces around several digits"
)


class Expressions(Cursor):
    """The items of one sequence, read by precedence; what an operand is stands in `operands.py`."""

    __slots__ = ("operand",)

    def __init__(self, items: Items, reading: Reading, end: Place, operand: Callable[[Expressions], Expr]) -> None:
        """`end` is the place to name where something is missing at the end; `operand` is that of `operands.py`."""
        super().__init__(items, reading, end)
        self.operand = operand

    def whole(self) -> Expr:
        """The expression that the items are; raises `ProgramError` for anything after it."""
        found = self.expression()
        if self.item.kind != "end":
            self.refuse(self.item)
        return found

    def expression(self) -> Expr:
        """A sum, or two that are compared."""
        left = self.infix(ADDED, self.product)
        if (item := self.item).text in INFIX and INFIX[item.text].binds == COMPARED:
            self.at += 1
            return self.joined(
                left, (INFIX[item.text].mark, item.place), self.infix(ADDED, self.product), COMPARED, "p"
            )
        return left

    def infix(self, binds: int, operand: Callable[[], Expr]) -> Expr:
        """Operands joined by operators that bind alike."""
        left = operand()
        while (item := self.item).text in INFIX and INFIX[item.text].binds == binds:
            self.at += 1
            right = operand()
            left = self.joined(
                left, (INFIX[item.text].mark, item.place), right, binds, kinds.entrywise(left.kind, right.kind)
            )
        return left

    def product(self) -> Expr:
        r"""Factors with signs between them or without: `a/bc` has two readings, and so has `\log a/b`."""
        left = factor = self.signed()
        divided = False
        while True:
            item = self.item
            infix = INFIX.get(item.text)
            if infix and infix.binds == MULTIPLIED:
                self.at += 1
                self.check_loose(factor, item, ends=infix.mark == "/")
                divided = infix.mark == "/"
                factor = self.signed()
                mark, kind = ("/", self.quotient(left, factor)) if divided else self.operator(left, item, factor)
                left = self.joined(left, (mark, item.place), factor, MULTIPLIED, kind)
            elif self.begins_factor(item):
                self.check_bars(left, item)
                self.check_loose(factor, item, ends=self.function_word() is None)
                if divided:
                    self.fail("what does this divide by? write a fraction, or parentheses", item.place)
                factor = self.factor()
                left = self.beside(left, factor, item)
            else:
                return left

    def beside(self, left: Expr, right: Expr, item: Item) -> Expr:
        """A product without a sign."""
        if item.kind == "digit" or item.text == ".":
            self.fail(_NUMBER_AFTER, item.place)
        if item.text in FRACTIONS and left.kind == right.kind == "n":
            self.fail("a number and a fraction side by side; write + or \\cdot between them", item.place)
        self.check_clear(left, right)
        mark, kind = kinds.product(left.kind, right.kind)
        return self.joined(left, (mark, right.place), right, MULTIPLIED, kind)

    def operator(self, left: Expr, item: Item, right: Expr) -> kinds.Product:
        """The operator for a sign of multiplication."""
        both = left.kind + right.kind
        if item.text in ENTRYWISE:
            return kinds.Product("*", kinds.entrywise(left.kind, right.kind))
        if both == "vv" and item.text in DOTS:
            return kinds.Product("@", "p")
        if both != "lr":
            self.check_clear(left, right)
        return kinds.product(left.kind, right.kind)

    def quotient(self, over: Expr, under: Expr) -> str:
        """The kind of a quotient; nothing is divided by a matrix."""
        if under.kind == "m":
            self.fail(OF_ENTRIES.format("a quotient", r"\operatorname{div}(a, b)"), under.place)
        return kinds.entrywise(over.kind, under.kind)

    def check_clear(self, left: Expr, right: Expr) -> None:
        """Raise `ProgramError` for a product of arrays that could be one of several."""
        if left.kind + right.kind in kinds.UNCLEAR:
            self.fail(kinds.UNCLEAR[left.kind + right.kind], (left.place[0], right.place[1]))

    def check_bars(self, left: Expr, item: Item) -> None:
        """Raise `ProgramError` for |a|b|c|, whose bars can be paired in two ways."""
        bare = item.text == "|" and not item.side
        if bare and self.items[self.at - 1].text != "|" and any(text == "abs(" for text, _ in left.pieces):
            self.fail(r"which bars belong together? write \lvert and \rvert", item.place)

    def check_loose(self, factor: Expr, item: Item, *, ends: bool) -> None:
        """Raise `ProgramError` where an argument without parentheses may or may not go on."""
        if factor.loose and ends:
            self.fail(f"does '{factor.loose}' take this too? put its argument in parentheses", item.place)

    def signed(self) -> Expr:
        """A factor with signs before it."""
        signs: list[Item] = []
        while self.item.text in INFIX and INFIX[self.item.text].mark in ("+", "-"):
            signs.append(self.item)
            self.at += 1
        found = self.factor()
        minus: list[Piece] = [("-", sign.place) for sign in signs if INFIX[sign.text].mark == "-"]
        if not minus:
            return found
        place = (minus[0][1][0], found.place[1])
        return Expr([*minus, *self.wrapped(found, SIGNED)], place, SIGNED, _plain(found.kind), loose=found.loose)

    def factor(self) -> Expr:
        """An operand with its exponent."""
        base = self.operand(self)
        if self.item.text == "^" and self.item.kind == "mark":
            self.at += 1
            base = self.raised(base, self.items[self.at - 1])
        if self.item.text == "^" and self.item.kind == "mark":
            self.fail("two exponents; put braces or parentheses where they belong", self.item.place)
        if self.item.text in ("'", "_", "!") and self.item.kind == "mark":
            self.refuse(self.item)
        return base

    def raised(self, base: Expr, caret: Item) -> Expr:
        """A power, or a transpose."""
        item = self.taken("an exponent")
        parts = (item.parts[0] or ()) if item.kind == "group" else (item,)
        if base.kind != "n" and base.pieces[0][0] != "e" and len(parts) == 1 and self.transposes(parts[0]):
            place = (base.place[0], item.place[1])
            pieces = [("transpose(", caret.place), *base.pieces, (")", item.place)]
            return Expr(pieces, place, WHOLE, kinds.TRANSPOSE.get(base.kind, "m"))
        exponent = self.exponent(parts, item)
        if base.kind == "m":
            self.fail(r"a power of a matrix; write the product, or \odot for the entries'", caret.place)
        if exponent.kind == "m":
            self.fail(OF_ENTRIES.format("a power", r"\operatorname{exp}(...) or \operatorname{pow}(a, b)"), item.place)
        kind = kinds.entrywise(base.kind, exponent.kind)
        return self.joined(base, ("^", caret.place), exponent, RAISED, kind)

    def exponent(self, parts: Items, item: Item) -> Expr:
        """What stands in an exponent; `^{(i)}` is no power in lectures."""
        if parts and parts[0].text in ("(", "[") and parts[-1].text in (")", "]"):
            self.fail("a power or an index? write x^i for a power, x_i for an index", item.place)
        return self.inside(parts, item.place)

    def transposes(self, item: Item) -> bool:
        r"""Whether an exponent is T, \top or the like."""
        name = self.reading.names.name(item)
        return item.text in TRANSPOSED or (name is not None and name.base == "T" and not name.bold)

    # helpers ---------------------------------------------------------------------------------------------------------

    def inside(self, items: Items | None, place: Place) -> Expr:
        """What stands in an argument or in braces."""
        if not items:
            self.fail("nothing in these braces", place)
        self.reading.deeper(place)
        end = (place[1] - 1, place[1])
        found = Expressions(items, self.reading, end, self.operand).whole()
        self.reading.level -= 1
        return found._replace(hidden=False, loose="", kind=_plain(found.kind))

    def joined(self, left: Expr, sign: Piece, right: Expr, binds: int, kind: str) -> Expr:
        """`left sign right`, with the parentheses that the program needs."""
        at_left, at_right = {COMPARED: (ADDED, ADDED), RAISED: (WHOLE, WHOLE)}.get(binds, (binds, binds + 1))
        pieces = self.wrapped(left, at_left)
        mark, place = sign
        pieces.append((f" {mark} " if binds <= ADDED or mark == "@" else mark, place))
        pieces.extend(self.wrapped(right, at_right))
        return Expr(pieces, (left.place[0], right.place[1]), binds, kind)

    def wrapped(self, expr: Expr, binds: int) -> list[Piece]:
        """The pieces, in parentheses where they bind too loosely; braces alone do not show in print."""
        if expr.binds >= binds:
            return expr.pieces
        if expr.hidden:
            self.fail("these braces do not show in print; write parentheses", expr.place)
        start, end = expr.place
        return [("(", (start, start + 1)), *expr.pieces, (")", (end - 1, end))]

    def enclosed(self, closer: str, what: Item) -> list[Expr]:
        """What stands between brackets that have just been opened, separated by commas."""
        if what.side not in CLOSES_SIZE:
            self.fail("this closes what is not open", what.place)
        self.closers.append(closer)
        self.reading.deeper(what.place)
        found = [self.expression()]
        while self.item.text == ",":
            self.at += 1
            found.append(self.expression())
        if not self.closes(self.item) or self.item.side not in CLOSES_SIZE[what.side]:
            self.not_closed(what)
        self.at += 2 if closer == "||" else 1
        self.closers.pop()
        self.reading.level -= 1
        return [each._replace(hidden=False, loose="", kind=_plain(each.kind)) for each in found]

    def not_closed(self, what: Item) -> NoReturn:
        """Raise `ProgramError` where the bracket that was opened last should close."""
        text = self.reading.latex[slice(*what.place)]
        if self.item.kind == "end" or self.item.text in (*CLOSING, *ENDS):
            self.fail(f"this '{printable(text)}' is not closed", what.place)
        self.refuse(self.item)


def _plain(kind: str) -> str:
    """The kind of something that is no longer a single letter."""
    return "p" if kind in "lu" else kind
