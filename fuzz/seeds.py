"""What the fuzzer begins with: words from the tables of gradviz, and inputs made of the samples that ship."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy

from gradviz.choices import OPTIONS
from gradviz.commands import cli, known_options
from gradviz.gates import CONSTANTS, GATES, INFIX, PREFIX, library
from gradviz.latex import tables
from gradviz.sample import Sample
from gradviz.samples import figure_files, read_samples, shipped
from gradviz.themes import THEMES, Theme

PIECES: Final = (
    *"()[]{},;:=\n\\\"'`#@.%&<>|~$^_²₁½·−√ｘ가\u0302\u202e\u200d\ufeff\0\x1b", "\r\n", "def f(x): return ",
    "lambda x: x", "import numpy as np\n", "axis=", "keepdims=True", "True", "None", "...", ".T", "[0]", "[:, None]",
    "[[1, 2], [3, 4]]", "1e400", "1e-400", "9" * 30, "0.5", "nan", "inf", "x", "W", "e^-x", "__class__", "</text>",
    "&#10;", "]]>", "\\N", "😀", "אב",
)  # fmt: skip
FORMULAS: Final = (
    r"\frac{1}{1+e^{-(w_0x_0+w_1x_1+w_2)}}", r"\sigma(\mathbf{W}\mathbf{x}+b)", r"f(x) = x^2 \\ y = f(3)",
    r"\begin{bmatrix} 1 & x \\ y & 2 \end{bmatrix} \cdot w^\top", r"\max\left(0, \sum x\right)", r"\|x\|_2^2 + |y|",
    r"\text{softmax}(z)_{1} \operatorname{ReLU}(\hat{y}_{i,j})", r"\log_2 x^2 \sin 2\pi x",
    r"J = -\frac{1}{m}\left(y\log h + (1-y)\log(1-h)\right)", r"h_{t-1}' + \bar{x}\tilde{y} \% \times \sqrt[3]{x}",
    r"\begin{aligned} q &= x+y \\ f &= qz \end{aligned}",
)  # fmt: skip
LITERALS: Final = (
    "-2", "pi/2", "1e-3", "[1, 2]", "[[1, 2], [3, 4]]", "2**0.5", "-inf", "nan", "(1+2)*3", "[1/2, -e]", "0,5", "1,000",
    "−3", "∞",
)  # fmt: skip
ROWS: Final = ("w,x,b\n1,2,3\n4,5,6\n", 'w;"x"\n1;2\n\n-1e3;nan\n', "a\tb\n1\t2\n")


@cache
def words() -> tuple[str, ...]:
    """Tokens of all kinds of inputs, each once."""
    return tuple(dict.fromkeys((*_gates(), *_latex(), *_options(), *PIECES)))


def _gates() -> Iterator[str]:
    yield from (*INFIX, *PREFIX, *CONSTANTS, *library())
    for gate in GATES.values():
        yield from (f"{name}(" for name in (gate.name, *gate.aliases))
        yield from (f"{setting.name}=" for setting in gate.settings)
        yield from (f"{word}(" for word in gate.spelled.split() if word.startswith("."))


def _latex() -> Iterator[str]:
    """The texts that the tables of LaTeX are about."""
    for table in vars(tables).values():
        if isinstance(table, Mapping | frozenset | tuple):
            yield from (word for word in table if isinstance(word, str))


def _options() -> Iterator[str]:
    yield from (*known_options(), *cli.names, *OPTIONS, *THEMES, *Theme._fields, "expr = ", '"values": {', "[options]")


def dictionary(path: Path) -> None:
    """Write the words as libFuzzer reads them."""
    path.write_text("".join(f'"{_escaped(word)}"\n' for word in words() if 0 < len(word.encode()) <= 60), "ascii")


def _escaped(word: str) -> str:
    return "".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in word.encode())


# inputs --------------------------------------------------------------------------------------------------------------


@cache
def _samples() -> tuple[Sample, ...]:
    return tuple(sample for sample in read_samples(shipped()) if isinstance(sample, Sample))


def _programs() -> Iterator[str]:
    yield from (sample.expr for sample in _samples())


def _figures() -> Iterator[bytes]:
    for number, sample in enumerate(_samples()):
        yield bytes([number % 7, number]) + sample.expr.encode()


def _learned() -> Iterator[bytes]:
    for number, sample in enumerate(_samples()):
        yield bytes([number % 7]) + sample.expr.encode()


def _values() -> Iterator[str]:
    for sample in _samples():
        yield json.dumps(sample.values)
    yield from ('{"w": NaN, "x": [[1e400]]}', '{"w": 1, "w": 2}', "[1]", '{"w": {"x": 1}}', '\ufeff{"x y": 1}')


def _commands() -> Iterator[str]:
    for sample in _samples():
        yield "\n".join([" ".join(sample.expr.split()), *(f"--{k}={v}" for k, v in sample.values.items())])
    for name in cli.names:
        yield f"{name}\nw*x\n--w=2\n--x=3\n-f\njson"
    for option, takes in known_options().items():
        yield "\n".join(["g = w*x; f = g + b", option, *["x=1"] * takes, "--w=2", "--x=3", "--b=1"])
    yield "-\n--x=3\n\ny = x*x\n"
    yield "quiz\nw*x\n--w=2\n--x=3\n\n3\n-3\n6\n"
    yield "descend\nw*x\n--w=2\n--x=3\n--wrt=w\n--update=adam\n--iterations=3"
    yield "w*x\n--w=2\n--x=3\n--mode=forward\n--wrt=w\n-f\ntext"
    yield "table\n-\nw*x\n\nw,x\n1,2\n"


def _json_lines() -> Iterator[str]:
    for sample in _samples():
        table = {"expr": sample.expr, "values": sample.values, "title": sample.title, "options": sample.options}
        yield json.dumps(table, default=str)
    yield '{"expr": "x"}\n\n{"expr": 3}\n{"name": "a", "expr": "x*y", "values": {"x": [1, 2], "y": [[3]]}}\n'


def _toml() -> Iterator[bytes]:
    yield from (Path(path).read_bytes() for path in figure_files(shipped()))


def _themes() -> Iterator[str]:
    for row in THEMES.values():
        fields: dict[str, Any] = {k.replace("_", "-"): v for k, v in row._asdict().items() if not isinstance(v, Theme)}
        yield "".join(f"{k} = {json.dumps(v)}\n" for k, v in fields.items() if v is not None)
    yield 'base = "board"\ndark = "dark"\nfont = ["A b", "serif"]\nink = "#123"\n'


def _npy() -> Iterator[bytes]:
    fortran = numpy.asfortranarray([[1, 2], [3, 4]])
    for array in (numpy.eye(2), numpy.array([1, 2], dtype="float32"), numpy.array(3), numpy.array(["a"]), fortran):
        file = io.BytesIO()
        numpy.save(file, array)
        yield file.getvalue()


def _json() -> Iterator[str]:
    yield from ("[[1, 2], [3, 4]]", "3", "[1e3, -0.5]", "[NaN, Infinity]", '{"x": 1}', "[[1], [2, 3]]", "\ufeff[1]")


def _csv() -> Iterator[str]:
    yield from ("1,2\n3,4\n", "1;2,5\n", "1 2 3\n# note\n4 5 6", "nan\n-inf\n", "x,y\n1,2")


SEEDS: Final[Mapping[str, Callable[[], Iterable[str | bytes]]]] = {  # by target
    "program": _programs,
    "figure": _figures,
    "latex": lambda: FORMULAS,
    "literal": lambda: LITERALS,
    "answer": lambda: LITERALS,
    "command": _commands,
    "toml": _toml,
    "jsonl": _json_lines,
    "learning": _learned,
    "values": _values,
    "theme": _themes,
    "npy": _npy,
    "json": _json,
    "csv": _csv,
    "rows": lambda: ROWS,
}


def seeds(target: str) -> list[bytes]:
    """The inputs that a target begins with."""
    found = (seed.encode() if isinstance(seed, str) else seed for seed in SEEDS[target]())
    return list(dict.fromkeys(found))
