"""TikZ compiled wherever there is a TeX: alone, within documents, and with texts that would be commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import pytest

from gradviz.api import draw
from gradviz.formats import texmath
from gradviz.formats.tex import tikz
from gradviz.formats.texparts import box
from gradviz.gates import GATES
from gradviz.layout import layout
from gradviz.picture import Picture
from tests.test_tex import MATH
from tests.tex_figures import NAMES, pictures, rows

POINTS = 72.27 / 72  # TeX's in one of PostScript's
SPREAD = 0.05  # points that TeX's lengths of two decimals differ
TIMEOUT = 300


class Compiled(NamedTuple):
    """What TeX made of a file."""

    log: str
    pdf: Path

    @property
    def problems(self) -> list[str]:
        """Lines that a document's author would not want to see."""
        return re.findall(r"^(?:!|Overfull|Missing|LaTeX Warning|.*[Uu]ndefined).*", self.log, re.MULTILINE)

    def text(self, page: int | None = None) -> str:
        """What can be read on all pages or on one, without spaces."""
        tool = shutil.which("pdftotext")
        if tool is None:
            pytest.skip("no pdftotext on PATH (Debian's poppler-utils)")
        pages = ["-f", str(page), "-l", str(page)] if page else []
        done = subprocess.run([tool, *pages, str(self.pdf), "-"], capture_output=True, check=True)
        return plain(done.stdout.decode())


def plain(text: str) -> str:
    """A text without spaces and with quotation marks and dashes that are those of a keyboard."""
    return "".join(normalize("NFKC", text.translate(_KEYBOARD)).split())


_KEYBOARD = str.maketrans("’‘`”“−∗∼ˆ◦", "'''\"\"-*~^°", "_")  # an underscore is a line that TeX draws


def compiled(folder: Path, text: str, engine: str = "pdflatex", name: str = "figure") -> Compiled:
    """The file that TeX makes of a text; skips the test where there is no such TeX."""
    program = shutil.which(engine)
    if program is None:
        pytest.skip(f"no {engine} on PATH (Debian's texlive-latex-recommended and texlive-pictures)")
    (folder / f"{name}.tex").write_text(text, encoding="utf-8")
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", f"{name}.tex"]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=TIMEOUT, check=False)
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    return Compiled(log, folder / f"{name}.pdf")


def document(body: str, width: float = 500, height: float = 500, further: str = "") -> str:
    """A document with pages of a size in points, as an author might write it."""
    page = f"\\usepackage[papersize={{{width:.0f}bp,{height:.0f}bp}},margin=2bp]{{geometry}}"
    head = f"\\documentclass{{article}}\\usepackage{{amsmath,tikz}}{further}{page}\\pagestyle{{empty}}\\parindent0pt"
    return f"{head}\n\\begin{{document}}\n{body}\\end{{document}}\n"


SIZED = r"\setbox0\hbox{\input{FILE}}\typeout{SIZE \the\wd0 \space\the\ht0 \space\the\dp0}\copy0\newpage"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """All figures within one document, a page each."""
    folder = tmp_path_factory.mktemp("book")
    sizes = [page_size(shown) for shown in pictures().values()]
    for number, shown in enumerate(pictures().values()):
        (folder / f"f{number}.tex").write_text(tikz(shown), encoding="utf-8")
    body = "\n".join(SIZED.replace("FILE", f"f{number}") for number in range(len(sizes)))
    width, height = (max(size[k] for size in sizes) + 10 for k in (0, 1))
    return compiled(folder, document(body, width, height))


def page_size(shown: Picture) -> tuple[float, float]:
    """Width and height in points."""
    left, top, right, bottom = box(shown, shown.places or layout(shown))
    return right - left, bottom - top


def test_all_figures_compile_within_a_document(book: Compiled) -> None:
    assert book.problems == []
    assert f"({len(NAMES)} pages" in book.log.replace("\n", "")


