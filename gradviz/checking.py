"""The command `check`: a gradient check of an expression."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import click

from gradviz import literals, offers, terminal
from gradviz.arguments import Words
from gradviz.commands import cli, known_options
from gradviz.errors import in_words
from gradviz.limits import grouped
from gradviz.options import OF, OUTPUT, PROGRAM, SETTINGS, RowOf, given

if TYPE_CHECKING:
    from gradviz.gradcheck import Check, Row

MOST: Final = 40  # rows of the table, the worst ones
FORMATS: Final = {"text": None, "json": None}
HEADS: Final = ("input", "backward", "differences", "forward", "closed form", "error", "")
_NONE: Final = "—"


@cli.command("check", params=[
    click.Argument(["expression"]), OUTPUT,
    click.Option(["-f", "--format"], type=RowOf("format", lambda: FORMATS), help="text or json."), *OF,
    click.Option(["--step"], type=float, metavar="H", help="Of the differences, for an input of the size 1."),
    click.Option(["--tolerance"], type=float, default=1e-5, metavar="T",
                 help="The largest relative error; 1e-5 unless given."),
    *(option for option in PROGRAM if option.name != "jacobian"),
    click.Option(["--digits"], type=click.IntRange(1, 17), default=8, metavar="N", help="Figures; 8 unless given."),
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def check(words: Words, /, expression: str, output: str | None, format: str | None, **options: Any) -> None:
    """Check the gradients: backward pass, central differences, forward mode, SymPy's closed form.

    The exit status is 1 when they disagree.
    """
    from gradviz import api
    from gradviz.choices import keywords

    known = known_options(check)
    values = literals.all_values(words, known)
    how = {name: options.pop(name) for name in ("step", "tolerance", "digits")}
    settings = {"seed": None, **keywords(given(options))}
    seed = settings.pop("seed")
    graph = api.parse(expression, values, **settings)
    offers.check_names(values, graph, known)
    found = api.check(graph, values, step=how["step"], tolerance=how["tolerance"], seed=seed)
    for note in (*graph.notes, *found.notes):
        terminal.say(note, "note")
    _deliver(found, output, format or ("json" if str(output).endswith(".json") else "text"), how["digits"])
    if not found.ok:
        terminal.say(_told(found), "warning")
        raise click.exceptions.Exit(1)


def _deliver(found: Check, output: str | None, format: str, digits: int) -> None:
    if format == "text" and output in (None, "-"):
        rows = list(_rows(found, digits))
        terminal.show_rows(HEADS, rows) if terminal.is_terminal(sys.stdout) else terminal.show_rows((), [HEADS, *rows])
        return
    data = _json(found) if format == "json" else "".join("\t".join(row) + "\n" for row in _rows(found, digits)).encode()
    terminal.write(data) if output in (None, "-") else terminal.save(str(output), data)


def _rows(found: Check, digits: int) -> Iterator[tuple[str, ...]]:
    """The rows in their order; of many only the worst."""
    shown = sorted(found.rows, key=lambda row: -row.error)[:MOST] if len(found.rows) > MOST else found.rows
    for row in shown:
        numbers = (_number(each, digits) for each in (row.backward, row.differences, row.forward, row.closed))
        verdict = "ok" if row.error <= found.tolerance else _wrong(row)
        yield row.name, *numbers, f"{row.error:.0e}", verdict
    if len(found.rows) > MOST:
        yield f"and {grouped(len(found.rows) - MOST)} more with smaller errors", *[""] * (len(HEADS) - 1)


def _number(number: float | None, digits: int) -> str:
    return _NONE if number is None else f"{number:.{digits}g}"


def _wrong(row: Row) -> str:
    return f"a kink: {row.kink[0]:.4g} on the left, {row.kink[1]:.4g} on the right" if row.kink else "differs"


def _told(found: Check) -> str:
    """What disagrees, in a line."""
    worst = found.wrong[0]
    if not isfinite(worst.error):
        told = f"{worst.backward:g} backward, {worst.differences:g} by differences"
        return f"the gradient by {worst.name} cannot be checked: {told}"
    many = f"{grouped(len(found.wrong))} of {grouped(len(found.rows))} gradients disagree, the worst"
    told = f"{many if len(found.wrong) > 1 else 'the gradient'} by {worst.name}"
    told += f" {'' if len(found.wrong) > 1 else 'disagrees '}by {worst.error:.2g} (tolerance {found.tolerance:g})"
    if found.suspects:
        told += f"; look at {in_words(found.suspects)}"
    return told + (f"; {worst.name} is at {_wrong(worst)}" if worst.kink else "")


def _json(found: Check) -> bytes:
    from gradviz.formats.json import as_json, listed

    rows = [
        {
            "name": row.name, "backward": listed(row.backward), "differences": listed(row.differences),
            "forward": listed(row.forward), "closed": listed(row.closed), "error": listed(row.error),
            "kink": list(row.kink) if row.kink else None, "ok": row.error <= found.tolerance,
        }
        for row in found.rows
    ]  # fmt: skip
    return as_json({"ok": found.ok, "tolerance": found.tolerance, "suspects": list(found.suspects), "rows": rows})
