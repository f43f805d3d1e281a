"""The command `grad`: the derivative of a program as a program, its figure, and the matrix of second derivatives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any, Final, NamedTuple

import click

from gradviz import literals, offers, terminal
from gradviz.arguments import Words
from gradviz.commands import cli, draw_into, known_options
from gradviz.errors import OptionError
from gradviz.options import FORMAT, LOOK, OF, OUTPUT, SETTINGS, TITLE, given
from gradviz.rounding import digits_for, short

_OTHERS: Final = ("--seed", "--jacobian", "--mode", "--wrt")  # a derivative is that of a number, by names of its own
_LOOK: Final = [option for option in LOOK if not {*_OTHERS} & {*option.opts}]
_SHOWN: Final = "values,names"  # what flows back in a gradient program is the next derivative: --show values,grads


@cli.command("grad", params=[
    click.Argument(["expression"], required=False, default=""), OUTPUT, FORMAT,
    click.Option(["--wrt"], metavar="NAMES", help="Derivatives by these names: w,b. Unless given by every input."),
    click.Option(["--order"], type=int, metavar="N", help="2 for the second derivative by one name."),
    click.Option(["--hessian"], is_flag=True, default=None,
                 help="The matrix of second derivatives at the values instead; -f json for programs."),
    *OF, TITLE, *_LOOK,
], context_settings=SETTINGS)  # fmt: skip
@click.pass_obj
def grad(words: Words, /, expression: str, output: str | None, format: str | None, **options: Any) -> None:
    """Give the derivative as a program, a line a step, or with -o or -f as a figure."""
    from gradviz import api
    from gradviz.choices import keywords
    from gradviz.gradient.programs import needed_by, ones

    wrt, order, hessian = (options.pop(name) for name in ("wrt", "order", "hessian"))
    settings = keywords(given(options))
    known = known_options(grad)
    values = literals.all_values(words, known)
    graph = api.parse(expression, values, **{name: settings.pop(name) for name in api.OF_PARSE if name in settings})
    offers.check_names(values, graph, known)
    names = list(graph.input_names) if wrt is None else _names(wrt)
    if hessian:
        if order is not None:
            raise OptionError("--order and --hessian exclude each other")
        _write_matrix(_Matrix(graph.program, values, api.hessian(graph, values, names)), output, format, settings)
        return
    found = api.grad(graph, names, values=values or None, order=1 if order is None else order)
    if output is None and format is None:
        terminal.write(f"{found.program}\n".encode())
        return
    needed = needed_by(found, values)
    seed = ones(found, needed)
    draw_into(partial(api.draw, found, needed, **{"show": _SHOWN, "seed": seed, **settings}), output, format)


def _names(text: str) -> list[str]:
    """The names after --wrt; raises `OptionError` for none."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise OptionError("--wrt needs a name of the program, or several with commas: w,b")
    return names


# the matrix of second derivatives ------------------------------------------------------------------------------------


class _Matrix(NamedTuple):
    """The second derivatives of a program at values."""

    program: str
    values: Mapping[str, Any]
    found: Mapping[str, Mapping[str, Any]]

    @property
    def entries(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """Each number of the inputs as it is written, `w` or `W[0, 1]`, with its name and its index."""
        return [
            (f"{name}[{', '.join(map(str, at))}]" if at else name, name, at)
            for name in self.found
            for at in product(*map(range, _shape(self.values[name])))
        ]

    def rows(self, write: Callable[[float], str]) -> Iterator[tuple[str, ...]]:
        """A line for each entry: its name, then the derivatives by it and by each."""
        for told, by, at in self.entries:
            row = (self.found[by][name] for _, name, _ in self.entries)
            places = (at + other for _, _, other in self.entries)
            numbers = (x[place] if place else x for x, place in zip(row, places, strict=True))
            yield (told, *(write(float(x)) for x in numbers))


def _shape(value: Any) -> tuple[int, ...]:
    return (
        getattr(value, "shape", ()) if not isinstance(value, list) else (len(value), *_shape(value[0] if value else 0))
    )


def _write_matrix(matrix: _Matrix, output: str | None, format: str | None, settings: Mapping[str, Any]) -> None:
    """A table on a terminal, tabs in a pipe, or JSON; raises `OptionError` for a format that it has not."""
    if format != "json" and (format or output not in (None, "-")):
        raise OptionError("second derivatives have no figure: they are a table, or with -f json for programs")
    if format != "json":
        digits = settings.get("digits", 2 if terminal.is_terminal(sys.stdout) else None)
        names = [told for told, _, _ in matrix.entries]
        heads = [("", *names)] if not terminal.is_terminal(sys.stdout) else []
        terminal.show_rows(("", *names), [*heads, *matrix.rows(_written(matrix, digits))])
        return
    from gradviz.formats.json import as_json, listed

    found = {by: {name: listed(x) for name, x in row.items()} for by, row in matrix.found.items()}
    data = as_json({"program": matrix.program, "wrt": [*found], "hessian": found})
    if output in (None, "-"):
        terminal.write(data)
    else:
        terminal.save(str(output), data)


def _written(matrix: _Matrix, digits: int | None) -> Callable[[float], str]:
    """How a number is written: as on a slide, or in full."""
    if digits is None:
        return repr
    numbers = [x for row in matrix.found.values() for x in row.values()]
    return partial(short, digits=digits_for(numbers, digits))
