"""Axes in the look of a theme -> SVG, PNG or PDF, by Matplotlib, which comes with the extra `plot`."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

import numpy

from gradviz.animation.extras import needed
from gradviz.errors import OptionError, RenderError, in_words, printable_lines
from gradviz.formats.fontconfig import fonts
from gradviz.formats.svg import adaptive
from gradviz.themes import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EXTRA: Final = "plot"  # of the package
SIZE: Final = (6.4, 4.4)  # inches
SCALE: Final = 0.75  # of the theme's font, which stands beside circles of twice its size
OWN: Final = ("Liberation Serif", "Gradviz Myeongjo")  # fonts that travel with the package
PIXELS: Final = 200  # an inch
NOTHING: Final = {  # of what Matplotlib tells of itself and of the time
    "svg": ("Creator", "Date", "Format", "Type"),
    "pdf": ("Creator", "Producer", "CreationDate"),
    "png": ("Software",),
}
_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_DRAWN: Final = frozenset({"svg", "g", "defs", "path", "use", "clipPath", "rect"})
_REFERS: Final = frozenset({f"{{{_LINK}}}href", "clip-path"})


@contextmanager
def drawing(theme: Theme, title: str | None, told: str) -> Iterator[tuple[Figure, Axes]]:
    """A figure with axes in the theme's look; `told` is the picture in words. Raises `RenderError` without Matplotlib.

    Texts of users are taken as they are: no mathematics, and nothing that is invisible.
    """
    with needed("matplotlib", "a plot", EXTRA):
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that it has no folder to remember fonts in
        from matplotlib import rc_context
        from matplotlib.figure import Figure

    with rc_context(_settings(theme)), warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure = Figure(SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        if title:
            axes.set_title(printable_lines(title), parse_math=False)
        figure.set_label(told)
        yield figure, axes


def label(axes: Axes, across: str, up: str) -> None:
    """What the axes are called, as it is."""
    axes.set_xlabel(printable_lines(across), parse_math=False)
    axes.set_ylabel(printable_lines(up), parse_math=False)


def rendered(figure: Figure, format: str, theme: Theme) -> bytes:
    """The figure in a format; the same figure gives the same bytes. Raises `OptionError` for another format."""
    if format not in NOTHING:
        raise OptionError(f"a plot cannot be written as {format}; it can as {in_words(NOTHING)}")
    out = io.BytesIO()
    figure.savefig(out, format=format, dpi=PIXELS, metadata=dict.fromkeys(NOTHING[format]))
    return _plain(out.getvalue(), theme, str(figure.get_label())) if format == "svg" else out.getvalue()


def _settings(theme: Theme) -> Any:
    size = theme.font_size * SCALE
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), theme.ink)
    return {
        **ink,
        "font.family": _families(theme),
        "font.size": size,
        "axes.titlesize": size * 1.1,
        "axes.facecolor": theme.background,
        "figure.facecolor": theme.background,
        "savefig.facecolor": theme.background,
        "axes.linewidth": theme.pen,
        "lines.linewidth": 1.6 * theme.pen,
        "axes.unicode_minus": True,
        "svg.fonttype": "path",  # looks the same everywhere, and no text can be anything else
        "svg.hashsalt": "gradviz",
        "path.simplify": True,
    }


def _families(theme: Theme) -> list[str]:
    """The theme's fonts that there are, then those of the package."""
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    if not known.issuperset(OWN):
        for path in fonts().glob("*.ttf"):
            fontManager.addfont(path)
        known.update(OWN)
    return [*(name for name in theme.font.split(",") if name in known and name not in OWN), *OWN]


# SVG -----------------------------------------------------------------------------------------------------------------


def _plain(svg: bytes, theme: Theme, told: str) -> bytes:
    """The drawing without what else Matplotlib writes: a style for the whole page, data about itself, comments.

    Colours become attributes, so that a theme can turn them where its reader prefers dark ones.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314  Matplotlib has written it
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    for element in root.iter():
        _check(element)
        for setting in filter(None, element.attrib.pop("style", "").split(";")):
            name, _, value = setting.partition(":")
            element.set(name.strip(), value.strip())
    root.attrib = {
        **{name: root.get(name, "") for name in ("width", "height", "viewBox")},
        "stroke-linejoin": "round", "stroke-linecap": "butt",
    }  # fmt: skip
    words = ElementTree.Element(f"{{{_SVG}}}desc")
    words.text, words.tail = printable_lines(told), "\n"
    root.insert(0, words)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    text = ElementTree.tostring(root, encoding="unicode").replace("<svg ", '<svg role="img" ', 1)
    return f"{adaptive(text, theme)}\n".encode()


def _check(element: ElementTree.Element) -> None:
    """Raise `RenderError` for what does anything but draw."""
    kind = element.tag.removeprefix(f"{{{_SVG}}}")
    outside = any(not value.startswith(("#", "url(#")) for name, value in element.items() if name in _REFERS)
    if kind not in _DRAWN or outside or any(name.startswith("on") for name in element.attrib):
        raise RenderError(f"the plot is not inert: {kind}")
