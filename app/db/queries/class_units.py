"""Reading which units argue for and against a class: the effects of units, looked up from the
other end.

The same manners as `read`; used by `evidence` inside its transaction.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from app.db.queries.thumbnails import IMAGE_HEAD, first_picture, image_view
from app.db.tables import Dataset, Effect, Image, Layer, Unit
from app.db.views.evidence import ArguerView


def arguers(connection: Connection, output: int) -> tuple[ArguerView, ...]:
    """The units that have a class among their strongest effects: by data set, then layer, those
    that argue for it most first."""
    found = connection.execute(_arguers_of(), {"output": output})
    return tuple(_view(row) for row in found)


@cache
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
