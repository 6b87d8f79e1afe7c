"""Checking that what belongs together is complete: units of layers, ranks, members, examples.

Each statement finds the groups that are wrong, and `broken` removes by the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from app.db.check.issues import BACKUP, Fault, Remedies, fault
from app.db.check.public_names import PublicNames, names
from app.evidence import kinds
from app.evidence.base import Kind
from app.evidence.examples import Example, Scan
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.tables import Dataset, DatasetImage, Layer, Model, Recipe, Unit
from app.text import many

Key = tuple[Any, ...]


def counts(connection: Connection, remedies: Remedies) -> Iterator[Fault]:
    """Groups of rows that are not complete."""
    known = names(connection)
    yield from _units(connection)
    yield from _ranks(connection, known, remedies)
    yield from _members(connection, known, remedies)
    yield from _scans(connection, known, remedies)


def gaps(kind: Kind) -> Select[Any] | None:
    """The keys of lists whose ranks have a gap; None for a kind without lists."""
    rank = kind.rank
    if rank is None:
        return None
    key = [each for each in kind.source.primary_key.columns if each is not rank]
    is_gapped = _is_gapped_both_ways if kind.is_ranked_both_ways else _is_gapped
    return select(*key).group_by(*key).having(is_gapped(rank))


def _is_gapped_both_ways(rank: Any) -> Any:
    """Ranks run from 1 up, and from -1 down, or there is 0 alone."""
    above, below = (func.sum(case((sign, 1), else_=0)) for sign in (rank > 0, rank < 0))
    highest, lowest = func.max(rank), func.min(rank)
    return or_(
        above != case((highest > 0, highest), else_=0),
        below != case((lowest < 0, -lowest), else_=0),
        and_(func.count() > 1, func.count() != above + below),
    )


def gaps_in_members() -> Select[Any]:
    """Layer, unit, technique and seed of pictures that belong together, with their number and a
    recipe of theirs, where their numbers have a gap."""
    table = Visualization
    key: Key = (table.layer_id, table.unit_id, table.technique, table.seed)
    return (
        select(*key)
        .group_by(*key)
        .having(or_(func.min(table.member) != 0, func.max(table.member) != func.count() - 1))
    )


def short_scans() -> Select[Any]:
    """Unit and data set of scans that have fewer or more top examples than were asked for."""
    found = (
        select(Example.unit_id, Example.dataset_id, func.count().label("number"))
        .where(Example.kind == "top")
        .group_by(Example.unit_id, Example.dataset_id)
        .subquery()
    )
    same = and_(found.c.unit_id == Scan.unit_id, found.c.dataset_id == Scan.dataset_id)
    # A small data set has no more images than it has.
    asked = case((Scan.top < Scan.images, Scan.top), else_=Scan.images)
    number = func.coalesce(found.c.number, 0)
    key: Key = (Scan.unit_id, Scan.dataset_id)
    return select(*key).outerjoin(found, same).where(number != asked)


def unseen_examples() -> Select[Any]:
    """Unit and data set of examples whose view is not stored, where it may be."""
    key: Key = (Example.unit_id, Example.dataset_id)
    return (
        select(*key)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .join(Dataset, Dataset.id == Example.dataset_id)
        .where(DatasetImage.image_sha256.is_(None), ~Dataset.private)
        .distinct()
    )


def short_members(connection: Connection) -> Iterator[tuple[Any, ...]]:
    """The keys of `gaps_in_members`, of groups that are not as many as their recipe says."""
    said = {
        key: body["members"]
        for key, body in connection.execute(select(Recipe.id, Recipe.body))
        if "members" in body
    }
    table = Visualization
    key: Key = (table.layer_id, table.unit_id, table.technique, table.seed)
    recipe = func.min(table.recipe_id)
    for *group, number, by in connection.execute(select(*key, func.count(), recipe).group_by(*key)):
        if number != said.get(by, number):
            yield tuple(group)


def _is_gapped(rank: Any) -> Any:
    """Whether the ranks of a group are not those from 1 to their number; none is there twice."""
    return or_(func.min(rank) != 1, func.max(rank) != func.count())


def _units(connection: Connection) -> Iterator[Fault]:
    """Layers that have not the units that they should have."""
    statement = (
        select(Model.slug, Layer.name, Layer.channels, func.count(Unit.id))
        .join_from(Layer, Model, Model.id == Layer.model_id)
        .outerjoin(Unit, Unit.layer_id == Layer.id)
        .group_by(Layer.id, Model.slug, Layer.name, Layer.channels)
        .having(or_(func.count(Unit.id) != Layer.channels, func.max(Unit.index) >= Layer.channels))
    )
    places = [
        f"{model} {layer}: {number:,} of {many(channels, 'unit')}"
        for model, layer, channels, number in connection.execute(statement)
    ]
    yield from fault("units", "Layers have not as many units as channels", places, (BACKUP,))


def _ranks(connection: Connection, known: PublicNames, remedies: Remedies) -> Iterator[Fault]:
    for kind in kinds():
        if (statement := gaps(kind)) is not None:
            says = f"Lists of {kind.words} have gaps in their ranks"
            places = _gap_places(connection, statement, known)
            yield from fault("ranks", says, places, remedies.make_again)


def _gap_places(
    connection: Connection, statement: Select[Any], known: PublicNames
) -> Iterator[str]:
    for row in connection.execute(statement).mappings():
        place = known.unit(row["unit_id"]) if "unit_id" in row else known.layer(row["layer_id"])
        yield f"{place} in {known.dataset(row['dataset_id'])}" if "dataset_id" in row else place


def _members(connection: Connection, known: PublicNames, remedies: Remedies) -> Iterator[Fault]:
    groups = {tuple(row) for row in connection.execute(gaps_in_members())}
    groups |= set(short_members(connection))
    places = (
        f"{name} of {known.layer(layer) if unit is None else known.unit(unit)}, seed {seed}"
        for layer, unit, name, seed in groups
    )
    says = "Pictures that belong together are not all there"
    yield from fault("members", says, sorted(places), remedies.make_again)


def _scans(connection: Connection, known: PublicNames, remedies: Remedies) -> Iterator[Fault]:
    """Scans that found less than they should have, or whose pictures are not there."""
    short = "Scanned units have not as many examples as was asked for"
    unseen = "Examples are without their view, in data sets that are not private"
    bare = "Scanned units have no statistics, as after an earlier version"
    for kind, says, statement, mend in (
        ("examples", short, short_scans(), remedies.make_again),
        ("views", unseen, unseen_examples(), remedies.make_again),
        ("statistics", bare, _bare_scans(), remedies.run_again),
    ):
        yield from fault(kind, says, _places(connection, statement, known), mend)


def _bare_scans() -> Select[Any]:
    told = and_(Statistics.unit_id == Scan.unit_id, Statistics.dataset_id == Scan.dataset_id)
    key: Key = (Scan.unit_id, Scan.dataset_id)
    return select(*key).outerjoin(Statistics, told).where(Statistics.unit_id.is_(None))


def _places(connection: Connection, statement: Select[Any], known: PublicNames) -> Iterator[str]:
    for unit, dataset, *_ in connection.execute(statement):
        yield f"{known.unit(unit)} in {known.dataset(dataset)}"
