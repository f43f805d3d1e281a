"""Pictures of one graph -> one Layout, in which the texts of each of them have room."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.layout.methods import laid_out_by
from gradviz.layout.metrics import row_width, wrapped
from gradviz.layout.places import Layout
from gradviz.picture import Picture
from gradviz.runs import Row


def together(pictures: Sequence[Picture]) -> Layout:
    """Where everything lies in all of the pictures, which differ in their texts only."""
    first = pictures[0]
    nodes = tuple(
        each[0]._replace(above=_widest([node.above for node in each]), below=_widest([node.below for node in each]))
        for each in zip(*(shown.nodes for shown in pictures), strict=True)
    )
    wires = tuple(
        each[0]._replace(above=_widest([wire.above for wire in each]), below=_widest([wire.below for wire in each]))
        for each in zip(*(shown.wires for shown in pictures), strict=True)
    )
    places = laid_out_by(first._replace(nodes=nodes, wires=wires, caption=_any(pictures)))
    if not (box := places.caption):
        return places
    longest = max((shown.caption for shown in pictures), key=lambda text: len(wrapped(text, box.width, box.size)))
    return laid_out_by(first._replace(nodes=nodes, wires=wires, caption=longest))


def _any(pictures: Sequence[Picture]) -> str:
    """One of the captions, for its width, which is the same for all."""
    return next((shown.caption for shown in pictures if shown.caption), "")


def _widest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: row_width(row, 1.0))
