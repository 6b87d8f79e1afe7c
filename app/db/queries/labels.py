"""Reading what maintainers call units: by model, by layer, and by unit.

The same manners as `read`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, select

from app.db.engine import Source, reading
from app.db.queries import lookup
from app.db.tables import Label, Layer, Model
from app.db.views import LabelView

COLUMNS: tuple[Any, ...] = (
    Label.start,
    Label.stop,
    Label.label,
    Label.family,
    Label.note,
    Label.source,
)


def of_model(source: Source, model: str) -> tuple[tuple[str, LabelView], ...]:
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


def of_layer(source: Source, model: str, layer: str) -> tuple[LabelView, ...]:
    """The labels of a layer's units, in the order of the file that they came from."""
    with reading(source) as connection:
        found = connection.execute(_of_layer(), {"slug": model, "name": layer})
        return tuple(LabelView(*row) for row in found)


@cache
def _of_layer() -> Select[Any]:
    labels = select(*COLUMNS).join_from(Label, Layer, Layer.id == Label.layer_id)
    return lookup.of_layer(labels).order_by(Label.id)


def of_unit(source: Source, model: str, layer: str, unit: int) -> tuple[LabelView, ...]:
    """The labels that a unit bears, alone or in a range."""
    found = of_layer(source, model, layer)
    return tuple(view for view in found if view.start <= unit < view.stop)
