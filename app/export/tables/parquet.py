"""The database as Parquet files, for those who want to compute with it.

Rows come from the store in parts and leave in row groups; a table is never held whole. pyarrow is
an extra, imported here alone, when an export begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.db.bulk import tables as bulk
from app.db.bulk.tables import ExportTable, Home
from app.db.engine import open_for_reading
from app.db.privacy import publish
from app.db.queries import catalog
from app.errors import InputError
from app.export.folder import PART, ExportProgress, Folder
from app.export.manifest import facts
from app.export.readme import tables_readme
from app.web.urls import extension_of

# Readers skip whole row groups: large enough to compress well, small enough to skip.
GROUP = 50_000
NEEDED = (
    "--format parquet needs pyarrow, which is not installed: "
    "run `pip install 'inception-microscope[export]'`."
)


@dataclass(frozen=True, slots=True)
class TablesOrder:
    """What is to be exported, and where to."""

    database: str
    out: Path
    models: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    has_images: bool = False


def export_tables(order: TablesOrder, progress: ExportProgress) -> Folder:
    """Write or renew the files; the folder tells what was written."""
    _arrow()
    engine = publish(open_for_reading(order.database))
    scope = bulk.homes(engine, order.models, order.layers)
    _require(scope, order)
    counts: dict[str, int] = {}
    with closing(Folder(order.out, "parquet")) as folder:
        for table in bulk.tables():
            counts[table.name] = _write(engine, table, scope, folder, progress)
        if order.has_images:
            counts["images"] = _write_pictures(engine, scope, folder, progress)
        folder.write("README.md", _readme(engine, scope, order).encode())
        told = {"models": sorted(order.models), "layers": sorted(order.layers)}
        folder.finish(facts(engine, "parquet", told | {"images": order.has_images}, counts))
    engine.dispose()
    return folder


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(NEEDED) from None
    return pyarrow, pyarrow.parquet


def _require(scope: tuple[Home, ...], order: TablesOrder) -> None:
    """Refuse a model or a layer that is not there."""
    for what, asked, known in (
        ("model", order.models, {home.model for home in scope}),
        ("layer", order.layers, {home.layer for home in scope}),
    ):
        for name in sorted(asked - known):
            raise InputError(f"There is no {what} {name!r} here: `microscope status` lists them.")


def schema(table: ExportTable) -> Any:
    """The types of a table's columns."""
    arrow, _ = _arrow()
    types = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "truth": arrow.bool_(),
        "moment": arrow.timestamp("us", tz="UTC"),
        "texts": arrow.list_(arrow.string()),
        "integers": arrow.list_(arrow.int64()),
        "numbers": arrow.list_(arrow.float64()),
    }
    return arrow.schema([(each.name, types[each.type]) for each in table.columns])


def _write(
    engine: Engine,
    table: ExportTable,
    scope: tuple[Home, ...],
    folder: Folder,
    progress: ExportProgress,
) -> int:
    """One table as one file; how many rows it has."""
    arrow, parquet = _arrow()
    types, done = schema(table), 0
    name = f"{table.name}.parquet"
    part = folder.root / f"{name}{PART}"
    with parquet.ParquetWriter(part, types, compression="zstd") as writer:
        for group in _groups(_batches(arrow, types, engine, table, scope)):
            writer.write_table(arrow.Table.from_batches(group, types), row_group_size=GROUP)
            done += sum(batch.num_rows for batch in group)
            progress(f"Rows of {table.name}", done, 0)
    folder.adopt(name, part)
    return done


def _batches(
    arrow: Any, types: Any, engine: Engine, table: ExportTable, scope: tuple[Home, ...]
) -> Iterator[Any]:
    """A table's rows in Arrow's own memory, part by part."""
    for rows in bulk.rows(engine, table, scope):
        arrays = [
            arrow.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), types, strict=True)
        ]
        yield arrow.record_batch(arrays, schema=types)


def _groups(batches: Iterator[Any]) -> Iterator[list[Any]]:
    """Batches together, until they are as many rows as a row group has."""
    group: list[Any] = []
    for batch in batches:
        group.append(batch)
        if sum(each.num_rows for each in group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


def _write_pictures(
    engine: Engine, scope: tuple[Home, ...], folder: Folder, progress: ExportProgress
) -> int:
    """The pictures that the rows refer to, one after another."""
    done = 0
    for part in bulk.pictures(engine, scope):
        for sha256, media_type in part:
            name = f"images/{sha256}.{extension_of(media_type)}"
            if folder.known(name) == sha256:
                folder.keep(name)
            elif (picture := catalog.picture(engine, sha256)) is not None:
                folder.write(name, picture.bytes)
            done += 1
        progress("Images", done, 0)
    return done


def _readme(engine: Engine, scope: tuple[Home, ...], order: TablesOrder) -> str:
    slugs = {home.model for home in scope}
    titles = [each.title for each in catalog.models(engine) if each.slug in slugs]
    return tables_readme(titles, sorted(order.layers), order.has_images)
