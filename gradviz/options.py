"""The options of the commands, as click declares them; names of rows come from the tables, when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from gradviz import __version__
from gradviz.arguments import SET, shown
from gradviz.errors import OptionError, in_words, row_named
from gradviz.rounding import MOST_DIGITS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Word = click.ParamType[str]  # generic since click 8.4, for type checkers only
    Number = click.ParamType[int]
else:
    Word = Number = click.ParamType

SETTINGS: Final[dict[str, Any]] = {"help_option_names": ["-h", "--help"]}
TRANSFORMS: Final = ("simplify", "expand", "factor")


def _themes() -> Mapping[str, object]:
    from gradviz.themes import THEMES

    return THEMES


def _formats() -> Mapping[str, object]:
    from gradviz.formats import FORMATS

    return FORMATS


def _engines() -> Mapping[str, object]:
    from gradviz.formats.engine import ENGINES

    return ENGINES


class RowOf(Word):
    """The name of a row of a table, which is imported only when it is needed."""

    def __init__(self, name: str, table: Callable[[], Mapping[str, object]]) -> None:
        """`name` is what a row is."""
        self.name, self.table = name, table

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; raises `OptionError` with the nearest one."""
        del param, ctx
        row_named(self.name, shown(value), self.table())
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The rows that begin so."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(name) for name in self.table() if name.startswith(incomplete)]


class Decimals(Number):
    """A number of decimals."""

    name = "decimals"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; raises `OptionError`."""
        del param, ctx
        if not str(value).isdecimal() or len(str(value)) > 2 or int(value) > MOST_DIGITS:
            raise OptionError(f"--digits needs a whole number from 0 to {MOST_DIGITS}, not '{shown(str(value))}'")
        return int(value)


FORMAT: Final = click.Option(
    ["-f", "--format"], type=RowOf("format", _formats), help="The format, whatever the suffix."
)
LOOK: Final = [
    click.Option(["--theme"], type=RowOf("theme", _themes), help="Colours and fonts."),
    click.Option(["--digits"], type=Decimals(), metavar="N", help="Decimals shown; 2 unless given."),
    click.Option(["--engine"], type=RowOf("engine", _engines), help="Which Graphviz draws; dot is the one on PATH."),
    click.Option(["--strict"], is_flag=True, default=None, help="A nan or an infinity is an error."),
    click.Option(["--fold/--no-fold"], default=None, help="Constants inside gates (*2, 1/x); unless given, they are."),
    click.Option(["--simplify"], is_flag=True, default=None, help="Let SymPy simplify the expression first."),
    click.Option(["--expand"], is_flag=True, default=None, help="Let SymPy expand it first."),
    click.Option(["--factor"], is_flag=True, default=None, help="Let SymPy factor it first."),
]  # fmt: skip
FIGURE: Final = [
    click.Option(["-o", "--output"], type=click.Path(allow_dash=True), metavar="FILE",
                 help="The file; its suffix picks the format. - is standard output."),
    FORMAT,
    click.Option([SET], metavar="NAME=VALUE", multiple=True, expose_value=False,
                 help="A value for a name that is also an option."),
    click.Option(["--of"], metavar="NAME", help="Draw up to this node instead of the output."),
    click.Option(["--title"], metavar="TEXT", help="Above the figure."),
    *LOOK,
]  # fmt: skip
VERSION: Final = click.version_option(__version__, message="%(prog)s %(version)s")


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given; raises `OptionError` for two that exclude each other."""
    chosen = {name: value for name, value in options.items() if value is not None}
    if len(several := [f"--{name}" for name in TRANSFORMS if chosen.get(name)]) > 1:
        raise OptionError(f"{in_words(several)} exclude each other")
    return chosen


def spellings(command: click.Command) -> dict[str, bool]:
    """Each spelling of a command's options, and whether it takes a value."""
    params = command.get_params(click.Context(command, **SETTINGS))
    options = [param for param in params if isinstance(param, click.Option)]
    return {spelling: not option.is_flag for option in options for spelling in (*option.opts, *option.secondary_opts)}


def eager(command: click.Command) -> list[str]:
    """The spellings of the options that print something instead of running the command."""
    params = command.get_params(click.Context(command, **SETTINGS))
    return [spelling for param in params if param.is_eager for spelling in param.opts]
