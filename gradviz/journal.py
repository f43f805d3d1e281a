"""The journal of a folder of figures: who draws into it, what is whole there, and what a killed run left.

A figure's line is written just before its file takes its place, so a file whose content is that of its line is done,
whenever the run ends. As long as a process of the run lives the journal is locked, so no two runs draw into a folder,
and temporary files that a run finds there are of one that is dead.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, NamedTuple

from gradviz.errors import RenderError
from gradviz.files import AT_ONCE, NO_LINK, check_regular
from gradviz.signals import undisturbed

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

NAME: Final = ".gradviz-journal"
TEMPORARY: Final = ".gradviz-batch-{}.tmp"  # as in `files.write_whole`
PATIENCE: Final = 30.0  # seconds for another run to end
_STRAY: Final = re.compile(re.escape(TEMPORARY).replace(r"\{\}", "[0-9a-f]{16}"))
_ANEW: Final = {"began": "anew"}  # by a run that redraws what the manifest tells of


class Written(NamedTuple):
    """A figure that was written: its file's name, what decided its bytes, and their hash."""

    file: str
    key: str
    sha256: str
    notes: tuple[str, ...] = ()


class Journal:
    """An open journal; a process that starts can be given it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self.descriptor = path, descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        from multiprocessing import reduction

        return _given, (self.path, reduction.DupFd(self.descriptor) if hasattr(reduction, "DupFd") else None)

    def note(self, written: Written) -> None:
        """A line for a figure; raises `OSError`."""
        self._append(written._asdict())

    def begin(self, *, anew: bool) -> None:
        """What was noted before counts, or is forgotten."""
        if anew:
            os.ftruncate(self.descriptor, 0)
            self._append(_ANEW)

    def noted(self) -> tuple[bool, dict[str, Written]]:
        """Whether the run began anew, and the figures by their files' names; lines that broke off do not count."""
        lines = [*map(_loaded, self.path.read_bytes().splitlines())]
        found = (written_of(line) for line in lines)
        return _ANEW in lines, {written.file: written for written in found if written}

    def end(self, *, done: bool) -> None:
        """Close it; it goes when all is done, or nothing is noted."""
        if not done and os.fstat(self.descriptor).st_size > len(_line(_ANEW)):
            os.close(self.descriptor)
            return
        if fcntl is None:  # what is open cannot go
            os.close(self.descriptor)
        with suppress(OSError):
            self.path.unlink()
        if fcntl is not None:
            os.close(self.descriptor)

    def _append(self, record: Any) -> None:
        line = _line(record)
        if os.write(self.descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def kept(folder: Path, *, resume: bool) -> Iterator[Journal]:
    """The journal of a folder for one run, which removes it once all is done; raises `RenderError` without one."""
    path, done = folder / NAME, False
    with _told(path):
        journal, alone = _alone_at(path)
    try:
        with _told(path):
            if alone:
                _sweep(folder)
            journal.begin(anew=not resume)
        yield journal
        done = True
    finally:
        with undisturbed():
            if alone:
                _sweep(folder)
            journal.end(done=done)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from None


def written_of(record: Any) -> Written | None:
    """A line of a journal, or a figure of a manifest; None for what is neither."""
    match record:
        case {"file": str(file), "key": str(key), "sha256": str(sha256)}:
            notes = record.get("notes", [])
            return Written(file, key, sha256, tuple(map(str, notes)) if isinstance(notes, list) else ())
    return None


def _alone_at(path: Path) -> tuple[Journal, bool]:
    """The journal, once no other run has it, and whether that is sure."""
    deadline = monotonic() + PATIENCE
    while True:
        descriptor = _opened(path)
        try:
            locked = _locked(descriptor)
            if not locked or os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False)):
                return Journal(path, descriptor), locked or fcntl is None
        except BlockingIOError:
            if monotonic() > deadline:
                os.close(descriptor)
                raise RenderError(f"another batch draws into {path.parent}; wait for its end") from None
            sleep(0.05)
        except FileNotFoundError:  # the other run removed it at its end
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether it is locked; raises `BlockingIOError` when it is so by another run."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return False
    return fcntl is not None


def _opened(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | AT_ONCE | NO_LINK, 0o666)
    try:
        check_regular(descriptor, alone=True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _given(path: Path, duplicate: Any) -> Journal:
    """In the process that was given it."""
    descriptor = _opened(path) if duplicate is None else duplicate.detach()
    os.set_inheritable(descriptor, False)
    return Journal(path, descriptor)


def _line(record: Any) -> bytes:
    """A line of its own, whatever stands before it."""
    return b"\n%b\n" % json.dumps(record).encode()


def _loaded(line: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(line)
    return None


def _sweep(folder: Path) -> None:
    """Remove the temporary files of a run that is dead."""
    with suppress(OSError), os.scandir(folder) as entries:
        strays = [entry for entry in entries if _STRAY.fullmatch(entry.name)]
        for entry in strays:
            with suppress(OSError):
                Path(entry.path).unlink()
