"""What the tests of copies share: places, rows with their keys, and ways to stop and to change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from app import tables
from app.db.engine import open_for_reading, open_for_writing
from app.db.records import ImageRecord
from app.db.transactions import reading
from app.db.writer.writer import Writer
from tests.app.conftest import draw_picture

Row = dict[str, Any]


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def other_engine(url: str) -> str:
    return "sqlite" if "://" in url else "postgresql"


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every table with its keys, which `content` leaves aside."""
    engine = open_for_reading(url)
    with reading(engine) as connection:
        found = {
            name: sorted(tuple(map(str, row)) for row in connection.execute(select(table.c[0])))
            for name, table in tables.Base.metadata.tables.items()
            if name != "revision"  # each database has its own
        }
    engine.dispose()
    return {name: list(rows) for name, rows in found.items()}


def total(url: str) -> int:
    return sum(map(len, rows_of(url).values()))


class StopError(Exception):
    """What stands for anything that ends a copy midway."""


def stop_after(parts: int) -> Callable[[str, int, int], None]:
    """Ends a copy when it has written so many parts."""
    written = itertools.count()

    def told(what: str, done: int, total: int) -> None:
        if done and next(written) >= parts:
            raise StopError

    return told


def change(url: str, how: Callable[[Writer], object]) -> None:
    engine = open_for_writing(url)
    how(Writer(engine))
    engine.dispose()


def drawn() -> Iterator[ImageRecord]:
    return (draw_picture(9000 + number) for number in range(5))
