"""The libraries that not everyone needs, and what to say when one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from gradviz.errors import RenderError

STEPS: Final = "steps"  # an extra of the package


@contextmanager
def needed(library: str, what: str, extra: str = STEPS) -> Iterator[None]:
    """Around the import of `library`: `RenderError` that says what to install when it is not there."""
    try:
        yield
    except ImportError as error:
        come = f"it comes with gradviz's extra '{extra}', or by pip install {library}"
        raise RenderError(f"{what} needs {library} ({error}); {come}") from None


def same_size(sizes: Sequence[object], unit: str) -> None:
    """Raises `RenderError` unless there are frames and all have one size."""
    if not sizes:
        raise RenderError("there are no frames")
    for number, size in enumerate(sizes):
        if size != sizes[0]:
            raise RenderError(f"frame {number} is {size} {unit}, but frame 0 is {sizes[0]}; steps have one layout")
