"""A page or a JSON answer reads the database in one transaction: it never mixes two states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, event

from app.config import Settings
from app.main import create_app
from app.web.dependencies import AppState
from app.web.urls import Urls
from tests.app.pages_of import FOUND, Place, pages

UNIT = "/models/toy/mixed3b/2"
DATA = ["/models.json", "/models/toy.json", "/models/toy/mixed3b.json", f"{UNIT}.json"]
DATA += [f"{UNIT}/{panel}.json" for panel in ("picture", "examples", "histogram", "similar")]
DATA += [f"{UNIT}/glance.json", "/search.json?q=fox", "/api/v1/runs", "/api/v1/datasets"]
DATA += ["/api/v1/models/toy/classes", "/api/v1/models/toy/layers/mixed3b/units"]
PATHS = sorted({*(pages(Urls(), Place())[kind] for kind in FOUND), *DATA})


@contextmanager
def transactions(engine: Engine) -> Iterator[list[Connection]]:
    """Those of routes; the page cache reads the revision in a thread of its own."""
    begun: list[Connection] = []

    def note(connection: Connection) -> None:
        if current_thread().name.startswith("AnyIO"):
            begun.append(connection)

    event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(engine, "begin", note)


@pytest.fixture(scope="module")
def app_client(database: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=database)), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_reads_one_state_of_the_database(app_client: TestClient, path: str) -> None:
    app = app_client.app
    state: AppState = app.state.app_state  # type: ignore[attr-defined]
    with transactions(state.engine) as begun:
        assert app_client.get(path).status_code == 200
    assert len(begun) == 1
