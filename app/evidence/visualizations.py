"""Rendered pictures of units and of whole layers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Panel
from app.tables.base import SHA256, Base

# What tells the pictures of one unit, or of one whole layer, apart.
MEMBER = ("technique", "seed", "member")
WHOLE = text("unit_id IS NULL")


class Visualization(Base):
    """A rendered picture of a unit or of a whole layer, with what was measured on it."""

    __tablename__ = "visualization"
    __table_args__ = (
        UniqueConstraint("unit_id", *MEMBER),
        # NULLs are never equal: pictures of a whole layer need an index of their own.
        Index(None, "layer_id", *MEMBER, unique=True, sqlite_where=WHOLE, postgresql_where=WHOLE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("layer.id"))
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id"), comment="The unit's index; null for a picture of the whole layer."
    )
    technique: Mapped[str] = mapped_column(
        String(40), comment="How it was made, in a word: `channel`, `negative`, …"
    )
    seed: Mapped[int] = mapped_column(comment="The seed of its noise.")
    member: Mapped[int] = mapped_column(
        default=0,
        server_default=text("0"),
        comment="Its place among pictures that belong together, from 0.",
    )
    """The pictures of one technique and seed belong together."""
    image_sha256: Mapped[str] = mapped_column(
        SHA256, ForeignKey("image.sha256"), index=True, comment="SHA-256 of the picture."
    )
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))
    activation: Mapped[float] = mapped_column(comment="The objective's value on the picture.")
    maximum: Mapped[float] = mapped_column(
        comment="The largest cell of the unit's map on it, before the ReLU."
    )
    """Of a layer, its largest value."""
    minimum: Mapped[float | None] = mapped_column(
        comment="The smallest; null where it was not measured."
    )
    note: Mapped[str | None] = mapped_column(
        Text, comment="Why it is not what one would expect; else null."
    )
    seconds: Mapped[float] = mapped_column(comment="How long it took to make.")
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), comment="When it was made.")


KIND = Kind(
    name="visualizations",
    table=Visualization,
    help="A rendered picture of a unit, or of a whole layer.",
    words="visualizations",
    panels=(
        Panel("picture", "Feature visualization", 0, parts=frozenset({"peaks"})),
        Panel("seeds", "Other seeds", 10, parts=frozenset({"peaks"})),
    ),
    order=MEMBER,
    has_reader=True,
)
