"""What nodes and derivatives are called in formulas: `g`, `∂f/∂g`; as text and for TeX's math mode."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, product
from typing import Final, NamedTuple

from gradviz.errors import OptionError, printable
from gradviz.graph import Graph, Wire

OUTPUTS: Final = ("f", "L", "y", "out")  # names of an output that has none, the first that is free
UPSTREAM: Final = ("L", "C", "J")  # what comes after the output
GATES: Final = ("g", "h", "u", "v")  # of other gates, with a number where there are several
SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PLAIN: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ENTRY: Final = re.compile(r"(.+)\[([0-9,]+)\]")
_NUMBERED: Final = re.compile(r"(.*?)_?([0-9₀-₉]+)(′*)")
_LETTERS: Final = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ∂"
_WORDS: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "partial",
)  # fmt: skip
_GREEK: Final = dict(zip(_LETTERS, _WORDS, strict=True))


class Formula(NamedTuple):
    """A formula on one line, and for TeX's math mode."""

    text: str
    tex: str


class Derivative(NamedTuple):
    """The name of a derivative as a fraction."""

    over: Formula  # ∂f
    under: Formula  # ∂g

    @property
    def text(self) -> str:
        """On one line."""
        return f"{self.over.text}/{self.under.text}" if self.under.text else self.over.text

    @property
    def tex(self) -> str:
        """For TeX's math mode."""
        return rf"\frac{{{self.over.tex}}}{{{self.under.tex}}}" if self.under.tex else self.over.tex


class Names(NamedTuple):
    """What the nodes of a graph are called, by index, and what the gradients are derivatives of."""

    nodes: tuple[str, ...]
    top: str
    wrt: str = ""  # the input of forward mode

    def gradient(self, node: int) -> Derivative:
        """∂f/∂g: the derivative of the output, or of what comes after it, by a node; forward ∂g/∂x."""
        return derivative(self.nodes[node], self.wrt) if self.wrt else derivative(self.top, self.nodes[node])

    def local(self, graph: Graph, wire: Wire) -> Derivative:
        """∂g/∂w: the derivative of a gate by one of its inputs.

        ∂₁g, ∂₂g where that could be taken for more: where a gate takes the same node several times, and where the
        output takes what reaches it by other ways too, so that ∂f/∂w is not this alone.
        """
        target = self.nodes[wire.target]
        uses = graph.uses[wire.source]
        alone = uses == 1 or (target != self.top and graph.operands[wire.target].count(wire.source) == 1)
        if alone:
            return derivative(target, self.nodes[wire.source])
        number = f"{wire.slot + 1}"
        text = Formula(f"∂{number.translate(SUBSCRIPTS)}{target}", rf"\partial_{{{number}}} {tex_name(target)}")
        return Derivative(text, Formula("", ""))


def derivative(of: str, by: str) -> Derivative:
    r"""The derivative of one name by another.

    >>> derivative("f", "g1").text, derivative("f", "g1").tex
    ('∂f/∂g1', '\\frac{\\partial f}{\\partial g_{1}}')
    """
    over, under = (Formula(f"∂{name}", rf"\partial {tex_name(name)}") for name in (of, by))
    return Derivative(over, under)


