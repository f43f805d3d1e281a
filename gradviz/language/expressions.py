"""Tokens of one expression -> nodes: the shunting-yard algorithm, without a limit of depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from gradviz.gates import GATES, INFIX, PREFIX, Gate
from gradviz.language import complaints
from gradviz.language.calls import WRAPPERS, Call, Further, argument, is_last
from gradviz.language.constants import array, index, nest
from gradviz.language.dispatch import applied
from gradviz.language.leaves import Leaves
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
from gradviz.language.stacks import Open, Place
from gradviz.language.tokens import CLOSES, CLOSING, ROLES, Source, Word

_POW: Final = GATES["pow"]
_STACK: Final = GATES["stack"]


class Expressions(Leaves):
    """One pass over the tokens of expressions, which share their names.

    `known` are the names that have values or are assigned, `functions` those that the program defines, `inside` is the
    function whose body this is.
    """

    __slots__ = ("functions", "further", "mixed")

    def __init__(
        self,
        source: Source,
        known: set[str],
        functions: Mapping[str, Gate],
        further: Further | None,
        inside: str = "",
    ) -> None:
        super().__init__(source, known, inside)
        self.functions, self.further = functions, further
        self.mixed: set[int] = set()  # brackets that are known to be no array of numbers

    def expression(self, at: int) -> int:
        """The node of the expression that begins at a token; `at` then stands behind the end of its statement.

        A reader of a token returns whether an operand is wanted next, and None at the end.
        """
        self.at = at
        wants_operand: bool | None = True
        while wants_operand is not None:
            word = self.words[self.at]
            self.at += 1
            wants_operand = (_BEGINS if wants_operand else _FOLLOWS)[word.role](self, word)
        return self.finish()

    # where an operand may begin --------------------------------------------------------------------------------------

    def word(self, word: Word) -> bool:
        """The name of a value, or of a function that is called."""
        following = self.words[self.at].role
        if following == "(":
            return self.open_call(word.text, self.source.place(self.at - 1))
        if following == "attribute":
            return self.dotted(word)
        self.name(self.at - 1)
        return False

    def unary_plus(self, _: Word) -> bool:
        """A sign that is not drawn."""
        return True

    def close_early(self, word: Word) -> bool:
        """A bracket that closes although an operand could follow: `f()`, `[]`, and after a last comma."""
        opened = self.around()
        closes = (
            opened and CLOSING[opened.bracket] == word.text and (opened.call or opened.bracket == "[" or opened.many)
        )
        if not closes or complaints.before(self.source, self.at - 1).text not in "([,":
            self.no_operand(word)
        return self.close(word)

    def line_before(self, word: Word) -> bool:
        """A line that ends before an operand: only within brackets."""
        if not self.opened:
            self.no_operand(word)
        return True

    def no_operand(self, _: Word) -> NoReturn:
        """What cannot begin an operand."""
        complaints.no_operand(self.source, self.at - 1)

    # names -----------------------------------------------------------------------------------------------------------

    def dotted(self, word: Word) -> bool:
        """A name with attributes: a name of a library, or a value whose methods follow."""
        first = self.at - 1
        if word.text in self.builder.bindings or word.text in self.known:
            self.name(first)
            return False
        whole, place, end = whole_name(self.source, first)
        called = self.words[end].text == "("
        if called and is_library(whole):
            self.at = end
            return self.open_call(whole, place)
        if not called and (constant := library_constant(whole)):
            self.at = end
            self.values.append(self.constant(constant, place))
            return False
        check_methods(self.source, first)
        self.name(first)
        return False

    # after an operand ------------------------------------------------------------------------------------------------

    def superscript(self, _: Word) -> bool:
        """A raised number: an exponent."""
        self.reduce(_POW.binds + 1)
        self.apply(_POW, (self.values.pop(), self.literal()), self.source.place(self.at - 1))
        return False

    def attribute(self, word: Word) -> bool:
        """A method or an attribute of the operand before it."""
        at, place = self.at - 1, self.source.place(self.at - 1)
        if self.words[self.at].text == "(":
            gates = method(word.text) or complaints.unknown_method(self.source, at)
            return self.begin(Call(word.text, place, gates), len(self.values) - 1)
        gate = ATTRIBUTES.get(word.text) or complaints.unknown_attribute(self.source, at)
        self.apply(gate, (self.values.pop(),), place)
        return False

    def index(self, _: Word) -> bool:
        """Entries of the operand before a '['."""
        first = self.at - 1
        at, self.at = index(self.source, self.at)
        self.apply(INDEX.choose({"at": at}), (self.values.pop(),), self.source.span(first, self.at - 1))
        return False

    def comma(self, _: Word) -> bool:
        """The next argument of a call, or entry of a list."""
        self.reduce(0)
        opened = self.opened[-1] if self.opened else None
        if opened and opened.call:
            return self.argument(opened, opened.call)
        if not opened or not (opened.axes or opened.listed):
            self.fail("a ',' outside the parentheses of a function", self.source.place(self.at - 1))
        opened.many = True
        return True

    def line_after(self, _: Word) -> bool | None:
        """A line that ends after an operand: the end, but not within brackets."""
        return False if self.opened else None

    def end(self, _: Word) -> None:
        """The end of the statement."""
        return

    def no_operator(self, _: Word) -> NoReturn:
        """What cannot follow an operand."""
        complaints.two_operands(self.source, self.at - 1)

    # brackets --------------------------------------------------------------------------------------------------------

    def bracket(self, word: Word) -> bool:
        """A parenthesis, or an array."""
        around, at = self.around(), self.at - 1
        opened = Open(word.text, self.source.place(at), len(self.values), at=at)
        if around:
            opened.listed = around.call is not None and around.call.takes_list and around.base == opened.base
        if word.text == "[":
            opened.axes = around.axes + 1 if around else 1
            nest(self.source, opened.axes - 1, opened.place)
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
        self.values.append(self.builder.constant(value, text, self.source.span(opened.at, self.at - 1)))
        return True

    def close(self, word: Word) -> bool:
        """The end of what the innermost bracket holds."""
        self.reduce(0)
        at = self.at - 1
        if not self.opened:
            self.fail(f"this '{word.text}' closes nothing", self.source.place(at))
        opened = self.opened[-1]
        if CLOSING[opened.bracket] != word.text:
            problem = f"this '{word.text}' cannot close the '{opened.bracket}' before it"
            self.fail(problem, self.source.place(at))
        self.shut()
        if opened.call:
            self.finish_call(opened, opened.call)
        elif opened.bracket == "[" or opened.many:
            self.finish_list(opened, self.source.span(opened.at, at))
        return False

    def finish_list(self, opened: Open, place: Place) -> None:
        """A list is the operands of the call around it, or an array of its entries."""
        around = self.around()
        if opened.listed and around and around.call and is_last(self.source, self.at):
            around.call.listed = True
            return
        if opened.bracket == "(":
            self.fail("a tuple is no array; write [a, b]", place)
        entries = tuple(self.values[opened.base :])
        del self.values[opened.base :]
        if opened.listed and self.numbers(opened):
            return
        self.values.append(self.builder.gate(_STACK.of(len(entries)), entries, place))

    # calls -----------------------------------------------------------------------------------------------------------

    def open_call(self, word: str, place: Place) -> bool:
        """A function that is called; returns whether an operand is wanted next."""
        if word == self.inside:
            self.fail(f"'{word}' calls itself; a definition cannot", place)
        gates = gates_named(word, self.functions)
        if not (gates or word in WRAPPERS or (self.further and word in self.further.names())):
            is_value = word in self.builder.bindings or word in self.known
            known = [*self.functions, *FUNCTION_NAMES, *(self.further.names() if self.further else ())]
            complaints.unknown_function(self.source, word, place, () if is_value else known)
        return self.begin(Call(word, place, gates), len(self.values))

    def begin(self, call: Call, base: int) -> bool:
        """The parenthesis of a call, whose first operand is `values[base]`."""
        opened = Open("(", call.place, base, call)
        self.open(opened)
        self.at += 1  # past its parenthesis
        return self.argument(opened, call)

    def argument(self, opened: Open, call: Call) -> bool:
        """Where an argument may begin; returns whether an operand is wanted."""
        kind = self.words[self.at].kind
        is_plain = call.plain and not call.names and kind != "newline"
        if is_plain and (kind != "name" or self.words[self.at + 1].text != "="):
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


Reader = Callable[[Expressions, Word], bool | None]

# Who reads a token, by its role.
_BEGINS: Final[Mapping[str, Reader]] = (
    dict.fromkeys(ROLES, Expressions.no_operand)
    | dict.fromkeys(CLOSING, Expressions.bracket)
    | dict.fromkeys(CLOSES, Expressions.close_early)
    | {"+": Expressions.unary_plus}
    | dict.fromkeys(PREFIX, Expressions.prefix)
    | {"number": Expressions.number, "name": Expressions.word, "newline": Expressions.line_before}
)
_FOLLOWS: Final[Mapping[str, Reader]] = (
    dict.fromkeys(ROLES, Expressions.no_operator)
    | dict.fromkeys(("semicolon", "end"), Expressions.end)
    | dict.fromkeys(CLOSES, Expressions.close)
    | dict.fromkeys(INFIX, Expressions.infix)
    | {"superscript": Expressions.superscript, "attribute": Expressions.attribute, "newline": Expressions.line_after}
    | {",": Expressions.comma, "[": Expressions.index}
)
