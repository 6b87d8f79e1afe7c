"""Pictures that are read without a thread: the same ones, and only where nobody is waited for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from app.store import nearby as nearby_module
from app.store.deadline import hold_to
from app.store.engine import open_for_reading, open_for_writing
from app.store.meter import connections
from app.store.nearby import CREDIT, SHARE, SLOW, Nearby, NotNow, nearby
from app.store.shown import pictures

HIDE = "INSERT INTO hidden (sha256, reason, created) VALUES (?, 'a test', '2026-01-01 00:00:00')"


@pytest.fixture
def engine(own: str) -> Iterator[Engine]:
    made = open_for_reading(own)
    yield made
    made.dispose()


@pytest.fixture
def near(engine: Engine) -> Nearby:
    return opened(engine)


def opened(engine: Engine) -> Nearby:
    made = nearby(engine)
    assert made is not None
    made.open()
    return made


@pytest.fixture
def hashes(own: str) -> list[str]:
    with closing(sqlite3.connect(own)) as connection:
        return [row[0] for row in connection.execute("SELECT sha256 FROM image ORDER BY id")]


@dataclass
class Clock:
    """A clock that is set by hand, and goes on by `step` whenever it is read."""

    now: float = 100.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(nearby_module, "perf_counter", made)
    return made


def test_it_reads_what_the_way_through_the_pool_reads(
    engine: Engine, clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    found = pictures(engine, hashes)
    assert len(found) == len(hashes) > 1
    assert {name: near.picture(name) for name in hashes} == found
    assert near.picture("0" * 64) is None


def test_what_is_hidden_is_gone_at_once_and_back_at_once(
    own: str, clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    assert near.picture(hashes[0]) is not None
    with closing(sqlite3.connect(own, isolation_level=None)) as other:
        other.execute(HIDE, (hashes[0],))
        assert near.picture(hashes[0]) is None
        other.execute("DELETE FROM hidden")
        assert near.picture(hashes[0]) is not None


def test_no_state_is_held_between_two_readings(
    own: str, clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    """Else a writer's log could never begin anew."""
    with closing(sqlite3.connect(own, isolation_level=None)) as writer:
        writer.execute(HIDE, (hashes[0],))
        assert near.picture(hashes[1]) is not None
        blocked, _, _ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not blocked


def test_where_the_file_is_slow_the_loop_is_left_alone_for_a_while(
    clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    began, read = clock.now, 0
    for _ in range(2000):
        clock.step = 2 * SLOW  # what a reading takes: the clock is read before and after
        with suppress(NotNow):
            near.picture(hashes[0])
            read += 1
        clock.step = 0.0
        clock.now += 0.001  # something else is done
    lasted = clock.now - began
    assert 1 < read * 2 * SLOW < (lasted + CREDIT) / SHARE + 2 * SLOW


def test_one_slow_reading_now_and_then_changes_nothing(
    clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    for number in range(1000):
        clock.step = 2 * SLOW if number % 100 == 0 else 0.0
        assert near.picture(hashes[0]) is not None
        clock.now += 0.02


def test_nobody_is_waited_for(
    own: str, engine: Engine, near: Nearby, hashes: list[str], clock: Clock
) -> None:
    """The clock stands: only an error can tell."""
    engine.dispose()
    with closing(sqlite3.connect(own, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        near.open()
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(NotNow):
            near.picture(hashes[0])
        other.execute("ROLLBACK")
        with pytest.raises(NotNow):
            near.picture(hashes[0])
        near.open()
        assert near.picture(hashes[0]) is not None


def test_it_takes_no_place_of_the_pool_and_ends_with_it(
    engine: Engine, clock: Clock, near: Nearby, hashes: list[str]
) -> None:
    near.picture(hashes[0])
    assert connections(engine).in_use == 0
    kept = near._connection
    engine.dispose()
    assert kept is not None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept.execute("SELECT 1")
    with pytest.raises(NotNow):
        near.picture(hashes[0])


def test_a_deadline_long_over_stops_nothing(
    engine: Engine, hashes: list[str], clock: Clock
) -> None:
    """A connection's own is of the reading that it was last taken for."""
    hold_to(engine, 1e-9)
    near = opened(engine)
    for _ in range(2000):
        assert near.picture(hashes[0]) is not None


def test_a_server_is_always_waited_for(store_url: str) -> None:
    open_for_writing(store_url).dispose()
    engine = open_for_reading(store_url)
    assert (nearby(engine) is None) == store_url.startswith("postgresql")
    engine.dispose()
