"""The loss as a landscape: a curve over one parameter with its tangent, contours over two, and the way down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy

from gradviz.plots.canvas import drawing, label, rendered
from gradviz.themes import Theme

WIDER: Final = 1.25  # than the way, on both sides of where it ends
SMALLEST: Final = 1e-3  # half a picture, in sizes of the parameter or 1
POINTS: Final = 201  # of the curve
SIDES: Final = (21, 61)  # points of the grid along an axis, at least and at most
NUMBERS: Final = 4_000_000  # that are computed for the grid, roughly
LEVELS: Final = 16  # contours
STEEP: Final = 30.0  # times that the highest loss is the lowest, from which on contours are logarithmic
MARKS: Final = 60  # steps that are dots


class Way(NamedTuple):
    """The steps of a descent, seen over one or two of its parameters."""

    points: Any  # a row a step, a column for each of these parameters
    losses: Any
    slope: float  # of the first step, over the first of them
    names: tuple[str, ...]
    size: int  # numbers that are computed for one loss, roughly


def bowl(
    loss: Callable[..., float], way: Way, *, theme: Theme, format: str, title: str | None, of: str, told: str
) -> bytes:
    """The landscape of `loss`, a function of the parameters seen; `of` is its name. Raises a `GradvizError`."""
    with drawing(theme, title, told) as (figure, axes):
        if len(way.names) == 1:
            _curve(axes, loss, way, theme)
            label(axes, way.names[0], of)
        else:
            _contours(axes, loss, way, theme)
            label(axes, *way.names)
        return rendered(figure, format, theme)


def _curve(axes: Any, loss: Callable[..., float], way: Way, theme: Theme) -> None:
    across = numpy.linspace(*_span(way.points[:, 0]), POINTS)
    axes.plot(across, [loss(x) for x in across], color=theme.value, zorder=1)
    _tangent(axes, way, theme)
    axes.plot(way.points[:, 0], way.losses, color=theme.ink, linewidth=0.8, linestyle=":", zorder=3)
    some = _some(len(way.points))
    axes.plot(way.points[some, 0], way.losses[some], "o", color=theme.ink, markersize=4.5, zorder=4)


def _tangent(axes: Any, way: Way, theme: Theme) -> None:
    """At the first step, over a third of the picture, and no further than the picture is high."""
    (low, high), height = axes.get_xlim(), numpy.ptp(axes.get_ylim())
    reach = min((high - low) / 6, height / 4 / max(abs(way.slope), 1e-300))
    x, y = way.points[0, 0], way.losses[0]
    axes.plot([x - reach, x + reach], [y - reach * way.slope, y + reach * way.slope], color=theme.grad, zorder=2)
    text = f"slope {way.slope:.4g}".replace("-", "\N{MINUS SIGN}")
    left = x > (low + high) / 2
    axes.annotate(
        text, (x, y), (-10 if left else 10, 0), textcoords="offset points", color=theme.grad, va="center",
        ha="right" if left else "left", parse_math=False,
    )  # fmt: skip


def _contours(axes: Any, loss: Callable[..., float], way: Way, theme: Theme) -> None:
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    spans = [_span(way.points[:, k]) for k in (0, 1)]
    side = int(numpy.clip((NUMBERS / way.size) ** 0.5, *SIDES))
    across, up = (numpy.linspace(*span, side) for span in spans)
    heights = numpy.array([[loss(x, y) for x in across] for y in up])
    shades = LinearSegmentedColormap.from_list("values", [theme.value, theme.background])
    levels = _levels(heights)
    norm = BoundaryNorm(levels, shades.N, extend="max")
    axes.contourf(across, up, heights, levels, cmap=shades, norm=norm, alpha=0.45, extend="max", zorder=0)
    axes.contour(across, up, heights, levels, colors=[theme.value], linewidths=0.7, zorder=1)
    axes.plot(*way.points.T, color=theme.grad, linewidth=1.2, zorder=3)
    some = _some(len(way.points))
    axes.plot(*way.points[some].T, "o", color=theme.grad, markersize=3.2, zorder=4)
    axes.plot(*way.points[0], "o", color=theme.ink, markersize=6, zorder=5)
    axes.plot(*way.points[-1], "*", color=theme.ink, markersize=11, zorder=5)
    axes.set_xlim(spans[0])
    axes.set_ylim(spans[1])


def _span(points: Any) -> tuple[float, float]:
    """Both sides of where the way ends, as wide as the way."""
    last = points[-1]
    half = max(WIDER * float(numpy.abs(points - last).max()), SMALLEST * max(1.0, abs(last)))
    return float(last - half), float(last + half)


def _levels(heights: Any) -> Any:
    """Rising heights of contours."""
    finite = heights[numpy.isfinite(heights)]
    if not len(finite) or finite.max() <= finite.min():
        return [0.0, 1.0]
    low, high = finite.min(), finite.max()
    if low > 0 and high > STEEP * low:
        return numpy.geomspace(low, high, LEVELS)
    return low + (high - low) * numpy.linspace(0, 1, LEVELS) ** 2  # closer at the bottom


def _some(count: int) -> Any:
    """The steps that are dots: all of few, of many those that lie far apart in time."""
    if count <= MARKS:
        return numpy.arange(count)
    return numpy.unique(numpy.geomspace(1, count, min(count, MARKS)).round().astype(int) - 1)
