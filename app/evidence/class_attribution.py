"""How much units argue for and against the classes."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Other, Panel
from app.tables.base import Base
from app.unit_names import LOGITS


class Effect(Base):
    """How much a unit argues for or against a class: its mean gradient times activation."""

    __tablename__ = "effect"
    __table_args__ = (Index(None, "output_id", "value"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(
        primary_key=True, comment="From 1 for classes argued for, from −1 down for against."
    )
    output_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="The class")
    value: Mapped[float] = mapped_column(comment="The mean of gradient times activation.")
    images: Mapped[int] = mapped_column(comment="How many images it is the mean of.")
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))


KIND = Kind(
    name="effects",
    table=Effect,
    help="How much a unit argues for or against a class.",
    words="effects",
    panels=(
        Panel(
            "effects",
            "Effect on the classes",
            70,
            "How the effects were measured",
            parts=frozenset({"scans"}),
            template="effects.html",
            place="grid",
        ),
        Panel(
            "units",
            "Units that argue for and against it",
            80,
            "How these units were found",
            parts=frozenset({"scans"}),
            template="units.html",
        ),
    ),
    others=(Other("output_id", LOGITS),),
    is_ranked_both_ways=True,
    of_logits=False,
    about=(
        "Effects on the classes",
        "The gradient of a class's logit by the unit's activation, times the activation, summed "
        "over the map: averaged over a sample of the images.",
    ),
    has_reader=True,
)
