"""Frames as SVG texts -> one SVG: played by the browser, or stepped through by reveal.js."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2s
from itertools import accumulate, groupby
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from gradviz.animation.timing import HOLD, SECONDS, durations
from gradviz.animation.versions import Attributes, Film, film, runs
from gradviz.formats.inert import inert

Place = Callable[[Element, tuple[int, ...]], Iterator[Element]]  # where parts of these frames go, in their group

# Without an animation (paper, readers who ask for less motion, programs that do not know it) the last frame stands.
_MOVING: Final = "@media screen and (prefers-reduced-motion: no-preference)"


def animated(frames: Sequence[str], seconds: float = SECONDS, hold: float = HOLD) -> str:
    """One SVG that shows each frame for `seconds` and the last one for `hold`, again and again, without scripts.

    It grows with what changes, not with the number of frames. Raises `OptionError`, `RenderError`.
    """
    shown, times = film(frames), durations(len(frames), seconds, hold)
    prefix = _prefix("animated", *frames, repr(times))
    rules: dict[tuple[int, ...], str] = {}

    def place(group: Element, numbers: tuple[int, ...]) -> Iterator[Element]:
        name = rules.setdefault(numbers, f"{prefix}-{len(rules)}")
        yield SubElement(group, "g", {"class": name} | _unless(shown.length - 1 in numbers))

    root, graph = _opened(shown, prefix)
    _draw(shown, graph, prefix, place, shown.tips)
    if rules:
        style = Element("style")
        style.text, style.tail = _style(rules, times), "\n"
        root.insert(len(root) - 1, style)
    return _text(root)


def fragments(frames: Sequence[str]) -> str:
    """One SVG, to stand inline in a slide of reveal.js: each step forward shows the next frame.

    What appears in frame k has the class "fragment" and the index k-1; what vanishes in frame k, "fragment fade-out".
    Without reveal.js the last frame stands. Tooltips are left out, since they would tell the answers.
    Raises `RenderError`.
    """
    shown = film(frames)
    prefix = _prefix("fragments", *frames)

    def place(group: Element, numbers: tuple[int, ...]) -> Iterator[Element]:
        for start, stop in runs(numbers):
            inner = SubElement(group, "g", _fragment(start)) if start else group
            ends = stop < shown.length
            yield SubElement(inner, "g", _fragment(stop, " fade-out") | _unless(False)) if ends else inner

    root, graph = _opened(shown, prefix)
    _draw(shown, graph, prefix, place, {})
    return _text(root)


def _fragment(frame: int, kind: str = "") -> dict[str, str]:
    return {"class": f"fragment{kind}", "data-fragment-index": str(frame - 1)}


def _unless(shown: bool) -> dict[str, str]:
    """For what is not in the last frame. As an attribute it yields to every style."""
    return {} if shown else {"visibility": "hidden"}


def _prefix(*content: str) -> str:
    """Keeps the names of two figures on one page apart."""
    return "g" + blake2s("\0".join(content).encode(), digest_size=5).hexdigest()


def _opened(shown: Film, prefix: str) -> tuple[Element, Element]:
    """The svg element with words for those who cannot see it, and the drawing, still empty."""
    root = Element("svg", {"role": "img"} | shown.attributes)
    root.text = "\n"
    root.extend(shown.head)
    graph = SubElement(root, "g", shown.graph | {"id": f"{prefix}-{shown.graph.get('id', 'graph')}"})
    graph.text = graph.tail = "\n"
    return root, graph


def _draw(shown: Film, graph: Element, prefix: str, place: Place, tips: dict[Attributes, Element | None]) -> None:
    """All parts in order, each in its group, and there where `place` puts parts of its frames."""
    every, ids = tuple(range(shown.length)), Counter[str]()
    for attributes, parts in groupby(shown.parts, key=lambda part: part.key.group):
        group = graph if attributes is None else _group(graph, attributes, prefix, ids, tips.get(attributes))
        for numbers, same in groupby(parts, key=lambda part: part.frames):
            elements = [part.element for part in same]
            for inner in [group] if numbers == every else place(group, numbers):
                inner.extend(elements)


def _group(graph: Element, attributes: Attributes, prefix: str, ids: Counter[str], tip: Element | None) -> Element:
    """A group as in its frame, its id unique in the page: a second version of it is `…-n3-2`."""
    group = SubElement(graph, "g", dict(attributes))
    group.text = group.tail = "\n"
    if name := group.get("id"):
        ids[name] += 1
        group.set("id", f"{prefix}-{name}" + (f"-{ids[name]}" if ids[name] > 1 else ""))
    if tip is not None:
        group.append(tip)
    return group


def _style(rules: dict[tuple[int, ...], str], times: Sequence[float]) -> str:
    """A rule for each set of frames in which something is seen."""
    total = sum(times)
    starts = [f"{100 * start / total:.6g}%" for start in accumulate(times[:-1], initial=0.0)]
    lines = [_MOVING + " {"]
    for numbers, name in rules.items():
        lines.append(f".{name} {{animation: {name} {total:.6g}s step-end infinite}}")
        lines.append(f"@keyframes {name} {{{_keyframes(numbers, starts)}}}")
    return "\n".join([*lines, "}"])


def _keyframes(numbers: Sequence[int], starts: Sequence[str]) -> str:
    """When it is seen and when not, from the first frame on; each lasts until the next one (`step-end`)."""
    changes = {} if 0 in numbers else {0: "hidden"}
    for start, stop in runs(numbers):
        changes |= {start: "visible", stop: "hidden"}
    return " ".join(f"{starts[k]} {{visibility: {seen}}}" for k, seen in changes.items() if k < len(starts))


def _text(root: Element) -> str:
    return inert(f"{tostring(root, encoding='unicode')}\n".encode()).decode()
