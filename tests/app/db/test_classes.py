"""Which units argue for a class: the same effects as the units' own, read from the other end."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.db.engine import open_for_reading, open_for_writing
from app.db.queries import unit_detail
from app.db.records import DatasetRecord, EffectRecord, LayerRecord, ModelRecord, RecipeRecord
from app.db.views.evidence import UnitDetail
from app.db.writer.writer import Writer

UNITS = [("early", unit) for unit in range(3)] + [("late", unit) for unit in range(4)]
OUTPUTS = range(5)


def effects(layer: str, unit: int, sign: float) -> list[EffectRecord]:
    """Two classes for, one against; some values are equal."""
    first = (unit + len(layer)) % 5
    values = [(first, 1, 3.0 * sign), ((first + 1) % 5, 2, 0.5), ((first + 2) % 5, -1, -1.0 - unit)]
    return [EffectRecord(layer, unit, output, rank, value, 7) for output, rank, value in values]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A model of three layers, whose effects were measured on two data sets."""
    path = str(tmp_path / "effects.db")
    writer = Writer(open_for_writing(path))
    layers = (LayerRecord("early", 3, 8), LayerRecord("late", 4, 4), LayerRecord("logits", 5, 1))
    writer.put_model(ModelRecord("m", "M", "toy", "ab" * 32, "m.bin", "CC0", 32, layers))
    for number, slug in enumerate(("first", "second"), start=1):
        writer.put_dataset(DatasetRecord(slug, slug.title(), "CC0", slug.ljust(64, "0"), 9))
        found = [each for place in UNITS for each in effects(*place, float(number))]
        writer.put_effects("m", slug, RecipeRecord.from_body({"number": number}), found)
    writer.engine.dispose()
    return path


def test_both_ends_tell_of_the_same_effects(database: str) -> None:
    engine = open_for_reading(database)
    own = {
        (each.dataset, layer, unit, each.output, each.rank, each.value)
        for layer, unit in UNITS
        for each in unit_detail.unit(engine, "m", layer, unit).effects
    }
    turned = {
        (each.dataset, each.layer, each.index, output, each.rank, each.value)
        for output in OUTPUTS
        for each in unit_detail.unit(engine, "m", "logits", output).arguers
    }
    engine.dispose()
    assert own == turned
    assert len(own) == 2 * 3 * len(UNITS)


def test_arguers_come_by_data_set_layer_and_value(database: str) -> None:
    engine = open_for_reading(database)
    found: list[UnitDetail] = [unit_detail.unit(engine, "m", "logits", each) for each in OUTPUTS]
    engine.dispose()
    for unit in found:
        keys = [(each.dataset, each.layer, -each.value, each.index) for each in unit.arguers]
        assert keys == sorted(keys)
        recipes = {slug: recipe.body for slug, recipe in unit.effect_recipes.items()}
        assert recipes == {"first": {"number": 1}, "second": {"number": 2}}


def test_a_unit_that_is_no_class_has_none(database: str) -> None:
    engine = open_for_reading(database)
    assert unit_detail.unit(engine, "m", "late", 1).arguers == ()
    engine.dispose()
