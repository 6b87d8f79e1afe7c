"""What a reader chooses in the address: how examples are shown, how a list is sorted.

A choice that does not exist is the first one; a page is never refused for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# The first of each is the default, which addresses leave out.
SHOW = {"crop": "What the unit sees", "whole": "Whole image", "heat": "Heat map"}
HINTS = {
    "crop": "Each image is cut to what the cell with the highest or lowest value sees; the rest is "
    "faded, and a very small field is framed.",
    "whole": "The ring marks the cell with the highest or lowest value.",
    "heat": "The unit's map lies over each image: lighter is stronger, blue is below 0.",
}
COUNTS = {"linear": "Linear", "log": "Logarithmic"}
SORT = {
    "index": "Index",
    "mean": "Mean",
    "deviation": "Deviation",
    "skew": "Skew",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "density": "Positions above 0",
    "image_density": "Images above 0",
    "similarity": "Similarity",
}
ORDER = {"desc": "Highest first", "asc": "Lowest first"}
SIZE = {"m": "Medium", "s": "Small", "l": "Large"}
DEAD = {"show": "Show dead units", "hide": "Hide dead units"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several links, of which one is where the reader is."""

    name: str
    path: str
    is_current: bool


def chosen(value: str, options: Mapping[str, str]) -> str:
    """The option that an address names, or the first."""
    return value if value in options else next(iter(options))


def unless_first(value: str, options: Mapping[str, str]) -> str:
    """An option as it stands in an address: empty for the first, which is the default."""
    return "" if value == next(iter(options)) else value


def choices(
    options: Mapping[str, str], current: str, path: Callable[[str], str]
) -> tuple[Choice, ...]:
    """A link for each option; `path` makes the address of one."""
    return tuple(
        Choice(name, path(unless_first(value, options)), value == current)
        for value, name in options.items()
    )
