"""Images of a data set that excite a unit, or suppress it; and that a unit was scanned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Panel
from app.evidence.statistics import Statistics
from app.tables.base import Base


class Example(Base):
    """One image of the list that answers: what in this data set excites this unit?"""

    __tablename__ = "example"
    __table_args__ = (Index(None, "dataset_image_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(
        String(20), primary_key=True, comment="`top`, `minimum`, or `interval-0` to `interval-11`."
    )
    """`top` and `minimum`: the images with the largest and the smallest cell of the map.

    `interval-0` to `interval-11`: images whose maximum lies in that interval of the range; the
    first two below zero, the others ten equal parts from zero to the largest.
    """
    rank: Mapped[int] = mapped_column(
        primary_key=True, comment="Its place in the list of that kind, from 1."
    )
    dataset_image_id: Mapped[int] = mapped_column(ForeignKey("dataset_image.id"))
    activation: Mapped[float] = mapped_column(comment="The cell at (`y`, `x`), before the ReLU.")
    y: Mapped[int] = mapped_column(comment="The cell's row in the unit's map.")
    x: Mapped[int] = mapped_column(comment="The cell's column.")
    left: Mapped[int | None] = mapped_column(
        comment="What the cell sees of the view, in pixels; null for classes."
    )
    upper: Mapped[int | None] = mapped_column(comment="The same.")
    right: Mapped[int | None] = mapped_column(comment="The same, excluded.")
    lower: Mapped[int | None] = mapped_column(comment="The same, excluded.")
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


SHOWS = frozenset({"scans", "statistics"})

KIND = Kind(
    name="examples",
    table=Example,
    help="An image of a data set that excites a unit, or suppresses it.",
    words="examples",
    panels=(
        Panel("examples", "Top examples", 20, parts=SHOWS),
        Panel("minimum", "Minimum examples", 30, parts=SHOWS),
    ),
    about=(
        "Examples and statistics",
        "Every image of the data set was shown to the network once, and its strongest and weakest "
        "images, places and statistics were kept for each unit.",
    ),
    # A scan without statistics, as version 0.1 made them, does not count.
    done_by=(Scan, Statistics),
    has_reader=True,
)
