"""ETags and cached answers: never stale, never mixed, and apart by all that they depend on."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select, update
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Settings
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance.hidden_images import hide
from app.db.queries.run_status import DatabaseState, read_state
from app.db.transactions import transaction, writing
from app.db.writer.writer import Writer
from app.main import create_app
from app.tables import Model, Run, Unit
from app.web.caching import PageCache, StateReader
from tests.event_loop import run
from tests.postgres import running_postgres

UNIT = "/models/toy/mixed3b/2"
PAGES = ["/", "/models", "/models/toy", "/models/toy/mixed3b", UNIT, f"{UNIT}.json", "/about"]
PAGES += ["/api/v1/models/toy", "/search?q=fox", "/search.json?q=fox", f"{UNIT}/histogram.svg"]


@pytest.fixture
def writer(own: str) -> Iterator[Writer]:
    engine = open_for_writing(own)
    yield Writer(engine)
    engine.dispose()


@pytest.fixture
def client(own: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=own)), follow_redirects=False) as client:
        yield client


def conditional(client: TestClient, path: str, etag: str, **headers: str) -> int:
    return client.get(path, headers={"If-None-Match": etag, **headers}).status_code


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_not_sent_again_until_a_commit(
    client: TestClient, writer: Writer, path: str
) -> None:
    first = client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    assert conditional(client, path, etag) == 304
    assert conditional(client, path, f'"other", W/{etag}') == 304
    assert conditional(client, path, "*") == 304
    again = client.get(path)
    assert (again.content, again.headers["etag"]) == (first.content, etag)
    writer.beat(1, "rendering", 1, 2)
    assert conditional(client, path, etag) == 200
    assert client.get(path).headers["etag"] != etag


def test_a_page_shows_a_commit_at_once(client: TestClient, writer: Writer) -> None:
    for number in range(20):
        with writing(writer.engine) as connection:
            connection.execute(update(Model).values(title=f"Network {number}"))
        assert f"Network {number}" in client.get("/models/toy").text
        assert client.get("/models/toy.json").json()["title"] == f"Network {number}"


def test_a_hidden_image_is_gone_at_once(client: TestClient, writer: Writer) -> None:
    image = client.get(f"{UNIT}.json").json()["visualizations"][0]["image"]
    assert image in client.get(UNIT).text
    hide(writer.engine, {Path(image).stem: "on request"})
    assert image not in client.get(UNIT).text
    assert client.get(image).status_code == 404


def pages_while_it_is_written(database: str) -> list[str]:
    """A class's page again and again, while a writer gives it and its model one new name."""
    engine, end = open_for_writing(database), Event()

    def write() -> None:
        for number in count():
            name = f"Name-{number:05d}"
            with writing(engine) as connection:
                connection.execute(update(Model).values(title=name))
                connection.execute(update(Unit).where(Unit.title.is_not(None)).values(title=name))
            if end.is_set():
                return

    with TestClient(create_app(Settings(database=database))) as client:
        thread = Thread(target=write)
        thread.start()
        try:
            return [client.get("/models/toy/logits/1").text for _ in range(100)]
        finally:
            end.set()
            thread.join()
            engine.dispose()


def assert_unmixed(pages: list[str]) -> None:
    names = [set(re.findall(r"Name-\d{5}", page)) for page in pages[5:]]
    assert all(len(found) == 1 for found in names)
    assert len(set.union(*names)) > 1


def test_a_page_never_mixes_two_revisions(own: str) -> None:
    assert_unmixed(pages_while_it_is_written(own))


def test_a_page_never_mixes_two_revisions_of_postgresql(fill: Callable[[str], None]) -> None:
    with running_postgres() as server:
        database = server.new_schema()
        fill(database)
        assert_unmixed(pages_while_it_is_written(database))


