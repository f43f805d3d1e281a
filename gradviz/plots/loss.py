"""The loss over the iterations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy

from gradviz.plots.canvas import drawing, label, rendered
from gradviz.themes import Theme

STEEP: Final = 100.0  # times that the first loss is the last one, from which on the scale is logarithmic
FEW: Final = 40  # iterations that are dots too


def loss_curve(
    losses: Sequence[float] | Any, *, theme: Theme, format: str, title: str | None, words: tuple[str, str], told: str
) -> bytes:
    """The curve of finite losses; `words` are those of the axes. Raises a `GradvizError`."""
    found = numpy.asarray(losses, dtype=float)
    with drawing(theme, title, told) as (figure, axes):
        axes.plot(found, color=theme.value, marker="o" if len(found) <= FEW else "", markersize=3.5)
        finite = found[numpy.isfinite(found)]
        if len(finite) and finite.min() > 0 and finite.max() > STEEP * finite.min():
            axes.set_yscale("log")
        axes.locator_params(axis="x", integer=True)
        label(axes, *words)
        return rendered(figure, format, theme)
