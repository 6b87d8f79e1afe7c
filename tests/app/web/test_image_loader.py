"""Pictures for requests that wait together: few queries, each request its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from app.db.queries import images
from app.db.views import StoredImage
from app.errors import DatabaseGone
from app.web.image_loader import BATCH, ImageLoader
from tests.event_loop import run

NOWHERE = create_engine("sqlite://")


def ignore(requests: int, seconds: float) -> None:
    """Nobody counts here."""


class Store:
    """Stands for the database: it knows every hash that begins with `a`."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.fails = 0

    def pictures(self, engine: Engine, hashes: Sequence[str]) -> dict[str, StoredImage]:
        self.asked.append(hashes)
        if self.fails:
            self.fails -= 1
            raise DatabaseGone("The database is away.")
        known = (name for name in hashes if name.startswith("a"))
        return {name: StoredImage("image/png", name.encode()) for name in known}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(images, "stored_images", made.pictures)
    return made


def load_all(names: Sequence[str]) -> list[Any]:
    """What requests for these pictures, made at the same time, are answered."""

    async def together() -> list[Any]:
        loader = ImageLoader(NOWHERE, ignore)
        return await asyncio.gather(*map(loader.load, names), return_exceptions=True)

    return run(together())


def test_requests_that_wait_together_share_queries(store: Store) -> None:
    names = [f"a{number}" for number in range(10 * BATCH)]
    load_all(names)
    assert len(store.asked) == 10
    assert max(map(len, store.asked)) == BATCH


def test_each_query_is_told_with_how_many_waited_for_it(store: Store) -> None:
    told: list[int] = []

    async def together() -> None:
        loader = ImageLoader(NOWHERE, lambda requests, seconds: told.append(requests))
        await asyncio.gather(*(loader.load(f"a{number}") for number in range(BATCH + 1)))

    run(together())
    assert told == [BATCH, 1]


def test_nothing_is_remembered(store: Store) -> None:
    """A picture that is hidden meanwhile must be gone at once."""

    async def twice() -> None:
        loader = ImageLoader(NOWHERE, ignore)
        for _ in range(2):
            await loader.load("a1")

    run(twice())
    assert store.asked == [["a1"], ["a1"]]


def test_a_request_alone_does_not_wait_for_others(store: Store) -> None:
    (picture,) = load_all(["a1"])
    assert (picture.bytes, store.asked) == (b"a1", [["a1"]])


def test_one_picture_for_many_is_asked_for_once(store: Store) -> None:
    found = load_all(["a1"] * 5)
    assert [picture.bytes for picture in found] == [b"a1"] * 5
    assert store.asked == [["a1"]]


@settings(deadline=None)
@given(st.lists(st.text("ab", min_size=1, max_size=4), max_size=100))
def test_every_request_gets_its_own_picture_or_none(names: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "stored_images", Store().pictures)
        found = load_all(names)
    for name, picture in zip(names, found, strict=True):
        assert (picture and picture.bytes) == (name.encode() if name.startswith("a") else None)


def test_a_failure_reaches_those_who_waited_and_nobody_else(store: Store) -> None:
    store.fails = 1
    names = [f"a{number}" for number in range(BATCH + 1)]
    *failed, last = load_all(names)
    assert all(isinstance(error, DatabaseGone) for error in failed)
    assert last.bytes == names[-1].encode()


def test_a_request_that_is_given_up_harms_no_other(store: Store) -> None:
    async def give_one_up() -> list[Any]:
        loader = ImageLoader(NOWHERE, ignore)
        tasks = [asyncio.ensure_future(loader.load(name)) for name in ("a1", "a2", "a3")]
        await asyncio.sleep(0)
        tasks[1].cancel()
        return await asyncio.gather(*tasks, loader.load("a4"), return_exceptions=True)

    first, second, *rest = run(give_one_up())
    assert isinstance(second, asyncio.CancelledError)
    assert [picture.bytes for picture in (first, *rest)] == [b"a1", b"a3", b"a4"]


def test_the_event_loop_goes_on_while_the_database_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database answers only when the loop has done something else meanwhile."""
    free = Event()

    def pictures(engine: Engine, hashes: Sequence[str]) -> dict[str, StoredImage]:
        assert free.wait(10)
        return {}

    async def scene() -> StoredImage | None:
        waiting = asyncio.ensure_future(ImageLoader(NOWHERE, ignore).load("a1"))
        await asyncio.sleep(0.01)
        free.set()
        return await waiting

    monkeypatch.setattr(images, "stored_images", pictures)
    assert run(scene()) is None
