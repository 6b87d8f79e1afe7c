"""A made-up matrix: a weight for each unit of a layer, without a data set."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Matrix, Panel
from app.tables.base import Base


class Wiring(Base):
    """The weights from all units of a layer to a unit."""

    __tablename__ = "wiring"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(
        ForeignKey("layer.id"), primary_key=True, comment="The layer that the weights come from."
    )
    scale: Mapped[float] = mapped_column(comment="What makes weights of the numbers.")
    weights: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class WiringRecord:
    """What the writer takes."""

    layer: str
    unit: int
    source: str
    scale: float
    weights: bytes


KIND = Kind(
    name="wiring",
    table=Wiring,
    help="The weights from all units of a layer to a unit.",
    words="rows of weights",
    panels=(
        Panel(
            "wiring",
            "Made-up wiring",
            210,
            "How the wiring was made up",
            method="Nobody wired it.",
            template="wiring.html",
        ),
    ),
    matrix=Matrix(axis="source_id", values="weights", scale="scale"),
)
