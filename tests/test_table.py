"""`gradviz table`: a CSV file with the value and the gradients in every row."""

from __future__ import annotations

import csv
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from commands import POSIX, Gradviz, on_terminal, process

import gradviz
from gradviz import tables, tabulating
from gradviz.tables import Reader


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "data.csv"
    file.write_text("w,x,label\n2,5,first\n-3.5,0.1,second\n")
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def rows(text: str, mark: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), delimiter=mark))


def test_every_row_has_the_numbers_of_evaluate(gradviz_command: Gradviz, data: Path) -> None:
    found = rows(gradviz_command("table", str(data), "f = tanh(w*x + b)", "--b=0.25").out)
    assert found[0] == ["w", "x", "label", "f", "df/dw", "df/dx", "df/db"]
    assert [row[:3] for row in found[1:]] == [["2", "5", "first"], ["-3.5", "0.1", "second"]]
    for row in found[1:]:
        assert list(map(float, row[3:])) == pytest.approx(numbers(row), rel=1e-12)


def numbers(row: list[str]) -> list[float]:
    trace = gradviz.evaluate(gradviz.parse("tanh(w*x + b)"), {"w": float(row[0]), "x": float(row[1]), "b": 0.25})
    return [trace.output, *(trace.grads[name] for name in "wxb")]


