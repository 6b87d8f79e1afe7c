"""Reading the store: models, layers, units and pictures, as the dataclasses of `views`.

Each function is one short read-only transaction. Names that do not exist raise `NotFound`, with
the name in the message. Lists never select image bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Subquery,
    case,
    exists,
    func,
    select,
)

from app.errors import NotFound
from app.store.engine import reading
from app.store.ledger import stored_scans as stored_scans
from app.store.ledger import stored_visualizations as stored_visualizations
from app.store.moments import utc
from app.store.schema import Image, Layer, Model, Scan, Unit, Visualization
from app.store.views import BranchView, ImageView, LayerView, ModelView, Picture, UnitView

# The order in which a unit's pictures are shown; others follow by name.
TECHNIQUES = ("channel", "neuron", "negative", "diversity")

IMAGE_HEAD = (Image.sha256, Image.media_type, Image.width, Image.height)
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


def layer(engine: Engine, slug: str, name: str) -> LayerView:
    """One layer of a model."""
    with reading(engine) as connection:
        statement = _layers().where(Model.slug == slug, Layer.name == name)
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"The model {slug!r} has no layer {name!r}.")
    return _layer_view(row)


def units(engine: Engine, slug: str, layer: str) -> tuple[UnitView, ...]:
    """All units of a layer, each with its first picture if there is one."""
    with reading(engine) as connection:
        home = _layer_ids(connection, slug).get(layer, 0)
        first = _first_pictures([home])
        statement = (
            select(Unit.index, Unit.title, *IMAGE_HEAD)
            .outerjoin(first, first.c.unit_id == Unit.id)
            .outerjoin(Image, Image.sha256 == first.c.image_sha256)
            .where(Unit.layer_id == home)
            .order_by(Unit.index)
        )
        return tuple(_unit_view(*row) for row in connection.execute(statement))


def strips(engine: Engine, slug: str, width: int) -> dict[str, tuple[UnitView, ...]]:
    """For each layer up to `width` units that have a picture, spread evenly over the layer."""
    with reading(engine) as connection:
        homes = _layer_ids(connection, slug)
        first = _first_pictures(list(homes.values()))
        rows = connection.execute(
            select(Unit.layer_id, Unit.index, Unit.title, first.c.image_sha256)
            .join(first, first.c.unit_id == Unit.id)
            .order_by(Unit.layer_id, Unit.index)
        )
        found: dict[int, list[Any]] = {home: [] for home in homes.values()}
        for home, *row in rows:
            found[home].append(row)
        chosen = {name: _spread(found[home], width) for name, home in homes.items()}
        heads = _heads(connection, [row[2] for strip in chosen.values() for row in strip])
    return {
        name: tuple(UnitView(index, title, heads[sha256]) for index, title, sha256 in strip)
        for name, strip in chosen.items()
    }


def picture(engine: Engine, sha256: str) -> Picture | None:
    """The bytes of a picture, if it is stored."""
    with reading(engine) as connection:
        statement = select(Image.media_type, Image.bytes).where(Image.sha256 == sha256)
        row = connection.execute(statement).one_or_none()
    return None if row is None else Picture(row.media_type, row.bytes)


def media_type(engine: Engine, sha256: str) -> str | None:
    """What a picture is, without its bytes; None where there is no such picture."""
    with reading(engine) as connection:
        return connection.scalar(select(Image.media_type).where(Image.sha256 == sha256))


def technique_order() -> Any:
    """The place of a technique among a unit's pictures, as an SQL expression."""
    ranks = {name: rank for rank, name in enumerate(TECHNIQUES)}
    return case(ranks, value=Visualization.technique, else_=len(ranks))


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


def _unit_view(
    index: int, title: str | None, sha256: str | None, media: str, width: int, height: int
) -> UnitView:
    image = None if sha256 is None else ImageView(sha256, media, width, height)
    return UnitView(index, title, image)


def _layer_ids(connection: Connection, slug: str) -> dict[str, int]:
    statement = select(Layer.name, Layer.id).join(Model, Model.id == Layer.model_id)
    found = connection.execute(statement.where(Model.slug == slug).order_by(Layer.ordinal))
    return {row.name: row.id for row in found}


def _first_pictures(homes: Sequence[int]) -> Subquery:
    """The picture to show for each unit of these layers: first technique, lowest seed."""
    place = func.row_number().over(
        partition_by=Visualization.unit_id, order_by=(technique_order(), Visualization.seed)
    )
    ranked = (
        select(Visualization.unit_id, Visualization.image_sha256, place.label("place"))
        .join(Unit, Unit.id == Visualization.unit_id)
        .where(Unit.layer_id.in_(homes))
        .subquery()
    )
    return select(ranked.c.unit_id, ranked.c.image_sha256).where(ranked.c.place == 1).subquery()


def _heads(connection: Connection, hashes: Sequence[str]) -> dict[str, ImageView]:
    rows = connection.execute(select(*IMAGE_HEAD).where(Image.sha256.in_(hashes)))
    return {row[0]: ImageView(*row) for row in rows}


def _spread(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of the items, at even distances, the first among them."""
    if len(items) <= count:
        return list(items)
    return [items[place * len(items) // count] for place in range(count)]
