"""A very small database for what maintainers do: few units, each with a picture and an example.

conv2d0:0 to 2 and mixed3b:0 to 2 each have a picture of their own, and two views in a data set.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from app.db.records import (
    DatasetRecord,
    ExampleRecord,
    ImageRecord,
    ModelRecord,
    RecipeRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.db.writer.writer import Writer
from tests.app.findings import seen

UNITS = [(layer, unit) for layer in ("conv2d0", "mixed3b") for unit in range(3)]


def picture_of(draw: Callable[..., ImageRecord], layer: str, unit: int) -> ImageRecord:
    return draw(UNITS.index((layer, unit)) + 1)


def view_of(draw: Callable[..., ImageRecord], layer: str, unit: int, rank: int = 1) -> ImageRecord:
    return draw(10 * rank + UNITS.index((layer, unit)), 48)


def fill_small(
    engine: Engine, make_model: Callable[..., ModelRecord], draw: Callable[..., ImageRecord]
) -> None:
    writer = Writer(engine)
    writer.put_model(make_model())
    recipe = RecipeRecord.from_body({"steps": 1})
    made = [
        VisualizationRecord(
            layer, unit, "channel", 0, picture_of(draw, layer, unit), recipe, 1.0, 2.0, 0.5
        )
        for layer, unit in UNITS
    ]
    writer.put_visualizations("toy", made)
    writer.put_dataset(DatasetRecord("foxes", "Foxes", "CC0", "cd" * 32, 9))
    examples = [
        seen(ExampleRecord(layer, unit, "top", rank, f"{layer}/{unit}/{rank}.jpg", "fox", 3, 3, 3))
        for layer, unit in UNITS
        for rank in (1, 2)
    ]
    views = {
        f"{layer}/{unit}/{rank}.jpg": view_of(draw, layer, unit, rank)
        for layer, unit in UNITS
        for rank in (1, 2)
    }
    scans = [ScanRecord(layer, unit, 2, 9) for layer, unit in UNITS]
    writer.put_examples("toy", "foxes", recipe, examples, scans, views)
