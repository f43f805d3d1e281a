"""The environment in which Fontconfig knows the fonts that travel with the package."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SYSTEM: Final = "/etc/fonts"  # for Fontconfig, unless the environment says otherwise
_FOLDERS: Final = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 (a random name, and the file is made by us)
_CONFIGURATION: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">{system}</include><dir>{fonts}</dir>
<alias binding="same"><family>serif</family><default><family>Gradviz Myeongjo</family></default></alias>
<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>"""


def fonts() -> Path:
    """The folder of the fonts that travel with the package."""
    return Path(__file__).parent.parent / "fonts"


@contextlib.contextmanager
def environment() -> Iterator[dict[str, str]]:
    """The environment, with our fonts beside those that Fontconfig would know; on Linux, elsewhere it is not used.

    It takes only a file with a name, and reads it once; without a place for one the system's fonts must do.
    """
    path = _written() if sys.platform.startswith("linux") else None
    try:
        yield os.environ | ({"FONTCONFIG_FILE": str(path)} if path else {})
    finally:
        if path:
            _remove(path)


def _written() -> Path | None:
    """The configuration, in the first folder that takes it."""
    text = _CONFIGURATION.format(system=_xml(_system()), fonts=_xml(str(fonts())))
    for folder in (os.environ.get("TMPDIR", ""), *_FOLDERS):
        path = Path(folder, f"gradviz-{os.urandom(8).hex()}.conf")
        if path.is_absolute() and _write(path, os.fsencode(text)):
            return path
    return None


def _write(path: Path, data: bytes) -> bool:
    try:
        file = path.open("xb")
    except OSError:
        return False
    try:
        with file:
            file.write(data)
    except OSError:
        _remove(path)
        return False
    return True


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _system() -> str:
    """The configuration that Fontconfig would read without us."""
    folder = os.environ.get("FONTCONFIG_PATH", "").split(os.pathsep)[0] or _SYSTEM
    return str(Path(folder, os.environ.get("FONTCONFIG_FILE") or "fonts.conf"))


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
