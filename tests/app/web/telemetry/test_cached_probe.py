"""Cached probes: reads are shared, kept for a time, and waited for briefly."""

from __future__ import annotations

import asyncio
import gc
from threading import Event

import pytest

from app.errors import DatabaseGone
from app.web.telemetry.telemetry import CachedProbe
from tests.event_loop import run


class Database:
    """Counts its reads, which block until `may_answer`."""

    def __init__(self) -> None:
        self.reads, self.may_answer = 0, Event()

    def __call__(self) -> int:
        self.reads += 1
        assert self.may_answer.wait(30)
        return self.reads


def test_a_result_is_kept_until_it_expires() -> None:
    database = Database()
    database.may_answer.set()
    kept, expired = CachedProbe(database, 3600), CachedProbe(database, -1)

    async def results() -> list[int]:
        return [await kept.get(), await kept.get(), await expired.get(), await expired.get()]

    assert run(results()) == [1, 1, 2, 3]


def test_concurrent_callers_share_a_read() -> None:
    database = Database()
    probe = CachedProbe(database, 3600)

    async def results() -> list[int]:
        callers = [asyncio.ensure_future(probe.get()) for _ in range(10)]
        await asyncio.sleep(0)
        database.may_answer.set()
        return await asyncio.gather(*callers)

    assert run(results()) == [1] * 10


def test_a_caller_gives_up_after_the_timeout_and_a_later_one_gets_the_same_read() -> None:
    database = Database()
    probe = CachedProbe(database, 3600, timeout=0.01)

    async def result() -> int:
        for _ in range(3):
            with pytest.raises(DatabaseGone, match=r"within 0\.01 seconds"):
                await probe.get()
        database.may_answer.set()
        while True:
            try:
                return await probe.get()
            except DatabaseGone:
                continue

    assert run(asyncio.wait_for(result(), 30)) == 1
    assert database.reads == 1


def test_an_error_is_kept_as_a_result_is() -> None:
    reads = []

    def fail() -> None:
        reads.append(1)
        raise DatabaseGone("It is away.")

    probe = CachedProbe(fail, 3600)

    async def get_twice() -> None:
        for _ in range(2):
            with pytest.raises(DatabaseGone, match="It is away"):
                await probe.get()

    run(get_twice())
    assert reads == [1]


@pytest.mark.parametrize("timeout", [30.0, 0.0], ids=["in time", "too late"])
def test_asyncio_logs_no_error_as_never_retrieved(
    timeout: float, caplog: pytest.LogCaptureFixture
) -> None:
    may_fail, failed = Event(), Event()

    def fail() -> int:
        assert may_fail.wait(30)
        failed.set()
        raise DatabaseGone("gone")

    probe = CachedProbe(fail, 3600, timeout)

    async def get() -> None:
        getting = asyncio.ensure_future(probe.get())
        await asyncio.sleep(0.01)  # it waits, or has given up
        may_fail.set()
        with pytest.raises(DatabaseGone):
            await getting
        assert failed.wait(30)
        await asyncio.sleep(0.1)  # the loop gets the error

    run(get())
    gc.collect()
    assert not caplog.records
