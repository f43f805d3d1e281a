"""A quiz on a figure, without a terminal: a question for each blank, and what is said to each answer.

quiz = begin(figure.picture, "en")
for said in opening(quiz): ...
while quiz.blank:
    quiz, told, verdict = answered(quiz, input(question(quiz).text))
closing(quiz)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.blocks import MOST_COLUMNS, MOST_ROWS, fits
from gradviz.errors import OptionError, printable
from gradviz.evaluator import Trace
from gradviz.graph import Graph
from gradviz.notation import Formula
from gradviz.picture import Picture
from gradviz.practice.answers import Blank, Verdict, answer, judge
from gradviz.rounding import drawn
from gradviz.shelves import Hidden, hidden
from gradviz.telling import equations, sentences
from gradviz.telling.algebra import equation
from gradviz.telling.equations import Subject
from gradviz.telling.languages import DEFAULT, Language, Said, language_named
from gradviz.telling.sentences import Formulas
from gradviz.telling.steps import steps

ASKED: Final = "values,grads"  # unless the figure hides something
SKIPS: Final = frozenset({"", "?", "？", "skip", "건너뛰기"})
TRIES: Final = 2
LONGEST: Final = 40  # letters of an answer that are repeated

Told = tuple[Said, ...]


class Quiz(NamedTuple):
    """A quiz as far as it has come."""

    of: Subject
    trace: Trace
    shown: Picture
    language: Language
    blanks: tuple[Blank, ...]  # in the order in which they can be worked out
    done: int = 0
    right: int = 0
    tries: int = 0  # wrong answers to the question that is asked

    @property
    def blank(self) -> Blank | None:
        """What is asked; None at the end."""
        return self.blanks[self.done] if self.done < len(self.blanks) else None


class Turn(NamedTuple):
    """What came of an answer."""

    quiz: Quiz
    told: Told
    verdict: Verdict | None  # None where nothing was judged: the blank was skipped, or the answer was no number


def begin(shown: Picture, language: str = DEFAULT) -> Quiz:
    """A quiz on the blanks of a figure, or on all values and gradients that it would leave blank if asked to.

    Raises `OptionError` for a figure without numbers, or one in which there is nothing to be asked.
    """
    if shown.trace is None:
        raise OptionError("a quiz asks for numbers; it needs values for the program's names")
    texts = language_named(language)
    blanks = shown.hidden if any(shown.hidden) else hidden(ASKED, shown.graph)
    asked = tuple(blank for blank in in_order(shown.graph, blanks) if _is_typed(shown.trace, blank))
    if not asked:
        raise OptionError("a quiz asks for values and gradients; this figure has none that can be asked for")
    of = equations.subject(shown.graph, shown.trace, named=shown.names, number=lambda value: drawn(shown.text(value)))
    return Quiz(of, shown.trace, shown, texts, asked)


def in_order(graph: Graph, blanks: Hidden) -> Iterator[Blank]:
    """Blanks in the order of the lecture: values forward, gradients backward."""
    for step in steps(graph):
        yield from (Blank("value", node) for node in step.values if node in blanks.values)
        yield from (Blank("grad", node) for node in step.grads if node in blanks.grads)


def _is_typed(trace: Trace, blank: Blank) -> bool:
    """Whether an answer is small enough to be typed."""
    found = answer(trace, blank)
    return isinstance(found, float) or fits(found, (MOST_ROWS, MOST_COLUMNS))


# what is said --------------------------------------------------------------------------------------------------------


def opening(quiz: Quiz) -> Told:
    """How many blanks there are, and what is known: the inputs, and the gates whose values are not asked for."""
    of, asked = quiz.of, {blank.node for blank in quiz.blanks if blank.kind == "value"}
    known = [
        step for step in steps(of.graph) if step.kind in ("inputs", "forward") and not asked.intersection(step.values)
    ]
    told = (said for step in known for said in sentences.sentences(step, of, quiz.language))
    return (quiz.language.say("quiz.start", count=len(quiz.blanks)), *told)


def question(quiz: Quiz) -> Said:
    """`g = w·x = ?`, `∂f/∂w = ?`."""
    assert quiz.blank is not None, "asked before the end"
    return sentences.question(_asked(quiz, quiz.blank), quiz.language)


def _asked(quiz: Quiz, blank: Blank) -> Formula:
    if blank.kind == "value":
        return equations.definition(quiz.of, blank.node)
    return equations.gradient(quiz.of, blank.node)


def answered(quiz: Quiz, text: str, formulas: Formulas | None = None) -> Turn:
    """What came of an answer: right, wrong with a hint and another try, wrong with the explanation, or skipped.

    With `formulas` an explanation tells the local gradients as formulas too.
    """
    assert quiz.blank is not None, "answered before the end"
    if text.strip().lower() in SKIPS:
        return Turn(
            _next(quiz), (quiz.language.say("quiz.skipped", formula=_solved(quiz)), *_why(quiz, formulas)), None
        )
    verdict = judge(text, quiz.trace, quiz.blank, quiz.shown.text)
    if verdict is None:
        return Turn(quiz, (quiz.language.say("quiz.not_a_number"),), None)
    if verdict.right:
        return Turn(_next(quiz, right=1), (quiz.language.say("quiz.right_answer", formula=_solved(quiz)),), verdict)
    if quiz.tries + 1 < TRIES:
        return Turn(quiz._replace(tries=quiz.tries + 1), tuple(_hint(quiz, verdict)), verdict)
    return Turn(_next(quiz), (_wrong(quiz, text), *_why(quiz, formulas)), verdict)


def closing(quiz: Quiz) -> Told:
    """The score; before the end also where it was stopped."""
    score = quiz.language.say("quiz.score", right=quiz.right, count=len(quiz.blanks))
    stopped = quiz.language.say("quiz.stopped", done=quiz.done, count=len(quiz.blanks))
    return (score,) if quiz.blank is None else (stopped, score)


def _next(quiz: Quiz, right: int = 0) -> Quiz:
    return quiz._replace(done=quiz.done + 1, right=quiz.right + right, tries=0)


def _solved(quiz: Quiz) -> Formula:
    """The question with its answer."""
    assert quiz.blank is not None, "asked before the end"
    return equation(_asked(quiz, quiz.blank), equations.number(quiz.of, answer(quiz.trace, quiz.blank)))


def _wrong(quiz: Quiz, text: str) -> Said:
    plain = printable(" ".join(text.split()))
    short = plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
    return quiz.language.say("quiz.wrong", answer=short, formula=_solved(quiz))


def _why(quiz: Quiz, formulas: Formulas | None) -> Told:
    """The explanation by the chain rule, or of a value by its gate."""
    assert quiz.blank is not None, "asked before the end"
    if quiz.blank.kind == "value":
        return sentences.value_reason(quiz.of, quiz.blank.node, quiz.language)
    return sentences.grad_reason(quiz.of, quiz.blank.node, quiz.language, formulas)


def _hint(quiz: Quiz, verdict: Verdict) -> Iterator[Said]:
    """What to think of before another try: the mistake that was probably made, else the rule."""
    assert quiz.blank is not None, "asked before the end"
    rule = "quiz.why_value" if quiz.blank.kind == "value" else "quiz.why_share"
    mistake = f"quiz.mistake_{verdict.mistake}"
    known = [key for key in ("quiz.again", mistake) if key in quiz.language.texts]
    yield from map(quiz.language.say, known if mistake in known else [*known, rule])
