"""An application for each test: its counters start at zero."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.main import create_app


@pytest.fixture
def client(own: str) -> Iterator[TestClient]:
    app = create_app(Settings(database=own))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client
