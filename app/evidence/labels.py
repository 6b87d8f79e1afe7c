"""What a maintainer calls units."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind
from app.tables.base import CHANGES, Base


class Label(Base):
    """What a maintainer calls a unit, or a range of units, of one layer."""

    __tablename__ = "label"
    __table_args__ = ({"info": CHANGES},)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("layer.id"), index=True)
    start: Mapped[int] = mapped_column(comment="The first unit.")
    stop: Mapped[int] = mapped_column(comment="The unit after the last.")
    label: Mapped[str] = mapped_column(Text, comment="The name.")
    family: Mapped[str | None] = mapped_column(
        Text, comment="The family that it belongs to; or null."
    )
    note: Mapped[str | None] = mapped_column(Text, comment="What else is said of it; or null.")
    source: Mapped[str] = mapped_column(Text, comment="Who says so, and where.")


KIND = Kind(
    name="labels",
    table=Label,
    help="What a maintainer calls a unit, or a range of units.",
    words="labels",
    order=("id",),
    has_reader=True,
)
