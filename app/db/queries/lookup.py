"""Models and layers by name, labels, and first pictures, without counting what is stored.

Most pages need no more, and counting goes through all units of a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, select

from app.db.transactions import Source, reading
from app.db.views import BranchView, ImageView, LabelView, LayerHead, ModelHead, utc
from app.errors import NotFound
from app.evidence.labels import Label
from app.evidence.visualizations import Visualization
from app.tables import Hidden, Image, Layer, Model, Unit
from app.techniques import OF_UNITS

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
# In the order of the fields of `ModelHead` and `LayerHead`.
MODEL_COLUMNS: tuple[Any, ...] = tuple(getattr(Model, name) for name in MODEL_FIELDS)
LAYER_COLUMNS: tuple[Any, ...] = (*(getattr(Layer, name) for name in LAYER_FIELDS), Layer.branches)


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
    return model_view(row)


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
    return layer_view(row)


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


def model_view(row: Sequence[Any]) -> ModelHead:
    """A model from its `MODEL_COLUMNS`."""
    fields = dict(zip(MODEL_FIELDS, row, strict=True))
    return ModelHead(**fields | {"created": utc(fields["created"])})


def layer_view(row: Sequence[Any]) -> LayerHead:
    """A layer from its `LAYER_COLUMNS`."""
    fields = dict(zip(LAYER_FIELDS, row, strict=False))
    return LayerHead(**fields, branches=branch_views(row[-1]))


def branch_views(found: Sequence[dict[str, Any]]) -> tuple[BranchView, ...]:
    """A layer's branches, from its column of JSON."""
    return tuple(BranchView(**branch) for branch in found)


def no_model(slug: str) -> NotFound:
    return NotFound(f"There is no model {slug!r} here. /models lists those that there are.")


def no_layer(slug: str, name: str) -> NotFound:
    return NotFound(f"The model {slug!r} has no layer {name!r}.")


def of_model(layers: Select[Any]) -> Select[Any]:
    """Of layers, those of the model whose name is given as `slug`."""
    return layers.join(Model, Model.id == Layer.model_id).where(Model.slug == bindparam("slug"))


def of_layer(layers: Select[Any]) -> Select[Any]:
    """Of layers, the one whose name is given as `name`, of the model given as `slug`."""
    return of_model(layers).where(Layer.name == bindparam("name"))


def _model_id() -> Select[Any]:
    return select(Model.id).where(Model.slug == bindparam("slug"))


def _model_head() -> Select[Any]:
    return select(*MODEL_COLUMNS).where(Model.slug == bindparam("slug"))


def _layer_head() -> Select[Any]:
    return of_layer(select(*LAYER_COLUMNS))


def _layer_ids() -> Select[Any]:
    columns: tuple[Any, ...] = (Layer.name, Layer.id)
    return of_model(select(*columns)).order_by(Layer.ordinal)


def _home() -> Select[Any]:
    columns: tuple[Any, ...] = (Layer.id, Model.title)
    return of_layer(select(*columns))


COLUMNS: tuple[Any, ...] = (
    Label.start,
    Label.stop,
    Label.label,
    Label.family,
    Label.note,
    Label.source,
)


def model_labels(source: Source, model: str) -> tuple[tuple[str, LabelView], ...]:
    """The labels of a model's units, each with its layer, in the order of their file."""
    statement = (
        select(Layer.name, *COLUMNS)
        .join_from(Label, Layer, Layer.id == Label.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Label.id)
    )
    with reading(source) as connection:
        return tuple((layer, LabelView(*row)) for layer, *row in connection.execute(statement))


def layer_labels(source: Source, model: str, layer: str) -> tuple[LabelView, ...]:
    """The labels of a layer's units, in the order of the file that they came from."""
    with reading(source) as connection:
        found = connection.execute(_of_layer(), {"slug": model, "name": layer})
        return tuple(LabelView(*row) for row in found)


def _of_layer() -> Select[Any]:
    labels = select(*COLUMNS).join_from(Label, Layer, Layer.id == Label.layer_id)
    return of_layer(labels).order_by(Label.id)


def unit_labels(source: Source, model: str, layer: str, unit: int) -> tuple[LabelView, ...]:
    """The labels that a unit bears, alone or in a range."""
    found = layer_labels(source, model, layer)
    return tuple(view for view in found if view.start <= unit < view.stop)


# In the order of the fields of `ImageView`.
IMAGE_HEAD = (
    Image.sha256,
    Image.media_type,
    Image.width,
    Image.height,
    exists().where(Hidden.sha256 == Image.sha256).label("is_hidden"),
)


def first_picture(unit: Any = Unit) -> ColumnElement[Any]:
    """The hash of the first picture of the unit of the enclosing query, which may be an alias.

    Techniques are tried in their order, and nearly every unit has a picture of the first: each try
    is one step in the unique index, where ordering all pictures of a unit by technique sorts them.
    """
    table = Visualization
    own = select(table.image_sha256).where(table.unit_id == unit.id).limit(1)
    member = (table.seed, table.member)
    tries = [own.where(table.technique == name).order_by(*member) for name in OF_UNITS]
    others = own.order_by(table.technique, *member)
    return func.coalesce(*(each.scalar_subquery() for each in (*tries, others)))


def image_view(head: Sequence[Any]) -> ImageView | None:
    """The head of a picture; None where an outer join found none."""
    return None if head[0] is None else head_view(head)


def head_view(head: Sequence[Any]) -> ImageView:
    """The head of a picture that is there."""
    return ImageView._make(head)
