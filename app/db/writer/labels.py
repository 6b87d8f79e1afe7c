"""Keeping what maintainers call units: all labels of a model at once, in one transaction.

`labels` reads them. Records come in with public names, as they do for `write`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select

from app.db.transactions import writing
from app.errors import NotFound
from app.evidence.labels import Label
from app.tables import Layer, Model


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """A label of units `start` to `stop` of a layer, excluding `stop`."""

    layer: str
    start: int
    stop: int
    label: str
    family: str | None
    note: str | None
    source: str


def replace_labels(engine: Engine, labels: Mapping[str, Sequence[LabelRecord]]) -> dict[str, int]:
    """Store the labels of each model named in place of those that it had; how many these were.

    Raises `NotFound` where a model or a layer is not stored; then nothing has changed.
    """
    with writing(engine) as connection:
        return {model: _replace(connection, model, records) for model, records in labels.items()}


def _replace(connection: Connection, model: str, records: Sequence[LabelRecord]) -> int:
    homes = _layers(connection, model)
    own = Label.layer_id.in_(homes.values())
    before = connection.scalar(select(func.count()).select_from(Label).where(own)) or 0
    connection.execute(delete(Label).where(own))
    rows = [_row(record, homes) for record in records]
    if rows:
        connection.execute(insert(Label), rows)
    return before


def _layers(connection: Connection, model: str) -> dict[str, int]:
    statement = select(Layer.name, Layer.id).join(Model, Model.id == Layer.model_id)
    found = connection.execute(statement.where(Model.slug == model))
    homes = {row.name: row.id for row in found}
    if not homes:
        raise NotFound(f"There is no model {model!r} here.")
    return homes


def _row(record: LabelRecord, homes: Mapping[str, int]) -> dict[str, object]:
    fields = asdict(record)
    return {"layer_id": _home(homes, fields.pop("layer")), **fields}


def _home(homes: Mapping[str, int], layer: str) -> int:
    if layer not in homes:
        raise NotFound(f"There is no layer {layer!r} here.")
    return homes[layer]
