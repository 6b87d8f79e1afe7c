"""Copying between engines: equal in the end, wherever it was interrupted, and never over others."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, insert, select, text, update

from app import cli
from app.errors import DatabaseBusy, DatabaseUnusable, InputError, StoreError
from app.store import copy_rows, schema
from app.store.copy import Copied, copy, copy_database
from app.store.engine import (
    open_for_copying,
    open_for_reading,
    open_for_writing,
    reading,
    writing,
)
from app.store.records import ImageRecord
from app.store.statements import add_images
from app.store.write import Writer
from tests.app.conftest import draw_picture, made_up_model, visualization
from tests.app.curated import fill_small
from tests.app.store.conftest import ENGINES, NewStore
from tests.precompute.content import content, intact

Fill = Callable[[str], None]
Row = dict[str, Any]


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


@pytest.fixture(scope="module", params=ENGINES)
def source(request: pytest.FixtureRequest, new_store: NewStore, fill: Fill) -> str:
    """A small database that is not changed."""
    url = new_store(request.param)
    fill(url)
    return url


@pytest.fixture
def target(source: str, new_store: NewStore) -> str:
    """An empty place on the other engine."""
    return new_store(other_engine(source))


def other_engine(url: str) -> str:
    return "sqlite" if "://" in url else "postgresql"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is copied in several transactions."""
    monkeypatch.setattr(copy_rows, "PART_ROWS", 7)
    monkeypatch.setattr(copy_rows, "PART_BYTES", 3000)


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every table with its keys, which `content` leaves aside."""
    engine = open_for_reading(url)
    with reading(engine) as connection:
        found = {
            name: sorted(tuple(map(str, row)) for row in connection.execute(select(table.c[0])))
            for name, table in schema.Base.metadata.tables.items()
        }
    engine.dispose()
    return {name: list(rows) for name, rows in found.items()}


def total(url: str) -> int:
    return sum(map(len, rows_of(url).values()))


def test_every_table_is_copied_after_those_that_it_refers_to() -> None:
    assert set(copy_rows.ORDER) == set(schema.Base.metadata.tables)
    places = {name: place for place, name in enumerate(copy_rows.ORDER)}
    for name, table in copy_rows.ORDER.tables():
        for key in table.foreign_keys:
            assert places[key.column.table.name] < places[name], name


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("kind", ENGINES)
def test_a_copy_holds_what_its_source_holds(source: str, kind: str, new_store: NewStore) -> None:
    target = new_store(kind)
    done = copy_database(source, target, silent)
    assert content(target) == content(source)
    assert rows_of(target) == rows_of(source)
    assert not list(intact(target))
    assert done == Copied(total(source), len(content(source)["image"]), total(source))
    assert not {"unfinished_copy"} & set(tables_of(target))


def tables_of(url: str) -> list[str]:
    engine = open_for_reading(url)
    with reading(engine) as connection:
        names = connection.dialect.get_table_names(connection)
    engine.dispose()
    return list(names)


class StopError(Exception):
    """What stands for anything that ends a copy midway."""


def stop_after(parts: int) -> Callable[[str, int, int], None]:
    """Ends a copy when it has written so many parts."""
    written = itertools.count()

    def told(what: str, done: int, total: int) -> None:
        if done and next(written) >= parts:
            raise StopError

    return told


def stopped(source: str, target: str, told: Callable[[str, int, int], None]) -> bool:
    """Whether a copy was stopped before its end."""
    try:
        copy_database(source, target, told)
    except StopError:
        return True
    return False


@pytest.mark.usefixtures("small_parts")
def test_a_copy_that_is_stopped_again_and_again_goes_on_where_it_was(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[int] = []
    add_part = copy_rows.add_part

    def counting(engine: Engine, name: str, part: copy_rows.Part, after: object) -> None:
        add_part(engine, name, part, after)  # type: ignore[arg-type]
        added.append(len(part.rows))

    monkeypatch.setattr("app.store.copy.add_part", counting)
    stops = 0
    while stopped(source, target, stop_after(22)):
        with pytest.raises(DatabaseUnusable, match="unfinished copy of"):
            open_for_reading(target)
        with pytest.raises(DatabaseUnusable, match="run the same `microscope copy` again"):
            open_for_writing(target)
        stops += 1
    assert stops > 2
    assert content(target) == content(source)
    assert sum(added) == total(source), "nothing is copied twice"


def test_a_finished_copy_is_found_equal_and_left_alone(changing: str, target: str) -> None:
    copy_database(changing, target, silent)
    assert copy_database(changing, target, silent).added == 0
    assert copy_database(target, changing, silent).added == 0
    dream = visualization("mixed3b", None, 0, "deepdream")
    change(changing, lambda writer: writer.put_visualizations("toy", [dream]))
    before = content(target)
    with pytest.raises(InputError, match="holds something else"):
        copy_database(changing, target, silent)
    assert content(target) == before


def change(url: str, how: Callable[[Writer], object]) -> None:
    engine = open_for_writing(url)
    how(Writer(engine))
    engine.dispose()


@pytest.fixture
def changing(target: str, new_store: NewStore) -> str:
    """A very small source that a test changes, of the other engine than its target."""
    url = new_store(other_engine(target))
    change(url, lambda writer: fill_small(writer.engine, made_up_model, draw_picture))
    return url


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("parts", [2, 7, 14])
def test_what_changed_since_a_copy_was_stopped_is_copied_anew(
    changing: str, target: str, parts: int
) -> None:
    with pytest.raises(StopError):
        copy_database(changing, target, stop_after(parts))
    again = [visualization("conv2d0", unit, image=picture) for unit, picture in enumerate(drawn())]
    change(changing, lambda writer: writer.put_visualizations("toy", again, replace=True))
    change(changing, lambda writer: writer.start_run("toy", "microscope precompute", "0.1.0"))
    copy_database(changing, target, silent)
    assert content(target) == content(changing)
    assert rows_of(target) == rows_of(changing)


def drawn() -> Iterator[ImageRecord]:
    return (draw_picture(9000 + number) for number in range(5))


@pytest.mark.usefixtures("small_parts")
def test_what_a_writer_commits_meanwhile_waits_for_the_next_copy(
    changing: str, target: str
) -> None:
    before = content(changing)
    wanted = [visualization("mixed3b", 20)]

    def told(what: str, done: int, total: int) -> None:
        if wanted:
            new = wanted.pop()
            change(changing, lambda writer: writer.put_visualizations("toy", [new]))

    copy_database(changing, target, told)
    assert content(target) == before
    assert content(changing) != before


def test_a_copy_is_written_on_as_its_source_would_be(source: str, target: str) -> None:
    copy_database(source, target, silent)
    engine = open_for_writing(target)
    writer = Writer(engine)
    number = writer.start_run("toy", "microscope precompute", "0.1.0")
    writer.put_model(made_up_model("second", "ef" * 32))
    writer.put_visualizations(
        "toy", [visualization("mixed3b", 20, image=each) for each in [*drawn()][:1]]
    )
    with reading(engine) as connection:
        runs = list(connection.scalars(select(schema.Run.id).order_by(schema.Run.id)))
        assert runs == [*range(1, number + 1)]
        assert connection.scalar(select(func.count()).select_from(schema.Model)) == 2
    engine.dispose()


def test_a_database_of_other_content_is_left_as_it_is(source: str, target: str) -> None:
    change(target, lambda writer: writer.put_model(made_up_model("mine", "ef" * 32)))
    before = content(target)
    with pytest.raises(InputError, match="left as it is"):
        copy_database(source, target, silent)
    assert content(target) == before


def test_an_unfinished_copy_of_another_database_is_refused(
    source: str, target: str, new_store: NewStore
) -> None:
    other = new_store("sqlite")
    change(other, lambda writer: writer.put_model(made_up_model("mine", "ef" * 32)))
    with pytest.raises(StopError):
        copy_database(other, target, stop_after(0))
    with pytest.raises(InputError, match=r"is an unfinished copy of .*store\.db, not of"):
        copy_database(source, target, silent)


def test_a_database_is_not_copied_to_itself(source: str) -> None:
    with pytest.raises(InputError, match="to itself"):
        copy_database(source, source, silent)
    if "://" not in source:
        with pytest.raises(InputError, match="to itself"):
            copy_database(source, f"sqlite:///{source}", silent)


def test_a_broken_picture_is_not_copied(changing: str, target: str) -> None:
    change(changing, lambda writer: spoil(writer.engine))
    with pytest.raises(StoreError, match=r"is broken.*microscope check --database"):
        copy_database(changing, target, silent)


def spoil(engine: Engine) -> None:
    """Alter a picture's bytes."""
    with writing(engine) as connection:
        first = connection.scalar(select(func.min(schema.Image.id)))
        statement = update(schema.Image).where(schema.Image.id == first)
        connection.execute(statement.values(bytes=b"something else"))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (schema.Visualization, {"activation": 0.25}),
        (schema.Recipe, {"body": {"steps": 2}}),
        (schema.Example, {"heat": b""}),
        (schema.Image, {"bytes": b"something else"}),
    ],
)
def test_what_is_not_equal_in_the_end_is_told_and_copied_again(
    changing: str, target: str, table: type[schema.Base], values: dict[str, object]
) -> None:
    """As by a disk that does not keep what was written, or by a hand."""

    def told(what: str, done: int, total: int) -> None:
        if what == "image: equal?":
            engine = open_for_copying(target)
            with writing(engine) as connection:
                connection.execute(update(table).values(**values))
            engine.dispose()

    with pytest.raises(StoreError, match=r"not equal to its source|not what was copied"):
        copy_database(changing, target, told)
    with pytest.raises(DatabaseUnusable, match="unfinished"):
        open_for_reading(target)
    if table is not schema.Image:
        copy_database(changing, target, silent)
        assert content(target) == content(changing)


