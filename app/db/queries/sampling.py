"""Units chosen to stand for their layers: which have a picture, and some of them, evenly spread.

Used by `read` inside its transactions. It knows ids alone; a layer whose units all have a picture
is not listed unit by unit, since a place is then an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from app.db.transactions import Source, reading
from app.evidence.visualizations import Visualization
from app.tables import Layer, Model, Unit


def has_picture() -> ColumnElement[bool]:
    """Whether the unit of the enclosing query has a picture of any technique."""
    return exists().where(Visualization.unit_id == Unit.id)


def pictured(connection: Connection, homes: Collection[int]) -> dict[int, int]:
    """How many units of each of these layers have a picture."""
    total = func.count().label("total")
    statement = select(Unit.layer_id, total).where(Unit.layer_id.in_(homes), has_picture())
    found = connection.execute(statement.group_by(Unit.layer_id))
    return dict.fromkeys(homes, 0) | {row.layer_id: row.total for row in found}


def chosen(
    connection: Connection, counts: Mapping[int, int], widths: Mapping[int, int]
) -> dict[int, list[int]]:
    """Ids of units that have a picture: of each layer at most as many as its width, in order.

    `counts` says how many units of each have one, as `pictured` does.
    """
    places = {home: spread(counts[home], width) for home, width in widths.items()}
    channels = select(Layer.id, Layer.channels).where(Layer.id.in_(widths))
    whole = [home for home, total in connection.execute(channels) if counts[home] == total]
    some = [home for home in widths if home not in whole and counts[home]]
    found = _listed(connection, some)
    there = {home: [units[place] for place in places[home]] for home, units in found.items()}
    there |= _at(connection, {home: places[home] for home in whole if places[home]})
    return {home: there.get(home, []) for home in widths}


def spread(count: int, width: int) -> list[int]:
    """At most `width` places out of `count`, at even distances, the first among them."""
    if count <= width:
        return list(range(count))
    return [place * count // width for place in range(width)]


def shares(counts: Sequence[int], total: int) -> list[int]:
    """How many to take of each, `total` together: as equally as there are any, the first first."""
    found = [0] * len(counts)
    left = min(total, sum(counts))
    while left:
        for place in [place for place, count in enumerate(counts) if found[place] < count][:left]:
            found[place] += 1
            left -= 1
    return found


def _at(connection: Connection, indices: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """The ids of the units at these indices, by layer, in order."""
    found: dict[int, list[int]] = {home: [] for home in indices}
    where = (and_(Unit.layer_id == home, Unit.index.in_(some)) for home, some in indices.items())
    if indices:
        statement = select(Unit.layer_id, Unit.id).where(or_(*where))
        for home, unit in connection.execute(statement.order_by(Unit.layer_id, Unit.index)):
            found[home].append(unit)
    return found


def _listed(connection: Connection, homes: Collection[int]) -> dict[int, list[int]]:
    """The ids of all units of these layers that have a picture, by layer, in order."""
    found: dict[int, list[int]] = {home: [] for home in homes}
    if homes:
        statement = select(Unit.layer_id, Unit.id).where(Unit.layer_id.in_(homes), has_picture())
        for home, unit in connection.execute(statement.order_by(Unit.layer_id, Unit.index)):
            found[home].append(unit)
    return found


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
