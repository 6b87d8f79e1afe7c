"""Units that are active on the same images as another."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Other, Panel
from app.tables.base import Base


class Neighbour(Base):
    """A unit that is active on the same images as another, in its own layer or elsewhere."""

    __tablename__ = "neighbour"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    within: Mapped[bool] = mapped_column(
        primary_key=True, comment="Whether the other is of the same layer."
    )
    rank: Mapped[int] = mapped_column(primary_key=True, comment="Its place in that list, from 1.")
    other_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="The other unit")
    correlation: Mapped[float] = mapped_column(
        comment="Of the maxima of both over the images (Pearson's r)."
    )


KIND = Kind(
    name="neighbours",
    table=Neighbour,
    help="A unit that is active on the same images as another.",
    words="similar units",
    panels=(
        Panel(
            "similar",
            "Similar units",
            90,
            "How similar units were found",
            parts=frozenset({"scans"}),
            template="similar.html",
        ),
    ),
    others=(Other("other_id"),),
    stage="examples",
    has_reader=True,
)
