"""What a scan finds: stored whole, replaced by unit, read as it came; and private data sets."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, func, select

from app import tables
from app.db.queries import catalog, run_status, unit_detail
from app.db.records import (
    DatasetRecord,
    EffectRecord,
    ExampleRecord,
    ImageRecord,
    ModelRecord,
    NeighbourRecord,
    RecipeRecord,
    ScanRecord,
    StatisticsRecord,
)
from app.db.transactions import reading
from app.db.views.evidence import StatisticsView, UnitDetail
from app.db.writer.writer import Writer
from app.errors import DatasetConflict, InputError, NotFound, StoreError
from app.evidence.class_attribution import Effect
from app.evidence.examples import Example
from tests.app.findings import HOSTILE, SECRET, STUDIED, heat_of, statistics_of

RECIPE = RecipeRecord.from_body({"top": 3})
FOXES = DatasetRecord("foxes", "Foxes", "CC0", "cd" * 32, 500)
HENS = DatasetRecord("hens", "Hens", "CC0", "ce" * 32, 50)

Draw = Callable[..., ImageRecord]


@pytest.fixture
def writer(engine: Engine, make_model: Callable[..., ModelRecord]) -> Writer:
    writer = Writer(engine)
    writer.put_model(make_model())
    writer.put_dataset(FOXES)
    writer.put_dataset(HENS)
    return writer


def scan(
    writer: Writer,
    units: list[int],
    statistics: list[StatisticsRecord] | None = None,
    neighbours: list[NeighbourRecord] | None = None,
    dataset: str = "foxes",
) -> None:
    """Store what a scan of some units of mixed3b found, without examples."""
    scans = [ScanRecord("mixed3b", unit, 3, 500) for unit in units]
    writer.put_examples("toy", dataset, RECIPE, [], scans, {}, statistics or [], neighbours or [])


def detail(writer: Writer, unit: int) -> UnitDetail:
    return unit_detail.unit(writer.engine, "toy", "mixed3b", unit)


def rows(engine: Engine, table: type[tables.Base]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def as_record(view: StatisticsView, layer: str, unit: int) -> StatisticsRecord:
    """A view with its unit's name, to compare with what was stored."""
    names = ("images", "positions", "quantiles", "histogram", "intervals", "class_means")
    fields = {name: getattr(view, name) for name in (*names, "class_shares", "top_images")}
    return StatisticsRecord(layer=layer, unit=unit, **fields, **view.summary._asdict())


def test_statistics_are_read_as_they_were_stored(writer: Writer) -> None:
    record = replace(statistics_of("mixed3b", 1), positions=15_000_000_000, mean=1e9 / 3)
    scan(writer, [1], [record])
    (found,) = detail(writer, 1).statistics
    assert found.dataset == "foxes"
    assert as_record(found, "mixed3b", 1) == record
    assert found.class_means[0].label == HOSTILE[0]


def test_a_scan_replaces_what_its_units_had_and_nothing_else(writer: Writer) -> None:
    near = [NeighbourRecord("mixed3b", unit, "mixed3b", 9, True, 1, 0.5) for unit in (1, 2)]
    scan(writer, [1, 2], [statistics_of("mixed3b", unit) for unit in (1, 2)], near)
    scan(writer, [1], [statistics_of("mixed3b", 1)], [], "hens")
    new = replace(statistics_of("mixed3b", 1), mean=99.0)
    scan(writer, [1], [new], [replace(near[0], other_unit=7), replace(near[0], rank=2)])
    first, second = detail(writer, 1), detail(writer, 2)
    assert [(each.dataset, each.summary.mean) for each in first.statistics] == [
        ("foxes", 99.0),
        ("hens", -1.0),
    ]
    assert [each.index for each in first.neighbours] == [7, 9]
    assert [each.index for each in second.neighbours] == [9]
    assert len(second.statistics) == 1


def test_a_scan_counts_only_with_its_statistics(writer: Writer) -> None:
    scan(writer, [1, 2], [statistics_of("mixed3b", 1)])
    scan(writer, [2], [statistics_of("mixed3b", 2)], dataset="hens")
    assert run_status.stored_scans(writer.engine, "toy", "foxes") == {("mixed3b", 1): 3}
    scan(writer, [1])
    assert run_status.stored_scans(writer.engine, "toy", "foxes") == {}
    assert run_status.stored_scans(writer.engine, "toy", "hens") == {("mixed3b", 2): 3}


