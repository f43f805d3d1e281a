"""Graph + Trace -> Explanation: everything that is told of the chain rule in a circuit, before any format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gradviz.deadlines import within
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.notation import Formula, names
from gradviz.passes import SEED
from gradviz.rounding import MOST_DIGITS
from gradviz.telling import equations, sentences
from gradviz.telling.equations import Subject
from gradviz.telling.languages import DEFAULT, Language, Said, language_named
from gradviz.telling.steps import Step, Sum, steps
from gradviz.viewing import check_told


class Told(NamedTuple):
    """A node and what is said of its value."""

    node: int
    name: Formula
    equation: Formula  # `g = w·x = (−2)·5 = −10`
    value: Any  # None without numbers


class Share(NamedTuple):
    """What a wire brings back: local × upstream."""

    wire: Wire
    gradient: Formula  # ∂f/∂w
    local_name: Formula  # ∂g/∂w
    local_formula: Formula | None  # x
    equation: Formula  # `∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5`
    said: tuple[Said, ...]
    local: Any  # a number, a `jacobians.Local`, or None without numbers
    upstream: Any
    share: Any


class Total(NamedTuple):
    """The shares of a node that is used several times, and their sum."""

    node: int
    gradient: Formula
    said: Said
    equation: Formula
    wires: tuple[Wire, ...]
    shares: tuple[Any, ...]
    grad: Any


class Back(NamedTuple):
    """A gate of the backward pass."""

    node: int
    headline: Said
    upstream_name: Formula
    upstream: Any
    behaves: str  # the key of the languages' texts, "" where there is no word for it
    behaviour: Said | None
    shares: tuple[Share, ...]
    sums: tuple[Total, ...]


class Found(NamedTuple):
    """A node in the table of what was found."""

    node: int
    name: Formula
    value_text: str
    gradient: Formula  # ∂f/∂w
    grad_text: str
    closed: Formula | None  # the gradient in closed form
    value: Any
    grad: Any


class Explanation(NamedTuple):
    """What is told, in order; renderers set it."""

    graph: Graph
    trace: Trace | None
    language: Language
    title: str | None
    inputs: tuple[Told, ...]
    forward: tuple[Told, ...]
    seed: Said
    seed_equation: Formula
    backward: tuple[Back, ...]
    found: tuple[Found, ...]
    notes: tuple[str, ...]


def explanation(
    graph: Graph,
    trace: Trace | None = None,
    *,
    language: str = DEFAULT,
    title: str | None = None,
    digits: int = 2,
    upstream: str | None = None,
    formulas: bool = True,
) -> Explanation:
    """The chain rule in a circuit, gate by gate; without a trace in names only.

    Numbers have `digits` decimals as in a figure. `upstream` names what comes after the output. `formulas` adds local
    gradients as formulas and gradients in closed form, which takes SymPy. Raises `OptionError` for a language that
    there is not, `digits` out of range, and a name that is taken.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits must be a whole number from 0 to {MOST_DIGITS}, not {digits}")
    check_told(graph)
    told = language_named(language)
    seeded = trace is not None and trace.is_seeded
    of = equations.subject(graph, trace, named=names(graph, upstream, seeded=seeded), digits=digits)
    backward, found = _in_time(of, told, formulas=formulas)
    return Explanation(
        graph,
        trace,
        told,
        " ".join(title.split()) if title else None,
        tuple(_told(of, node, equations.given(of, node)) for node in _given(of)),
        tuple(_told(of, node, equations.forward(of, node)) for node in _gates(graph)),
        sentences.seed(of, told),
        equations.seed(of),
        backward,
        found,
        graph.notes + (trace.notes if trace else ()),
    )


