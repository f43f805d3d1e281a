"""Random programs with arrays against Python on complex steps, which shares neither parser nor derivatives."""

# ruff: noqa: ARG005  the gates that are found wrong take what a gate takes
from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradviz.closing import closed
from gradviz.evaluator import Trace, evaluate
from gradviz.formats.json import as_json, document
from gradviz.gates import GATES
from gradviz.graph import Graph
from gradviz.language.parser import parse
from gradviz.language.unparse import to_program
from gradviz.layout import layout
from gradviz.opening import opened
from gradviz.picture import picture
from gradviz.rewrite import fold
from tests.array_programs import NOT_MADE, Program, array_maps, array_programs, run, slope
from tests.drawings import circle_boxes, hidden_arrows, number_boxes, overlaps, wires_through_boxes
from tests.test_frames import faults

VALUE = 1e-10  # some hundred roundings of 1e-16, of values below 30 that may cancel
GRAD = 1e-8  # of gradients below LARGEST, products of as many factors
LARGEST = 1e4


def again(graph: Graph) -> Graph:
    """Written and parsed; names that mean several things have become others."""
    found = parse(to_program(graph), graph.input_names)
    return replace(found, bindings={"out": found.output})


FORMS: dict[str, Callable[[Graph], Graph]] = {
    "plain": lambda graph: graph,
    "folded": fold,
    "opened": lambda graph: fold(opened(graph, ["all"], frame=True)),
    "closed": closed,
    "opened and closed": lambda graph: fold(closed(opened(graph, ["all"]))),
    "written": again,
    "folded and written": lambda graph: again(fold(graph)),
    "opened and written": lambda graph: again(fold(opened(graph, ["all"]))),
    "closed and written": lambda graph: again(closed(graph)),
}


def traced(graph: Graph, program: Program, **options: Any) -> Trace:
    return evaluate(graph, {name: program.values[name] for name in graph.input_names}, **options)


def way_at(shape: tuple[int, ...], place: str | int) -> Any:
    """A direction for a place of a program, always the same."""
    return numpy.random.default_rng(zlib.crc32(repr(place).encode())).uniform(-1, 1, shape)


class Truth:
    """What a program gives, and the slopes of its output into a direction at each input and each line that stays."""

    def __init__(self, program: Program) -> None:
        self.names = {name: value.real for name, value in run(program).items()}
        lines = {name: number for number, (name, _) in enumerate(program.lines)}
        self.lines = {name: self.slope(program, number, self.names[name].shape) for name, number in lines.items()}
        self.inputs = {name: self.slope(program, name, numpy.shape(value)) for name, value in program.values.items()}

    @staticmethod
    def slope(program: Program, place: str | int, shape: tuple[int, ...]) -> tuple[Any, Any]:
        way = way_at(shape, place)
        return way, slope(program, place, way)

    @property
    def moderate(self) -> bool:
        """Whether rounding errors are small against the tolerances."""
        slopes = [found for _, found in (*self.lines.values(), *self.inputs.values())]
        return all(numpy.all(abs(each) < LARGEST) for each in (*self.names.values(), *slopes))


def truth_of(program: Program) -> Truth:
    try:
        truth = Truth(program)
    except NOT_MADE:
        assume(False)
    assume(truth.moderate)
    return truth


def differ(found: Any, want: Any, tolerance: float) -> bool:
    same_shape = numpy.shape(found) == numpy.shape(want)
    return not same_shape or not numpy.all(abs(found - want) <= tolerance * numpy.maximum(1, abs(want)))


def wrong(trace: Trace, truth: Truth) -> list[str]:
    """The names whose value or gradient is not the truth."""
    return list(_wrong(trace, truth))


def _wrong(trace: Trace, truth: Truth) -> Iterator[str]:
    nodes = [("input", name, node, truth.inputs[name]) for node, name in enumerate(trace.graph.input_names)]
    for name, node in trace.graph.bindings.items():
        if node >= len(nodes) and name in truth.lines:
            nodes.append(("name", name, node, truth.lines[name]))
            if differ(trace.node_values[node], truth.names[name], VALUE):
                yield f"value of {name}"
    for kind, name, node, (way, want) in nodes:
        grad = trace.node_grads[node]
        if numpy.shape(grad) != numpy.shape(want) + numpy.shape(way):
            yield f"shape of {kind} {name}"
        elif differ(numpy.sum(grad * way, axis=tuple(range(numpy.ndim(want), numpy.ndim(grad)))), want, GRAD):
            yield f"gradient of {kind} {name}"


@settings(max_examples=100, deadline=None)
@given(array_programs)
def test_values_and_gradients_are_those_of_complex_steps(program: Program) -> None:
    truth = truth_of(program)
    graph = parse(program.text, tuple(program.values))
    for name, form in FORMS.items():
        assert (name, wrong(traced(form(graph), program), truth)) == (name, [])


@settings(max_examples=50, deadline=None)
@given(array_maps)
def test_a_jacobian_is_the_gradients_of_all_seeds(program: Program) -> None:
    truth = truth_of(program)
    graph = fold(parse(program.text, tuple(program.values)))
    for form in (graph, fold(opened(graph, ["all"]))):
        trace = traced(form, program, jacobian=True)
        assert wrong(trace, truth) == []
        shape = numpy.shape(trace.output)
        rows = [traced(form, program, seed=seed) for seed in seeds(shape)]
        for node, jacobian in enumerate(trace.node_grads):
            stacked = numpy.array([row.node_grads[node] for row in rows]).reshape(numpy.shape(jacobian))
            numpy.testing.assert_allclose(jacobian, stacked, rtol=1e-12, atol=1e-12, equal_nan=True)  # (-2)**2: of 2


