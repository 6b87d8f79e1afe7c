"""A store on each engine: every test that asks for `store_url` runs on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from app.db.engine import open_for_reading, open_for_writing
from tests.postgres import Postgres, running_postgres

ENGINES = ("sqlite", "postgresql")

NewStore = Callable[[str], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of our own, for as long as the tests run."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def new_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    """Makes the URL of a store that holds nothing yet, on either engine."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return str(tmp_path_factory.mktemp("store") / "store.db")
        server: Postgres = request.getfixturevalue("postgres")
        return server.new_schema()

    return make


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, new_store: NewStore) -> str:
    """The URL of a database that does not hold anything yet."""
    return new_store(request.param)


@pytest.fixture(scope="session")
def template(new_store: NewStore) -> str:
    """An SQLite file with the schema and nothing else: copying it is quicker than making it."""
    path = new_store("sqlite")
    open_for_writing(path).dispose()
    return path


@pytest.fixture
def engine(store_url: str, template: str) -> Iterator[Engine]:
    """An engine for writing, over a database with its schema."""
    if "://" not in store_url:
        shutil.copy(template, store_url)
    engine = open_for_writing(store_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, new_store: NewStore, fill: Callable[[str], None]
) -> Iterator[Engine]:
    """An engine for reading, over the small database of drawn pictures."""
    url = new_store(request.param)
    fill(url)
    engine = open_for_reading(url)
    yield engine
    engine.dispose()
