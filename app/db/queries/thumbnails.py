"""A unit's first picture, as lists show it: its head, never its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from app.db.tables import Hidden, Image, Unit, Visualization
from app.db.views import ImageView
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
