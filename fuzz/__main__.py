"""`python -m fuzz TARGET [libFuzzer's options]`: fuzz one target, with what gradviz does in sight of the fuzzer."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from hashlib import sha1
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Final

import atheris

LIMITS: Final = {  # so that what is slow is a fault
    "nodes": 5_000, "literal": 10_000, "entries": 20_000, "numbers": 60_000, "gates": 500, "layout": 5, "symbolic": 3,
}  # fmt: skip
KEEP: Final = "--keep-going"  # write each fault to a file once, instead of ending at the first
OPTIONS: Final = ("-timeout=10", "-rss_limit_mb=2500", "-max_len=600")


def main(words: list[str]) -> None:
    """Fuzz the target that the first word names; raises `KeyError` for an unknown one."""
    name, *rest = words
    os.environ.update({f"GRADVIZ_MAX_{limit.upper()}": str(most) for limit, most in LIMITS.items()})
    with atheris.instrument_imports(include=["gradviz"]):
        _load()
        from fuzz.targets import TARGETS

    found, given = _prepared(Path(os.environ.get("FUZZ_FOLDER", ".fuzz")) / name, name)
    own = [word for word in rest if word != KEEP]
    again = any(not word.startswith("-") for word in own)  # inputs, which a folder of others is not read beside
    run = TARGETS[name].run
    atheris.Setup([sys.argv[0], *given[: -1 if again else None], *own], _keeping(run, found) if KEEP in rest else run)
    atheris.Fuzz()


def _prepared(folder: Path, name: str) -> tuple[Path, list[str]]:
    """Where faults go, and libFuzzer's options for a target, the folder of its inputs being last."""
    from fuzz import seeds

    corpus, found, words = folder / "corpus", folder / "found", folder / "words.dict"
    for each in (corpus, found):
        each.mkdir(parents=True, exist_ok=True)
    for seed in seeds.seeds(name):
        (corpus / sha1(seed).hexdigest()).write_bytes(seed)  # noqa: S324  a name
    seeds.dictionary(words)
    return found, [f"-dict={words}", f"-artifact_prefix={found}/", *OPTIONS, str(corpus)]


def _load() -> None:
    """Import all of gradviz, so that nothing is imported later without being seen."""
    import gradviz

    for module in walk_packages(gradviz.__path__, "gradviz."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def _keeping(run: Callable[[bytes], None], found: Path) -> Callable[[bytes], None]:
    """The same, but a fault is written to a file, the shortest input for each place that raises."""
    known: dict[str, int] = {}

    def keep(data: bytes) -> None:
        try:
            run(data)
        except Exception as error:
            place = _place(error)
            if len(data) < known.get(place, 1 << 30):
                known[place] = len(data)
                (found / f"fault-{sha1(place.encode()).hexdigest()[:8]}").write_bytes(data)  # noqa: S324
                print(f"FAULT {place}: {data!r}", file=sys.__stderr__, flush=True)

    return keep


def _place(error: Exception) -> str:
    """Where an error was raised, and what it begins with."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "/gradviz/" in f.filename or "/fuzz/" in f.filename
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{where} {type(error).__name__} {str(error)[:30]}"


if __name__ == "__main__":
    main(sys.argv[1:])
