"""Opening the database: for reading (the web side) or for writing (precompute).

A database is a file path or an SQLAlchemy URL, SQLite or PostgreSQL. Whoever opens one gets an
engine whose schema is right, or one of `app.errors` that says what to do. Nothing else here
knows of tables.
"""

from __future__ import annotations

import os.path
from pathlib import Path

from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import ArgumentError

from app.db import postgres, sqlite
from app.db.driver_errors import masked, place_of
from app.db.transactions import VERSION, count_queries, reading, transaction
from app.errors import DatabaseMissing, DatabaseUnusable, InputError

DEFAULT_DATABASE = "microscope.db"

# A page's thread holds one connection while it reads: as many of the one as of the other, so
# that no request waits for a place in the pool. The server sizes its thread pool by this. Threads
# that want the interpreter at once stand in each other's way, and in that of the loop: with 256
# readers, 16 take twice the processor's time of 4 for the same pages (docs/performance.md).
READERS = 4
# Four more: for images, for the revision, and for the probes of readiness and of runs.
CONNECTIONS = READERS + 4

# The newest migration. Databases of version 0.1's last schema are brought over; none of the refused
# ones was released.
_MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
KNOWN = sorted(path.name[:4] for path in _MIGRATIONS.glob("[0-9]*.py"))
REVISION = KNOWN[-1]
BROUGHT_OVER = "0004"
REFUSED = ("0001", "0002", "0003", "0005")

# The table that marks a database as an unfinished copy; see `copy_mark`.
UNFINISHED = "unfinished_copy"

POSTGRES_NAMES = ("postgres", "postgresql", "postgresql+psycopg")


def database_url(database: str) -> URL:
    """Read a file path or URL; PostgreSQL is always spoken to through psycopg 3."""
    # `Path.is_dir` raises where a folder on the way may not be entered.
    if not database or os.path.isdir(database):  # noqa: PTH112
        raise InputError(f"{database!r} is no database: name a file with --database.")
    if "://" not in database:
        return URL.create("sqlite", database=database)
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):  # a port that is no number is the latter
        raise InputError(f"{masked(database)!r} is neither a path nor a database URL.") from None
    if url.drivername in POSTGRES_NAMES:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=url.database)
    raise InputError(
        f"Databases of the kind {place_of(url)} are not supported: "
        "give a file path, sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
    )


def open_for_reading(database: str = DEFAULT_DATABASE) -> Engine:
    """An engine that cannot write, over a database of this version's schema.

    Raises `DatabaseMissing`, `DatabaseUnusable`, `DatabaseGone`.
    """
    url = database_url(database)
    engine = sqlite.reader(url, CONNECTIONS) if _is_file(url) else postgres.reader(url, CONNECTIONS)
    try:
        require_revision(engine)
        _refuse_unfinished(engine)
    except BaseException:
        engine.dispose()
        raise
    count_queries(engine)
    return engine


def open_for_writing(database: str = DEFAULT_DATABASE) -> Engine:
    """An engine over a database that is made, or brought to this version's schema, if needed.

    Raises `DatabaseReadOnly`, `DatabaseUnusable`, `DatabaseGone`.
    """
    engine = open_for_copying(database)
    try:
        _refuse_unfinished(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_for_copying(database: str) -> Engine:
    """As `open_for_writing`, an unfinished copy too: for `copy`, which finishes it."""
    from app.db.migrations import upgrade  # alembic is slow to import; a server needs none

    url = database_url(database)
    engine = sqlite.writer(url) if _is_file(url) else postgres.writer(url)
    try:
        if revision_of(engine) != REVISION:
            _refuse_foreign(engine)
            with transaction(engine) as connection:
                upgrade(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def revision_of(engine: Engine) -> str | None:
    """The schema's revision by one plain query; None in an empty or foreign database."""
    with reading(engine) as connection:
        if not connection.dialect.has_table(connection, "alembic_version"):
            return None
        found: str | None = connection.scalar(text(VERSION))
        return found


def require_revision(engine: Engine) -> None:
    """Refuse a database that does not answer, or whose schema is not this version's.

    Raises `DatabaseMissing`, `DatabaseUnusable`, `DatabaseGone`.
    """
    revision, place = revision_of(engine), place_of(engine.url)
    if revision is None:
        _refuse_foreign(engine)
        raise DatabaseMissing(
            f"The database {place} is empty: "
            "run `microscope precompute`, `microscope demo` or `microscope migrate` first."
        )
    _refuse_others(revision, place)
    if revision != REVISION:
        raise DatabaseUnusable(
            f"The database {place} was made by an older version (schema {revision}, "
            f"this version needs {REVISION}): run `microscope migrate` on it."
        )


def _refuse_unfinished(engine: Engine) -> None:
    """Refuse what holds a part of another database: its pages would show gaps, and what is written
    to it would be in the copy's way."""
    with reading(engine) as connection:
        if not connection.dialect.has_table(connection, UNFINISHED):
            return
        source = connection.scalar(text(f"SELECT source FROM {UNFINISHED}"))
    raise DatabaseUnusable(
        f"The database {place_of(engine.url)} is an unfinished copy of {source}: run the same "
        "`microscope copy` again, which goes on where it was left, or remove it."
    )


def _refuse_foreign(engine: Engine) -> None:
    """Refuse a database of something else, or of a newer version; an empty one passes."""
    revision, place = revision_of(engine), place_of(engine.url)
    if revision is not None:
        _refuse_others(revision, place)
        return
    with reading(engine) as connection:
        tables = connection.dialect.get_table_names(connection)
    if tables:
        raise DatabaseUnusable(
            f"{place} is a database of something else: it has a table {tables[0]!r} and no "
            "schema version. Name another with --database."
        )


def _refuse_others(revision: str, place: str) -> None:
    """Refuse a schema that no migration begins with; that of the last release passes."""
    if revision in REFUSED:
        raise DatabaseUnusable(
            f"The database {place} was made by a development version (schema {revision}), which "
            "cannot be brought over: run `microscope precompute` into a new --database."
        )
    if revision not in KNOWN:
        raise DatabaseUnusable(
            f"The database {place} was made by a newer version (schema {revision}, this one "
            f"knows {REVISION}): upgrade with `pip install --upgrade inception-microscope`."
        )


def is_server(database: str) -> bool:
    """Whether a database is a server's, which can be gone and come back, and no file."""
    return not _is_file(database_url(database))


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
