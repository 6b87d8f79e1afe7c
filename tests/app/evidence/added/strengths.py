"""A made-up kind: a list of other units for each unit and data set."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Other, Panel
from app.tables.base import Base


class Strength(Base):
    """How strongly a unit goes with another."""

    __tablename__ = "strength"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, comment="Its place, from 1.")
    partner_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="The partner")
    strength: Mapped[float] = mapped_column(comment="How strong it is.")
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))


@dataclass(frozen=True)
class StrengthRecord:
    """What the writer takes."""

    layer: str
    unit: int
    rank: int
    partner_layer: str
    partner_unit: int
    strength: float


KIND = Kind(
    name="strengths",
    table=Strength,
    help="A unit that goes with another.",
    words="strengths",
    panels=(
        Panel(
            "strengths",
            "Made-up strengths",
            200,
            "How strengths were made up",
            method="Nobody measured them.",
            parts=frozenset({"scans"}),
            template="strengths.html",
        ),
    ),
    others=(Other("partner_id"),),
    measure="strength",
)
