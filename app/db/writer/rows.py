"""Records as rows: what `write` inserts, with public names turned into ids.

Models, layers and units are inserted here, since each needs the id of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app import tables
from app.db.records import (
    DatasetRecord,
    ExampleRecord,
    LayerRecord,
    ModelRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.errors import DatasetConflict, ModelConflict, NotFound

UnitKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of a model's layers by name, and of its units by layer and index."""

    layers: Mapping[str, int]
    units: Mapping[UnitKey, int]


def now() -> datetime:
    return datetime.now(UTC)


def fields(record: object, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def is_new_model(connection: Connection, record: ModelRecord) -> bool:
    """Whether the slug is free; `ModelConflict` where it means another network."""
    found = connection.execute(
        select(tables.Model.weights_sha256, tables.Model.variant).where(
            tables.Model.slug == record.slug
        )
    ).one_or_none()
    if found is None:
        return True
    weights, variant = found
    if (weights, variant) != (record.weights_sha256, record.variant):
        raise ModelConflict(
            f"The model {record.slug!r} in this database is {variant} with the weights {weights}, "
            f"not {record.variant} with {record.weights_sha256}: store this one under another "
            "name with --name SLUG, or use another --database."
        )
    return False


def require_same_dataset(record: DatasetRecord, fingerprint: str, private: bool) -> None:
    """`DatasetConflict` where the slug is stored with another fingerprint, or as private."""
    if fingerprint != record.fingerprint:
        raise DatasetConflict(
            f"The data set {record.slug!r} in this database has other images (fingerprint "
            f"{fingerprint}, not {record.fingerprint}): store it under another name with "
            "--dataset-name SLUG, or use another --database."
        )
    if private and not record.private:
        raise DatasetConflict(
            f"The data set {record.slug!r} in this database is private and stays so: scan it with "
            "--private again, store it under another name with --dataset-name SLUG, or use another "
            "--database."
        )


def add_model(connection: Connection, record: ModelRecord) -> None:
    """Insert a model with its layers and their units."""
    names = ("slug", "title", "variant", "weights_sha256", "weights_file", "licence", "input_size")
    statement = insert(tables.Model).values(**fields(record, *names), created=now())
    model = connection.execute(statement.returning(tables.Model.id)).scalar_one()
    for ordinal, layer in enumerate(record.layers):
        _add_layer(connection, model, ordinal, layer)


def _add_layer(connection: Connection, model: int, ordinal: int, layer: LayerRecord) -> None:
    row = fields(layer, "name", "channels", "map_size", "stride", "receptive_field")
    row["branches"] = [fields(branch, "name", "start", "stop") for branch in layer.branches]
    statement = insert(tables.Layer).values(**row, model_id=model, ordinal=ordinal)
    home = connection.execute(statement.returning(tables.Layer.id)).scalar_one()
    titles = layer.unit_titles or (None,) * layer.channels
    units = [
        {"layer_id": home, "index": index, "title": title}
        for index, title in zip(range(layer.channels), titles, strict=True)
    ]
    connection.execute(insert(tables.Unit), units)


def find_places(connection: Connection, model: str) -> Places:
    """The ids of a model's layers and units; none for a model that is not stored."""
    layers = connection.execute(
        select(tables.Layer.name, tables.Layer.id)
        .join(tables.Model, tables.Model.id == tables.Layer.model_id)
        .where(tables.Model.slug == model)
    )
    homes = {row.name: row.id for row in layers}
    units = connection.execute(
        select(tables.Layer.name, tables.Unit.index, tables.Unit.id)
        .join(tables.Unit, tables.Unit.layer_id == tables.Layer.id)
        .where(tables.Layer.id.in_(list(homes.values())))
    )
    return Places(homes, {(layer, index): unit for layer, index, unit in units})


def layer_id(places: Places, layer: str) -> int:
    try:
        return places.layers[layer]
    except KeyError:
        raise NotFound(
            f"The stored model has no layer {layer!r}; store the model first with put_model."
        ) from None


def unit_id(places: Places, layer: str, unit: int) -> int:
    try:
        return places.units[layer, unit]
    except KeyError:
        raise NotFound(
            f"The stored model has no unit {layer}:{unit}; store the model first with put_model."
        ) from None


def visualization_row(
    record: VisualizationRecord, places: Places, recipes: Mapping[str, int]
) -> dict[str, Any]:
    names = ("technique", "seed", "member", "activation", "maximum", "minimum", "note", "seconds")
    unit = None if record.unit is None else unit_id(places, record.layer, record.unit)
    return fields(record, *names) | {
        "layer_id": layer_id(places, record.layer),
        "unit_id": unit,
        "image_sha256": record.image.sha256,
        "recipe_id": recipes[record.recipe.sha256],
        "created": now(),
    }


def example_row(
    record: ExampleRecord, places: Places, dataset: int, shown: Mapping[str, int]
) -> dict[str, Any]:
    left, upper, right, lower = record.box or (None, None, None, None)
    return fields(record, "kind", "rank", "activation", "y", "x", "heat") | {
        "unit_id": unit_id(places, record.layer, record.unit),
        "dataset_id": dataset,
        "dataset_image_id": shown[record.path],
        "left": left,
        "upper": upper,
        "right": right,
        "lower": lower,
    }


def scan_row(record: ScanRecord, places: Places, dataset: int, recipe: int) -> dict[str, Any]:
    return fields(record, "top", "images") | {
        "unit_id": unit_id(places, record.layer, record.unit),
        "dataset_id": dataset,
        "recipe_id": recipe,
        "created": now(),
    }
