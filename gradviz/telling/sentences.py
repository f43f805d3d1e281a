"""Steps -> sentences in a language: the lecture told beside the figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from gradviz.evaluator import Trace
from gradviz.graph import Graph, Wire
from gradviz.notation import Formula, tex_text
from gradviz.passes import SEED
from gradviz.rounding import drawn
from gradviz.telling import equations
from gradviz.telling.algebra import equation, joined, listed
from gradviz.telling.equations import Subject
from gradviz.telling.languages import Language, Said
from gradviz.telling.steps import Step, Sum

Formulas = Callable[[int], Sequence[Formula | None]]  # of a gate: its local gradients as formulas, by slot

NEGLIGIBLE: Final = 1e-9  # relative: a difference of float64 numbers that says nothing of a curve


def sentences(step: Step, of: Subject, language: Language, formulas: Formulas | None = None) -> tuple[Said, ...]:
    """What is said at a step, the headline first.

    With `formulas` each gate's local gradients are told as formulas too.
    """
    return tuple(_TELLS[step.kind](step, of, language, formulas))


def _graph(_step: Step, _of: Subject, language: Language, _formulas: Formulas | None) -> Iterator[Said]:
    yield language.say("step.graph")


def _inputs(step: Step, of: Subject, language: Language, _formulas: Formulas | None) -> Iterator[Said]:
    named = [node for node in step.values if of.graph.names[node]]
    if named:
        yield language.say("step.inputs", formula=equations.values(of, named))


def _forward(step: Step, of: Subject, language: Language, _formulas: Formulas | None) -> Iterator[Said]:
    assert step.node is not None, "a step of a gate"
    yield language.say("step.forward", formula=equations.forward(of, step.node))


def _seed(_step: Step, of: Subject, language: Language, _formulas: Formulas | None) -> Iterator[Said]:
    yield seed(of, language)


def _backward(step: Step, of: Subject, language: Language, formulas: Formulas | None) -> Iterator[Said]:
    assert step.node is not None, "a step of a gate"
    yield back(of, step.node, language)
    told = behaviour(of.graph, step.node)
    if told:
        yield language.say(f"behaves.{told}", gate=symbol(of.graph, step.node))
    found = formulas(step.node) if formulas else ()
    for k in step.wires:
        wire = of.wires[k]
        yield from share(of, wire, language, found[wire.slot] if found else None)
    for each in step.sums:
        yield summed(of, each, language)


def _finished(_step: Step, of: Subject, language: Language, _formulas: Formulas | None) -> Iterator[Said]:
    if of.graph.inputs:
        yield language.say("step.finished", formula=equations.gradients(of))


_TELLS = {
    "graph": _graph,
    "inputs": _inputs,
    "forward": _forward,
    "seed": _seed,
    "backward": _backward,
    "finished": _finished,
}


# what is said of a part ----------------------------------------------------------------------------------------------


def seed(of: Subject, language: Language) -> Said:
    """Where the backward pass begins."""
    given = of.trace.node_grads[of.graph.output] if of.trace else SEED
    jacobian = of.trace is not None and of.trace.jacobian
    key = "seed_jacobian" if jacobian else "seed" if isinstance(given, float) and given == SEED else "seed_given"
    return language.say(f"step.{key}", formula=equations.seed(of))


def back(of: Subject, node: int, language: Language) -> Said:
    """Which gate the backward pass comes to, and with which upstream gradient."""
    arrives = equations.gradient(of, node)
    if of.trace is not None:
        arrives = equation(arrives, equations.number(of, equations.upstream(of, node)))
    elif node == of.graph.output:
        arrives = equations.seed(of)
    return language.say("step.backward", formula=equations.definition(of, node), upstream=arrives)


def symbol(graph: Graph, node: int) -> Formula:
    """What stands in a gate's circle."""
    text = drawn(graph.label(node))
    return Formula(text, rf"\text{{{tex_text(text)}}}")


def behaviour(graph: Graph, node: int) -> str:
    """The key of what a gate does to gradients; "" where there is no word for it."""
    gate = graph.gates[node]
    if gate is None or not gate.behaves:
        return ""
    open_slots = [slot for slot, k in enumerate(graph.operands[node]) if k >= 0 and k not in graph.constants]
    alone = gate.arity > 1 and len(open_slots) == 1 and len(gate.behaves) > 1
    return gate.behaves[1 + open_slots[0]] if alone else gate.behaves[0]


def share(of: Subject, wire: Wire, language: Language, formula: Formula | None = None) -> Iterator[Said]:
    """What a wire brings back, after its local gradient where there is a formula of it."""
    if formula is not None and of.trace is not None:
        yield language.say("step.local", formula=equations.local(of, wire, formula))
    told = equations.share(of, wire, formula)
    if of.uses[wire.source] == 1:
        yield language.say("step.share", formula=told)
    else:
        yield language.say("step.part", gradient=equations.gradient(of, wire.source), formula=told)
    if equations.is_repeated(of, wire):
        to = ", ".join(map(str, equations.shape(of, wire.target)))
        yield language.say("step.repeated", name=equations.name(of, wire.source), shape=f"({to})")


