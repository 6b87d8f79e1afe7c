"""Counts and recipes by layer, held to counting row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from app import tables
from app.db.engine import open_for_writing
from app.db.queries import counts, image_ranges, overview, recipe_usage
from app.db.transactions import reading, writing
from app.db.writer.rows import now
from app.evidence.labels import Label
from app.evidence.visualizations import Visualization


@pytest.fixture
def filled(store_url: str, fill: Callable[..., None]) -> Iterator[Engine]:
    fill(store_url)
    fill(store_url, "second")
    engine = open_for_writing(store_url)
    yield engine
    engine.dispose()


def pictures(engine: Engine) -> list[tuple[str, str, str, int | None, str]]:
    """Of every picture: model, layer, technique, unit, recipe."""
    table, layer, model = Visualization, tables.Layer, tables.Model
    statement = (
        select(model.slug, layer.name, table.technique, table.unit_id, tables.Recipe.sha256)
        .join_from(table, layer, layer.id == table.layer_id)
        .join(model, model.id == layer.model_id)
        .join(tables.Recipe, tables.Recipe.id == table.recipe_id)
    )
    with reading(engine) as connection:
        rows = connection.execute(statement)
        return [(model, name, what, unit, sha) for model, name, what, unit, sha in rows]


def test_units_are_counted_once_however_many_pictures_they_have(filled: Engine) -> None:
    owned: dict[tuple[str, str], set[int]] = {}
    whole = set()
    for model, layer, technique, unit, _ in pictures(filled):
        if model == "toy" and unit is None:
            whole.add((layer, technique))
        elif model == "toy" and unit is not None:
            owned.setdefault((layer, technique), set()).add(unit)
    found = {(each.layer, each.what): each for each in counts.picture_counts(filled, "toy")}
    assert {key: each.done for key, each in found.items()} == {
        **{key: len(units) for key, units in owned.items()},
        **dict.fromkeys(whole, 1),
    }
    assert {found[key].total for key in whole} == {1}
    assert found["mixed3b", "channel"].total == 24


def test_recipes_are_counted_by_picture_and_layer(filled: Engine) -> None:
    oracle = Counter(
        (layer, technique, recipe)
        for model, layer, technique, _, recipe in pictures(filled)
        if model == "toy"
    )
    uses = recipe_usage.recipe_uses(filled, "toy")
    found = {(use.layer, use.what, use.recipe): use.count for use in uses if not use.dataset}
    assert found == oracle
    order = ["conv2d0", "mixed3b", "logits"]
    places = [order.index(use.layer) for use in uses]
    assert places == sorted(places)


def thinned(engine: Engine) -> None:
    """Every third picture goes, and of those that stay some have another seed: no layer is whole,
    and hardly two rows that follow one another are alike."""
    table = Visualization
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.id % 3 == 0))
        connection.execute(update(table).where(table.id % 5 == 0).values(seed=7))


@pytest.mark.parametrize("spoil", [lambda engine: None, thinned])
def test_stretches_hold_every_picture_of_their_model_once(
    filled: Engine, spoil: Callable[[Engine], None]
) -> None:
    spoil(filled)
    oracle = Counter((model, what) for model, _, what, _, _ in pictures(filled))
    for model in ("toy", "second"):
        found: Counter[tuple[str, str]] = Counter()
        for each in image_ranges.stretches(filled, model):
            found[model, each.technique] += each.pictures
        assert found == Counter({key: n for key, n in oracle.items() if key[0] == model})
        assert found
    assert image_ranges.stretches(filled, "nothing") == ()


@pytest.mark.parametrize("spoil", [lambda engine: None, thinned])
def test_units_are_counted_alike_from_all_pictures_and_one_by_one(
    filled: Engine, spoil: Callable[[Engine], None]
) -> None:
    spoil(filled)
    made = image_ranges.stretches(filled, "toy")
    assert counts.picture_counts(filled, "toy", made) == counts.picture_counts(filled, "toy")
    uses = recipe_usage.recipe_uses(filled, "toy")
    assert recipe_usage.recipe_uses(filled, "toy", made) == uses
    oracle = Counter(
        (layer, what, recipe)
        for model, layer, what, _, recipe in pictures(filled)
        if model == "toy"
    )
    assert {(u.layer, u.what, u.recipe): u.count for u in uses if not u.dataset} == oracle


def test_an_empty_table_has_no_stretches(filled: Engine) -> None:
    with writing(filled) as connection:
        connection.execute(delete(Visualization))
    assert image_ranges.stretches(filled, "toy") == ()
    assert counts.picture_counts(filled, "toy", ()) == ()


def test_what_data_sets_say_is_counted_by_unit(filled: Engine) -> None:
    uses = recipe_usage.recipe_uses(filled, "toy")
    found = {(use.what, use.dataset, use.layer): use.count for use in uses if use.dataset}
    assert found == {
        ("examples", "foxes", "conv2d0"): 16,
        ("examples", "foxes", "mixed3b"): 12,
        ("examples", "foxes", "logits"): 4,
        ("examples", "secrets", "mixed3b"): 1,
        ("effects", "foxes", "mixed3b"): 1,
    }
    texts = recipe_usage.recipe_texts(filled, {use.recipe for use in uses})
    assert set(texts) == {use.recipe for use in uses}


def test_the_channels_of_a_model_come_in_its_order(filled: Engine) -> None:
    found = counts.channels(filled, "toy")
    assert list(found.items()) == [("conv2d0", 16), ("mixed3b", 24), ("logits", 4)]
    assert counts.channels(filled, "nothing") == {}


def test_hidden_pictures_and_sources_of_labels_are_counted(filled: Engine) -> None:
    assert counts.hidden(filled) == 0
    assert counts.label_sources(filled, "toy") == ()
    label = {"start": 0, "stop": 2, "label": "edges", "family": None, "note": None}
    with writing(filled) as connection:
        layer = connection.scalar(select(tables.Layer.id).order_by(tables.Layer.id).limit(1))
        rows = [{**label, "layer_id": layer, "source": name} for name in ("us", "them", "us")]
        connection.execute(insert(Label), rows)
        gone = {"sha256": "ab" * 32, "reason": "why not", "created": now()}
        connection.execute(insert(tables.Hidden).values(**gone))
    assert counts.hidden(filled) == 1
    sources = counts.label_sources(filled, "toy")
    assert [(each.source, each.labels) for each in sources] == [("us", 2), ("them", 1)]
    assert counts.label_sources(filled, "second") == ()


def test_a_layers_face_began_from_noise(filled: Engine) -> None:
    faces = overview.faces(filled, "toy")
    assert set(faces) == {"conv2d0"}
    with reading(filled) as connection:
        table = Visualization
        noise = select(table.image_sha256).where(table.technique == "deepdream", table.member == 2)
        assert faces["conv2d0"].sha256 in set(connection.scalars(noise))


def test_density_is_the_mean_of_a_layers_units(filled: Engine) -> None:
    found = overview.densities(filled, "toy")
    assert {view.dataset for view in found.values()} == {"Foxes & friends"}
    assert found["conv2d0"].share == pytest.approx(sum(0.2 + n / 100 for n in range(16)) / 16)
    assert overview.densities(filled, "nothing") == {}
