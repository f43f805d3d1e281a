"""LaTeX -> items: what pylatexenc finds in a text, flattened, each thing with its place."""

# pylatexenc has no types:
# mypy: allow-untyped-calls

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import Any, Final, NamedTuple, NoReturn

from gradviz.errors import OptionError, ProgramError, printable
from gradviz.latex.tables import ARGUMENTS, ENCLOSING, NEW_LINE, SIZES, SPACES
from gradviz.limits import beyond, most

Place = tuple[int, int]

MOST_LEVELS: Final = 40  # pylatexenc and `Expressions` recurse; lectures nest some five deep
_LEVELS: Final = re.compile(r"(?P<open>\\begin\b|\\[(\[]|[{\[])|(?P<close>\\end\b|\\[)\]]|[}\]])|\\.", re.DOTALL)
_ROW_SPACE: Final = re.compile(r"\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in|mu)\s*\]")
_COMMENTS: Final = re.compile(r"\\.|%[^\S\n]*(?P<dropped>[^\n]*)", re.DOTALL)
_DROPPED: Final = r"'%' begins a comment in LaTeX; leave it out, or give it a line of its own"
_DELIMITERS: Final = frozenset((*ENCLOSING, *ENCLOSING.values()))
_MISSING: Final = "reading LaTeX needs pylatexenc; it comes with gradviz's extra 'latex', or by pip install pylatexenc"


class Item(NamedTuple):
    r"""A piece of a formula: `kind` is letter, digit, mark, macro, group, environment or math.

    `text` is what is written, of an environment its beginning; `parts` are the arguments of a macro (None for one that
    is missing) or the contents of the others; `side` is what \left, \bigl and the like say of a bracket.
    """

    kind: str
    text: str
    place: Place
    parts: tuple[Items | None, ...] = ()
    side: str = ""


Items = tuple[Item, ...]


def items(latex: str) -> Items:
    """The items of a text; raises `ProgramError` with the place, `OptionError` where pylatexenc is missing."""
    check(latex)
    try:
        from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError
    except ImportError:
        raise OptionError(_MISSING) from None
    walker = LatexWalker(latex, latex_context=_macros(), tolerant_parsing=False)
    try:
        nodes, start, length = walker.get_latex_nodes()
    except LatexWalkerParseError as error:
        refuse(latex, error)
    if start + length < len(latex):
        raise ProgramError("nothing follows this '\\'", latex, (len(latex) - 1, len(latex)))
    return _Flattened(latex).sequence(nodes)


def check(latex: str) -> None:
    """Raise `ProgramError` for what is too long or too deep for pylatexenc."""
    if len(latex) > most("latex"):
        raise ProgramError(f"a long formula: {beyond('latex', len(latex))}")
    for match in _COMMENTS.finditer(latex):
        line = latex.rfind("\n", 0, match.start()) + 1
        if match["dropped"] and latex[line : match.start()].strip():
            raise ProgramError(_DROPPED, latex, match.span())
    level = 0
    for match in _LEVELS.finditer(latex):
        level = max(0, level + (match["open"] is not None) - (match["close"] is not None))
        if level > MOST_LEVELS:
            too_deep(latex, match.span())


def too_deep(latex: str, place: Place) -> NoReturn:
    """Raise the `ProgramError` of what is nested too deep."""
    raise ProgramError(f"nested more than {MOST_LEVELS} deep; give parts of the formula names", latex, place)


@cache
def _macros() -> Any:
    """What pylatexenc is told: the macros with arguments that are understood, and no other."""
    from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec

    table = LatexContextDb()
    table.add_context_category("gradviz", macros=[MacroSpec(name[1:], args) for name, args in ARGUMENTS.items()])
    table.set_unknown_macro_spec(MacroSpec(""))
    table.set_unknown_environment_spec(EnvironmentSpec(""))
    return table


