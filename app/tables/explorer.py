"""The tables of what makes the explorer quick and readable: sheets of thumbnails, a tour, labels,
and pictures that a maintainer hides.

`app.tables` hands them on; nothing else imports them from here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import CHANGES, SHA256, Base


class Sheet(Base):
    """Thumbnails of up to 64 neighbouring units of a layer in one picture, eight in a row."""

    __tablename__ = "sheet"
    __table_args__ = ({"info": CHANGES},)

    layer_id: Mapped[int] = mapped_column(ForeignKey("layer.id"), primary_key=True)
    technique: Mapped[str] = mapped_column(String(40), primary_key=True)
    """A technique of `visualization`; `example` for what each unit's strongest example shows."""
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 0: units `64 × number` and the 63 that follow."""
    image_sha256: Mapped[str] = mapped_column(ForeignKey("image.sha256"), index=True)
    present: Mapped[str] = mapped_column(String(64))
    """A character for each place, `1` where the unit has a thumbnail."""
    fingerprint: Mapped[str] = mapped_column(SHA256)
    """SHA-256 over what it was made of: another fingerprint is another sheet."""


class Highlight(Base):
    """A remarkable unit of a model: a stop of the tour."""

    __tablename__ = "highlight"
    __table_args__ = ({"info": CHANGES},)

    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    """From 1."""
    kind: Mapped[str] = mapped_column(String(40))
    """In what it is remarkable."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    value: Mapped[float | None]
    """The number that makes it so."""
    detail: Mapped[str | None] = mapped_column(Text)
    """A name that belongs to it, such as a class's."""


class Hidden(Base):
    """A picture that is not shown, whether it is stored or not."""

    __tablename__ = "hidden"
    __table_args__ = ({"info": CHANGES},)

    sha256: Mapped[str] = mapped_column(SHA256, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Revision(Base):
    """One row: a random token that every writer transaction replaces."""

    __tablename__ = "revision"
    __table_args__ = ({"info": {"copied": False}},)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(16))