def names(graph: Graph, upstream: str | None = None, *, seeded: bool = False) -> Names:
    """A name for every node: the program's, the number of a constant, or one of our own.

    The output is f unless it has a name, one other gate without a name is g, several are g₁, g₂, … in order of
    evaluation. A name that the program assigns again has a prime: x′. `upstream` names what comes after the output;
    where a seed says that something does (`seeded`), it is L unless given. Raises `OptionError` for an `upstream` that
    is no name, or one of the graph already.
    """
    given = [name for name in graph.names if name]
    if upstream is not None and not upstream.isidentifier():
        raise OptionError(f"--upstream needs a name such as L, not '{printable(upstream)}'")
    if upstream in given:
        raise OptionError(f"'{printable(upstream)}' is a name of the program; --upstream needs another one")
    functions = [gate.name for gate in graph.gates if gate and (gate.body is not None or gate.is_abstract)]
    taken = {*given, *functions, *([upstream] if upstream else [])}
    found: list[str | None] = list(_primed(graph))
    if found[graph.output] is None:
        found[graph.output] = _free(OUTPUTS, taken)
    taken.add(str(found[graph.output]))
    if seeded and upstream is None:
        upstream = _free(UPSTREAM, taken)
        taken.add(upstream)
    unnamed = [node for node, name in enumerate(found) if name is None]
    for node, name in zip(unnamed, _numbered(len(unnamed), taken), strict=True):
        found[node] = name
    nodes = tuple(map(str, found))
    return Names(nodes, upstream or nodes[graph.output])


def _primed(graph: Graph) -> list[str | None]:
    """The names that the program gives; constants by their number."""
    seen: Counter[str] = Counter()
    found: list[str | None] = []
    for node, name in enumerate(graph.names):
        if name is None:
            found.append(graph.label(node) if node in graph.constants else None)
        else:
            found.append(name + "′" * seen[name])
            seen[name] += 1
    return found


def _free(wanted: Sequence[str], taken: set[str]) -> str:
    more = (f"{wanted[0]}{'′' * count}" for count in range(1, len(taken) + 2))
    return next(name for name in chain(wanted, more) if name not in taken)


def _numbered(count: int, taken: set[str]) -> list[str]:
    """Names of gates that have none."""
    if count == 1:
        return [_free(GATES, taken)]
    numbers = [str(number).translate(SUBSCRIPTS) for number in range(1, count + 1)]
    plain = {name.translate(_PLAIN).replace("_", "") for name in taken}
    for primes, letter in product(range(len(taken) + 1), GATES):
        made = [f"{letter}{number}{'′' * primes}" for number in numbers]
        if plain.isdisjoint(name.translate(_PLAIN) for name in made):
            break
    return made


def tex_name(name: str) -> str:
    r"""A name in TeX's math mode: one letter in italics, its number as an index, several letters as a word.

    >>> tex_name("w0"), tex_name("g₁₂"), tex_name("σ"), tex_name("loss"), tex_name("a_b"), tex_name("x′")
    ('w_{0}', 'g_{12}', '\\sigma', '\\mathit{loss}', '\\mathit{a\\_b}', "x'")
    >>> tex_name("W[0,1]")  # an entry of an array
    'W_{0,1}'
    """
    if entry := _ENTRY.fullmatch(name):
        stem = tex_name(entry[1])
        return f"{{{stem}}}_{{{entry[2]}}}" if "_" in stem else f"{stem}_{{{entry[2]}}}"
    bare = name.rstrip("′")
    primes = "'" * (len(name) - len(bare))
    if found := _NUMBERED.fullmatch(bare):
        stem, number = found[1], found[2].translate(_PLAIN)
        if stem:
            return f"{_tex_word(stem)}_{{{number}}}{primes}"
    return _tex_word(bare) + primes


def _tex_word(word: str) -> str:
    if word in _GREEK:
        return f"\\{_GREEK[word]}"
    if word in _GREEK.values():
        return f"\\{word}"
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word
    if all(char.isascii() and (char.isalnum() or char == "_") for char in word):
        return rf"\mathit{{{word.replace('_', chr(92) + '_')}}}"
    return rf"\text{{{tex_text(word)}}}"


def tex_text(text: str) -> str:
    r"""Text for TeX outside math mode: nothing in it is a command.

    >>> tex_text("50% of $x_1$ & \\input{a}")
    '50\\% of \\$x\\_1\\$ \\& \\textbackslash{}input\\{a\\}'
    """
    return "".join(_SPECIAL.get(char, char) for char in printable(text))


_SPECIAL: Final = {
    **{char: f"\\{char}" for char in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "−": "$-$",
    "∞": r"$\infty$",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "≈": r"$\approx$",
}
