"""What a unit is like, in one sentence of plain words, where data sets say enough.

Pure functions from the store's views; a class's name stands apart, since it is written as it came.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.db.views.evidence import StatisticsView, UnitDetail
from app.unit_names import LOGITS
from app.web.pages.formatting import clipped, count, percent

# Shares of positions: above the first a unit is on nearly everywhere, above the second often.
OFTEN, SOMETIMES = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class UnitDescription:
    """A sentence; where it ends with a class, the class's name is `label`."""

    text: str
    label: str | None = None

    @property
    def plain(self) -> str:
        """The whole sentence as text."""
        return f"{self.text} {clipped(self.label)}." if self.label else f"{self.text}."


def nature(layer: str, unit: UnitDetail) -> UnitDescription | None:
    """What the first data set with statistics says of the unit; None where none says anything."""
    if not unit.statistics:
        return None
    told = unit.statistics[0]
    if layer == LOGITS:
        return _of_class(told)
    found = _activity(told)
    label = told.class_means[0].label if told.class_means else None
    if label is None or told.summary.is_dead:
        return UnitDescription(found)
    return UnitDescription(f"{found}, and on average most in those labelled", label)


def _of_class(told: StatisticsView) -> UnitDescription | None:
    if not told.class_means:
        return None
    among = (
        f"Among {count(told.images)} images its logit is highest, on average, for those labelled"
    )
    return UnitDescription(among, told.class_means[0].label)


def _activity(told: StatisticsView) -> str:
    density, images = told.summary.density, count(told.images)
    if told.summary.is_dead:
        return f"Never active: above 0 in none of {images} images"
    how = "Rarely active" if told.summary.is_rare else _how_often(density)
    share = percent(told.summary.image_density)
    return f"{how}: above 0 at {percent(density)} of positions, in {share} of {images} images"


def _how_often(density: float) -> str:
    if density > OFTEN:
        return "Active nearly everywhere"
    return "Often active" if density > SOMETIMES else "Active in few places"
