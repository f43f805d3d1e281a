"""Explanation -> Markdown: headings, lists and a table; formulas are code spans, so that nothing in them is markup.

Code spans look the same on GitHub, in notebooks and in editors; `$...$` is read differently by each, and some take its
backslashes for their own. The JSON has the formulas for TeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gradviz.errors import printable
from gradviz.explanations.told import Back, Explanation, Found
from gradviz.telling.languages import Language, Said

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>&|~$#]|^[-+=:!]")
_NUMBER: Final = re.compile(r"^(\d+)([.)])")  # begins a list
_FOUND: Final = re.compile(r"://|www\.|@|\b(?:mailto|xmpp):|#\d|\bGH-\d", re.IGNORECASE)  # links that some readers find
_FENCE: Final = re.compile(r"`+")


def render(told: Explanation) -> str:
    """The explanation as CommonMark with GitHub's tables."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Explanation) -> Iterator[str]:
    word = told.language.word
    yield f"# {escaped(told.title) if told.title else word('head.chain_rule')}"
    yield from ("", *fenced(told.graph.program), "")
    if told.inputs and told.trace is not None:
        yield from (f"## {word('head.inputs')}", "", *_listed(code(each.equation.text) for each in told.inputs), "")
    if told.forward:
        yield from (f"## {word('head.forward')}", "", *_listed(code(each.equation.text) for each in told.forward), "")
    yield from (f"## {word('head.backward')}", "", sentence(told.seed), "")
    for each in told.backward:
        yield from (f"### {sentence(each.headline)}", "", *_back(each), "")
    yield from (f"## {word('head.gradients')}", "", *_table(told.found, told.language, numbers=told.trace is not None))
    if told.notes:
        yield from ("", *(f"> {escaped(note)}" for note in told.notes))


def _back(each: Back) -> Iterator[str]:
    if each.behaviour:
        yield from (sentence(each.behaviour), "")
    yield from _listed(sentence(said) for share in each.shares for said in share.said)
    yield from _listed(sentence(total.said) for total in each.sums)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    return (f"- {line}" for line in lines)


def _table(found: Sequence[Found], language: Language, *, numbers: bool) -> Iterator[str]:
    closed = any(each.closed for each in found)
    heads = ["name", *(["value"] if numbers else []), "gradient", *(["closed_form"] if closed else [])]
    yield _row(language.word(f"head.{head}") for head in heads)
    yield _row("---" for _ in heads)
    for each in found:
        gradient = f"{each.gradient.text} = {each.grad_text}" if numbers else each.gradient.text
        value = [code(each.value_text)] if numbers else []
        form = [code(each.closed.text) if each.closed else ""] if closed else []
        yield _row(cell.replace("|", "\\|") for cell in (code(each.name.text), *value, code(gradient), *form))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def sentence(said: Said) -> str:
    """A sentence whose formulas are code spans."""
    return "".join(piece if isinstance(piece, str) else code(piece.text) for piece in said.pieces())


def escaped(text: str) -> str:
    r"""Text in which nothing is markup; in code where readers of Markdown would make a link of plain text.

    >>> escaped("a*b* [x](y) <i>"), escaped("see www.a.org")
    ('a\\*b\\* \\[x\\](y) \\<i\\>', '`see www.a.org`')
    """
    shown = printable(text)
    return code(shown) if _FOUND.search(shown) else _NUMBER.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", shown))


def code(text: str) -> str:
    """A code span, whatever backticks there are in the text.

    >>> code("a*b"), code("a`b")
    ('`a*b`', '``a`b``')
    """
    shown = printable(text)
    ticks = _ticks(shown, 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(program: str) -> list[str]:
    """A block of code."""
    lines = [printable(line) for line in program.strip("\n").expandtabs(4).split("\n")]
    ticks = _ticks("\n".join(lines), 3)
    return [ticks, *lines, ticks]


def _ticks(text: str, least: int) -> str:
    return "`" * max(least, 1 + max((len(run) for run in _FENCE.findall(text)), default=0))
