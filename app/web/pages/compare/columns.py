"""Units side by side, as the page of a comparison shows them: what stands in each column.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.views import LabelView, ModelHead
from app.db.views.evidence import PlacedUnit, StatisticsView, UnitDetail
from app.drawing.charts import Chart, chart, common_axis
from app.web.pages.formatting import UnitDescription, nature
from app.web.pages.unit.dataset_panels import (
    ClassAttribution,
    NamedValue,
    ShownExample,
    Where,
    effects_in,
    rows,
    shown,
)
from app.web.visualizations import ShownPicture, first_picture, unit_groups

# Enough to see what they have in common, few enough for four columns.
EXAMPLES, CLASSES = 9, 5


@dataclass(frozen=True, slots=True)
class CompareColumn:
    """What is shown of one unit; what is not stored is None, or empty."""

    model: ModelHead
    where: Where
    title: str | None
    labels: tuple[LabelView, ...]
    nature: UnitDescription | None
    first: ShownPicture | None
    others: tuple[ShownPicture, ...]
    """A picture of each other technique."""
    examples: tuple[ShownExample, ...]
    is_private: bool
    statistics: StatisticsView | None
    chart: Chart | None
    means: tuple[NamedValue, ...]
    effects: ClassAttribution | None
    """Of the first data set, as all numbers of a column are."""


def columns(found: Sequence[PlacedUnit], show: str, counts: str) -> tuple[CompareColumn, ...]:
    """A column for each unit; their histograms share the axis of the values."""
    told = [each.unit.statistics[0] for each in found if each.unit.statistics]
    axis = common_axis(each.histogram for each in told)
    return tuple(_column(each, show, counts, axis) for each in found)


def _column(
    found: PlacedUnit, show: str, counts: str, axis: tuple[float, float] | None
) -> CompareColumn:
    unit, layer = found.unit, found.layer
    told = unit.statistics[0] if unit.statistics else None
    top = [each for each in unit.examples if each.kind == "top"]
    private = {scan.dataset for scan in unit.scans if scan.private}
    first = [each for each in top if each.dataset == top[0].dataset][:EXAMPLES]
    return CompareColumn(
        model=found.model,
        where=Where(found.model.slug, layer, unit.index),
        title=unit.title,
        labels=found.labels,
        nature=nature(layer.name, unit),
        first=first_picture(layer.name, unit),
        others=tuple(group.pictures[0] for group in unit_groups(layer.name, unit)),
        examples=shown(first, show),
        is_private=bool(first) and first[0].dataset in private,
        statistics=told,
        chart=chart(told.histogram, counts, axis=axis) if told else None,
        means=rows(told.class_means[:CLASSES]) if told else (),
        effects=_effects(unit),
    )


def _effects(unit: UnitDetail) -> ClassAttribution | None:
    return effects_in(unit, unit.effects[0].dataset, CLASSES) if unit.effects else None
