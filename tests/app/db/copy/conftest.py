"""A source and an empty target on the other engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.db.copy import table_parts
from tests.app.conftest import draw_picture, made_up_model
from tests.app.curated import fill_small
from tests.app.db.conftest import ENGINES, NewStore
from tests.app.db.copy.samples import change, other_engine

Fill = Callable[[str], None]


@pytest.fixture(scope="session", params=ENGINES)
def source(request: pytest.FixtureRequest, new_store: NewStore, fill: Fill) -> str:
    """A small database that is not changed."""
    url = new_store(request.param)
    fill(url)
    return url


@pytest.fixture
def target(source: str, new_store: NewStore) -> str:
    """An empty place on the other engine."""
    return new_store(other_engine(source))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is copied in several transactions."""
    monkeypatch.setattr(table_parts, "PART_ROWS", 7)
    monkeypatch.setattr(table_parts, "PART_BYTES", 3000)


@pytest.fixture
def changing(target: str, new_store: NewStore) -> str:
    """A very small source that a test changes, of the other engine than its target."""
    url = new_store(other_engine(target))
    change(url, lambda writer: fill_small(writer.engine, made_up_model, draw_picture))
    return url
