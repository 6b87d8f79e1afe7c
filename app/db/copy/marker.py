"""The mark that a database bears while it is an unfinished copy: of what it is one.

It is a table of its own outside of the schema, so that a finished copy is as if it had been filled
by precompute. `engine` refuses to open a database that bears it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, insert, select

from app.db.driver_errors import place_of
from app.db.engine import UNFINISHED, database_url
from app.db.transactions import reading, writing
from app.errors import InputError

MARK = Table(UNFINISHED, MetaData(), Column("source", Text, nullable=False))


def identity(database: str) -> str:
    """What tells two databases apart: a file's whole path, or a server, its port and the name.

    Users and passwords may change between two calls, and a password is nobody's business.
    """
    url = database_url(database)
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").resolve())
    place = f"{url.host or ''}:{url.port or 5432}/{url.database or ''}"
    options = url.query.get("options", "")
    return f"postgresql://{place}{f'?options={options}' if options else ''}"


def is_begun(engine: Engine) -> bool:
    """Whether a copy into this database was begun and has not ended."""
    with reading(engine) as connection:
        return connection.dialect.has_table(connection, UNFINISHED)


def begin(target: Engine, source: Engine) -> None:
    """Mark a database as an unfinished copy; one that is that already stays it.

    Raises `InputError` where it is a copy of another database.
    """
    name = identity(source.url.render_as_string(hide_password=False))
    if not is_begun(target):
        with writing(target) as connection:
            MARK.create(connection)
            connection.execute(insert(MARK).values(source=name))
        return
    with reading(target) as connection:
        begun = connection.scalar(select(MARK.c.source))
    if begun != name:
        raise InputError(
            f"The database {place_of(target.url)} is an unfinished copy of {begun}, not of {name}: "
            "finish that one with the same --from, or name another place with --to."
        )


def end(connection: Connection) -> None:
    """Take the mark away."""
    MARK.drop(connection)
