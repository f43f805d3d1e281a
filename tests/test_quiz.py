"""The quiz, driven by scripted answers: what is asked, what is said, what is counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from gradviz import draw
from gradviz.errors import OptionError
from gradviz.practice.answers import MISTAKES, Blank, Verdict, answer
from gradviz.practice.exercises import random_circuits
from gradviz.practice.quiz import Quiz, answered, begin, closing, in_order, opening, question
from gradviz.rounding import drawn
from gradviz.shelves import Hidden
from gradviz.telling.languages import LANGUAGES

NEURON = ("g = w*x\nf = g + b", {"w": -2, "x": 5, "b": 3})
FORK = ("q = x*y\np = x + z\nf = q*p", {"x": 2, "y": 3, "z": 5})
MATRIX = ("q = W @ x\nf = sum(q*q)", {"W": [[1, 2], [3, 4]], "x": [5, 6]})
LECTURES = (NEURON, FORK, MATRIX, ("1/(1 + exp(-(w*x + b)))", {"w": 2, "x": -1, "b": 0.5}))
languages = pytest.mark.parametrize("language", LANGUAGES)


def quiz_of(program: str, values: dict[str, Any], language: str = "en", **options: Any) -> Quiz:
    return begin(draw(program, values, **options).picture, language)


def driven(quiz: Quiz, answers: Callable[[Quiz], str]) -> tuple[Quiz, list[str], list[Verdict | None]]:
    """The quiz at its end, every line that was said, every verdict."""
    lines, verdicts = [said.text for said in opening(quiz)], []
    while quiz.blank:
        lines.append(question(quiz).text)
        quiz, told, verdict = answered(quiz, answers(quiz))
        lines += [said.text for said in told]
        verdicts.append(verdict)
    return quiz, [*lines, *(said.text for said in closing(quiz))], verdicts


def right(quiz: Quiz) -> str:
    assert quiz.blank
    return drawn(quiz.shown.text(answer(quiz.trace, quiz.blank)))


def script(answers: Iterable[str]) -> Callable[[Quiz], str]:
    following = iter(answers)
    return lambda _: next(following)


# the lecture ---------------------------------------------------------------------------------------------------------


def test_the_lecture_in_english() -> None:
    """f = w*x + b of Sung Kim's lecture: one blank is wrong twice, one right at the second try."""
    quiz = quiz_of(*NEURON, hide="grads")
    end, lines, _ = driven(quiz, script(["1", "1", "7", "9", "5", "-2"]))
    assert lines[:4] == [
        "Blanks to fill: 4. Type a number and press Enter; an empty line skips a blank.",
        "The inputs: w = −2, x = 5, b = 3",
        "Forward: g = w·x = (−2)·5 = −10",
        "Forward: f = g + b = −10 + 3 = −7",
    ]
    asked = [line for line in lines if line.endswith("= ?")]
    assert asked == ["∂f/∂g = ?", "∂f/∂b = ?", "∂f/∂w = ?", "∂f/∂w = ?", "∂f/∂x = ?", "∂f/∂x = ?"]
    at = lines.index("Not 9: ∂f/∂w = 5")
    assert lines[at + 1 : at + 3] == [
        "The chain rule: what a wire brings back is the upstream gradient times the local gradient.",
        "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5",
    ]
    assert "Right: ∂f/∂g = 1" in lines
    assert (end.right, lines[-1]) == (3, "3 of 4 right.")


def test_values_come_forward_then_gradients_backward() -> None:
    quiz = quiz_of(*FORK)
    names = [(blank.kind, quiz.of.names.nodes[blank.node]) for blank in quiz.blanks]
    values, grads = names[:3], names[3:]
    assert values == [("value", "q"), ("value", "p"), ("value", "f")]
    assert {name for _, name in grads} == {"q", "p", "x", "y", "z"}
    assert names.index(("grad", "q")) < names.index(("grad", "y"))
    assert names.index(("grad", "p")) < names.index(("grad", "z"))
    assert min(names.index(("grad", name)) for name in "x") > max(names.index(("grad", name)) for name in "qp")


@pytest.mark.parametrize("exercise", LECTURES, ids=str)
def test_no_blank_comes_before_what_it_needs(exercise: tuple[str, dict[str, Any]]) -> None:
    quiz = quiz_of(*exercise)
    assert unready(quiz, quiz.blanks) == []


