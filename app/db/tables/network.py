"""The tables of the explorer's database, and nothing else.

The database is the product of precompute: one SQLite file, or PostgreSQL by URL. Public addresses
(`model`, `layer`, `unit`) are unique keys; the integer ids behind them keep the large tables
narrow and never leave `app.db`. Numbers are numbers, and images are written once, by hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import SHA256, Base

# What tells the pictures of one unit, or of one whole layer, apart.
MEMBER = ("technique", "seed", "member")
WHOLE = text("unit_id IS NULL")


class Model(Base):
    """A network with its weights."""

    __tablename__ = "model"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(Text)
    variant: Mapped[str] = mapped_column(String(80))
    weights_sha256: Mapped[str] = mapped_column(SHA256)
    weights_file: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    input_size: Mapped[int]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Layer(Base):
    """A layer of a model: its place, its width, and the ranges of its branches."""

    __tablename__ = "layer"
    __table_args__ = (UniqueConstraint("model_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"))
    name: Mapped[str] = mapped_column(String(80))
    ordinal: Mapped[int]
    channels: Mapped[int]
    map_size: Mapped[int]
    """Cells along a side of the layer's map at the model's input size."""
    stride: Mapped[int | None]
    """Pixels between neighbouring cells; null for `logits`, which sees the whole picture."""
    receptive_field: Mapped[int | None]
    """Pixels along a side that one cell sees; null for `logits`."""
    branches: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """`[{"name": "3x3", "start": 128, "stop": 384}, …]`; empty where there is one branch."""


class Unit(Base):
    """A channel of a layer, addressed by its index in the concatenated layer."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("layer_id", "index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("layer.id"))
    index: Mapped[int]
    title: Mapped[str | None] = mapped_column(Text)
    """The class's name, for units of `logits` whose classes are named."""


class Image(Base):
    """A picture, written once and referred to by its hash.

    An ordinary rowid table with a unique index: in SQLite, blobs in a table without rowid take
    twice the disk and half the speed.
    """

    __tablename__ = "image"
    # Lists ask for everything but the bytes: this index answers them without touching a blob.
    __table_args__ = (Index("ix_image_head", "sha256", "media_type", "width", "height"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[bytes] = mapped_column(LargeBinary)


class Recipe(Base):
    """Every number that a rendering or a scan depends on, as JSON, by the hash of that JSON."""

    __tablename__ = "recipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class Run(Base):
    """One precompute: what ran, when, with which version, how far. Progress is only here."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80))
    command: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    """`running`, `finished`, `failed` or `interrupted`; `abandoned` by a maintainer."""
    stage: Mapped[str] = mapped_column(Text, default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    skipped: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Images that could not be read, each as `path: reason`."""
    started: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    heartbeat: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """A unit of that layer; null for a picture of the whole layer."""
    technique: Mapped[str] = mapped_column(String(40))
    seed: Mapped[int]
    member: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """From 0: the place among the pictures of one technique and seed, which belong together."""
    image_sha256: Mapped[str] = mapped_column(ForeignKey("image.sha256"), index=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipe.id"))
    activation: Mapped[float]
    """The objective's value."""
    maximum: Mapped[float]
    """The largest cell of the unit's map, before the ReLU; of a layer, its largest value."""
    minimum: Mapped[float | None]
    """The smallest cell of the unit's map, before the ReLU; null where it was not measured."""
    note: Mapped[str | None] = mapped_column(Text)
    """Why the picture is not what one would expect; null where it is."""
    seconds: Mapped[float]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
