"""Reading the store: models, layers, units and pictures, as the dataclasses of `views`.

Each function is one short read-only transaction. Names that do not exist raise `NotFound`, with
the name in the message. Lists never select image bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    func,
    select,
)

from app.db.queries.lookup import (
    IMAGE_HEAD,
    LAYER_FIELDS,
    MODEL_FIELDS,
    branch_views,
    first_picture,
    image_view,
    layer_ids,
    no_layer,
    no_model,
    of_layer,
    of_model,
)
from app.db.queries.lookup import layer_head as layer_head
from app.db.queries.lookup import layer_names as layer_names
from app.db.queries.lookup import model_exists as model_exists
from app.db.queries.lookup import model_head as model_head
from app.db.queries.lookup import require_model as require_model
from app.db.queries.lookup import slugs as slugs
from app.db.queries.run_status import stored_effects as stored_effects
from app.db.queries.run_status import stored_scans as stored_scans
from app.db.queries.run_status import stored_visualizations as stored_visualizations
from app.db.queries.sampling import chosen, has_picture, pictured, shares
from app.db.queries.unit_list import statistics_dataset as statistics_dataset
from app.db.queries.unit_list import units as units
from app.db.transactions import Source, reading
from app.db.views import LayerView, ModelView, StoredImage, UnitView, utc
from app.evidence.examples import Scan
from app.tables import Hidden, Image, Layer, Model, Unit


def models(source: Source) -> tuple[ModelView, ...]:
    """All models, in the order in which they were stored."""
    with reading(source) as connection:
        return tuple(_model_view(row) for row in connection.execute(_models()))


def find_model(source: Source, slug: str) -> ModelView | None:
    """The model of this name, if there is one."""
    with reading(source) as connection:
        row = connection.execute(_model(), {"slug": slug}).one_or_none()
    return None if row is None else _model_view(row)


def model(source: Source, slug: str) -> ModelView:
    """The model of this name."""
    found = find_model(source, slug)
    if found is None:
        raise no_model(slug)
    return found


def layers(source: Source, slug: str) -> tuple[LayerView, ...]:
    """The layers of a model in the order of the forward pass."""
    with reading(source) as connection:
        found = connection.execute(_layers_of(), {"slug": slug})
        return tuple(_layer_view(row) for row in found)


def layer(source: Source, slug: str, name: str) -> LayerView:
    """One layer of a model."""
    with reading(source) as connection:
        row = connection.execute(_layer(), {"slug": slug, "name": name}).one_or_none()
    if row is None:
        raise no_layer(slug, name)
    return _layer_view(row)


def strips(
    source: Source, slug: str, width: int, without: Collection[str] = ()
) -> dict[str, tuple[UnitView, ...]]:
    """For each layer up to `width` units that have a picture, spread evenly over the layer.

    Layers named in `without` are left out.
    """
    with reading(source) as connection:
        found = layer_ids(connection, slug)
        homes = {name: home for name, home in found.items() if name not in without}
        counts = pictured(connection, homes.values())
        return _spread(connection, homes, counts, dict.fromkeys(counts, width))


def mosaic(source: Source, slug: str, count: int) -> dict[str, tuple[UnitView, ...]]:
    """Up to `count` units that have a picture, spread evenly over the layers and within each."""
    with reading(source) as connection:
        homes = layer_ids(connection, slug)
        counts = pictured(connection, homes.values())
        widths = dict(zip(counts, shares(list(counts.values()), count), strict=True))
        return _spread(connection, homes, counts, widths)


def picture(source: Source, sha256: str) -> StoredImage | None:
    """The bytes of a picture, if it is stored and not hidden."""
    is_hidden = exists().where(Hidden.sha256 == Image.sha256)
    with reading(source) as connection:
        statement = select(Image.media_type, Image.bytes).where(Image.sha256 == sha256, ~is_hidden)
        row = connection.execute(statement).one_or_none()
    return None if row is None else StoredImage(row.media_type, row.bytes)


def _model() -> Select[Any]:
    return _models().where(Model.slug == bindparam("slug"))


def _layers_of() -> Select[Any]:
    return of_model(_layers())


def _layer() -> Select[Any]:
    return of_layer(_layers())


def _models() -> Select[Any]:
    """Models with the number of their layers, units, and units with a picture."""
    own = Layer.model_id == Model.id
    layers = select(func.count()).select_from(Layer).where(own)
    channels = select(func.coalesce(func.sum(Layer.channels), 0)).where(own)
    units = select(func.count()).select_from(Unit).join(Layer, Layer.id == Unit.layer_id).where(own)
    return select(
        *(getattr(Model, name) for name in MODEL_FIELDS),
        layers.scalar_subquery().label("layers"),
        channels.scalar_subquery().label("units"),
        units.where(has_picture()).scalar_subquery().label("pictured"),
    ).order_by(Model.id)


def _layers() -> Select[Any]:
    """Layers with the number of their units that have a picture, or are scanned."""
    units = select(func.count()).select_from(Unit).where(Unit.layer_id == Layer.id)
    return select(
        *(getattr(Layer, name) for name in LAYER_FIELDS),
        Layer.branches,
        units.where(has_picture()).scalar_subquery().label("pictured"),
        units.where(exists().where(Scan.unit_id == Unit.id)).scalar_subquery().label("scanned"),
    ).order_by(Layer.ordinal)


def _model_view(row: Row[Any]) -> ModelView:
    fields = {name: getattr(row, name) for name in (*MODEL_FIELDS, "layers", "units", "pictured")}
    return ModelView(**fields | {"created": utc(row.created)})


def _layer_view(row: Row[Any]) -> LayerView:
    fields = {name: getattr(row, name) for name in (*LAYER_FIELDS, "pictured", "scanned")}
    return LayerView(**fields, branches=branch_views(row.branches))


def _unit_view(row: Row[Any]) -> UnitView:
    _, index, title, *head = tuple(row)
    return UnitView(index, title, image_view(head))


def _units() -> Select[Any]:
    """Units, each with its first picture if there is one."""
    number = Unit.index.label("number")  # `index` would be the row's own method
    columns: tuple[Any, ...] = (Unit.id, number, Unit.title, *IMAGE_HEAD)
    return select(*columns).select_from(Unit).outerjoin(Image, Image.sha256 == first_picture())


def _spread(
    connection: Connection,
    homes: Mapping[str, int],
    counts: Mapping[int, int],
    widths: Mapping[int, int],
) -> dict[str, tuple[UnitView, ...]]:
    """By layer, as many units that have a picture as it is wide; `counts` have one."""
    found = chosen(connection, counts, widths)
    wanted = [unit for units in found.values() for unit in units]
    rows = connection.execute(_units().where(Unit.id.in_(wanted)))
    views = {row.id: _unit_view(row) for row in rows}
    return {name: tuple(views[unit] for unit in found[home]) for name, home in homes.items()}
