"""Imports point one way, and the fast path imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradviz

PACKAGE = Path(gradviz.__file__).parent

# A module may import only what stands before it.
ORDER = (
    "joiners", "errors", "limits", "deadlines", "files", "ieee", "differences", "nd", "nested",
    "gates.row", "gates.shapes", "gates.elementwise", "gates.arrays", "gates.losses", "gates", "slots", "bulk", "graph",
    "language", "language.tokens", "values", "finite", "passes", "levels", "large", "jacobians", "tensors", "evaluator",
    "tangents", "tape", "recorded", "chunks", "many", "compounds",
    "descent.rows", "descent.updates", "descent.schedules", "descent.starts",
    "language.constants", "language.calls", "language.names", "language.complaints", "language.dispatch",
    "language.stacks", "language.leaves", "language.expressions", "language.statements", "language.parser",
    "language.unparse",
    "rewrite", "opening", "closing", "rounding", "notation", "spelling", "numerals", "nudging",
    "symbolic.forms", "symbolic.further", "symbolic.reading", "symbolic.partials",
    "symbolic.writing", "symbolic.transform",
    "symbolic.slopes", "symbolic.lecture", "symbolic.shortest", "symbolic.formulas", "symbolic",
    "views.parts", "views.neighbourhoods", "views.statements", "views",
    "latex.tables", "latex.items", "latex.kinds", "latex.names", "latex.reading", "latex.cursor", "latex.expressions",
    "latex.functions", "latex.brackets", "latex.operands", "latex.statements", "latex",
    "themes", "themefiles", "blocks", "runs", "matrices", "shelves", "tooltips", "picture", "viewing",
    "layout.metrics", "layout.copies", "layout.groups", "layout.crossings", "layout.bands", "layout.layers",
    "layout.sizes", "layout.rows", "layout.routes", "layout.frames", "layout.places", "layout",
    "layout.trees", "layout.strips",
    "layout.leaning", "layout.fast", "layout.methods", "layout.together", "layout.pairs",
    "telling", "telling.algebra", "telling.steps", "telling.languages", "telling.equations", "telling.sentences",
    "telling.slides",
    "formats.inert", "animation.extras", "animation.timing", "animation.versions", "animation.*", "animation",
    "formats.glyphs", "formats.messages", "formats.fontconfig", "formats.programs", "formats.drawer",
    "formats.graphviz", "formats.engine", "formats.ink", "formats.markup", "formats.dot", "formats.image",
    "formats.svgtext", "formats.svglines", "formats.svgparts", "formats.svgdot",
    "formats.texmath", "formats.texrows", "formats.texparts", "formats.*", "formats",
    "gradient", "gradient.terms", "gradient.spreading", "gradient.shares", "gradient.naming",
    "gradient.differentiating", "gradient.programs",
    "descent.objectives", "descent.loop", "descent.setting", "descent", "plots", "plots.canvas", "plots.loss",
    "plots.bowl", "telling.slideshow", "figure", "descent.circuits", "descent.tables", "learned", "gradcheck",
    "columntexts", "stamps", "explanations.told", "explanations.*", "explanations",
    "captions", "choices", "parsing", "api",
    "practice", "practice.circuits", "practice.friendly", "practice.exercises", "practice.worksheets",
    "sample", "documents", "samples", "signals", "workers", "journal", "manifest", "drawing", "batch",
    "arguments", "arrayfiles", "literals", "practice.answers", "practice.quiz", "terminal",
    "offers", "options", "tables", "commands", "lessons", "tabulating", "learning", "deriving", "checking",
    "cli", "__main__",
)  # fmt: skip
EXCEPTIONS = {
    ("themes", "themefiles"): "the import waits until a file is named",
    ("graph", "symbolic"): "Graph.to_sympy is a method for Python users; the import waits until it is called",
}
FORMATS_OWN = "the table of formats names its modules as text, so that a figure loads only the one that it needs"


def modules(package: Path) -> dict[str, Path]:
    """Every module of the package by its dotted name, the package's own `__init__` left out."""
    found = {".".join(path.relative_to(package).with_suffix("").parts): path for path in sorted(package.rglob("*.py"))}
    return {name.removesuffix(".__init__"): path for name, path in found.items() if name != "__init__"}


def row(module: str) -> str:
    """The row of ORDER that a module belongs to."""
    folder = f"{module.partition('.')[0]}.*"
    return folder if module not in ORDER and folder in ORDER else module


def imports(source: str, known: set[str]) -> Iterator[str]:
    """The package's modules that a module imports, anywhere in it, also for type checking."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "gradviz":
            base = str(node.module).removeprefix("gradviz").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                yield inner if inner in known else base
        elif isinstance(node, ast.Import):
            yield from (name.name.removeprefix("gradviz.") for name in node.names if name.name.startswith("gradviz."))
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "a relative import"


def backward(module: str, source: str, known: set[str]) -> list[str]:
    """The imports of a module that do not point to an earlier row; "" is the package itself, always there."""
    earlier = ORDER[: ORDER.index(row(module))]
    if module == "formats":
        earlier = tuple(name for name in earlier if not name.startswith("formats."))  # see FORMATS_OWN
    return [
        target
        for target in imports(source, known)
        if target and row(target) not in earlier and (module, target) not in EXCEPTIONS
    ]


MODULES = modules(PACKAGE)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_earlier_modules_only(module: str) -> None:
    assert backward(module, MODULES[module].read_text("utf-8"), set(MODULES)) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_place_in_the_order(module: str) -> None:
    assert row(module) in ORDER


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gates", "from gradviz.graph import Graph"),
        ("gates", "from gradviz import graph"),
        ("gates", "import gradviz.graph"),
        ("gates", "def f():\n    from gradviz.graph import Graph"),
        ("gates", "if TYPE_CHECKING:\n    from gradviz.graph import Graph"),
        ("gates", "from .errors import GradvizError"),
        ("formats", "from gradviz.formats import dot"),
        ("formats.svg", "from gradviz.formats.json import render"),
        ("formats.svg", "from gradviz.formats import FORMATS"),
        ("errors", "from gradviz.cli import main"),
    ],
)
def test_a_backward_import_is_found(module: str, source: str) -> None:
    assert backward(module, source, {*ORDER, "formats.svg", "formats.json"}) != []


def test_a_module_without_a_place_is_found() -> None:
    assert row("utilities") not in ORDER


@pytest.mark.parametrize("module", ["graph", "formats.svg", "api"])
def test_a_forward_import_is_not_reported(module: str) -> None:
    assert backward(module, "import math\nfrom gradviz.gates import Gate\nfrom gradviz import errors", {*ORDER}) == []


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


HEAVY = {"sympy", "mpmath", "numpy", "rich", "click", "pygraphviz", "graphviz", "asyncio", "multiprocessing"}


def test_parsing_and_evaluating_loads_nothing_heavy() -> None:
    run = """
from gradviz.language.parser import parse
from gradviz.rewrite import fold
from gradviz.evaluator import evaluate
evaluate(fold(parse("1/(1+exp(-w*x))")), {"w": 2.0, "x": -1.0})
"""
    assert loaded_by(run) & HEAVY == set()


def test_a_heavy_import_is_found() -> None:
    assert loaded_by("import mpmath") & HEAVY != set()


def test_the_package_alone_loads_none_of_its_modules() -> None:
    assert {name for name in loaded_by("import gradviz") if name.startswith("gradviz.")} == set()