def test_two_copies_at_once_do_not_mix(changing: str, target: str) -> None:
    def told(what: str, done: int, total: int) -> None:
        if what == "recipe" and done == 0:
            copy_database(changing, target, silent)

    with pytest.raises(DatabaseBusy, match="one copy at a time"):
        copy_database(changing, target, told)
    assert content(target) == content(changing)


@pytest.mark.parametrize(
    ("place", "told"),
    [("from", "There is no database"), ("older", "microscope migrate"), ("newer", "pip install")],
)
def test_a_source_that_cannot_be_read_is_told(
    place: str, told: str, target: str, new_store: NewStore
) -> None:
    source = new_store("sqlite")
    if place != "from":
        engine = open_for_writing(source)
        with writing(engine) as connection:
            number = {"older": "0001", "newer": "9999"}[place]
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{number}'"))
        engine.dispose()
    with pytest.raises(StoreError, match=told):
        copy_database(source, target, silent)


def test_many_pictures_are_never_in_memory_at_once(tmp_path: Path) -> None:
    source, target = str(tmp_path / "source.db"), str(tmp_path / "target.db")
    size, number = 500_000, 70
    change(source, lambda writer: fill_up(writer.engine, size, number))
    tracemalloc.start()
    try:
        copy_database(source, target, silent)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    held = copy_rows.PART_BYTES + 2 * copy_rows.PICTURES_AHEAD * size
    assert peak < held + 5_000_000 < number * size


