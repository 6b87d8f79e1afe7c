"""The database's revision: replaced by every writer, of one state only, and never repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, delete, select, update

from app.db.check.repair import remove_broken
from app.db.copy.transfer import copy_database
from app.db.derived.refresh import refresh_all
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance.abandon import abandon
from app.db.maintenance.hidden_images import hide, unhide
from app.db.maintenance.prune import prune
from app.db.queries.run_status import read_state
from app.db.records import DatasetRecord, ImageRecord, ModelRecord, ScanRecord
from app.db.transactions import reading, writing
from app.db.writer.labels import LabelRecord, replace_labels
from app.db.writer.writer import Writer
from app.errors import StoreError
from app.tables import Model, Revision, Run, Unit
from tests.app.conftest import SCAN_RECIPE, made_up_model, visualization
from tests.app.curated import fill_small
from tests.app.db.conftest import NewStore
from tests.app.findings import EFFECT_RECIPE, effects

HENS = DatasetRecord("hens", "Hens", "CC0", "ce" * 32, 500)
CURVES = LabelRecord("mixed3b", 2, 5, "curves", None, None, "us")


def silent(what: str, done: int, total: int) -> None:
    """Reports nothing."""


def changes(engine: Engine) -> Iterator[tuple[str, Callable[[], object]]]:
    """What can be written to a filled database, in an order that works."""
    writer = Writer(engine)
    scans = [ScanRecord("mixed3b", 1, 3, 500)]
    yield "model", lambda: writer.put_model(made_up_model("other", "cd" * 32))
    yield "class names", lambda: writer.put_model(made_up_model())
    yield "pictures", lambda: writer.put_visualizations("toy", [visualization("mixed3b", 9)])
    yield "data set", lambda: writer.put_dataset(HENS)
    yield "scan", lambda: writer.put_examples("toy", "hens", SCAN_RECIPE, [], scans, {})
    effect = effects("mixed3b", 2)
    yield "effects", lambda: writer.put_effects("toy", "foxes", EFFECT_RECIPE, effect)
    yield "labels", lambda: replace_labels(engine, {"toy": [CURVES]})
    yield "refresh", lambda: refresh_all(engine)
    yield "hide", lambda: hide(engine, {"a" * 64: "on request"})
    yield "unhide", lambda: unhide(engine, ["a" * 64])
    yield "prune", lambda: prune(engine)
    yield "repair", lambda: remove_broken(engine, silent)
    yield "run begins", lambda: writer.start_run("toy", {}, "0.1.0")
    yield "heartbeat", lambda: writer.beat(1, "channel", 0, 3)
    yield "run is lost", writer.end_lost_runs
    yield "run ends", lambda: writer.end_run(1, "interrupted")
    yield "run is given up", lambda: abandon(engine, [1])


def test_every_writer_replaces_the_revision(
    engine: Engine, make_model: Callable[..., ModelRecord], draw: Callable[..., ImageRecord]
) -> None:
    fill_small(engine, make_model, draw)
    tokens = [read_state(engine).token]
    for name, change in changes(engine):
        change()
        tokens.append(read_state(engine).token)
        assert tokens[-1] not in tokens[:-1], name


def test_a_read_leaves_the_revision(engine: Engine) -> None:
    first = read_state(engine)
    with reading(engine) as connection:
        connection.execute(select(Model.title)).all()
    assert read_state(engine) == first


def test_a_transaction_that_fails_leaves_the_revision(engine: Engine) -> None:
    Writer(engine).put_model(made_up_model())
    first = read_state(engine).token
    with pytest.raises(StoreError), writing(engine) as connection:
        connection.execute(update(Model).values(title=None))
    assert read_state(engine).token == first


def test_new_databases_have_different_revisions(store_url: str, new_store: NewStore) -> None:
    urls = [store_url, *(new_store("sqlite") for _ in range(2))]
    tokens = set()
    for url in urls:
        engine = open_for_writing(url)
        tokens.add(read_state(engine).token)
        engine.dispose()
    assert len(tokens) == len(urls)
    assert "" not in tokens


def test_a_copy_has_a_revision_of_its_own(
    engine: Engine, store_url: str, new_store: NewStore
) -> None:
    Writer(engine).put_model(made_up_model())
    target = new_store("sqlite")
    copy_database(store_url, target, silent)
    copied = open_for_reading(target)
    assert read_state(copied).token != read_state(engine).token
    copied.dispose()


def test_a_database_without_a_revision_is_an_error_of_ours(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(Revision))
    with pytest.raises(StoreError):
        read_state(engine)


def test_an_unfinished_run_lives_for_three_minutes_after_its_heartbeat(engine: Engine) -> None:
    writer = Writer(engine)
    assert not read_state(engine).has_live_run(datetime.now(UTC))
    run = writer.start_run("toy", {}, "0.1.0")
    beat = datetime(2026, 12, 1, 12, tzinfo=UTC)
    with writing(engine) as connection:
        connection.execute(update(Run).values(heartbeat=beat))
    state = read_state(engine)
    assert state.has_live_run(beat + timedelta(minutes=2, seconds=59))
    assert not state.has_live_run(beat + timedelta(minutes=3))
    writer.end_run(run, "finished")
    assert not read_state(engine).has_live_run(datetime.now(UTC))


def test_of_several_unfinished_runs_the_newest_counts(engine: Engine) -> None:
    writer = Writer(engine)
    beat = datetime(2026, 12, 1, 12, tzinfo=UTC)
    for minutes in (0, 5, 2):
        run = writer.start_run("toy", {}, "0.1.0")
        with writing(engine) as connection:
            moment = beat + timedelta(minutes=minutes)
            connection.execute(update(Run).where(Run.id == run).values(heartbeat=moment))
    state = read_state(engine)
    assert state.has_live_run(beat + timedelta(minutes=7))
    assert not state.has_live_run(beat + timedelta(minutes=8))


def test_a_revision_before_and_after_a_read_is_that_of_what_was_read(
    engine: Engine, store_url: str
) -> None:
    """A writer commits all the time; what is read between two equal revisions is of that one."""
    Writer(engine).put_model(made_up_model())
    end = Event()

    def write() -> None:
        for number in count():
            with writing(engine) as connection:
                connection.execute(update(Model).values(title=f"{number}"))
                connection.execute(update(Unit).values(title=f"{number}"))
            # As many equal readings as others; without a pause few revisions last for a read.
            if end.wait(0.003):
                return

    reader = open_for_reading(store_url)
    thread = Thread(target=write)
    thread.start()
    seen: dict[str, set[str]] = {}
    try:
        for _ in range(300):
            before = read_state(reader).token
            with reading(reader) as connection:
                titles = {connection.scalar(select(Model.title))}
                titles |= set(connection.scalars(select(Unit.title).distinct()))
            if read_state(reader).token == before:
                seen.setdefault(before, set()).update(str(title) for title in titles)
    finally:
        end.set()
        thread.join()
        reader.dispose()
    seen = {token: titles for token, titles in seen.items() if "A toy network" not in titles}
    assert len(seen) > 1
    assert all(len(titles) == 1 for titles in seen.values())
