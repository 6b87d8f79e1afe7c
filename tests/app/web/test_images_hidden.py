"""Pictures as a running server answers them: hidden at once, many at a time, read only."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, select

from app.config import Settings
from app.db.engine import open_for_reading, open_for_writing
from app.db.transactions import reading, writing
from app.main import create_app
from app.tables import Hidden, Image


@pytest.fixture
def visitor(own: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=own)), follow_redirects=False) as client:
        yield client


def addresses(database: str) -> list[str]:
    engine = open_for_reading(database)
    with reading(engine) as connection:
        hashes = connection.scalars(select(Image.sha256).order_by(Image.id)).all()
    engine.dispose()
    return [f"/img/{name}.png" for name in hashes]


def test_a_picture_that_is_hidden_is_gone_at_once(visitor: TestClient, own: str) -> None:
    path, other = addresses(own)[:2]
    etag = visitor.get(path).headers["etag"]
    engine = open_for_writing(own)
    row = {"sha256": etag.strip('"'), "reason": "a test", "created": datetime.now(UTC)}
    with writing(engine) as connection:
        connection.execute(insert(Hidden).values(row))
    hidden = visitor.get(path, headers={"If-None-Match": etag})
    assert (hidden.status_code, visitor.head(path).status_code) == (404, 404)
    assert hidden.headers["cache-control"] == "no-store"
    assert visitor.get(other).status_code == 200
    with writing(engine) as connection:
        connection.execute(delete(Hidden))
    assert visitor.get(path).status_code == 200
    engine.dispose()


def test_many_at_a_time_get_what_each_asked_for(visitor: TestClient, own: str) -> None:
    paths = addresses(own) * 2
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(visitor.get, paths))
    for path, answer in zip(paths, answers, strict=True):
        assert sha256(answer.content).hexdigest() == path.split("/")[-1].removesuffix(".png")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_picture_can_only_be_read(visitor: TestClient, own: str, method: str) -> None:
    answer = visitor.request(method, addresses(own)[0])
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_database_that_fails_is_told_as_elsewhere(
    visitor: TestClient, own: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = addresses(own)[0]
    engine = open_for_writing(own)
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO veiled")
    answer = visitor.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "try again" in answer.json()["detail"]
    assert "hidden" in caplog.text
    engine.dispose()


def test_a_picture_has_the_security_headers_of_a_page_once(visitor: TestClient, own: str) -> None:
    page, picture = visitor.get("/models"), visitor.get(addresses(own)[0])
    names = ("content-security-policy", "x-frame-options", "x-content-type-options")
    for name in names:
        assert picture.headers.get_list(name) == page.headers.get_list(name)
        assert len(picture.headers.get_list(name)) == 1
    assert picture.headers["server-timing"].startswith("app;dur=")
