"""The README does what it says: its commands run, its Python gives its results, its pictures are those of today."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from gradviz.api import draw
from gradviz.cli import main
from gradviz.formats import FORMATS
from gradviz.gates import GATES
from gradviz.themes import THEMES
from tests.figures import FIGURES, NEURON, NEURON_VALUES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip()
    for line in README.splitlines()
    if re.match(r'    gradviz ("|batch samples|explain "|worksheet ["-]|--latex)', line)
]
VECTORS = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
IMAGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "neuron": (NEURON, NEURON_VALUES, {}),
    "wx-b": (*FIGURES["wx-b"], {}),
    "fan-out": (*FIGURES["fan-out"], {}),
    "vectorized": ("q = W @ x; f = sum(q**2)", VECTORS, {"digits": 3, "collapse": True}),
    "framed": (NEURON, NEURON_VALUES, {"frame": True}),
    "gate": ("def f(x, y): ...; z = f(x, y)", {}, {"upstream": "L", "theme": "board"}),
    "what-if": (*FIGURES["wx-b"], {"nudge": "b=+1"}),
}


def test_the_first_screen_has_the_picture_the_two_commands_and_a_python_call() -> None:
    first_screen = "\n".join(README.splitlines()[:32])
    for part in (
        "docs/images/neuron.svg",
        "    python -m pip install .\n",
        '    gradviz "w*x+b" --w=-2',
        "gradviz.draw(",
    ):
        assert part in first_screen


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command.partition(" > ")[0])[1:]
    assert main(words) == 0
    out, _ = capfdbinary.readouterr()
    assert [
        word for word in words if word.endswith((".svg", ".pdf", ".tex", ".md")) and not Path(word).stat().st_size
    ] == []
    assert (" > " in command) == out.startswith(b"<svg ")


def test_its_python_gives_its_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = "\n".join(re.findall(r"```python\n(>>>.*?)```", README, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, "README.md", "README.md", 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.summarize(verbose=False) == (0, len(test.examples))
    assert len(test.examples) > 5


def test_it_names_every_gate_theme_and_format() -> None:
    functions = {name for name, gate in GATES.items() if not gate.operators or name == "sqrt"}
    for name in functions | set(THEMES) | set(FORMATS):
        assert re.search(rf"\b{name}\b", README), name


@pytest.mark.parametrize("name", IMAGES)
def test_its_pictures_are_those_of_today(name: str) -> None:
    drawn = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    program, values, options = IMAGES[name]
    assert drawn == draw(program, values, **options).svg
