"""The options of the commands, as click declares them; names of rows come from the tables, when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import click

from gradviz import __version__
from gradviz.arguments import SET, VALUES, check_names_of_gates, shown
from gradviz.choices import MODES
from gradviz.errors import OptionError, row_named
from gradviz.rounding import MOST_DIGITS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Word = click.ParamType[str]  # generic since click 8.4, for type checkers only
    Number = click.ParamType[int]
    Positive = click.ParamType[float]
else:
    Word = Number = Positive = click.ParamType

RANDOM: Final = "--random"  # instead of an expression
SETTINGS: Final[dict[str, Any]] = {"help_option_names": ["-h", "--help"]}


def _themes() -> Mapping[str, object]:
    from gradviz.themes import THEMES

    return THEMES


def _formats() -> Mapping[str, object]:
    from gradviz.formats import FORMATS

    return FORMATS


def _languages() -> Mapping[str, object]:
    from gradviz.telling.languages import LANGUAGES

    return LANGUAGES


def _layouts() -> Mapping[str, object]:
    from gradviz.layout.methods import METHODS

    return METHODS


def _engines() -> Mapping[str, object]:
    from gradviz.formats.engine import ENGINES

    return ENGINES


def _modes() -> Mapping[str, object]:
    return dict.fromkeys(MODES)


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


class Seconds(Positive):
    """How long something may take."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds; raises `OptionError` for what is not a positive number."""
        del param, ctx
        with suppress(ValueError):
            if (seconds := float(value)) > 0:
                return seconds
        raise OptionError(f"--timeout needs a positive number of seconds, not '{shown(str(value))}'")


class Dir(Word):
    """The folder that files go to."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Its name; raises `OptionError` for none."""
        del param, ctx
        if not value:
            raise OptionError("--out needs the name of a folder; . is this one")
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The folders that there are."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(incomplete, type="dir")]


class Decimals(Number):
    """A number of decimals."""

    name = "decimals"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; raises `OptionError`."""
        del param, ctx
        if not str(value).isdecimal() or len(str(value)) > 2 or int(value) > MOST_DIGITS:
            raise OptionError(f"--digits needs a whole number from 0 to {MOST_DIGITS}, not '{shown(str(value))}'")
        return int(value)


class Numbers(Word):
    """A number, a list, or the file of one."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, nested lists or array; raises `ValuesError`."""
        del ctx
        from gradviz import literals

        return literals.value(param.opts[0] if param else "the option", str(value))


