"""Operations of a gradient program, built as a reader writes them: no `1*x`, no `x + 0`, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gradviz import ieee
from gradviz.errors import ProgramError
from gradviz.gates import GATES, Gate, Shape
from gradviz.gates.shapes import broadcast
from gradviz.graph import Constant, GraphBuilder
from gradviz.limits import beyond, most

Term = int | Constant  # a node, or a number that is written where it is used

ZERO, ONE, MINUS_ONE = Constant(0.0, "0"), Constant(1.0, "1"), Constant(-1.0, "-1")
_MASKS: Final = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})  # 1 or 0
_COMPUTED: Final = frozenset({"add", "sub", "mul", "neg", *_MASKS})  # of numbers alone: `2*1` is 2, `log(2)` stays


def number(value: float) -> Constant:
    """A number as it is written."""
    return Constant(float(value), f"{value:.6g}")


class Terms:
    """Nodes of a builder, and those that are added to them; `shapes` has an entry for each, where any is an array."""

    def __init__(self, builder: GraphBuilder, shapes: Sequence[Shape] | None) -> None:
        self.builder = builder
        self.shapes = None if shapes is None else list(shapes)
        self.made: dict[Any, int] = {}
        for node, gate in enumerate(builder.gates):
            if gate is not None:
                self.made.setdefault((gate, *map(self._key, builder.operands(node))), node)
        self.most = most("nodes")

    def _key(self, k: int) -> int | str:
        """What an operand is known by: numbers by their value."""
        constant = self.builder.folded[-1 - k] if k < 0 else self.builder.constants.get(k)
        is_plain = constant is not None and isinstance(constant.value, float) and (k < 0 or not self.builder.names[k])
        return float.hex(constant.value) if constant is not None and is_plain else k

    def shape(self, term: Term) -> Shape:
        """The shape of a term's value."""
        return () if self.shapes is None or isinstance(term, Constant) else self.shapes[term]

    def apply(self, gate: Gate, terms: Sequence[Term]) -> Term:
        """A gate applied to terms, or what is simpler and the same."""
        if gate.name in _COMPUTED and all(isinstance(term, Constant) for term in terms):
            return number(gate.forward(ieee, *(term.value for term in terms if isinstance(term, Constant))))
        simpler = _SIMPLER.get(gate.name)
        found = None if simpler is None else simpler(self, *terms)
        return self.node(gate, terms) if found is None else found

    def node(self, gate: Gate, terms: Sequence[Term]) -> int:
        """The node of a gate applied to terms, the one that there is if it was built before."""
        key = (gate, *(term if isinstance(term, int) else float.hex(term.value) for term in terms))
        if key not in self.made:
            nodes = [self.as_node(term) for term in terms]
            self.made[key] = self._added(self.builder.gate(gate, nodes), gate, nodes)
        return self.made[key]

    def as_node(self, term: Term) -> int:
        """A term as a node; a number is one anew at each use, so that it goes into its gate."""
        return term if isinstance(term, int) else self._added(self.builder.constant(*term))

    def _added(self, node: int, gate: Gate | None = None, operands: Sequence[int] = ()) -> int:
        if node >= self.most:
            raise ProgramError(f"a large gradient: {beyond('nodes', node + 1)}")
        if self.shapes is not None:
            known = [self.shapes[k] for k in operands]
            self.shapes.append((gate.shape or broadcast)(*known) if gate else ())
        return node

    def is_gate(self, term: Term, name: str) -> bool:
        """Whether a term is a gate of this name."""
        gate = self.builder.gates[term] if isinstance(term, int) else None
        return gate is not None and gate.name == name

    def is_mask(self, term: Term) -> bool:
        """Whether a term is 1 or 0."""
        return any(self.is_gate(term, name) for name in _MASKS)

    def call(self, name: str, *terms: Term, **settings: Any) -> Term:
        """A gate of the table by its name."""
        return self.apply(GATES[name].choose(settings), terms)


def _is(term: Term, value: float) -> bool:
    return isinstance(term, Constant) and term.value == value


def _sum(terms: Terms, a: Term, b: Term) -> Term | None:
    if terms.is_gate(b, "neg") and isinstance(b, int):
        return terms.call("sub", a, terms.builder.operands(b)[0])
    return b if _is(a, 0) else a if _is(b, 0) else None


def _difference(terms: Terms, a: Term, b: Term) -> Term | None:
    return a if _is(b, 0) else terms.call("neg", b) if _is(a, 0) else None


def _product(terms: Terms, a: Term, b: Term) -> Term | None:
    for one, other in ((a, b), (b, a)):
        if _is(one, 0):
            return ZERO
        if _is(one, 1):
            return other
        if _is(one, -1):
            return terms.call("neg", other)
    return terms.node(GATES["mul"], (b, a)) if isinstance(b, Constant) else None  # 2*x rather than x*2


def _quotient(_: Terms, a: Term, b: Term) -> Term | None:
    """Of two numbers it is one if that is short: 1/2 is 0.5, and 1/3 stays."""
    if isinstance(a, Constant) and isinstance(b, Constant) and b.value:
        found = number(a.value / b.value)
        return found if float(found.text) == found.value else None
    return a if _is(b, 1) else ZERO if _is(a, 0) else None


def _negative(terms: Terms, x: Term) -> Term | None:
    return terms.builder.operands(x)[0] if isinstance(x, int) and terms.is_gate(x, "neg") else None


def _power(_: Terms, a: Term, b: Term) -> Term | None:
    return a if _is(b, 1) else ONE if _is(b, 0) else None


def _choice(_: Terms, condition: Term, a: Term, b: Term) -> Term | None:
    return None if isinstance(condition, int) else a if condition.value else b


def _inequality(terms: Terms, a: Term, b: Term) -> Term | None:
    return a if _is(b, 0) and terms.is_mask(a) else None


_SIMPLER: Final[Mapping[str, Callable[..., Term | None]]] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "neg": _negative,
    "pow": _power,
    "where": _choice,
    "not_equal": _inequality,
}
