"""What is not copied, and what is not copied onto."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select, text, update

from app import tables
from app.db.copy.table_parts import ORDER
from app.db.copy.transfer import copy_database, copy_into
from app.db.engine import open_for_copying, open_for_reading, open_for_writing
from app.db.transactions import writing
from app.errors import DatabaseBusy, DatabaseUnusable, InputError, StoreError
from app.evidence.examples import Example
from app.evidence.visualizations import Visualization
from tests.app.conftest import made_up_model
from tests.app.db.conftest import NewStore
from tests.app.db.copy.samples import StopError, change, silent, stop_after
from tests.precompute.content import content


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
        first = connection.scalar(select(func.min(tables.Image.id)))
        statement = update(tables.Image).where(tables.Image.id == first)
        connection.execute(statement.values(bytes=b"something else"))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Visualization, {"activation": 0.25}),
        (tables.Recipe, {"body": {"steps": 2}}),
        (Example, {"heat": b""}),
        (tables.Image, {"bytes": b"something else"}),
    ],
)
def test_what_is_not_equal_in_the_end_is_told_and_copied_again(
    changing: str, target: str, table: type[tables.Base], values: dict[str, object]
) -> None:
    """As by a disk that does not keep what was written, or by a hand."""

    def told(what: str, done: int, total: int) -> None:
        if what == f"{ORDER[0]}: equal?":
            engine = open_for_copying(target)
            with writing(engine) as connection:
                connection.execute(update(table).values(**values))
            engine.dispose()

    with pytest.raises(StoreError, match=r"not equal to its source|not what was copied"):
        copy_database(changing, target, told)
    with pytest.raises(DatabaseUnusable, match="unfinished"):
        open_for_reading(target)
    if table is not tables.Image:
        copy_database(changing, target, silent)
        assert content(target) == content(changing)


def test_two_copies_at_once_do_not_mix(changing: str, target: str) -> None:
    """Not even where the lock of the target is lost, as with its connection."""

    def told(what: str, done: int, total: int) -> None:
        if what == "recipe" and done == 0:
            source = open_for_reading(changing)
            copy_into(source, target, silent)
            source.dispose()

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
            number = {"older": "0004", "newer": "9999"}[place]
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{number}'"))
        engine.dispose()
    with pytest.raises(StoreError, match=told):
        copy_database(source, target, silent)
