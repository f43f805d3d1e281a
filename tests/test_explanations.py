"""What `explain` tells is what the trace says, in every format and language."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

import gradviz
from gradviz.errors import OptionError
from gradviz.evaluator import Trace
from gradviz.explanations import RENDERERS, Explanation, explanation, render
from gradviz.explanations import terminal as terminal_renderer
from gradviz.telling.languages import LANGUAGES
from gradviz.themes import THEMES
from tests.lectures import NAMES, SAMPLES, lecture
from tests.test_imports import HEAVY, loaded_by

EVERY = pytest.mark.parametrize("name", NAMES)
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
VALUES = {"w": -2, "x": 5, "b": 3}


SMALL = 20  # nodes of circuits that are told with closed forms here; tests of these forms have the large ones


def told(name: str, language: str = "en", *, numbers: bool = True) -> Explanation:
    return _told(name, language, numbers)


@cache
def _told(name: str, language: str, numbers: bool) -> Explanation:
    trace = lecture(name)
    formulas = numbers and language == "en" and len(trace.graph) <= SMALL
    return explanation(trace.graph, trace if numbers else None, language=language, formulas=formulas)


def of(program: str, values: dict[str, Any] | None = None, **options: Any) -> Explanation:
    graph = gradviz.parse(program, values or ())
    return explanation(graph, gradviz.evaluate(graph, values) if values else None, **options)


def text(found: Explanation, name: str = "text") -> str:
    return render(found, name).decode()


# exactly -------------------------------------------------------------------------------------------------------------

ENGLISH = """\
f = wx + b
  g = w * x
  f = g + b

Inputs
  w = −2
  x = 5
  b = 3

Forward pass
  g = w·x = (−2)·5 = −10
  f = g + b = −10 + 3 = −7

Backward pass
  Backward, starting at the output: ∂f/∂f = 1

  Back through f = g + b; upstream ∂f/∂f = 1
  The + gate distributes: every input gets the upstream gradient unchanged.
  Local gradient: ∂f/∂g = 1
  ∂f/∂g = 1 · 1 = 1
  Local gradient: ∂f/∂b = 1
  ∂f/∂b = 1 · 1 = 1

  Back through g = w·x; upstream ∂f/∂g = 1
  The * gate switches: every input gets the upstream gradient times the value of
  the other.
  Local gradient: ∂g/∂w = x = 5
  ∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5
  Local gradient: ∂g/∂x = w = −2
  ∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2

Gradients
  Name  Value  Gradient    Closed form
  w     −2     ∂f/∂w = 5   x
  x     5      ∂f/∂x = −2  w
  b     3      ∂f/∂b = 1   1
  g     −10    ∂f/∂g = 1   1
  f     −7     ∂f/∂f = 1   1
"""
KOREAN = """\
# f = wx + b

```
g = w * x
f = g + b
```

## 입력

- `w = −2`
- `x = 5`
- `b = 3`

## 순전파

- `g = w·x = (−2)·5 = −10`
- `f = g + b = −10 + 3 = −7`

## 역전파

역전파는 출력에서 시작합니다: `∂f/∂f = 1`

### 역전파: `f = g + b`, 상류 기울기 `∂f/∂f = 1`

`+` 게이트는 분배기입니다. 상류 기울기를 모든 입력에 똑같이 그대로 전달합니다.

- 국소 기울기: `∂f/∂g = 1`
- `∂f/∂g = 1 · 1 = 1`
- 국소 기울기: `∂f/∂b = 1`
- `∂f/∂b = 1 · 1 = 1`

### 역전파: `g = w·x`, 상류 기울기 `∂f/∂g = 1`

`*` 게이트는 교환기입니다. 각 입력은 상류 기울기에 상대 입력의 값을 곱한 것을 받습니다.

- 국소 기울기: `∂g/∂w = x = 5`
- `∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5`
- 국소 기울기: `∂g/∂x = w = −2`
- `∂f/∂x = ∂f/∂g · ∂g/∂x = 1 · (−2) = −2`

## 기울기

