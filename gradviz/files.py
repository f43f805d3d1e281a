"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gradviz.errors import RenderError


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a temporary file beside it; raises `RenderError` and leaves what was there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
