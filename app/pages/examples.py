"""Dataset examples as a unit's page shows them: cut to what the unit sees, whole, or with heat.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.store.views import ImageView
from app.store.views_evidence import Box, ExampleView, ScanView, UnitDetail

# What a cell of the first layers sees, 7 px, says nothing alone: at least as many pixels a side
# are shown around it as let a person tell an eye from a wheel.
SURROUNDINGS = 48

INTERVAL = "interval-"


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the view, square where the view is, with what the cell sees inside it."""

    x: int
    y: int
    width: int
    height: int
    field: Box

    @property
    def is_wider(self) -> bool:
        """Whether more is shown than the cell sees."""
        return self.field != (self.x, self.y, self.x + self.width, self.y + self.height)

    @property
    def is_tiny(self) -> bool:
        """Whether the cell sees so little that a line is drawn around it; else the rest fades."""
        left, upper, right, lower = self.field
        return max(right - left, lower - upper) < SURROUNDINGS


@dataclass(frozen=True, slots=True)
class Example:
    """An example with how it is shown."""

    view: ExampleView
    alt: str
    crop: Crop | None
    """The part that is shown; None where the whole image is."""
    is_heated: bool
    """Whether the unit's map lies over it."""


@dataclass(frozen=True, slots=True)
class ExampleList:
    """The examples of one kind from one data set."""

    kind: str
    scan: ScanView | None
    dataset: str
    examples: tuple[Example, ...]

    @property
    def is_private(self) -> bool:
        """Whether there are no pictures since none may be stored."""
        return self.scan is not None and self.scan.private


def example_lists(unit: UnitDetail, show: str) -> tuple[ExampleList, ...]:
    """The examples by kind and data set, each list by rank: `top`, `minimum`, then other kinds.

    Those of intervals are left to the panel of the range.
    """
    scans = {scan.dataset: scan for scan in unit.scans}
    listed = (each for each in unit.examples if not each.kind.startswith(INTERVAL))
    ordered = sorted(listed, key=_place)
    return tuple(
        ExampleList(kind, scans.get(dataset), dataset, shown(examples, show))
        for (_, kind, dataset), examples in groupby(ordered, key=lambda each: _place(each)[:3])
    )


def shown(examples: Iterable[ExampleView], show: str) -> tuple[Example, ...]:
    """Examples as the reader wants to see them: `crop`, `whole` or `heat`."""
    return tuple(_shown(example, show) for example in examples)


def can_choose(examples: Iterable[ExampleView]) -> bool:
    """Whether there is more than one way to show any of them."""
    return any(each.image and (_crop(each) or each.has_heat) for each in examples)


def crop(image: ImageView, field: Box) -> Crop | None:
    """What to cut out for a cell; None where it sees the whole view.

    At the border of the view the field is clipped: the cut is moved inside rather than clipped
    too, so that all are alike.
    """
    left, upper, right, lower = field
    if (right - left, lower - upper) == (image.width, image.height):
        return None
    side = max(right - left, lower - upper, SURROUNDINGS)
    x, width = _stretch(left, right, side, image.width)
    y, height = _stretch(upper, lower, side, image.height)
    return Crop(x, y, width, height, field)


def _stretch(start: int, stop: int, length: int, end: int) -> tuple[int, int]:
    """Start and length of what lies about a stretch, within 0 to `end`."""
    length = min(length, end)
    return min(max((start + stop - length) // 2, 0), end - length), length


def _crop(example: ExampleView) -> Crop | None:
    if example.image is None or example.box is None:
        return None
    return crop(example.image, example.box)


def _shown(example: ExampleView, show: str) -> Example:
    part = _crop(example) if show == "crop" else None
    is_heated = show == "heat" and example.has_heat
    name = f"example {example.rank}" + (f": {example.label}" if example.label else "")
    if part:
        name = f"{name}, the part that the unit sees"
    return Example(example, f"{name}, heat map" if is_heated else name, part, is_heated)


def _place(example: ExampleView) -> tuple[int, str, str, int]:
    order = {"top": 0, "minimum": 1}.get(example.kind, 2)
    return (order, example.kind, example.dataset, example.rank)
