"""A unit's first picture, as lists show it: its head, never its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, exists, select

from app.store.schema import Hidden, Image, Unit, Visualization
from app.store.techniques import technique_order
from app.store.views import ImageView

# In the order of the fields of `ImageView`.
IMAGE_HEAD = (
    Image.sha256,
    Image.media_type,
    Image.width,
    Image.height,
    exists().where(Hidden.sha256 == Image.sha256).label("is_hidden"),
)


def first_picture() -> ScalarSelect[Any]:
    """The hash of the first picture of the unit of the enclosing query.

    It is found unit by unit: each has few, which lie together in the unique index.
    """
    table = Visualization
    return (
        select(table.image_sha256)
        .where(table.unit_id == Unit.id)
        .order_by(technique_order(), table.technique, table.seed, table.member)
        .limit(1)
        .scalar_subquery()
    )


def image_view(head: Sequence[Any]) -> ImageView | None:
    """The head of a picture; None where an outer join found none."""
    return None if head[0] is None else head_view(head)


def head_view(head: Sequence[Any]) -> ImageView:
    """The head of a picture that is there."""
    sha256, media_type, width, height, is_hidden = head
    return ImageView(sha256, media_type, width, height, bool(is_hidden))
