"""What leaves the database in a copy: everything but private data sets and what still runs.

An engine that was opened for reading is given temporary views which stand before the tables of the
same names, in each of its connections. So every read, whoever makes it, sees what is public alone.
Nothing is written: such views are gone with their connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, Table, event

from app.tables import Base

PUBLIC = {"dataset": "NOT private", "run": "state <> 'running'"}


def publish(engine: Engine) -> Engine:
    """The same engine, whose connections see only what is public from now on."""
    prepare = _sqlite if engine.dialect.name == "sqlite" else _postgres

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        prepare(connection)

    engine.dispose()  # connections that were made before know nothing of it
    return engine


def _views(home: str) -> Iterator[str]:
    """The statements that make them; `home` is the schema in which the tables are."""
    for table in Base.metadata.sorted_tables:
        if condition := PUBLIC.get(table.name) or " AND ".join(_conditions(table, home)):
            name = table.name
            yield f"CREATE TEMPORARY VIEW {name} AS SELECT * FROM {home}.{name} WHERE {condition}"


def _conditions(table: Table, home: str) -> Iterator[str]:
    """That rows belong to no private data set, directly or through an image of it."""
    public = f"SELECT id FROM {home}.dataset WHERE NOT private"
    images = f"SELECT id FROM {home}.dataset_image WHERE dataset_id IN ({public})"
    allowed = {"dataset.id": public, "dataset_image.id": images}
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        if key.target_fullname in allowed:
            name = key.parent.name
            condition = f"{name} IN ({allowed[key.target_fullname]})"
            yield f"({name} IS NULL OR {condition})" if key.parent.nullable else condition


def _sqlite(connection: Any) -> None:
    """The file stays as it was opened, read only; views stand in a database of the connection."""
    connection.execute("PRAGMA query_only=OFF")
    for statement in _views("main"):
        connection.execute(statement)
    connection.execute("PRAGMA query_only=ON")


def _postgres(connection: Any) -> None:
    """The session is read only but for the transaction that makes the views."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ WRITE")
        cursor.execute("SELECT quote_ident(current_schema())")
        for statement in _views(cursor.fetchone()[0]):
            cursor.execute(statement)
    connection.commit()
