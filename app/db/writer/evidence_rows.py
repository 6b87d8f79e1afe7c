"""Rows of what a scan finds over all images: statistics, similar units, effects on the classes.

Used by `write` alone, inside its transactions. What a unit had for a data set goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert

from app.db.records import StatisticsRecord
from app.db.statements import CHUNK
from app.db.writer.rows import Places, UnitKey, fields, layer_id, unit_id
from app.evidence import kinds
from app.evidence.base import Kind, Other, table_of
from app.evidence.statistics import Statistics
from app.statistics import STATISTICS
from app.tables import Base
from app.techniques import EXAMPLES

NUMBERS = ("images", "positions", *STATISTICS, "place", "top_images")


def forget(
    connection: Connection, table: type[Base], dataset: int | None, units: Sequence[int]
) -> None:
    """Delete what a table holds about these units, in this data set if it belongs to one."""
    columns = table_of(table).c
    own = [] if dataset is None else [columns["dataset_id"] == dataset]
    for start in range(0, len(units), CHUNK):
        some = columns["unit_id"].in_(units[start : start + CHUNK])
        connection.execute(delete(table).where(some, *own))


def forget_scans(connection: Connection, dataset: int, units: Sequence[int]) -> None:
    """Delete all that earlier scans of a data set found about these units."""
    for kind in kinds():
        if kind.made_by == EXAMPLES:
            forget(connection, kind.table, dataset, units)


def add(connection: Connection, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are new."""
    if rows:
        connection.execute(insert(table), rows)


def add_statistics(
    connection: Connection, places: Places, dataset: int, records: Iterable[StatisticsRecord]
) -> None:
    """Insert the statistics of units that have none for this data set."""
    add(connection, Statistics, [_statistics_row(each, places, dataset) for each in records])


def add_records(
    connection: Connection,
    kind: Kind,
    places: Places,
    records: Iterable[Any],
    home: Mapping[str, int],
) -> None:
    """Insert records of a kind; `home` has the ids of the data set and of the recipe."""
    add(connection, kind.table, [_row(kind, each, places, home) for each in records])


def replace_records(
    connection: Connection,
    kind: Kind,
    places: Places,
    records: Sequence[Any],
    home: Mapping[str, int],
) -> None:
    """Insert records in place of those that their units had, for the same data set if any."""
    rows = [_row(kind, each, places, home) for each in records]
    forget(
        connection, kind.table, home.get("dataset_id"), list({row["unit_id"]: 0 for row in rows})
    )
    add(connection, kind.table, rows)


def _row(kind: Kind, record: Any, places: Places, home: Mapping[str, int]) -> dict[str, Any]:
    """A record's fields bear the columns' names; units and layers go by their public names."""
    others = {other.column: other for other in kind.others}
    row: dict[str, Any] = {}
    for column in kind.source.columns:
        name = column.name
        if name == "unit_id":
            row[name] = unit_id(places, record.layer, record.unit)
        elif name in others:
            row[name] = unit_id(places, *_address(others[name], record))
        elif kind.matrix and name == kind.matrix.axis:
            row[name] = layer_id(places, getattr(record, name.removesuffix("_id")))
        else:
            row[name] = home[name] if name in home else getattr(record, name)
    return row


def _address(other: Other, record: Any) -> UnitKey:
    """The layer and the index of another unit."""
    if other.layer is not None:
        return other.layer, getattr(record, other.name)
    return getattr(record, f"{other.name}_layer"), getattr(record, f"{other.name}_unit")


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
