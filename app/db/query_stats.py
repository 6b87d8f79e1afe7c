"""What work has asked of the database: how many queries, and how long it held a connection.

Whoever wants to know puts a `Meter` into `METER` before the work begins; threads that are given the
work's context write into the same one. Nothing is measured for anybody else.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Engine, QueuePool, event


class Meter:
    """The sums of one piece of work."""

    __slots__ = ("queries", "seconds")

    def __init__(self) -> None:
        self.queries = 0
        self.seconds = 0.0
        """Until the last row was read, waiting for a place in the pool included: SQLite does its
        work while rows are fetched, so the time of a statement alone would say little."""


METER: ContextVar[Meter | None] = ContextVar("microscope_meter", default=None)


def spend(seconds: float, queries: int = 0) -> None:
    """Add to the meter of the work that goes on here, if it has one."""
    meter = METER.get()
    if meter is not None:
        meter.seconds += seconds
        meter.queries += queries


def count_queries(engine: Engine) -> None:
    """Let every statement of this engine be counted."""
    event.listen(engine, "before_cursor_execute", _count)


def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if statement != "BEGIN":  # SQLite is told that a transaction begins, PostgreSQL is not
        spend(0.0, queries=1)


@dataclass(frozen=True, slots=True)
class Connections:
    """The places of an engine's pool."""

    in_use: int
    idle: int
    limit: int


def connections(engine: Engine) -> Connections:
    """How many connections are open, and how many there can be."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return Connections(0, 0, 0)
    return Connections(pool.checkedout(), pool.checkedin(), pool.size())
