"""`/readyz` probes the database with a timeout; `/healthz` does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from threading import Event
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db.engine import REVISION, open_for_writing
from app.main import create_app
from app.web.telemetry.telemetry import READY_TTL_SECONDS, TIMEOUT_SECONDS
from tests.app.web.telemetry.scrape import scrape
from tests.postgres import running_postgres

DEADLINE = 60.0


def await_that(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + DEADLINE
    while not condition():
        assert monotonic() < deadline
        sleep(0.1)


def has_status(client: TestClient, path: str, status: int) -> bool:
    return client.get(path).status_code == status


def test_a_database_that_answers_is_ready(client: TestClient) -> None:
    response = client.get("/readyz")
    assert response.json() == {"status": "ready", "schema_revision": REVISION}
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(("revision", "command"), [("0004", "migrate"), ("9999", "upgrade")])
def test_another_schema_is_not_ready_and_the_log_names_the_command(
    client: TestClient,
    own: str,
    caplog: pytest.LogCaptureFixture,
    revision: str,
    command: str,
) -> None:
    with sqlite3.connect(own) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    response = client.get("/readyz", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert response.headers["cache-control"] == "no-store"
    assert command in caplog.text
    assert own not in response.text, "the database's path is private"


def test_probes_within_a_second_share_a_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[float] = []
    monkeypatch.setattr(
        "app.web.telemetry.telemetry.require_revision", lambda engine: reads.append(monotonic())
    )
    began = monotonic()
    while len(reads) < 3:
        assert client.get("/readyz").status_code == 200
        assert monotonic() < began + DEADLINE
    assert reads[2] - reads[0] > 2 * READY_TTL_SECONDS * 0.9


def test_a_database_that_hangs_is_reported_after_the_timeout(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_answer = Event()

    def hang(engine: object) -> None:
        may_answer.wait(DEADLINE)

    monkeypatch.setattr("app.web.telemetry.telemetry.require_revision", hang)
    monkeypatch.setattr("app.web.telemetry.telemetry.last_runs", hang)
    try:
        response = client.get("/readyz")
        assert response.status_code == 503
        assert f"within {TIMEOUT_SECONDS:g} seconds" in caplog.text
        assert scrape(client).value("microscope_database_up") == 0
        assert client.get("/healthz").status_code == 200
    finally:
        may_answer.set()


def test_a_restart_of_postgresql_is_noticed_by_the_same_server() -> None:
    def is_up(expected: float) -> bool:
        return scrape(client).value("microscope_database_up") == expected

    with running_postgres() as server:
        url = server.new_schema()
        open_for_writing(url).dispose()
        with TestClient(create_app(Settings(database=url))) as client:
            assert has_status(client, "/readyz", 200)
            assert is_up(1)
            server.stop("immediate")
            await_that(lambda: has_status(client, "/readyz", 503))
            await_that(lambda: is_up(0))
            assert has_status(client, "/healthz", 200)
            server.start()
            await_that(lambda: has_status(client, "/readyz", 200))
            await_that(lambda: is_up(1))
            assert has_status(client, "/models", 200)
