"""The sentences of the lecture, in every language."""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradviz
from gradviz import ieee
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.gates import GATES, Gate
from gradviz.notation import names
from gradviz.telling import languages
from gradviz.telling.equations import gradient, rounded, subject
from gradviz.telling.languages import LANGUAGES, complaints, flat, language_named
from gradviz.telling.sentences import behaviour, grad_reason, nudge, question, sentences, value_reason
from gradviz.telling.steps import steps
from tests.lectures import NAMES, lecture
from tests.test_imports import HEAVY, loaded_by

EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
ENGLISH = language_named("en").texts
LECTURE = "g = w*x; f = g + b"
VALUES = {"w": -2, "x": 5, "b": 3}


def traced(program: str, values: Mapping[str, Any], **evaluated: Any) -> Trace:
    return gradviz.evaluate(gradviz.parse(program, values), values, **evaluated)


def said(trace: Trace, language: str = "en", **options: Any) -> list[str]:
    """All that is said, a line each."""
    of = subject(trace.graph, trace, **options)
    told = language_named(language)
    return [each.text for step in steps(trace.graph) for each in sentences(step, of, told)]


# languages -----------------------------------------------------------------------------------------------------------


@EVERY_LANGUAGE
def test_a_language_is_complete(language: str) -> None:
    assert complaints(language_named(language).texts, ENGLISH) == []


BROKEN: Mapping[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "missing": (lambda texts: texts.pop("quiz.right"), "'quiz.right' is missing"),
    "unknown": (lambda texts: texts.update({"quiz.rihgt": "Right."}), "'quiz.rihgt' is not a key"),
    "empty": (lambda texts: texts.update({"quiz.right": " "}), "'quiz.right' is not text"),
    "a number": (lambda texts: texts.update({"quiz.right": 3}), "'quiz.right' is not text"),
    "another placeholder": (
        lambda texts: texts.update({"quiz.score": "{right} {cuont}"}),
        "'quiz.score' has ['cuont', 'right'] in braces, not ['count', 'right']",
    ),
    "a lost placeholder": (
        lambda texts: texts.update({"step.forward": "순전파"}),
        "'step.forward' has [] in braces, not ['formula']",
    ),
    "an open brace": (lambda texts: texts.update({"quiz.right": "{"}), "'quiz.right' has a brace without its partner"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_language_is_found(fault: str) -> None:
    texts: dict[str, Any] = dict(language_named("ko").texts)
    breaks, complaint = BROKEN[fault]
    breaks(texts)
    assert complaints(texts, ENGLISH) == [complaint]


def test_every_file_is_a_language_and_every_language_a_file() -> None:
    folder = Path(languages.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == LANGUAGES.keys()
    for path in folder.glob("*.toml"):
        assert flat(tomllib.loads(path.read_text("utf-8"))) == language_named(path.stem).texts


def test_an_unknown_language_is_told_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"^unknown language 'kor'; did you mean 'ko'\? languages are en and ko$"):
        language_named("kor")


def particles(texts: Mapping[str, str]) -> list[str]:
    """Texts in which Hangul follows a placeholder at once: its form would depend on what is filled in."""
    return [key for key, text in texts.items() if re.search(r"\}[가-힣]", text)]


def test_no_korean_particle_depends_on_a_name_or_a_number() -> None:
    assert particles(language_named("ko").texts) == []
    assert particles({"a": "{gate}는 분배기", "b": "{gate} 게이트는 분배기"}) == ["a"]


def test_korean_texts_are_korean_and_english_ones_english() -> None:
    without_words = {key for key, text in ENGLISH.items() if not re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text))}
    assert without_words == {"step.share", "quiz.question"}
    assert {key for key, text in language_named("ko").texts.items() if not re.search("[가-힣]", text)} == without_words
    assert not any(re.search("[가-힣]", text) for text in ENGLISH.values())


# behaviours ----------------------------------------------------------------------------------------------------------


class At(NamedTuple):
    """A gate at a place: what it computes of what, and its local gradients."""

    y: float
    x: Sequence[float]
    d: Sequence[float]


