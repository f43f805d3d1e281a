"""Which letters of a drawing no font has: a question to the Fontconfig of the process that draws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

# Not asked for: what the fonts of ours have (Latin, Greek, Cyrillic, Hangul) and the signs that figures are made of.
_ASKED: Final = re.compile("[^\u0000-\u036f\u0374-\u0513\u1e00-\u206f₀-₉∂−·×≈→∞√≤≥≠…ㄱ-ㆎ가-힣]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Cn", "Co", "Cs", "Zs"})  # they have no shape of their own, or no name
_MOST: Final = 8  # letters that a note lists
_MAPS: Final = "/proc/self/maps"  # the files that this process has loaded
_LIBRARY: Final = re.compile(r"(/\S*/libfontconfig[^/\n]*)$", re.MULTILINE)


def asked(text: str) -> str:
    """The letters of a text that might have no font, in order.

    >>> asked("abc −1.5 ∂f/∂x 가"), asked("aあ漢あ")
    ('', 'あ漢')
    """
    return "" if text.isascii() else "".join(sorted(filter(_is_seen, set(_ASKED.findall(text)))))


def told(letters: Sequence[str]) -> str:
    """A sentence about them.

    >>> told(["あ"])
    'no font here has あ; a box stands for it'
    """
    shown = " ".join(letters[:_MOST]) + (" …" if len(letters) > _MOST else "")
    return f"no font here has {shown}; {'a box stands for it' if len(letters) == 1 else 'boxes stand for them'}"


def _is_seen(letter: str) -> bool:
    from unicodedata import category

    return category(letter) not in _UNSEEN


def without_font(letters: Iterable[str]) -> list[str]:
    """Those for which boxes are drawn; [] where there is no Fontconfig to ask.

    Asked where a drawing was made: what it has loaded and knows is what drew.
    """
    from ctypes import CDLL

    try:
        with open(_MAPS, encoding="utf-8", errors="replace") as maps:  # noqa: PTH123
            found = _LIBRARY.search(maps.read())
        library = CDLL(found[1]) if found else None
    except OSError:
        return []
    return [letter for letter in letters if not _fonts_with(library, letter)] if library else []


def _fonts_with(library: Any, letter: str) -> int:
    """How many fonts have a letter (FcFontList of a pattern with a character set)."""
    from ctypes import POINTER, c_char_p, c_int, c_uint32, c_void_p, cast

    for name in ("FcPatternCreate", "FcCharSetCreate", "FcObjectSetCreate", "FcFontList"):
        getattr(library, name).restype = c_void_p
    pattern, letters, wanted = (
        c_void_p(getattr(library, name)()) for name in ("FcPatternCreate", "FcCharSetCreate", "FcObjectSetCreate")
    )
    library.FcCharSetAddChar(letters, c_uint32(ord(letter)))
    library.FcPatternAddCharSet(pattern, c_char_p(b"charset"), letters)
    fonts = c_void_p(library.FcFontList(None, pattern, wanted))
    count = cast(fonts, POINTER(c_int))[0] if fonts else 1
    if fonts:
        library.FcFontSetDestroy(fonts)
    for destroy, thing in (
        ("FcObjectSetDestroy", wanted),
        ("FcCharSetDestroy", letters),
        ("FcPatternDestroy", pattern),
    ):
        getattr(library, destroy)(thing)
    return count
