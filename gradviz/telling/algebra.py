"""Formulas put together: equations, products, numbers among others; as text and for TeX."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gradviz.notation import Formula
from gradviz.rounding import drawn

LISTED: Final = 8  # equations in a row, of inputs or gradients
_NUMBER: Final = re.compile(r"[−-]?[0-9]+(?:\.[0-9]*)?")
_EXPONENT: Final = re.compile(r"([0-9.]+)e\+?([−-]?)0*([0-9]+)")
_WORDS: Final = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,})*")
_TEX: Final = {
    "−": "-", "∞": r"\infty", "…": r"\ldots", "×": r"\times", "·": r"\cdot", "⊙": r"\odot", "≈": r"\approx",
    "Σ": r"\sum", "→": r"\to", "ᵀ": "^{T}",
}  # fmt: skip


def is_number(formula: Formula) -> bool:
    """Whether a formula is a number and no more.

    >>> is_number(Formula("−0.5", "-0.5")), is_number(Formula("−x", "-x"))
    (True, False)
    """
    return _NUMBER.fullmatch(formula.text) is not None


def joined(between: str, parts: Sequence[Formula]) -> Formula:
    """Formulas with an operator or a comma between them."""
    return Formula(between.join(part.text for part in parts), _marked(between, _TEX).join(part.tex for part in parts))


def equation(*sides: Formula | None) -> Formula:
    """What is equal; a side that says the same as the one before it is left out."""
    told = [side for side in sides if side is not None]
    kept = [side for k, side in enumerate(told) if k == 0 or side.text != told[k - 1].text]
    return joined(" = ", kept)


def array(text: str) -> Formula:
    r"""The text of an array on one line, or of its shape and first numbers.

    >>> array("[-0.5, 2]").tex, array("3×2 [0.1, 4e-05, …]").tex
    ('[-0.5, 2]', '3\\times2 [0.1, 4 \\cdot 10^{-5}, \\ldots]')
    """
    shown = drawn(text)
    words = _EXPONENT.sub(r"\1 · 10^{\2\3}", _WORDS.sub(r"\\text{\g<0>}", shown))
    return Formula(shown, _marked(words, _TEX))


def _marked(text: str, commands: Mapping[str, str]) -> str:
    for mark, command in commands.items():
        text = text.replace(mark, command)
    return text


def filled(template: str, parts: Sequence[Formula], **named: Formula) -> Formula:
    r"""A template of a row: `{0}ᵀ · {u}`, with formulas in its braces.

    >>> filled("{u} · {0}ᵀ", [Formula("x", "x")], u=Formula("2", "2"))
    Formula(text='2 · xᵀ', tex='2 \\cdot x^{T}')
    """
    texts, texs = ({key: getattr(part, kind) for key, part in named.items()} for kind in Formula._fields)
    text = template.format(*(part.text for part in parts), **texts)
    return Formula(text, _tex_template(template).format(*(part.tex for part in parts), **texs))


def _tex_template(template: str) -> str:
    """A template for TeX's math mode; what stands in braces is a placeholder."""
    words = re.sub(r"[a-z]{2,}", r"\\mathrm{{\g<0>}}", template)
    return _marked(words, {mark: command.replace("{", "{{").replace("}", "}}") for mark, command in _TEX.items()})


def listed(found: Sequence[Formula]) -> Formula:
    """Formulas in a row; of many the first."""
    more = [array("…")] if len(found) > LISTED else []
    return joined(", ", [*found[:LISTED], *more])