def test_a_figure_in_a_document_takes_the_layouts_room_and_nothing_else(book: Compiled) -> None:
    """A space before or after the picture would make the box wider."""
    sizes = re.findall(r"^SIZE ([\d.]+)pt ([\d.]+)pt ([\d.]+)pt", book.log, re.MULTILINE)
    wanted = [page_size(shown) for shown in pictures().values()]
    assert len(sizes) == len(wanted)
    for (width, height, depth), size in zip(sizes, wanted, strict=True):
        assert (float(width), float(height)) == pytest.approx([side * POINTS for side in size], abs=SPREAD)
        assert float(depth) == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_number_can_be_read(name: str, book: Compiled) -> None:
    shown = pictures()[name]
    numbers = Counter(run.text for row in rows(shown) for run in row if re.fullmatch(r"−?[\d.]+", run.text))
    text = book.text(1 + NAMES.index(name))
    assert [number for number, count in numbers.items() if text.count(plain(number)) < count] == []


def test_a_figure_alone_is_a_page_of_its_size(tmp_path: Path) -> None:
    from pypdf import PdfReader

    shown = pictures()["marked"]
    done = compiled(tmp_path, tikz(shown))
    assert done.problems == []
    (page,) = PdfReader(done.pdf).pages
    assert (page.mediabox.width, page.mediabox.height) == pytest.approx(page_size(shown), abs=SPREAD)


@pytest.mark.parametrize("engine", ["xelatex", "lualatex"])
def test_other_engines_compile_it_too(engine: str, tmp_path: Path) -> None:
    done = compiled(tmp_path, tikz(pictures()["variant board"]), engine)
    assert done.problems == []
    assert plain("σ(w·x), 50% of it") in done.text().replace("𝜎", "σ").replace("⋅", "·")


def test_hangul_is_written_with_kotex_and_boxes_without(tmp_path: Path) -> None:
    done = compiled(tmp_path, tikz(draw("비용*x", {"비용": 1, "x": 2}, title="연쇄 법칙").picture))
    if "kotex.sty" in done.log:
        assert "연쇄법칙" in done.text()
    else:
        assert "gradviz Warning: no letter U+C5F0" in done.log
    assert done.problems == []


INSIDE: dict[str, Callable[[str], str]] = {
    "resized in a float": lambda figure: document(
        rf"\begin{{figure}}\centering\resizebox{{\linewidth}}{{!}}{{{figure}}}\caption{{A neuron}}\end{{figure}}"
    ),
    "twice in a table": lambda figure: document(
        rf"\begin{{tabular}}{{l|r}}\scalebox{{.2}}{{{figure}}}&\scalebox{{.2}}{{{figure}}}\end{{tabular}}"
    ),
    "in a slide": lambda figure: (
        r"\documentclass{beamer}\usepackage{amsmath,tikz}\begin{document}\begin{frame}{A neuron}"
        rf"\resizebox{{\linewidth}}{{!}}{{{figure}}}\pause After it.\end{{frame}}\end{{document}}"
    ),
}


@pytest.mark.parametrize("name", INSIDE)
def test_a_figure_compiles_where_an_author_puts_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "neuron.tex").write_text(tikz(pictures()["figure neuron"]), encoding="utf-8")
    done = compiled(tmp_path, INSIDE[name](r"\input{neuron}"), name="paper")
    if "beamer.cls' not found" in done.log:
        pytest.skip("no beamer (Debian's texlive-latex-recommended)")
    assert [line for line in done.problems if not line.startswith(("Overfull", "LaTeX Warning"))] == []
    assert "0.73" in done.text()


