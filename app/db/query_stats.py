"""Database statistics of a piece of work: queries, and time with a connection; the pool's state.

Work is measured when `QUERY_STATS` holds a `QueryStats`. Threads that run in a copy of the work's
context add to the same object.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Engine, QueuePool, event


@dataclass(slots=True)
class QueryStats:
    """Totals of one piece of work.

    Attributes:
        seconds: from the request for a connection until it is returned. SQLite works while rows are
            fetched, so the time of a statement alone would say little.
    """

    queries: int = 0
    seconds: float = 0.0


QUERY_STATS: ContextVar[QueryStats | None] = ContextVar("microscope_query_stats", default=None)


def record_query_time(seconds: float, queries: int = 0) -> None:
    """Add to the statistics of the current work, if it is measured."""
    stats = QUERY_STATS.get()
    if stats is not None:
        stats.seconds += seconds
        stats.queries += queries


def count_queries(engine: Engine) -> None:
    """Count every statement of this engine."""
    event.listen(engine, "before_cursor_execute", _count)


def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if statement != "BEGIN":  # sent to SQLite alone
        record_query_time(0.0, queries=1)


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of an engine's pool."""

    in_use: int
    idle: int
    limit: int


def pool_state(engine: Engine) -> PoolState:
    """The open connections, and the most there can be."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return PoolState(0, 0, 0)
    return PoolState(pool.checkedout(), pool.checkedin(), pool.size())
