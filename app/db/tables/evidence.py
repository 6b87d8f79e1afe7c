"""The tables of what data sets say: examples, statistics, similar units, effects on the classes.

`app.db.tables` hands them on; nothing else imports them from here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import SHA256, Base
from app.statistics import STATISTICS


class Dataset(Base):
    """A set of images that was scanned."""

    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(SHA256)
    """SHA-256 over the sorted relative paths and sizes: another list is another data set."""
    images: Mapped[int]
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its pictures must never be stored; positions, statistics and labels may."""
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DatasetImage(Base):
    """An image of a data set that is an example of some unit."""

    __tablename__ = "dataset_image"
    __table_args__ = (UniqueConstraint("dataset_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    path: Mapped[str] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(Text)
    image_sha256: Mapped[str | None] = mapped_column(ForeignKey("image.sha256"), index=True)
    """The view that the network saw."""


class Example(Base):
    """One image of the list that answers: what in this data set excites this unit?"""

    __tablename__ = "example"
    __table_args__ = (Index(None, "dataset_image_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`top` and `minimum`: the images with the largest and the smallest cell of the map.

    `interval-0` to `interval-11`: images whose maximum lies in that interval of the range; the
    first two below zero, the others ten equal parts from zero to the largest.
    """
    rank: Mapped[int] = mapped_column(primary_key=True)
    """From 1."""
    dataset_image_id: Mapped[int] = mapped_column(ForeignKey("dataset_image.id"))
    activation: Mapped[float]
    """Before the ReLU, at (`y`, `x`)."""
    y: Mapped[int]
    x: Mapped[int]
    left: Mapped[int | None]
    """With `upper`, `right` and `lower`: the pixels of the view that the cell sees, clipped."""
    upper: Mapped[int | None]
    right: Mapped[int | None]
    """Excluded, as `lower` is."""
    lower: Mapped[int | None]
    heat: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The unit's map after the ReLU, zlib over bytes by row, 255 at its maximum; of a `minimum`
    example the map's negative part, 255 at its minimum."""


class Scan(Base):
    """That a unit's examples in a data set are complete, and how they were found."""

    __tablename__ = "scan"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))
    top: Mapped[int]
    """How many top examples were asked for."""
    images: Mapped[int]
    """How many images were read."""
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Statistics(Base):
    """What a unit does over all images of a data set; numbers are before the ReLU.

    The numbers that lists ask for stand before the long columns, which lists never select: a
    layer's units are found by their index, and their rows by this key.
    """

    __tablename__ = "statistics"
    # Lists are answered from this index alone: rows are wide, and there are thousands.
    __table_args__ = (
        Index(
            "ix_statistics_list",
            "dataset_id",
            "unit_id",
            *STATISTICS,
            "place",
        ),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    images: Mapped[int]
    positions: Mapped[int] = mapped_column(BigInteger)
    """Cells of the map over all images."""
    mean: Mapped[float]
    deviation: Mapped[float]
    skew: Mapped[float]
    maximum: Mapped[float]
    minimum: Mapped[float]
    density: Mapped[float]
    """The share of positions above 0."""
    image_density: Mapped[float]
    """The share of images with a position above 0."""
    place: Mapped[int | None]
    """From 0: its place among the units of its layer in an order that keeps similar ones together;
    null where it was not worked out."""
    top_images: Mapped[int]
    """How many images the top 1 % are, whose classes `class_shares` counts."""
    quantiles: Mapped[list[list[float]]] = mapped_column(JSON)
    """`[[share, value], …]`."""
    histogram: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`{"low": …, "high": …, "counts": […], "positions": …}`."""
    intervals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """`[{"low": …, "high": …, "images": …}, …]`, from the lowest."""
    class_means: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """`[{"label": …, "value": …}, …]`, the highest first."""
    class_shares: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The same shape: the share of each class among the top 1 % of images."""


class Neighbour(Base):
    """A unit that is active on the same images as another, in its own layer or elsewhere."""

    __tablename__ = "neighbour"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    within: Mapped[bool] = mapped_column(primary_key=True)
    """Whether the other is of the same layer."""
    rank: Mapped[int] = mapped_column(primary_key=True)
    """From 1, in each of the two lists."""
    other_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    correlation: Mapped[float]
    """Of the two units' maxima over the images."""


class Effect(Base):
    """How much a unit argues for or against a class: its mean gradient times activation."""

    __tablename__ = "effect"
    __table_args__ = (Index(None, "output_id", "value"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    """From 1 for the classes it argues for; from −1 downwards for those it argues against."""
    output_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """A unit of `logits`."""
    value: Mapped[float]
    images: Mapped[int]
    """How many images' gradients were averaged."""
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))
