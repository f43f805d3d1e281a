"""Characters that show nothing themselves, where they change what is seen beside them: in emoji, between letters."""

from __future__ import annotations

import re
from typing import Final

_EMOJI: Final = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_TO_THE_NEXT: Final = (  # Arabic letters that join the one after them
    "\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649\u064a\u066e\u066f\u0678-\u0687\u069a-\u06bf"
    "\u06c1\u06c2\u06cc\u06ce\u06d0\u06d1\u06fa-\u06fc\u06ff"
)
_TO_THE_LAST: Final = "\u0622-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06fa-\u06ff"  # the one before
_VIRAMAS: Final = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
_INDIC: Final = "\u0900-\u0dff"


def _tags(letters: str) -> str:
    """The letters of a flag as Unicode hides them, and their end."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in f"{letters}\x7f")


_ROWS: Final = (
    f"(?<=[{_EMOJI}])[\ufe0e\ufe0f]",  # an emoji as a picture or as a sign
    "(?<=[0-9#*])\ufe0f(?=\u20e3)",  # a key
    f"(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])",  # a family
    f"(?<=[{_EMOJI}]\ufe0f)\u200d(?=[{_EMOJI}])",
    f"(?<=\U0001f3f4)(?:{'|'.join(map(_tags, ('gbeng', 'gbsct', 'gbwls')))})",  # England, Scotland, Wales
    f"(?<=[{_TO_THE_NEXT}])\u200c(?=[{_TO_THE_LAST}])",  # RFC 5892, A.1
    f"(?<=[{_VIRAMAS}])[\u200c\u200d](?=[{_INDIC}])",  # RFC 5892, A.1 and A.2
    "(?<=\u09b0)\u200d(?=\u09cd)",  # Unicode 15, 12.2: Bengali ra and ya
)
WORKING: Final = re.compile(f"({'|'.join(_ROWS)})")
