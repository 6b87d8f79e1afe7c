"""Drawing a unit by lot, as quickly among many as among few.

Ids are drawn until one is a unit that may be shown: each such unit is then as likely as any other,
and none of them need be counted. Where they are too thin for that, they are.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.db.engine import Source, reading
from app.db.queries.sampling import has_picture
from app.db.tables import Layer, Model, Unit

# Ids asked about at once. Where one unit in ten may be shown, one time in 800 they are not enough.
TICKETS = 64


def any_unit(source: Source, lot: Random, model: str = "") -> tuple[str, str, int] | None:
    """A unit with a picture, of this model or of any, as (model, layer, index).

    Where no unit has one, any unit; None where there is none at all.
    """
    with reading(source) as connection:
        units = _units(model)
        found = _drawn(connection, units.where(has_picture()), lot)
        return found or _drawn(connection, units, lot)


def _units(model: str) -> Select[Any]:
    columns: tuple[Any, ...] = (Model.slug, Layer.name, Unit.index.label("number"))
    joined = select(*columns).join_from(Unit, Layer, Layer.id == Unit.layer_id)
    units = joined.join(Model, Model.id == Layer.model_id)
    return units.where(Model.slug == model) if model else units


def _drawn(connection: Connection, units: Select[Any], lot: Random) -> tuple[str, str, int] | None:
    return _by_ticket(connection, units, lot) or _by_count(connection, units, lot)


def _by_ticket(
    connection: Connection, units: Select[Any], lot: Random
) -> tuple[str, str, int] | None:
    lowest = connection.scalar(select(func.min(Unit.id)))
    highest = connection.scalar(select(func.max(Unit.id)))
    if lowest is None or highest is None:
        return None
    tickets = [lot.randint(lowest, highest) for _ in range(TICKETS)]
    rows = connection.execute(units.add_columns(Unit.id).where(Unit.id.in_(tickets)))
    found = {unit: (model, layer, index) for model, layer, index, unit in rows}
    return next((found[ticket] for ticket in tickets if ticket in found), None)


def _by_count(
    connection: Connection, units: Select[Any], lot: Random
) -> tuple[str, str, int] | None:
    total = connection.scalar(select(func.count()).select_from(units.subquery()))
    if not total:
        return None
    place = lot.randrange(total)
    row = connection.execute(units.order_by(Unit.id).offset(place).limit(1)).one()
    return (row[0], row[1], row[2])
