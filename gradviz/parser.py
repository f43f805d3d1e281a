"""Program text -> Graph: an iterative operator-precedence parser.

There is no limit of depth, Python's keywords are names, and nothing of the text can be executed. The grammar stands in
docs/language.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import isinf
from typing import Final, NamedTuple, NoReturn

from gradviz.errors import ProgramError, in_words, nearest
from gradviz.gates import CONSTANTS, FUNCTIONS, GATES, INFIX, PREFIX, Gate
from gradviz.graph import Constant, Graph, GraphBuilder
from gradviz.tokens import Token, clean, normal, tokens

Place = tuple[int, int]

_SHOWN: Final = {"pi": "π"}  # constants whose name is shown otherwise than it is written
_UNARY_PLUS: Final = "+"


class Further(NamedTuple):
    """Functions that the gate table has not: their names, and the gate of one with a number of inputs, if any."""

    names: Callable[[], Collection[str]]
    gate: Callable[[str, int], Gate | None]


def parse(program: str, names: Collection[str] = (), *, of: str | None = None, further: Further | None = None) -> Graph:
    """The graph of a program: one expression, or assignments (newline or `;`) of which the last is the output.

    `names` are those that will have values: `e` and `pi` are constants unless listed there or assigned. `of` makes the
    node of that name the output. `further` is asked for functions that the gate table has not. Constants are nodes of
    their own; `rewrite.fold` puts them into gates. Raises `ProgramError` with the place.
    """
    text = clean(program)
    return _Parser(text, list(tokens(text)), {normal(name) for name in names}, further).graph(of)


class _Operator(NamedTuple):
    """An operator on the stack that waits for its last operand."""

    gate: Gate
    place: Place


class _Open(NamedTuple):
    """An open parenthesis on the stack; of a call when `call` is its name, whose first argument is `values[base]`."""

    call: str
    place: Place
    base: int


@dataclass(slots=True)
class _Parser:
    """One pass over the tokens with the two stacks of the shunting-yard algorithm (Dijkstra, 1961)."""

    text: str
    tokens: list[Token]
    known: set[str]  # names that have values or are assigned
    further: Further | None
    at: int = 0
    values: list[int] = field(default_factory=list)
    stack: list[_Operator | _Open] = field(default_factory=list)
    depth: int = 0  # open parentheses on the stack
    builder: GraphBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.builder = GraphBuilder(self.text)
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        self.known |= {name.text for name, mark in pairs if name.kind == "name" and mark.text == "="}

    def fail(self, problem: str, place: Place) -> NoReturn:
        raise ProgramError(problem, self.text, place)

    # statements ------------------------------------------------------------------------------------------------------

    def graph(self, of: str | None) -> Graph:
        statements: list[tuple[str | None, int]] = []
        while self.at < len(self.tokens):
            if self.tokens[self.at].kind in _ENDS:
                self.at += 1
            else:
                statements.append(self.statement())
        if not statements:
            raise ProgramError("the program is empty")
        if of is not None:
            return self.builder.build(self.named(of))
        *earlier, (_, output) = statements
        reached = set(self.builder.reached(output))
        left_out = dict.fromkeys(self.told(name, node) for name, node in earlier if node not in reached)
        notes = (f"left out, the output does not use it: {in_words(left_out)}",) if left_out else ()
        return self.builder.build(output, notes=notes)

    def told(self, name: str | None, node: int) -> str:
        """A statement in the words of the note about what is left out."""
        if name is None:
            return "a line without a name"
        return name if self.builder.bindings[name] == node else f"an earlier {name}"

    def named(self, of: str) -> int:
        bindings = self.builder.bindings
        if normal(of) not in bindings:
            raise ProgramError(f"the program has no node '{of}'{nearest(of, bindings)}")
        return bindings[normal(of)]

    def statement(self) -> tuple[str | None, int]:
        token, following = self.tokens[self.at : self.at + 2]
        if token.kind != "name" or following.text != "=":
            return None, self.expression()
        self.at += 2
        node = self.expression()
        self.builder.bind(self.plain_name(token), node)
        return token.text, node

    # expressions -----------------------------------------------------------------------------------------------------

    def expression(self) -> int:
        """The node of one expression; stops after the end of its statement."""
        wants_operand = True
        while True:
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "newline" and self.depth:
                continue
            if wants_operand:
                wants_operand = self.operand(token)
            elif token.kind in _ENDS:
                return self.finish()
            else:
                wants_operand = self.after_operand(token)

    def finish(self) -> int:
        self.reduce(0)
        if self.stack:
            self.fail("this '(' is never closed", self.stack[-1].place)
        return self.values.pop()

    def operand(self, token: Token) -> bool:
        """Where an operand may begin; returns whether one is still wanted."""
        if token.kind == "number":
            self.values.append(self.number(token))
        elif token.kind == "name" and self.tokens[self.at].text == "(":
            self.open_call(token)
            return True
        elif token.kind == "name":
            self.name(token)
        elif token.text == "(":
            self.open("", token.place)
            return True
        elif token.text in PREFIX:
            self.stack.append(_Operator(PREFIX[token.text], token.place))
            return True
        elif token.text == _UNARY_PLUS:
            return True
        else:
            self.no_operand(token)
        return False

    def after_operand(self, token: Token) -> bool:
        """Where an operator, a comma or a closing parenthesis may stand; returns whether an operand is wanted next."""
        if token.text in INFIX:
            self.infix(INFIX[token.text], token.place)
            return True
        if token.kind == "superscript":
            self.reduce(GATES["pow"].binds + 1)
            self.apply(GATES["pow"], (self.values.pop(), self.number(token)), token.place)
        elif token.text == ")":
            self.close(token)
        elif token.text == ",":
            self.reduce(0)
            if not self.stack or not self.innermost().call:
                self.fail("a ',' outside the parentheses of a function", token.place)
            return True
        else:
            self.two_operands(token)
        return False

    def infix(self, gate: Gate, place: Place) -> None:
        self.reduce(gate.binds + gate.right)
        self.stack.append(_Operator(gate, place))

    def reduce(self, binds: int) -> None:
        """Apply the waiting operators that bind at least as tight as `binds`, down to the last open parenthesis."""
        while self.stack and isinstance(top := self.stack[-1], _Operator) and top.gate.binds >= binds:
            gate, place = top
            self.stack.pop()
            operands = tuple(self.values[-gate.arity :])
            del self.values[-gate.arity :]
            self.apply(gate, operands, place)

    def apply(self, gate: Gate, operands: tuple[int, ...], place: Place) -> None:
        constant = self.builder.constants.get(operands[0])
        if gate.name == "neg" and constant and self.builder.names[operands[0]] is None:  # -2 is a number
            text = constant.text.removeprefix("-") if constant.text.startswith("-") else f"-{constant.text}"
            self.builder.constants[operands[0]] = Constant(-constant.value, text)
            self.values.append(operands[0])
        else:
            self.values.append(self.builder.gate(gate, operands, place))

    # operands --------------------------------------------------------------------------------------------------------

    def number(self, token: Token) -> int:
        value = float(token.text)
        if isinf(value):
            self.fail("this number is too large for a float64", token.place)
        return self.builder.constant(value, f"{value:.6g}", token.place)

    def name(self, token: Token) -> None:
        name = self.plain_name(token)
        if name in self.builder.bindings:
            self.values.append(self.builder.bindings[name])
        elif name in CONSTANTS and name not in self.known:
            self.values.append(self.builder.constant(CONSTANTS[name], _SHOWN.get(name, name), token.place))
        else:
            self.values.append(self.builder.input(name, token.place))

    def plain_name(self, token: Token) -> str:
        if "." in token.text:
            self.fail(f"a name has no dot: '{token.text}'", token.place)
        return token.text

    def open_call(self, token: Token) -> None:
        if token.text not in FUNCTIONS and not (self.further and token.text in self.further.names()):
            self.unknown_function(token.text, token.place)
        self.open(token.text, token.place)
        self.at += 1  # past its parenthesis

    def open(self, call: str, place: Place) -> None:
        self.stack.append(_Open(call, place, len(self.values)))
        self.depth += 1

    def close(self, token: Token) -> None:
        self.reduce(0)
        if not self.stack:
            self.fail("this ')' closes nothing", token.place)
        opened = self.innermost()
        self.stack.pop()
        self.depth -= 1
        if opened.call:
            operands = tuple(self.values[opened.base :])
            del self.values[opened.base :]
            self.apply(self.function(opened, len(operands)), operands, opened.place)

    def innermost(self) -> _Open:
        """The open parenthesis on top of the stack, once the operators above it are reduced."""
        top = self.stack[-1]
        assert isinstance(top, _Open), "reduce(0) leaves a parenthesis on top"
        return top

    def function(self, opened: _Open, count: int) -> Gate:
        gate = FUNCTIONS.get(opened.call) or (self.further.gate(opened.call, count) if self.further else None)
        if gate is None or count != gate.arity:
            takes = f"takes {_inputs(gate.arity)}, not {count}" if gate else f"does not take {_inputs(count)}"
            self.fail(f"'{opened.call}' {takes}", opened.place)
        return gate

    def unknown_function(self, name: str, place: Place) -> NoReturn:
        named = name in self.builder.bindings or name in self.known
        known = [*FUNCTIONS, *(self.further.names() if self.further else ())]
        offer = f"; for a product write {name}*(...)" if named else nearest(name, known)
        self.fail(f"unknown function '{name}'{offer}", place)

    # complaints ------------------------------------------------------------------------------------------------------

    def no_operand(self, token: Token) -> NoReturn:
        last = self.stack[-1] if self.stack else None
        if token.kind in _ENDS:
            self.fail("the expression ends where a name or a number should follow", self.before().place)
        if token.text == ")" and isinstance(last, _Open) and last.call:
            self.function(last, len(self.values) - last.base)
        self.fail(f"'{token.text}' where a name or a number should stand", token.place)

    def two_operands(self, token: Token) -> NoReturn:
        if token.kind == "mark" and token.text not in {"(", *PREFIX}:
            self.fail(f"unexpected '{token.text}'", token.place)
        before = self.before()
        a, b = self.text[slice(*before.place)], self.text[slice(*token.place)]
        simple = before.kind in ("name", "number") and token.kind in ("name", "number")
        offer = f"; for a product write {a}*{b}" if simple else "; a product needs its '*'"
        if before.text in FUNCTIONS and before.kind == "name":
            offer = f"; for the function write {a}({b})" if simple else f"; a function needs parentheses: {a}(...)"
        self.fail(f"'{a}' and '{b}' without an operator between them{offer}", (before.place[0], token.place[1]))

    def before(self) -> Token:
        """The token before the current one, on whatever line."""
        return next(token for token in reversed(self.tokens[: self.at - 1]) if token.kind != "newline")


_ENDS: Final = frozenset({"newline", "semicolon", "end"})


def _inputs(count: int) -> str:
    return "1 input" if count == 1 else f"{count} inputs"
