"""Files written whole or not at all, and read without waiting for pipes."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable
from os import PathLike
from typing import TYPE_CHECKING, Final

from gradviz.errors import RenderError, printable

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

TEMPORARY: Final = ".gradviz-{}.tmp"  # beside the file that it becomes
NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
AT_ONCE: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe keeps nobody waiting


def write_whole(
    path: str | PathLike[str],
    data: bytes | Iterable[bytes],
    *,
    follow: bool = True,
    before: Callable[[], object] | None = None,
    temporary: str = TEMPORARY,
) -> None:
    """Write `data` to `path` through a temporary file beside it; raises `RenderError` and leaves what was there.

    With `follow` a link is followed, and a pipe or a device is written to; otherwise a file takes their place.
    `before` is called when the data is on the disk, before it takes the place of what was there; `temporary` is the
    temporary file's name, with a place for what makes it the only one.
    """
    from pathlib import Path  # a figure for standard output needs none

    pieces = (data,) if isinstance(data, bytes) else data
    try:
        target = Path(os.path.realpath(path) if follow else path)
        if follow and target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as file:
                file.writelines(pieces)
        else:
            _replace(target, pieces, before, temporary)
            if follow:  # of the many files of a batch its folder is made sure of once
                sync_folder(target.parent)
    except OSError as error:
        raise RenderError(f"cannot write {printable(str(path))}: {error.strerror or error}") from None


def _replace(path: Path, pieces: Iterable[bytes], before: Callable[[], object] | None, name: str) -> None:
    temporary = path.with_name(name.format(os.urandom(8).hex()))
    try:
        with temporary.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if before:
            before()
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def sync_folder(folder: Path) -> None:
    """Make sure of the names in a folder, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # it may be written to and not read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):  # a file system that needs none
            raise
    finally:
        os.close(descriptor)


def open_regular(path: str | PathLike[str], *, follow: bool = True) -> BufferedReader:
    """A file opened for reading; raises `OSError`, also for what is no file: a pipe, a device, a folder."""
    descriptor = os.open(path, os.O_RDONLY | AT_ONCE | (0 if follow else NO_LINK))
    try:
        check_regular(descriptor)
        return open(descriptor, "rb")  # noqa: PTH123
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(descriptor: int, *, alone: bool = False) -> None:
    """Raise `OSError` for what is no file, and with `alone` for one that has other names too."""
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a file but a pipe or a device")
    if alone and found.st_nlink > 1:
        raise OSError(errno.EMLINK, "a link to another file")