| 이름 | 값 | 기울기 | 정리한 식 |
| --- | --- | --- | --- |
| `w` | `−2` | `∂f/∂w = 5` | `x` |
| `x` | `5` | `∂f/∂x = −2` | `w` |
| `b` | `3` | `∂f/∂b = 1` | `1` |
| `g` | `−10` | `∂f/∂g = 1` | `1` |
| `f` | `−7` | `∂f/∂f = 1` | `1` |
"""


def test_sung_kims_lecture() -> None:
    lecture_9_2 = "g = w * x\nf = g + b"
    assert text(of(lecture_9_2, VALUES, title="f = wx + b")) == ENGLISH
    assert text(of(lecture_9_2, VALUES, title="f = wx + b", language="ko"), "markdown") == KOREAN


# Gate by gate: the local gradients in formulas and rounded numbers, the shares with two decimals as printed.
NEURON = [("−1/g₇²", -0.53, -0.53), ("1", 1.0, -0.53), ("e^g₅", 0.37, -0.20), ("−1", -1.0, 0.20)]
SUNG_KIM = [("−1/c²", -0.53, -0.53), ("1", 1.0, -0.53), ("e^a", 0.37, -0.20), ("−1", -1.0, 0.20)]


@pytest.mark.parametrize(("name", "walk"), [("cs231n-neuron", NEURON), ("sungkim-sigmoid", SUNG_KIM)])
def test_the_walk_through_the_sigmoid(name: str, walk: list[tuple[str, float, float]]) -> None:
    """CS231n and Sung Kim: −1/x², 1, e^x, −1."""
    shares = [each.shares[0] for each in told(f"sample-{name}").backward[:4]]
    formulas = [share.local_formula.text for share in shares if share.local_formula]
    assert formulas == [formula for formula, _, _ in walk]
    assert [(round(share.local, 2), round(share.share, 2)) for share in shares] == [each[1:] for each in walk]


def test_without_values_the_chain_rule_is_told_in_names() -> None:
    found = text(of("g = w*x; f = g + b"))
    assert "  ∂f/∂w = ∂f/∂g · ∂g/∂w = ∂f/∂g · x\n" in found
    assert re.search(r"^  w +∂f/∂w +x$", found, re.M)
    assert text(of("def z(x, y): ...; z(x, y)", upstream="L"), "markdown").count("`∂L/∂x = ∂L/∂f · ∂f/∂x`") == 1
    assert "- `∂L/∂x = ∂L/∂f · y`" not in (found := text(of("x*y", upstream="L"), "markdown"))
    assert "| `x` | `∂L/∂x` | `∂L/∂f · y` |" in found


# JSON: what is told is true -------------------------------------------------------------------------------------------


def near(one: Any, other: Any) -> bool:
    return one == other or (isinstance(one, float) and math.isclose(one, other, rel_tol=1e-15))


def nested(value: Any) -> Any:
    """A number or an array as the JSON has it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return [nested(each if each.ndim else float(each)) for each in value]


def as_float(value: Any) -> float | None:
    return float(value) if isinstance(value, float | str) else None


def errors(found: dict[str, Any], trace: Trace) -> Iterator[str]:
    """What an explanation says that the trace does not, a line each."""
    index = {f"n{k}": k for k in range(len(trace.graph))}
    for each in (*found["inputs"], *found["forward"], *found["gradients"]):
        if each["value"] != nested(trace.node_values[index[each["id"]]]):
            yield f"value of {each['id']}"
    for each in found["gradients"]:
        if each["grad"] != nested(trace.node_grads[index[each["id"]]]):
            yield f"grad of {each['id']}"
    for each in found["backward"]:
        if each["upstream"]["grad"] != nested(trace.node_grads[index[each["id"]]]):
            yield f"upstream of {each['id']}"
        yield from (f"share {s['source']} {s['target']} {s['slot']}" for s in each["shares"] if not _right(s, trace))
        for total in each["sums"]:
            if not _adds_up(total, trace):
                yield f"sum of {total['id']}"
    told_wires = {(s["source"], s["target"], s["slot"]) for each in found["backward"] for s in each["shares"]}
    wires = {(f"n{s}", f"n{t}", k) for s, t, k in trace.graph.wires if s not in trace.graph.constants}
    yield from map(str, told_wires ^ wires)


def _right(share: dict[str, Any], trace: Trace) -> bool:
    """Whether it is the wire's, and for numbers whether local × upstream = share."""
    target, slot = int(share["target"][1:]), share["slot"]
    if share["share"] != nested(trace.shares[target][slot]):
        return False
    local, upstream, product = (as_float(share[key]) for key in ("local", "upstream", "share"))
    if local is None or upstream is None or product is None:
        return True
    return local * upstream == product or math.isnan(local * upstream) == math.isnan(product) is True


def _adds_up(total: dict[str, Any], trace: Trace) -> bool:
    node = int(total["id"][1:])
    if total["grad"] != nested(trace.node_grads[node]):
        return False
    shares = [as_float(share) for share in total["shares"]]
    if None in shares:
        return total["shares"] == [nested(trace.shares[int(w["target"][1:])][w["slot"]]) for w in total["wires"]]
    return str(sum(share for share in shares if share is not None)) == str(as_float(total["grad"]))


