"""What a page costs: one transaction, few modules, and in a frame the queries of its panels alone.

In one transaction it never mixes two states of the database.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, event

import app
from app.config import Settings
from app.db.transactions import pool_state
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
        if threading.current_thread().name.startswith("AnyIO"):
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
    state: AppState = app_client.app.state.app_state  # type: ignore[attr-defined]
    with transactions(state.engine) as begun:
        assert app_client.get(path).status_code == 200
    assert len(begun) == 1


class PoolProbe:
    """A value for templates that notes the connections in use where it is drawn."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.in_use: list[int] = []

    def __html__(self) -> str:
        self.in_use.append(pool_state(self.engine).in_use)
        return ""


@pytest.mark.parametrize("path", ["/", "/models/toy/mixed3b", UNIT, "/about", "/search?q=fox"])
def test_no_connection_is_held_while_a_page_is_drawn(
    app_client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: AppState = app_client.app.state.app_state  # type: ignore[attr-defined]
    assert pool_state(state.engine).limit > 1
    probe = PoolProbe(state.engine)
    monkeypatch.setitem(state.templates.globals, "version", probe)
    assert app_client.get(path, headers={"Host": "drawn.example"}).status_code == 200
    assert probe.in_use
    assert set(probe.in_use) == {0}


MOST_MODULES = 20
APP = str(Path(app.__file__).parent)


@contextmanager
def called_modules() -> Iterator[set[str]]:
    """The files of `app` in which a function is called, in any thread that starts meanwhile."""
    files: set[str] = set()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(APP):
            files.add(frame.f_code.co_filename)

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_a_unit_page_passes_few_modules(database: str) -> None:
    with called_modules() as files, TestClient(create_app(Settings(database=database))) as client:
        client.get(UNIT)
        files.clear()
        assert client.get(f"{UNIT}?show=whole").status_code == 200
        passed = set(files)
    assert 10 < len(passed) <= MOST_MODULES, sorted(passed)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.current_thread().name.startswith("AnyIO") and statement != "BEGIN":
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        (f"{UNIT}?embed=1&panels=picture", ("neighbour", "effect", "scan")),
        (f"{UNIT}?embed=1&panels=similar", ("effect", "example")),
        (f"{UNIT}/histogram.json?uncached", ("neighbour", "effect", "example")),
        (f"{UNIT}/similar.json?uncached", ("effect", "example", "statistics")),
    ],
)
def test_a_panel_alone_reads_what_it_shows(
    app_client: TestClient, path: str, tables: tuple[str, ...]
) -> None:
    state: AppState = app_client.app.state.app_state  # type: ignore[attr-defined]
    with statements(state.engine) as sent:
        assert app_client.get(path).status_code == 200
    assert sent
    for table in tables:
        assert not [each for each in sent if f"FROM {table} " in each.replace("\n", " ")], table


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"{UNIT}?counted", 11),
        (f"{UNIT}?embed=1&panels=picture&counted", 6),
        (f"{UNIT}/picture.json?counted", 4),
        (f"{UNIT}/histogram.json?counted", 3),
        (f"{UNIT}/similar.json?counted", 3),
    ],
)
def test_a_unit_is_read_with_few_statements(app_client: TestClient, path: str, most: int) -> None:
    state: AppState = app_client.app.state.app_state  # type: ignore[attr-defined]
    with statements(state.engine) as sent:
        assert app_client.get(path).status_code == 200
    assert 0 < len(sent) <= most, sent
    assert len(sent) == len(set(sent))
