"""Constants as a program writes them, read from tokens: the settings of a gate, an index, an array of numbers."""

from __future__ import annotations

from math import inf
from typing import Any, Final, NamedTuple

from gradviz.gates import PREFIX
from gradviz.graph import Constant
from gradviz.language.tokens import CLOSING, Source, Word
from gradviz.limits import beyond, most
from gradviz.nested import MOST_AXES

NEW_AXIS: Final = "newaxis"
WORDS: Final = {"True": True, "False": False, "None": None}
MOST_PARTS: Final = 100  # of an index or a setting, whose parts are axes
LARGEST_WHOLE: Final = 10**15  # a float has every whole number below
_MINUS: Final = frozenset(mark for mark, gate in PREFIX.items() if gate.name == "neg")
_SIGNS: Final = {"+", *_MINUS}
SETTING: Final = "a setting is a number, True, False, None, or a tuple of them"
_INDEX: Final = "an index is constant: whole numbers, slices such as 1:3, '...' and None"


class Number(NamedTuple):
    """A number with its signs."""

    value: float
    whole: bool  # written without a point or an exponent
    end: int  # the token after it


def number(source: Source, at: int) -> float:
    """The value of a number's token."""
    value = float(source.words[at].text)
    if value == inf:
        source.fail("this number is too large for a float64", source.place(at))
    return value


def signed(source: Source, at: int) -> Number | None:
    """The number with its signs that begins at a token, if one does."""
    minus = False
    while (word := source.words[at]).text in _SIGNS:
        minus ^= word.text in _MINUS
        at += 1
    if word.kind != "number":
        return None
    value = number(source, at)
    return Number(-value if minus else value, word.text.replace("_", "").isdigit(), at + 1)


def _exact(source: Source, found: Number) -> int | float:
    """The number as an integer when it is whole, as settings and indices take it."""
    if found.whole and abs(found.value) >= LARGEST_WHOLE:
        source.fail("this whole number is too large here", source.place(found.end - 1))
    return int(found.value) if found.whole else found.value


def shown(value: float) -> str:
    """How a number of the program is shown."""
    return f"{value:.6g}"


# settings ------------------------------------------------------------------------------------------------------------


class _List:
    """A list or tuple that is being read."""

    __slots__ = ("closes", "commas", "entries")

    def __init__(self, closes: str) -> None:
        self.closes = closes
        self.entries: list[Any] = []
        self.commas = False

    def value(self) -> Any:
        """(2) is 2, and (2,) a tuple."""
        plain = self.closes == ")" and len(self.entries) == 1 and not self.commas
        return self.entries[0] if plain else tuple(self.entries)


def begins_setting(word: Word) -> bool:
    """Whether a setting may begin with a word."""
    return word.kind == "number" or word.text in CLOSING or word.text in _SIGNS or word.text in WORDS


def setting(source: Source, at: int) -> tuple[Any, int]:
    """The value of a setting that begins at a token, and the token after it; lists become tuples."""
    value: Any = None
    lists: list[_List] = []
    wants = True
    while wants or lists:
        text = source.words[at := source.after_newlines(at)].text
        at += 1
        if wants and text in CLOSING:
            _check_depth(source, lists, at - 1)
            lists.append(_List(CLOSING[text]))
            continue
        if not wants and text == ",":
            lists[-1].commas = wants = True
            continue
        if lists and text == lists[-1].closes:
            value = lists.pop().value()
        elif wants:
            value, at = _plain(source, at - 1)
        else:
            source.refuse(SETTING, at - 1)
        wants = False
        if lists:
            if len(lists[-1].entries) == MOST_PARTS:
                source.fail(f"a setting has at most {MOST_PARTS} numbers", source.place(at - 1))
            lists[-1].entries.append(value)
    return value, at


def _check_depth(source: Source, lists: list[_List], at: int) -> None:
    """Refuse one more bracket; a list in a list in a list is no setting."""
    if len(lists) > most("nesting"):
        source.fail(f"nested too deeply: {beyond('nesting', len(lists))}", source.place(at))


def _plain(source: Source, at: int) -> tuple[Any, int]:
    word = source.words[at]
    if word.kind == "name" and word.text in WORDS:
        return WORDS[word.text], at + 1
    found = signed(source, at)
    if found is None:
        source.refuse(SETTING, at)
    return _exact(source, found), found.end


# indices -------------------------------------------------------------------------------------------------------------


