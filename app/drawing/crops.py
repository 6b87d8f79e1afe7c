"""What is cut out of a dataset example for a cell: what the cell sees, and a little around it.

Pure functions on boxes in pixels of the view; pages and sheets cut alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

# A part of a picture, in pixels: left, upper, right, lower; the last two are excluded.
Box = tuple[int, int, int, int]


# What a cell of the first layers sees, 7 px, says nothing alone: at least as many pixels a side
# are shown around it as let a person tell an eye from a wheel.
SURROUNDINGS = 48


class Sized(Protocol):
    """A picture, or its head."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


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


def crop(image: Sized, field: Box) -> Crop | None:
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
