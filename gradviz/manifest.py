"""What became of each sample, and the manifest that tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from gradviz.files import open_regular
from gradviz.formats.json import as_json
from gradviz.journal import Written, written_of

MANIFEST: Final = "manifest.json"


class Told(NamedTuple):
    """What a sample says of itself, for the manifest."""

    title: str | None = None
    source: str | None = None
    expr: str | None = None


_NOTHING: Final = Told()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one sample; `file` is its name in the folder, None when `error` says why there is none.

    `key` is a hash of all that decides the figure's bytes, `sha256` that of the bytes; `kept` is a figure that was
    there and is still right.
    """

    name: str
    origin: str
    told: Told = _NOTHING
    file: str | None = None
    key: str | None = None
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    kept: bool = False

    def entry(self) -> dict[str, Any]:
        """The figure's entry in the manifest."""
        status = "failed" if self.error else "ok"
        outcome = {"error": self.error, "notes": list(self.notes), "key": self.key, "sha256": self.sha256}
        known = {key: value for key, value in {**self.told._asdict(), **outcome}.items() if value}
        return {"name": self.name, "file": self.file, "status": status, **known}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a batch, by sample in their order."""

    results: tuple[Result, ...]
    manifest: Path

    @property
    def failed(self) -> int:
        """How many samples have no figure."""
        return sum(result.error is not None for result in self.results)

    @property
    def ok(self) -> int:
        """How many figures there are."""
        return len(self.results) - self.failed

    @property
    def kept(self) -> int:
        """How many of them were there before."""
        return sum(result.kept for result in self.results)


def manifest(report: Report) -> Iterator[bytes]:
    """The manifest as JSON, piece by piece, so that a batch keeps little; the same figures give the same bytes."""
    told, rest = as_json({"figures": [], "ok": report.ok, "failed": report.failed}).split(b"]", 1)
    yield told
    for number, result in enumerate(report.results):
        yield (b",\n  " if number else b"\n  ") + as_json(result.entry()).rstrip().replace(b"\n", b"\n  ")
    yield (b"\n ]" if report.results else b"]") + rest


def recorded(path: Path) -> dict[str, Written]:
    """The figures that a manifest tells of, by the names of their files; none when it cannot be read."""
    try:
        with open_regular(path, follow=False) as file:
            entries = json.load(file)["figures"]
        found = map(written_of, entries)
        return {written.file: written for written in found if written}
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return {}
