"""Hidden pictures in the store, on both engines: gone, with the sheets that show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, delete, insert, select

from app.db.engine import open_for_reading
from app.db.maintenance import hidden_images
from app.db.queries import catalog, unit_detail
from app.db.records import ImageRecord, ModelRecord
from app.db.statements import add_images
from app.db.transactions import reading, writing
from app.tables import Image, Layer, Sheet
from tests.app.curated import fill_small, picture_of, view_of

Keys = set[tuple[str, str, int]]
Draw = Callable[..., ImageRecord]


@pytest.fixture
def store(
    engine: Engine, make_model: Callable[..., ModelRecord], draw: Callable[..., ImageRecord]
) -> Engine:
    fill_small(engine, make_model, draw)
    return engine


def add_sheets(engine: Engine, draw: Draw) -> None:
    """A sheet of each layer's first units for pictures, and one for examples, and a second one."""
    with writing(engine) as connection:
        homes = connection.execute(select(Layer.name, Layer.id).order_by(Layer.id)).all()
        for number, (name, home) in enumerate(homes):
            for place, technique in enumerate(("channel", "example")):
                picture = draw(1000 + 10 * number + place)
                add_images(connection, [picture])
                row = {"layer_id": home, "technique": technique, "number": 0, "present": "1" * 64}
                row |= {"image_sha256": picture.sha256, "fingerprint": name}
                connection.execute(insert(Sheet), [row, row | {"number": 1}])


def sheets(engine: Engine) -> Keys:
    statement = select(Layer.name, Sheet.technique, Sheet.number).join(Sheet)
    with reading(engine) as connection:
        return {
            (name, technique, number) for name, technique, number in connection.execute(statement)
        }


def test_a_hidden_picture_is_nowhere_and_comes_back(store: Engine, draw: Draw) -> None:
    sha256 = picture_of(draw, "mixed3b", 1).sha256
    hidden_images.hide(store, {sha256: "a face"})
    assert catalog.picture(store, sha256) is None
    image = catalog.units(store, "toy", "mixed3b")[1].image
    assert image is not None
    assert image.is_hidden
    hidden_images.unhide(store, [sha256])
    assert catalog.picture(store, sha256) is not None
    assert hidden_images.listed(store) == ()


def test_the_heat_map_of_a_hidden_example_is_hidden_too(store: Engine, draw: Draw) -> None:
    place = ("toy", "mixed3b", 1, "foxes", "top", 1)
    assert unit_detail.heat(store, *place) is not None
    hidden_images.hide(store, {view_of(draw, "mixed3b", 1).sha256: ""})
    assert unit_detail.heat(store, *place) is None
    assert unit_detail.heat(store, "toy", "mixed3b", 1, "foxes", "top", 2) is not None


def test_what_is_hidden_is_listed_whether_it_is_stored_or_not(store: Engine, draw: Draw) -> None:
    sha256 = picture_of(draw, "mixed3b", 1).sha256
    hidden_images.hide(store, {sha256: "a face"})
    hidden_images.hide(store, {"0" * 64: ""})
    hidden_images.hide(store, {sha256: "another reason"})
    told = {view.sha256: (view.reason, view.is_stored) for view in hidden_images.listed(store)}
    assert told == {sha256: ("another reason", True), "0" * 64: ("", False)}


def test_sheets_that_may_show_a_hidden_picture_go_with_it(store: Engine, draw: Draw) -> None:
    add_sheets(store, draw)
    before = sheets(store)
    hidden_images.hide(store, {picture_of(draw, "mixed3b", 1).sha256: ""})
    assert before - sheets(store) == {("mixed3b", "channel", 0)}


def test_sheets_of_examples_go_with_a_hidden_example(store: Engine, draw: Draw) -> None:
    add_sheets(store, draw)
    before = sheets(store)
    hidden_images.hide(store, {view_of(draw, "mixed3b", 1).sha256: ""})
    assert before - sheets(store) == {("mixed3b", "example", 0)}


def test_the_picture_of_a_sheet_that_goes_can_no_longer_be_loaded(
    store: Engine, draw: Draw
) -> None:
    add_sheets(store, draw)
    with writing(store) as connection:
        connection.execute(delete(Sheet).where(Sheet.number == 1))
    shown = draw(1010).sha256
    assert catalog.picture(store, shown) is not None
    hidden_images.hide(store, {picture_of(draw, "mixed3b", 1).sha256: ""})
    with reading(store) as connection:
        assert connection.scalar(select(Image.id).where(Image.sha256 == shown)) is None


def test_a_picture_is_found_by_the_beginning_of_its_hash(store: Engine, draw: Draw) -> None:
    sha256 = picture_of(draw, "mixed3b", 1).sha256
    hidden_images.hide(store, {"0123456789" + "f" * 54: ""})
    assert hidden_images.beginning(store, sha256[:8]) == (sha256,)
    assert hidden_images.beginning(store, sha256) == (sha256,)
    assert hidden_images.beginning(store, "01234567") == ("0123456789" + "f" * 54,)
    assert hidden_images.beginning(store, "ffffffff0") == ()
    assert len(hidden_images.beginning(store, "")) == 2


def test_a_server_that_runs_sees_it_at_once(store: Engine, store_url: str, draw: Draw) -> None:
    reader, sha256 = open_for_reading(store_url), picture_of(draw, "mixed3b", 1).sha256
    assert catalog.picture(reader, sha256) is not None
    hidden_images.hide(store, {sha256: ""})
    assert catalog.picture(reader, sha256) is None
    reader.dispose()
