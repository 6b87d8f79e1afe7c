"""What tells whether two tables hold the same rows, on whichever engines: a count and a hash.

The hash is the sum of the rows' hashes, so that it does not depend on the order in which an engine
hands them out. Of a picture its own hash stands for the bytes, which `hold_pictures` looks at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from app.db.copy.table_parts import AHEAD, ORDER, PICTURES_AHEAD, Key, key_of
from app.db.views import utc
from app.tables import Image

LIMIT = 2**256


@dataclass(frozen=True, slots=True)
class Digest:
    """How many rows there are, and the sum of their SHA-256 modulo 2²⁵⁶."""

    rows: int
    sum: int


def digest(connection: Connection, name: str, until: Key | None = None) -> Digest:
    """Of a table's rows with keys up to `until`, of all for None; one pass, nothing is held."""
    table = ORDER.table(name)
    columns = [column for column in table.c if column is not Image.__table__.c.bytes]
    statement = select(*columns)
    if until is not None:
        statement = statement.where(key_of(connection, table) <= until)
    count = total = 0
    with connection.execute(statement, execution_options={"yield_per": AHEAD}) as rows:
        for row in rows:
            count += 1
            coded = repr([_plain(value) for value in row]).encode()
            total += int.from_bytes(sha256(coded).digest())
    return Digest(count, total % LIMIT)


def hold_pictures(connection: Connection) -> str | None:
    """The hash of the first picture whose bytes have another; None where all are whole."""
    statement = select(Image.sha256, Image.bytes).order_by(Image.id)
    options = {"yield_per": PICTURES_AHEAD}
    with connection.execute(statement, execution_options=options) as rows:
        for name, data in rows:
            if sha256(data).hexdigest() != name:
                return str(name)
    return None


def _plain(value: Any) -> Any:
    """A value as text that is the same on both engines."""
    match value:
        case datetime():
            return utc(value).isoformat()
        case float():
            return value + 0.0  # SQLite does not keep the sign of a zero
        case bytes():
            return sha256(value).hexdigest()
        case dict() | list():
            return json.dumps(value, sort_keys=True)
    return value