class Theme(Word):
    """The name of a theme, or a theme file."""

    name = "theme"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word as it is; raises `OptionError` for one that is neither."""
        del param, ctx
        from gradviz.themes import theme_of

        theme_of(str(value))
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The themes that begin so, or files."""
        from click.shell_completion import CompletionItem

        del ctx, param
        found = [CompletionItem(name) for name in _themes() if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


class Compounds(Word):
    """Names of gates with commas between, or `all`."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The names as they are; raises `OptionError` for what is rather an expression."""
        del param, ctx
        check_names_of_gates(str(value))
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The gates that open and begin like the last name."""
        from click.shell_completion import CompletionItem

        from gradviz.gates import GATES

        del ctx, param
        front, comma, last = incomplete.rpartition(",")
        names = ("all", *(gate.name for gate in GATES.values() if gate.made_of))
        return [CompletionItem(front + comma + name) for name in names if name.startswith(last)]


def _joined(_context: click.Context, _option: click.Parameter, words: Sequence[str]) -> str | None:
    """An option that may be given several times as one list with commas."""
    return ",".join(words) or None


FORMAT: Final = click.Option(
    ["-f", "--format"], type=RowOf("format", _formats), help="The format, whatever the suffix."
)
PROGRAM: Final = [  # what is computed
    click.Option(["--seed"], type=Numbers(), metavar="VALUE", help="The upstream gradient of the output."),
    click.Option(["--jacobian"], is_flag=True, default=None, help="Gradients of every entry of the output."),
    click.Option(["--expand"], type=Compounds(), metavar="NAMES", multiple=True, callback=_joined,
                 help="Open these gates into those they are made of: sigmoid,tanh or all."),
    click.Option(["--collapse"], is_flag=True, default=None, help="Close 1/(1+exp(-x)) and the like to one gate."),
    click.Option(["--strict"], is_flag=True, default=None, help="A nan or an infinity is an error."),
    click.Option(["--fold/--no-fold"], default=None, help="Constants inside gates (*2, 1/x); unless given, they are."),
    click.Option(["--simplify"], is_flag=True, default=None, help="Let SymPy simplify the expression first."),
    click.Option(["--multiply-out"], is_flag=True, default=None, help="Let SymPy expand it first."),
    click.Option(["--factor"], is_flag=True, default=None, help="Let SymPy factor it first."),
    click.Option(["--latex"], is_flag=True, default=None, help="The expression is a formula in LaTeX."),
]  # fmt: skip
TEXTS: Final = [  # how numbers and names are written
    click.Option(["--digits"], type=Decimals(), metavar="N", help="Decimals shown; 2 unless given."),
    click.Option(["--upstream"], metavar="NAME", help="What comes after the output: gradients are ∂NAME/∂x."),
    click.Option(["--lang"], type=RowOf("language", _languages), help="Of what is said: en or ko."),
]  # fmt: skip
SHOWN: Final = [  # what is drawn, and how
    click.Option(["--show"], metavar="WORDS", help="What stands on the wires: values,grads,local,formulas,names."),
    click.Option(["--local-jacobians"], is_flag=True, default=None, help="Each gate's local Jacobian on its wires."),
    click.Option(["--frame"], is_flag=True, default=None, help="A box around the gates of an opened gate."),
    click.Option(["--theme"], type=Theme(), metavar="NAME", help="Colours and fonts: a theme, or a file of your own."),
    click.Option(["--layout"], type=RowOf("layout", _layouts),
                 help="exact draws every wire, fast is for large figures; auto unless given."),
    click.Option(["--engine"], type=RowOf("engine", _engines), help="Which Graphviz draws; dot is the one on PATH."),
]  # fmt: skip
HIDE: Final = click.Option(["--hide"], metavar="WORDS",
                           help="Leave blanks for grads, values, local, or the names of nodes.")  # fmt: skip
NUDGE: Final = click.Option(["--nudge"], metavar="NAME=CHANGE", multiple=True, callback=_joined,
                            help="What if b=+1: values before and after, and what the gradient predicted.")  # fmt: skip
MODE: Final = [
    click.Option(["--mode"], type=RowOf("mode", _modes),
                 help="reverse: gradients on the wires, unless given; forward: tangents."),
    click.Option(["--wrt"], metavar="NAME", help="Of forward mode: the input that it is by: x1, W[0,1]."),
]  # fmt: skip
VIEWS: Final = [  # what of a large circuit is drawn
    click.Option(["--focus"], metavar="NAMES", help="Only what is around these names: h3,loss."),
    click.Option(["--radius"], type=click.IntRange(0), metavar="N", help="Within N wires of them; 2 unless given."),
    click.Option(["--top-gradients"], type=click.IntRange(1), metavar="N",
                 help="Only the N largest gradients and what is around."),
    click.Option(["--closed"], is_flag=True, default=None, help="One gate for all that only a named node uses."),
    click.Option(["--open"], metavar="NAMES", help="Names that stay open where a large drawing closes them, or all."),
]  # fmt: skip
LOOK: Final = [*PROGRAM, *TEXTS, *SHOWN, HIDE, NUDGE, *MODE, *VIEWS]
OUTPUT: Final = click.Option(["-o", "--output"], type=click.Path(allow_dash=True), metavar="FILE",
                             help="The file; its suffix picks the format. - is standard output.")  # fmt: skip
OF: Final = [
    click.Option([SET], metavar="NAME=VALUE", multiple=True, expose_value=False,
                 help="A value for a name that is also an option."),
    click.Option([VALUES], metavar="FILE.json", expose_value=False,
                 help="Values by name, as descend saves them; those given here win."),
    click.Option(["--of"], metavar="NAME", help="Draw up to this node instead of the output."),
]  # fmt: skip
TITLE: Final = click.Option(["--title"], metavar="TEXT", help="Above the figure.")
STEPS: Final = [
    click.Option(["--steps"], is_flag=True, default=None,
                 help="Step by step: an .svg, .gif or .webp that plays, .pdf pages, or a folder/."),
    click.Option(["--seconds"], type=float, metavar="S", help="Of each step that plays; 2 unless given."),
    click.Option(["--fragments"], is_flag=True, default=None, help="Steps for reveal.js: an SVG of fragments."),
]  # fmt: skip
FIGURE: Final = [OUTPUT, FORMAT, *OF, TITLE, *LOOK, *STEPS]
VERSION: Final = click.version_option(__version__, message="%(prog)s %(version)s")


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, by their long names; raises `OptionError` for two that exclude each other."""
    from gradviz.choices import check_rivals

    chosen = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
    check_rivals(chosen, "--")
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
