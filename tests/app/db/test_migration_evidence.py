"""The third schema: databases of the second keep every row, and are to be scanned again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from app import tables
from app.db import migrations
from app.db.engine import database_url, open_for_reading, open_for_writing, revision_of
from app.db.queries import catalog, run_status, unit_detail
from app.db.transactions import transaction
from app.db.writer.evidence_rows import add_statistics
from app.db.writer.rows import find_places
from app.errors import DatabaseUnusable, StoreError
from app.evidence.class_attribution import Effect
from app.evidence.similar_units import Neighbour
from tests.app.db.test_migrations import (
    DATASET,
    OLD,
    Rows,
    differences,
    expected,
    plain,
    stored,
)
from tests.app.findings import statistics_of

NEW_TABLES = {
    "statistics", "neighbour", "effect", "sheet", "highlight", "label", "hidden", "revision",
}  # fmt: skip
# A database as the second schema held it.
PICTURES: Rows = [
    row | {"layer_id": 1 + (row["unit_id"] - 1) // 3, "member": 0, "minimum": -1.5, "note": None}
    for row in expected()["visualization"]
]
SECOND = expected() | {"visualization": PICTURES}


@pytest.fixture
def second_url(store_url: str) -> str:
    """A database of the second schema, with a row or more in every table."""
    engine = create_engine(database_url(store_url))
    with transaction(engine) as connection:
        migrations.upgrade(connection, "0002")
    tables = MetaData()
    with transaction(engine) as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for row in SECOND.get(table.name, []):
                connection.execute(insert(table), row)
    engine.dispose()
    return store_url


@pytest.fixture
def upgraded(second_url: str) -> Iterator[Engine]:
    engine = open_for_writing(second_url)
    yield engine
    engine.dispose()


def test_every_table_of_the_second_schema_is_tried(second_url: str) -> None:
    tables = MetaData()
    engine = create_engine(database_url(second_url))
    tables.reflect(engine)
    engine.dispose()
    assert set(tables.tables) - {"alembic_version"} == set(SECOND)


def test_an_upgrade_keeps_every_row(upgraded: Engine) -> None:
    assert revision_of(upgraded) == tables.REVISION
    found = stored(upgraded)
    assert {name: plain(rows) for name, rows in found.items()} == {
        name: plain(rows) for name, rows in expected().items()
    }
    (first, *_) = unit_detail.unit(upgraded, "old", "mixed3b", 0).visualizations
    assert first.minimum == -1.5


def test_an_upgraded_database_has_the_schemas_tables(upgraded: Engine) -> None:
    assert differences(upgraded) == []
    tables = MetaData()
    tables.reflect(upgraded)
    assert set(tables.tables) - {"alembic_version"} == set(SECOND) | NEW_TABLES


def test_what_an_older_scan_found_is_still_shown(upgraded: Engine) -> None:
    unit = unit_detail.unit(upgraded, "old", "mixed3b", 0)
    (example,) = unit.examples
    assert (example.activation, example.y, example.x, example.label) == (3.5, 1, 2, "fox")
    assert (example.box, example.has_heat) == (None, False)
    assert example.image is not None
    assert (*unit.statistics, *unit.neighbours, *unit.effects) == ()
    assert [scan.private for scan in unit.scans] == [False]
    assert [dataset.private for dataset in run_status.datasets(upgraded)] == [False]
    assert not any(each.statistics for each in catalog.units(upgraded, "old", "mixed3b"))


def test_an_older_scan_is_to_be_made_again(upgraded: Engine) -> None:
    assert run_status.stored_scans(upgraded, "old", "foxes") == {}
    with transaction(upgraded) as connection:
        places = find_places(connection, "old")
        add_statistics(connection, places, 1, [statistics_of("mixed3b", 0)])
    assert run_status.stored_scans(upgraded, "old", "foxes") == {("mixed3b", 0): 1}


def test_an_upgraded_database_keeps_the_new_rules(upgraded: Engine) -> None:
    near: dict[str, Any] = {
        "unit_id": 1,
        "dataset_id": 1,
        "within": True,
        "rank": 1,
        "correlation": 0.5,
    }
    effect: dict[str, Any] = near | {"value": 1.0, "images": 1, "recipe_id": 1}
    del effect["within"], effect["correlation"]
    with upgraded.begin() as connection:
        connection.execute(insert(Neighbour), near | {"other_id": 2})
        connection.execute(insert(Neighbour), near | {"other_id": 2, "within": False})
        connection.execute(insert(Effect), effect | {"output_id": 4})
    refused: list[tuple[type[tables.Base], dict[str, Any]]] = [
        (Neighbour, near | {"other_id": 3}),
        (Neighbour, near | {"other_id": 99, "rank": 2}),
        (Effect, effect | {"output_id": 3}),
        (Effect, effect | {"output_id": 3, "rank": 2, "recipe_id": 99}),
        (tables.Dataset, DATASET | {"id": 2, "slug": "hens", "private": None}),
    ]
    for table, row in refused:
        with pytest.raises(IntegrityError), upgraded.begin() as connection:
            connection.execute(insert(table), row)


def test_a_reader_of_the_second_schema_is_told_what_to_run(second_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"schema 0002.*microscope migrate"):
        open_for_reading(second_url)


def test_an_upgrade_that_fails_changes_nothing(second_url: str) -> None:
    engine = create_engine(database_url(second_url))
    before = stored(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE effect (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="already exists"):
        open_for_writing(second_url)
    engine = create_engine(database_url(second_url))
    assert revision_of(engine) == "0002"
    assert stored(engine) == before
    tables = MetaData()
    tables.reflect(engine)
    assert "private" not in tables.tables["dataset"].c
    assert "statistics" not in tables.tables
    assert len(before["visualization"]) == len(OLD["visualization"])
    engine.dispose()
