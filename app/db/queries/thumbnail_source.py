"""Which picture stands for each unit of a layer: of a technique, or of its strongest example.

Used by `lists` and `sheets` inside their transactions: a page shows what a sheet is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, and_, exists, select
from sqlalchemy.orm import aliased

from app.db.queries.lookup import IMAGE_HEAD, head_view
from app.db.views import Box, SheetView
from app.drawing import sprite_sheet
from app.drawing.sprite_sheet import ThumbnailSource
from app.evidence.examples import Example
from app.evidence.visualizations import Visualization
from app.tables import Dataset, DatasetImage, Hidden, Image, Sheet, Unit
from app.techniques import EXAMPLE, rank


def techniques(connection: Connection, home: int) -> tuple[str, ...]:
    """What units of a layer can be listed by: techniques in order, then their examples."""
    rendered = sorted(connection.scalars(_techniques(home)), key=rank)
    seen = connection.scalar(_seen(home, _public(connection)))
    return tuple(rendered) if seen is None else (*rendered, EXAMPLE)


def sources(connection: Connection, home: int, technique: str) -> dict[int, ThumbnailSource]:
    """Which picture stands for each unit of a layer that has one, by index.

    Of a technique it is that of the lowest seed, and its first member. Of examples it is the
    strongest of the first data set that shows its images; a private one's are not stored.
    """
    if technique == EXAMPLE:
        return _first(connection.execute(_examples(home, _public(connection))).all())
    chosen: dict[int, ThumbnailSource] = {}
    is_sought = connection.dialect.name == "sqlite"
    for index, sha256, is_hidden in connection.execute(_rendered(home, technique, is_sought)):
        if index not in chosen:
            chosen[index] = ThumbnailSource(sha256, is_hidden)
    return chosen


# Making a statement takes as long as running it, and a page runs many.


def _techniques(home: int) -> Select[Any]:
    return (
        select(Visualization.technique)
        .join_from(Unit, Visualization, Visualization.unit_id == Unit.id)
        .where(Unit.layer_id == home)
        .distinct()
    )


def _rendered(home: int, technique: str, is_sought: bool) -> Select[Any]:
    """Pictures of each unit, its first one first; the others too, unless it `is_sought` alone.

    SQLite finds the first in the key and reads one row of a unit. A thousand such searches take
    PostgreSQL twice as long as reading all.
    """
    table = Visualization
    is_hidden = exists().where(Hidden.sha256 == table.image_sha256)
    columns: tuple[Any, ...] = (Unit.index.label("number"), table.image_sha256, is_hidden)
    own = and_(table.unit_id == Unit.id, table.technique == technique)
    return (
        select(*columns)
        .join_from(Unit, table, table.id == _first_of(technique) if is_sought else own)
        .where(Unit.layer_id == home)
        .order_by(Unit.index, table.seed, table.member)
    )


def _first_of(technique: str) -> ScalarSelect[Any]:
    """The first picture of the unit of the enclosing query."""
    own = aliased(Visualization)
    found = select(own.id).where(own.unit_id == Unit.id, own.technique == technique)
    return found.order_by(own.seed, own.member).limit(1).scalar_subquery()


def _examples(home: int, public: tuple[int, ...]) -> Select[Any]:
    box = (Example.left, Example.upper, Example.right, Example.lower)
    is_hidden = exists().where(Hidden.sha256 == DatasetImage.image_sha256)
    picture = (DatasetImage.image_sha256, is_hidden)
    columns: tuple[Any, ...] = (Unit.index.label("number"), *picture, *box)
    return (
        select(*columns)
        .join_from(Unit, Example, Example.unit_id == Unit.id)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .where(Unit.layer_id == home, *_strongest(public))
        .where(DatasetImage.image_sha256.is_not(None))
        .order_by(Unit.index, Example.dataset_id)
    )


def _seen(home: int, public: tuple[int, ...]) -> Select[Any]:
    """A unit of a layer with an example to show."""
    return (
        select(Unit.id)
        .join(Example, Example.unit_id == Unit.id)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .where(Unit.layer_id == home, *_strongest(public))
        .where(DatasetImage.image_sha256.is_not(None))
        .limit(1)
    )


def _strongest(public: tuple[int, ...]) -> tuple[Any, ...]:
    """The condition of a strongest example that may be shown.

    The data sets are named, so that the key of examples is sought in, not read through.
    """
    return Example.dataset_id.in_(public), Example.kind == "top", Example.rank == 1


def _public(connection: Connection) -> tuple[int, ...]:
    """The data sets whose images may be shown."""
    statement = select(Dataset.id).where(~Dataset.private).order_by(Dataset.id)
    return tuple(connection.scalars(statement))


def _first(rows: Iterable[Any]) -> dict[int, ThumbnailSource]:
    """Of each unit its first example, from rows of index, hash, whether it is hidden, and box."""
    chosen: dict[int, ThumbnailSource] = {}
    for index, sha256, is_hidden, left, upper, right, lower in rows:
        if index not in chosen:
            chosen[index] = ThumbnailSource(sha256, is_hidden, _box(left, upper, right, lower))
    return chosen


def _box(left: int | None, upper: int | None, right: int | None, lower: int | None) -> Box | None:
    if left is None or upper is None or right is None or lower is None:
        return None
    return (left, upper, right, lower)


# The units of one sheet, by place.
Places = Mapping[int, ThumbnailSource]


def current_sheets(
    connection: Connection, home: int, technique: str, units: Places
) -> dict[int, SheetView]:
    """A layer's sheets of a technique that are made of these pictures of its units, by number."""
    wanted = {number: sprite_sheet.fingerprint(each) for number, each in by_sheet(units).items()}
    found = connection.execute(
        select(Sheet.number, Sheet.present, Sheet.fingerprint, *IMAGE_HEAD)
        .join(Image, Image.sha256 == Sheet.image_sha256)
        .where(Sheet.layer_id == home, Sheet.technique == technique)
    )
    return {
        number: SheetView(number, head_view(head), present)
        for number, present, fingerprint, *head in found
        if wanted.get(number) == fingerprint
    }


def by_sheet(units: Mapping[int, ThumbnailSource]) -> dict[int, Places]:
    """A layer's units by sheet, and there by place."""
    numbers: Sequence[int] = sorted(units)
    return {
        number: {sprite_sheet.place_of(unit): units[unit] for unit in same}
        for number, same in groupby(numbers, key=sprite_sheet.number_of)
    }
