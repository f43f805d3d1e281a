r"""Items -> names: letters with subscripts, accents and styles; `w_{0}` is w0, `\hat{y}` y_hat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, NoReturn

from gradviz.errors import ProgramError, printable
from gradviz.latex.items import Item, Items, Place
from gradviz.latex.tables import ACCENTS, BOLD, FUNCTION_MACROS, NAMES, OPENING, SPELLED_OUT, STYLES, squashed

_SUBSCRIPT_MARKS: Final = {",": "_", "+": "p", "-": "m", "−": "m"}  # h_{t-1} is h_tm1
_WORD_MARKS: Final = frozenset("_-")
_SPELLED: Final = re.compile("|".join(sorted((word for word in SPELLED_OUT if word.isalpha()), key=len, reverse=True)))


class Name(NamedTuple):
    """A name as it is written; two different ones must not become one name of the program."""

    base: str  # y, alpha, loss
    styles: frozenset[str] = frozenset()
    accents: tuple[str, ...] = ()
    subscript: str = ""

    @property
    def text(self) -> str:
        """The name in the program."""
        stem = self.base + "".join(self.accents)
        joined = "" if self.subscript.isdigit() or not self.subscript else "_"
        return f"{stem}{joined}{self.subscript}"

    @property
    def bold(self) -> bool:
        """Whether it is written as an array."""
        return bool(self.styles & BOLD)

    @property
    def is_word(self) -> bool:
        """Whether it has several letters, and so can be the name of a function."""
        return len(self.base) > 1 and not (self.accents or self.subscript or self.bold) and bool(self.styles)


class Names(NamedTuple):
    """The reading of names in a text."""

    latex: str

    def fail(self, problem: str, place: Place) -> NoReturn:
        """Raise `ProgramError` at a place of the text."""
        raise ProgramError(problem, self.latex, place)

    def name(self, item: Item) -> Name | None:
        """The name that an item is, None when it is none."""
        if item.kind == "letter" or item.text in NAMES:
            return Name(NAMES.get(item.text, item.text))
        if item.kind == "group" and len(item.parts[0] or ()) == 1:
            return self.name((item.parts[0] or ())[0])
        if item.text not in STYLES and item.text not in ACCENTS:
            return None
        content = item.parts[-1] or ()
        name = self.decorated(content, item)
        if item.text in STYLES:
            return name._replace(styles=name.styles | {item.text})
        return name._replace(accents=(*name.accents, ACCENTS[item.text]))

    def decorated(self, content: Items, item: Item) -> Name:
        """The name in the argument of a style or an accent: one name with a subscript, or a word."""
        while len(content) == 1 and content[0].kind == "group":
            content = content[0].parts[0] or ()
        name = self.name(content[0]) if content else None
        if name and len(content) == 1:
            return name
        if name and len(content) == 3 and content[1].text == "_" and not name.subscript:
            return name._replace(subscript=self.subscript(content[2]))
        if item.text in STYLES and item.text not in BOLD and _is_word(content):
            return Name("".join(piece.text[-1] for piece in content))
        return self.fail(f"'{item.text}' goes with one name", item.place)

    def subscript(self, item: Item) -> str:
        """What stands after a `_`, as the end of a name."""
        found = "".join(self.subscript_piece(piece) for piece in _opened(item))
        return found if found.strip("_") else self.fail("an empty subscript", item.place)

    def subscript_piece(self, item: Item) -> str:
        """One item of a subscript."""
        if item.text in _SUBSCRIPT_MARKS or item.text == "_":
            return _SUBSCRIPT_MARKS.get(item.text, "")
        if item.kind in ("letter", "digit"):
            return item.text
        if item.kind == "group":
            return self.subscript(item)
        found = FUNCTION_MACROS.get(item.text) or getattr(self.name(item), "text", None)
        return found or self.fail(f"'{printable(item.text)}' in a subscript is not understood", item.place)

    def check_spelling(self, items: Items) -> None:
        """Raise `ProgramError` for letters side by side that are meant as one word: `exp(x)` is e·x·p·(x) in LaTeX."""
        for run, following in _runs(items):
            word = "".join(item.text for item in run)
            called = _end(word) if following in OPENING else None
            meant = SPELLED_OUT.get(word) or SPELLED_OUT.get(squashed(word)) or _within(word) or called
            if meant:
                place = (run[0].place[0], run[-1].place[1])
                self.fail(f"'{word}' is a product of letters in LaTeX; write {meant}, or spaces between them", place)


def _opened(item: Item) -> Items:
    return (item.parts[0] or ()) if item.kind == "group" else (item,)


def _is_word(items: Items) -> bool:
    """Whether items are letters, digits, `_` and `-` without a space between them."""
    return bool(items) and all(map(_in_word, items)) and all(a.place[1] == b.place[0] for a, b in pairwise(items))


def _in_word(item: Item) -> bool:
    return item.kind in ("letter", "digit") or item.text in _WORD_MARKS or item.text == "\\_"


def _within(word: str) -> str | None:
    """The longest function or Greek letter that is written out within a word: `cosx`, `asin`, `alphax`."""
    found = _SPELLED.search(word)
    return SPELLED_OUT[found[0]] if found else None


def _end(word: str) -> str | None:
    """The function that the end of a word is: `wlog(x)`."""
    return next((found for start in range(1, len(word) - 1) if (found := SPELLED_OUT.get(word[start:].lower()))), None)


def _runs(items: Items) -> Iterator[tuple[Sequence[Item], str]]:
    """Letters without a space between them, two or more, and the text of what follows."""
    run: list[Item] = []
    for item, following in pairwise((*items, Item("end", "", (-1, -1)))):
        if item.kind == "letter":
            run.append(item)
        if following.kind != "letter" or following.place[0] != item.place[1]:
            if len(run) > 1:
                yield run, following.text
            run = []
