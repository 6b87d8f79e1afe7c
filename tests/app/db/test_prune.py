"""Pruning on both engines: exactly what nothing refers to goes, and its size is told before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from app import tables
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance import hidden_images, prune
from app.db.records import ImageRecord, ModelRecord
from app.db.statements import add_images
from app.db.transactions import reading, writing
from app.errors import InputError
from app.evidence.class_attribution import Effect
from app.evidence.examples import Example, Scan
from app.evidence.visualizations import Visualization
from tests.app.curated import fill_small

KEPT = (
    Visualization,
    Example,
    Scan,
    Effect,
    tables.Run,
    tables.Hidden,
)


@pytest.fixture
def store(
    engine: Engine, make_model: Callable[..., ModelRecord], draw: Callable[..., ImageRecord]
) -> Engine:
    fill_small(engine, make_model, draw)
    return engine


def counts(engine: Engine, *tables: type[tables.Base]) -> list[int]:
    with reading(engine) as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def leave(engine: Engine, draw: Callable[[int], ImageRecord]) -> int:
    """Pictures of nothing, a recipe of nothing, an example of nothing with its view, and a sheet of
    nothing with its picture; the bytes of the pictures."""
    pictures = [draw(5000 + each) for each in range(4)]
    with writing(engine) as connection:
        add_images(connection, pictures)
        connection.execute(insert(tables.Recipe).values(sha256="e" * 64, body={}))
        home = connection.scalar(select(tables.Dataset.id).order_by(tables.Dataset.id))
        view = {"path": "gone.jpg", "label": None, "image_sha256": pictures[0].sha256}
        connection.execute(insert(tables.DatasetImage).values(dataset_id=home, **view))
        layer = connection.scalar(select(tables.Layer.id).order_by(tables.Layer.id))
        sheet = {"technique": "nothing", "number": 0, "present": "1", "fingerprint": "f" * 64}
        row = sheet | {"layer_id": layer, "image_sha256": pictures[1].sha256}
        connection.execute(insert(tables.Sheet).values(row))
    return sum(len(picture.bytes) for picture in pictures)


def test_nothing_is_left_over_in_a_database_that_was_only_filled(store: Engine) -> None:
    assert prune.leftovers(store) == prune.Leftovers(0, 0, 0, 0, 0)


def test_what_nothing_refers_to_is_counted_then_removed(
    store: Engine, draw: Callable[[int], ImageRecord]
) -> None:
    kinds = (tables.Image, tables.Recipe, tables.DatasetImage, tables.Sheet)
    before, kept = counts(store, *kinds), counts(store, *KEPT)
    size = leave(store, draw)
    expected = prune.Leftovers(images=4, bytes=size, recipes=1, dataset_images=1, sheets=1)
    assert prune.leftovers(store) == expected
    assert prune.prune(store) == expected
    assert counts(store, *kinds) == before
    assert counts(store, *KEPT) == kept
    assert prune.prune(store) == prune.Leftovers(0, 0, 0, 0, 0)


def test_a_sheet_stays_while_it_shows_something(
    store: Engine, draw: Callable[[int], ImageRecord]
) -> None:
    picture = draw(5000)
    with writing(store) as connection:
        add_images(connection, [picture])
        layer = connection.scalar(select(tables.Layer.id).where(tables.Layer.name == "mixed3b"))
        sheet = {"layer_id": layer, "image_sha256": picture.sha256, "present": "1"}
        rows = [
            sheet | {"technique": technique, "number": number, "fingerprint": "f" * 64}
            for technique in ("channel", "example")
            for number in (0, 1)
        ]
        connection.execute(insert(tables.Sheet), rows)
    assert prune.prune(store).sheets == 2
    with reading(store) as connection:
        assert set(connection.scalars(select(tables.Sheet.number))) == {0}
        assert connection.scalar(select(func.count()).select_from(tables.Sheet)) == 2


def test_every_table_that_refers_to_pictures_and_recipes_is_known() -> None:
    """A new reference must be told to `prune`, or it would remove what is in use."""
    found = {
        (table.name, key.column.table.name)
        for table in tables.Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ("image", "recipe", "dataset_image")
    }
    assert found == {
        ("visualization", "image"),
        ("dataset_image", "image"),
        ("sheet", "image"),
        ("visualization", "recipe"),
        ("scan", "recipe"),
        ("effect", "recipe"),
        ("example", "dataset_image"),
    }


def test_what_is_hidden_stays_hidden(store: Engine) -> None:
    hidden_images.hide(store, {"0" * 64: "not stored"})
    prune.prune(store)
    assert [view.reason for view in hidden_images.listed(store)] == ["not stored"]


def test_a_vacuum_gives_the_space_back(tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    engine = open_for_writing(str(path))
    with writing(engine) as connection:
        add_images(connection, [ImageRecord.of(bytes(2_000_000), "image/png", 1, 1)])
    assert prune.prune(engine).bytes == 2_000_000
    prune.require_file(engine)
    before = path.stat().st_size
    prune.vacuum(engine)
    engine.dispose()
    assert path.stat().st_size < before / 2
    reader = open_for_reading(str(path))
    assert counts(reader, tables.Image) == [0]
    reader.dispose()


def test_a_vacuum_is_refused_where_there_is_no_file(store: Engine) -> None:
    if store.dialect.name == "sqlite":
        prune.require_file(store)
        return
    with pytest.raises(InputError, match="PostgreSQL makes room by itself"):
        prune.require_file(store)
