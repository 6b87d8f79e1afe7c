"""A number of each layer as a drawing: layers from the first to the last, one below the other.

Pure geometry, in units of the drawing's own: a template writes it down as SVG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.drawing.charts import Tick, round_numbers

# The names stand to the left; a row is as high as what can be pressed must be, on a phone too.
NAMES, LENGTH, ROW = 78, 300, 28
WIDTH = NAMES + LENGTH + 26
TICKS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A layer's number."""

    name: str
    value: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """All layers' numbers along one axis that begins at 0."""

    points: tuple[Point, ...]
    line: str
    """Through the points, as SVG writes it."""
    ticks: tuple[Tick, ...]
    mark: float | None
    """Where a number of comparison lies; None without one, or where it lies outside."""
    height: int
    names: int = NAMES
    width: int = WIDTH
    row: int = ROW


# What is less is nothing, for a share as for pixels, and has no round numbers beside it.
LEAST = 1e-9


def plot(numbers: Sequence[tuple[str, float]], mark: float | None = None) -> Plot | None:
    """The drawing of (layer, number); None where there are fewer than two, or nothing above 0."""
    highest = max((value for _, value in numbers), default=0.0)
    if len(numbers) < 2 or not highest > LEAST:
        return None
    points = tuple(
        Point(name, value, _across(value, highest), ROW * place + ROW / 2)
        for place, (name, value) in enumerate(numbers)
    )
    ticks = (Tick(_across(value, highest), value) for value in round_numbers(0, highest, TICKS))
    is_inside = mark is not None and 0 < mark <= highest
    return Plot(
        points,
        "M" + "L".join(f"{point.x:g} {point.y:g}" for point in points),
        tuple(ticks),
        _across(mark, highest) if mark is not None and is_inside else None,
        ROW * len(points),
    )


def _across(value: float, highest: float) -> float:
    return round(NAMES + LENGTH * value / highest, 1)
