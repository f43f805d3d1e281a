"""A CSV file of inputs -> its rows in chunks; and rows with results after them -> CSV."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EISDIR
from functools import partial
from io import StringIO, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, Final, NamedTuple

import numpy

from gradviz.arguments import shown
from gradviz.errors import RenderError, SampleError, printable
from gradviz.language.tokens import normal
from gradviz.limits import beyond, most

PIECE: Final = 1 << 20  # bytes
ROWS: Final = 16_384  # read at once
LETTERS: Final = 8_000_000  # read at once, where rows are long
BATCH: Final = 256  # rows, after which letters are counted
MARKS: Final = ",;\t"  # what may stand between cells; the first that the heading has

Cells = list[str]


class Chunk(NamedTuple):
    """Some rows: their texts in the file, and the columns that were asked for as numbers."""

    texts: Sequence[str]
    columns: dict[str, Any]


class _Records(NamedTuple):
    """Rows of cells, and where they stand."""

    texts: Sequence[str]
    rows: Sequence[Cells]
    at: _At


class Reader:
    """A CSV file with a heading; raises `SampleError` that names the file and the line."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Reads the heading; `name` is that of the file, for messages."""
        self.name, self._line = printable(name), 0
        self._file = TextIOWrapper(file, "utf-8-sig", newline="")  # kept, for it closes the file when it goes
        self._text = self._checked(self._file)
        first = next(iter(self._lines(1)), "")
        self.mark = next((mark for mark in MARKS if mark in first), ",")
        heading = self._csv(chain([first], self._text))
        self.heading = next(iter(self._rows(heading, 1)), [])
        self._line = heading.line_num
        self.names = [normal(cell.strip()) for cell in self.heading]
        self._check()

    def _check(self) -> None:
        if not self.heading:
            raise self._error("it is empty; the first line names the columns", None)
        twice = [name for name, count in Counter(filter(None, self.names)).items() if count > 1]
        if twice:
            raise self._error(f"two columns are named '{shown(twice[0])}'", 1)
        if all(map(_is_number, self.heading)):
            raise self._error("the first line names the columns, and these are numbers", 1)

    def chunks(self, names: Sequence[str]) -> Iterator[Chunk]:
        """The rows, with the columns `names` as numbers; blank lines are left out."""
        places = {name: self.names.index(name) for name in names}
        for records in self._records():
            wanted, found = len(self.heading), set(map(len, records.rows))
            if found - {wanted}:
                row = next(k for k, cells in enumerate(records.rows) if len(cells) != wanted)
                problem = f"{_cells(len(records.rows[row]))}, but the heading has {wanted}"
                raise self._error(problem, records.at.line(row))
            columns = {name: [row[place] for row in records.rows] for name, place in places.items()}
            numbers = {name: self._numbers(name, cells, records.at) for name, cells in columns.items()}
            yield Chunk(records.texts, numbers)

    def _numbers(self, name: str, cells: Sequence[str], at: _At) -> Any:
        try:
            numbers = numpy.fromiter(map(float, cells), float, len(cells))
        except ValueError:
            row = next(k for k, cell in enumerate(cells) if not _is_number(cell))
            raise self._error(f"column {shown(name)}: {_wrong(cells[row])}", at.line(row)) from None
        for row in numpy.flatnonzero(~numpy.isfinite(numbers)).tolist():
            if not cells[row].strip().lstrip("+-").isalpha():
                told = f"{shown(cells[row].strip())} is too large for a float64; write inf if that is meant"
                raise self._error(f"column {shown(name)}: {told}", at.line(row))
        return numbers

    # lines ---------------------------------------------------------------------------------------------------------

    def _records(self) -> Iterator[_Records]:
        """The rows as they are, some thousand at once; from the first quotation mark on as CSV has them."""
        while lines := self._lines(ROWS):
            if '"' in "".join(lines):
                yield from self._quoted(chain(lines, self._text))
                return
            texts = [line.rstrip("\r\n") for line in lines]
            at = _At(self._line + 1)
            self._line += len(lines)
            if "" in texts:
                at = at._replace(kept=[k for k, text in enumerate(texts) if text])
                texts = list(filter(None, texts))
            yield _Records(texts, [text.split(self.mark) for text in texts], at)

    def _quoted(self, lines: Iterator[str]) -> Iterator[_Records]:
        """Rows in which a cell may have a mark, or several lines."""
        reader, before = self._csv(lines), self._line
        while rows := self._rows(reader, ROWS):
            at = _At(self._line + 1, exact=reader.line_num - (self._line - before) == len(rows))
            self._line = before + reader.line_num
            if [] in rows:
                at = at._replace(kept=[k for k, row in enumerate(rows) if row])
                rows = list(filter(None, rows))
            yield _Records([csv_text(row, self.mark) for row in rows], rows, at)

    def _csv(self, lines: Iterator[str]) -> Any:
        return csv.reader(lines, delimiter=self.mark, strict=True)

    def _lines(self, count: int) -> list[str]:
        """The next lines, as many as there are; fewer where they are long."""
        try:
            return _up_to(count, self._text)
        except UnicodeDecodeError:
            raise self._error("it is not UTF-8 text", f"after line {self._line}" if self._line else None) from None
        except OSError as error:
            raise self._error(f"cannot read it: {error.strerror or error}", None) from None

    def _checked(self, text: TextIOWrapper) -> Iterator[str]:
        """The lines; raises `SampleError` at one that is too long, of which no more is read."""
        longest = int(min(most("line"), 1 << 60))
        for line in iter(partial(text.readline, longest + 2), ""):
            if len(line) > longest and len(line.rstrip("\r\n")) > longest:
                raise self._error(f"a long line: {beyond('line')}", f"after line {self._line}")
            yield line

    def _rows(self, reader: Any, count: int) -> list[Cells]:
        try:
            return list(islice(reader, count))
        except UnicodeDecodeError:
            raise self._error("it is not UTF-8 text", f"after line {self._line}") from None
        except csv.Error as error:
            raise self._error(str(error), f"after line {self._line}") from None

    def _error(self, problem: str, line: int | str | None) -> SampleError:
        where = f", line {line}" if isinstance(line, int) else f", {line}" if line else ""
        return SampleError(f"{self.name}{where}: {problem}")


