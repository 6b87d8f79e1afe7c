"""Reading lists part by part, as programs ask for them: units, examples, runs; and what else they
list: labels, recipes, a layer's statistics.

The same manners as `read`. A part begins after a key, the last one of the part before: what is
stored meanwhile moves nothing, and the last part is found as quickly as the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, select, tuple_

from app.db.queries.lookup import IMAGE_HEAD, find_layer, first_picture, image_view
from app.db.queries.lookup import require_model as require_model
from app.db.queries.run_status import RUN_FIELDS, run_view
from app.db.queries.unit_detail import EXAMPLE_HEAD, example_view, find_unit
from app.db.queries.unit_evidence import SUMMARY, first_dataset, summary_view
from app.db.transactions import Source, reading
from app.db.views import LabelView, RecipeView, RunView, SummaryView, UnitView
from app.db.views.evidence import ExampleView
from app.errors import NotFound
from app.evidence.examples import Example
from app.evidence.labels import Label
from app.evidence.statistics import Statistics
from app.tables import Dataset, DatasetImage, Image, Layer, Model, Recipe, Run, Unit
from app.unit_names import LOGITS

# The layer whose units are the classes.


@dataclass(frozen=True, slots=True)
class ExampleKey:
    """The place of an example among a unit's: they stand by data set, kind and rank."""

    dataset: str
    kind: str
    rank: int


@dataclass(frozen=True, slots=True)
class LayerLabel:
    """A label with the layer whose units bear it."""

    layer: str
    label: LabelView


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """The statistics of a layer's units in one data set; None and empty where it has none."""

    dataset: str | None
    units: tuple[int, ...]
    summaries: tuple[SummaryView, ...]


def units(
    source: Source, model: str, layer: str, after: int | None, count: int
) -> tuple[UnitView, ...]:
    """Up to `count` units of a layer, by index, from the one after `after`."""
    with reading(source) as connection:
        home, _ = find_layer(connection, model, layer)
        rows = connection.execute(_units(home, -1 if after is None else after, count))
        return tuple(_unit_view(row) for row in rows)


def classes(source: Source, model: str, after: int | None, count: int) -> tuple[UnitView, ...]:
    """Up to `count` classes of a model, by index; none where it has no layer of classes."""
    with reading(source) as connection:
        statement = select(Layer.id).join(Model, Model.id == Layer.model_id)
        home = connection.scalar(statement.where(Model.slug == model, Layer.name == LOGITS))
        if home is None:
            return ()
        rows = connection.execute(_units(home, -1 if after is None else after, count))
        return tuple(_unit_view(row) for row in rows)


def _units(home: int, after: int, count: int) -> Select[Any]:
    number = Unit.index.label("number")  # `index` would be the row's own method
    columns: tuple[Any, ...] = (number, Unit.title, *IMAGE_HEAD, *SUMMARY)
    same = (Statistics.unit_id == Unit.id, Statistics.dataset_id == first_dataset(home))
    return (
        select(*columns)
        .select_from(Unit)
        .outerjoin(Image, Image.sha256 == first_picture())
        .outerjoin(Statistics, and_(*same))
        .where(Unit.layer_id == home, Unit.index > after)
        .order_by(Unit.index)
        .limit(count)
    )


def _unit_view(row: Any) -> UnitView:
    index, title, *rest = tuple(row)
    head, numbers = rest[: len(IMAGE_HEAD)], rest[len(IMAGE_HEAD) :]
    return UnitView(index, title, image_view(head), summary_view(numbers))