@pytest.mark.parametrize(
    "path", ["/random", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/models/", "/nowhere"]
)
def test_what_changes_by_itself_or_fails_has_no_etag(client: TestClient, path: str) -> None:
    for _ in range(2):
        answer = client.get(path)
        assert "etag" not in answer.headers
        for tags in ("*", " * "):
            assert conditional(client, path, tags) == answer.status_code != 304


def test_a_failure_is_not_kept(client: TestClient, writer: Writer) -> None:
    assert client.get("/models/later").status_code == 404
    with transaction(writer.engine) as connection:  # without a new revision
        connection.execute(update(Model).values(slug="later"))
    assert client.get("/models/later").status_code == 200


def test_answers_are_apart_by_query_host_and_encoding(client: TestClient) -> None:
    def etag(path: str, **headers: str) -> str:
        return str(client.get(path, headers=headers).headers["etag"])

    plain = etag(UNIT, **{"Accept-Encoding": "identity"})
    tags = [
        plain,
        etag(UNIT, **{"Accept-Encoding": "gzip"}),
        etag(f"{UNIT}?show=whole", **{"Accept-Encoding": "identity"}),
        etag(UNIT, **{"Accept-Encoding": "identity", "Host": "other.example"}),
    ]
    assert len(set(tags)) == len(tags)
    assert plain == etag(UNIT, **{"Accept-Encoding": "identity"})
    page = client.get(UNIT, headers={"Host": "other.example"}).text
    assert "http://other.example/models/toy" in page
    assert "other.example" not in client.get(UNIT).text


def test_the_head_of_a_cached_page_is_that_of_its_answer(client: TestClient) -> None:
    whole = client.get(UNIT)
    head = client.head(UNIT)
    assert head.content == b""
    for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
        assert head.headers[name] == whole.headers[name]
    same = client.head(UNIT, headers={"If-None-Match": whole.headers["etag"]})
    assert same.status_code == 304


def test_a_frame_stays_a_frame_after_a_304(client: TestClient) -> None:
    """A 304 updates the headers that a browser keeps."""
    framed = client.get(f"{UNIT}?embed=1")
    assert "x-frame-options" not in framed.headers
    headers = {"If-None-Match": framed.headers["etag"]}
    same = client.get(f"{UNIT}?embed=1", headers=headers)
    assert same.status_code == 304
    assert "x-frame-options" not in same.headers
    again = client.get(f"{UNIT}?embed=1")
    assert again.headers["content-security-policy"] == framed.headers["content-security-policy"]


def test_a_database_that_does_not_answer_is_a_503(own: str, tmp_path: Path) -> None:
    with TestClient(create_app(Settings(database=own))) as client:
        etag = client.get(UNIT).headers["etag"]
        Path(own).write_bytes(b"not a database any more")
        for end in ("-wal", "-shm"):
            Path(own + end).unlink(missing_ok=True)
        assert conditional(client, UNIT, etag) == 503


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Counter:
    """An application that answers how often it was called."""

    calls: int = 0
    size: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        await PlainTextResponse(f"{self.calls}" + "x" * self.size)(scope, receive, send)


def cached(app: ASGIApp, database: str, **options: Any) -> TestClient:
    return TestClient(PageCache(app, engine=open_for_reading(database), **options))


def test_a_run_that_dies_is_shown_as_stopped_without_a_commit(own: str, writer: Writer) -> None:
    run = writer.start_run("toy", {}, "0.1.0")
    with transaction(writer.engine) as connection:
        beat = connection.scalar(select(Run.heartbeat).where(Run.id == run))
    assert beat is not None
    clock = Clock(beat.replace(tzinfo=UTC) + timedelta(minutes=2, seconds=59))
    client = cached(Counter(), own, now=clock)
    etag = client.get("/").headers["etag"]
    assert conditional(client, "/", etag) == 304
    clock.now += timedelta(seconds=2)
    assert client.get("/", headers={"If-None-Match": etag}).text == "2"


def test_a_page_shows_that_a_run_died_without_a_commit(client: TestClient, writer: Writer) -> None:
    writer.start_run("toy", {}, "0.1.0")
    end = datetime.now(UTC) + timedelta(seconds=3)
    with writing(writer.engine) as connection:
        live = update(Run).where(Run.state == "running")
        connection.execute(live.values(heartbeat=end - timedelta(minutes=3)))
    first = client.get("/models/toy")
    assert "Precompute is running" in first.text
    assert conditional(client, "/models/toy", first.headers["etag"]) == 304
    time.sleep((end - datetime.now(UTC)).total_seconds())
    answer = client.get("/models/toy", headers={"If-None-Match": first.headers["etag"]})
    assert answer.status_code == 200
    assert "Precompute is running" not in answer.text


def test_citations_show_the_day(own: str) -> None:
    clock = Clock(datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC))
    client = cached(Counter(), own, now=clock)
    assert [client.get("/").text for _ in range(2)] == ["1", "1"]
    clock.now += timedelta(seconds=2)
    assert client.get("/").text == "2"


