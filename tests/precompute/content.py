"""A database's content as plain data, ids and dates aside: equal content compares equal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, text

from app.db.engine import database_url

QUERIES = {
    "model": "SELECT slug, title, variant, weights_sha256, input_size FROM model",
    "layer": """SELECT model.slug, layer.name, ordinal, channels, map_size, branches
        FROM layer JOIN model ON model.id = model_id""",
    "unit": """SELECT layer.name, unit."index", unit.title
        FROM unit JOIN layer ON layer.id = layer_id""",
    "image": "SELECT sha256, media_type, width, height, bytes FROM image",
    "recipe": "SELECT sha256, body FROM recipe",
    "visualization": """SELECT layer.name, coalesce(unit."index", -1), technique, seed, member,
            image_sha256, recipe.sha256, activation, maximum, minimum, coalesce(note, '')
        FROM visualization JOIN layer ON layer.id = visualization.layer_id
        LEFT JOIN unit ON unit.id = unit_id JOIN recipe ON recipe.id = recipe_id""",
    "dataset": "SELECT slug, title, licence, fingerprint, images FROM dataset",
    "dataset_image": """SELECT dataset.slug, path, label, image_sha256
        FROM dataset_image JOIN dataset ON dataset.id = dataset_id""",
    "example": """SELECT layer.name, unit."index", dataset.slug, kind, rank, path, activation, y, x,
            "left", upper, "right", lower, heat
        FROM example JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = layer_id
        JOIN dataset_image ON dataset_image.id = dataset_image_id
        JOIN dataset ON dataset.id = example.dataset_id""",
    "statistics": """SELECT layer.name, unit."index", dataset.slug, statistics.images, positions,
            mean, deviation, skew, maximum, minimum, density, image_density,
            coalesce(place, -1), top_images, quantiles, histogram, intervals, class_means,
            class_shares
        FROM statistics JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = layer_id
        JOIN dataset ON dataset.id = dataset_id""",
    "neighbour": """SELECT layer.name, unit."index", within, rank, home.name, other."index",
            correlation
        FROM neighbour JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = unit.layer_id
        JOIN unit other ON other.id = other_id JOIN layer home ON home.id = other.layer_id""",
    "effect": """SELECT layer.name, unit."index", rank, output."index", value, images
        FROM effect JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = unit.layer_id
        JOIN unit output ON output.id = output_id""",
    "scan": """SELECT layer.name, unit."index", dataset.slug, recipe.sha256, top, scan.images
        FROM scan JOIN unit ON unit.id = unit_id JOIN layer ON layer.id = layer_id
        JOIN recipe ON recipe.id = recipe_id JOIN dataset ON dataset.id = dataset_id""",
    "sheet": """SELECT layer.name, technique, number, image_sha256, present, fingerprint
        FROM sheet JOIN layer ON layer.id = layer_id""",
}


def content(database: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows by natural keys, sorted; duplicates stay duplicates.

    Args:
        database: an SQLite file or a URL; the same content compares equal in either.
    """
    with connected(database) as connection:
        return {
            name: sorted((_plain(row) for row in connection.execute(text(query))), key=repr)
            for name, query in QUERIES.items()
        }


def require_same(database: str | Path, wanted: dict[str, list[tuple[Any, ...]]]) -> None:
    """Whole, and with this content; told table by table, since all of it is long."""
    assert not list(intact(database))
    found = content(database)
    for table, rows in wanted.items():
        assert found[table] == rows, table


def counted(database: Path, query: str) -> int:
    """A number from an SQLite file that may not be there yet, or have no tables."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(database)) as connection:
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    """JSON as Python has it: SQLite hands it out as text, PostgreSQL read."""
    return tuple(
        json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        for value in row
    )


@contextmanager
def connected(database: str | Path) -> Iterator[Connection]:
    """A connection of our own, with nothing of the store's in between."""
    engine = create_engine(database_url(str(database)), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def intact(database: str | Path) -> Iterator[str]:
    """What SQLite finds wrong with a database: nothing, if all is well.

    PostgreSQL holds its own references; of it only foreign keys that were never checked are told.
    """
    with connected(database) as connection:
        if connection.dialect.name == "postgresql":
            query = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
            yield from map(str, connection.scalars(text(query)))
            return
        for line in connection.scalars(text("PRAGMA integrity_check")):
            if line != "ok":
                yield str(line)
        yield from map(str, connection.execute(text("PRAGMA foreign_key_check")))
