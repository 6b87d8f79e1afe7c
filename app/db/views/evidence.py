"""What the store answers about one unit: pictures, examples, statistics, similar units, effects.

The same manners as `views`. What is nested in a unit's statistics is as it came in.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.db.records import ClassRecord, HistogramRecord, IntervalRecord
from app.db.views import Box as Box
from app.db.views import (
    ImageView,
    LabelView,
    LayerHead,
    ModelHead,
    RecipeView,
    SummaryView,
    VisualizationView,
)


@dataclass(frozen=True, slots=True)
class ExampleView:
    """An image that excites the unit, and where (`y`, `x`: cells of the map)."""

    dataset: str
    kind: str
    rank: int
    activation: float
    y: int
    x: int
    path: str
    label: str | None
    image: ImageView | None
    box: Box | None = None
    """What the cell sees, in pixels: left, upper, right, lower; the last two are excluded."""
    has_heat: bool = False
    """Whether the unit's map is stored; `evidence.heat` reads it."""


@dataclass(frozen=True, slots=True)
class HeatView:
    """A unit's map on one image: bytes by row, compressed with zlib."""

    kind: str
    bytes: builtins.bytes


@dataclass(frozen=True, slots=True)
class ScanView:
    """How a unit's examples in a data set were found."""

    dataset: str
    title: str
    licence: str
    fingerprint: str
    private: bool
    """Whether the data set's pictures are never stored."""
    top: int
    images: int
    created: datetime
    recipe: RecipeView


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """What a unit does over all images of a data set."""

    dataset: str
    images: int
    positions: int
    """Cells of the map over all images."""
    summary: SummaryView
    quantiles: tuple[tuple[float, float], ...]
    """(share, value), from the histogram's sample."""
    histogram: HistogramRecord
    intervals: tuple[IntervalRecord, ...]
    """From the lowest."""
    class_means: tuple[ClassRecord, ...]
    class_shares: tuple[ClassRecord, ...]
    top_images: int
    """How many images the top 1 % are."""


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """Another unit that is active on the same images."""

    dataset: str
    layer: str
    index: int
    title: str | None
    image: ImageView | None
    within: bool
    """Whether it is of the same layer."""
    rank: int
    correlation: float


@dataclass(frozen=True, slots=True)
class EffectView:
    """How much the unit argues for (rank from 1) or against (rank from −1) a class."""

    dataset: str
    output: int
    title: str | None
    rank: int
    value: float
    images: int


@dataclass(frozen=True, slots=True)
class ArguerView:
    """A unit that has a class among those it argues for (rank from 1) or against (from −1)."""

    dataset: str
    layer: str
    index: int
    image: ImageView | None
    rank: int
    """The class's place among the unit's own."""
    value: float
    images: int


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A row of a kind of evidence, by the names that its export has."""

    fields: Mapping[str, Any]
    images: Mapping[str, ImageView | None]
    """The first picture of each other unit that it refers to, by that unit's name."""

    @property
    def dataset(self) -> str | None:
        """The data set that it belongs to, if its kind belongs to one."""
        return self.fields.get("dataset")


@dataclass(frozen=True, slots=True)
class MatrixEntry:
    """A number between a unit and another."""

    layer: str
    index: int
    title: str | None
    image: ImageView | None
    value: float


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The numbers between a unit and all units of a layer."""

    layer: str
    axis: str
    """`row` where the unit has the row, `column` where each of the others has one."""
    values: tuple[float | None, ...]
    """By the index of the other unit; None where there is no row of it."""
    strongest: tuple[MatrixEntry, ...]
    """Those with the largest numbers, positive or negative, the largest first."""


Evidence = EvidenceRow | MatrixRow


@dataclass(frozen=True, slots=True)
class UnitDetail:
    """Everything that is stored about a unit."""

    index: int
    title: str | None
    visualizations: tuple[VisualizationView, ...]
    examples: tuple[ExampleView, ...]
    scans: tuple[ScanView, ...]
    statistics: tuple[StatisticsView, ...] = ()
    neighbours: tuple[NeighbourView, ...] = ()
    effects: tuple[EffectView, ...] = ()
    effect_recipes: Mapping[str, RecipeView] = field(default_factory=dict)
    """How the effects were measured, by data set; of a class, how those of its arguers were."""
    arguers: tuple[ArguerView, ...] = ()
    """Of a class: the units that argue for and against it."""
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    """Of the kinds without a field of their own, by the names of the kinds."""


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with its model and layer, and the labels that it bears."""

    model: ModelHead
    layer: LayerHead
    unit: UnitDetail
    labels: tuple[LabelView, ...]
