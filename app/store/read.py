"""Reading the store: models, layers, units and pictures, as the dataclasses of `views`.

Each function is one short read-only transaction. Names that do not exist raise `NotFound`, with
the name in the message. Lists never select image bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    exists,
    func,
    select,
)

from app.errors import NotFound
from app.store.engine import reading
from app.store.ledger import stored_effects as stored_effects
from app.store.ledger import stored_scans as stored_scans
from app.store.ledger import stored_visualizations as stored_visualizations
from app.store.moments import utc
from app.store.schema import (
    Dataset,
    Hidden,
    Image,
    Layer,
    Model,
    Scan,
    Statistics,
    Unit,
    Visualization,
)
from app.store.statistics import SUMMARY, first_dataset, summary_view
from app.store.thumbnails import IMAGE_HEAD, first_picture, image_view
from app.store.views import BranchView, LayerView, ModelView, Picture, UnitView

MODEL_FIELDS = (
    "slug",
    "title",
    "variant",
    "weights_sha256",
    "weights_file",
    "licence",
    "input_size",
    "created",
)
LAYER_FIELDS = ("name", "ordinal", "channels", "map_size", "stride", "receptive_field")


def models(engine: Engine) -> tuple[ModelView, ...]:
    """All models, in the order in which they were stored."""
    with reading(engine) as connection:
        return tuple(_model_view(row) for row in connection.execute(_models()))


def find_model(engine: Engine, slug: str) -> ModelView | None:
    """The model of this name, if there is one."""
    with reading(engine) as connection:
        row = connection.execute(_models().where(Model.slug == slug)).one_or_none()
    return None if row is None else _model_view(row)


def model(engine: Engine, slug: str) -> ModelView:
    """The model of this name."""
    found = find_model(engine, slug)
    if found is None:
        raise NotFound(f"There is no model {slug!r} here. /models lists those that there are.")
    return found


def model_exists(engine: Engine, slug: str) -> bool:
    """Whether there is a model of this name."""
    with reading(engine) as connection:
        return connection.scalar(select(Model.id).where(Model.slug == slug)) is not None


def layers(engine: Engine, slug: str) -> tuple[LayerView, ...]:
    """The layers of a model in the order of the forward pass."""
    with reading(engine) as connection:
        statement = _layers().where(Model.slug == slug)
        return tuple(_layer_view(row) for row in connection.execute(statement))


def layer_names(engine: Engine, slug: str) -> tuple[str, ...]:
    """The names of a model's layers in the order of the forward pass."""
    with reading(engine) as connection:
        return tuple(_layer_ids(connection, slug))


def layer(engine: Engine, slug: str, name: str) -> LayerView:
    """One layer of a model."""
    with reading(engine) as connection:
        statement = _layers().where(Model.slug == slug, Layer.name == name)
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"The model {slug!r} has no layer {name!r}.")
    return _layer_view(row)


def units(engine: Engine, slug: str, layer: str) -> tuple[UnitView, ...]:
    """All units of a layer, each with its first picture and its statistics if there are any.

    The statistics are of the first data set that has some of this layer.
    """
    with reading(engine) as connection:
        home = _layer_ids(connection, slug).get(layer, 0)
        return tuple(_unit_view(row) for row in connection.execute(_measured(home)))


def statistics_dataset(engine: Engine, slug: str, layer: str) -> tuple[str, str] | None:
    """The slug and title of the data set whose statistics `units` answers; None without any."""
    with reading(engine) as connection:
        home = _layer_ids(connection, slug).get(layer, 0)
        statement = select(Dataset.slug, Dataset.title).where(Dataset.id == first_dataset(home))
        row = connection.execute(statement).one_or_none()
    return None if row is None else (row.slug, row.title)


def strips(engine: Engine, slug: str, width: int) -> dict[str, tuple[UnitView, ...]]:
    """For each layer up to `width` units that have a picture, spread evenly over the layer."""
    with reading(engine) as connection:
        homes = _layer_ids(connection, slug)
        found = _pictured(connection, homes.values())
        chosen = {name: _spread(found[home], width) for name, home in homes.items()}
        wanted = [unit for strip in chosen.values() for unit in strip]
        rows = connection.execute(_units().where(Unit.id.in_(wanted)))
        views = {row.id: _unit_view(row) for row in rows}
    return {name: tuple(views[unit] for unit in strip) for name, strip in chosen.items()}


