"""Values as they are written on a command line -> numbers, nested lists of them, and arrays from files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from math import isfinite
from typing import Any, Final

from gradviz.arguments import SET, VALUES, Given, Words, near_option, shown
from gradviz.errors import ValuesError
from gradviz.limits import beyond, most
from gradviz.numerals import constant

FILE: Final = "@"  # in front of a file's name
_NOT_FINITE: Final = r"(?i)\s*[+-]?(inf|infinity|nan)\s*"
_WITHOUT_COMMAS: Final = r"[-+.\deE]+(\s+[-+.\deE]+)+"
_ENTRY: Final = "x"
_FOLLOWS: Final = {"[": "[,", "]": "[],x", ",": "]x", _ENTRY: "[,"}  # what each piece of a list may stand after
_LIST: Final = "a list like [1, 2] or [[1, 2], [3, 4]]"


def values(given: Iterable[Given], options: Collection[str]) -> dict[str, Any]:
    """The values by name, NFKC-normalised; raises `ValuesError` for one that is given twice or is not understood."""
    from gradviz.language.tokens import normal

    found: dict[str, Any] = {}
    for option, name, text in given:
        if normal(name) in found:
            raise ValuesError(f"'{shown(name)}' has two values; the second is {shown(option)}")
        number: Any = constant(text)  # as a rule: then there is no need to look for what else was meant
        if number is None or not isfinite(number):
            number = value(option, text, "" if option.startswith(SET) else near_option(name, options))
        found[normal(name)] = number
    return found


def all_values(words: Words, options: Collection[str]) -> dict[str, Any]:
    """The values of a file, under those on the command line, which win; raises `ValuesError`."""
    from_file: dict[str, Any] = {}
    if file := words.text_of(VALUES):
        from gradviz.arrayfiles import read_values
        from gradviz.language.tokens import normal

        from_file = {normal(name): value for name, value in read_values(file, VALUES).items()}
    return {**from_file, **values(words.values, options)}


def value(option: str, text: str, offer: str = "") -> Any:
    """The number, nested lists or array that a text means; raises `ValuesError` that names the option."""
    what = f"the value of {shown(option)}"
    if text.startswith(FILE):
        from gradviz.arrayfiles import read

        return read(text.removeprefix(FILE), what)
    if "[" not in text:
        return _number(what, text, offer or _list_offer(option, text), f"{shown(option)}=")
    from gradviz.nested import problem

    found = _nested(option, text)
    if wrong := problem(found):
        raise ValuesError(f"{what} {wrong}")
    return found


def _number(what: str, text: str, offer: str, written: str = "") -> float:
    """The number of a text; `written` stands in front of it where it is repeated."""
    number = constant(text)
    if number is None:
        raise ValuesError(f"{what} must be a number, not '{shown(text)}'{offer}")
    if not isfinite(number) and not re.fullmatch(_NOT_FINITE, text):
        problem = f"{what}, '{shown(text)}', is {number} as a float64"
        raise ValuesError(f"{problem}; write {written}{number} if that is meant")
    return number


def _list_offer(option: str, text: str) -> str:
    """What to offer for numbers with commas that are no list."""
    entries = text.split(",")
    several = len(entries) > 1 and all(constant(entry) is not None for entry in entries)
    return f"; a list is written {shown(option)}='[{shown(text)}]'" if several else ""


# lists ---------------------------------------------------------------------------------------------------------------


def _nested(option: str, text: str) -> list[Any]:
    """The lists of a text, whatever their shape; an entry is a constant expression, and a last comma means nothing."""
    if (commas := text.count(",")) > most("literal"):
        raise ValuesError(f"the value of {shown(option)} is a large array: {beyond('literal', commas + 1)}")
    stack: list[list[Any]] = [[]]
    before = "["
    for piece in _pieces(text):
        kind = piece if piece in _FOLLOWS else _ENTRY
        if before not in _FOLLOWS[kind] or (len(stack) == 1 and (kind != "[" or stack[0])):
            raise _no_list(option, text)
        if kind == "[":
            stack.append([])
        elif kind == "]":
            stack[-2].append(stack.pop())
        elif kind == _ENTRY:
            stack[-1].append(_entry(option, piece))
        before = kind
    if len(stack) > 1:
        raise _no_list(option, text)
    return stack[0][0]  # type: ignore[no-any-return]


def _pieces(text: str) -> Iterator[str]:
    """Brackets, commas, and what stands between them; those in parentheses belong to an entry."""
    entry, parens = "", 0
    for piece in re.findall(r"[\[\],()]|[^\[\],()]+", text):
        parens += {"(": 1, ")": -1}.get(piece, 0)
        if parens or piece not in _FOLLOWS:
            entry += piece
            continue
        yield from filter(None, [entry.strip(), piece])
        entry = ""
    yield from filter(None, [entry.strip()])


def _entry(option: str, text: str) -> float:
    offer = "; put commas between the entries" if re.fullmatch(_WITHOUT_COMMAS, text) else ""
    return _number(f"an entry of {shown(option)}", text, offer, "")


def _no_list(option: str, text: str) -> ValuesError:
    problem = f"the value of {shown(option)} must be {_LIST}, not '{shown(text)}'"
    quotes = f"; with spaces it needs quotes: {shown(option)}='[1, 2]'"
    return ValuesError(problem + (quotes if text.count("[") > text.count("]") else ""))
