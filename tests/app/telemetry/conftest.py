"""An application of each test's own: what is counted begins at nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def own(database: str, tmp_path: Path) -> str:
    """A copy of the filled database, which a test may change."""
    path = str(tmp_path / "own.db")
    shutil.copy(database, path)
    return path


@pytest.fixture
def visitor(own: str) -> Iterator[TestClient]:
    app = create_app(Settings(database=own))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client
