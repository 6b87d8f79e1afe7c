"""Query statistics on both engines, in threads too; and the runs of each model."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, text

from app.db.engine import open_for_reading
from app.db.queries import catalog, run_status
from app.db.transactions import QUERY_STATS, QueryStats, pool_state, reading, writing
from app.db.writer.writer import Writer
from app.errors import NotFound


@pytest.fixture(autouse=True)
def unmeasured() -> Iterator[None]:
    """Restore the context after a test."""
    token = QUERY_STATS.set(None)
    yield
    QUERY_STATS.reset(token)


def test_queries_and_time_are_attributed_to_the_work_in_whose_context_they_are(
    filled: Engine,
) -> None:
    mine, other = QueryStats(), QueryStats()
    QUERY_STATS.set(other)
    context = copy_context()
    context.run(QUERY_STATS.set, mine)
    with reading(filled) as connection:
        connection.execute(text("SELECT 1"))
    thread = Thread(target=context.run, args=(catalog.models, filled))
    thread.start()
    thread.join()
    QUERY_STATS.set(None)
    catalog.models(filled)
    assert (other.queries, mine.queries) == (1, 1)
    assert other.seconds > 0
    assert mine.seconds > 0


def test_queries_of_failed_work_are_counted(filled: Engine) -> None:
    stats = QueryStats()
    QUERY_STATS.set(stats)
    with pytest.raises(NotFound):
        catalog.model(filled, "none")
    QUERY_STATS.set(None)
    assert stats.queries >= 1
    assert stats.seconds > 0


def test_the_pool_counts_connections_in_use(filled: Engine) -> None:
    before = pool_state(filled)
    with reading(filled) as connection:
        connection.execute(text("SELECT 1"))
        during = pool_state(filled)
    assert (before.in_use, during.in_use, pool_state(filled).in_use) == (0, 1, 0)
    assert during.limit == before.limit > 1


def last_of(engine: Engine) -> dict[str, tuple[int, str]]:
    """By model: its current or last run, and that run's state."""
    now = datetime.now(UTC)
    return {run.model: (run.id, run.state_at(now)) for run in run_status.last_runs(engine)}


def test_last_runs_are_those_that_run_or_else_ended_last(engine: Engine, store_url: str) -> None:
    writer = Writer(engine)
    ended = [writer.start_run("b", {}, "0.1.0") for _ in range(2)]
    for run in ended:
        writer.end_run(run, "finished")
    died = writer.start_run("a", {}, "0.1.0")
    with writing(engine) as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        statement = text("UPDATE run SET heartbeat = :then WHERE id = :run")
        connection.execute(statement, {"then": long_ago, "run": died})
    live = writer.start_run("a", {}, "0.1.0")
    refused = writer.start_run("a", {}, "0.1.0")
    writer.end_run(refused, "failed", "Another run goes on.")
    reader = open_for_reading(store_url)
    assert last_of(reader) == {"a": (live, "running"), "b": (ended[-1], "finished")}
    writer.end_run(live, "interrupted")
    assert last_of(reader)["a"] == (refused, "failed")
    reader.dispose()
