"""How texts are written in drawings: escaped, and in the colour of their role."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.errors import is_seen, printable
from gradviz.runs import Role
from gradviz.themes import Theme

COLORS: Final[dict[Role, str]] = {  # the theme's colour of each role
    "name": "ink", "equals": "ink", "value": "value", "new": "frame", "derivative": "grad", "grad": "grad",
    "local": "local", "share": "grad", "blank": "blank", "gap": "ink",
}  # fmt: skip
MARKED: Final = 2.2  # times as wide is a wire that a step is about
ARROW_LENGTH: Final = 10.0  # points of an arrow at an arrowsize of 1
ARROW_HALF: Final = 0.35  # half the width of an arrow, in lengths
PAD: Final = 4.32  # points around everything
TITLE: Final = 1.1  # size of the title, in sizes of the theme's font
GRADIENTS: Final = frozenset({"derivative", "grad"})


def html(text: str) -> str:
    """Text for XML: nothing in it is markup, and what XML forbids or hides is made visible.

    >>> html("<b> & x")
    '&lt;b&gt; &amp; x'
    """
    return escaped(text if is_seen(text) else printable(text))


def escaped(text: str) -> str:
    """Text in which nothing is markup; for one that is fit to be seen."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class Pen(NamedTuple):
    """How runs are written."""

    theme: Theme
    size: float
    small: bool = False  # the size is not the theme's

    def is_italic(self, role: Role) -> bool:
        """Whether a run of this role slants."""
        return self.small or (self.theme.grad_italic and role in GRADIENTS)

    def color(self, role: Role) -> str:
        """The colour of a role in the theme."""
        return str(getattr(self.theme, COLORS[role]))