def index(source: Source, at: int) -> tuple[tuple[Any, ...], int]:
    """The index after a '[', as the setting of the gate `index`, and the token after its ']'."""
    parts: list[Any] = []
    while True:
        at = source.after_newlines(at)
        if parts and source.words[at].text == "]":
            return tuple(parts), at + 1
        part, at = _part(source, at)
        if part is ... and ... in parts:
            source.fail("an index has one '...' at most", source.place(at - 1))
        if len(parts) == MOST_PARTS:
            source.fail(f"an index has at most {MOST_PARTS} parts", source.place(at - 1))
        parts.append(part)
        at = source.after_newlines(at)
        if source.words[at].text == ",":
            at += 1
        elif source.words[at].text != "]":
            source.refuse(_INDEX, at)


def _part(source: Source, at: int) -> tuple[Any, int]:
    word = source.words[at]
    if word.text == "...":
        return ..., at + 1
    if word.kind == "name" and word.text in ("None", NEW_AXIS):
        return None, at + 1
    if word.kind == "name" and source.words[at + 1].text == f".{NEW_AXIS}":
        return None, at + 2
    return _span(source, at)


def _span(source: Source, at: int) -> tuple[Any, int]:
    """A whole number, or the bounds of a slice."""
    bounds: list[int | float | None] = []
    first = at
    while len(bounds) < 3:
        found = signed(source, at := source.after_newlines(at))
        bounds.append(_exact(source, found) if found else None)
        at = source.after_newlines(found.end if found else at)
        if source.words[at].text != ":" or len(bounds) == 3:
            break
        at += 1
    place = source.span(first, at - 1)
    if any(isinstance(bound, float) for bound in bounds):
        source.fail(_INDEX, place)
    if bounds == [None]:
        source.refuse(_INDEX, at)
    if len(bounds) == 3 and bounds[2] == 0:
        source.fail("the step of a slice is not 0", place)
    return bounds[0] if len(bounds) == 1 else (*bounds, None)[:3], at


# arrays of numbers ---------------------------------------------------------------------------------------------------


class _Row:
    """A row of an array that is being read."""

    __slots__ = ("entries", "opened", "shape", "texts")

    def __init__(self, opened: int) -> None:
        self.opened = opened  # its '['
        self.entries: list[Any] = []
        self.texts: list[str] = []
        self.shape: tuple[int, ...] = ()  # of an entry

    def add(self, source: Source, entry: Any, text: str, shape: tuple[int, ...], at: int) -> None:
        if self.entries and shape != self.shape:
            problem = f"this entry has {_size(shape)}, those before it have {_size(self.shape)}"
            source.fail(problem, source.place(at))
        self.entries.append(entry)
        self.texts.append(text)
        self.shape = shape


def array(source: Source, at: int, mixed: set[int], axes: int = 0) -> tuple[Constant, int] | None:
    """The array of numbers whose '[' is the token at `at`, and the token after it; None when it holds anything else.

    `axes` is the number of brackets around it. The brackets that hold something else are added to `mixed`, so that none
    is read twice in vain.
    """
    rows: list[_Row] = []
    wants, left = True, most("literal")
    while True:
        text = source.words[at].text
        if wants and (found := signed(source, at)):
            rows[-1].add(source, found.value, shown(found.value), (), at)
            at, wants, left = found.end, False, left - 1
            if left < 0:
                source.fail(f"a large array: {beyond('literal')}", source.place(at - 1))
            continue
        if wants and text == "[":
            nest(source, axes + len(rows), source.place(at))
            rows.append(_Row(at))
        elif text == "]":
            row, wants = rows.pop(), False
            constant = Constant(tuple(row.entries), f"[{', '.join(row.texts)}]")
            if not rows:
                return constant, at + 1
            rows[-1].add(source, *constant, (len(row.entries), *row.shape), row.opened)
        elif text == "," and not wants:
            wants = True
        elif text != "\n":
            mixed.update(row.opened for row in rows)
            return None
        at += 1


def nest(source: Source, depth: int, place: tuple[int, int]) -> None:
    """Refuse one more '[' within `depth` others when an array has no axis for it."""
    if depth >= MOST_AXES:
        source.fail(f"an array has at most {MOST_AXES} axes", place)


def _size(shape: tuple[int, ...]) -> str:
    return f"the shape {shape}" if shape else "no axis"