def seeds(shape: tuple[int, ...]) -> list[Any]:
    size = int(numpy.prod(shape))
    return list(numpy.eye(size).reshape(size, *shape)) if shape else [1.0]


@settings(max_examples=50, deadline=None)
@given(array_programs)
def test_the_json_of_a_figure_has_its_numbers(program: Program) -> None:
    truth_of(program)
    trace = traced(fold(parse(program.text, tuple(program.values))), program)
    assert mistold(json.loads(as_json(document(picture(trace.graph, trace)))), trace) == []


def reads(told: Any, number: Any) -> bool:
    return numpy.array_equal(numpy.array(told, dtype=float), number, equal_nan=True)


def mistold(told: dict[str, Any], trace: Trace) -> list[str]:
    """What a JSON document has otherwise than a trace."""
    found = []
    for node, each in enumerate(told["nodes"]):
        value, grad = trace.node_values[node], trace.node_grads[node]
        if not reads(each["value"], value) or tuple(each["shape"]) != numpy.shape(value):
            found.append(f"value of {each['id']}")
        if node not in trace.graph.constants and not reads(each["grad"], grad):
            found.append(f"grad of {each['id']}")
    for wire, each in zip(trace.graph.wires, told["wires"], strict=True):
        if not reads(each["grad"], trace.shares[wire.target][wire.slot]):
            found.append(f"share of {each['source']} -> {each['target']}")
    return found


@settings(max_examples=30, deadline=None)
@given(array_maps, st.booleans(), st.booleans())
def test_nothing_lies_on_anything_in_the_drawing(program: Program, framed: bool, local: bool) -> None:
    truth_of(program)
    graph = fold(opened(parse(program.text, tuple(program.values)), ["all"] if framed else [], frame=framed))
    shown = picture(
        graph, traced(graph, program, jacobian=True), show=("values", "grads", "names", *(["local"] if local else []))
    )
    places = layout(shown)
    assert len(places.frames) == len(graph.groups)
    assert faults(shown, places) == []
    assert overlaps(number_boxes(shown, places)) == []
    assert overlaps(circle_boxes(places)) == []
    assert wires_through_boxes(shown, places) == []
    assert hidden_arrows(shown, places) == []


# the checks can fail -------------------------------------------------------------------------------------------------

LAYER = Program(
    (),
    (("h", "tanh(W @ x)"), ("p", "softmax(h)"), ("out", "sum(p*h)")),
    {"W": [[1.0, 2.0], [0.5, -1.0]], "x": [3, 0.7]},
)


def with_row(graph: Graph, name: str, **changes: Any) -> Graph:
    """The graph with another declaration of a gate."""
    changed = replace(GATES[name], **changes)
    return replace(graph, gates=tuple(changed if gate is GATES[name] else gate for gate in graph.gates))


@pytest.mark.parametrize(
    ("name", "changes", "found"),
    [
        ("tanh", {"partials": lambda xp, y, x: (1 - y,)}, ["gradient of input W", "gradient of input x"]),
        (
            "matmul",
            {"pull": lambda xp, slot, u, y, a, b: b * u[:, None] if slot == 0 else a @ u},
            ["gradient of input x"],
        ),
        (
            "softmax",
            {"pull": lambda xp, slot, u, y, x: y * u},
            ["gradient of input W", "gradient of input x", "gradient of name h"],
        ),
        ("sum", {"pull": lambda xp, slot, u, y, x: xp.broadcast_to(u * 1.001, x.shape)}, None),
        ("softmax", {"forward": lambda xp, x: xp.exp(x) / 3}, None),
    ],
)
def test_a_wrong_gate_is_found(name: str, changes: dict[str, Any], found: list[str] | None) -> None:
    graph, truth = parse(LAYER.text), Truth(LAYER)
    assert wrong(traced(graph, LAYER), truth) == []
    told = wrong(traced(with_row(graph, name, **changes), LAYER), truth)
    assert told == found if found else told


@pytest.mark.parametrize("form", ["opened", "closed", "written"])
def test_a_wrong_form_is_found(form: str) -> None:
    """Of gates that the form makes, one is another."""
    graph = FORMS[form](parse("s = sum(square(W @ x)); s * tanh(s)"))
    program = Program((), (("s", "sum(square(W @ x))"), ("out", "s * tanh(s)")), LAYER.values)
    last = graph.output
    assert wrong(traced(graph, program), Truth(program)) == []
    gates = (*graph.gates[:last], GATES["add"], *graph.gates[last + 1 :])
    assert wrong(traced(replace(graph, gates=gates, bindings={"out": last}), program), Truth(program)) != []


def test_a_wrong_jacobian_is_found() -> None:
    program = Program((), (("out", "W @ x"),), LAYER.values)
    trace = traced(parse(program.text), program, jacobian=True)
    assert wrong(trace, Truth(program)) == []
    turned = replace(trace, node_grads=tuple(grad[::-1] for grad in trace.node_grads))
    assert wrong(turned, Truth(program)) == ["gradient of input W", "gradient of input x", "gradient of name out"]


def test_a_wrong_number_of_the_json_is_found() -> None:
    trace = traced(parse(LAYER.text), LAYER)
    told = document(picture(trace.graph, trace))
    assert mistold(told, trace) == []
    told["nodes"][0]["grad"][0][0] += 1e-9
    told["nodes"][1]["value"] = told["nodes"][1]["value"][:1]
    told["wires"][0]["grad"] = 0.0
    assert mistold(told, trace) == ["grad of n0", "value of n1", "share of n0 -> n2"]