@EVERY
def test_every_number_told_is_the_traces_and_products_and_sums_hold(name: str) -> None:
    found = json.loads(render(told(name), "json"))
    assert list(errors(found, lecture(name))) == []


def moved(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Copies in which one number is off, or a part is missing."""
    places = [("inputs", "value"), ("forward", "value"), ("gradients", "value"), ("gradients", "grad")]
    for part, key in places:
        for k in range(len(found[part])):
            off = copy.deepcopy(found)
            off[part][k][key] += 1e-9
            yield off
    for k, each in enumerate(found["backward"]):
        for j in range(len(each["shares"])):
            for key in ("local", "upstream", "share"):
                off = copy.deepcopy(found)
                off["backward"][k]["shares"][j][key] += 1e-3
                yield off
            off = copy.deepcopy(found)
            del off["backward"][k]["shares"][j]
            yield off
        for j in range(len(each["sums"])):
            off = copy.deepcopy(found)
            off["backward"][k]["sums"][j]["shares"][0] += 1e-3
            yield off


def test_a_number_that_is_off_is_found() -> None:
    found = json.loads(render(told("figure-fan-out"), "json"))
    wrong = list(moved(found))
    assert len(wrong) > 30
    assert all(list(errors(each, lecture("figure-fan-out"))) for each in wrong)


def test_the_json_has_formulas_and_the_keys_of_the_contract() -> None:
    found = json.loads(render(of("g = w*x; f = g + b", VALUES), "json"))
    assert list(found) == [
        "program", "title", "language", "output", "inputs", "forward", "seed", "backward", "gradients", "notes",
    ]  # fmt: skip
    assert found["backward"][1]["shares"][0] == {
        "source": "n0",
        "target": "n3",
        "slot": 0,
        "gradient": {"text": "∂f/∂w", "tex": r"\frac{\partial f}{\partial w}"},
        "local_name": {"text": "∂g/∂w", "tex": r"\frac{\partial g}{\partial w}"},
        "local_formula": {"text": "x", "tex": "x"},
        "local": 5.0,
        "upstream": 1.0,
        "share": 5.0,
        "formula": {
            "text": "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5",
            "tex": r"\frac{\partial f}{\partial w} = \frac{\partial f}{\partial g} \cdot \frac{\partial g}{\partial w}"
            r" = 1 \cdot 5 = 5",
        },
        "says": ["Local gradient: ∂g/∂w = x = 5", "∂f/∂w = ∂f/∂g · ∂g/∂w = 1 · 5 = 5"],
    }
    assert found["gradients"][0]["closed_form"] == {"text": "x", "tex": "x"}
    infinite = json.loads(render(told("figure-infinite"), "json"))
    assert [each["value"] for each in infinite["forward"]] == ["-inf", "-inf"]


# every format --------------------------------------------------------------------------------------------------------


@EVERY
@EVERY_LANGUAGE
@pytest.mark.parametrize("numbers", [True, False])
def test_every_circuit_in_every_language_and_format(name: str, language: str, numbers: bool) -> None:
    for each in RENDERERS:
        assert render(told(name, language, numbers=numbers), each)


@EVERY
@EVERY_LANGUAGE
def test_the_text_fits_a_terminal(name: str, language: str) -> None:
    lines = text(told(name, language)).splitlines()
    program = set(lecture(name).graph.program.splitlines())
    assert [line for line in lines if cell_len(line) > 80 and line.strip() not in program] == []
    assert all(line == line.rstrip() and "\x1b" not in line for line in lines)


@EVERY
def test_every_equation_stands_in_the_text(name: str) -> None:
    def squeezed(found: str) -> str:
        return re.sub(r"\s+", "", found)

    shown = squeezed(text(told(name)))
    for each in told(name).forward:
        assert squeezed(each.equation.text) in shown
    for back in told(name).backward:
        assert all(squeezed(share.equation.text) in shown for share in back.shares)
        assert all(squeezed(total.equation.text) in shown for total in back.sums)


def tokens(found: str) -> list[Any]:
    parser = MarkdownIt("commonmark").enable("table")
    return [inner for token in parser.parse(found) for inner in (token, *(token.children or ()))]


@EVERY
def test_the_markdown_means_what_is_told(name: str) -> None:
    """Parsed, its code spans are the formulas, and there is no markup but headings, lists and one table."""
    explained = told(name)
    parsed = tokens(text(explained, "markdown"))
    spans = [token.content for token in parsed if token.type == "code_inline"]
    wanted = [share.equation.text for back in explained.backward for share in back.shares]
    wanted += [total.equation.text for back in explained.backward for total in back.sums]
    wanted += [each.equation.text for each in (*explained.inputs, *explained.forward)]
    assert [formula for formula in wanted if formula not in spans] == []
    allowed = {"heading", "fence", "bullet_list", "list_item", "paragraph", "inline", "table", "thead", "tbody"}
    allowed |= {"tr", "th", "td", "text", "code_inline", "softbreak", "blockquote"}
    assert {re.sub("_(open|close)$", "", token.type) for token in parsed} <= allowed
    assert sum(token.type == "tr_open" for token in parsed) == 1 + len(explained.found)
    assert [t.content for t in parsed if t.type == "fence"] == [explained.graph.program.strip("\n") + "\n"]


def test_bars_and_backticks_stay_in_their_cells() -> None:
    graph = gradviz.parse("abs(x)")
    found = explanation(graph, gradviz.evaluate(graph, {"x": -2}), title="a|b `c` *d* [e](f) <g> $h$ & 1. # i")
    parsed = tokens(text(found, "markdown"))
    heading = next(token for token in parsed if token.type == "inline")
    assert "".join(token.content for token in heading.children or ()) == "a|b `c` *d* [e](f) <g> $h$ & 1. # i"
    assert {token.type for token in heading.children or ()} <= {"text", "text_special"}
    assert "|x|" in [token.content.split(" = ")[1] for token in parsed if token.content.startswith("f = |")]
    cells = [token.content for token in parsed if token.type == "td_open"]
    assert len(cells) == 2 * 4


@pytest.mark.parametrize("title", ["1. one", "- two", "# three", "12) four", "= five", "> six", "+ seven"])
def test_a_note_is_no_block(title: str) -> None:
    graph = gradviz.parse("x*x")
    found = explanation(graph)._replace(notes=(title,))
    quoted = tokens(text(found, "markdown"))
    start = [token.type for token in quoted].index("blockquote_open")
    assert [token.type for token in quoted[start : start + 3]] == ["blockquote_open", "paragraph_open", "inline"]
    assert "".join(token.content for token in quoted[start + 2].children or ()) == title


def test_markup_that_is_not_meant_is_found() -> None:
    assert {token.type for token in tokens("a *b* <i> [c](d)")} >= {"em_open", "html_inline", "link_open"}


def test_user_text_is_literal_in_the_terminal() -> None:
    found = of("x*y", {"x": 1, "y": 2}, title="[red]a[/] [/] \x1b[31m :smile:")
    assert text(found).splitlines()[0] == "[red]a[/] [/] \N{REPLACEMENT CHARACTER}[31m :smile:"


def test_the_terminal_has_the_themes_colours() -> None:
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, color_system="truecolor", width=100)
    console.print(terminal_renderer.renderable(of("w*x", {"w": -2, "x": 5}), THEMES["cs231n"]))
    green, red = "\x1b[38;2;0;128;0m", "\x1b[38;2;212;0;0m"
    assert f"w·x = (−2)·5 = {green}−10" in stream.getvalue()
    assert f"1 · (−2) = {red}−2" in stream.getvalue()


def test_what_cannot_be_is_told() -> None:
    graph = gradviz.parse("x")
    with pytest.raises(OptionError, match="unknown language"):
        explanation(graph, language="xx")
    with pytest.raises(OptionError, match="digits must be"):
        explanation(graph, digits=-1)
    with pytest.raises(OptionError, match="'x' is a name of the program"):
        explanation(graph, upstream="x")
    with pytest.raises(OptionError, match=r"^unknown format 'markdwon'; did you mean 'markdown'\?"):
        render(explanation(graph), "markdwon")


def test_another_seed_has_no_closed_forms_that_would_not_fit() -> None:
    assert all(each.closed is None for each in told("seeded").found)
    assert any(each.closed is not None for each in told("figure-square").found)


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if "digits" in sample.options])
def test_digits_are_those_that_are_asked_for(name: str) -> None:
    trace, digits = lecture(f"sample-{name}"), SAMPLES[name].options["digits"]
    found = text(explanation(trace.graph, trace, digits=digits, formulas=False))
    assert max(len(number) for number in re.findall(r"\d\.(\d+)(?![\d.e])", found)) == digits


def test_plain_explanations_load_no_sympy_and_json_no_rich() -> None:
    run = """
import gradviz
from gradviz.explanations import explanation, render
graph = gradviz.parse("g = w*x; f = g + b")
told = explanation(graph, gradviz.evaluate(graph, {"w": 1, "x": 2, "b": 3}), formulas=False)
render(told, "json"); render(told, "markdown")
"""
    assert loaded_by(run) & (HEAVY - {"graphviz", "pygraphviz"}) == set()
