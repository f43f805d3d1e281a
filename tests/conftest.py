"""Two switches: `pytest --accept` writes the golden files anew; `HYPOTHESIS_PROFILE=random` draws other examples."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.commands import Gradviz, Outcome

settings.register_profile("same", derandomize=True, deadline=None)  # a test that passes today passes tomorrow
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write golden files anew instead of comparing")


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: the collector need not walk them whenever it looks for what can go."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def gradviz_command(
    capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Gradviz:
    """Runs a command line in this process, in an empty folder."""
    from gradviz.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Outcome:
        status = main(words)
        out, err = capfdbinary.readouterr()
        return Outcome(status, out.decode(errors="replace"), err.decode(errors="replace"))

    return run
