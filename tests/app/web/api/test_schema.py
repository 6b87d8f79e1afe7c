"""The API against its own OpenAPI document: whatever is asked, the answer is one it describes.

Schemathesis asks every address, in process, for what the schema allows and for what it forbids;
its checks are the oracle. The database bears the names that the schema's examples speak of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis import Case
from sqlalchemy import text

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.main import create_app
from app.web.api.fields import DATASET, LAYER, MODEL, RECIPE, UNIT
from app.web.urls import Urls
from tests.app.conftest import fill_database
from tests.app.findings import STUDIED

# What the database calls what the examples speak of.
RENAMED = (
    ("UPDATE layer SET name = :new WHERE name = :old", LAYER, STUDIED[0]),
    (
        'UPDATE unit SET "index" = :new WHERE "index" = :old'
        f" AND layer_id = (SELECT id FROM layer WHERE name = '{LAYER}')",
        UNIT,
        STUDIED[1],
    ),
    ("UPDATE dataset SET slug = :new WHERE slug = :old", DATASET, "foxes"),
    ("UPDATE recipe SET sha256 = :new WHERE id = :old", RECIPE, 1),
)


def filled_database() -> str:
    """A database whose names are those of the schema's examples."""
    path = str(Path(FOLDER.name) / "microscope.db")
    fill_database(path, MODEL)
    engine = open_for_writing(path)
    with writing(engine) as connection:
        for statement, new, old in RENAMED:
            connection.execute(text(statement), {"new": new, "old": old})
    engine.dispose()
    return path


# The application is needed when tests are collected: there is one for each of its operations.
FOLDER = TemporaryDirectory()
app = create_app(Settings(database=filled_database()))
schema = schemathesis.openapi.from_dict(app.openapi())
schema.app = app


@pytest.fixture(scope="module", autouse=True)
def database_of_the_module() -> Iterator[None]:
    yield
    app.state.app_state.engine.dispose()
    FOLDER.cleanup()


PATHS = sorted(schema.raw_schema["paths"])
BRIEFLY = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def described(path: str) -> Any:
    """A test of all that may be asked at an address.

    One for each, with a name of its own: those that `parametrize` makes of a whole schema share an
    id, and of tests that share one pytest-xdist runs one.
    """

    @schema.include(path=path).parametrize()
    @BRIEFLY
    def test(case: Case[Any]) -> None:
        case.call_and_validate()

    return test


for path in PATHS:
    asked = re.sub(r"\W+", "_", path).strip("_")
    globals()[f"test_every_answer_is_one_that_the_schema_describes_at_{asked}"] = described(path)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_examples_ask_for_is_there(path: str) -> None:
    """Else most of what is asked above would be answered by a 404."""
    parameters = schema.raw_schema["paths"][path]["get"].get("parameters", [])
    given = {
        each["name"]: str(each["schema"]["examples"][0])
        for each in parameters
        if "examples" in each["schema"]
    }
    answer = TestClient(app).get(Urls().operation(path, given))
    assert answer.status_code == 200, answer.text
