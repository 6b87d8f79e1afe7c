"""Checking that what rows refer to is there, and that the file itself is whole.

PostgreSQL and SQLite hold references while they are written to; a broken disk, a hand, or a restore
with rules switched off do not. Both engines are asked by the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Select,
    and_,
    exists,
    select,
    text,
)

from app.db.check.issues import BACKUP, Fault, Remedies, fault
from app.evidence.visualizations import Visualization
from app.tables import Base, Unit
from app.text import many

# What a network is made of is stored once, at the beginning; nothing stores a part of it again.
NETWORK = ("layer", "unit")
# What is made anew without precompute, or by hand.
DERIVED = ("sheet", "highlight", "label")


def file(connection: Connection) -> Iterator[Fault]:
    """What SQLite finds wrong with the pages of its file; PostgreSQL guards its own."""
    if connection.dialect.name != "sqlite":
        return
    found = [str(line) for line in connection.scalars(text("PRAGMA integrity_check"))]
    lines = [line for line in found if line != "ok"]
    yield from fault("file", "The file is damaged, as SQLite finds", lines, (BACKUP,))


def references(connection: Connection, remedies: Remedies) -> Iterator[Fault]:
    """Rows that refer to what is not there."""
    for key in foreign_keys():
        child, parent = key.parent.table, key.column.table
        rows = connection.execute(_dangling(key)).all()
        places = (f"{child.name} {', '.join(map(str, row))}" for row in rows)
        number = many(len(rows), f"row of {child.name} refers", f"rows of {child.name} refer")
        says = f"{number} to a row of {parent.name} that is missing"
        mend = (BACKUP,) if child.name in NETWORK else remedies.make_again
        yield from fault(
            "reference", says, places, remedies.drop_broken if child.name in DERIVED else mend
        )
    yield from _strayed(connection, remedies)


def foreign_keys() -> Iterator[ForeignKey]:
    """Every column that refers to another table."""
    for table in Base.metadata.sorted_tables:
        yield from sorted(table.foreign_keys, key=lambda key: key.parent.name)


def is_dangling(key: ForeignKey) -> ColumnElement[bool]:
    """Whether a row refers to one that is not there."""
    target = key.column.table.alias("referred")
    there = exists().where(target.c[key.column.name] == key.parent).correlate(key.parent.table)
    return and_(key.parent.is_not(None), ~there)


def is_strayed() -> ColumnElement[bool]:
    """Whether a picture's unit is of another layer than the picture."""
    other = exists().where(
        Unit.id == Visualization.unit_id, Unit.layer_id != Visualization.layer_id
    )
    return other.correlate(Visualization)


def _dangling(key: ForeignKey) -> Select[tuple[object, ...]]:
    return select(*key.parent.table.primary_key.columns).where(is_dangling(key))


def _strayed(connection: Connection, remedies: Remedies) -> Iterator[Fault]:
    found = connection.scalars(select(Visualization.id).where(is_strayed())).all()
    says = many(
        len(found),
        "row of visualization names another layer than that of its unit",
        "rows of visualization name another layer than that of their unit",
    )
    places = (f"visualization {key}" for key in found)
    yield from fault("reference", says, places, remedies.make_again)
