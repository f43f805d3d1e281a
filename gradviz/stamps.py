"""Many figures of one program: drawn once with holes where numbers stand, which are filled for each row of values.

The layout is made once, with room for the widest number of every shelf. Figures are texts, SVG; a row with a nan or an
infinity is drawn by itself, at the same places, for its shelves are marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

import numpy

from gradviz.columntexts import Column, as_drawn, decimals_of, extremes, in_full, wide_texts
from gradviz.evaluator import Trace, evaluate
from gradviz.formats.svg import DIRECT, render
from gradviz.graph import Graph
from gradviz.layout import Layout
from gradviz.layout.methods import laid_out_by, placed
from gradviz.layout.metrics import text_width
from gradviz.layout.together import together
from gradviz.many import Given, columns, is_plain, taken
from gradviz.picture import Picture, picture, shelves_of
from gradviz.shelves import numbers_of
from gradviz.slots import Slots
from gradviz.themes import theme_of

CHUNK: Final = 1_024  # rows whose numbers and texts are in memory together
NUMBERS: Final = 1 << 19  # of a chunk, where the circuit is large


def stamped(graph: Graph, rows: Mapping[str, Any], **look: Any) -> Iterator[str]:
    """The SVG of each row of columns by name; `look` as in `picture`. Raises a `GradvizError` before the first one."""
    given = taken(graph, rows)
    picture(graph, None, **look)  # complains
    return _at_once(graph, given, look) if is_plain(graph, given) else _one_by_one(graph, given, look)


def _one_by_one(graph: Graph, given: Given, look: Mapping[str, Any]) -> Iterator[str]:
    """Figures with arrays, at one layout."""
    pictures = [picture(graph, evaluate(graph, _row(given, k)), **look) for k in range(given.rows)]
    places = together(pictures) if pictures else None
    for shown in pictures:
        yield _svg(shown, places)


def _at_once(graph: Graph, given: Given, look: Mapping[str, Any]) -> Iterator[str]:
    """Figures of numbers, chunk after chunk: once for the widths, once more for the texts."""
    size = max(1, min(CHUNK, NUMBERS // (2 * (len(graph) + len(graph.operands.flat)))))
    chunks = range(0, given.rows, size)
    if not chunks:
        return
    sheet = _sheet(graph, (_numbers(graph, given, start, size) for start in chunks), look)
    for start in chunks:
        for row, filled in enumerate(sheet.filled(_numbers(graph, given, start, size)), start):
            yield filled or _svg(picture(graph, evaluate(graph, _row(given, row)), **look), sheet.places)


def _row(given: Given, number: int) -> dict[str, Any]:
    return {**given.shared, **{name: column[number] for name, column in given.columns.items()}}


def _svg(shown: Picture, places: Layout | None) -> str:
    return render(placed(shown._replace(places=places)), "svg", DIRECT).decode()


def _numbers(graph: Graph, given: Given, start: int, size: int) -> list[Column]:
    """Values and grads by node, then locals and shares by wire: a column each for these rows."""
    count = min(size, given.rows - start)
    rows = {name: column[start : start + count] for name, column in given.columns.items()}
    inputs = [rows[name] if name in rows else given.shared[name] for name in graph.input_names]
    values, grads, local, shares = columns(graph, inputs)
    return [numpy.broadcast_to(each, count) for each in (*values, *grads, *local.flat, *shares.flat)]


# the sheet -----------------------------------------------------------------------------------------------------------


class Hole(NamedTuple):
    """A place of the sheet for a number: of a slot, or one that is the same in all rows; in full or as drawn."""

    slot: int | None
    number: float
    full: bool


class Sheet(NamedTuple):
    """A figure with holes, and what is needed to fill them."""

    places: Layout
    pieces: list[str]  # every second one is for a hole
    holes: list[Hole]
    shown: list[int]  # the slots by which it is decided whether integers stand bare
    digits: int

    def filled(self, found: Sequence[Column]) -> Iterator[str]:
        """The figure of each row; "" for one that is drawn by itself."""
        shown = [found[k] for k in self.shown]
        decimals = decimals_of(shown, self.digits)
        texts = {hole: self._texts(hole, found, decimals) for hole in dict.fromkeys(self.holes)}
        fine = numpy.logical_and.reduce([numpy.isfinite(column) for column in shown])
        pieces = list(self.pieces)
        fillings = zip(*(texts[hole] for hole in self.holes), strict=True)
        for filling, is_fine in zip(fillings, fine.tolist(), strict=True):
            pieces[1::2] = filling
            yield "".join(pieces) if is_fine else ""

    def _texts(self, hole: Hole, found: Sequence[Column], decimals: Column) -> list[str]:
        column = numpy.full(len(decimals), hole.number) if hole.slot is None else found[hole.slot]
        return in_full(column) if hole.full else as_drawn(column, decimals, self.digits)


class Slot(float):
    """A number of the figure that differs from row to row; in full it is a mark to be replaced."""

    __slots__ = ("mark", "number")

    def __new__(cls, number: int, mark: str) -> Slot:
        """The `number`-th of all."""
        slot = super().__new__(cls, 1.0)  # as the gradient of the output is
        slot.number, slot.mark = number, mark
        return slot

    number: int
    mark: str

    def __repr__(self) -> str:
        return self.mark


def _sheet(graph: Graph, chunks: Iterator[list[Column]], look: Mapping[str, Any]) -> Sheet:
    """The figure with holes, at places where the widest number of each has room."""
    prefix = _unused(f"{graph.program} {look} {graph.names} {theme_of(look.get('theme', 'cs231n'))}")
    slots = [Slot(k, f"{prefix}f{k}.") for k in range(2 * (len(graph) + len(graph.operands.flat)))]
    trace = _trace(graph, slots)
    holes = {slot.mark: Hole(slot.number, 0.0, full=True) for slot in slots}

    def mark(x: float) -> str:
        """The mark of a number as it is drawn."""
        name = f"{prefix}d{len(holes)}."
        holes[name] = Hole(x.number, 0.0, full=False) if isinstance(x, Slot) else Hole(None, x, full=False)
        return name

    marked = picture(graph, trace, **look, number=mark)
    shelves = shelves_of(graph, trace, **{name: each for name, each in look.items() if name not in ("title", "digits")})
    shown = [x.number for x in numbers_of(shelves, list(graph.wires)) if isinstance(x, Slot)]
    widest = _widest(chunks, shown, marked.digits)
    places = laid_out_by(picture(graph, trace, **look, number=widest))
    pieces = re.split(f"({prefix}[fd][0-9]+\\.)", _svg(marked, places))
    return Sheet(places, pieces, [holes[name] for name in pieces[1::2]], shown, marked.digits)


def _unused(text: str) -> str:
    """A word that is no part of a text."""
    word = "slot"
    while word in text:
        word += "x"
    return word


def _trace(graph: Graph, slots: Sequence[Slot]) -> Trace:
    """A trace of slots, in the order of `_numbers`."""
    nodes, wires, bounds = len(graph), len(graph.operands.flat), graph.operands.bounds
    ends = accumulate((nodes, nodes, wires, wires), initial=0)
    values, grads, local, shares = (slots[start:end] for start, end in pairwise(ends))
    return Trace(graph, values, grads, Slots(local, bounds), Slots(shares, bounds))


def _widest(chunks: Iterator[list[Column]], shown: Sequence[int], digits: int) -> Callable[[float], str]:
    """What a number is at its widest, in all rows."""
    ends: dict[int, Column] = {}
    decimals = 0
    for found in chunks:
        decimals = max(decimals, int(decimals_of([found[k] for k in shown], digits).max()))
        for k in shown:
            ends[k] = numpy.concatenate([ends.get(k, found[k][:0]), extremes(found[k], digits)])

    def widest(x: float) -> str:
        numbers = ends[x.number] if isinstance(x, Slot) else numpy.array([x])
        return max(wide_texts(numbers, decimals, digits), key=lambda text: text_width(text, 1.0))

    return widest
