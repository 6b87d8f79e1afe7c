"""What of a private data set is stored and shown; the tables come from the metadata, not a list."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import LargeBinary, Table

from app.db.copy.transfer import copy_database
from app.tables import Base
from tests.app.export.copies import copy

OWNERS = {"dataset.id", "dataset_image.id"}


def tables_of_datasets() -> list[Table]:
    """Every table that refers to a data set or to an image of one."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if OWNERS & {key.target_fullname for key in table.foreign_keys}
    ]


def private_rows(path: str, table: Table) -> list[dict[str, Any]]:
    """The rows of a table that belong to a private data set."""
    private = "SELECT id FROM dataset WHERE private"
    ways = {
        "dataset.id": private,
        "dataset_image.id": f"SELECT id FROM dataset_image WHERE dataset_id IN ({private})",
    }
    own = " OR ".join(
        f"{key.parent.name} IN ({ways[key.target_fullname]})"
        for key in table.foreign_keys
        if key.target_fullname in OWNERS
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table.name} WHERE {own}")]


def secrets_of(path: str) -> set[str]:
    """The name, the paths and the labels of private data sets."""
    with closing(sqlite3.connect(path)) as connection:
        rows = [*connection.execute("SELECT slug, title, fingerprint FROM dataset WHERE private")]
    found = {value for row in rows for value in row}
    for row in private_rows(path, Base.metadata.tables["dataset_image"]):
        found |= {row["path"], row["label"]}
    return found


@pytest.fixture(scope="module", params=["served", "copied"])
def stored(
    database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The database, and a copy of it."""
    if request.param == "served":
        return database
    target = str(tmp_path_factory.mktemp("private") / "copy.db")
    copy_database(database, target, lambda what, done, total: None)
    return target


def test_no_table_holds_a_picture_of_it(stored: str) -> None:
    filled = 0
    for table in tables_of_datasets():
        for row in private_rows(stored, table):
            filled += 1
            pictures = [
                key.parent.name for key in table.foreign_keys if key.column.table.name == "image"
            ]
            blobs = [each.name for each in table.c if isinstance(each.type, LargeBinary)]
            assert not [name for name in (*pictures, *blobs) if row[name] is not None], table.name
    assert filled > 3


@pytest.mark.parametrize("format", ["site", "parquet"])
def test_an_export_says_nothing_of_it(database: str, tmp_path: Path, format: str) -> None:
    copy(database, tmp_path / "out", format=format)
    words = secrets_of(database)
    assert len(words) > 3
    for path in (tmp_path / "out").rglob("*"):
        text = parquet_text(path) if path.suffix == ".parquet" else bytes_of(path)
        for word in words:
            assert word not in text, (path, word)
            assert word.replace("<", "&lt;").replace(">", "&gt;") not in text, (path, word)


def bytes_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""


def parquet_text(path: Path) -> str:
    import pyarrow.parquet as parquet

    return repr(parquet.read_table(path).to_pylist())


def test_the_server_shows_its_examples_without_pictures(client: TestClient) -> None:
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()
    (scan,) = (each for each in unit["scans"] if each["private"])
    found = list(of_dataset(unit, scan["dataset"]))
    assert len(found) > 3
    assert not [row for row in found if row.get("image") or row.get("heat")]
    page = client.get("/models/toy/mixed3b/2").text
    assert "me.jpg" not in page  # the JSON names paths, pages name labels alone


def of_dataset(value: Any, dataset: str) -> Iterator[dict[str, Any]]:
    """Every object of an answer that says that it belongs to a data set."""
    if isinstance(value, list):
        for each in value:
            yield from of_dataset(each, dataset)
    elif isinstance(value, dict):
        if value.get("dataset") == dataset:
            yield value
        yield from of_dataset(json.loads(json.dumps(list(value.values()))), dataset)