def _up_to(count: int, lines: Iterator[str]) -> list[str]:
    """The next of some lines: so many, but fewer where they are long."""
    found: list[str] = []
    letters = 0
    while len(found) < count and letters < LETTERS and (more := list(islice(lines, min(count - len(found), BATCH)))):
        found += more
        letters += sum(map(len, more))
    return found


class _At(NamedTuple):
    """Where the rows of a chunk stand in the file."""

    first: int  # line
    exact: bool = True  # whether each row is one line
    kept: Sequence[int] | None = None  # by row its place among all, where some are blank

    def line(self, row: int) -> int | str:
        """The line of a row, or from which on it is to be looked for."""
        return self.first + (self.kept[row] if self.kept else row) if self.exact else f"after line {self.first - 1}"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _wrong(cell: str) -> str:
    text = cell.strip()
    if not text:
        return "the cell is empty; write nan if that is meant"
    decimal = text.replace(",", "", 1).lstrip("+-").isdecimal() and "," in text
    return f"'{shown(text)}' is not a number{'; decimals have a point' if decimal else ''}"


def _cells(count: int) -> str:
    return f"{count} {'cell' if count == 1 else 'cells'}"


# writing -------------------------------------------------------------------------------------------------------------


def csv_text(cells: Iterable[str], mark: str) -> str:
    """Cells as a row of CSV, in quotation marks where they need them, without the end of the line."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=mark, lineterminator="\r\n").writerow(cells)  # quotes what ends a line
    return text.getvalue().removesuffix("\r\n")


def with_numbers(texts: Sequence[str], columns: Sequence[Any], mark: str) -> bytes:
    """Rows with numbers behind them, with all their digits."""
    row = f"{mark}%r" * len(columns) + "\n"
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    return "".join([text + row % each for text, each in zip(texts, numbers, strict=True)]).encode()


@contextmanager
def written(path: str | None, deliver: Callable[[bytes], object]) -> Iterator[BinaryIO]:
    """A file to be written, which gets its name when all went well; without a name its bytes are delivered then.

    Raises `RenderError`, and leaves what was there.
    """
    target = Path(os.path.realpath(path)) if path else None
    is_file = target is not None and (target.is_file() or not target.exists())
    try:
        if target is not None and target.is_dir():
            raise IsADirectoryError(EISDIR, "Is a directory")
        with _beside(target) if target and is_file else TemporaryFile() as file:
            yield file
            if not is_file:
                _deliver(file, target, deliver)
    except OSError as error:
        if path is None or isinstance(error, BrokenPipeError):
            raise
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    temporary = target.with_name(f".{os.urandom(6).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _deliver(file: IO[bytes], target: Path | None, deliver: Callable[[bytes], object]) -> None:
    """What was written to a pipe, a device or whoever takes it, piece by piece."""
    file.seek(0)
    if target is not None:
        with target.open("wb") as out:
            copyfileobj(file, out, PIECE)
        return
    while piece := file.read(PIECE):
        deliver(piece)