def fill_up(engine: Engine, size: int, number: int) -> None:
    for each in range(number):
        picture = ImageRecord.of(bytes([each]) * size, "image/png", 1, 1)
        with writing(engine) as connection:
            add_images(connection, [picture])


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.just(-0.0)
leaves = st.none() | st.booleans() | st.integers() | numbers | texts
objects = st.dictionaries(texts, leaves, max_size=3)
bodies = objects | st.lists(leaves | objects | st.lists(leaves, max_size=3), max_size=3)
moments = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=45))))


@pytest.fixture(scope="module")
def three(new_store: NewStore) -> Iterator[tuple[Engine, Engine, Engine]]:
    """SQLite, PostgreSQL, and SQLite again."""
    engines = tuple(
        open_for_copying(new_store(kind)) for kind in ("sqlite", "postgresql", "sqlite")
    )
    yield engines  # type: ignore[misc]
    for engine in engines:
        engine.dispose()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(bodies, texts, numbers, numbers | st.none(), moments), min_size=6, max_size=25
    )
)
def test_whatever_is_stored_comes_back_from_the_other_engine(
    three: tuple[Engine, Engine, Engine], drawn: list[tuple[Any, str, float, float | None, Any]]
) -> None:
    first, second, third = three
    for engine in three:
        with writing(engine) as connection:
            for name in reversed(copy_rows.ORDER):
                connection.execute(delete(copy_rows.ORDER.table(name)))
    with writing(first) as connection:
        for number, (body, name, activation, minimum, moment) in enumerate(drawn, start=1):
            for table, row in rows_from(number, body, name, activation, minimum, moment):
                connection.execute(insert(table), row)
    copy(first, second, silent)
    copy(second, third, silent)
    assert everything(third) == everything(first)


