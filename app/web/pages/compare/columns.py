"""Units side by side, as the page of a comparison shows them: what stands in each column.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.queries.unit_detail import OTHER_KINDS
from app.db.views import LabelView, ModelHead
from app.db.views.evidence import EvidenceRow, MatrixRow, PlacedUnit, StatisticsView, UnitDetail
from app.drawing.charts import Chart, chart, common_axis
from app.evidence.base import Kind
from app.web.pages.formatting import UnitDescription, nature, unit_name
from app.web.pages.unit.dataset_panels import (
    ClassAttribution,
    NamedValue,
    ShownExample,
    Where,
    bar_length,
    effects_in,
    rows,
    shown,
)
from app.web.visualizations import ShownPicture, first_picture, unit_groups

# Enough to see what they have in common, few enough for four columns.
EXAMPLES, CLASSES = 9, 5


@dataclass(frozen=True, slots=True)
class Measured:
    """The first numbers of a kind of evidence."""

    heading: str
    rows: tuple[NamedValue, ...]


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
    measured: tuple[Measured, ...]
    """Of the kinds that have no section of their own."""


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
        measured=tuple(
            Measured(kind.panels[0].heading, _numbers(kind, unit))
            for kind in OTHER_KINDS
            if kind.panels and (kind.measure or kind.matrix)
        ),
    )


def _numbers(kind: Kind, unit: UnitDetail) -> tuple[NamedValue, ...]:
    """The first of a kind's numbers, each with the name of the other unit, or its rank."""
    found: list[tuple[str, float]] = []
    for row in unit.evidence[kind.name]:
        if isinstance(row, MatrixRow):
            found += [(unit_name(each.layer, each.index), each.value) for each in row.strongest]
        else:
            found.append((_name(kind, row), row.fields[kind.measure]))
    largest = max((abs(value) for _, value in found[:CLASSES]), default=0.0)
    return tuple(
        NamedValue(name, value, bar_length(value, largest)) for name, value in found[:CLASSES]
    )


def _name(kind: Kind, row: EvidenceRow) -> str:
    fields = row.fields
    for other in kind.others:
        layer = other.layer or fields[f"{other.name}_layer"]
        return unit_name(layer, fields[other.name if other.layer else f"{other.name}_unit"])
    return str(fields.get("rank", kind.words))


def _effects(unit: UnitDetail) -> ClassAttribution | None:
    return effects_in(unit, unit.effects[0].dataset, CLASSES) if unit.effects else None
