"""Tokens of one expression -> nodes: the shunting-yard algorithm, without a limit of depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gradviz.gates import CONSTANTS, GATES, INFIX, PREFIX, Gate
from gradviz.language.calls import WRAPPERS, Call, Further, argument, is_last
from gradviz.language.complaints import (
    before,
    no_operand,
    two_operands,
    unknown_attribute,
    unknown_function,
    unknown_method,
)
from gradviz.language.constants import array, index, nest, number, shown
from gradviz.language.dispatch import applied
from gradviz.language.names import (
    ATTRIBUTES,
    FUNCTION_NAMES,
    INDEX,
    check_methods,
    gates_named,
    is_library,
    library_constant,
    method,
    whole_name,
)
from gradviz.language.stacks import Open, Operator, Stacks
from gradviz.language.tokens import CLOSES, CLOSING, ENDS, Source, Token

Place = tuple[int, int]

_SHOWN: Final = {"pi": "π"}  # constants whose name is shown otherwise than it is written
_UNARY_PLUS: Final = "+"
_STACK: Final = GATES["stack"]


class Expressions(Stacks):
    """One pass over the tokens of expressions, which share their names.

    `known` are the names that have values or are assigned, `functions` those that the program defines, `inside` is the
    function whose body this is.
    """

    __slots__ = ("at", "functions", "further", "inside", "known", "mixed", "tokens")

    def __init__(
        self,
        source: Source,
        known: set[str],
        functions: Mapping[str, Gate],
        further: Further | None,
        inside: str = "",
    ) -> None:
        super().__init__(source)
        self.known, self.functions, self.further, self.inside = known, functions, further, inside
        self.at = 0  # the next token
        self.mixed: set[int] = set()  # brackets that are known to be no array of numbers
        self.tokens = source.tokens

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
            elif token.kind in ENDS:
                return self.finish()
            else:
                wants_operand = self.after_operand(token)

    def operand(self, token: Token) -> bool:
        """Where an operand may begin; returns whether one is still wanted."""
        if token.kind == "number":
            value = number(self.source, token)
            self.values.append(self.builder.constant(value, shown(value), token.place))
        elif token.kind == "name":
            following = self.tokens[self.at]
            if following.text == "(":
                return self.open_call(token.text, token.place)
            if following.kind == "attribute":
                return self.dotted(token)
            self.name(token)
        elif token.text in CLOSING:
            return self.open_bracket(token)
        elif token.text in PREFIX:
            self.stack.append(Operator(PREFIX[token.text], token.place))
            return True
        elif token.text == _UNARY_PLUS:
            return True
        elif self.may_close(token):
            self.close(token)
        else:
            no_operand(self.source, self.at - 1)
        return False

    def after_operand(self, token: Token) -> bool:
        """Where an operator, a comma or a closing bracket may stand; returns whether an operand is wanted next."""
        if token.text in INFIX:
            self.infix(INFIX[token.text], token)
            return True
        if token.kind == "superscript":
            self.reduce(GATES["pow"].binds + 1)
            value = number(self.source, token)
            exponent = self.builder.constant(value, shown(value), token.place)
            self.apply(GATES["pow"], (self.values.pop(), exponent), token.place)
        elif token.text in CLOSES:
            self.close(token)
        elif token.text == ",":
            return self.comma(token)
        elif token.kind == "attribute":
            return self.attribute(token)
        elif token.text == "[":
            self.index(token)
        else:
            two_operands(self.source, self.at - 1)
        return False

    # names -----------------------------------------------------------------------------------------------------------

    def name(self, token: Token) -> None:
        """The value of a name: what it was assigned, a constant, or an input from here on."""
        name = token.text
        if name in self.builder.bindings:
            self.values.append(self.builder.bindings[name])
        elif name in CONSTANTS and name not in self.known:
            self.constant(name, token.place)
        elif self.inside:
            uses = "its parameters, constants, and functions defined before it"
            self.fail(f"'{name}' is not a parameter of '{self.inside}'; a definition uses only {uses}", token.place)
        else:
            self.values.append(self.builder.input(name, token.place))

    def constant(self, name: str, place: Place) -> None:
        """A number that the language names."""
        self.values.append(self.builder.constant(CONSTANTS[name], _SHOWN.get(name, name), place))

    def dotted(self, token: Token) -> bool:
        """A name with attributes: a name of a library, or a value whose methods follow; as `operand`."""
        if token.text in self.builder.bindings or token.text in self.known:
            self.name(token)
            return False
        word, place, end = whole_name(self.source, self.at - 1)
        called = self.tokens[end].text == "("
        if called and is_library(word):
            self.at = end
            return self.open_call(word, place)
        if not called and (constant := library_constant(word)):
            self.at = end
            self.constant(constant, place)
            return False
        check_methods(self.source, self.at - 1)
        self.name(token)
        return False

    # after an operand ------------------------------------------------------------------------------------------------

    def attribute(self, token: Token) -> bool:
        """A method or an attribute of the operand before it; returns whether an operand is wanted next."""
        if self.tokens[self.at].text == "(":
            gates = method(token.text) or unknown_method(self.source, token)
            return self.begin(Call(token.text, token.place, gates), len(self.values) - 1)
        gate = ATTRIBUTES.get(token.text) or unknown_attribute(self.source, token)
        self.apply(gate, (self.values.pop(),), token.place)
        return False

    def index(self, token: Token) -> None:
        """Entries of the operand before a '['."""
        at, self.at = index(self.source, self.at)
        place = (token.place[0], self.tokens[self.at - 1].place[1])
        self.apply(INDEX.choose({"at": at}), (self.values.pop(),), place)

    def comma(self, token: Token) -> bool:
        """The next argument of a call, or entry of a list; as `after_operand`."""
        self.reduce(0)
        opened = self.innermost() if self.stack else None
        if opened and opened.call:
            return self.argument(opened, opened.call)
        if not opened or not (opened.axes or opened.listed):
            self.fail("a ',' outside the parentheses of a function", token.place)
        opened.many = True
        return True

    # brackets --------------------------------------------------------------------------------------------------------

    def open_bracket(self, token: Token) -> bool:
        """A parenthesis, or an array; as `operand`."""
        around = self.stack[-1] if self.stack else None
        opened = Open(token.text, token.place, len(self.values), at=self.at - 1)
        if isinstance(around, Open):
            opened.listed = around.call is not None and around.call.takes_list and around.base == opened.base
        if token.text == "[":
            opened.axes = around.axes + 1 if isinstance(around, Open) else 1
            nest(self.source, opened.axes - 1, token.place)
            if not opened.listed and self.numbers(opened):
                return False
        self.open(opened)
        return True

    def numbers(self, opened: Open) -> bool:
        """Whether a '[' begins an array of numbers, which is read as one constant."""
        if opened.at in self.mixed:
            return False
        found = array(self.source, opened.at, self.mixed, opened.axes - 1)
        if found is None:
            return False
        (value, text), self.at = found
        place = (opened.place[0], self.tokens[self.at - 1].place[1])
        self.values.append(self.builder.constant(value, text, place))
        return True

    def may_close(self, token: Token) -> bool:
        """Whether a bracket may close here although an operand could follow: `f()`, `[]`, and after a last comma."""
        opened = self.stack[-1] if self.stack else None
        if not isinstance(opened, Open) or CLOSING[opened.bracket] != token.text:
            return False
        return before(self.source, self.at - 1).text in "([," and bool(
            opened.call or opened.bracket == "[" or opened.many
        )

    def close(self, token: Token) -> None:
        """The end of what the innermost bracket holds."""
        self.reduce(0)
        if not self.stack:
            self.fail(f"this '{token.text}' closes nothing", token.place)
        opened = self.innermost()
        if CLOSING[opened.bracket] != token.text:
            self.fail(f"this '{token.text}' cannot close the '{opened.bracket}' before it", token.place)
        self.stack.pop()
        self.depth -= 1
        if opened.call:
            self.finish_call(opened, opened.call)
        elif opened.bracket == "[" or opened.many:
            self.finish_list(opened, token)

    def finish_list(self, opened: Open, token: Token) -> None:
        """A list is the operands of the call around it, or an array of its entries."""
        around = self.stack[-1] if self.stack else None
        if opened.listed and isinstance(around, Open) and around.call and is_last(self.source, self.at):
            around.call.listed = True
            return
        if opened.bracket == "(":
            self.fail("a tuple is no array; write [a, b]", (opened.place[0], token.place[1]))
        entries = tuple(self.values[opened.base :])
        del self.values[opened.base :]
        if opened.listed and self.numbers(opened):
            return
        self.values.append(self.builder.gate(_STACK.of(len(entries)), entries, (opened.place[0], token.place[1])))

    # calls -----------------------------------------------------------------------------------------------------------

    def open_call(self, word: str, place: Place) -> bool:
        """A function that is called; returns whether an operand is wanted next."""
        if word == self.inside:
            self.fail(f"'{word}' calls itself; a definition cannot", place)
        gates = gates_named(word, self.functions)
        if not (gates or word in WRAPPERS or (self.further and word in self.further.names())):
            is_value = word in self.builder.bindings or word in self.known
            known = [*self.functions, *FUNCTION_NAMES, *(self.further.names() if self.further else ())]
            unknown_function(self.source, word, place, () if is_value else known)
        return self.begin(Call(word, place, gates), len(self.values))

    def begin(self, call: Call, base: int) -> bool:
        """The parenthesis of a call, whose first operand is `values[base]`; as `operand`."""
        opened = Open("(", call.place, base, call)
        self.open(opened)
        self.at += 1  # past its parenthesis
        return self.argument(opened, call)

    def argument(self, opened: Open, call: Call) -> bool:
        """Where an argument may begin; returns whether an operand is wanted."""
        kind = self.tokens[self.at].kind
        is_plain = call.plain and not call.names and kind != "newline"
        if is_plain and (kind != "name" or self.tokens[self.at + 1].text != "="):
            return True
        self.at, wants_operand = argument(self.source, call, len(self.values) - opened.base, self.at)
        return wants_operand

    def finish_call(self, opened: Open, call: Call) -> None:
        """Apply a function to its operands."""
        operands = tuple(self.values[opened.base :])
        del self.values[opened.base :]
        if call.wraps and len(operands) == 1:
            self.values += operands
            return
        gate, operands = applied(self.source, call, operands, self.further)
        self.apply(gate, operands, call.place)
