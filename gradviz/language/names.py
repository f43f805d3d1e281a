"""Names of functions, of libraries and of methods -> the gates they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from gradviz.errors import nearest
from gradviz.gates import CONSTANTS, FUNCTIONS, GATES, Gate, library, methods
from gradviz.language.calls import WRAPPERS
from gradviz.language.tokens import Source

Place = tuple[int, int]

INDEX: Final = GATES["index"]  # has no name: it is written x[0]
MOST_PARTS: Final = 8  # of a dotted name; no library has longer ones
_FUNCTIONS: Final = {name: gates for name, gates in FUNCTIONS.items() if INDEX not in gates}
FUNCTION_NAMES: Final = list(_FUNCTIONS)
ATTRIBUTES: Final = {".T": GATES["transpose"], ".mT": GATES["swapaxes"].choose({"axis": -2, "other": -1})}


def gates_named(word: str, functions: Mapping[str, Gate]) -> tuple[Gate, ...]:
    """The gates of a name that is called; `functions` are those of the program."""
    if word in functions:
        return (functions[word],)
    return library().get(word, ()) if "." in word else _FUNCTIONS.get(word, ())


def method(attribute: str) -> tuple[Gate, ...]:
    """The gates of a method, written with its dot."""
    found = methods().get(attribute.removeprefix("."), ())
    return () if INDEX in found else found


def is_library(word: str) -> bool:
    """Whether a dotted name is that of a function that is known."""
    return word in library() or word in WRAPPERS


@cache
def _libraries() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in library())


def library_constant(word: str) -> str | None:
    """The constant of the language that a dotted name such as `np.pi` is."""
    last = word.rpartition(".")[2]
    return last if last in CONSTANTS and word.partition(".")[0] in _libraries() else None


def whole_name(source: Source, at: int) -> tuple[str, Place, int]:
    """The dotted name that begins at a token, its place, and the token after it."""
    end = at + 1
    while source.words[end].kind == "attribute":
        end += 1
    word = "".join(each.text for each in source.words[at : min(end, at + MOST_PARTS)])
    word += "…" * (end > at + MOST_PARTS)
    return word, source.span(at, end - 1), end


def check_methods(source: Source, at: int) -> None:
    """Refuse the dotted name at a token if it is neither of a library nor a value with a method or an attribute."""
    word, place, end = whole_name(source, at)
    root, first, following = source.words[at : at + 3]
    if source.words[end].text == "(" and root.text in _libraries():
        source.fail(f"unknown function '{word}'{_near(word)}", place)
    if following.text != "(" and first.text not in ATTRIBUTES:
        offer = f"; write {root.text}{first.text}()" if method(first.text) else ""
        source.fail(f"a name has no dot: '{word}'{offer}", place)
    if following.text == "(" and not method(first.text):
        offer = nearest(first.text, method_names()) or _near(word)
        source.fail(f"'{word}' is neither a function of a library nor a method of an array{offer}", place)


def _near(word: str) -> str:
    """The nearest name in the libraries: of one that ends alike, the one whose whole is nearest."""
    from difflib import get_close_matches

    by_end: dict[str, list[str]] = {}
    for name in library():
        by_end.setdefault(name.rpartition(".")[2], []).append(name)
    close = get_close_matches(word.rpartition(".")[2], by_end, n=1, cutoff=0.7)
    return nearest(word, by_end[close[0]]) if close else ""


def method_names() -> list[str]:
    """All methods, written with their dot."""
    return [f".{name}" for name, gates in methods().items() if INDEX not in gates]
