"""Finding units: by names, by place, by their statistics, by the classes that they argue for.

The same manners as `read`: one short read-only transaction, dataclasses out, no image bytes. A
page of hits is found by ids first, on narrow indexes; only those of the page are looked at closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from app.db.queries import lookup
from app.db.queries.lookup import IMAGE_HEAD, first_picture, image_view
from app.db.search import sql
from app.db.search.criteria import Criteria
from app.db.transactions import Source, reading
from app.db.views import BranchView, LabelView
from app.db.views.search import Found, FoundUnit, LayerPlace, ModelPlace, UnitPlace
from app.evidence.labels import Label
from app.evidence.statistics import Statistics
from app.tables import Dataset, Image, Layer, Model, Unit

# By id of layer: the id of the data set whose statistics it shows.
Measured = dict[int, int]


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A unit's id with the numbers that were asked for."""

    id: int
    numbers: dict[str, float]


def places(source: Source) -> tuple[ModelPlace, ...]:
    """All models with their layers, without counting what is stored of them."""
    columns = (Model.slug, Model.title, Model.variant, Layer.name, Layer.channels, Layer.branches)
    statement = select(*columns).join_from(Layer, Model, Model.id == Layer.model_id)
    found: dict[tuple[str, str, str], list[LayerPlace]] = {}
    with reading(source) as connection:
        for *model, name, channels, branches in connection.execute(
            statement.order_by(Model.id, Layer.ordinal)
        ):
            layer = LayerPlace(name, channels, tuple(BranchView(**each) for each in branches))
            found.setdefault((model[0], model[1], model[2]), []).append(layer)
    return tuple(ModelPlace(*model, tuple(layers)) for model, layers in found.items())


def units(source: Source, criteria: Criteria, limit: int, after: UnitPlace | None = None) -> Found:
    """The first `limit` units that fit, or those that follow one of them.

    Where `after` is not stored, or has no place in the order, the first are answered.
    """
    if criteria.scopes == ():
        return Found((), False)
    with reading(source) as connection:
        measured = _measured(connection) if criteria.numbers else {}
        asked = sql.asked(connection, criteria, measured)
        rows = connection.execute(_page(connection, asked, after).limit(limit + 1)).all()
        hits = [
            RankedUnit(row[0], dict(zip(asked.names, row[2:], strict=True))) for row in rows[:limit]
        ]
        titles = _titles(connection, measured)
        return Found(_looked_at(connection, hits), len(rows) > limit, titles, asked.crowded)


def at(source: Source, found: Sequence[UnitPlace]) -> tuple[FoundUnit, ...]:
    """These units, as far as they are stored, in the order in which they are named."""
    with reading(source) as connection:
        ids = [key for place in found if (key := _unit_id(connection, place)) is not None]
        return _looked_at(connection, [RankedUnit(key, {}) for key in ids])


def _page(connection: Connection, asked: sql.UnitStatement, after: UnitPlace | None) -> Select[Any]:
    """The statement for the hits behind one of them: those with a later place in the order."""
    order = asked.place if asked.is_ascending else asked.place.desc()
    statement = asked.statement.order_by(order, Unit.id)
    key = None if after is None else _unit_id(connection, after)
    if key is None:
        return statement
    if asked.is_by_place:
        return statement.where(Unit.id > key)
    last = connection.execute(asked.statement.where(Unit.id == key)).one_or_none()
    return statement.where(_behind(asked, *last[:2])) if last else statement


def _behind(asked: sql.UnitStatement, key: int, value: Any) -> ColumnElement[bool]:
    later = asked.place > value if asked.is_ascending else asked.place < value
    return or_(later, and_(asked.place == value, Unit.id > key))


def _unit_id(connection: Connection, place: UnitPlace) -> int | None:
    if not 0 <= place.unit < 2**31:  # beyond, it is an error to the drivers
        return None
    statement = (
        select(Unit.id)
        .join(Layer, Layer.id == Unit.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == place.model, Layer.name == place.layer, Unit.index == place.unit)
    )
    return connection.scalar(statement)


def _measured(connection: Connection) -> Measured:
    """For each layer that has statistics, the first data set that has some of it."""
    told = (
        select(Statistics.unit_id)
        .join(Unit, Unit.id == Statistics.unit_id)
        .where(Unit.layer_id == Layer.id, Statistics.dataset_id == Dataset.id)
    )
    # Every layer with every data set; there are few of either.
    pairs = select(Layer.id, Dataset.id).join_from(Layer, Dataset, told.exists())
    found: Measured = {}
    for layer, dataset in connection.execute(pairs.order_by(Layer.id, Dataset.id)):
        found.setdefault(layer, dataset)
    return found


def _titles(connection: Connection, measured: Measured) -> tuple[str, ...]:
    ids = set(measured.values())
    statement = select(Dataset.title).where(Dataset.id.in_(ids)).order_by(Dataset.id)
    return tuple(connection.scalars(statement)) if ids else ()


def _looked_at(connection: Connection, hits: Sequence[RankedUnit]) -> tuple[FoundUnit, ...]:
    """The units of a page, in its order, with their names and first pictures."""
    ids = [hit.id for hit in hits]
    number = Unit.index.label("number")
    columns: tuple[Any, ...] = (Unit.id, Model.slug, Layer.name, number, Unit.title, *IMAGE_HEAD)
    statement = (
        select(*columns)
        .join_from(Unit, Layer, Layer.id == Unit.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .outerjoin(Image, Image.sha256 == first_picture())
        .where(Unit.id.in_(ids))
    )
    rows = {row.id: row for row in connection.execute(statement)} if ids else {}
    called = _labels(connection, ids)
    return tuple(_found(rows[hit.id], called.get(hit.id, ()), hit) for hit in hits)


def _found(row: Any, called: Sequence[LabelView], hit: RankedUnit) -> FoundUnit:
    _, model, layer, index, title, *head = row
    place = UnitPlace(model, layer, index)
    return FoundUnit(place, title, image_view(head), tuple(called), hit.numbers)


def _labels(connection: Connection, units: Sequence[int]) -> dict[int, list[LabelView]]:
    """The labels that these units bear, alone or in a range."""
    statement = (
        select(Unit.id, *lookup.COLUMNS).join_from(Unit, Label, sql.BEARS).where(Unit.id.in_(units))
    )
    found: dict[int, list[LabelView]] = {}
    for unit, *label in connection.execute(statement.order_by(Label.id)) if units else ():
        found.setdefault(unit, []).append(LabelView(*label))
    return found


def count(source: Source, criteria: Criteria) -> int:
    """How many units fit."""
    if criteria.scopes == ():
        return 0
    with reading(source) as connection:
        measured = _measured(connection) if criteria.numbers else {}
        inner = sql.asked(connection, criteria, measured).statement.subquery()
        return connection.scalar(select(func.count()).select_from(inner)) or 0
