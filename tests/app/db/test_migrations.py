"""Migrations make exactly the tables that the schema declares, and keep what older ones hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from app import tables
from app.cli import main
from app.db import migrations
from app.db.engine import database_url, open_for_reading, open_for_writing, revision_of
from app.db.queries import catalog, run_status, unit_detail
from app.db.transactions import reading, transaction
from app.errors import DatabaseUnusable, StoreError
from app.evidence.visualizations import Visualization

THEN = datetime(2026, 3, 7, 12, 30, tzinfo=UTC)
Rows = list[dict[str, Any]]


def differences(engine: Engine) -> Sequence[Any]:
    """What alembic would change to make the database as the schema declares it."""
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found: Sequence[Any] = compare_metadata(context, tables.Base.metadata)
        return found


def test_a_migrated_database_has_the_schemas_tables(engine: Engine) -> None:
    assert differences(engine) == []


def test_the_newest_migration_is_the_schemas_revision(engine: Engine) -> None:
    scripts = ScriptDirectory(str(next(iter(migrations.__path__))))
    assert scripts.get_heads() == [tables.REVISION]
    assert revision_of(engine) == tables.REVISION


def test_opening_a_ready_database_migrates_nothing(engine: Engine, store_url: str) -> None:
    again = open_for_writing(store_url)
    with transaction(again) as connection:
        migrations.upgrade(connection)
    assert revision_of(again) == tables.REVISION
    again.dispose()


def image(sha256: str) -> dict[str, Any]:
    return {
        "sha256": sha256 * 64,
        "media_type": "image/png",
        "width": 8,
        "height": 8,
        "bytes": sha256.encode(),
    }


def layer(key: int, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "model_id": 1,
        "name": name,
        "ordinal": key,
        "channels": 2,
        "map_size": 4,
        "stride": None,
        "receptive_field": None,
        "branches": [{"name": "1x1", "start": 0, "stop": 2}],
    }


def picture(key: int, unit: int, technique: str, seed: int, sha256: str) -> dict[str, Any]:
    return {
        "id": key,
        "unit_id": unit,
        "technique": technique,
        "seed": seed,
        "image_sha256": sha256 * 64,
        "recipe_id": 1,
        "activation": 0.1 + key,
        "maximum": 1e9 / 3,
        "seconds": 1.5,
        "created": THEN,
    }


MODEL = {
    "id": 1,
    "slug": "old",
    "title": "Old",
    "variant": "toy",
    "weights_sha256": "ab" * 32,
    "weights_file": "toy.safetensors",
    "licence": "CC0",
    "input_size": 224,
    "created": THEN,
}
DATASET = {
    "id": 1,
    "slug": "foxes",
    "title": "Foxes",
    "licence": "CC0",
    "fingerprint": "cd" * 32,
    "images": 5,
    "created": THEN,
}
EXAMPLE = {"unit_id": 1, "dataset_id": 1, "kind": "top", "rank": 1, "dataset_image_id": 1}
RUN = {
    "id": 1,
    "model": "old",
    "command": "microscope precompute",
    "version": "0.1.0",
    "state": "finished",
    "stage": "examples",
    "done": 5,
    "total": 5,
    "message": "",
    "skipped": ["broken.jpg: truncated"],
    "started": THEN,
    "heartbeat": THEN,
}
# A database as version 0.1 filled it: the classes were rendered by "channel".
OLD: dict[str, Rows] = {
    "model": [MODEL],
    "layer": [layer(1, "mixed3b"), layer(2, "logits")],
    "unit": [
        {"id": key, "layer_id": 1 + key // 3, "index": (key - 1) % 2, "title": None}
        for key in (1, 2, 3, 4)
    ],
    "image": [image(name) for name in "abcd"],
    "recipe": [{"id": 1, "sha256": "ef" * 32, "body": {"steps": 256, "technique": "channel"}}],
    "visualization": [
        picture(1, 1, "channel", 0, "a"),
        picture(2, 1, "channel", 1, "b"),
        picture(3, 1, "negative", 0, "c"),
        picture(7, 4, "channel", 0, "c"),
    ],
    "dataset": [DATASET],
    "dataset_image": [
        {"id": 1, "dataset_id": 1, "path": "a.jpg", "label": "fox", "image_sha256": "d" * 64}
    ],
    "example": [EXAMPLE | {"activation": 3.5, "y": 1, "x": 2}],
    "scan": [
        {"unit_id": 1, "dataset_id": 1, "recipe_id": 1, "top": 1, "images": 5, "created": THEN}
    ],
    "run": [RUN],
}


@pytest.fixture
def old_url(store_url: str) -> str:
    """A database of the first schema, with a row or more in every table."""
    engine = create_engine(database_url(store_url))
    with transaction(engine) as connection:
        migrations.upgrade(connection, "0001")
    tables = MetaData()
    with transaction(engine) as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for row in OLD.get(table.name, []):
                connection.execute(insert(table), row)
    engine.dispose()
    return store_url


def stored(engine: Engine) -> dict[str, Rows]:
    """Every row of every table, by the columns that version 0.1 had."""
    tables = MetaData()
    with reading(engine) as connection:
        tables.reflect(connection)
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    select(*(tables.tables[name].c[column] for column in rows[0]))
                ).mappings()
            ]
            for name, rows in OLD.items()
        }


def expected() -> dict[str, Rows]:
    """What version 0.1 stored, with the classes' technique under its new name."""
    pictures = [
        row | {"technique": "logit"} if row["unit_id"] == 4 else row for row in OLD["visualization"]
    ]
    return OLD | {"visualization": pictures}