def summed(of: Subject, found: Sum, language: Language) -> Said:
    """The shares of a node that is used several times."""
    whole = equations.total(of, found.node, found.wires)
    return language.say("step.sum", name=equations.name(of, found.node), count=len(found.wires), formula=whole)


# what if -------------------------------------------------------------------------------------------------------------


def nudge(of: Subject, after: Trace, language: Language) -> tuple[Said, ...]:
    """What the gradient predicted for changed inputs, and what happened: Δf ≈ ∂f/∂b · Δb.

    `after` is the trace of the same graph at the changed values; the outputs are numbers.
    """
    assert of.trace is not None, "a nudge is of numbers"
    moved = [node for node in of.graph.inputs if not _same(of.trace.node_values[node], after.node_values[node])]
    changes = [_change(of, after, node) for node in moved]
    terms = [_difference(of, after, node) * of.trace.node_grads[node] for node in moved]
    predicted = sum((_total(term) for term in terms), 0.0)
    happened = _difference(of, after, of.graph.output)
    error = language.say("nudge.exact")
    if not (math.isfinite(predicted) and math.isfinite(happened)):
        error = language.say("nudge.not_finite")
    elif not math.isclose(predicted, happened, rel_tol=NEGLIGIBLE, abs_tol=NEGLIGIBLE * _scale(of, after)):
        error = language.say("nudge.off", error=equations.number(of, happened - predicted))
    return (
        language.say("nudge.change", change=listed(changes)),
        language.say("nudge.predicted", formula=_predicted(of, after, moved, predicted)),
        language.say("nudge.happened", formula=_change(of, after, of.graph.output)),
        error,
    )


def _scale(of: Subject, after: Trace) -> float:
    assert of.trace is not None, "a nudge is of numbers"
    return float(max(abs(of.trace.output), abs(after.output)))


def _same(before: Any, after: Any) -> bool:
    return bool(before == after) if isinstance(before, float) else bool((before == after).all())


def _total(value: Any) -> float:
    return value if isinstance(value, float) else float(value.sum())


def _difference(of: Subject, after: Trace, node: int) -> Any:
    assert of.trace is not None, "a nudge is of numbers"
    return after.node_values[node] - of.trace.node_values[node]


def _delta(of: Subject, node: int) -> Formula:
    named = equations.name(of, node)
    return Formula(f"Δ{named.text}", rf"\Delta {named.tex}")


def _change(of: Subject, after: Trace, node: int) -> Formula:
    """`b: 3 → 4, Δb = 1`."""
    assert of.trace is not None, "a nudge is of numbers"
    named = equations.name(of, node)
    ends = [equations.number(of, trace.node_values[node]) for trace in (of.trace, after)]
    arrow = joined(" → ", ends)
    step = equation(_delta(of, node), equations.number(of, _difference(of, after, node)))
    return Formula(f"{named.text}: {arrow.text}, {step.text}", rf"{named.tex}\colon {arrow.tex},\ {step.tex}")


def _predicted(of: Subject, after: Trace, moved: Sequence[int], predicted: float) -> Formula:
    """`Δf ≈ ∂f/∂b · Δb = 1 · 1 = 1`."""
    assert of.trace is not None, "a nudge is of numbers"
    grads = of.trace.node_grads
    scalar = all(isinstance(grads[node], float) for node in moved)
    names = [joined(" · ", [equations.gradient(of, node), _delta(of, node)]) for node in moved]
    numbers = [equations.product(of, grads[node], _difference(of, after, node)) for node in moved if scalar]
    chain = equation(
        joined(" + ", names) if names else None,
        joined(" + ", numbers) if numbers else None,
        equations.number(of, predicted),
    )
    return joined(" ≈ ", [_delta(of, of.graph.output), chain])


# asked ---------------------------------------------------------------------------------------------------------------


def question(asked: Formula, language: Language) -> Said:
    """`∂f/∂w = ?`."""
    return language.say("quiz.question", formula=asked)


def value_reason(of: Subject, node: int, language: Language) -> tuple[Said, ...]:
    """Why a gate has its value."""
    return language.say("quiz.why_value"), language.say("step.forward", formula=equations.forward(of, node))


def grad_reason(of: Subject, node: int, language: Language, formulas: Formulas | None = None) -> tuple[Said, ...]:
    """Why a node has its gradient: what its wires bring back, and their sum where there are several."""
    if node == of.graph.output:
        return language.say("quiz.why_seed"), seed(of, language)
    told = [language.say("quiz.why_share")]
    wires = arriving(of, node)
    for k in wires:
        wire = of.wires[k]
        found = formulas(wire.target) if formulas else ()
        told += share(of, wire, language, found[wire.slot] if found else None)
    if len(wires) > 1:
        told += [language.say("quiz.why_sum"), summed(of, Sum(node, wires), language)]
    return tuple(told)


def arriving(of: Subject, node: int) -> tuple[int, ...]:
    """The wires of a node in the order in which the backward pass adds what they bring back."""
    own = [k for k, wire in enumerate(of.wires) if wire.source == node]
    return tuple(sorted(own, key=lambda k: (-of.wires[k].target, of.wires[k].slot)))
