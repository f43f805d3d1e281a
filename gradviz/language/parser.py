"""Program text -> Graph: statements in their order, the last one being the output.

There is no limit of depth, Python's keywords are names, and nothing of the text can be executed. The grammar stands in
docs/language.md.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gradviz.errors import ProgramError, in_words, nearest
from gradviz.gates import FUNCTIONS, Gate
from gradviz.graph import Graph
from gradviz.language.calls import Further
from gradviz.language.expressions import Expressions
from gradviz.language.statements import FOREIGN, import_end, is_definition, left_sides, parameters
from gradviz.language.tokens import AUGMENTED, ENDS, Source, Token, clean, normal
from gradviz.limits import beyond, most

__all__ = ["Further", "parse"]

_DEFINITION: Final = "a definition is written 'def f(x): return ...', with one expression"


def parse(program: str, names: Collection[str] = (), *, of: str | None = None, further: Further | None = None) -> Graph:
    """The graph of a program: one expression, or assignments (newline or `;`) of which the last is the output.

    `names` are those that will have values: `e` and `pi` are constants unless listed there or assigned. `of` makes the
    node of that name the output. `further` is asked for functions that the gate table has not. Constants are nodes of
    their own; `rewrite.fold` puts them into gates. Raises `ProgramError` with the place.
    """
    return _Program(Source(clean(program)), {normal(name) for name in names}, further).graph(of)


class _Program:
    """The statements of a program, read one after the other into one graph."""

    __slots__ = ("at", "expressions", "functions", "further", "known", "left", "source")

    def __init__(self, source: Source, known: set[str], further: Further | None) -> None:
        self.source, self.further, self.at = source, further, 0
        self.known = known  # names that have values or are assigned
        self.functions: dict[str, Gate] = {}  # those that the program defines
        self.left = left_sides(source)  # the '=' of the statements that assign, by their first token
        self.known |= {source.words[first].text for first in self.left}
        self.expressions = Expressions(self.source, self.known, self.functions, self.further)

    def graph(self, of: str | None) -> Graph:
        statements = self.statements()
        if not statements:
            raise ProgramError("the program has definitions only" if self.functions else "the program is empty")
        builder = self.expressions.builder
        if of is not None:
            return builder.build(self.named(of))
        *earlier, (_, output) = statements
        reached = set(builder.reached(output))
        left_out = dict.fromkeys(self.told(name, node) for name, node in earlier if node not in reached)
        notes = (f"left out, the output does not use it: {in_words(left_out)}",) if left_out else ()
        return builder.build(output, notes=notes)

    def told(self, name: str | None, node: int) -> str:
        """A statement in the words of the note about what is left out."""
        if name is None:
            return "a line without a name"
        return name if self.expressions.builder.bindings[name] == node else f"an earlier {name}"

    def named(self, of: str) -> int:
        bindings = self.expressions.builder.bindings
        if normal(of) not in bindings:
            raise ProgramError(f"the program has no node '{of}'{nearest(of, bindings)}")
        return bindings[normal(of)]

    # statements ------------------------------------------------------------------------------------------------------

    def statements(self) -> list[tuple[str | None, int]]:
        """The name and the node of each statement that has one."""
        found: list[tuple[str | None, int]] = []
        words = self.source.words
        while self.at < len(words):
            if words[self.at].kind in ENDS:
                self.at += 1
            elif end := import_end(self.source, self.at):
                self.at = end
            elif is_definition(self.source, self.at):
                self.definition()
            else:
                found.append(self.assignment() if self.at in self.left else (None, self.value()))
        return found

    def value(self) -> int:
        """The node of an expression that is a statement."""
        word, following = self.source.words[self.at : self.at + 2]
        if following.kind in ("name", "number"):
            if word.text in FOREIGN:
                self.source.fail(f"a '{word.text}' statement is not understood", self.source.place(self.at))
            self.at += word.text == "return"
        return self.expression()

    def expression(self) -> int:
        node = self.expressions.expression(self.at)
        self.at = self.expressions.at
        return node

    def assignment(self) -> tuple[str, int]:
        """`g = ...`, `g(x) = ...` or `g += ...`."""
        first, equals = self.at, self.left[self.at]
        self.at = equals + 1
        name, mark = self.source.words[first].text, self.source.words[equals].text
        if mark in AUGMENTED:
            self.expressions.name(first)
            operands = self.expressions.values.pop(), self.expression()
            node = self.expressions.builder.gate(AUGMENTED[mark], operands, self.source.place(equals))
        else:
            node = self.expression()
        self.expressions.builder.bind(name, node)
        return name, node

    def definition(self) -> None:
        """`def f(x, y): return x*y`, which is a gate; with dots for all that follows the colon it is only declared."""
        from gradviz.compounds import abstract, compound

        name = self.source.token(self.at + 1)
        self.check_new(name)
        self.source.expect("(", self.at + 2, _DEFINITION)
        inputs, at = parameters(self.source, self.at + 2)
        if not inputs:
            self.source.fail(f"'{name.text}' has no parameters", name.place)
        self.source.expect(":", at, _DEFINITION)
        at = self.source.after_newlines(at + 1)
        words = tuple(token.text for token in inputs)
        if self.source.words[at].text == "...":
            self.at = at + 1
            if self.source.words[self.at].kind not in ENDS:
                self.source.fail("a new statement needs a line of its own, or a ';'", self.source.place(self.at))
            self.functions[name.text] = abstract(name.text, words)
            return
        self.source.expect("return", at, _DEFINITION)
        body = Expressions(self.source, set(words), self.functions, self.further, name.text)
        for token in inputs:
            body.builder.input(token.text, token.place)
        output = body.expression(at + 1)
        self.at = body.at
        self.functions[name.text] = compound(name.text, words, body.builder.build(output))

    def check_new(self, name: Token) -> None:
        if name.text in FUNCTIONS and not any(gate.made_of for gate in FUNCTIONS[name.text]):
            self.source.fail(f"'{name.text}' is a gate already; give the definition another name", name.place)
        if name.text in self.functions:
            self.source.fail(f"'{name.text}' is defined twice", name.place)
        if len(self.functions) >= most("definitions"):
            self.source.fail(f"too many definitions: {beyond('definitions')}", name.place)