# What the words say of a gate's local gradients at its inputs, where it takes numbers.
MEANS: Mapping[str, Callable[[At], bool]] = {
    "distributes": lambda at: all(each == 1 for each in at.d),
    "passes": lambda at: at.d[0] == 1,
    "subtracts": lambda at: (at.d[0], at.d[1]) == (1, -1),
    "reverses": lambda at: at.d[0] == -1,
    "switches": lambda at: (at.d[0], at.d[1]) == (at.x[1], at.x[0]),
    "divides": lambda at: math.isclose(at.d[0], 1 / at.x[1]) and math.isclose(at.d[1], -at.x[0] / at.x[1] ** 2),
    "repeats": lambda at: at.d[0] == at.y,
    "saturates": lambda at: 0 < at.d[0] <= 1,
    "opens": lambda at: at.d[0] == (1 if at.y == at.x[0] else 0),
    "routes": lambda at: sorted(at.d) == [0] * (len(at.d) - 1) + [1] and at.x[at.d.index(1)] == at.y,
    "chooses": lambda at: at.d[0] == 0 and sorted(at.d[1:]) == [0, 1] and at.x[at.d.index(1)] == at.y,
    "stops": lambda at: all(each == 0 for each in at.d),
}
TELLING = [gate for gate in GATES.values() if gate.behaves and gate.partials is not None]


def truths(gate: Gate, count: int = 200) -> list[bool]:
    """Whether the words hold, at places in the gate's domain."""
    chance = random.Random(gate.name)
    found = []
    for _ in range(count):
        x = [chance.uniform(*interval) for interval in gate.domain]
        y = gate.forward(ieee, *x)
        found.append(MEANS[gate.behaves[0]](At(y, x, list(gate.partials(ieee, y, *x)))))  # type: ignore[misc]
    return found


@pytest.mark.parametrize("gate", [g for g in TELLING if g.behaves[0]], ids=lambda gate: gate.name)
def test_what_is_said_of_a_gate_is_true(gate: Gate) -> None:
    assert all(truths(gate))


def test_what_is_not_true_of_a_gate_is_found() -> None:
    from dataclasses import replace

    assert not all(truths(replace(GATES["mul"], behaves=("distributes",))))
    assert not all(truths(replace(GATES["max"], behaves=("switches",))))
    assert not all(truths(replace(GATES["tanh"], behaves=("repeats",))))


def test_every_behaviour_has_a_sentence_and_every_sentence_a_gate() -> None:
    keys = {f"behaves.{key}" for gate in GATES.values() for key in gate.behaves if key}
    assert keys == {key for key in ENGLISH if key.startswith("behaves.")}
    for gate in GATES.values():
        assert len(gate.behaves) in ((0, 1) if gate.arity == 1 or gate.variadic else (0, 1, 1 + gate.arity)), gate.name


