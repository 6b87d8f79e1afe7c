"""A reading that takes too long ends in words, on both engines, and the next one is undisturbed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.config import Settings
from app.db.engine import open_for_reading, open_for_writing
from app.db.transactions import hold_to, reading
from app.db.views import ModelView
from app.errors import DatabaseSlow
from app.main import create_app

# Long enough that the test never waits for its end, and nothing that a planner could foresee.
ENDLESS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)
SELECT count(*) FROM n
"""


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    open_for_writing(store_url).dispose()
    engine = open_for_reading(store_url)
    yield engine
    engine.dispose()


def test_a_reading_without_end_is_ended(engine: Engine) -> None:
    hold_to(engine, 0.2)
    for _ in range(2):  # a connection that was interrupted is used again
        with pytest.raises(DatabaseSlow) as caught, reading(engine) as connection:
            connection.execute(text(ENDLESS)).scalar()
        assert "MICROSCOPE_QUERY_SECONDS" in caught.value.message
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_reading_in_time_is_not(engine: Engine) -> None:
    hold_to(engine, 60)
    counted = ENDLESS.replace("2000000000", "100000")
    with reading(engine) as connection:
        assert connection.scalar(text(counted)) == 100_000


def test_a_page_that_takes_too_long_is_a_503_in_words(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(engine: Engine) -> tuple[ModelView, ...]:
        with reading(engine) as connection:
            connection.execute(text(ENDLESS)).scalar()
        return ()

    monkeypatch.setattr("app.db.queries.catalog.models", endless)
    with TestClient(create_app(Settings(database=database, query_seconds=0.2))) as client:
        answer = client.get("/api/v1/models")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.json()["detail"].startswith("The answer took too long to find")
        assert client.get("/api/v1/models/toy").status_code == 200
