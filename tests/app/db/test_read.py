"""Reading: frozen answers in a fixed order, and no image bytes in any list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, delete, event, insert, select

from app.db.engine import open_for_writing
from app.db.queries import catalog, run_status, unit_detail
from app.db.transactions import writing
from app.db.views import STALE_AFTER, RunView
from app.errors import NotFound
from app.evidence.visualizations import Visualization
from app.tables import Image, Layer, Unit


def test_models_are_counted(filled: Engine) -> None:
    (model,) = catalog.models(filled)
    assert (model.slug, model.layers, model.units, model.pictured) == ("toy", 3, 44, 32)
    assert model.created.tzinfo is not None


def test_layers_come_in_order_and_are_counted(filled: Engine) -> None:
    found = catalog.layers(filled, "toy")
    assert [(layer.name, layer.pictured, layer.scanned) for layer in found] == [
        ("conv2d0", 16, 16),
        ("mixed3b", 12, 12),
        ("logits", 4, 4),
    ]


def test_all_units_of_a_layer_come_in_order_with_their_first_picture(filled: Engine) -> None:
    units = catalog.units(filled, "toy", "mixed3b")
    assert [unit.index for unit in units] == list(range(24))
    assert [unit.image is not None for unit in units] == [True] * 12 + [False] * 12
    first = unit_detail.unit(filled, "toy", "mixed3b", 3).visualizations[0]
    assert units[3].image == first.image


def test_a_units_pictures_come_by_technique_then_seed(filled: Engine) -> None:
    unit = unit_detail.unit(filled, "toy", "mixed3b", 3)
    order = [(view.technique, view.seed) for view in unit.visualizations]
    assert order == [("channel", 0), ("channel", 1), ("negative", 0)]


def test_a_units_examples_come_by_kind_then_rank(filled: Engine) -> None:
    unit = unit_detail.unit(filled, "toy", "mixed3b", 3)
    assert [(each.kind, each.rank) for each in unit.examples] == [
        ("top", 1),
        ("top", 2),
        ("top", 3),
    ]
    assert [scan.dataset for scan in unit.scans] == ["foxes"]


def test_strips_spread_over_the_units_that_have_a_picture(filled: Engine) -> None:
    strips = catalog.strips(filled, "toy", 4)
    assert {name: [unit.index for unit in strip] for name, strip in strips.items()} == {
        "conv2d0": [0, 4, 8, 12],
        "mixed3b": [0, 3, 6, 9],
        "logits": [0, 1, 2, 3],
    }


@pytest.mark.parametrize("name", ["nothing", "", "toy\x00", "%", "'; DROP TABLE model; --"])
def test_unknown_names_are_not_found(filled: Engine, name: str) -> None:
    for ask in (
        lambda: catalog.model(filled, name),
        lambda: catalog.layer(filled, "toy", name),
        lambda: unit_detail.unit(filled, "toy", name, 0),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("index", [24, 2**31, 2**80, -1])
def test_unknown_units_are_not_found(filled: Engine, index: int) -> None:
    with pytest.raises(NotFound, match="mixed3b"):
        unit_detail.unit(filled, "toy", "mixed3b", index)


def test_lists_never_select_image_bytes(filled: Engine) -> None:
    statements: list[str] = []
    event.listen(filled, "before_cursor_execute", lambda *given: statements.append(given[2]))
    catalog.models(filled)
    catalog.layers(filled, "toy")
    catalog.units(filled, "toy", "mixed3b")
    catalog.strips(filled, "toy", 4)
    unit_detail.unit(filled, "toy", "mixed3b", 3)
    unit_detail.layer_pictures(filled, "toy", "conv2d0")
    run_status.picture_counts(filled, "toy")
    run_status.runs(filled)
    assert statements
    assert not [statement for statement in statements if "image.bytes" in statement]


def test_a_picture_is_read_by_its_hash(filled: Engine) -> None:
    head = catalog.units(filled, "toy", "conv2d0")[0].image
    assert head is not None
    picture = catalog.picture(filled, head.sha256)
    assert picture is not None
    assert picture.media_type == "image/png"
    assert picture.bytes.startswith(b"\x89PNG")
    assert catalog.picture(filled, "00" * 32) is None


def test_counts_are_by_layer_and_technique_or_data_set(filled: Engine) -> None:
    pictures = [
        (count.layer, count.what, count.done) for count in run_status.picture_counts(filled, "toy")
    ]
    assert pictures == [
        ("conv2d0", "channel", 16),
        ("conv2d0", "neuron", 1),
        ("conv2d0", "negative", 1),
        ("conv2d0", "diversity", 1),
        ("conv2d0", "deepdream", 1),
        ("mixed3b", "channel", 12),
        ("mixed3b", "negative", 1),
        ("logits", "logit", 4),
    ]
    assert {count.what for count in run_status.scan_counts(filled, "toy")} == {"foxes", "secrets"}


def test_pictures_of_a_whole_layer_count_as_one_of_one(filled: Engine) -> None:
    totals = {count.what: count.total for count in run_status.picture_counts(filled, "toy")[:5]}
    assert totals == {"channel": 16, "neuron": 16, "negative": 16, "diversity": 16, "deepdream": 1}


def test_what_is_stored_is_known_by_layer_unit_and_seed(filled: Engine) -> None:
    dreams = unit_detail.layer_pictures(filled, "toy", "conv2d0")
    found = catalog.stored_visualizations(filled, "toy", "deepdream")
    assert found == {("conv2d0", None, 0): dreams[0].recipe.sha256}
    assert set(catalog.stored_visualizations(filled, "toy", "diversity")) == {("conv2d0", 5, 0)}


def test_a_units_pictures_come_by_technique_then_seed_then_member(filled: Engine) -> None:
    unit = unit_detail.unit(filled, "toy", "conv2d0", 5)
    assert [(view.technique, view.member) for view in unit.visualizations] == [
        ("channel", 0),
        ("neuron", 0),
        ("negative", 0),
        ("diversity", 0),
        ("diversity", 1),
        ("diversity", 2),
        ("diversity", 3),
    ]
    neuron = unit.visualizations[1]
    assert (neuron.minimum, neuron.image.width) == (-3.0, 7)
    assert neuron.note is not None
    assert neuron.note.startswith("This unit cannot be excited")


def test_a_layers_own_pictures_are_not_its_units(filled: Engine) -> None:
    dreams = unit_detail.layer_pictures(filled, "toy", "conv2d0")
    assert [(view.technique, view.seed, view.member) for view in dreams] == [
        ("deepdream", 0, 0),
        ("deepdream", 0, 1),
        ("deepdream", 0, 2),
    ]
    shown = {unit.image.sha256 for unit in catalog.units(filled, "toy", "conv2d0") if unit.image}
    assert not shown & {view.image.sha256 for view in dreams}
    assert unit_detail.layer_pictures(filled, "toy", "mixed3b") == ()


@pytest.mark.parametrize(("model", "layer"), [("toy", "none"), ("none", "conv2d0")])
def test_an_unknown_layer_has_no_pictures(filled: Engine, model: str, layer: str) -> None:
    with pytest.raises(NotFound, match="none"):
        unit_detail.layer_pictures(filled, model, layer)


def test_a_run_without_a_sign_of_life_is_not_alive() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def run(state: str, age: timedelta) -> RunView:
        return RunView(1, "toy", {}, "", state, "", 0, 0, "", (), now - age, now - age)

    assert run("running", timedelta(seconds=5)).is_alive(now)
    assert not run("running", STALE_AFTER).is_alive(now)
    assert not run("finished", timedelta(0)).is_alive(now)


def test_a_head_is_what_is_counted_without_the_counts(filled: Engine) -> None:
    model, head = catalog.model(filled, "toy"), catalog.model_head(filled, "toy")
    assert {name: getattr(model, name) for name in head.__dataclass_fields__} == asdict(head)
    for layer in catalog.layers(filled, "toy"):
        own = catalog.layer_head(filled, "toy", layer.name)
        assert own.branches == layer.branches
        fields = ("name", "ordinal", "channels", "map_size", "stride", "receptive_field")
        assert [getattr(own, name) for name in fields] == [getattr(layer, name) for name in fields]
    assert catalog.slugs(filled) == ("toy",)


STORED = (
    ("negative", "neuron", "channel"),
    ("diversity", "logit"),
    ("zigzag", "another", "diversity"),
    ("zigzag", "another"),
)
"""Techniques of one unit each, none in the order in which they are shown."""


def test_the_first_picture_is_the_one_that_a_units_page_shows_first(
    store_url: str, fill: Callable[[str], None]
) -> None:
    fill(store_url)
    engine = open_for_writing(store_url)
    with writing(engine) as connection:
        for index, techniques in enumerate(STORED):
            _render(connection, index, techniques)
    listed = catalog.units(engine, "toy", "conv2d0")
    for index in range(len(STORED)):
        shown = unit_detail.unit(engine, "toy", "conv2d0", index).visualizations
        assert len(shown) == len(STORED[index]) + 1
        assert listed[index].image == shown[0].image
    engine.dispose()


def _render(connection: Connection, index: int, techniques: tuple[str, ...]) -> None:
    """Give a unit of the first layer these pictures alone, and a second seed of the first of them;
    each is another picture."""
    layer = select(Layer.id).where(Layer.name == "conv2d0").scalar_subquery()
    unit = select(Unit.id).where(Unit.layer_id == layer, Unit.index == index).scalar_subquery()
    own = Visualization.unit_id == unit
    one = connection.execute(select(Visualization.__table__).where(own)).mappings().first()
    assert one is not None
    connection.execute(delete(Visualization).where(own))
    pictures = connection.scalars(select(Image.sha256).order_by(Image.sha256)).all()
    kinds = [(techniques[0], 1), *((name, 0) for name in techniques)]
    for number, (technique, seed) in enumerate(kinds):
        other = {"technique": technique, "seed": seed, "image_sha256": pictures[number]}
        new = {name: value for name, value in one.items() if name != "id"} | other
        connection.execute(insert(Visualization).values(new))
