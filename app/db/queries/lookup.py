"""Finding models and layers by their names: what they are, without counting what is stored of them.

Most pages need no more, and counting goes through all units of a model. The same manners as
`read`, which hands what is public here on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from app.db.engine import Source, reading
from app.db.tables import Layer, Model
from app.db.utc_time import utc
from app.db.views import BranchView, LayerHead, ModelHead
from app.errors import NotFound

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


def slugs(source: Source) -> tuple[str, ...]:
    """The names of all models, in the order in which they were stored."""
    with reading(source) as connection:
        return tuple(connection.scalars(select(Model.slug).order_by(Model.id)))


def model_exists(source: Source, slug: str) -> bool:
    """Whether there is a model of this name."""
    with reading(source) as connection:
        return connection.scalar(_model_id(), {"slug": slug}) is not None


def require_model(source: Source, slug: str) -> None:
    """`NotFound` where there is no model of this name."""
    if not model_exists(source, slug):
        raise no_model(slug)


def model_head(source: Source, slug: str) -> ModelHead:
    """The model of this name."""
    with reading(source) as connection:
        row = connection.execute(_model_head(), {"slug": slug}).one_or_none()
    if row is None:
        raise no_model(slug)
    fields = {name: getattr(row, name) for name in MODEL_FIELDS}
    return ModelHead(**fields | {"created": utc(row.created)})


def layer_names(source: Source, slug: str) -> tuple[str, ...]:
    """The names of a model's layers in the order of the forward pass."""
    with reading(source) as connection:
        return tuple(layer_ids(connection, slug))


def layer_head(source: Source, slug: str, name: str) -> LayerHead:
    """One layer of a model."""
    with reading(source) as connection:
        row = connection.execute(_layer_head(), {"slug": slug, "name": name}).one_or_none()
    if row is None:
        raise no_layer(slug, name)
    fields = {name: getattr(row, name) for name in LAYER_FIELDS}
    return LayerHead(**fields, branches=branch_views(row.branches))


def layer_ids(connection: Connection, slug: str) -> dict[str, int]:
    """The ids of a model's layers by name, in the order of the forward pass."""
    found = connection.execute(_layer_ids(), {"slug": slug})
    return {row.name: row.id for row in found}


def find_layer(connection: Connection, slug: str, name: str) -> tuple[int, str]:
    """The id of a layer, and its model's title."""
    row = connection.execute(_home(), {"slug": slug, "name": name}).one_or_none()
    if row is None:
        raise no_layer(slug, name)
    return row.id, row.title


def branch_views(found: Sequence[dict[str, Any]]) -> tuple[BranchView, ...]:
    """A layer's branches, from its column of JSON."""
    return tuple(BranchView(**branch) for branch in found)


def no_model(slug: str) -> NotFound:
    return NotFound(f"There is no model {slug!r} here. /models lists those that there are.")


def no_layer(slug: str, name: str) -> NotFound:
    return NotFound(f"The model {slug!r} has no layer {name!r}.")


# Statements are made once: making one takes longer than running it.


def of_model(layers: Select[Any]) -> Select[Any]:
    """Of layers, those of the model whose name is given as `slug`."""
    return layers.join(Model, Model.id == Layer.model_id).where(Model.slug == bindparam("slug"))


def of_layer(layers: Select[Any]) -> Select[Any]:
    """Of layers, the one whose name is given as `name`, of the model given as `slug`."""
    return of_model(layers).where(Layer.name == bindparam("name"))


@cache
def _model_id() -> Select[Any]:
    return select(Model.id).where(Model.slug == bindparam("slug"))


@cache
def _model_head() -> Select[Any]:
    fields = (getattr(Model, name) for name in MODEL_FIELDS)
    return select(*fields).where(Model.slug == bindparam("slug"))


@cache
def _layer_head() -> Select[Any]:
    return of_layer(select(*(getattr(Layer, name) for name in LAYER_FIELDS), Layer.branches))


@cache
def _layer_ids() -> Select[Any]:
    columns: tuple[Any, ...] = (Layer.name, Layer.id)
    return of_model(select(*columns)).order_by(Layer.ordinal)


@cache
def _home() -> Select[Any]:
    columns: tuple[Any, ...] = (Layer.id, Model.title)
    return of_layer(select(*columns))
