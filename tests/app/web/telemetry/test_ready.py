"""`/readyz` says soon whether the database can be shown; `/healthz` asks nobody."""

from __future__ import annotations

import sqlite3
from threading import Event
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db.engine import REVISION, open_for_writing
from app.main import create_app
from app.web.telemetry.telemetry import TIMEOUT_SECONDS
from app.web.telemetry.telemetry import READY_TTL_SECONDS
from tests.app.web.telemetry.scrape import scrape
from tests.postgres import running_postgres

DEADLINE = 60.0


def await_status(client: TestClient, path: str, status: int) -> None:
    """Asks again until the answer is this."""
    deadline = monotonic() + DEADLINE
    while client.get(path).status_code != status:
        assert monotonic() < deadline, f"{path} is not {status}"
        sleep(0.1)


def test_a_database_that_answers_is_ready(visitor: TestClient) -> None:
    answer = visitor.get("/readyz")
    assert answer.json() == {"status": "ready", "schema_revision": REVISION}
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(("revision", "command"), [("0001", "migrate"), ("9999", "upgrade")])
def test_another_schema_is_not_ready_and_the_log_says_what_to_do(
    visitor: TestClient,
    own: str,
    caplog: pytest.LogCaptureFixture,
    revision: str,
    command: str,
) -> None:
    with sqlite3.connect(own) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    answer = visitor.get("/readyz", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.headers["cache-control"] == "no-store"
    assert command in caplog.text
    assert own not in answer.text, "where it is, is no business of strangers"


def test_many_probes_within_a_second_ask_the_database_once(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(
        "app.web.telemetry.telemetry.require_revision", lambda engine: asked.append(monotonic())
    )
    began = monotonic()
    while len(asked) < 3:
        assert visitor.get("/readyz").status_code == 200
        assert monotonic() < began + DEADLINE
    assert asked[2] - asked[0] > 2 * READY_TTL_SECONDS * 0.9


def test_a_database_that_hangs_is_told_in_time_even_where_every_thread_waits_for_it(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_answer = Event()

    def hang(engine: object) -> None:
        may_answer.wait(DEADLINE)

    monkeypatch.setattr("app.web.telemetry.telemetry.require_revision", hang)
    monkeypatch.setattr("app.web.telemetry.telemetry.last_runs", hang)
    try:
        answer = visitor.get("/readyz")
        assert answer.status_code == 503
        assert f"within {TIMEOUT_SECONDS:g} seconds" in caplog.text
        assert scrape(visitor).value("microscope_database_up") == 0
        assert visitor.get("/healthz").status_code == 200
    finally:
        may_answer.set()


def test_postgresql_that_is_restarted_is_noticed_and_found_again() -> None:
    """By the same server, without a restart of its own."""
    with running_postgres() as server:
        url = server.new_schema()
        open_for_writing(url).dispose()
        with TestClient(create_app(Settings(database=url))) as client:
            assert client.get("/readyz").status_code == 200
            assert scrape(client).value("microscope_database_up") == 1
            server.stop("immediate")
            await_status(client, "/readyz", 503)
            assert client.get("/healthz").status_code == 200
            server.start()
            await_status(client, "/readyz", 200)
            assert client.get("/models").status_code == 200