def unready(quiz: Quiz, blanks: Iterable[Blank]) -> list[Blank]:
    """Blanks that are asked before an operand's value, or before the gradient of a gate that takes the node."""
    graph, seen, found = quiz.of.graph, set[Blank](), []
    asked = set(blanks)
    for blank in blanks:
        needs = {Blank("value", k) for k in graph.operands[blank.node]}
        if blank.kind == "grad":
            needs = {Blank("grad", wire.target) for wire in graph.wires if wire.source == blank.node}
            needs |= {other for other in asked if other.kind == "value"}
        if (needs & asked) - seen:
            found.append(blank)
        seen.add(blank)
    return found


def test_a_wrong_order_would_be_found() -> None:
    quiz = quiz_of(*FORK)
    assert unready(quiz, quiz.blanks[::-1]) != []


# what is asked -------------------------------------------------------------------------------------------------------

HIDES = {
    None: [("value", "g"), ("value", "f"), ("grad", "g"), ("grad", "b"), ("grad", "w"), ("grad", "x")],
    "grads": [("grad", "g"), ("grad", "b"), ("grad", "w"), ("grad", "x")],
    "values": [("value", "g"), ("value", "f")],
    "g,x": [("value", "g"), ("grad", "g"), ("grad", "x")],
}


@pytest.mark.parametrize("hide", HIDES)
def test_what_the_figure_hides_is_asked(hide: str | None) -> None:
    quiz = quiz_of(*NEURON, hide=hide)
    assert [(blank.kind, quiz.of.names.nodes[blank.node]) for blank in quiz.blanks] == HIDES[hide]


@languages
def test_a_value_that_is_asked_is_not_told_before(language: str) -> None:
    quiz = quiz_of(*NEURON, language, hide="values")
    told = " ".join(said.text for said in opening(quiz))
    assert "−10" not in told
    assert "w = −2" in told
    assert question(quiz).text == "g = w·x = ?"


def test_in_order_leaves_out_what_is_not_hidden() -> None:
    graph = draw(*NEURON).graph
    assert list(in_order(graph, Hidden())) == []


@pytest.mark.parametrize(
    ("program", "values", "options", "told"),
    [
        ("w*x", {}, {}, "a quiz asks for numbers; it needs values for the program's names"),
        (*NEURON, {"hide": "local"}, "a quiz asks for values and gradients"),
        ("x + 1", {"x": [1.0] * 50}, {"jacobian": True}, "a quiz asks for values and gradients"),
    ],
)
def test_where_nothing_can_be_asked_that_is_said(program: str, values: Any, options: Any, told: str) -> None:
    with pytest.raises(OptionError) as error:
        quiz_of(program, values, **options)
    assert str(error.value).startswith(told)


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(OptionError, match="unknown language 'kr'"):
        quiz_of(*NEURON, "kr")


# scripts -------------------------------------------------------------------------------------------------------------


@languages
@pytest.mark.parametrize("exercise", LECTURES, ids=str)
def test_all_right(exercise: tuple[str, dict[str, Any]], language: str) -> None:
    quiz, lines, verdicts = driven(quiz_of(*exercise, language), right)
    assert verdicts == [Verdict(True)] * len(quiz.blanks)
    assert quiz.right == quiz.done == len(quiz.blanks)
    assert lines[-1] == quiz.language.say("quiz.score", right=quiz.right, count=quiz.right).text


@languages
@pytest.mark.parametrize("exercise", LECTURES, ids=str)
def test_all_wrong(exercise: tuple[str, dict[str, Any]], language: str) -> None:
    """Two tries each; then the answer and its chain rule."""
    quiz, lines, verdicts = driven(quiz_of(*exercise, language), lambda _: "77.77")
    assert len(verdicts) == 2 * len(quiz.blanks)
    assert not any(verdict and verdict.right for verdict in verdicts)
    assert (quiz.done, quiz.right) == (len(quiz.blanks), 0)
    assert sum("77.77" in line for line in lines) >= len(quiz.blanks)
    assert sum(quiz.language.word("quiz.why_share") in line for line in lines) >= len(quiz.blanks) // 2


@languages
@pytest.mark.parametrize("skip", ["", "  ", "skip", "SKIP ", "?", "？", "건너뛰기"])
def test_all_skipped(skip: str, language: str) -> None:
    quiz, lines, verdicts = driven(quiz_of(*NEURON, language), lambda _: skip)
    assert verdicts == [None] * 6
    assert (quiz.done, quiz.right) == (6, 0)
    for solved in ("g = w·x = −10", "f = g + b = −7", "∂f/∂w = 5", "∂f/∂x = −2"):
        assert quiz.language.say("quiz.skipped", formula=solved).text in lines
    assert any("∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5" in line for line in lines)


