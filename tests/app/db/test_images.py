"""The bytes of pictures by their hashes, on both databases: those that are shown, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import Engine, delete, event, insert, select, text

from app.db.engine import open_for_reading, open_for_writing
from app.db.queries import images
from app.db.transactions import writing
from app.errors import StoreError
from app.tables import Hidden, Image

NewStore = Callable[[str], str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, new_store: NewStore, fill: Callable[[str], None]) -> str:
    """A filled database."""
    made = new_store(request.param)
    fill(made)
    return made


@pytest.fixture
def reader(url: str) -> Iterator[Engine]:
    engine = open_for_reading(url)
    yield engine
    engine.dispose()


@pytest.fixture
def writer(url: str) -> Iterator[Engine]:
    """Another program that changes the database."""
    engine = open_for_writing(url)
    yield engine
    engine.dispose()


def hashes(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(Image.sha256).order_by(Image.id)))


def test_each_picture_comes_with_its_own_bytes(reader: Engine) -> None:
    wanted = hashes(reader)[:7]
    found = images.stored_images(reader, wanted)
    assert set(found) == set(wanted)
    for name, picture in found.items():
        assert sha256(picture.bytes).hexdigest() == name
        assert picture.media_type == "image/png"


@pytest.mark.parametrize("count", [1, 2, 31, 32])
def test_any_number_of_pictures_is_one_question(reader: Engine, count: int) -> None:
    wanted = hashes(reader)[:count]
    assert len(images.stored_images(reader, wanted)) == count


def test_what_is_not_stored_is_not_found(reader: Engine) -> None:
    known, unknown = hashes(reader)[0], "00" * 32
    assert set(images.stored_images(reader, [known, unknown])) == {known}


def test_a_picture_is_hidden_and_shown_again_at_once(reader: Engine, writer: Engine) -> None:
    first, second = hashes(reader)[:2]
    row = {"sha256": first, "reason": "a test", "created": datetime.now(UTC)}
    with writing(writer) as connection:
        connection.execute(insert(Hidden).values(row))
    assert set(images.stored_images(reader, [first, second])) == {second}
    with writing(writer) as connection:
        connection.execute(delete(Hidden))
    assert set(images.stored_images(reader, [first, second])) == {first, second}


def test_a_driver_that_fails_is_told_in_our_words_and_keeps_no_connection(
    reader: Engine, writer: Engine
) -> None:
    wanted, held = hashes(reader)[:1], []
    event.listen(reader, "checkout", lambda *_: held.append(1))
    event.listen(reader, "checkin", lambda *_: held.append(-1))
    with writing(writer) as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO veiled"))
    with pytest.raises(StoreError, match="hidden"):
        images.stored_images(reader, wanted)
    with writing(writer) as connection:
        connection.execute(text("ALTER TABLE veiled RENAME TO hidden"))
    assert len(images.stored_images(reader, wanted)) == 1
    assert (len(held), sum(held)) == (4, 0)