def refuse(latex: str, error: Any) -> NoReturn:
    """Raise pylatexenc's complaint as a `ProgramError`, at what was opened where something is not closed."""
    problem, start = error.msg, error.pos
    if error.open_contexts and "nd of " in problem:
        what, start, *_ = error.open_contexts[0]
        macro = re.search(r'macro "(.*)"', what)
        problem = f"an argument of '\\{macro[1]}' is missing or never closed" if macro else "this is never closed"
    length = match.end() if (match := re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL).match(latex[start:])) else 1
    raise ProgramError(printable(problem[:1].lower() + problem[1:]), latex, (start, start + length))


class _Flattened:
    """The nodes of pylatexenc, one method for each kind of node."""

    __slots__ = ("latex",)

    def __init__(self, latex: str) -> None:
        self.latex = latex

    def sequence(self, nodes: Any) -> Items:
        found: list[Item] = []
        skipped = 0  # up to here an argument such as [2pt] of \\ was read
        for node in nodes:
            for item in getattr(self, _READERS[type(node).__name__])(node):
                if item.place[0] >= skipped:
                    found.append(item)
                    space = item.text == NEW_LINE and _ROW_SPACE.match(self.latex, item.place[1])
                    skipped = space.end() if space else skipped
        return tuple(self.sized(found))

    def sized(self, found: list[Item]) -> Iterator[Item]:
        r"""The items, with each \left and the like put into the bracket after it."""
        following = iter(found)
        for item in following:
            if item.text not in SIZES or item.kind != "macro":
                yield item
                continue
            bracket = next(following, item)
            place = (item.place[0], bracket.place[1])
            if bracket.text not in _DELIMITERS:
                raise ProgramError(f"no bracket that is understood follows '{item.text}'", self.latex, place)
            yield bracket._replace(place=place, side=SIZES[item.text])

    def characters(self, node: Any) -> Iterator[Item]:
        for start, text in enumerate(node.chars, node.pos):
            if not text.isspace() and text != "~":
                yield Item(_kind(text), text, (start, start + 1))

    def macro(self, node: Any) -> Iterator[Item]:
        name = f"\\{node.macroname}"
        place = (node.pos, node.pos + len(name))
        wanted = ARGUMENTS.get(name, "")
        given = node.nodeargd.argnlist if wanted and node.nodeargd else []
        if any(kind == "{" and not argument for kind, argument in zip_longest(wanted, given)):
            raise ProgramError(f"'{printable(name)}' needs braces around what it stands before", self.latex, place)
        if name in SPACES:
            if wanted and type(given[0]).__name__ != "LatexGroupNode":
                raise ProgramError(f"'{printable(name)}' needs braces around its argument", self.latex, place)
            return
        arguments = [self.argument(a) for a, kind in zip(given, wanted, strict=True) if kind != "*"]
        yield Item("macro", name, place if not wanted else (node.pos, node.pos + node.len), tuple(arguments))

    def argument(self, node: Any) -> Items | None:
        if node is None:
            return None
        return self.sequence(node.nodelist if type(node).__name__ == "LatexGroupNode" else [node])

    def group(self, node: Any) -> Iterator[Item]:
        yield Item("group", "{", (node.pos, node.pos + node.len), (self.sequence(node.nodelist),))

    def environment(self, node: Any) -> Iterator[Item]:
        text = f"\\begin{{{node.environmentname}}}"
        yield Item("environment", text, (node.pos, node.pos + len(text)), (self.sequence(node.nodelist),))

    def math(self, node: Any) -> Iterator[Item]:
        yield Item("math", node.delimiters[0], (node.pos, node.pos + node.len), (self.sequence(node.nodelist),))

    def nothing(self, _node: Any) -> Iterator[Item]:
        yield from ()


_READERS: Final = {
    "LatexCharsNode": "characters", "LatexMacroNode": "macro", "LatexGroupNode": "group",
    "LatexEnvironmentNode": "environment", "LatexMathNode": "math", "LatexCommentNode": "nothing",
}  # fmt: skip


def _kind(character: str) -> str:
    if character.isascii() and character.isdigit():
        return "digit"
    return "letter" if character.isalpha() and character.isidentifier() else "mark"
