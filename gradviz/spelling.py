"""A gate applied to operands -> a formula in lecture notation: `w·x`, `e^(−x)`; as text, and for TeX's math mode."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gradviz.gates import Gate
from gradviz.gates.row import KEEPDIMS, as_axes
from gradviz.graph import Graph
from gradviz.notation import SUBSCRIPTS, Formula, tex_name, tex_text

SUM, PRODUCT, POWER, ROOT, ATOM = 1, 3, 4, 5, 9  # how tight things bind, as in `Spelling`
_QUOTIENT: Final = 2
_SUPERSCRIPTS: Final = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALL: Final = re.compile(r"[-−]?[0-9]{1,2}")  # an exponent that is set in superscripts
_EXPONENT: Final = re.compile(r"([0-9.]+)e\+?([-−]?)0*([0-9]+)")
_FRACTION: Final = re.compile(r"([-−]?)([0-9]+)/([0-9]+)")
_WORDS: Final = {"inf": ("∞", r"\infty"), "nan": ("nan", r"\mathrm{nan}")}
_COMMANDS: Final = frozenset(("sin", "cos", "tan", "sinh", "cosh", "tanh", "cot", "sec", "csc", "log", "max", "min"))
_TALL: Final = (r"\frac", r"\begin", r"\left")
_LEVELS: Final = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (0, " ([<>≤≥≠]|==) | if "),
        (SUM, "^[-−]| [-+−] "),
        (_QUOTIENT, "[/ ]"),
        (PRODUCT, r"·|^[0-9.]+e[-+−]?[0-9]+$"),
        (POWER, "[\\^⁻⁰¹²³⁴-⁹ᵀ]"),
        (ROOT, "√"),
    )
)  # what stands outside of brackets binds as loosely


class Term(NamedTuple):
    """A formula that knows how tight it binds."""

    text: str
    tex: str
    binds: int = ATOM
    tex_binds: int = ATOM

    @property
    def formula(self) -> Formula:
        """Without that knowledge."""
        return Formula(self.text, self.tex)


def applied(graph: Graph, node: int, operands: Sequence[Formula]) -> Formula:
    r"""A gate of a graph applied to operands, one for each slot: names, numbers or formulas.

    >>> from gradviz.language.parser import parse
    >>> applied(parse("w*x"), 2, [numeral("-2"), numeral("5")])
    Formula(text='(−2)·5', tex='(-2) \\cdot 5')
    """
    gate = graph.gates[node]
    assert gate is not None, "only gates are applied"
    return spelled(gate, list(map(term, operands))).formula


def spelled(gate: Gate, operands: Sequence[Term]) -> Term:
    """A gate applied to terms."""
    spelling = gate.spelling
    if spelling is None or _untold(gate, spelling.text):
        return called(gate, operands)
    return Term(
        _filled(spelling.text, gate, _IN_TEXT, [(each.text, each.binds) for each in operands]),
        _filled(spelling.tex, gate, _IN_TEX, [(each.tex, each.tex_binds) for each in operands]),
        spelling.binds,
        spelling.tex_binds or spelling.binds,
    )


def called(gate: Gate, operands: Sequence[Term], power: str = "") -> Term:
    """A gate as a function of operands and settings: `relu(x)`, to a power `tanh²(x)`."""
    untold = [
        repr(value) if setting.required else f"{setting.name}={value!r}"
        for setting in gate.settings
        if (value := _untold(gate, "").get(setting.name)) is not None
    ]
    inside = ", ".join([*(each.text for each in operands), *untold])
    tex_inside = ", ".join([*(each.tex for each in operands), *(rf"\text{{{tex_text(each)}}}" for each in untold)])
    tex_power = f"^{{{power}}}" if power else ""
    return Term(
        f"{gate.name}{power.translate(_SUPERSCRIPTS)}({inside})",
        f"{_tex_function(gate)}{tex_power}{_tex_enclosed(tex_inside)}",
    )


def is_command(gate: Gate) -> bool:
    """Whether the gate is a function with a name known to all, of which a power is written `sin²(x)`."""
    return gate.name in _COMMANDS and gate.arity == 1


def _tex_function(gate: Gate) -> str:
    if gate.name in _COMMANDS:
        return f"\\{gate.name}"
    own = gate.body is not None or gate.is_abstract
    return tex_name(gate.name) if own else rf"\operatorname{{{tex_text(gate.name)}}}"


def _untold(gate: Gate, template: str) -> Mapping[str, Any]:
    """The settings that a template says nothing of; that axes are kept is nothing a formula tells."""
    defaults = {setting.name: setting.default for setting in gate.settings}
    told = {name for name in defaults if f"{{{name}:" in template} | {KEEPDIMS.name}
    if "{label}" in template:
        return {}
    return {name: value for name, value in gate.chosen.items() if name not in told and value != defaults[name]}


# templates -----------------------------------------------------------------------------------------------------------


class _Style(NamedTuple):
    """How text, or TeX, is enclosed, raised and lowered, and how it takes a text as it is."""

    enclosed: Callable[[str], str]
    raised: Callable[[str, int], str]
    lowered: Callable[[str], str]
    plain: Callable[[str], str]


class _Operand(NamedTuple):
    """An operand in a template; see `Spelling`."""

    text: str
    binds: int
    style: _Style

    def __format__(self, spec: str) -> str:
        if spec == "^":
            return self.style.raised(self.text, self.binds)
        enclosed = spec == "()" or self.binds < int(spec or 0)
        return self.style.enclosed(self.text) if enclosed else self.text


class _Index(NamedTuple):
    """A setting in a template."""

    value: Any
    style: _Style

    def __format__(self, _: str) -> str:
        return "" if self.value is None else self.style.lowered(",".join(map(str, as_axes(self.value))))


def _filled(template: str, gate: Gate, style: _Style, operands: Sequence[tuple[str, int]]) -> str:
    parts = [_Operand(text, binds, style) for text, binds in operands]
    settings = {setting.name: _Index(gate.chosen.get(setting.name), style) for setting in gate.settings}
    listed = ", ".join(text for text, _ in operands)
    return template.format(*parts, **settings, list=listed, label=style.plain(gate.label()))


def _raised(text: str, binds: int) -> str:
    if _SMALL.fullmatch(text):
        return text.translate(_SUPERSCRIPTS)
    return f"^{text}" if binds >= ROOT else f"^({text})"


def _tex_enclosed(tex: str) -> str:
    return rf"\left({tex}\right)" if any(mark in tex for mark in _TALL) else f"({tex})"


_IN_TEXT: Final = _Style("({})".format, _raised, lambda text: text.translate(SUBSCRIPTS).replace("-", "₋"), str)
_IN_TEX: Final = _Style(_tex_enclosed, lambda tex, _: f"^{{{tex}}}", "_{{{}}}".format, tex_text)


# formulas as operands ------------------------------------------------------------------------------------------------


def numeral(text: str) -> Formula:
    r"""A number's text.

    >>> numeral("-2"), numeral("2/3").tex, numeral("4e-05").tex, numeral("inf").tex, numeral("pi").tex
    (Formula(text='−2', tex='-2'), '\\frac{2}{3}', '4 \\cdot 10^{-5}', '\\infty', '\\pi')
    """
    shown = text.replace("-", "−")
    if (word := shown.removeprefix("−")).isalpha():
        plain, tex = _WORDS.get(word, (word, tex_name(word)))
        return Formula(shown.replace(word, plain), f"{'-' * (len(shown) - len(word))}{tex}")
    tex = _EXPONENT.sub(r"\1 \\cdot 10^{\2\3}", _FRACTION.sub(r"\1\\frac{\2}{\3}", shown))
    return Formula(shown, tex.replace("−", "-").replace("∞", r"\infty"))


def term(formula: Formula) -> Term:
    """A formula as an operand: what stands outside of its brackets says how tight it binds."""
    outside = _outside(formula.text)
    binds = next((level for level, pattern in _LEVELS if pattern.search(outside)), ATOM)
    fraction = binds == _QUOTIENT and formula.tex.startswith(r"\frac")
    return Term(*formula, binds, POWER if fraction else binds)


def enclosed(formula: Formula, at_least: int = PRODUCT) -> Formula:
    """A formula in parentheses when it binds looser than a factor, or than what else it is to be.

    >>> enclosed(Formula("−x", "-x")).text, enclosed(Formula("σ(x)·y", "")).text, enclosed(Formula("a + b", "")).text
    ('(−x)', 'σ(x)·y', '(a + b)')
    """
    text, tex, binds, tex_binds = term(formula)
    return Formula(f"{_Operand(text, binds, _IN_TEXT):{at_least}}", f"{_Operand(tex, tex_binds, _IN_TEX):{at_least}}")


def _outside(text: str) -> str:
    found, depth, bars = [], 0, False
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        bars ^= char in "|‖"
        if depth == 0 and not bars and char not in ")]}|‖":
            found.append(char)
    return "".join(found)