def test_a_file_is_written(gradviz_command: Gradviz, data: Path, tmp_path: Path) -> None:
    done = gradviz_command("table", str(data), "w*x", "-o", str(tmp_path / "out.csv"))
    assert (done.status, done.out) == (0, "")
    assert done.err == f"gradviz: wrote {tmp_path / 'out.csv'} (2 rows)\n"
    assert (tmp_path / "out.csv").read_bytes().splitlines()[1] == b"2,5,first,10.0,5.0,2.0"


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        (["w*x"], ["f", "df/dw", "df/dx"]),
        (["L = w*x", "--wrt=x"], ["L", "dL/dx"]),
        (["g = w*x; L = g^2", "--wrt", "g,w"], ["L", "dL/dg", "dL/dw"]),
        (["g = w*x; L = g^2", "--of=g"], ["g", "dg/dw", "dg/dx"]),
        (["f = 1; f*w + x"], ["L", "dL/dw", "dL/dx"]),
        (["sum(softmax(W*w))", "--W=[1,2]"], ["f", "df/dw"]),  # by W it is an array
        (["w*of", "--set", "of=2"], ["f", "df/dw", "df/dof"]),
        (["-log(w)"], ["f", "df/dw"]),
    ],
)
def test_headings(gradviz_command: Gradviz, data: Path, words: list[str], heading: list[str]) -> None:
    done = gradviz_command("table", str(data), *words)
    assert done.status == 0, done.err
    assert rows(done.out)[0][3:] == heading


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (b"\xef\xbb\xbfw\r\n1\r\n2\r\n", "w,f,df/dw\n1,1.0,2.0\n2,4.0,4.0\n"),
        (b"w\n1\n\n2", "w,f,df/dw\n1,1.0,2.0\n2,4.0,4.0\n"),
        (b"id;w\n7;1\n", "id;w;f;df/dw\n7;1;1.0;2.0\n"),
        (b"id\tw\n7\t1\n", "id\tw\tf\tdf/dw\n7\t1\t1.0\t2.0\n"),
        (b'"a, b", w \n"c ""d""",1\n"two\nlines", 2\n', None),
        (b"w\n", "w,f,df/dw\n"),
        (b"w\ninf\n", "w,f,df/dw\ninf,inf,inf\n"),
        (b",w\n0,1\n", ",w,f,df/dw\n0,1,1.0,2.0\n"),
        ("ｗ,é\n1,ü\n".encode(), "ｗ,é,f,df/dw\n1,ü,1.0,2.0\n"),
    ],
    ids=["BOM", "blank line", "semicolons", "tabs", "quotation marks", "no rows", "inf", "no name", "NFKC"],
)
def test_forms_of_files(gradviz_command: Gradviz, tmp_path: Path, text: bytes, out: str | None) -> None:
    (tmp_path / "data.csv").write_bytes(text)
    done = gradviz_command("table", str(tmp_path / "data.csv"), "w^2")
    assert done.status == 0, done.err
    if out is not None:
        assert done.out == out
    else:
        assert [row[0] for row in rows(done.out)] == ["a, b", 'c "d"', "two\nlines"]
        assert [row[2:] for row in rows(done.out)[1:]] == [["1.0", "2.0"], ["4.0", "4.0"]]


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        (b"w\n1\nx\n", [], "data.csv, line 3: column w: 'x' is not a number"),
        (b"w\n1\n1,5\n", [], "data.csv, line 3: 2 cells, but the heading has 1"),
        (b'w;a\n"1,5";2\n', [], "data.csv, line 2: column w: '1,5' is not a number; decimals have a point"),
        (b"w,a\n1,2\n\n,3\n", [], "data.csv, line 4: column w: the cell is empty; write nan if that is meant"),
        (b'w,a\n"1",2\n\n,3\n', [], "data.csv, line 4: column w: the cell is empty"),
        (b'w,a\n1,"2\n3"\nx,3\n', [], "data.csv, after line 1: column w: 'x' is not a number"),
        (b"w\n1e999\n", [], "data.csv, line 2: column w: 1e999 is too large for a float64"),
        (b"", [], "data.csv: it is empty; the first line names the columns"),
        (b"w,w\n1,2\n", [], "data.csv, line 1: two columns are named 'w'"),
        ("w,ｗ\n1,2\n".encode(), [], "data.csv, line 1: two columns are named 'w'"),
        (b"1,2\n3,4\n", [], "data.csv, line 1: the first line names the columns, and these are numbers"),
        (b"\xff\n", [], "data.csv: it is not UTF-8 text"),
        (b"w\n1\n\xff\n", [], "it is not UTF-8 text"),
        (b'w,a\n1,"2\n', [], "data.csv, after line 1: unexpected end of data"),
        (b"ww\n1\n", [], "data.csv has no column w; did you mean 'ww'?"),
        (b"a\n1\n", [], "data.csv has no column w; give what all rows share as --NAME=VALUE"),
        (b"w\n1\n", ["--w=2"], "'w' is a column of"),
        (b"a\n1\n", ["--w=2"], "no column of"),
        (b"w\n1\n", ["--v=2"], "the program has no name 'v'"),
        (b"w\n1\n", ["--wrt=v"], "the program has no name 'v'"),
        (b"w,df/dw\n1,2\n", [], "has a column 'df/dw' already"),
    ],
)
def test_errors_of_files(gradviz_command: Gradviz, tmp_path: Path, text: bytes, words: list[str], told: str) -> None:
    (tmp_path / "data.csv").write_bytes(text)
    for output in ([], ["-o", str(tmp_path / "out.csv")]):
        done = gradviz_command("table", str(tmp_path / "data.csv"), "w^2", *words, *output)
        assert (done.status, done.out) == (2, "")
        assert told in done.err
        assert "did you mean" in told or told.endswith("?") or len(done.err.splitlines()) == 1
    assert names(tmp_path) == ["data.csv"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], 'no file and no expression; write both, as in: gradviz table data.csv "w*x + b"'),
        (["data.csv"], "no expression; write both"),
        (["w*x", "data.csv"], "the file comes first: gradviz table data.csv 'w*x'"),
        (["data.csv", "w*x", "+", "b"], "the expression must be one word; quote it"),
        (["dat.csv", "w*x"], "there is no file dat.csv; did you mean 'data.csv'?"),
        ([".", "w*x"], "cannot read .: is a directory"),
        (["data.csv", "w*of", "--of=2"], "of is also an option: write --set of=VALUE"),
        (["data.csv", "w*of*wrt"], "write --set of=VALUE --set wrt=VALUE"),
        (["data.csv", "sum(w*W)", "--W=[1,2]", "--wrt=W"], "the gradient by 'W' is an array, which no cell holds"),
        (["data.csv", "w*W", "--W=[1,2]"], "the output is an array"),
        (["data.csv", "w*", "-o", "out.csv"], "w*"),
        (["data.csv", "w", "-o", "nowhere/out.csv"], "cannot write nowhere/out.csv: No such file or directory"),
        (["data.csv", "w", "-o", "."], "cannot write .: Is a directory"),
    ],
)
def test_errors_of_words(
    gradviz_command: Gradviz, data: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(data.parent)
    done = gradviz_command("table", *words)
    assert (done.status in {1, 2}, done.out) == (True, "")
    assert told in done.err
    assert names(data.parent) == ["data.csv"]


def test_rows_that_are_not_finite_are_told_in_one_line(gradviz_command: Gradviz, data: Path) -> None:
    data.write_text("x\n1\n0\n-1\n0\n")
    done = gradviz_command("table", str(data), "1/x")
    assert done.err == "gradviz: warning: a nan or an infinity in 2 rows, the first of them is row 2\n"
    assert rows(done.out)[2] == ["0", "inf", "-inf"]


def test_standard_input() -> None:
    done = process("table", "-", "w*x", stdin=b"w,x\n2,3\n")
    assert done.stdout == b"w,x,f,df/dw,df/dx\n2,3,6.0,3.0,2.0\n"


def test_chunks_change_nothing(gradviz_command: Gradviz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "w,a\n" + "".join(f"{k},{k % 7}\n" + "\n" * (k % 5 == 0) for k in range(50)) + '51,"x\ny"\n52,z\n'
    (tmp_path / "data.csv").write_text(text)
    whole = gradviz_command("table", str(tmp_path / "data.csv"), "w^2").out
    monkeypatch.setattr(tables, "ROWS", 4)
    assert gradviz_command("table", str(tmp_path / "data.csv"), "w^2").out == whole
    assert len(rows(whole)) == 53
    (tmp_path / "data.csv").write_text(text.replace("42,0", "42,0,9"))
    assert (
        f"line {text[: text.index('42,0')].count(chr(10)) + 1}: 3 cells"
        in gradviz_command("table", str(tmp_path / "data.csv"), "w").err
    )


def test_an_interruption_leaves_no_file(gradviz_command: Gradviz, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabulating._Told, "look", interrupted)
    assert gradviz_command("table", str(data), "w", "-o", str(data.parent / "out.csv")).status == 130
    assert names(data.parent) == ["data.csv"]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_there_stays_when_a_row_is_wrong(gradviz_command: Gradviz, data: Path) -> None:
    before = data.read_bytes()
    assert gradviz_command("table", str(data), "w*x", "-o", str(data)).status == 0
    assert data.read_bytes().startswith(b"w,x,label,f,df/dw,df/dx\n")
    data.write_bytes(before + b"1\n")
    assert gradviz_command("table", str(data), "w*x", "-o", str(data)).status == 2
    assert data.read_bytes() == before + b"1\n"


@POSIX
def test_a_device_is_written_to(gradviz_command: Gradviz, data: Path) -> None:
    assert gradviz_command("table", str(data), "w", "-o", "/dev/null").status == 0
    assert not Path("/dev/null").is_file()


@POSIX
def test_a_reader_that_goes_away_is_no_error(data: Path) -> None:
    data.write_text("w\n" + "1\n" * 100_000)
    command = "set -o pipefail; $0 -m gradviz table $1 w | head -1"
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, str(data)], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"w,f,df/dw\n", b"")


@POSIX
def test_a_bar_on_a_terminal(data: Path) -> None:
    data.write_text("w\n" + "1\n" * 40_000)
    shown = on_terminal("table", str(data), "w", "-o", str(data.parent / "out.csv"))
    assert "100%" in shown.out
    assert "wrote" in shown.out


def test_help_tells_of_it(gradviz_command: Gradviz) -> None:
    assert "gradviz table FILE.csv EXPRESSION" in gradviz_command("--help").out
    assert "FILE.csv EXPRESSION [--NAME=VALUE ...]" in gradviz_command("table", "--help").out


def test_rows_go_through_a_few_at_a_time() -> None:
    reader = Reader(BytesIO(b"w\n" + b"1\n" * (2 * tables.ROWS + 1)), "data.csv")
    assert [len(chunk.texts) for chunk in reader.chunks(["w"])] == [tables.ROWS, tables.ROWS, 1]
