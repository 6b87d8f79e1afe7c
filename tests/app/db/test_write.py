"""The writer: whole transactions, safe to repeat, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, func, select

from app import tables
from app.db.queries import catalog, run_status, unit_detail
from app.db.records import (
    DatasetRecord,
    ExampleRecord,
    ImageRecord,
    ModelRecord,
    RecipeRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.db.transactions import reading
from app.db.writer.writer import Writer
from app.errors import DatasetConflict, InputError, ModelConflict, NotFound, StoreError
from app.evidence.visualizations import Visualization
from tests.app.findings import statistics_of

RECIPE = RecipeRecord.from_body({"top": 3})
FOXES = DatasetRecord("foxes", "Foxes", "CC0", "cd" * 32, 500)

MakeModel = Callable[..., ModelRecord]
MakeVisualization = Callable[..., VisualizationRecord]
Draw = Callable[..., ImageRecord]


@pytest.fixture
def writer(engine: Engine, make_model: MakeModel) -> Writer:
    writer = Writer(engine)
    writer.put_model(make_model())
    return writer


def rows(engine: Engine, table: type[tables.Base]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def example(unit: int, rank: int, path: str) -> ExampleRecord:
    return ExampleRecord("mixed3b", unit, "top", rank, path, "fox", 9.0 - rank, 1, 2)


def test_a_model_is_stored_with_its_layers_and_units(writer: Writer) -> None:
    model = catalog.model(writer.engine, "toy")
    assert (model.layers, model.units, model.pictured) == (3, 44, 0)
    layers = catalog.layers(writer.engine, "toy")
    assert [layer.name for layer in layers] == ["conv2d0", "mixed3b", "logits"]
    assert layers[1].branch_of(8) == "3x3"
    assert layers[1].branch_of(24) is None
    assert catalog.units(writer.engine, "toy", "logits")[0].title == "tabby"


def test_storing_the_same_model_again_changes_nothing(
    writer: Writer, make_model: MakeModel
) -> None:
    writer.put_model(make_model())
    assert rows(writer.engine, tables.Unit) == 44


def test_class_names_can_be_given_later(writer: Writer, make_model: MakeModel) -> None:
    layers = make_model().layers
    renamed = layers[2].__class__("logits", 4, 1, unit_titles=("a", "b", "c", "d"))
    writer.put_model(make_model(layers=(*layers[:2], renamed)))
    assert [unit.title for unit in catalog.units(writer.engine, "toy", "logits")] == list("abcd")


def test_the_same_slug_with_other_weights_is_refused(writer: Writer, make_model: MakeModel) -> None:
    with pytest.raises(ModelConflict) as caught:
        writer.put_model(make_model(weights="ef" * 32))
    for part in ("ab" * 32, "ef" * 32, "--name", "--database"):
        assert part in caught.value.message


def test_the_same_slug_of_another_variant_is_refused(writer: Writer, make_model: MakeModel) -> None:
    with pytest.raises(ModelConflict, match="googlenet-bvlc"):
        writer.put_model(make_model(variant="googlenet-bvlc"))


def test_pictures_that_are_there_stay(
    writer: Writer, make_visualization: MakeVisualization
) -> None:
    writer.put_visualizations("toy", [make_visualization("mixed3b", 1)])
    before = unit_detail.unit(writer.engine, "toy", "mixed3b", 1).visualizations
    other = make_visualization("mixed3b", 1, 7)
    again = VisualizationRecord("mixed3b", 1, "channel", 0, other.image, other.recipe, 1, 2, 3)
    writer.put_visualizations("toy", [again, make_visualization("mixed3b", 2)])
    assert unit_detail.unit(writer.engine, "toy", "mixed3b", 1).visualizations == before
    assert rows(writer.engine, Visualization) == 2
    assert rows(writer.engine, tables.Image) == 2


def test_replaced_pictures_leave_no_bytes_behind(
    writer: Writer, make_visualization: MakeVisualization, draw: Draw
) -> None:
    writer.put_visualizations("toy", [make_visualization("mixed3b", 1)])
    recipe = RecipeRecord.from_body({"steps": 1})
    new = VisualizationRecord("mixed3b", 1, "channel", 0, draw(77), recipe, 5.0, 6.0, 7.0)
    writer.put_visualizations("toy", [new], replace=True)
    (stored,) = unit_detail.unit(writer.engine, "toy", "mixed3b", 1).visualizations
    assert stored.image.sha256 == new.image.sha256
    assert (stored.activation, stored.maximum, stored.recipe.body) == (5.0, 6.0, {"steps": 1})
    assert rows(writer.engine, tables.Image) == 1


def test_a_picture_that_two_units_share_is_stored_once(writer: Writer, draw: Draw) -> None:
    picture = draw(5)
    batch = [
        VisualizationRecord("mixed3b", unit, "channel", 0, picture, RECIPE, 1, 1, 1)
        for unit in range(3)
    ]
    writer.put_visualizations("toy", batch)
    writer.put_visualizations(
        "toy",
        [VisualizationRecord("mixed3b", 0, "channel", 0, draw(6), RECIPE, 1, 1, 1)],
        replace=True,
    )
    assert catalog.picture(writer.engine, picture.sha256) is not None
    assert rows(writer.engine, tables.Image) == 2


def test_a_batch_with_an_unknown_unit_stores_nothing(
    writer: Writer, make_visualization: MakeVisualization
) -> None:
    with pytest.raises(NotFound, match="mixed3b:24"):
        writer.put_visualizations(
            "toy", [make_visualization("mixed3b", 1), make_visualization("mixed3b", 24)]
        )
    assert rows(writer.engine, tables.Image) == rows(writer.engine, tables.Recipe) == 0


def test_a_value_that_is_no_number_is_refused_in_words(writer: Writer, draw: Draw) -> None:
    bad = VisualizationRecord("mixed3b", 1, "channel", 0, draw(1), RECIPE, None, 1, 1)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="refused"):
        writer.put_visualizations("toy", [bad])
    assert rows(writer.engine, tables.Image) == 0


def test_a_data_set_is_stored_once_and_another_list_is_refused(writer: Writer) -> None:
    writer.put_dataset(FOXES)
    writer.put_dataset(FOXES)
    assert [dataset.slug for dataset in run_status.datasets(writer.engine)] == ["foxes"]
    with pytest.raises(DatasetConflict, match="--dataset-name"):
        writer.put_dataset(DatasetRecord("foxes", "Foxes", "CC0", "00" * 32, 501))


def test_examples_of_scanned_units_are_replaced(writer: Writer, draw: Draw) -> None:
    writer.put_dataset(FOXES)
    views = {f"{name}.jpg": draw(number) for number, name in enumerate("abcd")}
    first = [example(1, 1, "a.jpg"), example(1, 2, "b.jpg"), example(2, 1, "c.jpg")]
    scans = [ScanRecord("mixed3b", unit, 2, 500) for unit in (1, 2)]
    told = [statistics_of("mixed3b", unit) for unit in (1, 2)]
    writer.put_examples("toy", "foxes", RECIPE, first, scans, views, told)
    assert rows(writer.engine, tables.Image) == 3, "d.jpg is no example"
    found, scans = [example(1, 1, "d.jpg")], [ScanRecord("mixed3b", 1, 1, 500)]
    writer.put_examples("toy", "foxes", RECIPE, found, scans, views, told[:1])
    (stored,) = unit_detail.unit(writer.engine, "toy", "mixed3b", 1).examples
    assert (stored.path, stored.label, stored.rank, stored.y, stored.x) == ("d.jpg", "fox", 1, 1, 2)
    assert stored.image is not None
    assert stored.image.sha256 == views["d.jpg"].sha256
    assert len(unit_detail.unit(writer.engine, "toy", "mixed3b", 2).examples) == 1
    assert rows(writer.engine, tables.Image) == rows(writer.engine, tables.DatasetImage) == 2
    assert catalog.stored_scans(writer.engine, "toy", "foxes") == {
        ("mixed3b", 1): 1,
        ("mixed3b", 2): 2,
    }


def test_a_unit_without_examples_is_still_scanned(writer: Writer) -> None:
    writer.put_dataset(FOXES)
    writer.put_examples("toy", "foxes", RECIPE, [], [ScanRecord("conv2d0", 0, 3, 500)], {})
    (scan,) = unit_detail.unit(writer.engine, "toy", "conv2d0", 0).scans
    assert (scan.top, scan.images, scan.recipe.body) == (3, 500, {"top": 3})


def test_examples_of_an_unknown_data_set_are_refused(writer: Writer) -> None:
    with pytest.raises(NotFound, match="foxes"):
        writer.put_examples("toy", "foxes", RECIPE, [], [], {})


def test_views_that_are_stored_stay_where_none_is_given(writer: Writer, draw: Draw) -> None:
    writer.put_dataset(FOXES)
    found, scans = [example(1, 1, "a.jpg")], [ScanRecord("mixed3b", 1, 1, 500)]
    writer.put_examples("toy", "foxes", RECIPE, found, scans, {"a.jpg": draw(1)})
    writer.put_examples("toy", "foxes", RECIPE, found, scans, {})
    (stored,) = unit_detail.unit(writer.engine, "toy", "mixed3b", 1).examples
    assert stored.image is not None


def test_a_run_tells_how_far_it_is_and_how_it_ended(writer: Writer) -> None:
    run = writer.start_run("toy", {}, "0.1.0")
    writer.beat(run, "rendering mixed3b", 3, 24)
    alive = run_status.live_run(writer.engine, "toy")
    assert alive is not None
    assert (alive.stage, alive.done, alive.total) == ("rendering mixed3b", 3, 24)
    writer.end_run(run, "failed", "The disk is full.", ["a.jpg: truncated"])
    (ended,) = run_status.runs(writer.engine)
    assert (ended.state, ended.message) == ("failed", "The disk is full.")
    assert ended.skipped == ("a.jpg: truncated",)
    assert run_status.live_run(writer.engine) is None
    assert run_status.latest_run(writer.engine, "toy") == ended
    assert run_status.latest_run(writer.engine, "other") is None


def test_what_is_stored_is_known_by_recipe(
    writer: Writer, make_visualization: MakeVisualization
) -> None:
    picture = make_visualization("conv2d0", 4)
    writer.put_visualizations("toy", [picture])
    found = catalog.stored_visualizations(writer.engine, "toy", "channel")
    assert found == {("conv2d0", 4, 0): picture.recipe.sha256}
    assert catalog.stored_visualizations(writer.engine, "toy", "neuron") == {}


def test_equal_recipes_have_equal_hashes_whatever_their_order() -> None:
    first = RecipeRecord.from_body({"b": (1, 2), "a": 0.5})
    second = RecipeRecord.from_body({"a": 0.5, "b": [1, 2]})
    assert first == second
    with pytest.raises(ValueError):
        RecipeRecord.from_body({"a": float("nan")})


@pytest.mark.parametrize("slug", ["a/b", ""])
def test_names_that_cannot_stand_in_an_address_are_refused(
    writer: Writer, make_model: MakeModel, slug: str
) -> None:
    with pytest.raises(InputError, match="cannot stand in an address"):
        writer.put_model(make_model(slug))
    with pytest.raises(InputError, match="cannot stand in an address"):
        writer.put_dataset(DatasetRecord(slug, "Foxes", "CC0", "cd" * 32, 500))
    assert [model.slug for model in catalog.models(writer.engine)] == ["toy"]
