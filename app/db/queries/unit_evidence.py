"""Reading what data sets say about one unit: statistics, similar units, effects on the classes;
and the statistics that a list of units shows.

The same manners as `read`; used by `read` and `evidence` inside their transactions.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, func, select

from app.db.queries.lookup import IMAGE_HEAD, first_picture, image_view
from app.db.records import ClassRecord, HistogramRecord, IntervalRecord
from app.db.views import RecipeView, SummaryView
from app.db.views.evidence import ArguerView, EffectView, NeighbourView, StatisticsView
from app.evidence.class_attribution import Effect
from app.evidence.similar_units import Neighbour
from app.evidence.statistics import Statistics
from app.tables import Dataset, Image, Layer, Recipe, Unit

SUMMARY: tuple[Any, ...] = tuple(getattr(Statistics, name) for name in SummaryView._fields)
DETAILS = (
    Statistics.images,
    Statistics.positions,
    Statistics.top_images,
    Statistics.quantiles,
    Statistics.histogram,
    Statistics.intervals,
    Statistics.class_means,
    Statistics.class_shares,
)


def first_dataset(layer: int) -> ScalarSelect[Any]:
    """The id of the first stored data set that has statistics for units of a layer."""
    return (
        select(func.min(Statistics.dataset_id))
        .join(Unit, Unit.id == Statistics.unit_id)
        .where(Unit.layer_id == layer)
        .scalar_subquery()
    )


def summary_view(values: Any) -> SummaryView | None:
    """The numbers of a list; None where an outer join found none."""
    return None if values[0] is None else SummaryView._make(values)


def statistics(connection: Connection, unit: int) -> tuple[StatisticsView, ...]:
    """A unit's statistics, one for each data set, in the order in which these were stored."""
    found = connection.execute(_statistics_of(), {"unit": unit})
    return tuple(_statistics_view(row) for row in found)


def _statistics_of() -> Select[Any]:
    columns: tuple[Any, ...] = (Dataset.slug, *DETAILS, *SUMMARY)
    return (
        select(*columns)
        .join_from(Statistics, Dataset, Dataset.id == Statistics.dataset_id)
        .where(Statistics.unit_id == bindparam("unit"))
        .order_by(Dataset.id)
    )


def _statistics_view(row: Any) -> StatisticsView:
    return StatisticsView(
        dataset=row.slug,
        images=row.images,
        positions=row.positions,
        summary=SummaryView(*row[-len(SUMMARY) :]),
        quantiles=tuple((share, value) for share, value in row.quantiles),
        histogram=HistogramRecord(**row.histogram | {"counts": tuple(row.histogram["counts"])}),
        intervals=tuple(IntervalRecord(**each) for each in row.intervals),
        class_means=tuple(ClassRecord(**each) for each in row.class_means),
        class_shares=tuple(ClassRecord(**each) for each in row.class_shares),
        top_images=row.top_images,
    )


def neighbours(connection: Connection, unit: int) -> tuple[NeighbourView, ...]:
    """Similar units: by data set, those of the same layer first, then by rank."""
    found = connection.execute(_neighbours_of(), {"unit": unit})
    return tuple(_neighbour_view(row) for row in found)


def _neighbours_of() -> Select[Any]:
    number = Unit.index.label("number")
    numbers = (Neighbour.within, Neighbour.rank, Neighbour.correlation)
    columns: tuple[Any, ...] = (Dataset.slug, Layer.name, number, Unit.title, *numbers)
    return (
        select(*columns, *IMAGE_HEAD)
        .join_from(Neighbour, Dataset, Dataset.id == Neighbour.dataset_id)
        .join(Unit, Unit.id == Neighbour.other_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .outerjoin(Image, Image.sha256 == first_picture())
        .where(Neighbour.unit_id == bindparam("unit"))
        .order_by(Dataset.id, Neighbour.within.desc(), Neighbour.rank)
    )


def _neighbour_view(row: Any) -> NeighbourView:
    dataset, layer, index, title, within, rank, correlation, *head = row
    image = image_view(head)
    return NeighbourView(dataset, layer, index, title, image, within, rank, correlation)


def effects(connection: Connection, unit: int) -> tuple[EffectView, ...]:
    """Effects on the classes by data set: what it argues for, then what against, the most first."""
    found = connection.execute(_effects_of(), {"unit": unit})
    return tuple(EffectView(*row) for row in found)


def _effects_of() -> Select[Any]:
    number = Unit.index.label("number")
    numbers = (Effect.rank, Effect.value, Effect.images)
    columns: tuple[Any, ...] = (Dataset.slug, number, Unit.title, *numbers)
    return (
        select(*columns)
        .join_from(Effect, Dataset, Dataset.id == Effect.dataset_id)
        .join(Unit, Unit.id == Effect.output_id)
        .where(Effect.unit_id == bindparam("unit"))
        .order_by(Dataset.id, Effect.rank < 0, func.abs(Effect.rank))
    )


def effect_recipes(connection: Connection, unit: int, is_output: bool) -> dict[str, RecipeView]:
    """How a unit's effects were measured, or those on an output; by data set, all by one recipe."""
    found = connection.execute(_effect_recipes_of(is_output), {"unit": unit})
    return {dataset: RecipeView(sha256, body) for dataset, sha256, body in found}


def _effect_recipes_of(is_output: bool) -> Select[Any]:
    end = Effect.output_id if is_output else Effect.unit_id
    # Bodies are read once each, not once for every effect.
    used = select(Effect.dataset_id, Effect.recipe_id).where(end == bindparam("unit"))
    once = used.distinct().subquery()
    return (
        select(Dataset.slug, Recipe.sha256, Recipe.body)
        .join_from(once, Dataset, Dataset.id == once.c.dataset_id)
        .join(Recipe, Recipe.id == once.c.recipe_id)
        .order_by(Dataset.id, Recipe.id)
    )


def arguers(connection: Connection, output: int) -> tuple[ArguerView, ...]:
    """The units that have a class among their strongest effects: by data set, then layer, those
    that argue for it most first."""
    found = connection.execute(_arguers_of(), {"output": output})
    return tuple(_view(row) for row in found)


def _arguers_of() -> Select[Any]:
    """Made once: making the statement takes longer than running it."""
    number = Unit.index.label("number")
    numbers = (Effect.rank, Effect.value, Effect.images)
    columns: tuple[Any, ...] = (Dataset.slug, Layer.name, number, *numbers)
    return (
        select(*columns, *IMAGE_HEAD)
        .join_from(Effect, Dataset, Dataset.id == Effect.dataset_id)
        .join(Unit, Unit.id == Effect.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .outerjoin(Image, Image.sha256 == first_picture())
        .where(Effect.output_id == bindparam("output"))
        .order_by(Dataset.id, Layer.ordinal, Effect.value.desc(), Unit.index)
    )


def _view(row: Any) -> ArguerView:
    dataset, layer, index, rank, value, images, *head = row
    return ArguerView(dataset, layer, index, image_view(head), rank, value, images)
