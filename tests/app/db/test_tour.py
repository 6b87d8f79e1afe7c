"""The tour in the store: chosen from what is there, and rewritten only where that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, delete, event, insert, select

from app import tables
from app.db.engine import open_for_reading, open_for_writing
from app.db.tour.stored_tour import highlights, renew_tour
from app.db.transactions import reading, writing
from app.db.writer.rows import now
from app.db.writer.writer import Writer
from app.evidence.class_attribution import Effect


@pytest.fixture
def writer(store_url: str, fill: Callable[..., None]) -> Iterator[Writer]:
    fill(store_url)
    engine = open_for_writing(store_url)
    yield Writer(engine)
    engine.dispose()


def ranks(engine: Engine) -> list[tuple[int, str, int]]:
    table = tables.Highlight
    statement = select(table.rank, table.kind, table.unit_id).order_by(table.rank)
    with reading(engine) as connection:
        return [(rank, kind, unit) for rank, kind, unit in connection.execute(statement)]


def test_a_tour_is_chosen_once_and_read_with_its_pictures(writer: Writer, store_url: str) -> None:
    written = renew_tour(writer, "toy")
    reader = open_for_reading(store_url)
    found = highlights(reader)
    reader.dispose()
    assert written == len(found) > 3
    assert len({view.kind for view in found}) == len(found)
    assert all(view.image for view in found)
    (dead,) = (view for view in found if view.kind == "dead")
    assert (dead.layer, dead.unit, dead.value) == ("mixed3b", 11, None)
    (argument,) = (view for view in found if view.kind == "supports")
    assert (argument.layer, argument.unit) == ("mixed3b", 2)
    assert (argument.value, argument.detail) == (3.5, "grey fox")
    (detail,) = (view for view in found if view.kind == "detail")
    assert (detail.layer, detail.value) == ("conv2d0", 7.0)


def test_nothing_is_written_where_nothing_changed(writer: Writer) -> None:
    renew_tour(writer, "toy")
    before = ranks(writer.engine)
    statements: list[str] = []
    event.listen(writer.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert renew_tour(writer, "toy") == 0
    assert ranks(writer.engine) == before
    assert not [each for each in statements if each.startswith("INSERT")]


def test_only_what_changed_is_rewritten(writer: Writer) -> None:
    renew_tour(writer, "toy")
    before = ranks(writer.engine)
    with writing(writer.engine) as connection:
        connection.execute(delete(Effect))
    changed = renew_tour(writer, "toy")
    after = ranks(writer.engine)
    kinds = {kind for _, kind, _ in after}
    assert not kinds & {"supports", "opposes"}
    places = {rank: (kind, unit) for rank, kind, unit in before}
    kept = sum(places.get(rank) == (kind, unit) for rank, kind, unit in after)
    assert changed >= max(len(before), len(after)) - kept > 0
    assert renew_tour(writer, "toy") == 0


def test_a_unit_with_a_hidden_picture_is_passed_over(writer: Writer) -> None:
    renew_tour(writer, "toy")
    (stop,) = (view for view in highlights(writer.engine) if view.kind == "detail")
    assert stop.image is not None
    row = {"sha256": stop.image.sha256, "reason": "why not", "created": now()}
    with writing(writer.engine) as connection:
        connection.execute(insert(tables.Hidden).values(**row))
    assert renew_tour(writer, "toy") > 0
    (other,) = (view for view in highlights(writer.engine) if view.kind == "detail")
    assert other.unit != stop.unit


def test_each_model_has_a_tour_of_its_own(
    writer: Writer, store_url: str, fill: Callable[..., None]
) -> None:
    fill(store_url, "second")
    renew_tour(writer, "toy")
    before = [view for view in highlights(writer.engine) if view.model == "toy"]
    renew_tour(writer, "second")
    found = highlights(writer.engine)
    assert [view for view in found if view.model == "toy"] == before
    assert {view.model for view in found} == {"toy", "second"}


def test_an_unknown_model_has_none(writer: Writer) -> None:
    assert renew_tour(writer, "nothing") == 0
    assert highlights(writer.engine) == ()
