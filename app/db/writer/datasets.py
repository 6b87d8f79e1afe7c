"""Rows of data sets and of their images: stored once, and kept from being shown where private.

Used by `write` alone, inside its transactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, select, update

from app.db.records import DatasetRecord, ExampleRecord, ImageRecord
from app.db.statements import add_images, dataset_image_ids, insert_or_ignore, sweep_images, upsert
from app.db.writer.rows import fields, now, require_same_dataset
from app.errors import InputError, NotFound
from app.evidence.examples import Example
from app.tables import Dataset, DatasetImage, Sheet, Unit
from app.techniques import EXAMPLE


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """A stored data set."""

    id: int
    slug: str
    is_private: bool


def put_dataset(connection: Connection, record: DatasetRecord) -> None:
    """Store what a data set is; one that has become private loses the pictures it had.

    Raises `DatasetConflict` where the slug means another list, or a private one.
    """
    row = fields(record, "slug", "title", "licence", "fingerprint", "images", "private")
    insert_or_ignore(connection, Dataset, [row | {"created": now()}], ("slug",))
    columns = (Dataset.id, Dataset.fingerprint, Dataset.private)
    found = connection.execute(select(*columns).where(Dataset.slug == record.slug)).one()
    require_same_dataset(record, found.fingerprint, found.private)
    if record.private and not found.private:
        _make_private(connection, found.id)


def find_dataset(connection: Connection, slug: str) -> StoredDataset:
    """A data set that is stored."""
    columns = (Dataset.id, Dataset.slug, Dataset.private)
    found = connection.execute(select(*columns).where(Dataset.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(f"There is no data set {slug!r}; store it first with put_dataset.")
    return StoredDataset(*found)


def put_dataset_images(
    connection: Connection,
    place: StoredDataset,
    examples: Sequence[ExampleRecord],
    images: Mapping[str, ImageRecord],
) -> dict[str, int]:
    """Store the images that the examples name; their ids by path."""
    _require_no_secrets(place, images)
    labels = {record.path: record.label for record in examples}
    add_images(connection, [images[path] for path in labels if path in images])
    rows = [
        {
            "dataset_id": place.id,
            "path": path,
            "label": label,
            "image_sha256": images[path].sha256 if path in images else None,
        }
        for path, label in labels.items()
    ]
    upsert(connection, DatasetImage, rows, ("dataset_id", "path"), keep=("image_sha256",))
    return dataset_image_ids(connection, place.id, list(labels))


def storable(place: StoredDataset, examples: Sequence[ExampleRecord]) -> list[ExampleRecord]:
    """The examples as they may be stored: a private image's heat map would tell of the image."""
    if not place.is_private:
        return list(examples)
    return [replace(example, heat=None) for example in examples]


def _require_no_secrets(place: StoredDataset, images: Mapping[str, ImageRecord]) -> None:
    if place.is_private and images:
        raise InputError(
            f"The data set {place.slug!r} is private: its pictures are never stored. "
            "Store its examples without `images`."
        )


def _make_private(connection: Connection, dataset: int) -> None:
    """Mark a data set as private, and forget the views and heat maps that were stored of it, and
    the sheets that may show parts of them."""
    connection.execute(update(Dataset).where(Dataset.id == dataset).values(private=True))
    own = DatasetImage.dataset_id == dataset
    views = connection.scalars(select(DatasetImage.image_sha256).where(own)).all()
    connection.execute(update(DatasetImage).where(own).values(image_sha256=None))
    of_it = Example.dataset_id == dataset
    connection.execute(update(Example).where(of_it).values(heat=None))
    homes = select(Unit.layer_id).join(Example, Example.unit_id == Unit.id).where(of_it)
    shown = delete(Sheet).where(Sheet.technique == EXAMPLE, Sheet.layer_id.in_(homes))
    sheets = connection.scalars(shown.returning(Sheet.image_sha256)).all()
    sweep_images(connection, {view for view in views if view is not None} | set(sheets))
