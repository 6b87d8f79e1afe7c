"""Statements over many rows that SQLite and PostgreSQL write alike: insert, replace, sweep.

Used by `write` and `rows` alone, inside its transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app import tables
from app.db.records import ImageRecord, RecipeRecord
from app.evidence.base import referring

Rows = Sequence[Mapping[str, Any]]

# SQLite before 3.32 takes 999 values in a statement.
CHUNK = 900


def insert_or_ignore(
    connection: Connection,
    table: type[tables.Base],
    rows: Rows,
    keys: Sequence[str],
    where: ColumnElement[bool] | None = None,
) -> None:
    """Insert the rows whose keys are not there yet; `where` is a partial index's condition."""
    if rows:
        statement = _insert(connection, table)
        ignoring = statement.on_conflict_do_nothing(index_elements=keys, index_where=where)
        connection.execute(ignoring, rows)


def upsert(
    connection: Connection,
    table: type[tables.Base],
    rows: Rows,
    keys: Sequence[str],
    keep: Sequence[str] = (),
) -> None:
    """Insert the rows, or replace those with the same keys; `keep` columns are not emptied."""
    if not rows:
        return
    statement = _insert(connection, table)
    new: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    for name in keep:
        new[name] = func.coalesce(new[name], getattr(table, name))
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def add_images(connection: Connection, images: Iterable[ImageRecord]) -> None:
    """Store pictures that are not stored yet, each once."""
    names = ("sha256", "media_type", "width", "height", "bytes")
    rows = {image.sha256: {name: getattr(image, name) for name in names} for image in images}
    present = _present(connection, list(rows))
    missing = [row for sha256, row in rows.items() if sha256 not in present]
    insert_or_ignore(connection, tables.Image, missing, ("sha256",))


def add_recipes(connection: Connection, recipes: Iterable[RecipeRecord]) -> dict[str, int]:
    """Store recipes that are not stored yet; their ids by hash."""
    rows = {recipe.sha256: recipe.body for recipe in recipes}
    values = [{"sha256": sha256, "body": dict(body)} for sha256, body in rows.items()]
    insert_or_ignore(connection, tables.Recipe, values, ("sha256",))
    table = tables.Recipe
    found = connection.execute(select(table.sha256, table.id).where(table.sha256.in_(rows)))
    return {row.sha256: row.id for row in found}


def dataset_image_ids(connection: Connection, dataset: int, paths: Sequence[str]) -> dict[str, int]:
    """The ids of a data set's stored images by path."""
    table = tables.DatasetImage
    ids: dict[str, int] = {}
    for part in _chunks(paths):
        where = (table.dataset_id == dataset, table.path.in_(part))
        found = connection.execute(select(table.path, table.id).where(*where))
        ids.update({row.path: row.id for row in found})
    return ids


def sweep_dataset_images(connection: Connection, dataset: int) -> None:
    """Forget images of a data set that are no unit's example any more, and their views."""
    table = tables.DatasetImage
    used = [exists().where(key == table.id) for key in referring("dataset_image.id")]
    orphans = delete(table).where(table.dataset_id == dataset, *(~each for each in used))
    views = connection.scalars(orphans.returning(table.image_sha256)).all()
    sweep_images(connection, {view for view in views if view is not None})


def sweep_images(connection: Connection, hashes: Iterable[str]) -> None:
    """Remove those of these pictures that nothing refers to."""
    table = tables.Image
    used = [exists().where(key == table.sha256) for key in referring("image.sha256")]
    for part in _chunks(list(hashes)):
        unused = (table.sha256.in_(part), *(~each for each in used))
        connection.execute(delete(table).where(*unused))


def _insert(connection: Connection, table: type[tables.Base]) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _present(connection: Connection, hashes: Sequence[str]) -> set[str]:
    table = tables.Image
    return {
        sha256
        for part in _chunks(hashes)
        for sha256 in connection.scalars(select(table.sha256).where(table.sha256.in_(part)))
    }


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
