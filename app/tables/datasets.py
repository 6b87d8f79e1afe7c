"""The tables of data sets and of their images."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import SHA256, Base


class Dataset(Base):
    """A set of images that was scanned."""

    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(
        String(80), unique=True, comment="The data set's slug.", info={"name": "dataset"}
    )
    title: Mapped[str] = mapped_column(Text, comment="Its name for people.")
    licence: Mapped[str] = mapped_column(Text, comment="What is known of its licence.")
    fingerprint: Mapped[str] = mapped_column(
        SHA256, comment="SHA-256 over the paths and sizes of its images."
    )
    images: Mapped[int] = mapped_column(comment="How many images it has.")
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its pictures must never be stored; positions, statistics and labels may."""
    created: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="When it was stored."
    )


class DatasetImage(Base):
    """An image of a data set that is an example of some unit."""

    __tablename__ = "dataset_image"
    __table_args__ = (UniqueConstraint("dataset_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    path: Mapped[str] = mapped_column(Text, comment="The image's path in the data set.")
    label: Mapped[str | None] = mapped_column(
        Text, comment="The class that the data set says it is of; or null."
    )
    image_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("image.sha256"),
        index=True,
        comment="SHA-256 of the view that is stored; or null.",
    )
    """The view that the network saw."""
