"""Picture -> the table of a trace, for terminals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradviz.errors import printable
from gradviz.picture import Picture
from gradviz.rounding import short

if TYPE_CHECKING:
    from rich.table import Table

HEADS = ("node", "gate", "of", "value", "gradient")
Row = tuple[str, str, str, str, str]


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The table as plain text, its columns aligned."""
    lines = [HEADS, *rows(picture)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "".join(
        "  ".join(
            f"{cell:{'>' if k > 2 else '<'}{width}}" for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    ).encode()


def rows(picture: Picture) -> Iterator[Row]:
    """A row for each node: its name or id, its gate, its operands, value and gradient as on the figure."""
    graph, trace, digits = picture.graph, picture.trace, picture.digits
    for node in range(len(graph)):
        gate = graph.label(node) if graph.gates[node] else ""
        operands = ", ".join(_reference(picture, k) for k in graph.operands[node] if k >= 0)
        value = short(trace.node_values[node], digits) if trace else ""
        grad = short(trace.node_grads[node], digits) if trace and node not in graph.constants else ""
        yield _reference(picture, node), gate, operands, value, grad


def _reference(picture: Picture, node: int) -> str:
    graph = picture.graph
    return graph.names[node] or (graph.label(node) if node in graph.constants else f"n{node}")


def table(picture: Picture) -> Table:
    """The table in colour, as a rich renderable; texts are literal, not markup."""
    from rich.table import Table
    from rich.text import Text

    theme = picture.theme
    styles = ("bold", "", "dim", theme.value, theme.grad)
    shown = Table(title=Text(printable(picture.title)) if picture.title else None, box=None, pad_edge=False)
    for number, head in enumerate(HEADS):
        shown.add_column(head, justify="right" if number > 2 else "left")
    for row in rows(picture):
        shown.add_row(*(Text(cell, style=style) for cell, style in zip(row, styles, strict=True)))
    return shown
