"""Whole tables in parts, and the database as the public may see it; on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.bulk import tables as bulk
from app.db.engine import open_for_reading, open_for_writing
from app.db.privacy import publish
from app.db.queries import catalog, run_status, unit_detail
from app.db.transactions import reading
from app.db.writer.writer import Writer
from app.evidence.examples import Example
from app.tables import Dataset, Hidden
from tests.app.db.conftest import ENGINES, NewStore

Both = tuple[Engine, Engine]


@pytest.fixture(scope="module", params=ENGINES)
def both(
    request: pytest.FixtureRequest, new_store: NewStore, fill: Callable[[str], None]
) -> Iterator[Both]:
    """The small database, as it is and as it is published."""
    url = new_store(request.param)
    fill(url)
    plain, public = open_for_reading(url), publish(open_for_reading(url))
    yield plain, public
    plain.dispose()
    public.dispose()


def named(name: str) -> bulk.ExportTable:
    return next(table for table in bulk.tables() if table.name == name)


def rows(engine: Engine, name: str) -> list[tuple[object, ...]]:
    return [row for part in bulk.rows(engine, named(name), bulk.homes(engine)) for row in part]


def test_parts_are_small_and_together_are_everything(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _ = both
    whole = rows(engine, "examples")
    monkeypatch.setattr(bulk, "PART", 7)
    parts = list(bulk.rows(engine, named("examples"), bulk.homes(engine)))
    assert max(map(len, parts)) == 7
    assert [row for part in parts for row in part] == whole
    with reading(engine) as connection:
        assert len(whole) == connection.scalar(select(func.count()).select_from(Example))


@pytest.mark.parametrize("name", [table.name for table in bulk.tables()])
def test_every_table_is_read_in_the_same_order_each_time(both: Both, name: str) -> None:
    _, public = both
    found = rows(public, name)
    assert found == rows(public, name)
    assert found or name == "labels"


def test_pictures_are_told_once_without_those_that_are_hidden(
    store_url: str, fill: Callable[[str], None]
) -> None:
    fill(store_url)
    engine = open_for_writing(store_url)
    (before,) = bulk.pictures(engine, bulk.homes(engine))
    assert len(set(before)) == len(before)
    hidden = {"sha256": before[0][0], "reason": "x", "created": func.now()}
    with engine.begin() as connection:
        connection.execute(insert(Hidden).values(**hidden))
    (after,) = bulk.pictures(engine, bulk.homes(engine))
    assert after == before[1:]
    shown = {row[6] for row in rows(engine, "visualizations")} | {
        row[8] for row in rows(engine, "examples")
    }
    assert before[0][0] not in shown
    engine.dispose()


def test_a_scope_is_of_models_and_layers(both: Both) -> None:
    engine, _ = both
    names = [(home.model, home.layer) for home in bulk.homes(engine, (), {"logits", "mixed3b"})]
    assert names == [("toy", "mixed3b"), ("toy", "logits")]
    assert bulk.homes(engine, {"another"}) == ()


def test_what_is_published_lacks_private_data_sets_alone(both: Both) -> None:
    plain, public = both
    before, after = (unit_detail.unit(each, "toy", "mixed3b", 2) for each in both)
    assert {each.dataset for each in before.scans} == {"foxes", "secrets"}
    assert {each.dataset for each in after.scans} == {"foxes"}
    assert after.examples == tuple(e for e in before.examples if e.dataset == "foxes")
    assert after.statistics == tuple(e for e in before.statistics if e.dataset == "foxes")
    assert after.neighbours == before.neighbours
    assert after.effects == before.effects
    assert catalog.units(public, "toy", "mixed3b") == catalog.units(plain, "toy", "mixed3b")
    assert [each.slug for each in run_status.datasets(public)] == ["foxes"]


def test_what_is_published_does_not_run(store_url: str) -> None:
    engine = open_for_writing(store_url)
    Writer(engine).start_run("toy", {}, "0.1.0")
    engine.dispose()
    plain, public = open_for_reading(store_url), publish(open_for_reading(store_url))
    assert run_status.live_run(plain) is not None
    assert run_status.live_run(public) is None
    plain.dispose()
    public.dispose()


def test_the_published_database_still_cannot_be_written(both: Both) -> None:
    plain, public = both
    with (
        pytest.raises(SQLAlchemyError, match=r"(?i)readonly|read-only|query_only"),
        public.connect() as connection,
    ):
        connection.execute(text("DELETE FROM label"))
    with reading(plain) as connection:
        assert connection.scalar(select(func.count()).select_from(Dataset)) == 2
