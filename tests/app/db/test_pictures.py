"""Pictures of units and of whole layers: what belongs together is kept and replaced together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from app import tables
from app.db.queries import catalog, unit_detail
from app.db.records import ImageRecord, ModelRecord, RecipeRecord, VisualizationRecord
from app.db.transactions import reading
from app.db.views import VisualizationView
from app.db.writer.writer import Writer
from app.errors import NotFound
from app.evidence.visualizations import Visualization

MakeVisualization = Callable[..., VisualizationRecord]
Draw = Callable[..., ImageRecord]
MakeGroup = Callable[..., list[VisualizationRecord]]

PLACES: list[int | None] = [1, None]


@pytest.fixture
def writer(engine: Engine, make_model: Callable[..., ModelRecord]) -> Writer:
    writer = Writer(engine)
    writer.put_model(make_model())
    return writer


@pytest.fixture
def group(make_visualization: MakeVisualization, draw: Draw) -> MakeGroup:
    """Makes pictures that belong together, each unlike the others."""

    def make(
        unit: int | None, members: int, start: int = 0, **changed: Any
    ) -> list[VisualizationRecord]:
        return [
            make_visualization(
                "mixed3b", unit, 0, "made", member=each, image=draw(start + each), **changed
            )
            for each in range(members)
        ]

    return make


def views(writer: Writer, unit: int | None) -> Sequence[VisualizationView]:
    if unit is None:
        return unit_detail.layer_pictures(writer.engine, "toy", "mixed3b")
    return unit_detail.unit(writer.engine, "toy", "mixed3b", unit).visualizations


def hashes(pictures: Sequence[VisualizationView | VisualizationRecord]) -> list[str]:
    return [picture.image.sha256 for picture in pictures]


def rows(engine: Engine, table: type[tables.Base]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_a_batch_of_units_and_layers_is_one_transaction(writer: Writer, group: MakeGroup) -> None:
    commits: list[object] = []
    event.listen(writer.engine, "commit", commits.append)
    writer.put_visualizations("toy", [*group(1, 4), *group(None, 2, 10)])
    assert len(commits) == 1
    assert [view.member for view in views(writer, 1)] == [0, 1, 2, 3]
    assert [view.member for view in views(writer, None)] == [0, 1]


def test_what_was_measured_and_noted_is_kept(writer: Writer, group: MakeGroup) -> None:
    (first,) = group(1, 1, minimum=-2.5, note="This unit cannot be excited.")
    (second,) = group(None, 1, 5, minimum=None, note=None)
    writer.put_visualizations("toy", [first, second])
    (unit,), (layer,) = views(writer, 1), views(writer, None)
    assert (unit.minimum, unit.note) == (-2.5, "This unit cannot be excited.")
    assert (layer.minimum, layer.note) == (None, None)


@pytest.mark.parametrize("unit", PLACES)
def test_pictures_that_are_there_stay(writer: Writer, group: MakeGroup, unit: int | None) -> None:
    writer.put_visualizations("toy", group(unit, 2))
    before = views(writer, unit)
    writer.put_visualizations("toy", group(unit, 2, 20))
    assert views(writer, unit) == before
    assert rows(writer.engine, tables.Image) == 2


@pytest.mark.parametrize("unit", PLACES)
def test_all_members_are_replaced_together(
    writer: Writer, group: MakeGroup, unit: int | None
) -> None:
    writer.put_visualizations("toy", group(unit, 4))
    recipe = RecipeRecord.from_body({"steps": 1})
    new = group(unit, 2, 20, recipe=recipe)
    writer.put_visualizations("toy", new, replace=True)
    assert hashes(views(writer, unit)) == hashes(new)
    assert rows(writer.engine, tables.Image) == rows(writer.engine, Visualization) == 2
    found = catalog.stored_visualizations(writer.engine, "toy", "made")
    assert found == {("mixed3b", unit, 0): recipe.sha256}


def test_replacing_one_leaves_all_others(
    writer: Writer, group: MakeGroup, make_visualization: MakeVisualization
) -> None:
    others = [
        make_visualization("mixed3b", 1, 0, "channel"),
        make_visualization("mixed3b", 1, 1, "made"),
        make_visualization("mixed3b", 2, 0, "made"),
        make_visualization("mixed3b", None, 1, "made"),
        make_visualization("conv2d0", None, 0, "made"),
    ]
    writer.put_visualizations("toy", [*others, *group(1, 2, 30), *group(None, 2, 40)])
    count = rows(writer.engine, Visualization)
    writer.put_visualizations("toy", group(1, 2, 50), replace=True)
    writer.put_visualizations("toy", group(None, 2, 60), replace=True)
    assert rows(writer.engine, Visualization) == count
    kept = {*hashes(views(writer, 1)), *hashes(views(writer, 2)), *hashes(views(writer, None))}
    assert set(hashes(others[:4])) <= kept


def test_another_models_layer_of_the_same_name_is_another_layer(
    writer: Writer, group: MakeGroup, make_model: Callable[..., ModelRecord]
) -> None:
    writer.put_model(make_model("other"))
    writer.put_visualizations("toy", group(None, 1))
    writer.put_visualizations("other", group(None, 1, 5), replace=True)
    assert hashes(views(writer, None)) == hashes(group(None, 1))


def test_a_picture_of_an_unknown_layer_is_refused(
    writer: Writer, make_visualization: MakeVisualization
) -> None:
    with pytest.raises(NotFound, match="no layer 'mixed9z'"):
        writer.put_visualizations("toy", [make_visualization("mixed9z", None, 0, "made")])
    assert rows(writer.engine, tables.Image) == 0


def test_the_first_picture_is_of_the_first_technique_seed_and_member(
    writer: Writer, make_visualization: MakeVisualization, draw: Draw
) -> None:
    def made(technique: str, seed: int, member: int) -> VisualizationRecord:
        image = draw(len(technique) * 50 + seed * 10 + member)
        return make_visualization("mixed3b", 1, seed, technique, member=member, image=image)

    growing = [
        made("zebra", 0, 0),
        made("apple", 1, 1),
        made("apple", 1, 0),
        made("apple", 0, 3),
        made("diversity", 2, 2),
        made("negative", 0, 0),
        made("neuron", 0, 0),
        made("logit", 0, 0),
        made("channel", 3, 0),
        made("channel", 1, 0),
    ]
    for record in growing:
        writer.put_visualizations("toy", [record])
        shown = catalog.units(writer.engine, "toy", "mixed3b")[1]
        strip = catalog.strips(writer.engine, "toy", 4)["mixed3b"]
        assert strip == (shown,)
        assert shown.image is not None
        assert shown.image.sha256 == views(writer, 1)[0].image.sha256
        assert shown.image.sha256 == record.image.sha256


def test_a_layer_with_only_its_own_pictures_has_no_pictured_units(
    writer: Writer, group: MakeGroup
) -> None:
    writer.put_visualizations("toy", group(None, 3))
    assert catalog.model(writer.engine, "toy").pictured == 0
    assert catalog.layer(writer.engine, "toy", "mixed3b").pictured == 0
    assert catalog.strips(writer.engine, "toy", 4)["mixed3b"] == ()
    assert not [unit for unit in catalog.units(writer.engine, "toy", "mixed3b") if unit.image]
