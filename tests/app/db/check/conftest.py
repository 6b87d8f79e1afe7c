"""A database as the toy network's precompute makes it, made once, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db.engine import open_for_writing
from tests.app.db.check.samples import TOY, duplicate, run
from tests.app.db.conftest import ENGINES, NewStore


@pytest.fixture(scope="session")
def toy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the toy network's precompute makes it; nobody changes it."""
    path = tmp_path_factory.mktemp("toy") / "toy.db"
    made = run(*TOY, "--database", str(path))
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="session", params=ENGINES)
def toy_url(request: pytest.FixtureRequest, new_store: NewStore, toy_file: Path) -> str:
    return duplicate(toy_file, new_store(request.param))


@pytest.fixture(scope="session")
def toy(toy_url: str) -> Iterator[Engine]:
    engine = open_for_writing(toy_url)
    yield engine
    engine.dispose()
