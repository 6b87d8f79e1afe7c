"""What a scan would find in the made-up network: fields, heat, statistics, similar units, effects.

mixed3b:2 has everything, with labels that would do harm if they were taken for HTML; mixed3b:11 is
dead, mixed3b:10 rare. A private data set says the same of mixed3b:2, without any picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

from app.db.records import (
    ClassRecord,
    DatasetRecord,
    EffectRecord,
    ExampleRecord,
    HistogramRecord,
    IntervalRecord,
    NeighbourRecord,
    RecipeRecord,
    ScanRecord,
    StatisticsRecord,
)

STUDIED = ("mixed3b", 2)
HOSTILE = ("<script>alert(1)</script>", "\"quoted\" & 'single'", "\u202egnihtyna", "fox")
SECRET = DatasetRecord("secrets", "My photographs", "none", "ef" * 32, 40, private=True)
EFFECT_RECIPE = RecipeRecord.from_body({"technique": "effects", "images": 20})

# By layer: pixels between cells, pixels that a cell sees, cells along a side of the map.
SIGHT = {"conv2d0": (2, 7, 112), "mixed3b": (8, 139, 28)}


def heat_of(side: int, peak: int, low: int = 0) -> bytes:
    """A map that falls off around one cell."""
    y, x = divmod(peak, side)
    values = (
        max(255 - 40 * max(abs(row - y), abs(column - x)), low)
        for row in range(side)
        for column in range(side)
    )
    return zlib.compress(bytes(values))


def seen(record: ExampleRecord) -> ExampleRecord:
    """An example with what its cell sees, and the unit's map; the classes have neither."""
    if record.layer not in SIGHT:
        return record
    stride, field, side = SIGHT[record.layer]
    left, upper = (stride * at + stride // 2 - field // 2 for at in (record.x, record.y))
    box = (max(left, 0), max(upper, 0), min(left + field, 224), min(upper + field, 224))
    return replace(record, box=box, heat=heat_of(side, record.y * side + record.x))


def interval_examples(layer: str, unit: int) -> list[ExampleRecord]:
    """Two examples of each interval above zero, and one below."""
    kinds = [f"interval-{number}" for number in (1, *range(2, 12))]
    return [
        seen(
            ExampleRecord(
                layer, unit, kind, rank, f"odd/{rank}.jpg", HOSTILE[rank - 1], 4.0 * place, 3, 5
            )
        )
        for place, kind in enumerate(kinds)
        for rank in (1, 2)
    ]


def intervals(images: int) -> tuple[IntervalRecord, ...]:
    """Two below zero, ten above; fewer images the higher it is."""
    below = [IntervalRecord(-20.0, -10.0, 0), IntervalRecord(-10.0, 0.0, images // 5)]
    above = [IntervalRecord(4.0 * part, 4.0 * part + 4, images // 2**part) for part in range(10)]
    return (*below, *above)


def statistics_of(
    layer: str, unit: int, density: float | None = None, image_density: float | None = None
) -> StatisticsRecord:
    """Made-up numbers that differ from unit to unit; the order by mean is not that of the index."""
    is_sampled = layer != "mixed3b"
    return StatisticsRecord(
        layer,
        unit,
        images=500,
        positions=500 * 784,
        mean=float((unit * 7) % 24) - 8,
        deviation=5.0 + unit / 10,
        skew=1.5 - unit / 8,
        maximum=40.0 + unit,
        minimum=-20.0 - unit,
        density=0.2 + unit / 100 if density is None else density,
        image_density=0.9 - unit / 100 if image_density is None else image_density,
        quantiles=((0.01, -15.0), (0.5, -1.0), (0.99, 31.5)),
        histogram=HistogramRecord(
            -20.0, 40.0, tuple(2 ** abs(12 - bin) for bin in range(24)), 16 if is_sampled else 784
        ),
        intervals=intervals(500),
        class_means=tuple(
            ClassRecord(label, 4.0 / rank) for rank, label in enumerate(HOSTILE, start=1)
        ),
        class_shares=tuple(
            ClassRecord(label, 0.4 / rank) for rank, label in enumerate(HOSTILE, start=1)
        ),
        top_images=5,
    )


def statistics(done: Sequence[tuple[str, int]]) -> list[StatisticsRecord]:
    """Of every scanned unit; one is dead, one is rare."""
    unlike = {("mixed3b", 11): (0.0, 0.0), ("mixed3b", 10): (0.0001, 0.004)}
    return [statistics_of(*unit, *unlike.get(unit, (None, None))) for unit in done]


def neighbours(layer: str, unit: int) -> list[NeighbourRecord]:
    """Two of the same layer, one without a picture; two of others, one of them a class."""
    return [
        NeighbourRecord(layer, unit, layer, 5, True, 1, 0.75),
        NeighbourRecord(layer, unit, layer, 23, True, 2, 0.5),
        NeighbourRecord(layer, unit, "conv2d0", 3, False, 1, 0.625),
        NeighbourRecord(layer, unit, "logits", 1, False, 2, -0.25),
    ]


def effects(layer: str, unit: int) -> list[EffectRecord]:
    """Two classes that the unit argues for, two against."""
    return [
        EffectRecord(layer, unit, 2, 1, 3.5, 20),
        EffectRecord(layer, unit, 0, 2, 0.5, 18),
        EffectRecord(layer, unit, 1, -1, -1.75, 20),
        EffectRecord(layer, unit, 3, -2, -0.25, 20),
    ]


def secret_scan() -> tuple[list[ExampleRecord], list[ScanRecord], list[StatisticsRecord]]:
    """What the private data set says of one unit."""
    layer, unit = STUDIED
    found = [
        seen(ExampleRecord(layer, unit, kind, 1, "me.jpg", "<i>me</i>", 38.0, 3, 5))
        for kind in ("top", "interval-11")
    ]
    return found, [ScanRecord(layer, unit, 3, 40)], [statistics_of(layer, unit)]