def _in_time(of: Subject, language: Language, *, formulas: bool) -> tuple[tuple[Back, ...], tuple[Found, ...]]:
    """What is told of gates and of nodes; with formulas, which take SymPy, in the seconds of a limit."""

    def tell() -> tuple[tuple[Back, ...], tuple[Found, ...]]:
        gates = [step for step in steps(of.graph) if step.kind == "backward"]
        back = tuple(_back(of, step, language, formulas=formulas) for step in gates)
        return back, tuple(_found(of, _closed(of) if formulas else {}))

    return within("symbolic", OptionError, "the formulas take too long", tell) if formulas else tell()


def _given(of: Subject) -> list[int]:
    """Inputs, and constants with names of their own."""
    return [node for node, gate in enumerate(of.graph.gates) if gate is None and of.graph.names[node]]


def _gates(graph: Graph) -> list[int]:
    return [node for node, gate in enumerate(graph.gates) if gate is not None]


def _told(of: Subject, node: int, equation: Formula) -> Told:
    return Told(node, equations.name(of, node), equation, of.trace.node_values[node] if of.trace else None)


def _back(of: Subject, step: Step, language: Language, *, formulas: bool) -> Back:
    node = step.node
    assert node is not None, "a step of a gate"
    local = local_formulas(of, node) if formulas else ()
    behaves = sentences.behaviour(of.graph, node)
    return Back(
        node,
        sentences.back(of, node, language),
        equations.gradient(of, node),
        of.trace.node_grads[node] if of.trace else None,
        behaves,
        language.say(f"behaves.{behaves}", gate=sentences.symbol(of.graph, node)) if behaves else None,
        tuple(_share(of, of.wires[k], local, language) for k in step.shares),
        tuple(_total(of, each, language) for each in step.sums),
    )


def local_formulas(of: Subject, node: int) -> Sequence[Formula | None]:
    """A gate's local gradients as formulas, by slot; through SymPy."""
    from gradviz.symbolic.formulas import local_formulas as found

    return found(of.graph, node, of.names)


def _closed(of: Subject) -> Mapping[int, Formula]:
    """Gradients in closed form; none where another seed than 1 makes them multiples of the output's derivatives."""
    from gradviz.symbolic.formulas import closed_forms

    seed = of.trace.node_grads[of.graph.output] if of.trace else SEED
    if not isinstance(seed, float) or seed != SEED:
        return {}
    found = {node: closed.formula for node, closed in closed_forms(of.graph, of.names).items()}
    if of.trace is not None or equations.is_top(of, of.graph.output):
        return found
    return {node: equations.times(equations.gradient(of, of.graph.output), each) for node, each in found.items()}


def _share(of: Subject, wire: Wire, local: Sequence[Formula | None], language: Language) -> Share:
    source, target, slot = wire
    formula = local[slot] if local else None
    trace = of.trace
    return Share(
        wire,
        equations.gradient(of, source),
        equations.local_name(of, wire),
        formula,
        equations.share(of, wire, formula),
        tuple(sentences.share(of, wire, language, formula)),
        trace.locals[target][slot] if trace else None,
        trace.node_grads[target] if trace else None,
        trace.shares[target][slot] if trace else None,
    )


def _total(of: Subject, found: Sum, language: Language) -> Total:
    wires = tuple(of.wires[k] for k in found.wires)
    return Total(
        found.node,
        equations.gradient(of, found.node),
        sentences.summed(of, found, language),
        equations.total(of, found.node, found.wires),
        wires,
        tuple(of.trace.shares[wire.target][wire.slot] for wire in wires) if of.trace else (),
        of.trace.node_grads[found.node] if of.trace else None,
    )


def _found(of: Subject, closed: Mapping[int, Formula]) -> Iterator[Found]:
    """The nodes that have a gradient."""
    for node in range(len(of.graph)):
        if node in of.graph.constants:
            continue
        value = grad = None
        texts = "", ""
        if of.trace is not None:
            value, grad = of.trace.node_values[node], of.trace.node_grads[node]
            texts = equations.number(of, value).text, equations.number(of, equations.upstream(of, node)).text
        name, by = equations.name(of, node), equations.gradient(of, node)
        yield Found(node, name, texts[0], by, texts[1], closed.get(node), value, grad)
