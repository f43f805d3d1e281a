"""Picture -> the table of a trace, for terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from gradviz.blocks import LINE
from gradviz.errors import columns, printable, printable_lines
from gradviz.evaluator import Trace
from gradviz.matrices import as_matrix
from gradviz.picture import Picture
from gradviz.runs import BLANK

if TYPE_CHECKING:
    from rich.table import Table

HEADS: Final = ("node", "gate", "of", "value", "gradient")
FORWARD: Final = ("node", "gate", "of", "value", "tangent", "gradient")  # both ways of a textbook's table
NUMBERS: Final = (3, 4, 5)  # columns that stand at the right
Row = tuple[str, ...]


def heads(picture: Picture) -> Row:
    """What stands above the columns."""
    return FORWARD if picture.tangents else HEADS


def render(picture: Picture, name: str, engine: str) -> bytes:
    """The table as plain text, its columns aligned."""
    lines = [heads(picture), *rows(picture)]
    widths = [max(columns(line[k]) for line in lines) for k in range(len(lines[0]))]
    caption = ["", *printable_lines(picture.caption).split("\n")] if picture.caption else []
    return "".join(f"{line}\n" for line in [*(_aligned(line, widths) for line in lines), *caption]).encode()


def _aligned(line: Row, widths: Sequence[int]) -> str:
    pads = [" " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True)]
    cells = [pad + cell if k in NUMBERS else cell + pad for k, (cell, pad) in enumerate(zip(line, pads, strict=True))]
    return "  ".join(cells).rstrip()


def rows(picture: Picture) -> Iterator[Row]:
    """A row for each node: its name or id, its gate, its operands, value and gradient as on the figure.

    In forward mode the tangent stands between them.
    """
    graph, trace, tangents = picture.graph, picture.trace, picture.tangents
    for node in range(len(graph)):
        gate = printable(graph.label(node)) if graph.gates[node] else ""
        operands = ", ".join(_reference(picture, k) for k in graph.operands[node] if k >= 0)
        value = _value(picture, trace, node) if trace else ""
        grad = _grad(picture, trace, node) if trace and node not in graph.constants else ""
        tangent = picture.text(tangents.numbers[node]) if grad and tangents and tangents.numbers else ""
        yield _reference(picture, node), gate, operands, value, *((tangent,) if tangents else ()), grad


def _value(picture: Picture, trace: Trace, node: int) -> str:
    if node in picture.hidden.values:
        return BLANK
    value = picture.text(trace.node_values[node])
    new = picture.text(picture.nudged.node_values[node]) if picture.nudged else value
    return value if new == value else f"{value} → {new}"


def _grad(picture: Picture, trace: Trace, node: int) -> str:
    if node in picture.hidden.grads:
        return BLANK
    return picture.text(as_matrix(trace, trace.node_grads[node], node))


def _reference(picture: Picture, node: int) -> str:
    graph = picture.graph
    label = graph.label(node) if node in graph.constants else ""
    return printable(graph.names[node] or "") or (label if 0 < len(label) <= LINE else f"n{node}")


def table(picture: Picture) -> Table:
    """The table in colour, as a rich renderable; texts are literal, not markup."""
    from rich.table import Table
    from rich.text import Text

    theme = picture.theme
    styles = ("bold", "", "dim", theme.value, *([theme.grad, "dim"] if picture.tangents else [theme.grad]))
    shown = Table(title=Text(printable(picture.title)) if picture.title else None, box=None, pad_edge=False)
    for number, head in enumerate(heads(picture)):
        shown.add_column(head, justify="right" if number in NUMBERS else "left")
    for row in rows(picture):
        shown.add_row(*(Text(cell, style=style) for cell, style in zip(row, styles, strict=True)))
    return shown