def test_the_cache_is_bounded_and_drops_what_was_used_longest_ago(own: str) -> None:
    client = cached(Counter(size=99_000), own, max_bytes=250_000)
    assert [client.get(path).text[0] for path in ("/a", "/b", "/a", "/c")] == ["1", "2", "1", "3"]
    assert client.get("/a").text[0] == "1"
    assert client.get("/b").text[0] == "4"


def test_an_answer_larger_than_the_cache_is_sent(own: str) -> None:
    client = cached(Counter(size=500_000), own, max_bytes=250_000)
    assert [client.get("/").text[0] for _ in range(2)] == ["1", "2"]
    assert conditional(client, "/", client.get("/").headers["etag"]) == 304


def test_tiny_answers_take_no_more_memory_than_the_cache_may(own: str) -> None:
    cache = PageCache(Counter(), engine=open_for_reading(own), max_bytes=100_000)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        pass

    async def ask(name: str) -> None:
        for number in range(300):
            scope = {"type": "http", "method": "GET", "scheme": "http", "headers": []}
            await cache({**scope, "path": f"/{name}{number}", "query_string": b""}, receive, send)

    async def growth() -> int:
        await ask("first")
        before, _ = tracemalloc.get_traced_memory()
        await ask("second")
        await ask("third")
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        assert run(growth()) < 100_000
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_addresses_that_look_alike_are_apart(own: str) -> None:
    """A path may hold a `?` that was encoded."""
    client = cached(Counter(), own)
    paths = ["/a?b=1?", "/a%3Fb=1", "/a%3Fb=1?", "/a?b=1", "/a%0Agzip", "/a"]
    texts = [client.get(path).text for path in paths]
    assert texts == ["1", "2", "2", "3", "4", "5"]


def test_requests_that_wait_share_a_reading_that_began_after_them(own: str, writer: Writer) -> None:
    engine = open_for_reading(own)
    has_read, may_go_on, statements = Event(), Event(), []

    @event.listens_for(engine, "after_cursor_execute")
    def hold(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "revision" in statement:
            statements.append(statement)
            has_read.set()
            assert may_go_on.wait(60)

    async def ask() -> tuple[DatabaseState, list[DatabaseState]]:
        reader = StateReader(engine)
        early = asyncio.create_task(reader.read())
        await asyncio.to_thread(has_read.wait, 60)
        await asyncio.to_thread(writer.beat, 1, "rendering", 1, 2)
        late = [asyncio.create_task(reader.read()) for _ in range(10)]
        late[0].cancel()  # its client left
        await asyncio.sleep(0)
        may_go_on.set()
        return await early, list(await asyncio.gather(*late[1:]))

    before = read_state(writer.engine)
    early, late = run(ask())
    assert early == before
    assert {state.token for state in late} == {read_state(writer.engine).token} != {before.token}
    assert len(statements) == 2
    engine.dispose()


def test_a_request_with_a_body_passes(own: str) -> None:
    client = cached(Counter(), own)
    texts = [client.request("GET", "/", content=b"a").text for _ in range(2)]
    assert texts == ["1", "2"]


def test_a_commit_while_a_page_is_rendered_leaves_it_uncached(own: str, writer: Writer) -> None:
    inner = Counter()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        writer.beat(1, "rendering", 1, 2)
        await inner(scope, receive, send)

    client = cached(app, own)
    answers = [client.get("/") for _ in range(2)]
    assert [answer.text for answer in answers] == ["1", "2"]
    assert all("etag" not in answer.headers for answer in answers)


def test_a_restored_database_never_repeats_a_revision(own: str, writer: Writer) -> None:
    backup = f"{own}.backup"
    writer.engine.dispose()
    shutil.copy(own, backup)
    seen = set()
    for _ in range(3):
        engine = open_for_writing(own)
        Writer(engine).beat(1, "rendering", 1, 2)
        engine.dispose()
        seen.add(cached(Counter(), own).get("/").headers["etag"])
        shutil.copy(backup, own)
    assert len(seen) == 3
