"""What a wire brings back, as a program: the declarations of the gate table, parsed and applied to terms."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

from gradviz.errors import ProgramError
from gradviz.gates import Gate, Shape, ShapeError
from gradviz.gates.shapes import broadcast
from gradviz.gradient.spreading import narrow, repeated, summed, with_axes
from gradviz.gradient.terms import Term, Terms, number
from gradviz.graph import Graph
from gradviz.language.calls import Further
from gradviz.language.parser import parse

_NAMES: Final = ("a", "b", "c")  # of several inputs in a declaration


class Wire(NamedTuple):
    """A gate with its terms, and the slot of the input that is asked about."""

    gate: Gate
    slot: int
    y: Term
    xs: Sequence[Term]


def is_declared(gate: Gate) -> bool:
    """Whether the derivative of a gate is known to be a program; that of SymPy's functions is looked for."""
    return gate.derivative is not None or gate.slow


class Shares:
    """The programs of shares, each parsed once."""

    def __init__(self, terms: Terms, further: Further | None) -> None:
        self.terms, self.further = terms, further
        self.bodies: dict[tuple[Gate, int, tuple[Shape, ...]], Graph | None] = {}

    def of(self, wire: Wire, upstream: Term) -> Term | None:
        """What a wire brings back of the gradient of its gate, None for nothing; it may be repeated on (`spreading`).

        Raises `ProgramError`, without a place, where the gate's derivative is not a program.
        """
        given = tuple(map(self.terms.shape, wire.xs))
        body = self._body(wire.gate, wire.slot, given)
        if body is None:
            return None
        input_, output = given[wire.slot], self.terms.shape(wire.y)
        if wire.gate.partials is not None:
            return summed(self.terms, self._applied(body, wire, upstream, wire.y), output, input_)
        u, y = repeated(self.terms, upstream, output), wire.y
        if any(setting.name == "keepdims" for setting in wire.gate.settings):
            axis = wire.gate.chosen.get("axis")
            u, y = (with_axes(self.terms, term, input_, axis) for term in (u, y))
        share = self._applied(body, wire, u, y)
        if narrow(self.terms, share, input_):
            return share
        return summed(self.terms, share, self.terms.shape(share), input_)

    def _body(self, gate: Gate, slot: int, given: tuple[Shape, ...]) -> Graph | None:
        key = gate, slot, given if callable(gate.derivative) else ()
        if key not in self.bodies:
            program = _program(gate, slot, given)
            names = ("u", "y", "n", *_names(gate))
            self.bodies[key] = None if program is None else parse(program, names, further=self.further)
        return self.bodies[key]

    def _applied(self, body: Graph, wire: Wire, u: Term, y: Term) -> Term:
        """The program of a share, with its names standing for terms."""
        known: dict[str, Term] = {"u": u, "y": y, **dict(zip(_names(wire.gate), wire.xs, strict=False))}
        if "n" in body.input_names:
            known["n"] = self._entries(wire)
        built: list[Term] = []
        for node, (gate, operands) in enumerate(zip(body.gates, body.operands, strict=True)):
            if gate is not None:
                built.append(self.terms.apply(gate, [built[k] for k in operands]))
            else:
                built.append(body.constants[node] if node in body.constants else known[str(body.names[node])])
        return built[body.output]

    def _entries(self, wire: Wire) -> Term:
        """How many entries of the inputs there are for one of the output."""
        pairs = prod(broadcast(*map(self.terms.shape, wire.xs)))
        return number(max(pairs, 1) // max(prod(self.terms.shape(wire.y)), 1))


def _names(gate: Gate) -> tuple[str, ...]:
    return ("x",) if gate.arity == 1 else _NAMES


def _program(gate: Gate, slot: int, given: Sequence[Shape]) -> str | None:
    if gate.derivative is not None:
        try:
            return gate.derivative_of(slot, given)
        except ShapeError as error:
            raise ProgramError(f"'{gate.label()}': {error}") from None
    return _of_sympy(gate, slot)


def _of_sympy(gate: Gate, slot: int) -> str:
    """The share of one of SymPy's functions."""
    from gradviz.symbolic.partials import partial_program

    names = _NAMES[: gate.arity] if gate.arity > 1 else ("x",)
    found = partial_program(gate, slot, names) if gate.arity <= len(_NAMES) else None
    if found is None:
        raise ProgramError(f"the derivative of {gate.name} is not a program: SymPy has no formula of gates for it")
    *lines, last = found.splitlines()
    return "\n".join([*lines, f"u*({last})"])