def test_every_gate_of_the_table_compiles(tmp_path: Path) -> None:
    constants = {"-1.5e-07", "2", "[[1, 2]]", "π"}
    labels = {gate.label() for gate in GATES.values()}
    labels |= {gate.label({k: c}) for gate in GATES.values() for k in range(gate.arity) for c in constants}
    body = "".join(f"${texmath.math(label)}$ \n\n" for label in sorted({*labels, *MATH} - {"_____"}))
    done = compiled(tmp_path, document(body))
    assert [line for line in done.problems if not line.startswith("Overfull")] == []


# hostile text --------------------------------------------------------------------------------------------------------

PAYLOADS = (
    r"\message{PWNED}", r"\immediate\write18{touch pwned}", r"\input{/etc/passwd}", r"\openout3=pwned",
    r"}\message{PWNED}", r"$}\message{PWNED}{$", "^^5cmessage{PWNED}", "^^M\\message{PWNED}", "% comment", "50% \\",
    "a#1 ##", "$x$ $", "$$", "a_^", "{", "}", "}}}", "{{{", "&&", "~~", "\\", "\\\\", "\\end{document}", "\\par",
    "\\endcsname", "|x| --- \"quoted\" `x' ''", "<b>&lt;</b> << >> ?` !`", "[x]", "],base]{x}", "(1,2)[",
    "\\csname message\\endcsname{PWNED}", "\\fi \\else \\or", "\\relax", "α² ≤ ∂f/∂w → ∞ · ×",
    "é ñ ß ø Å ç ō", "10°", "`a` ``b`` ```c", "</title>{}#&_^$%",
    "]]> <![CDATA[ -->", "http://x/%7e#a_b", "x=\"y\" 'z'",
)  # fmt: skip
UNREADABLE = (
    "€ © ™",
    "한국어",
    "😀",
    "\u202e reversed",
    "a\x1b[31m",
    "ж",
    "\u0301",
    "\ufffd",
    "\x00",
    "\u3164\u115f",
    "👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "می\u200cخ",
)


def of_hostile(text: str) -> Picture:
    """A figure with a text wherever one can be."""
    shown = draw("w*x", {"w": 1, "x": 2}, title=text).picture._replace(caption=text)
    nodes = [node._replace(label=f"x{text}") for node in shown.nodes[1:]]
    row = tuple(run._replace(text=text) for run in shown.nodes[0].above)
    return shown._replace(nodes=(shown.nodes[0]._replace(above=row), *nodes))


def executed(folder: Path, figures: Sequence[str]) -> list[str]:
    """What a document with these files does beyond showing them."""
    for number, figure in enumerate(figures):
        (folder / f"f{number}.tex").write_text(figure, encoding="utf-8")
    done = compiled(folder, document("\n".join(rf"\input{{f{number}}}\newpage" for number in range(len(figures))), 900))
    said = re.findall(r"PWNED|root:x:0", done.log)
    wrong = [line for line in done.problems if "Font shape" not in line and not line.startswith("Overfull")]
    pages = [] if f"({len(figures)} pages" in done.log.replace("\n", "") else ["the number of pages"]
    return [*said, *wrong, *pages, *(["a file"] if any(folder.glob("pwned*")) else [])]


def test_hostile_text_is_only_shown(tmp_path: Path) -> None:
    assert executed(tmp_path, [tikz(of_hostile(text)) for text in (*PAYLOADS, *UNREADABLE)]) == []
    done = Compiled("", tmp_path / "figure.pdf")
    for number, text in enumerate(PAYLOADS):
        wanted = plain(text)
        assert done.text(number + 1).count(wanted) >= 2, text  # the title and what is said below


@pytest.mark.parametrize("hostile", [r"\message{PWNED}", r"\immediate\openout3=pwned", r"\end{document}", "$"])
def test_what_is_executed_is_found(hostile: str, tmp_path: Path) -> None:
    figure = tikz(draw("w*x", {"w": 1, "x": 2}, title="TITLE").picture)
    assert executed(tmp_path, [figure, figure]) == []
    assert executed(tmp_path, [figure.replace("{TITLE}", f"{{{hostile}}}"), figure])