def test_what_fails_leaves_everything_as_it_was(writer: Writer) -> None:
    scan(writer, [1], [statistics_of("mixed3b", 1)])
    before = detail(writer, 1)
    stranger = NeighbourRecord("mixed3b", 1, "mixed3b", 24, True, 1, 0.5)
    nameless = replace(statistics_of("mixed3b", 1), mean=None)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="mixed3b:24"):
        scan(writer, [1], [statistics_of("mixed3b", 1)], [stranger])
    with pytest.raises(StoreError, match="refused"):
        scan(writer, [1], [nameless])
    assert detail(writer, 1) == before


def test_a_scan_is_one_transaction(writer: Writer) -> None:
    commits: list[object] = []
    event.listen(writer.engine, "commit", commits.append)
    near = NeighbourRecord("mixed3b", 1, "conv2d0", 3, False, 1, 0.5)
    scan(writer, [1], [statistics_of("mixed3b", 1)], [near])
    writer.put_effects("toy", "foxes", RECIPE, [EffectRecord("mixed3b", 1, 0, 1, 2.0, 5)])
    assert len(commits) == 2


def test_similar_units_come_with_their_pictures(filled: Engine) -> None:
    found = unit_detail.unit(filled, "toy", *STUDIED).neighbours
    assert [(each.layer, each.index, each.within, each.rank) for each in found] == [
        ("mixed3b", 5, True, 1),
        ("mixed3b", 23, True, 2),
        ("conv2d0", 3, False, 1),
        ("logits", 1, False, 2),
    ]
    (first,) = (unit for unit in catalog.units(filled, "toy", "mixed3b") if unit.index == 5)
    assert (found[0].image, found[1].image) == (first.image, None)
    assert (found[3].title, found[3].correlation) == ("<b>&\"'", -0.25)


def test_effects_come_for_then_against_the_most_first(filled: Engine) -> None:
    unit = unit_detail.unit(filled, "toy", *STUDIED)
    assert [(each.output, each.rank, each.value) for each in unit.effects] == [
        (2, 1, 3.5),
        (0, 2, 0.5),
        (1, -1, -1.75),
        (3, -2, -0.25),
    ]
    assert unit.effects[0].title == "grey fox"
    assert unit.effect_recipes["foxes"].body["images"] == 20


def test_effects_are_replaced_by_unit_and_data_set(writer: Writer) -> None:
    first = [EffectRecord("mixed3b", unit, 0, 1, 2.0, 5) for unit in (1, 2)]
    other = RecipeRecord.from_body({"images": 9})
    writer.put_effects("toy", "foxes", RECIPE, first)
    writer.put_effects("toy", "hens", RECIPE, first)
    writer.put_effects("toy", "foxes", other, [EffectRecord("mixed3b", 1, 3, -1, -4.0, 9)])
    found = [(each.dataset, each.output, each.value) for each in detail(writer, 1).effects]
    assert found == [("foxes", 3, -4.0), ("hens", 0, 2.0)]
    assert run_status.stored_effects(writer.engine, "toy", "foxes") == {
        ("mixed3b", 1): other.sha256,
        ("mixed3b", 2): RECIPE.sha256,
    }
    assert run_status.stored_effects(writer.engine, "toy", "none") == {}


def test_effects_need_a_class_and_a_data_set(writer: Writer) -> None:
    with pytest.raises(NotFound, match="logits:4"):
        writer.put_effects("toy", "foxes", RECIPE, [EffectRecord("mixed3b", 1, 4, 1, 2.0, 5)])
    with pytest.raises(NotFound, match="none"):
        writer.put_effects("toy", "none", RECIPE, [])
    assert rows(writer.engine, Effect) == rows(writer.engine, tables.Recipe) == 0


def test_an_example_keeps_its_field_and_its_heat(writer: Writer) -> None:
    seen = ExampleRecord("mixed3b", 1, "top", 1, "a.jpg", None, 9.0, 1, 2, (0, 5, 7, 12))
    plain = ExampleRecord("mixed3b", 1, "interval-11", 1, "a.jpg", None, 9.0, 1, 2)
    examples = [replace(seen, heat=heat_of(28, 30)), plain]
    scans = [ScanRecord("mixed3b", 1, 1, 500)]
    writer.put_examples("toy", "foxes", RECIPE, examples, scans, {})
    without, with_both = detail(writer, 1).examples
    assert (with_both.box, with_both.has_heat) == ((0, 5, 7, 12), True)
    assert (without.box, without.has_heat) == (None, False)
    place = (writer.engine, "toy", "mixed3b", 1, "foxes")
    heat = unit_detail.heat(*place, "top", 1)
    assert heat is not None
    assert zlib.decompress(heat.bytes)[30] == 255
    for kind, rank in (("interval-11", 1), ("top", 2), ("none", 1)):
        assert unit_detail.heat(*place, kind, rank) is None