def picture(engine: Engine, sha256: str) -> Picture | None:
    """The bytes of a picture, if it is stored and not hidden."""
    with reading(engine) as connection:
        statement = select(Image.media_type, Image.bytes).where(*_shown(sha256))
        row = connection.execute(statement).one_or_none()
    return None if row is None else Picture(row.media_type, row.bytes)


def media_type(engine: Engine, sha256: str) -> str | None:
    """What a picture is, without its bytes; None where there is none, or it is hidden."""
    with reading(engine) as connection:
        return connection.scalar(select(Image.media_type).where(*_shown(sha256)))


def _shown(sha256: str) -> tuple[ColumnElement[bool], ...]:
    return Image.sha256 == sha256, ~exists().where(Hidden.sha256 == Image.sha256)


def _models() -> Select[Any]:
    """Models with the number of their layers, units, and units with a picture."""
    own = Layer.model_id == Model.id
    units = select(func.count()).select_from(Unit).join(Layer, Layer.id == Unit.layer_id).where(own)
    return select(
        *(getattr(Model, name) for name in MODEL_FIELDS),
        select(func.count()).select_from(Layer).where(own).scalar_subquery().label("layers"),
        units.scalar_subquery().label("units"),
        units.where(_has(Visualization)).scalar_subquery().label("pictured"),
    ).order_by(Model.id)


def _layers() -> Select[Any]:
    """Layers with the number of their units that have a picture, or are scanned."""
    units = select(func.count()).select_from(Unit).where(Unit.layer_id == Layer.id)
    return (
        select(
            *(getattr(Layer, name) for name in LAYER_FIELDS),
            Layer.branches,
            units.where(_has(Visualization)).scalar_subquery().label("pictured"),
            units.where(_has(Scan)).scalar_subquery().label("scanned"),
        )
        .join(Model, Model.id == Layer.model_id)
        .order_by(Layer.ordinal)
    )


def _has(table: type[Visualization] | type[Scan]) -> ColumnElement[bool]:
    return exists().where(table.unit_id == Unit.id)


def _model_view(row: Row[Any]) -> ModelView:
    fields = {name: getattr(row, name) for name in (*MODEL_FIELDS, "layers", "units", "pictured")}
    return ModelView(**fields | {"created": utc(row.created)})


def _layer_view(row: Row[Any]) -> LayerView:
    fields = {name: getattr(row, name) for name in (*LAYER_FIELDS, "pictured", "scanned")}
    return LayerView(**fields, branches=tuple(BranchView(**branch) for branch in row.branches))


def _unit_view(row: Row[Any]) -> UnitView:
    """A row of `_units`, or of `_measured`."""
    _, index, title, *rest = tuple(row)
    head, numbers = rest[: len(IMAGE_HEAD)], rest[len(IMAGE_HEAD) :]
    return UnitView(index, title, image_view(head), summary_view(numbers) if numbers else None)


def _layer_ids(connection: Connection, slug: str) -> dict[str, int]:
    statement = select(Layer.name, Layer.id).join(Model, Model.id == Layer.model_id)
    found = connection.execute(statement.where(Model.slug == slug).order_by(Layer.ordinal))
    return {row.name: row.id for row in found}


def _units() -> Select[Any]:
    """Units, each with its first picture if there is one."""
    number = Unit.index.label("number")  # `index` would be the row's own method
    columns: tuple[Any, ...] = (Unit.id, number, Unit.title, *IMAGE_HEAD)
    return select(*columns).select_from(Unit).outerjoin(Image, Image.sha256 == first_picture())


def _measured(home: int) -> Select[Any]:
    """The units of a layer, each also with its statistics in the layer's first data set."""
    same = (Statistics.unit_id == Unit.id, Statistics.dataset_id == first_dataset(home))
    statement = _units().outerjoin(Statistics, and_(*same)).add_columns(*SUMMARY)
    return statement.where(Unit.layer_id == home).order_by(Unit.index)


def _pictured(connection: Connection, homes: Collection[int]) -> dict[int, list[int]]:
    """The ids of the units of these layers that have a picture, by layer, in order."""
    statement = select(Unit.layer_id, Unit.id).where(Unit.layer_id.in_(homes), _has(Visualization))
    found: dict[int, list[int]] = {home: [] for home in homes}
    for home, unit in connection.execute(statement.order_by(Unit.layer_id, Unit.index)):
        found[home].append(unit)
    return found


def _spread(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of the items, at even distances, the first among them."""
    if len(items) <= count:
        return list(items)
    return [items[place * len(items) // count] for place in range(count)]