def rows_from(
    number: int, body: Any, name: str, activation: float, minimum: float | None, moment: Any
) -> list[tuple[type[schema.Base], dict[str, Any]]]:
    """A row or two of the tables whose columns are of every type."""
    data = name.encode() + bytes([number])
    sha256 = ImageRecord.of(data, "image/png", 1, 1).sha256
    picture: Row = {
        "sha256": sha256,
        "media_type": "image/png",
        "width": 1,
        "height": 1,
        "bytes": data,
    }
    run: Row = {"model": "m", "command": name, "version": "1", "state": "failed", "skipped": [name]}
    model: Row = {"slug": str(number), "title": name, "variant": "v", "weights_sha256": sha256}
    model |= {"weights_file": name, "licence": name, "input_size": number, "created": moment}
    layer: Row = {"name": "l", "ordinal": 1, "channels": 1, "map_size": 1, "branches": [body]}
    shown: Row = {"layer_id": number, "unit_id": None, "technique": "t", "seed": number}
    shown |= {"image_sha256": sha256, "recipe_id": number, "activation": activation}
    shown |= {"maximum": activation, "minimum": minimum, "note": name, "seconds": 0.1}
    # Numbers with gaps, as they are after pictures were replaced.
    return [
        (schema.Image, picture | {"id": 7 * number}),
        (schema.Recipe, {"id": number, "sha256": sha256, "body": {"of": body}}),
        (schema.Model, model | {"id": number}),
        (schema.Layer, layer | {"id": number, "model_id": number}),
        (schema.Visualization, shown | {"id": 3 * number, "created": moment}),
        (schema.Hidden, {"sha256": sha256, "reason": name, "created": moment}),
        (schema.Run, run | {"id": number, "started": moment, "heartbeat": moment}),
    ]


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(table.c[0]))]
            for name, table in copy_rows.ORDER.tables()
        }


DYING = """
import itertools, os, signal, sys
from sqlalchemy import Engine, event
from app.store import copy_rows
copy_rows.PART_ROWS = 5
left = itertools.count(int(sys.argv.pop(1)), -1)
def die(*_):
    if next(left) <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
# Before a commit all of a part is written, and none of it is there.
event.listen(Engine, "commit", die)
event.listen(Engine, "before_cursor_execute", die)
from app.cli import main
main()
"""


def test_a_copy_that_is_killed_again_and_again_ends_equal(source: str, target: str) -> None:
    command = ["copy", "--from", source, "--to", target]
    for statements in (60, 110):
        done = subprocess.run(
            [sys.executable, "-c", DYING, str(statements), *command], capture_output=True
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert cli.run(cli.app, command) == 0
    assert content(target) == content(source)
    assert not list(intact(target))


def test_the_command_says_what_was_done(
    source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(cli.app, ["copy", "--from", source, "--to", target]) == 0
    out = capsys.readouterr().out
    assert f"is equal to its source: {total(source):,} rows" in out
    assert f"{total(source):,} rows were copied now" in out
    assert cli.run(cli.app, ["copy", "--from", source, "--to", target]) == 0
    assert "0 rows were copied now" in capsys.readouterr().out
    assert cli.run(cli.app, ["copy", "--from", source]) == 2
