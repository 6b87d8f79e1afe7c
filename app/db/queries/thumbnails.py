"""A unit's first picture, as lists show it: its head, never its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select

from app.db.tables import Hidden, Image, Sheet, Unit, Visualization
from app.db.views import ImageView, SheetView
from app.drawing import sprite_sheet
from app.drawing.sprite_sheet import ThumbnailSource
from app.techniques import OF_UNITS

# In the order of the fields of `ImageView`.
IMAGE_HEAD = (
    Image.sha256,
    Image.media_type,
    Image.width,
    Image.height,
    exists().where(Hidden.sha256 == Image.sha256).label("is_hidden"),
)


def first_picture() -> ColumnElement[Any]:
    """The hash of the first picture of the unit of the enclosing query.

    Techniques are tried in their order, and nearly every unit has a picture of the first: each try
    is one step in the unique index, where ordering all pictures of a unit by technique sorts them.
    """
    table = Visualization
    own = select(table.image_sha256).where(table.unit_id == Unit.id).limit(1)
    member = (table.seed, table.member)
    tries = [own.where(table.technique == name).order_by(*member) for name in OF_UNITS]
    others = own.order_by(table.technique, *member)
    return func.coalesce(*(each.scalar_subquery() for each in (*tries, others)))


def image_view(head: Sequence[Any]) -> ImageView | None:
    """The head of a picture; None where an outer join found none."""
    return None if head[0] is None else head_view(head)


def head_view(head: Sequence[Any]) -> ImageView:
    """The head of a picture that is there."""
    return ImageView._make(head)


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