def plain(rows: Rows) -> list[tuple[str, ...]]:
    """Rows to compare: in any order, moments without their zone, which SQLite does not keep."""
    return sorted(
        tuple(
            str(value.replace(tzinfo=None) if isinstance(value, datetime) else value)
            for _, value in sorted(row.items())
        )
        for row in rows
    )


def test_an_upgrade_keeps_every_row(old_url: str) -> None:
    engine = open_for_writing(old_url)
    assert revision_of(engine) == tables.REVISION
    found, wanted = stored(engine), expected()
    assert {name: plain(rows) for name, rows in found.items()} == {
        name: plain(rows) for name, rows in wanted.items()
    }
    engine.dispose()


def test_an_upgraded_database_has_the_schemas_tables(old_url: str) -> None:
    engine = open_for_writing(old_url)
    assert differences(engine) == []
    engine.dispose()


def test_upgraded_pictures_are_read_as_before(old_url: str) -> None:
    open_for_writing(old_url).dispose()
    engine = open_for_reading(old_url)
    views = unit_detail.unit(engine, "old", "mixed3b", 0).visualizations
    assert [(view.technique, view.seed, view.member) for view in views] == [
        ("channel", 0, 0),
        ("channel", 1, 0),
        ("negative", 0, 0),
    ]
    assert (views[0].activation, views[0].maximum) == (1.1, 1e9 / 3)
    assert (views[0].minimum, views[0].note, views[0].created) == (None, None, THEN)
    (first, second) = catalog.units(engine, "old", "logits")
    assert (first.image, second.image and second.image.sha256) == (None, "c" * 64)
    assert run_status.stored_visualizations(engine, "old", "logit") == {("logits", 1, 0): "ef" * 32}
    assert unit_detail.layer_pictures(engine, "old", "mixed3b") == ()
    picture = catalog.picture(engine, "b" * 64)
    assert picture is not None
    assert picture.bytes == b"b"
    engine.dispose()


def test_an_upgraded_database_keeps_the_new_rules(old_url: str) -> None:
    engine = open_for_writing(old_url)
    row = picture(8, 1, "channel", 0, "a") | {"layer_id": 1, "member": 0}
    whole = row | {"unit_id": None, "technique": "deepdream", "id": 9}
    refused = [row, row | {"layer_id": None, "seed": 5}, row | {"layer_id": 77, "seed": 5}]
    with engine.begin() as connection:
        connection.execute(insert(Visualization), whole)
        connection.execute(insert(Visualization), whole | {"id": 10, "layer_id": 2})
    for each in [*refused, whole | {"id": 11}]:
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(Visualization), each)
    engine.dispose()


def test_a_reader_of_an_older_database_is_told_what_to_run(old_url: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        open_for_reading(old_url)
    for part in ("older version", "schema 0001", "microscope migrate"):
        assert part in caught.value.message


def test_the_command_that_readers_name_upgrades(
    old_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(main.app, ["migrate", "--database", old_url]) == 0
    assert "is ready" in capsys.readouterr().out
    open_for_reading(old_url).dispose()


def test_an_upgrade_that_fails_changes_nothing(old_url: str) -> None:
    engine = create_engine(database_url(old_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE in_the_way (id INTEGER)"))
        connection.execute(
            text("CREATE INDEX ix_visualization_layer_id_technique_seed_member ON in_the_way (id)")
        )
    engine.dispose()
    with pytest.raises(StoreError, match="already exists"):
        open_for_writing(old_url)
    engine = create_engine(database_url(old_url))
    assert revision_of(engine) == "0001"
    assert {name: plain(rows) for name, rows in stored(engine).items()} == {
        name: plain(rows) for name, rows in OLD.items()
    }
    engine.dispose()