@languages
def test_the_end_of_input_keeps_the_score_so_far(language: str) -> None:
    quiz = quiz_of(*NEURON, language)
    quiz = answered(quiz, "-10").quiz
    quiz = answered(quiz, "77").quiz
    stopped, score = (said.text for said in closing(quiz))
    assert stopped == quiz.language.say("quiz.stopped", done=1, count=6).text
    assert score == quiz.language.say("quiz.score", right=1, count=6).text


@languages
def test_the_end_of_input_at_once(language: str) -> None:
    assert len(closing(quiz_of(*NEURON, language))) == 2


@languages
def test_what_is_no_number_is_no_try(language: str) -> None:
    quiz = quiz_of(*NEURON, language)
    for text in ("ten", "w*x", "1,000", "\x1b[31m", "[bold]"):
        turn = answered(quiz, text)
        assert turn == (quiz, turn.told, None)
        assert [said.text for said in turn.told] == [quiz.language.word("quiz.not_a_number")]


@languages
def test_right_at_the_second_try_counts(language: str) -> None:
    quiz = quiz_of(*NEURON, language)
    first = answered(quiz, "10")
    assert first.verdict == Verdict(False, "sign")
    assert (first.quiz.done, first.quiz.tries) == (0, 1)
    assert not any("−10" in said.text for said in first.told)  # the answer is not given away
    second = answered(first.quiz, "-10")
    assert second.verdict == Verdict(True)
    assert (second.quiz.done, second.quiz.right, second.quiz.tries) == (1, 1, 0)


@languages
def test_a_fork_is_explained_by_its_shares_and_their_sum(language: str) -> None:
    quiz = quiz_of(*FORK, language, hide="x")
    hinted = answered(quiz, "21")
    assert hinted.verdict == Verdict(False, "share")
    told = [said.text for said in answered(hinted.quiz, "6").told]
    assert any("∂f/∂x = 27" in line for line in told[:1])
    assert any("∂f/∂q · ∂q/∂x = 7 · 3 = 21" in line for line in told)
    assert any("∂f/∂x = 6 + 21 = 27" in line or "∂f/∂x = 21 + 6 = 27" in line for line in told)


@languages
def test_the_mistake_is_told_where_the_language_has_a_word_for_it(language: str) -> None:
    quiz = quiz_of(*NEURON, language, hide="w")
    bare = {key: text for key, text in quiz.language.texts.items() if "mistake" not in key and key != "quiz.again"}
    words = {"quiz.again": "Again.", **{f"quiz.mistake_{key}": f"<{key}>" for key in MISTAKES}}
    for typed, mistake in {"-5": "sign", "-2": "switch", "1": "upstream"}.items():
        told = answered(quiz._replace(language=quiz.language._replace(texts={**bare, **words})), typed).told
        assert [said.text for said in told] == ["Again.", f"<{mistake}>"]
        told = answered(quiz._replace(language=quiz.language._replace(texts=bare)), typed).told
        assert [said.text for said in told] == [quiz.language.word("quiz.why_share")]


def test_long_and_hostile_answers_are_repeated_short_and_printable() -> None:
    quiz = answered(quiz_of(*NEURON), "9").quiz
    told = answered(quiz, "1" * 60).told[0].text
    assert told == f"Not {'1' * 40}…: g = w·x = −10"
    told = answered(quiz, "1\t/  2").told[0].text
    assert told == "Not 1 / 2: g = w·x = −10"


@languages
def test_random_exercises_can_be_quizzed_on(language: str) -> None:
    for exercise in random_circuits(9, 11):
        quiz = quiz_of(exercise.program, exercise.values, language)
        assert driven(quiz, right)[0].right == len(quiz.blanks)
        assert unready(quiz, quiz.blanks) == []


@pytest.mark.parametrize("digits", [0, 1, 4])
def test_numbers_are_told_as_the_figure_prints_them(digits: int) -> None:
    figure = draw("sigmoid(w*x)*k", {"w": 0.5, "x": 2, "k": 10}, digits=digits)
    quiz, lines, _ = driven(begin(figure.picture), lambda _: "")
    assert quiz.trace is figure.trace
    for blank in quiz.blanks:
        assert any(
            line.endswith(f"= {figure.picture.text(answer(quiz.trace, blank))}".replace("-", "−")) for line in lines
        )


def test_a_quiz_of_numbers_loads_nothing_heavy() -> None:
    code = """
import sys
from gradviz import draw
from gradviz.practice.exercises import random_circuits
from gradviz.practice.quiz import answered, begin, opening
exercise = random_circuits(1, 1)[0]
quiz = begin(draw(exercise.program, exercise.values).picture)
opening(quiz), answered(quiz, "6"), answered(quiz, "")
print(*sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"numpy", "sympy", "rich", "click"}.isdisjoint(loaded)
