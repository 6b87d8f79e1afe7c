"""Keeping what precompute makes: one `Writer`, one transaction a call, safe to call again.

Records come in with public names; ids are looked up here and never leave. A call that fails has
changed nothing, and says why as one of `app.errors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, update

from app import tables
from app.db.records import (
    DatasetRecord,
    EffectRecord,
    ExampleRecord,
    ImageRecord,
    ModelRecord,
    NeighbourRecord,
    RecipeRecord,
    ScanRecord,
    StatisticsRecord,
    VisualizationRecord,
)
from app.db.retry import Retry, once, patient
from app.db.statements import add_images, add_recipes, sweep_dataset_images, sweep_images, upsert
from app.db.transactions import writing
from app.db.writer import evidence_rows
from app.db.writer.datasets import find_dataset, put_dataset, put_dataset_images, storable
from app.db.writer.rows import (
    Places,
    add_model,
    example_row,
    find_places,
    is_new_model,
    now,
    scan_row,
    unit_id,
    visualization_row,
)
from app.db.writer.visualizations import add_pictures, forget_pictures
from app.errors import InputError
from app.evidence import kind_of
from app.evidence.examples import Example, Scan

KILLED = "it ended without a word: killed, or its machine went down"


class Writer:
    """The single writer of a database; every method is one transaction.

    Args:
        engine: for writing.
        patience: how calls are made; who fills a database for hours waits for one that is gone.
    """

    def __init__(self, engine: Engine, patience: Retry = once) -> None:
        self.engine = engine
        self.patience = patience
        self._found: dict[str, Places] = {}

    def start_run(self, model: str, request: Mapping[str, Any], version: str) -> int:
        """Note that a run begins; its number is for `beat` and `end_run`.

        `request` are the options that were given, by name; see `app.db.run_request`.
        """
        started = now()
        row = {"model": model, "request": dict(request), "version": version, "state": "running"}
        with writing(self.engine) as connection:
            statement = insert(tables.Run).values(**row, started=started, heartbeat=started)
            return connection.execute(statement.returning(tables.Run.id)).scalar_one()

    @patient
    def end_lost_runs(self) -> None:
        """Note of runs that never ended that they were killed; for whoever holds the lock, under
        which no other can be going on."""
        lost = update(tables.Run).where(tables.Run.state == "running")
        with writing(self.engine) as connection:
            connection.execute(lost.values(state="interrupted", message=KILLED))

    @patient
    def beat(self, run: int, stage: str, done: int, total: int) -> None:
        """Note how far a run is, and that it is alive."""
        self._change_run(run, stage=stage, done=done, total=total)

    @patient
    def end_run(self, run: int, state: str, message: str = "", skipped: Sequence[str] = ()) -> None:
        """Note how a run ended (`finished`, `failed`, `interrupted`) and what it left out."""
        self._change_run(run, state=state, message=message, skipped=list(skipped))

    @patient
    def put_model(self, record: ModelRecord, rename: bool = True) -> None:
        """Store a model with its layers and units; the same weights again change only names, and
        those only where `rename` is set.

        Raises `ModelConflict` where the slug belongs to other weights or another variant, and
        `InputError` where a name cannot be part of an address.
        """
        _require_segments(record.slug, *(layer.name for layer in record.layers))
        with writing(self.engine) as connection:
            if is_new_model(connection, record):
                add_model(connection, record)
            elif rename:
                self._rename_units(connection, record)

    @patient
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

    @patient
    def put_dataset(self, record: DatasetRecord) -> None:
        """Store what a data set is; one that has become private loses the pictures it had.

        Raises `DatasetConflict` where the slug means another list, or a private one, and
        `InputError` where it cannot be part of an address.
        """
        _require_segments(record.slug)
        with writing(self.engine) as connection:
            put_dataset(connection, record)

    @patient
    def put_examples(
        self,
        model: str,
        dataset: str,
        recipe: RecipeRecord,
        examples: Iterable[ExampleRecord],
        scans: Iterable[ScanRecord],
        images: Mapping[str, ImageRecord],
        statistics: Iterable[StatisticsRecord] = (),
        neighbours: Iterable[NeighbourRecord] = (),
    ) -> None:
        """Store what a scan found about every unit named in `scans`, in place of what it had.

        `images` are the views to show, by path; a path without one keeps the view it has. Raises
        `InputError` where the data set is private and there are any.
        """
        found, done = list(examples), list(scans)
        with writing(self.engine) as connection:
            places, home = self._places(connection, model), find_dataset(connection, dataset)
            scanned = [unit_id(places, scan.layer, scan.unit) for scan in done]
            evidence_rows.forget_scans(connection, home.id, scanned)
            shown = put_dataset_images(connection, home, found, images)
            kept = storable(home, found)
            rows = [example_row(record, places, home.id, shown) for record in kept]
            evidence_rows.add(connection, Example, rows)
            evidence_rows.add_statistics(connection, places, home.id, statistics)
            own = {"dataset_id": home.id}
            evidence_rows.add_records(connection, kind_of("neighbours"), places, neighbours, own)
            recipe_id = add_recipes(connection, [recipe])[recipe.sha256]
            marks = [scan_row(scan, places, home.id, recipe_id) for scan in done]
            upsert(connection, Scan, marks, ("unit_id", "dataset_id"))
            sweep_dataset_images(connection, home.id)
            sweep_images(connection, {image.sha256 for image in images.values()})

    @patient
    def put_effects(
        self, model: str, dataset: str, recipe: RecipeRecord, effects: Iterable[EffectRecord]
    ) -> None:
        """Store effects on the classes, in place of those that the units named had."""
        self.put_evidence("effects", model, effects, dataset, recipe)

    @patient
    def put_evidence(
        self,
        kind: str,
        model: str,
        records: Iterable[object],
        dataset: str | None = None,
        recipe: RecipeRecord | None = None,
    ) -> None:
        """Store records of a kind, in place of those that the units named had.

        A record has `layer` and `unit`, and a field for each other column of the kind's table: ids
        of units as `x_layer` and `x_unit`, or `x` where their layer is fixed. Raises `NotFound`
        where a name is not stored.
        """
        found, described = list(records), kind_of(kind)
        with writing(self.engine) as connection:
            places, home = self._places(connection, model), dict[str, int]()
            if dataset is not None:
                home["dataset_id"] = find_dataset(connection, dataset).id
            if recipe is not None:
                home["recipe_id"] = add_recipes(connection, [recipe])[recipe.sha256]
            evidence_rows.replace_records(connection, described, places, found, home)

    def _change_run(self, run: int, **values: Any) -> None:
        statement = update(tables.Run).where(tables.Run.id == run)
        with writing(self.engine) as connection:
            connection.execute(statement.values(**values, heartbeat=now()))

    def _rename_units(self, connection: Connection, record: ModelRecord) -> None:
        """Give units the class names that came with this call, if any did."""
        places = self._places(connection, record.slug)
        for layer in record.layers:
            for index, title in enumerate(layer.unit_titles or ()):
                where = tables.Unit.id == unit_id(places, layer.name, index)
                connection.execute(update(tables.Unit).where(where).values(title=title))

    def _places(self, connection: Connection, model: str) -> Places:
        """Where a model's rows go; read once, since its layers and units never change."""
        found = self._found.get(model) or find_places(connection, model)
        if found.layers:
            self._found[model] = found
        return found


def _require_segments(*names: str) -> None:
    """Refuse names that cannot be one segment of a path: servers decode `%2F` before routing."""
    for name in names:
        if not name or "/" in name:
            raise InputError(f"{name!r} cannot stand in an address: use a name without a slash.")
