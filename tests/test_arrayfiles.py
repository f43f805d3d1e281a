"""Files of numbers: what is read, and what is told about those that are not understood."""

from __future__ import annotations

import io
import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradviz.errors import ValuesError
from gradviz.literals import value
from tests.shares import examples


def read(folder: Path, name: str, content: bytes | str) -> Any:
    """The value of a file with this content, as nested lists."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = value("--W", f"@{path}")
    return found.tolist() if isinstance(found, numpy.ndarray) else found


def refused(folder: Path, name: str, content: bytes | str) -> str:
    """The message for a file with this content, without the option and the file."""
    with pytest.raises(ValuesError) as error:
        read(folder, name, content)
    front = f"the value of --W, @{folder / name}: "
    assert str(error.value).startswith(front)
    return str(error.value).removeprefix(front)


def npy(array: Any, **options: Any) -> bytes:
    """The bytes of a .npy file."""
    file = io.BytesIO()
    numpy.save(file, numpy.asarray(array), **options)
    return file.getvalue()


MATRIX = [[0.1, 0.5], [-0.3, 0.8]]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("w.csv", "0.1,0.5\n-0.3,0.8\n", MATRIX),
        ("w.CSV", "0.1, 0.5\r\n-0.3, 0.8", MATRIX),
        ("w.csv", "\ufeff# weights\n\n0.1;0.5  # first\n-0.3;0.8\n\n", MATRIX),
        ("w.csv", "0.1 0.5\n-0.3\t0.8\n", MATRIX),
        ("w.csv", "1,2,3", [1.0, 2.0, 3.0]),
        ("w.csv", "1\n2\n3\n", [[1.0], [2.0], [3.0]]),
        ("w.csv", "5", [5.0]),
        ("w.csv", "1e3,inf,-Infinity", [1000.0, float("inf"), -float("inf")]),
        ("w.json", "[[0.1, 0.5], [-0.3, 0.8]]", MATRIX),
        ("w.json", "\ufeff3", 3),
        ("w.json", "[[], []]", [[], []]),
        ("w.json", "[Infinity]", [float("inf")]),
        ("w.npy", npy(MATRIX), MATRIX),
        ("w.NPY", npy(numpy.array([[1, 2], [3, 4]], ">i2"), allow_pickle=False), [[1.0, 2.0], [3.0, 4.0]]),
        ("w.npy", npy(numpy.asfortranarray(MATRIX)), MATRIX),
        ("w.npy", npy(2.5), 2.5),
        ("w.npy", npy(numpy.zeros((0, 3))), []),
    ],
)
def test_a_file_of_numbers_is_read(tmp_path: Path, name: str, content: bytes | str, expected: Any) -> None:
    assert read(tmp_path, name, content) == expected


PICKLED = "it holds Python objects, which are not read, for they could run anything; save numbers"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.txt", "1,2", "files of numbers end in .npy, .json and .csv"),
        ("w", "1,2", "files of numbers end in .npy, .json and .csv"),
        ("w.csv", "", "it has no numbers"),
        ("w.csv", "# nothing\n\n", "it has no numbers"),
        ("w.csv", "# of 2020\nw1,w2\n1,2\n", "line 2: 'w1' is not a number; leave the line of headings out"),
        ("w.csv", "1,2\n3,four\n", "line 2: 'four' is not a number"),
        ("w.csv", "1,2\n3\n", "line 2: 1 number, but 2 in the first row"),
        ("w.csv", "1\n\n2,3\n", "line 3: 2 numbers, but 1 in the first row"),
        ("w.json", f"[1{'0' * 5000}]", "10000000000000000000… is too large for a float64"),
        ("w.csv", "1,2,\n", "line 1: an entry is empty"),
        ("w.csv", "0,5;1,5\n", "line 1: '0,5' is not a number; decimals have a point"),
        ("w.csv", "1,1e400\n", "line 1: 1e400 is too large for a float64; write inf if that is meant"),
        ("w.csv", b"1,\xff\n", "it is not UTF-8 text"),
        (
            "w.csv",
            "1,\x1b[31m\n",
            "line 1: '\N{REPLACEMENT CHARACTER}[31m' is not a number; leave the line of headings out",
        ),
        ("w.json", "", "line 1: not JSON: Expecting value"),
        ("w.json", "[1,\n2", "line 2: not JSON: Expecting ',' delimiter"),
        ("w.json", '{"W": [1]}', "it must be a list of numbers like [[1, 2], [3, 4]], not a table"),
        ("w.json", '"1"', "it must be a list of numbers like [[1, 2], [3, 4]], not '1'"),
        ("w.json", "true", "it must be a list of numbers like [[1, 2], [3, 4]], not True"),
        ("w.json", "null", "it must be a list of numbers like [[1, 2], [3, 4]], not None"),
        ("w.json", "[1, true]", "it has True where a number should stand"),
        ("w.json", "[[1, 2], [3]]", "it has rows of 2 and 1 entries"),
        ("w.json", "[1e400]", "1e400 is too large for a float64; write Infinity if that is meant"),
        ("w.json", f"[1{'0' * 400}]", "it has a number that is too large for a float64"),
        ("w.json", "[" * 100_000, "it is nested too deeply"),
        ("w.npy", b"", "it is not a whole .npy file"),
        ("w.npy", npy(MATRIX)[:-1], "it is not a whole .npy file"),
        ("w.npy", b"PK\x03\x04", "it is not a whole .npy file"),
        ("w.npy", pickle.dumps([1, 2]), "it is not a whole .npy file"),
        ("w.npy", npy(numpy.array([1, None])), PICKLED),
        ("w.npy", npy(["a"]), "it holds <U1, not real numbers"),
        ("w.npy", npy([True]), "it holds bool, not real numbers"),
        ("w.npy", npy([1j]), "it holds complex128, not real numbers"),
    ],
)
def test_a_file_that_is_no_array_is_told_what_is_wrong(
    tmp_path: Path, name: str, content: bytes | str, message: str
) -> None:
    assert refused(tmp_path, name, content) == message


def test_an_object_array_runs_nothing(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    content = npy(numpy.array([Hostile()], dtype=object))
    assert refused(tmp_path, "w.npy", content) == PICKLED
    assert not (tmp_path / "ran").exists()
    numpy.load(io.BytesIO(content), allow_pickle=True)  # what would have happened
    assert (tmp_path / "ran").exists()


def test_a_number_that_only_a_longer_float_holds_is_refused(tmp_path: Path) -> None:
    number = numpy.longdouble("1e400")
    if numpy.isinf(number):
        pytest.skip("a long double is a double here")
    with pytest.raises(ValuesError, match="it has a number that is too large for a float64"):
        read(tmp_path, "w.npy", npy(numpy.array([number])))


def test_an_array_of_an_impossible_size_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**12, 9)}
    numpy.lib.format.write_array_header_1_0(file, header)
    huge = file.getvalue() + b"12345678"
    assert refused(tmp_path, "w.npy", huge).startswith("it has 9 000 000 000 000 entries of an array; 10 000 000 are")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("weihgts.csv", "there is no such file; did you mean 'weights.csv'?"),
        ("other.npy", "there is no such file"),
        ("nowhere/w.csv", "there is no such file"),
        ("folder.csv", "cannot read it: is a directory"),
        ("n" * 300 + ".csv", "cannot read it: file name too long"),
    ],
)
def test_a_file_that_cannot_be_opened_is_told_why(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "weights.csv").write_text("1")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ValuesError) as error:
        value("--W", f"@{tmp_path / name}")
    assert str(error.value) == f"the value of --W, @{tmp_path / name}: {reason}"


@pytest.mark.parametrize("name", ["", "\x00.csv", "a\x00.npy", "\x1b[31m.csv", "\udcff.csv"])
def test_an_odd_name_is_one_printable_line(name: str) -> None:
    with pytest.raises(ValuesError) as error:
        value("--W", f"@{name}")
    assert str(error.value).isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(300))
@given(st.one_of(st.binary(max_size=60), st.tuples(st.integers(6, 140), st.binary(min_size=1, max_size=6))))
def test_any_bytes_are_an_array_or_one_printable_line(tmp_path: Path, content: bytes | tuple[int, bytes]) -> None:
    """Also those of a .npy file with some bytes replaced, its header among them."""
    if isinstance(content, tuple):
        at, piece = content
        whole = npy(MATRIX)
        content = whole[:at] + piece + whole[at + len(piece) :]
    for suffix in ("npy", "csv", "json"):
        (tmp_path / f"w.{suffix}").write_bytes(content)
        assert message(f"@{tmp_path / f'w.{suffix}'}").isprintable()


def message(text: str) -> str:
    """What is said about a value; "" when it is understood."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value("--W", text)
    except ValuesError as error:
        return str(error)
    return ""


@given(st.lists(st.lists(st.floats(), min_size=2, max_size=2), min_size=2, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_three_formats_agree(tmp_path: Path, rows: list[list[float]]) -> None:
    text = "\n".join(",".join(map(repr, row)) for row in rows)
    found = [
        read(tmp_path, "w.csv", text),
        read(tmp_path, "w.json", json.dumps(rows)),
        read(tmp_path, "w.npy", npy(rows)),
    ]
    assert {repr(each) for each in found} == {repr(rows)}
