"""The statements behind `tables`: whole tables of a scope, or those of one layer, in a fixed order.

What a statement of a layer selects lacks the names of model and layer, which stand before it.
Nothing else uses them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.queries.unit_evidence import SUMMARY, first_dataset
from app.db.tables import (
    Dataset,
    DatasetImage,
    Effect,
    Example,
    Hidden,
    Image,
    Label,
    Layer,
    Model,
    Neighbour,
    Recipe,
    Scan,
    Statistics,
    Unit,
    Visualization,
)

NUMBER = Unit.index.label("number")  # `index` would be the row's own method
OTHER, OTHER_LAYER = aliased(Unit), aliased(Layer)

Homes = Collection[int]
"""The ids of layers."""


def pictures(homes: Homes) -> Select[Any]:
    """Every picture that the rows of these layers show, each once."""
    rendered = select(Visualization.image_sha256).where(Visualization.layer_id.in_(homes))
    seen = (
        select(DatasetImage.image_sha256)
        .join(Example, Example.dataset_image_id == DatasetImage.id)
        .join(Unit, Unit.id == Example.unit_id)
        .where(Unit.layer_id.in_(homes), DatasetImage.image_sha256.is_not(None))
    )
    used = or_(Image.sha256.in_(rendered), Image.sha256.in_(seen))
    columns: tuple[Any, ...] = (Image.sha256, Image.media_type)
    statement = select(*columns).where(used, _is_shown(Image.sha256))
    return statement.order_by(Image.sha256)


def models(homes: Homes) -> Select[Any]:
    table = Model
    columns: tuple[Any, ...] = (table.slug, table.title, table.variant, table.weights_sha256)
    columns += (table.weights_file, table.licence, table.input_size, table.created)
    own = exists().where(Layer.model_id == table.id, Layer.id.in_(homes))
    return select(*columns).where(own).order_by(table.id)


def layers(homes: Homes) -> Select[Any]:
    table = Layer
    columns: tuple[Any, ...] = (Model.slug, table.name, table.ordinal, table.channels)
    columns += (table.map_size, table.stride, table.receptive_field, table.branches)
    return (
        select(*columns)
        .join(Model, Model.id == table.model_id)
        .where(table.id.in_(homes))
        .order_by(Model.id, table.ordinal)
    )


def recipes(homes: Homes) -> Select[Any]:
    """Those that a row of the export refers to, or by which units were scanned."""
    made = select(Visualization.recipe_id).where(Visualization.layer_id.in_(homes))
    told = [
        select(table.recipe_id).join(Unit, Unit.id == table.unit_id).where(Unit.layer_id.in_(homes))
        for table in (Scan, Effect)
    ]
    used = or_(*(Recipe.id.in_(each) for each in (made, *told)))
    return select(Recipe.sha256, Recipe.body).where(used).order_by(Recipe.sha256)


def datasets(homes: Homes) -> Select[Any]:
    table = Dataset
    columns: tuple[Any, ...] = (table.slug, table.title, table.licence, table.fingerprint)
    return select(*columns, table.images, table.created).order_by(table.id)


def labels(home: int) -> Select[Any]:
    table = Label
    columns: tuple[Any, ...] = (table.start, table.stop, table.label, table.family)
    statement = select(*columns, table.note, table.source).where(table.layer_id == home)
    return statement.order_by(table.id)


def units(home: int) -> Select[Any]:
    same = and_(Statistics.unit_id == Unit.id, Statistics.dataset_id == first_dataset(home))
    columns: tuple[Any, ...] = (NUMBER, Unit.title, Dataset.slug, *SUMMARY)
    return (
        select(*columns)
        .select_from(Unit)
        .outerjoin(Statistics, same)
        .outerjoin(Dataset, Dataset.id == Statistics.dataset_id)
        .where(Unit.layer_id == home)
        .order_by(Unit.index)
    )


def visualizations(home: int) -> Select[Any]:
    table = Visualization
    shown = _is_shown(table.image_sha256)
    head = [case((shown, each), else_=null()) for each in (Image.sha256, Image.media_type)]
    head += [case((shown, each), else_=null()) for each in (Image.width, Image.height)]
    columns: tuple[Any, ...] = (table.activation, table.maximum, table.minimum, table.note)
    return (
        select(NUMBER, table.technique, table.seed, table.member, *head, Recipe.sha256, *columns)
        .add_columns(table.seconds, table.created)
        .join_from(table, Recipe, Recipe.id == table.recipe_id)
        .join(Image, Image.sha256 == table.image_sha256)
        .outerjoin(Unit, Unit.id == table.unit_id)
        .where(table.layer_id == home)
        .order_by(Unit.index.is_not(None), Unit.index, table.technique, table.seed, table.member)
    )


def examples(home: int) -> Select[Any]:
    table, image = Example, DatasetImage
    columns: tuple[Any, ...] = (table.activation, table.y, table.x, table.left, table.upper)
    shown = case((_is_shown(image.image_sha256), image.image_sha256), else_=null())
    return (
        select(NUMBER, Dataset.slug, table.kind, table.rank, image.path, image.label, shown)
        .add_columns(*columns, table.right, table.lower)
        .join_from(Unit, table, table.unit_id == Unit.id)
        .join(Dataset, Dataset.id == table.dataset_id)
        .join(image, image.id == table.dataset_image_id)
        .where(Unit.layer_id == home)
        .order_by(Unit.index, table.dataset_id, table.kind, table.rank)
    )


def statistics(home: int) -> Select[Any]:
    table = Statistics
    columns: tuple[Any, ...] = (NUMBER, Dataset.slug, table.images, table.positions, *SUMMARY)
    columns += (table.quantiles, table.histogram, table.intervals)
    columns += (table.class_means, table.class_shares, table.top_images)
    return (
        select(*columns)
        .join_from(Unit, table, table.unit_id == Unit.id)
        .join(Dataset, Dataset.id == table.dataset_id)
        .where(Unit.layer_id == home)
        .order_by(Unit.index, table.dataset_id)
    )


def neighbours(home: int) -> Select[Any]:
    table = Neighbour
    columns: tuple[Any, ...] = (table.within, table.rank, OTHER_LAYER.name)
    other = OTHER.index.label("other")
    return (
        select(NUMBER, Dataset.slug, *columns, other, table.correlation)
        .join_from(Unit, table, table.unit_id == Unit.id)
        .join(Dataset, Dataset.id == table.dataset_id)
        .join(OTHER, OTHER.id == table.other_id)
        .join(OTHER_LAYER, OTHER_LAYER.id == OTHER.layer_id)
        .where(Unit.layer_id == home)
        .order_by(Unit.index, table.dataset_id, table.within, table.rank)
    )


def effects(home: int) -> Select[Any]:
    table = Effect
    columns: tuple[Any, ...] = (table.rank, OTHER.index.label("output"), OTHER.title)
    return (
        select(NUMBER, Dataset.slug, *columns, table.value, table.images, Recipe.sha256)
        .join_from(Unit, table, table.unit_id == Unit.id)
        .join(Dataset, Dataset.id == table.dataset_id)
        .join(OTHER, OTHER.id == table.output_id)
        .join(Recipe, Recipe.id == table.recipe_id)
        .where(Unit.layer_id == home)
        .order_by(Unit.index, table.dataset_id, table.rank)
    )


def _is_shown(sha256: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether the maintainer does not hide a picture."""
    return ~exists().where(Hidden.sha256 == sha256)
