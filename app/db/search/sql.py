"""A search as a statement: which units fit, in which order, with the numbers asked for.

Used by `search` alone. Each condition is answered from an index of few columns, or from a table
that is short; nothing here reads a long column.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    or_,
    select,
)

from app.db.casefold import fold, folded
from app.db.search.criteria import CLOSENESS, EFFECT, Bound, Criteria, NameMatch, Scope
from app.evidence.class_attribution import Effect
from app.evidence.labels import Label
from app.evidence.statistics import Statistics
from app.tables import Layer, Model, Unit
from app.unit_names import LOGITS

# A unit bears the labels of the ranges that it lies in.
BEARS = and_(Label.layer_id == Unit.layer_id, Label.start <= Unit.index, Label.stop > Unit.index)

# Ids follow the models as they were stored, their layers and the index.
BY_PLACE: ColumnElement[int] = Unit.id.expression

COMPARE: Mapping[str, Callable[[Any, float], ColumnElement[bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}

# A thousand classes have some fifteen effects for each unit; a hundred of them are found in time.
CLASSES = 100


@dataclass(frozen=True, slots=True)
class UnitStatement:
    """The statement, whose columns are: the unit's id, its place in the order, the numbers."""

    statement: Select[Any]
    place: ColumnElement[Any]
    is_ascending: bool
    is_by_place: bool
    """Whether the order is that of the network."""
    names: tuple[str, ...]
    """Of the numbers."""
    crowded: tuple[str, ...]
    """Texts that name too many classes; no unit is found by them."""


def asked(connection: Connection, criteria: Criteria, measured: Mapping[int, int]) -> UnitStatement:
    """The statement of what is asked; `measured` tells each layer's data set."""
    classes = _classes(connection, criteria)
    effects = _effects(classes) if criteria.has_effects else None
    place, is_ascending = _place(criteria, effects)
    numbers = [getattr(Statistics, name) for name in criteria.numbers]
    numbers += [] if effects is None else [effects.c.value]
    statement = select(Unit.id, place.label("place"), *numbers)
    if criteria.numbers:
        statement = statement.join(Statistics, _told(measured))
    if effects is not None:
        statement = statement.join(effects, effects.c.unit_id == Unit.id)
    conditions = [_bound(bound) for bound in criteria.bounds]
    conditions += [_named(name, classes) for name in criteria.names]
    conditions += [] if criteria.scopes is None else [_within(connection, criteria.scopes)]
    names = (*criteria.numbers, *(() if effects is None else (EFFECT,)))
    crowded = tuple(text for text, found in classes.items() if len(found) > CLASSES)
    return UnitStatement(
        statement.where(*conditions), place, is_ascending, place is BY_PLACE, names, crowded
    )


def _place(criteria: Criteria, effects: Subquery | None) -> tuple[ColumnElement[Any], bool]:
    """What units are sorted by, and whether the smallest comes first."""
    if criteria.sort == EFFECT and effects is not None:
        return effects.c.value, criteria.is_ascending
    if criteria.sort == CLOSENESS:
        return _closeness(criteria.names), True
    if criteria.sort in criteria.numbers:
        return getattr(Statistics, criteria.sort), criteria.is_ascending
    return BY_PLACE, True


def _closeness(names: Sequence[NameMatch]) -> ColumnElement[int]:
    """0 where a name is what was typed, 1 where one begins so, 2 where it only contains it."""
    typed = fold(" ".join(name.text for name in names if name.kind == "name")) or ""
    title = folded(Unit.title)
    labelled = select(Unit.id).join(Label, BEARS)
    exact = labelled.where(or_(folded(Label.label) == typed, folded(Label.family) == typed))
    return case(
        (title == typed, 0),
        (Unit.id.in_(exact), 0),
        (title.startswith(typed, autoescape=True), 1),
        else_=2,
    )


def _told(measured: Mapping[int, int]) -> ColumnElement[bool]:
    """Statistics of a unit in the data set that its layer shows."""
    same = Statistics.unit_id == Unit.id
    datasets = set(measured.values())
    if not datasets:
        return false()
    if len(datasets) == 1:
        return and_(same, Statistics.dataset_id == datasets.pop())
    return and_(same, Statistics.dataset_id == case(dict(measured), value=Unit.layer_id))


def _bound(bound: Bound) -> ColumnElement[bool]:
    return COMPARE[bound.operator](getattr(Statistics, bound.statistic), bound.value)


def _named(name: NameMatch, classes: Mapping[str, Sequence[int]]) -> ColumnElement[bool]:
    """Whether a unit bears a name; texts are compared without regard to case and marks."""
    found = Unit.id.in_(_bearers(name, classes))
    return ~found if name.is_excluded else found


def _bearers(name: NameMatch, classes: Mapping[str, Sequence[int]]) -> Select[Any]:
    if name.kind == "class":
        return select(Effect.unit_id).where(*_argued(classes[name.text]))
    labelled = select(Unit.id).join(Label, BEARS)
    if name.kind == "label":
        return labelled.where(_has(Label.label, name.text))
    if name.kind == "family":
        return labelled.where(_has(Label.family, name.text))
    in_label = or_(_has(Label.label, name.text), _has(Label.family, name.text))
    either = labelled.where(in_label).union_all(_titled(name.text)).subquery()
    return select(either.c.id)


def _titled(text: str) -> Select[Any]:
    """The classes whose names contain a text; no other units have names of their own."""
    outputs = select(Layer.id).where(Layer.name == LOGITS)
    return select(Unit.id).where(Unit.layer_id.in_(outputs), _has(Unit.title, text))


def _has(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a column contains a text, character for character once both are folded."""
    some: ColumnElement[bool] = column.is_not(None)
    if not text:
        return some
    return and_(some, folded(column).contains(fold(text) or "", autoescape=True))


def _classes(connection: Connection, criteria: Criteria) -> dict[str, list[int]]:
    """The ids of the classes that texts name, up to one more than are looked at."""
    texts = {name.text for name in criteria.names if name.kind == "class"}
    found = {}
    for text in texts:
        found[text] = list(connection.scalars(_titled(text).limit(CLASSES + 1)))
    return found


def _argued(classes: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """Effects that argue for one of these classes."""
    few = classes if len(classes) <= CLASSES else ()
    return Effect.output_id.in_(few), Effect.rank > 0


def _effects(classes: Mapping[str, Sequence[int]]) -> Subquery:
    """The units that argue for one of the classes, with the strongest of these effects."""
    every = [key for found in classes.values() if len(found) <= CLASSES for key in found]
    return (
        select(Effect.unit_id, func.max(Effect.value).label("value"))
        .where(*_argued(every[:CLASSES]))
        .group_by(Effect.unit_id)
        .subquery()
    )


def _within(connection: Connection, scopes: Sequence[Scope]) -> ColumnElement[bool]:
    """Units of these layers, or of parts of them."""
    columns = (Model.slug, Layer.name, Layer.id, Layer.channels)
    rows = connection.execute(select(*columns).join_from(Layer, Model, Model.id == Layer.model_id))
    homes = {(slug, name): (key, channels) for slug, name, key, channels in rows}
    whole, parts = [], []
    for scope in scopes:
        key, channels = homes.get((scope.model, scope.layer), (0, 0))
        if (scope.start, scope.stop) == (0, channels):
            whole.append(key)
        else:
            inside = (Unit.index >= scope.start, Unit.index < scope.stop)
            parts.append(and_(Unit.layer_id == key, *inside))
    return or_(Unit.layer_id.in_(whole), *parts)
