"""What the tests of the corpus share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.hostile.sandbox import Servers


@pytest.fixture(scope="module")
def server() -> Iterator[Servers]:
    with Servers() as running:
        yield running


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is not there yet, and is not there afterwards."""
    path = tmp_path_factory.getbasetemp() / "case"
    yield path
    for found in [path, *path.rglob("*")]:
        if found.is_dir() and not found.is_symlink():
            found.chmod(0o700)
    rmtree(path)
