"""Samples -> figures in a folder, each whole or not at all, and a manifest that tells what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from unicodedata import normalize

from gradviz.api import draw
from gradviz.choices import keywords, overridden
from gradviz.errors import GradvizError, RenderError
from gradviz.files import write_whole
from gradviz.formats import format_named
from gradviz.formats.json import as_json
from gradviz.sample import Sample
from gradviz.samples import Unreadable

MANIFEST: Final = "manifest.json"
DEFAULT_FORMAT: Final = "svg"
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A sample's figure as bytes, or why there is none."""

    data: bytes = b""
    notes: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one sample; `file` is its name in the folder, None when `error` says why there is none."""

    name: str
    origin: str
    sample: Sample | None = None
    file: str | None = None
    sha256: str | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None

    def entry(self) -> dict[str, Any]:
        """The figure's entry in the manifest."""
        status = "failed" if self.error else "ok"
        told = {key: getattr(self.sample, key, None) for key in ("title", "source", "expr")}
        outcome = {"error": self.error, "notes": list(self.notes), "sha256": self.sha256}
        known = {key: value for key, value in {**told, **outcome}.items() if value}
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
        """How many figures were written."""
        return len(self.results) - self.failed


def run(
    samples: Iterable[Sample | Unreadable],
    out: Path,
    format: str | None = None,
    *,
    options: Mapping[str, Any] = _NONE,
    on_done: Callable[[Result], object] = lambda _: None,
) -> Report:
    """Draw each sample to `out/<name>.<format>`, past those that fail, then write the manifest.

    `format` and `options`, by their names on the command line, win over a sample's own; without either it is SVG.
    `on_done` is called after each. Raises `OptionError` for an unknown format, `RenderError` when the folder or the
    manifest cannot be written.
    """
    if format is not None:
        format_named(format)
    _make_folder(out)
    taken = {MANIFEST: "the manifest"}
    results = []
    for sample in samples:
        results.append(_result(sample, out, format, options, taken))
        on_done(results[-1])
    report = Report(tuple(results), out / MANIFEST)
    write_whole(report.manifest, manifest(report))
    return report


def render_one(sample: Sample, format: str, options: Mapping[str, Any] = _NONE) -> Rendered:
    """The sample's figure in a format; never raises, so that one sample cannot stop the others."""
    try:
        figure = draw(sample.expr, sample.values, **keywords_of(sample, options))
        return Rendered(figure.render(format), figure.notes)
    except Exception as error:
        return Rendered(error=_told(error))


def manifest(report: Report) -> bytes:
    """The manifest as JSON; the same figures give the same bytes."""
    content = {"figures": [result.entry() for result in report.results], "ok": report.ok, "failed": report.failed}
    return as_json(content)


def keywords_of(sample: Sample, options: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `api.draw` for a sample, with options that win over its own."""
    title = {} if sample.title is None else {"title": sample.title}
    return {**title, **keywords(overridden(sample.options, options))}


def _result(
    sample: Sample | Unreadable, out: Path, format: str | None, options: Mapping[str, Any], taken: dict[str, str]
) -> Result:
    """Draw and write one sample; `taken` tells whose each file of the batch is."""
    if isinstance(sample, Unreadable):
        return Result(sample.name, sample.origin, error=sample.error)
    format = format or sample.options.get("format", DEFAULT_FORMAT)
    file = f"{sample.name}.{format}"
    key = normalize("NFC", file).casefold()  # macOS and Windows take A.svg and a.svg for one file
    if key in taken:
        error = f"{sample.origin}: the file {file} is that of {taken[key]}; give the figure another name"
        return Result(sample.name, sample.origin, sample, error=error)
    taken[key] = sample.origin
    rendered = render_one(sample, format, options)
    if failure := rendered.error or _written(out / file, rendered.data):
        return Result(sample.name, sample.origin, sample, notes=rendered.notes, error=failure)
    return Result(sample.name, sample.origin, sample, file, sha256(rendered.data).hexdigest(), rendered.notes)


def _written(path: Path, data: bytes) -> str | None:
    """Write a figure; why that failed, or None."""
    try:
        write_whole(path, data, follow=False)
    except Exception as error:
        return _told(error)
    return None


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, GradvizError) else f"{type(error).__name__}: {error}"


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderError(f"cannot make the folder {out}: {error.strerror or error}") from None