@pytest.mark.parametrize(
    ("program", "key"),
    [
        ("x + y", "distributes"), ("x + 1", "passes"), ("1 + x", "passes"), ("x - y", "subtracts"),
        ("x - 1", "passes"), ("1 - x", "reverses"), ("-x", "reverses"), ("x*y", "switches"), ("x*x", "switches"),
        ("2*x", "scales"), ("x*-1", "scales"), ("x/y", "divides"), ("x/2", "scales"), ("2/x", ""),
        ("max(x, y)", "routes"), ("max(0, x)", "guards"), ("min(x, 1)", "guards"), ("relu(x)", "opens"),
        ("clip(x, 0, 1)", "opens"), ("x > y", "stops"), ("x > 0", "stops"), ("where(x > 0, x, y)", "chooses"),
        ("where(x, 1, 0)", "stops"), ("where(1, x, 0)", "chooses"), ("exp(x)", "repeats"), ("log(x)", ""),
        ("tanh(x)", "saturates"), ("W @ x", "transposes"), ("sum(x)", "spreads"), ("x[0]", "picks"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fold", [True, False])
def test_a_gate_is_told_by_its_kind_and_by_its_constants(program: str, key: str, fold: bool) -> None:
    graph = gradviz.parse(program, fold=fold)
    assert behaviour(graph, graph.output) == key


SIZES = {"matmul": ((2, 3), (3, 4)), "cross_entropy": ((2, 3), (2, 3))}


@pytest.mark.parametrize("gate", [gate for gate in GATES.values() if gate.pulled], ids=lambda gate: gate.name)
def test_how_a_gate_on_arrays_is_said_to_pull_back_is_how_it_does(gate: Gate) -> None:
    """The formula of the row, read as NumPy, gives the share."""
    chance = np.random.default_rng(1)
    shapes = SIZES.get(gate.name, ((4,), (4,)))
    xs = [chance.uniform(0.1, 0.9, size) for size in shapes[: gate.arity]]
    if gate.name == "cross_entropy":
        xs[1] = np.eye(3)[:2]
    from gradviz import nd

    y = gate.forward(nd, *xs)
    u = chance.uniform(-1, 1, np.shape(y))
    for slot, template in enumerate(gate.pulled):
        assert np.allclose(as_numpy(template, u, y, xs), gate.pull(nd, slot, u, y, *xs)), template  # type: ignore[misc]
        assert not np.allclose(as_numpy(f"2 · {template}", u, y, xs), gate.pull(nd, slot, u, y, *xs))  # type: ignore[misc]


def as_numpy(template: str, u: Any, y: Any, xs: Sequence[Any]) -> Any:
    times = "@" if "ᵀ" in template else "*"
    text = template.format(*(f"x{k}" for k in range(len(xs))), u="u", y="y").replace("log softmax", "log_softmax")
    text = re.sub(r"Σ (u(?: ⊙ y)?)", r"np.sum(\1)", text)
    for mark, python in {"ᵀ": ".T", "⊙": "*", "−": "-"}.items():
        text = text.replace(mark, python)
    text = text.replace("2 · ", "2 * ").replace("·", times)

    def softmax(x: Any) -> Any:
        return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)

    known = {f"x{k}": x for k, x in enumerate(xs)} | {"u": u, "y": y, "n": len(xs[0]), "np": np, "softmax": softmax}
    return eval(text, known | {"log": np.log, "log_softmax": lambda x: np.log(softmax(x))})


# the lecture ---------------------------------------------------------------------------------------------------------


def test_sung_kims_lecture_in_english() -> None:
    assert said(traced(LECTURE, VALUES)) == [
        "The computational graph: every circle is a gate, and values flow along the wires from left to right.",
        "The inputs: w = −2, x = 5, b = 3",
        "Forward: g = w·x = (−2)·5 = −10",
        "Forward: f = g + b = −10 + 3 = −7",
        "Backward, starting at the output: ∂f/∂f = 1",
        "Back through f = g + b; upstream ∂f/∂f = 1",
        "The + gate distributes: every input gets the upstream gradient unchanged.",
        "∂f/∂g = 1 · 1 = 1",
        "∂f/∂b = 1 · 1 = 1",
        "Back through g = w·x; upstream ∂f/∂g = 1",
        "The * gate switches: every input gets the upstream gradient times the value of the other.",
        "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5",
        "∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2",
        "Done. Every wire has its value and its gradient: ∂f/∂w = 5, ∂f/∂x = −2, ∂f/∂b = 1",
    ]


def test_sung_kims_lecture_in_korean() -> None:
    assert said(traced(LECTURE, VALUES), "ko") == [
        "계산 그래프: 동그라미 하나가 게이트 하나이고, 값은 선을 따라 왼쪽에서 오른쪽으로 흐릅니다.",
        "입력: w = −2, x = 5, b = 3",
        "순전파: g = w·x = (−2)·5 = −10",
        "순전파: f = g + b = −10 + 3 = −7",
        "역전파는 출력에서 시작합니다: ∂f/∂f = 1",
        "역전파: f = g + b, 상류 기울기 ∂f/∂f = 1",
        "+ 게이트는 분배기입니다. 상류 기울기를 모든 입력에 똑같이 그대로 전달합니다.",
        "∂f/∂g = 1 · 1 = 1",
        "∂f/∂b = 1 · 1 = 1",
        "역전파: g = w·x, 상류 기울기 ∂f/∂g = 1",
        "* 게이트는 교환기입니다. 각 입력은 상류 기울기에 상대 입력의 값을 곱한 것을 받습니다.",
        "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5",
        "∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2",
        "완성. 모든 선에 값과 기울기가 있습니다: ∂f/∂w = 5, ∂f/∂x = −2, ∂f/∂b = 1",
    ]


def nudged(program: str, values: Mapping[str, float], moved: Mapping[str, float], language: str = "en") -> list[str]:
    before, after = (traced(program, given) for given in (values, {**values, **moved}))
    of = subject(before.graph, before, number=rounded([before, after], 2))
    return [each.text for each in nudge(of, after, language_named(language))]


def test_b_to_4_moves_f_by_1() -> None:
    assert nudged(LECTURE, VALUES, {"b": 4}) == [
        "What if b: 3 → 4, Δb = 1",
        "The gradient predicts: Δf ≈ ∂f/∂b · Δb = 1 · 1 = 1",
        "What happens: f: −7 → −6, Δf = 1",
        "The prediction is exact.",
    ]
    assert nudged(LECTURE, VALUES, {"b": 4}, "ko") == [
        "값을 바꾸어 봅시다. b: 3 → 4, Δb = 1",
        "기울기로 예측한 변화: Δf ≈ ∂f/∂b · Δb = 1 · 1 = 1",
        "실제 변화: f: −7 → −6, Δf = 1",
        "예측과 실제가 같습니다.",
    ]


def test_a_nudge_of_several_inputs_and_of_a_curve_is_off() -> None:
    assert nudged("w*x", {"w": 2, "x": 3}, {"w": 2.5, "x": 2}) == [
        "What if w: 2.00 → 2.50, Δw = 0.50, x: 3.00 → 2.00, Δx = −1.00",
        "The gradient predicts: Δf ≈ ∂f/∂w · Δw + ∂f/∂x · Δx = 3.00 · 0.50 + 2.00 · (−1.00) = −0.50",
        "What happens: f: 6.00 → 5.00, Δf = −1.00",
        "The prediction is off by −0.50: the gradient is the slope at the starting point only.",
    ]


def test_a_nudge_of_nothing_and_of_an_array() -> None:
    assert nudged("x*x", {"x": 3}, {})[1:] == [
        "The gradient predicts: Δf ≈ 0",
        "What happens: f: 9 → 9, Δf = 0",
        "The prediction is exact.",
    ]
    assert nudged("sum(x*2)", {"x": [1, 2]}, {"x": [2, 2]})[1] == "The gradient predicts: Δf ≈ ∂f/∂x · Δx = 2"  # type: ignore[dict-item]


def test_forks_are_told_as_shares_and_a_sum() -> None:
    told = said(traced("c = a + b; d = b + 1; e = c*d", {"a": 2, "b": 1}))
    assert told[10:-1] == [
        "Back through d = b + 1; upstream ∂e/∂d = 3",
        "The +1 gate passes the upstream gradient on unchanged.",
        "One share of ∂e/∂b: ∂e/∂d · ∂d/∂b = 3 · 1 = 3",
        "Back through c = a + b; upstream ∂e/∂c = 2",
        "The + gate distributes: every input gets the upstream gradient unchanged.",
        "∂e/∂a = ∂e/∂c · ∂c/∂a = 2 · 1 = 2",
        "One share of ∂e/∂b: ∂e/∂c · ∂c/∂b = 2 · 1 = 2",
        "b is used 2 times, so its shares add up: ∂e/∂b = 3 + 2 = 5",
    ]


def test_a_node_used_twice_by_the_output_is_told_by_slots() -> None:
    """∂f/∂x is the whole, ∂₁f and ∂₂f are what each wire brings back."""
    assert said(traced("x*x", {"x": -3}))[-4:-1] == [
        "One share of ∂f/∂x: ∂₁f = 1 · (−3) = −3",
        "One share of ∂f/∂x: ∂₂f = 1 · (−3) = −3",
        "x is used 2 times, so its shares add up: ∂f/∂x = −3 + (−3) = −6",
    ]
    assert "One share of ∂f/∂b: ∂₁f = 1 · 4 = 4" in said(traced("d = b + 1; b*d", {"b": 3}))


def test_arrays_are_pulled_back_by_formulas() -> None:
    trace = traced("q = W @ x; f = sum(q**2)", {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]})
    told = said(trace, digits=3)
    assert "Forward: q = W x = [0.22, 0.26]" in told
    assert "∂f/∂W = ∂f/∂q · xᵀ = [[0.088, 0.176], [0.104, 0.208]]" in told
    assert "∂f/∂x = Wᵀ · ∂f/∂q = [−0.112, 0.636]" in told
    assert "∂f/∂q = ∂f/∂g ⊙ ∂g/∂q = [1, 1] ⊙ [0.44, 0.52] = [0.44, 0.52]" in told


def test_an_input_that_is_repeated_is_told_so() -> None:
    told = said(traced("sum(x + b)", {"x": [1, 2], "b": 3}))
    assert told[-3:-1] == [
        "∂f/∂b = Σ ∂f/∂g ⊙ ∂g/∂b = 2",
        "b was repeated to the shape (2); what comes back is summed over the copies.",
    ]


def test_seeds_are_told() -> None:
    assert "Backward, starting at the output; its upstream gradient is given: ∂f/∂f = 0.50" in said(
        traced("x*y", {"x": 2, "y": 3}, seed=0.5)
    )
    trace = traced("W @ x", {"W": [[1, 2]], "x": [3, 4]}, jacobian=True)
    assert "its gradient by itself is the identity: ∂f/∂f = [[1]]" in said(trace)[3]
    graph = gradviz.parse("x*y")
    trace = gradviz.evaluate(graph, {"x": 2, "y": 3})
    assert "∂L/∂x = ∂L/∂f · ∂f/∂x = 1 · 3 = 3" in said(trace, named=names(graph, "L"))


def test_what_is_not_finite_is_told() -> None:
    told = said(traced("log(x) + y", {"x": 0, "y": 1}))
    assert "Forward: g = log(x) = log(0) = −∞" in told
    assert "∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · ∞ = ∞" in told


@pytest.mark.parametrize("name", NAMES)
@EVERY_LANGUAGE
def test_every_circuit_is_told(name: str, language: str) -> None:
    for trace in (lecture(name), None):
        graph = lecture(name).graph
        of = subject(graph, trace)
        for step in steps(graph):
            for each in sentences(step, of, language_named(language)):
                assert each.text.strip()
                assert "".join(piece if isinstance(piece, str) else piece.text for piece in each.pieces()) == each.text
                assert not re.search(r"(?<![\w])-\d|\binf\b", each.text), each.text  # as in the figure: −2, ∞


# asked ---------------------------------------------------------------------------------------------------------------


def test_a_quiz_asks_and_gives_its_reasons() -> None:
    trace = traced("c = a + b; d = b + 1; e = c*d", {"a": 2, "b": 1})
    of, english = subject(trace.graph, trace), language_named("en")
    b, c, e = trace.graph.bindings["b"], trace.graph.bindings["c"], trace.graph.bindings["e"]
    assert question(gradient(of, b), english).text == "∂e/∂b = ?"
    assert [each.text for each in value_reason(of, c, english)] == [
        "A gate's value is its operation, applied to the values of its inputs.",
        "Forward: c = a + b = 2 + 1 = 3",
    ]
    assert [each.text for each in grad_reason(of, c, english)][1:] == ["∂e/∂c = 1 · 2 = 2"]
    assert [each.text for each in grad_reason(of, b, english)][1:] == [
        "One share of ∂e/∂b: ∂e/∂d · ∂d/∂b = 3 · 1 = 3",
        "One share of ∂e/∂b: ∂e/∂c · ∂c/∂b = 2 · 1 = 2",
        "Where a node is used several times, the shares add up.",
        "b is used 2 times, so its shares add up: ∂e/∂b = 3 + 2 = 5",
    ]
    assert [each.text for each in grad_reason(of, e, english)] == [
        "The gradient of the output by itself is 1.",
        "Backward, starting at the output: ∂e/∂e = 1",
    ]


def test_sentences_without_formulas_load_nothing_heavy() -> None:
    run = """
import gradviz
from gradviz.telling.equations import subject
from gradviz.telling.languages import language_named
from gradviz.telling.sentences import sentences
from gradviz.telling.steps import steps
trace = gradviz.evaluate(gradviz.parse("1/(1+exp(-w*x))"), {"w": 2.0, "x": -1.0})
of = subject(trace.graph, trace)
[each.text for step in steps(trace.graph) for each in sentences(step, of, language_named("ko"))]
"""
    assert loaded_by(run) & (HEAVY - {"graphviz", "pygraphviz"}) == set()
