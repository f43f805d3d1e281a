"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING

from gradviz.errors import RenderError

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: str | PathLike[str], data: bytes | Iterable[bytes], *, follow: bool = True) -> None:
    """Write `data` to `path` through a temporary file beside it; raises `RenderError` and leaves what was there.

    With `follow` a link is followed, and a pipe or a device is written to; otherwise a file takes their place.
    """
    from pathlib import Path  # a figure for standard output needs none

    pieces = (data,) if isinstance(data, bytes) else data
    try:
        target = Path(os.path.realpath(path) if follow else path)
        if follow and target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as file:
                file.writelines(pieces)
        else:
            _replace(target, pieces)
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from None


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    temporary = path.with_name(f".{os.urandom(6).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
