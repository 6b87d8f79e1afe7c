"""A histogram as a drawing: bars, an axis with round numbers, a line at 0, and marks.

Pure geometry, in units of the drawing's own: a template writes it down as SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Protocol

WIDTH, HEIGHT = 640, 200

# A picture made for a unit may excite it many times as much as any image. A mark that lies
# further out than this, in widths of the histogram, stands at the border instead: bars stay wide.
BEYOND = 0.5

TICKS = 6

# −0.3 / 0.1 is a little more than −3: a tick at the border must not be lost by that.
EXACT = 1e-9


class Histogram(Protocol):
    """Counts in bins of equal width from `low` to `high`."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def counts(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """A bin that is not empty."""

    x: float
    y: float
    width: float
    height: float
    is_negative: bool
    """Whether it lies below 0, which the ReLU cuts off."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A number at an axis."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A line at a value, with its name on a row of its own above the bars."""

    at: float
    value: float
    name: str
    row: int
    is_beyond: bool
    """Whether the value lies further out than the drawing."""

    @property
    def is_late(self) -> bool:
        """Whether it stands in the right half, so that its name belongs to its left."""
        return self.at > WIDTH / 2


@dataclass(frozen=True, slots=True)
class Chart:
    """A histogram, drawn."""

    bars: tuple[Bar, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    zero: float | None
    """Where 0 lies; None where it lies outside."""
    marks: tuple[Mark, ...]
    low: float
    high: float
    """The values at the two ends of the axis."""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class ChartScale:
    """Values to places: the axis of the values, and that of the counts."""

    low: float
    high: float
    top: float
    is_log: bool

    def across(self, value: float) -> float:
        return round(WIDTH * (value - self.low) / (self.high - self.low), 2)

    def up(self, count: float) -> float:
        """From the top of the drawing, which is 0; an empty bin lies at `HEIGHT`."""
        share = self._size(count) / (self._size(self.top) or 1.0)
        return round(HEIGHT * (1 - share), 2)

    def _size(self, count: float) -> float:
        return log10(1 + count) if self.is_log else count


def chart(
    histogram: Histogram,
    counts: str,
    marks: Sequence[tuple[str, float]] = (),
    axis: tuple[float, float] | None = None,
) -> Chart | None:
    """The drawing, with `linear` or `log` counts; None where there is nothing to draw.

    `axis` is the lowest and the highest value of an axis that several drawings share.
    """
    low, high = histogram.low, histogram.high
    if not high > low or not any(histogram.counts):
        return None
    reach = high + BEYOND * (high - low)
    high = max([high, *(value for _, value in marks if value <= reach)])
    low, high = axis or (low, high)
    scale = ChartScale(low, high, max(histogram.counts), counts == "log")
    return Chart(
        bars=_bars(histogram, scale),
        across=tuple(Tick(scale.across(value), value) for value in round_numbers(low, high)),
        up=tuple(Tick(scale.up(count), count) for count in _counts(scale)),
        zero=scale.across(0.0) if low <= 0 <= high else None,
        marks=tuple(_mark(scale, row, *mark) for row, mark in enumerate(marks)),
        low=low,
        high=high,
    )


def common_axis(histograms: Iterable[Histogram]) -> tuple[float, float] | None:
    """From the lowest value of all to the highest; None where there is nothing to draw."""
    wide = [each for each in histograms if each.high > each.low]
    if not wide:
        return None
    return min(each.low for each in wide), max(each.high for each in wide)


def round_numbers(low: float, high: float, most: int = TICKS) -> tuple[float, ...]:
    """The multiples of 1, 2 or 5 times a power of ten between two values; at most `most` or so."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    first, last = ceil(low / step - EXACT), floor(high / step + EXACT)
    return tuple(each * step for each in range(first, last + 1))


def _bars(histogram: Histogram, scale: ChartScale) -> tuple[Bar, ...]:
    step = (histogram.high - histogram.low) / len(histogram.counts)
    found = []
    for place, count in enumerate(histogram.counts):
        left = histogram.low + place * step
        x, y = scale.across(left), scale.up(count)
        width = round(scale.across(left + step) - x, 2)
        if count:
            bar = Bar(x, y, width, round(HEIGHT - y, 2), left + step / 2 < 0)
            found.append(bar)
    return tuple(found)


def _counts(scale: ChartScale) -> tuple[float, ...]:
    if scale.is_log:
        return tuple(10.0**power for power in range(floor(log10(scale.top)) + 1))
    return tuple(value for value in round_numbers(0, scale.top, 5) if value >= 1)


def _mark(scale: ChartScale, row: int, name: str, value: float) -> Mark:
    is_beyond = not scale.low <= value <= scale.high
    return Mark(scale.across(min(max(value, scale.low), scale.high)), value, name, row, is_beyond)
