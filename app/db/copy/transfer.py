"""A database copied into another, of either engine: in parts, resumable, and compared at the end.

A copy goes through the tables in the order in which they refer to each other, by their keys, which
are kept. Each part is one transaction, and what is there already tells where to go on. Until all
is equal the target bears a mark (`copy_mark`) and nobody else opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, text

from app.db.copy import marker
from app.db.copy.digest import Digest, digest, hold_pictures
from app.db.copy.table_parts import ORDER, add_part, empty, last_key, parts
from app.db.driver_errors import place_of
from app.db.engine import open_for_copying, open_for_reading
from app.db.lock import COPY, held
from app.db.transactions import reading, snapshot, writing
from app.errors import InputError, StoreError
from app.text import many

Told = Callable[[str, int, int], None]
"""A table or what is done with it, how many rows are done, of how many."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did."""

    rows: int
    """In the target, in all tables."""
    pictures: int
    added: int
    """Rows that this call wrote; the others were there."""


def copy_database(source: str, target: str, told: Told) -> Copied:
    """Make `target` hold what `source` holds at this moment; both are paths or URLs.

    Raises `InputError` where the target is the source or holds something else, `DatabaseTaken`
    where something writes to the target, `StoreError` where the two differ in the end, and what
    opening a database raises.
    """
    here = open_for_reading(source)
    try:
        if marker.identity(source) == marker.identity(target):
            raise InputError(f"{place_of(here.url)} cannot be copied to itself: name another --to.")
        with held(target, COPY):
            return copy_into(here, target, told)
    finally:
        here.dispose()


def copy_into(source: Engine, target: str, told: Told) -> Copied:
    """As `copy_database`, for whoever sees to it that nobody else writes to the target."""
    there = open_for_copying(target)
    try:
        return copy(source, there, told)
    finally:
        there.dispose()


def copy(source: Engine, target: Engine, told: Told) -> Copied:
    """As `copy_into`, between engines that are open."""
    with snapshot(source) as here:
        if not marker.is_begun(target) and _is_filled(target):
            return _equal_already(here, source, target)
        marker.begin(target, source)
        _forget_what_changed(here, target, told)
        totals = {name: _count(here, name) for name in ORDER}
        added = sum(_copy_table(here, target, name, total, told) for name, total in totals.items())
        _require_equal(here, target, told)
        _finish(target)
        return Copied(sum(totals.values()), totals["image"], added)


def _copy_table(here: Connection, target: Engine, name: str, total: int, told: Told) -> int:
    """Add the rows that follow those that are there; how many."""
    with reading(target) as there:
        last, done = last_key(there, name), _count(there, name)
    before = done
    told(name, done, total)
    with closing(parts(here, name, last)) as found:
        for part in found:
            add_part(target, name, part, last)
            last, done = part.last, done + len(part.rows)
            told(name, done, total)
    return done - before


def _forget_what_changed(here: Connection, target: Engine, told: Told) -> None:
    """Empty the tables from the first on in which the source is not any more what was copied."""
    with reading(target) as there:
        changed = (
            place for place, name in enumerate(ORDER) if _has_changed(here, there, name, told)
        )
        first = next(changed, len(ORDER))
    for name in reversed(ORDER[first:]):
        empty(target, name)


def _has_changed(here: Connection, there: Connection, name: str, told: Told) -> bool:
    """Whether a table's rows, up to the last that was copied, are not those of the source."""
    told(f"{name}: as it was?", 0, 0)
    last = last_key(there, name)
    return last is not None and digest(here, name, last) != digest(there, name)


def _require_equal(here: Connection, target: Engine, told: Told) -> None:
    """`StoreError` where a table's rows, or a picture's bytes, are not those of the source."""
    with reading(target) as there:
        for name in ORDER:
            told(f"{name}: equal?", 0, 0)
            first, second = digest(here, name), digest(there, name)
            if first != second:
                raise StoreError(_difference(name, first, second, target))
        if broken := hold_pictures(there):
            raise StoreError(
                f"The picture {broken} in {place_of(target.url)} is not what was copied: its disk "
                "may be failing. Remove that database and copy again, to another disk."
            )


def _equal_already(here: Connection, source: Engine, target: Engine) -> Copied:
    """Nothing is left to do where a copy is complete; any other filled database is refused."""
    with reading(target) as there:
        totals = {name: _count(there, name) for name in ORDER}
        if all(digest(here, name) == digest(there, name) for name in ORDER):
            return Copied(sum(totals.values()), totals["image"], 0)
    raise InputError(
        f"The database {place_of(target.url)} holds something else than {place_of(source.url)} "
        "already, and is left as it is: name an empty database, or a file that does not exist, "
        "with --to."
    )


def _difference(name: str, first: Digest, second: Digest, target: Engine) -> str:
    told = many(first.rows, "row, which differs", "rows, of which some differ")
    if first.rows != second.rows:
        told = f"{many(first.rows, 'row')} here, {second.rows:,} there"
    return (
        f"The copy in {place_of(target.url)} is not equal to its source in the table {name} "
        f"({told}): run the same command again, with nobody else writing to the copy."
    )


def _finish(target: Engine) -> None:
    """Make the copy a database like any other: numbers go on after those that were copied."""
    with writing(target) as connection:
        if connection.dialect.name == "postgresql":
            _set_sequences(connection)
        marker.end(connection)


def _set_sequences(connection: Connection) -> None:
    """Keys were given, so PostgreSQL's own counters stand at their beginning."""
    for name, table in ORDER.tables():
        if "id" in table.c:
            sequence = f"pg_get_serial_sequence('\"{name}\"', 'id')"
            highest = f'SELECT setval({sequence}, max(id)) FROM "{name}" HAVING max(id) > 0'
            connection.execute(text(highest))


def _is_filled(engine: Engine) -> bool:
    with reading(engine) as connection:
        return any(last_key(connection, name) is not None for name in ORDER)


def _count(connection: Connection, name: str) -> int:
    table = ORDER.table(name)
    return connection.scalar(select(func.count()).select_from(table)) or 0
