"""The pictures of a model in stretches: rows that follow one another, of one layer, one technique
and one recipe.

Batches are stored whole, so there are few stretches, however many pictures there are: going from
one to the next reads the table once, where grouping its rows would sort them. The same manners as
`read`; used by `counts` and `provenance`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Connection, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import aliased

from app.db.queries.lookup import layer_ids
from app.db.transactions import Source, reading
from app.evidence.visualizations import Visualization


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pictures that were stored together; of ids, which stay in the store."""

    layer: int
    technique: str
    recipe: int
    pictures: int
    units: int
    """How many of them are the first of a unit with the seed 0: at least so many units have one."""


def stretches(source: Source, model: str) -> tuple[Stretch, ...]:
    """All pictures of a model, of its units and of its layers as a whole."""
    with reading(source) as connection:
        return of_layers(connection, layer_ids(connection, model).values())


def of_layers(connection: Connection, homes: Collection[int]) -> tuple[Stretch, ...]:
    """All pictures of these layers, in a transaction that goes on."""
    stretch, statement = _counted()
    rows = connection.execute(statement.where(stretch.c.layer_id.in_(homes)))
    return tuple(Stretch(*row) for row in rows)


def _counted() -> tuple[CTE, Select[Any]]:
    """Stretches, each with how many pictures and units it holds."""
    stretch, own = _stretches(), aliased(Visualization)
    count = select(func.count()).select_from(own)
    inside = count.where(own.id >= stretch.c.start, own.id < stretch.c.stop)
    first = inside.where(own.seed == 0, own.member == 0, own.unit_id.is_not(None))
    columns: tuple[Any, ...] = (stretch.c.layer_id, stretch.c.technique, stretch.c.recipe_id)
    counts = (inside.scalar_subquery(), first.scalar_subquery())
    return stretch, select(*columns, *counts)


def _stretches() -> CTE:
    """From the first row on, where each stretch starts and where the next one does."""
    row, after = aliased(Visualization), aliased(Visualization)
    first = select(func.min(Visualization.id)).scalar_subquery()
    begun = _from(row).where(row.id == first).cte("stretch", recursive=True)
    return begun.union_all(_from(after).join(begun, after.id == begun.c.stop))


def _from(row: Any) -> Select[Any]:
    start, stop = row.id.label("start"), _stop(row).label("stop")
    return select(start, row.layer_id, row.technique, row.recipe_id, stop)


def _stop(row: Any) -> Any:
    """The first row after this one that is of something else; behind all where there is none."""
    other, end = aliased(Visualization), aliased(Visualization)
    differs = or_(
        other.recipe_id != row.recipe_id,
        other.layer_id != row.layer_id,
        other.technique != row.technique,
    )
    following = select(other.id).where(other.id > row.id, differs).order_by(other.id).limit(1)
    last: ScalarSelect[Any] = select(func.max(end.id) + 1).scalar_subquery()
    return func.coalesce(following.scalar_subquery(), last)
