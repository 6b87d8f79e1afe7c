"""A copy holds what its source holds, on either engine, and is a database like any other."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app import tables
from app.cli import main
from app.db.copy import table_parts
from app.db.copy.transfer import Copied, copy_database
from app.db.engine import open_for_reading, open_for_writing
from app.db.records import ImageRecord
from app.db.statements import add_images
from app.db.transactions import reading, writing
from app.db.writer.writer import Writer
from app.errors import InputError
from tests.app.conftest import made_up_model, visualization
from tests.app.db.conftest import ENGINES, NewStore
from tests.app.db.copy.samples import change, drawn, rows_of, silent, total
from tests.precompute.content import content, intact


def test_every_table_is_copied_after_those_that_it_refers_to() -> None:
    # Each database has a revision of its own.
    assert set(table_parts.ORDER) == set(tables.Base.metadata.tables) - {"revision"}
    places = {name: place for place, name in enumerate(table_parts.ORDER)}
    for name, table in table_parts.ORDER.tables():
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


def test_a_copy_is_written_on_as_its_source_would_be(source: str, target: str) -> None:
    copy_database(source, target, silent)
    engine = open_for_writing(target)
    writer = Writer(engine)
    number = writer.start_run("toy", {}, "0.1.0")
    writer.put_model(made_up_model("second", "ef" * 32))
    writer.put_visualizations(
        "toy", [visualization("mixed3b", 20, image=each) for each in [*drawn()][:1]]
    )
    with reading(engine) as connection:
        runs = list(connection.scalars(select(tables.Run.id).order_by(tables.Run.id)))
        assert runs == [*range(1, number + 1)]
        assert connection.scalar(select(func.count()).select_from(tables.Model)) == 2
    engine.dispose()


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
    held = table_parts.PART_BYTES + 2 * table_parts.PICTURES_AHEAD * size
    assert peak < held + 5_000_000 < number * size


def fill_up(engine: Engine, size: int, number: int) -> None:
    for each in range(number):
        picture = ImageRecord.of(bytes([each]) * size, "image/png", 1, 1)
        with writing(engine) as connection:
            add_images(connection, [picture])


def test_the_command_says_what_was_done(
    source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(main.app, ["copy", "--from", source, "--to", target]) == 0
    out = capsys.readouterr().out
    assert f"is equal to its source: {total(source):,} rows" in out
    assert f"{total(source):,} rows were copied now" in out
    assert main.run(main.app, ["copy", "--from", source, "--to", target]) == 0
    assert "0 rows were copied now" in capsys.readouterr().out
    assert main.run(main.app, ["copy", "--from", source]) == 2
