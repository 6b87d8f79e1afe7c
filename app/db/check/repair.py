"""Removing what is broken, so that it is missing: what is missing, precompute makes again.

A picture whose bytes are others would stay as it is for ever, since pictures are written once, by
hash. The faults are those that `check` finds, by the same statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, delete, or_, select, update

from app.db.check.completeness import (
    gaps,
    gaps_in_members,
    short_members,
    short_scans,
    unseen_examples,
)
from app.db.check.images import Told, find_broken
from app.db.check.references import NETWORK, foreign_keys, is_dangling, is_strayed
from app.db.statements import CHUNK
from app.db.transactions import reading, writing
from app.evidence import kinds
from app.evidence.base import Kind
from app.evidence.examples import Scan
from app.evidence.visualizations import Visualization
from app.tables import DatasetImage, Image, Layer, Sheet, Unit
from app.techniques import EXAMPLES

# The columns that say of what, and of which data set, a list is.
PLACE = ("unit_id", "layer_id", "dataset_id")

Group = tuple[int, int | None, str, int]
"""A layer, a unit or None, a technique and a seed: pictures that belong together."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What is missing now, and was broken."""

    images: int
    """Pictures of any kind, by hash."""
    rendered: int
    """Rows of rendered pictures, with those that belong to a broken one."""
    scans: int
    """Units that are to be scanned again: all of a model and a data set, which takes one pass."""
    rows: int
    """Others, that were incomplete or referred to nothing."""


def remove_broken(engine: Engine, told: Told) -> Removed:
    """Remove every picture and row that is broken, in one transaction."""
    with reading(engine) as connection:
        broken = [name for name, _ in find_broken(connection, told)]
    with writing(engine) as connection:
        rendered = _forget_rendered(connection, broken)
        _forget_views(connection, broken)
        rows = _forget_sheets(connection, broken) + _forget_dangling(connection)
        rows += _forget_gapped(connection)
        scans = _forget_scans(connection)
        images = sum(
            connection.execute(delete(Image).where(Image.sha256.in_(some))).rowcount
            for some in _chunks(broken)
        )
    return Removed(images, rendered, scans, rows)


def _forget_rendered(connection: Connection, broken: Collection[str]) -> int:
    table = Visualization
    key: tuple[Any, ...] = (table.layer_id, table.unit_id, table.technique, table.seed)
    keys = [key for key in foreign_keys() if key.parent.table is table.__table__]
    wrong = or_(is_strayed(), *(is_dangling(key) for key in keys))
    groups: set[Group] = {tuple(row) for row in connection.execute(select(*key).where(wrong))}
    for some in _chunks(broken):
        found = connection.execute(select(*key).where(table.image_sha256.in_(some)))
        groups |= {tuple(row) for row in found}
    groups |= {tuple(row) for row in connection.execute(gaps_in_members())}
    groups |= {(layer, unit, name, seed) for layer, unit, name, seed in short_members(connection)}
    return sum(_forget_group(connection, group) for group in groups)


def _forget_group(connection: Connection, group: Group) -> int:
    table, (layer, unit, technique, seed) = Visualization, group
    same = (table.layer_id == layer, table.technique == technique, table.seed == seed)
    own = table.unit_id.is_(None) if unit is None else table.unit_id == unit
    return connection.execute(delete(table).where(*same, own)).rowcount


def _forget_views(connection: Connection, broken: Collection[str]) -> None:
    """The images of data sets stay, without their views."""
    key = next(
        key
        for key in foreign_keys()
        if key.parent.name == "image_sha256" and key.parent.table.name == "dataset_image"
    )
    gone = update(DatasetImage).values(image_sha256=None)
    connection.execute(gone.where(is_dangling(key)))
    for some in _chunks(broken):
        connection.execute(gone.where(DatasetImage.image_sha256.in_(some)))


def _forget_sheets(connection: Connection, broken: Collection[str]) -> int:
    return sum(
        connection.execute(delete(Sheet).where(Sheet.image_sha256.in_(some))).rowcount
        for some in _chunks(broken)
    )


def _forget_dangling(connection: Connection) -> int:
    """Rows that refer to nothing, and those that refer to these; a network's parts stay."""
    total = 0
    while number := sum(_dangling(connection, key.parent.table) for key in foreign_keys()):
        total += number
    return total


def _dangling(connection: Connection, table: Table) -> int:
    if table.name in NETWORK:
        return 0
    keys = [key for key in foreign_keys() if key.parent.table is table]
    return connection.execute(delete(table).where(or_(*map(is_dangling, keys)))).rowcount


def _forget_gapped(connection: Connection) -> int:
    """Rows of units whose lists have gaps, of the kinds that are made unit by unit."""
    return sum(
        _forget_lists(connection, kind.source, statement)
        for kind, statement in _gapped()
        if kind.made_by != EXAMPLES
    )


def _forget_lists(connection: Connection, table: Table, gapped: Select[Any]) -> int:
    total = 0
    for row in connection.execute(gapped).mappings().all():
        own = [table.c[name] == value for name, value in row.items() if name in PLACE]
        total += connection.execute(delete(table).where(*own)).rowcount
    return total


def _gapped() -> Iterator[tuple[Kind, Select[Any]]]:
    for kind in kinds():
        if (statement := gaps(kind)) is not None:
            yield kind, statement


def _forget_scans(connection: Connection) -> int:
    """That models were scanned in data sets in which something of them is not complete.

    A pass over the images costs the same for one unit as for all, and units that are similar are
    found among those that are scanned together.
    """
    gapped = [statement for kind, statement in _gapped() if kind.made_by == EXAMPLES]
    statements = (*gapped, short_scans(), unseen_examples())
    wrong = {(row[0], row[1]) for each in statements for row in connection.execute(each)}
    homes = select(Unit.id, Layer.model_id).join(Layer, Layer.id == Unit.layer_id)
    models = {row.id: row.model_id for row in connection.execute(homes)}
    total = 0
    for model, dataset in {(models.get(unit, 0), dataset) for unit, dataset in wrong}:
        own = select(Unit.id).join(Layer, Layer.id == Unit.layer_id).where(Layer.model_id == model)
        of_it = (Scan.dataset_id == dataset, Scan.unit_id.in_(own))
        total += connection.execute(delete(Scan).where(*of_it)).rowcount
    return total


def _chunks(names: Collection[str]) -> Iterator[list[str]]:
    every = list(names)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
