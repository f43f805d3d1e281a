"""The items of one sequence and how far they are read; what ends an operand, and what cannot stand where it does."""

from __future__ import annotations

from typing import Final, NoReturn

from gradviz.errors import nearest, printable
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.reading import Reading
from gradviz.latex.tables import (
    CLOSING,
    EQUALS,
    FUNCTION_MACROS,
    FUNCTION_WORDS,
    HINTS,
    INFIX,
    KNOWN,
    NEW_LINE,
    OPENING,
    SIGMOIDS,
    squashed,
)  # fmt: skip

ENDS: Final = EQUALS | CLOSING | {",", ";", "&", NEW_LINE}
_AFTER: Final = frozenset("^_'.!")
_LABELS: Final = {"'": "a prime"}


class Cursor:
    """Where the reading of a sequence of items stands."""

    __slots__ = ("at", "closers", "end", "items", "reading")

    def __init__(self, items: Items, reading: Reading, end: Place) -> None:
        """`end` is the place to name where something is missing at the end."""
        self.items, self.reading, self.end, self.at = _without_empty_braces(items), reading, end, 0
        self.closers: list[str] = []  # what closes the brackets that are open
        reading.names.check_spelling(items)

    @property
    def item(self) -> Item:
        """The next item; an `end` after the last."""
        return self.items[self.at] if self.at < len(self.items) else Item("end", "", self.end)

    def taken(self, what: str) -> Item:
        """The next item, which must be there."""
        item = self.item
        if item.kind == "end" or item.text in ENDS:
            self.fail(f"{what} is missing", item.place)
        self.at += 1
        return item

    def closes(self, item: Item) -> bool:
        """Whether an item closes the bracket or the bar that was opened last."""
        if not self.closers or item.side in ("left", "l"):
            return False
        closer = self.closers[-1]
        return item.text == closer or (closer == "||" and self.is_double_bar())

    def is_double_bar(self) -> bool:
        """Whether the next two items are bars without anything between them."""
        pair = self.items[self.at : self.at + 2]
        return [item.text for item in pair] == ["|", "|"] and pair[0].place[1] == pair[1].place[0]

    def begins_factor(self, item: Item) -> bool:
        """Whether an item after an operand begins another one."""
        mark = item.text if item.kind in ("mark", "macro") else ""
        at_number = mark == "." and self.at + 1 < len(self.items) and self.items[self.at + 1].kind == "digit"
        ends = mark in ENDS or mark in INFIX or (mark in _AFTER and not at_number) or item.side in ("right", "r")
        return not (item.kind == "end" or ends or self.closes(item))

    def before_bracket(self) -> bool:
        """Whether a bracket opens after the next item."""
        following = self.items[self.at + 1 : self.at + 2]
        return bool(following) and following[0].text in OPENING and following[0].kind != "group"

    def function_word(self) -> str | None:
        r"""The function whose name the next item is; a word before a bracket is one, and so is \sigma."""
        item, reading = self.item, self.reading
        if item.text in FUNCTION_MACROS and item.kind == "macro":
            return FUNCTION_MACROS[item.text]
        name = reading.names.name(item)
        if name is None or name.text in reading.assigned or name.text in reading.heads:
            return None
        applied = self.before_bracket()
        if name.is_word:
            return FUNCTION_WORDS.get(squashed(name.base)) or (name.base if applied else None)
        return "sigmoid" if applied and name.text in SIGMOIDS else None

    def refuse(self, item: Item) -> NoReturn:
        """Raise `ProgramError` for an item that cannot stand where it does."""
        text = printable(item.text)
        if item.kind == "end" or item.text in INFIX or item.text in ENDS or item.text in _AFTER - {"'", "!"}:
            self.fail("the formula ends too early" if item.kind == "end" else f"'{text}' cannot stand here", item.place)
        near = nearest(text[1:], KNOWN).replace("mean '", "mean '\\") if item.kind == "macro" else ""
        hint = f"; {HINTS[text]}" if text in HINTS else near
        label = _LABELS.get(text, f"'{text}'")
        self.fail(f"{label} is not understood{hint}", item.place)

    def fail(self, problem: str, place: Place) -> NoReturn:
        """Raise `ProgramError` at a place of the LaTeX."""
        self.reading.fail(problem, place)


def _without_empty_braces(items: Items) -> Items:
    """The items without the {} that only keeps TeX from seeing something; after ^ and _ it is a mistake."""
    before = (None, *items)
    return tuple(
        item
        for last, item in zip(before, items, strict=False)
        if item.kind != "group" or item.parts[0] or (last and last.text in ("^", "_"))
    )
