"""Rows of rendered pictures, of units and of whole layers: added, or forgotten to be replaced.

Used by `write` alone, inside its transactions. Pictures of one place, technique and seed are
members of one group, which is replaced as a whole.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, delete

from app.db.statements import Rows, insert_or_ignore
from app.evidence.visualizations import MEMBER, Visualization

# A group's place (a unit, or a layer without one), technique and seed.
Group = tuple[int, int | None, str, int]


def add_pictures(connection: Connection, rows: Rows) -> None:
    """Insert the pictures that are not there yet."""
    units = [row for row in rows if row["unit_id"] is not None]
    layers = [row for row in rows if row["unit_id"] is None]
    whole = Visualization.unit_id.is_(None)
    insert_or_ignore(connection, Visualization, units, ("unit_id", *MEMBER))
    insert_or_ignore(connection, Visualization, layers, ("layer_id", *MEMBER), whole)


def forget_pictures(connection: Connection, rows: Rows) -> set[str]:
    """Delete every member of the groups that the rows belong to; the hashes of their images."""
    groups = dict.fromkeys(_group(row) for row in rows)
    return {sha256 for group in groups for sha256 in _forget(connection, group)}


def _group(row: Any) -> Group:
    return (row["layer_id"], row["unit_id"], row["technique"], row["seed"])


def _forget(connection: Connection, group: Group) -> list[str]:
    table, (_, _, technique, seed) = Visualization, group
    same = (table.technique == technique, table.seed == seed)
    statement = delete(table).where(*_place(group), *same)
    return list(connection.scalars(statement.returning(table.image_sha256)))


def _place(group: Group) -> tuple[ColumnElement[bool], ...]:
    """The condition that the unique index of units, or that of layers, answers."""
    layer, unit, _, _ = group
    if unit is not None:
        return (Visualization.unit_id == unit,)
    return (Visualization.unit_id.is_(None), Visualization.layer_id == layer)
