"""Keeping what precompute makes: one `Writer`, one transaction a call, safe to call again.

Records come in with public names; ids are looked up here and never leave. A call that fails has
changed nothing, and says why as one of `app.errors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from app.errors import NotFound
from app.store import schema
from app.store.engine import writing
from app.store.pictures import add_pictures, forget_pictures
from app.store.records import (
    DatasetRecord,
    ExampleRecord,
    ImageRecord,
    ModelRecord,
    RecipeRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.store.rows import (
    Places,
    add_model,
    example_row,
    fields,
    find_places,
    is_new_model,
    now,
    require_same_images,
    scan_row,
    unit_id,
    visualization_row,
)
from app.store.statements import (
    add_images,
    add_recipes,
    dataset_image_ids,
    insert_or_ignore,
    sweep_dataset_images,
    sweep_images,
    upsert,
)


class Writer:
    """The single writer of a database; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._found: dict[str, Places] = {}

    def start_run(self, model: str, command: str, version: str) -> int:
        """Note that a run begins; its number is for `beat` and `end_run`."""
        started = now()
        row = {"model": model, "command": command, "version": version, "state": "running"}
        with writing(self.engine) as connection:
            statement = insert(schema.Run).values(**row, started=started, heartbeat=started)
            return connection.execute(statement.returning(schema.Run.id)).scalar_one()

    def beat(self, run: int, stage: str, done: int, total: int) -> None:
        """Note how far a run is, and that it is alive."""
        self._change_run(run, stage=stage, done=done, total=total)

    def end_run(self, run: int, state: str, message: str = "", skipped: Sequence[str] = ()) -> None:
        """Note how a run ended (`finished`, `failed`, `interrupted`) and what it left out."""
        self._change_run(run, state=state, message=message, skipped=list(skipped))

    def put_model(self, record: ModelRecord, rename: bool = True) -> None:
        """Store a model with its layers and units; the same weights again change only names, and
        those only where `rename` is set.

        Raises `ModelConflict` where the slug belongs to other weights or another variant.
        """
        with writing(self.engine) as connection:
            if is_new_model(connection, record):
                add_model(connection, record)
            elif rename:
                self._rename_units(connection, record)

    def put_visualizations(
        self, model: str, records: Iterable[VisualizationRecord], replace: bool = False
    ) -> None:
        """Store a batch of pictures, of units and of whole layers.

        A picture that is there already stays, unless `replace` is set: then all members of its
        technique and seed go, and those of the batch take their place.
        """
        batch = list(records)
        with writing(self.engine) as connection:
            places = self._places(connection, model)
            recipes = add_recipes(connection, [record.recipe for record in batch])
            add_images(connection, [record.image for record in batch])
            rows = [visualization_row(record, places, recipes) for record in batch]
            old = forget_pictures(connection, rows) if replace else set()
            add_pictures(connection, rows)
            # Of a picture that was there already, the bytes just added serve nothing.
            sweep_images(connection, old | {record.image.sha256 for record in batch})

    def put_dataset(self, record: DatasetRecord) -> None:
        """Store what a data set is; `DatasetConflict` where the slug means another list."""
        row = fields(record, "slug", "title", "licence", "fingerprint", "images")
        with writing(self.engine) as connection:
            insert_or_ignore(connection, schema.Dataset, [row | {"created": now()}], ("slug",))
            found = connection.scalar(
                select(schema.Dataset.fingerprint).where(schema.Dataset.slug == record.slug)
            )
        require_same_images(record, found)

    def put_examples(
        self,
        model: str,
        dataset: str,
        recipe: RecipeRecord,
        examples: Iterable[ExampleRecord],
        scans: Iterable[ScanRecord],
        images: Mapping[str, ImageRecord],
    ) -> None:
        """Store the examples of every unit named in `scans`, in place of those it had.

        `images` are the views to show, by path; a path without one keeps the view it has.
        """
        found, done = list(examples), list(scans)
        with writing(self.engine) as connection:
            places = self._places(connection, model)
            home = _dataset_id(connection, dataset)
            recipe_id = add_recipes(connection, [recipe])[recipe.sha256]
            scanned = [unit_id(places, scan.layer, scan.unit) for scan in done]
            _forget_examples(connection, home, scanned)
            shown = _put_dataset_images(connection, home, found, images)
            rows = [example_row(record, places, home, shown) for record in found]
            if rows:
                connection.execute(insert(schema.Example), rows)
            marks = [scan_row(scan, places, home, recipe_id) for scan in done]
            upsert(connection, schema.Scan, marks, ("unit_id", "dataset_id"))
            sweep_dataset_images(connection, home)
            sweep_images(connection, {image.sha256 for image in images.values()})

    def _change_run(self, run: int, **values: Any) -> None:
        statement = update(schema.Run).where(schema.Run.id == run)
        with writing(self.engine) as connection:
            connection.execute(statement.values(**values, heartbeat=now()))

    def _rename_units(self, connection: Connection, record: ModelRecord) -> None:
        """Give units the class names that came with this call, if any did."""
        places = self._places(connection, record.slug)
        for layer in record.layers:
            for index, title in enumerate(layer.unit_titles or ()):
                where = schema.Unit.id == unit_id(places, layer.name, index)
                connection.execute(update(schema.Unit).where(where).values(title=title))

    def _places(self, connection: Connection, model: str) -> Places:
        """Where a model's rows go; read once, since its layers and units never change."""
        found = self._found.get(model) or find_places(connection, model)
        if found.layers:
            self._found[model] = found
        return found


def _dataset_id(connection: Connection, slug: str) -> int:
    found = connection.scalar(select(schema.Dataset.id).where(schema.Dataset.slug == slug))
    if found is None:
        raise NotFound(f"There is no data set {slug!r}; store it first with put_dataset.")
    return found


def _forget_examples(connection: Connection, dataset: int, units: Sequence[int]) -> None:
    table = schema.Example
    for unit in units:
        where = (table.unit_id == unit, table.dataset_id == dataset)
        connection.execute(delete(table).where(*where))


def _put_dataset_images(
    connection: Connection,
    dataset: int,
    examples: Sequence[ExampleRecord],
    images: Mapping[str, ImageRecord],
) -> dict[str, int]:
    """Store the images that the examples name; their ids by path."""
    labels = {record.path: record.label for record in examples}
    add_images(connection, [images[path] for path in labels if path in images])
    rows = [
        {
            "dataset_id": dataset,
            "path": path,
            "label": label,
            "image_sha256": images[path].sha256 if path in images else None,
        }
        for path, label in labels.items()
    ]
    upsert(connection, schema.DatasetImage, rows, ("dataset_id", "path"), keep=("image_sha256",))
    return dataset_image_ids(connection, dataset, list(labels))
