"""Units by lot: each that has a picture as likely as any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
from sqlalchemy import Engine

from app.db.engine import open_for_writing
from app.db.queries import sampling
from app.db.records import ModelRecord, VisualizationRecord
from app.db.writer.writer import Writer


@pytest.fixture
def writer(store_url: str, make_model: Callable[..., ModelRecord]) -> Iterator[Writer]:
    writer = Writer(open_for_writing(store_url))
    writer.put_model(make_model())
    yield writer
    writer.engine.dispose()


def drawn(engine: Engine, times: int, model: str = "") -> Counter[tuple[str, str, int] | None]:
    lot = Random(7)
    return Counter(sampling.any_unit(engine, lot, model) for _ in range(times))


def test_units_with_a_picture_are_drawn_alike(
    writer: Writer, make_visualization: Callable[..., VisualizationRecord]
) -> None:
    some = [("conv2d0", 3), ("mixed3b", 0), ("mixed3b", 23), ("logits", 1)]
    writer.put_visualizations("toy", [make_visualization(*unit) for unit in some])
    found = drawn(writer.engine, 400)
    assert set(found) == {("toy", *unit) for unit in some}
    assert all(60 < times < 140 for times in found.values())


@pytest.mark.parametrize("tickets", [0, 1])
def test_where_tickets_do_not_suffice_units_are_counted(
    writer: Writer,
    make_visualization: Callable[..., VisualizationRecord],
    monkeypatch: pytest.MonkeyPatch,
    tickets: int,
) -> None:
    monkeypatch.setattr(sampling, "TICKETS", tickets)
    writer.put_visualizations("toy", [make_visualization("mixed3b", unit) for unit in (4, 9)])
    found = drawn(writer.engine, 100)
    assert set(found) == {("toy", "mixed3b", 4), ("toy", "mixed3b", 9)}
    assert all(times > 25 for times in found.values())


def test_without_pictures_any_unit_is_drawn(writer: Writer) -> None:
    found = drawn(writer.engine, 300)
    assert len(found) > 35
    assert None not in found


def test_a_model_keeps_to_its_own(writer: Writer, make_model: Callable[..., ModelRecord]) -> None:
    writer.put_model(make_model("second"))
    found = drawn(writer.engine, 50, "second")
    assert {unit[0] for unit in found if unit} == {"second"}
    assert sampling.any_unit(writer.engine, Random(1), "nothing") is None


def test_an_empty_store_has_none(store_url: str) -> None:
    engine = open_for_writing(store_url)
    assert sampling.any_unit(engine, Random(1)) is None
    engine.dispose()