def test_lists_of_units_have_the_statistics_of_the_first_data_set(writer: Writer) -> None:
    assert catalog.statistics_dataset(writer.engine, "toy", "mixed3b") is None
    scan(
        writer,
        [1, 3],
        [statistics_of("mixed3b", 1, 0.0), statistics_of("mixed3b", 3)],
        None,
        "hens",
    )
    scan(writer, [1], [statistics_of("mixed3b", 1, 0.5, 0.001)])
    found = {unit.index: unit.statistics for unit in catalog.units(writer.engine, "toy", "mixed3b")}
    assert [index for index, each in found.items() if each] == [1]
    assert found[1] is not None
    assert (found[1].mean, found[1].is_dead, found[1].is_rare) == (-1.0, False, True)
    assert catalog.statistics_dataset(writer.engine, "toy", "mixed3b") == ("foxes", "Foxes")
    assert catalog.statistics_dataset(writer.engine, "toy", "conv2d0") is None
    assert not any(unit.statistics for unit in catalog.units(writer.engine, "toy", "conv2d0"))


def test_lists_never_select_heat(filled: Engine) -> None:
    statements: list[str] = []
    event.listen(filled, "before_cursor_execute", lambda *given: statements.append(given[2]))
    unit_detail.unit(filled, "toy", *STUDIED)
    catalog.units(filled, "toy", "mixed3b")
    assert statements
    for statement in statements:
        assert "heat" not in statement.replace("example.heat IS NOT NULL", "")
    units = statements[-1]
    assert "statistics.mean" in units
    assert "histogram" not in units, "long columns are for one unit"


def test_a_private_data_sets_pictures_are_refused(writer: Writer, draw: Draw) -> None:
    writer.put_dataset(SECRET)
    place, heat = (0, 0, 9, 9), heat_of(28, 30)
    found = [ExampleRecord("mixed3b", 1, "top", 1, "me.jpg", "me", 9.0, 1, 2, place, heat)]
    scans = [ScanRecord("mixed3b", 1, 1, 40)]
    with pytest.raises(InputError, match="'secrets' is private"):
        writer.put_examples("toy", "secrets", RECIPE, found, scans, {"me.jpg": draw(1)})
    assert rows(writer.engine, tables.Image) == rows(writer.engine, Example) == 0
    writer.put_examples("toy", "secrets", RECIPE, found, scans, {})
    unit = detail(writer, 1)
    assert unit.scans[0].private
    assert (unit.examples[0].label, unit.examples[0].box) == ("me", (0, 0, 9, 9))
    assert unit.examples[0].image is None
    assert not unit.examples[0].has_heat, "where an image excites a unit shows its shapes"


def test_a_data_set_that_becomes_private_loses_its_pictures(writer: Writer, draw: Draw) -> None:
    plain = ExampleRecord("mixed3b", 1, "top", 1, "a.jpg", "fox", 9.0, 1, 2)
    found, scans = [replace(plain, heat=heat_of(28, 30))], [ScanRecord("mixed3b", 1, 1, 500)]
    for dataset in ("foxes", "hens"):
        view = {"a.jpg": draw(len(dataset))}
        writer.put_examples("toy", dataset, RECIPE, found, scans, view)
    writer.put_dataset(replace(FOXES, private=True))
    examples = {each.dataset: each for each in detail(writer, 1).examples}
    assert (examples["foxes"].image, examples["foxes"].has_heat) == (None, False)
    assert examples["hens"].image is not None
    assert examples["hens"].has_heat
    assert rows(writer.engine, tables.Image) == 1
    assert {each.slug: each.private for each in run_status.datasets(writer.engine)} == {
        "foxes": True,
        "hens": False,
    }


def test_a_private_data_set_stays_private(writer: Writer) -> None:
    writer.put_dataset(SECRET)
    writer.put_dataset(SECRET)
    with pytest.raises(DatasetConflict, match="--dataset-name"):
        writer.put_dataset(replace(SECRET, private=False))
    with pytest.raises(DatasetConflict, match="private"):
        run_status.check_dataset(writer.engine, replace(SECRET, private=False))
    run_status.check_dataset(writer.engine, SECRET)
    run_status.check_dataset(writer.engine, replace(FOXES, private=True))
