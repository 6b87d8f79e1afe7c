"""The statistics of a unit over the images of a data set: their names, their words, their help.

The only list of them: tables, lists, searches, pages, JSON, exports and their scripts derive from
it. Where types are declared (`app.tables`, `app.db.records`, `app.db.views`, the API's schemas)
the fields have these names.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number of a unit; those of values are before the ReLU."""

    name: str
    """Its column, its field in JSON, and its name in searches and addresses."""
    words: str
    """Its heading on a page."""
    help: str
    """What it is, in one sentence."""
    is_share: bool = False
    """Whether it is from 0 to 1, and shown in percent."""


MEAN = Statistic("mean", "Mean", "Over all positions of all images.")
DEVIATION = Statistic("deviation", "Deviation", "The standard deviation.")
SKEW = Statistic("skew", "Skew", "The third standardised moment.")
MAXIMUM = Statistic("maximum", "Maximum", "The largest value.")
MINIMUM = Statistic("minimum", "Minimum", "The smallest value.")
DENSITY = Statistic(
    "density",
    "Positions above 0",
    "The share of positions above 0; 0 is dead.",
    is_share=True,
)
IMAGE_DENSITY = Statistic(
    "image_density",
    "Images above 0",
    "The share of images with a position above 0.",
    is_share=True,
)

MOMENTS = (MEAN, DEVIATION, SKEW)
EXTREMES = (MAXIMUM, MINIMUM)
SHARES = (DENSITY, IMAGE_DENSITY)

STATISTICS = {each.name: each for each in (*MOMENTS, *EXTREMES, *SHARES)}


def is_share(name: str) -> bool:
    """Whether a number of this name is shown in percent."""
    return name in STATISTICS and STATISTICS[name].is_share
