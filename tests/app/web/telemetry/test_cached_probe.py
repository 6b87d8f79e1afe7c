"""A question to the database: asked seldom, waited for briefly, never asked twice at a time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar

import pytest

from app.errors import DatabaseGone
from app.web.telemetry.telemetry import CachedProbe

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: the browser of other tests has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Database:
    """Counts how often it is asked, and answers when it may."""

    def __init__(self) -> None:
        self.asked, self.may_answer = 0, Event()

    def __call__(self) -> int:
        self.asked += 1
        assert self.may_answer.wait(30)
        return self.asked


def test_an_answer_is_kept_for_its_time_and_then_asked_for_again() -> None:
    database = Database()
    database.may_answer.set()
    kept, always = CachedProbe(database, 3600), CachedProbe(database, -1)

    async def look() -> list[int]:
        return [await kept.get(), await kept.get(), await always.get(), await always.get()]

    assert run(look()) == [1, 1, 2, 3]


def test_many_who_look_at_once_ask_once() -> None:
    database = Database()
    pulse = CachedProbe(database, 3600)

    async def look() -> list[int]:
        looking = [asyncio.ensure_future(pulse.get()) for _ in range(10)]
        await asyncio.sleep(0)
        database.may_answer.set()
        return await asyncio.gather(*looking)

    assert run(look()) == [1] * 10


def test_who_gets_no_answer_in_time_is_told_so_and_the_question_stays_asked() -> None:
    database = Database()
    pulse = CachedProbe(database, 3600, timeout=0.01)

    async def look() -> int:
        for _ in range(3):
            with pytest.raises(DatabaseGone, match=r"within 0\.01 seconds"):
                await pulse.get()
        database.may_answer.set()
        while True:
            try:
                return await pulse.get()
            except DatabaseGone:
                continue

    assert run(asyncio.wait_for(look(), 30)) == 1
    assert database.asked == 1


def test_a_failure_is_an_answer_as_well() -> None:
    asked = []

    def gone() -> None:
        asked.append(1)
        raise DatabaseGone("It is away.")

    pulse = CachedProbe(gone, 3600)

    async def look() -> None:
        for _ in range(2):
            with pytest.raises(DatabaseGone, match="It is away"):
                await pulse.get()

    run(look())
    assert asked == [1]


def test_it_can_be_looked_at_from_another_loop() -> None:
    database = Database()
    database.may_answer.set()
    pulse = CachedProbe(database, 3600)
    assert [run(pulse.get()) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("patience", [30.0, 0.0], ids=["heard", "given up"])
def test_an_error_is_told_to_who_looks_and_not_as_forgotten(
    patience: float, caplog: pytest.LogCaptureFixture
) -> None:
    may_fail = Event()

    def fail() -> int:
        assert may_fail.wait(30)
        raise DatabaseGone("gone")

    pulse = CachedProbe(fail, 3600, patience)

    async def look() -> None:
        looking = asyncio.ensure_future(pulse.get())
        await asyncio.sleep(0.01)  # it waits, or has given up
        may_fail.set()
        with pytest.raises(DatabaseGone):
            await looking
        while (future := pulse._future) is not None and not future.done():
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)  # what waits for the thread hears of it in the loop

    run(look())
    gc.collect()
    assert not caplog.records
