"""Rows of what a scan finds over all images: statistics, similar units, effects on the classes.

Used by `write` alone, inside its transactions. What a unit had for a data set goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert

from app.db.records import EffectRecord, NeighbourRecord, StatisticsRecord
from app.db.statements import CHUNK
from app.db.writer.rows import Places, fields, unit_id
from app.evidence.class_attribution import Effect
from app.evidence.examples import Example
from app.evidence.similar_units import Neighbour
from app.evidence.statistics import Statistics
from app.statistics import STATISTICS
from app.unit_names import LOGITS

NUMBERS = ("images", "positions", *STATISTICS, "place", "top_images")

Table = type[Example] | type[Statistics] | type[Neighbour] | type[Effect]


def forget(connection: Connection, table: Table, dataset: int, units: Sequence[int]) -> None:
    """Delete what a table holds about these units in this data set."""
    for start in range(0, len(units), CHUNK):
        some = table.unit_id.in_(units[start : start + CHUNK])
        connection.execute(delete(table).where(some, table.dataset_id == dataset))


def forget_scans(connection: Connection, dataset: int, units: Sequence[int]) -> None:
    """Delete all that earlier scans of a data set found about these units."""
    for table in (Example, Statistics, Neighbour):
        forget(connection, table, dataset, units)


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are new."""
    if rows:
        connection.execute(insert(table), rows)


def add_statistics(
    connection: Connection, places: Places, dataset: int, records: Iterable[StatisticsRecord]
) -> None:
    """Insert the statistics of units that have none for this data set."""
    add(connection, Statistics, [_statistics_row(each, places, dataset) for each in records])


def add_neighbours(
    connection: Connection, places: Places, dataset: int, records: Iterable[NeighbourRecord]
) -> None:
    """Insert the similar units of units that have none for this data set."""
    add(connection, Neighbour, [_neighbour_row(each, places, dataset) for each in records])


def replace_effects(
    connection: Connection,
    places: Places,
    dataset: int,
    recipe: int,
    records: Sequence[EffectRecord],
) -> None:
    """Insert effects in place of those that their units had for this data set."""
    rows = [_effect_row(each, places, dataset, recipe) for each in records]
    forget(connection, Effect, dataset, list({row["unit_id"]: None for row in rows}))
    add(connection, Effect, rows)


def _statistics_row(record: StatisticsRecord, places: Places, dataset: int) -> dict[str, Any]:
    return fields(record, *NUMBERS) | {
        "unit_id": unit_id(places, record.layer, record.unit),
        "dataset_id": dataset,
        "quantiles": [list(quantile) for quantile in record.quantiles],
        "histogram": asdict(record.histogram),
        "intervals": [asdict(interval) for interval in record.intervals],
        "class_means": [asdict(each) for each in record.class_means],
        "class_shares": [asdict(each) for each in record.class_shares],
    }


def _neighbour_row(record: NeighbourRecord, places: Places, dataset: int) -> dict[str, Any]:
    return fields(record, "within", "rank", "correlation") | {
        "unit_id": unit_id(places, record.layer, record.unit),
        "other_id": unit_id(places, record.other_layer, record.other_unit),
        "dataset_id": dataset,
    }


def _effect_row(record: EffectRecord, places: Places, dataset: int, recipe: int) -> dict[str, Any]:
    return fields(record, "rank", "value", "images") | {
        "unit_id": unit_id(places, record.layer, record.unit),
        "output_id": unit_id(places, LOGITS, record.output),
        "dataset_id": dataset,
        "recipe_id": recipe,
    }
