"""A store on each engine: every test that asks for `store_url` runs on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from app.store.engine import open_for_reading, open_for_writing

ENGINES = ("sqlite", "postgresql")

NewStore = Callable[[str], str]

numbers = count()


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def lower_user() -> str | None:
    """PostgreSQL refuses to run as root; then another user runs it."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, for as long as the tests run; its URL."""
    home = programs()
    if home is None:
        message = "PostgreSQL is not installed: the tests of the store on it were not run"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder, user = Path(tempfile.mkdtemp(prefix="microscope-postgres-")), lower_user()
    prefix: list[str | Path] = []
    if user:
        shutil.chown(folder, user)
        prefix = ["setpriv", f"--reuid={user}", "--clear-groups"]
    port, data = free_port(), folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd=folder)

    run(home / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    run(home / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    run(home / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


def new_postgres_schema(server: str) -> str:
    """The URL of an empty schema, which is made far faster than a database."""
    name = f"store_{next(numbers)}"
    administrator = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with administrator.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    administrator.dispose()
    return f"{server}?options=-csearch_path%3D{name}"


@pytest.fixture(scope="session")
def new_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    """Makes the URL of a store that holds nothing yet, on either engine."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return str(tmp_path_factory.mktemp("store") / "store.db")
        return new_postgres_schema(request.getfixturevalue("postgres"))

    return make


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, new_store: NewStore) -> str:
    """The URL of a database that does not hold anything yet."""
    return new_store(request.param)


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """An engine for writing, over a database with its schema."""
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
