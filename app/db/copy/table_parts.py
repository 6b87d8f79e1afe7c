"""A table's rows in parts, as a copy reads and writes them: by the first column of their key.

Rows that share this column stay together, so that the last key that is there says where to go on.
No more than a part is held in memory.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    collate,
    delete,
    func,
    insert,
    select,
)

from app.db.driver_errors import place_of
from app.db.transactions import writing
from app.db.views import utc
from app.errors import DatabaseBusy, StoreError
from app.tables import Base

Row = dict[str, Any]
Key = int | str

# A part is written when it has so many rows or bytes; the next key begins another.
PART_ROWS = 2000
PART_BYTES = 8_000_000

# Rows that are read ahead: pictures have some ten to a hundred kilobytes, others one to ten.
AHEAD = 200
PICTURES_AHEAD = 16


class CopyOrder(tuple[str, ...]):
    """The names of all tables, each after those that it refers to."""

    def table(self, name: str) -> Table:
        return Base.metadata.tables[name]

    def tables(self) -> Iterator[tuple[str, Table]]:
        return ((name, self.table(name)) for name in self)


def _order() -> CopyOrder:
    """What changes often comes last: what has changed since a copy was interrupted is copied again
    with all that follows."""
    tables = [each for each in Base.metadata.sorted_tables if each.info.get("copied", True)]
    tables.sort(key=lambda table: table.info.get("changes", False))
    return CopyOrder(table.name for table in tables)


ORDER = _order()


@dataclass(frozen=True, slots=True)
class CopyPart:
    """Rows that are written in one transaction, and the last key among them."""

    rows: list[Row]
    last: Key


def key_of(connection: Connection, table: Table) -> ColumnElement[Any]:
    """The first column of a table's key, which both engines sort alike."""
    column = next(iter(table.primary_key.columns))
    if connection.dialect.name == "postgresql" and not isinstance(column.type, Integer):
        return collate(column, "C")
    return column.expression


def last_key(connection: Connection, name: str) -> Key | None:
    """The largest key of a table; None where it is empty."""
    key = key_of(connection, ORDER.table(name))
    found: Key | None = connection.scalar(select(func.max(key)))
    return found


def parts(connection: Connection, name: str, after: Key | None) -> Generator[CopyPart, None, None]:
    """The rows whose keys come after this one, all for None.

    Raises `StoreError` at a picture whose bytes are not those that its hash says.
    """
    table = ORDER.table(name)
    key = next(iter(table.primary_key.columns)).name
    rows: list[Row] = []
    size, last = 0, None
    for row in _read(connection, table, after):
        if rows and row[key] != last and (len(rows) >= PART_ROWS or size >= PART_BYTES):
            yield CopyPart(rows, rows[-1][key])
            rows, size = [], 0
        rows.append(row)
        size, last = size + _weight(row), row[key]
    if rows:
        yield CopyPart(rows, rows[-1][key])


def add_part(target: Engine, name: str, part: CopyPart, after: Key | None) -> None:
    """Write a part in one transaction, where the table still ends with the key `after`."""
    with writing(target) as connection:
        if last_key(connection, name) != after:
            raise DatabaseBusy(
                f"Somebody else writes to {place_of(target.url)} while it is being copied to: "
                "let one copy at a time run, and run the same command again."
            )
        connection.execute(insert(ORDER.table(name)), part.rows)


def empty(target: Engine, name: str) -> None:
    """Remove all rows of a table."""
    with writing(target) as connection:
        connection.execute(delete(ORDER.table(name)))


def _read(connection: Connection, table: Table, after: Key | None) -> Iterator[Row]:
    key = key_of(connection, table)
    statement = select(table).order_by(key)
    if after is not None:
        statement = statement.where(key > after)
    ahead = PICTURES_AHEAD if table.name == "image" else AHEAD
    # Closed at once where a copy ends midway: PostgreSQL keeps the cursor.
    with connection.execute(statement, execution_options={"yield_per": ahead}) as found:
        for row in found.mappings():
            plain = {name: _plain(value) for name, value in row.items()}
            if table.name == "image":
                _require_whole(connection, plain)
            yield plain


def _plain(value: Any) -> Any:
    """A value as both engines keep it: moments in UTC, which SQLite does not say."""
    return utc(value) if isinstance(value, datetime) else value


def _weight(row: Row) -> int:
    """The bytes of a row that can be many."""
    return sum(len(value) for value in row.values() if isinstance(value, bytes | str))


def _require_whole(connection: Connection, row: Row) -> None:
    if sha256(row["bytes"]).hexdigest() != row["sha256"]:
        place = place_of(connection.engine.url)
        raise StoreError(
            f"The picture {row['sha256']} in {place} is broken, and broken pictures are not "
            f"copied: `microscope check --database {place}` says how to mend it."
        )