def examples(
    source: Source,
    place: tuple[str, str, int],
    dataset: str | None,
    kind: str | None,
    after: ExampleKey | None,
    count: int,
) -> tuple[ExampleView, ...]:
    """Up to `count` examples of the unit at `place`, by data set, kind and rank.

    Only those of a data set, or of a kind, where one is named.
    """
    with reading(source) as connection:
        unit, _ = find_unit(connection, *place)
        statement = _examples(unit).limit(count)
        if dataset is not None:
            statement = statement.where(Example.dataset_id == _dataset(connection, dataset))
        if kind is not None:
            statement = statement.where(Example.kind == kind)
        if after is not None:
            key = (_dataset(connection, after.dataset), after.kind, after.rank)
            own = tuple_(Example.dataset_id, Example.kind, Example.rank)
            statement = statement.where(own > key)
        return tuple(example_view(row) for row in connection.execute(statement))


def _examples(unit: int) -> Select[Any]:
    return (
        select(*EXAMPLE_HEAD, *IMAGE_HEAD)
        .join_from(Example, Dataset, Dataset.id == Example.dataset_id)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .outerjoin(Image, Image.sha256 == DatasetImage.image_sha256)
        .where(Example.unit_id == unit)
        .order_by(Example.dataset_id, Example.kind, Example.rank)
    )


def measured(source: Source, model: str, layer: str, dataset: str | None) -> StatisticsTable:
    """The statistics of a layer's units, by index, in a data set or in the layer's first."""
    with reading(source) as connection:
        home, _ = find_layer(connection, model, layer)
        wanted = first_dataset(home) if dataset is None else _dataset(connection, dataset)
        statement = (
            select(Dataset.slug, Unit.index, *SUMMARY)
            .join_from(Unit, Statistics, Statistics.unit_id == Unit.id)
            .join(Dataset, Dataset.id == Statistics.dataset_id)
            .where(Unit.layer_id == home, Statistics.dataset_id == wanted)
            .order_by(Unit.index)
        )
        rows = [tuple(row) for row in connection.execute(statement)]
    slug = rows[0][0] if rows else dataset
    return StatisticsTable(
        slug, tuple(row[1] for row in rows), tuple(SummaryView(*r[2:]) for r in rows)
    )


def labels(source: Source, model: str, layer: str | None = None) -> tuple[LayerLabel, ...]:
    """A model's labels, or a layer's, in the order of the network and of the first unit."""
    columns = (Label.start, Label.stop, Label.label, Label.family, Label.note, Label.source)
    statement = (
        select(Layer.name, *columns)
        .join_from(Label, Layer, Layer.id == Label.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal, Label.start, Label.stop, Label.id)
    )
    with reading(source) as connection:
        if layer is not None:
            home, _ = find_layer(connection, model, layer)
            statement = statement.where(Layer.id == home)
        rows = connection.execute(statement)
        return tuple(LayerLabel(row[0], LabelView(*row[1:])) for row in rows)


def recipe(source: Source, sha256: str) -> RecipeView:
    """The recipe of this hash."""
    with reading(source) as connection:
        statement = select(Recipe.sha256, Recipe.body).where(Recipe.sha256 == sha256)
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"There is no recipe {sha256!r} here.")
    return RecipeView(*row)


def any_recipe(source: Source) -> str | None:
    """The hash of the first recipe, if there is one."""
    with reading(source) as connection:
        return connection.scalar(select(Recipe.sha256).order_by(Recipe.id).limit(1))


def runs(source: Source, model: str | None, before: int | None, count: int) -> tuple[RunView, ...]:
    """Up to `count` runs, of a model or of any, the newest first, from the one before `before`."""
    statement = select(*(getattr(Run, name) for name in RUN_FIELDS)).order_by(Run.id.desc())
    if model is not None:
        statement = statement.where(Run.model == model)
    if before is not None:
        statement = statement.where(Run.id < before)
    with reading(source) as connection:
        return tuple(run_view(row) for row in connection.execute(statement.limit(count)))


def _dataset(connection: Connection, slug: str) -> int:
    found = connection.scalar(select(Dataset.id).where(Dataset.slug == slug))
    if found is None:
        raise NotFound(f"There is no data set {slug!r} here.")
    return found
