"""The tables of networks, of pictures and recipes, and of runs."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import CHANGES, SHA256, Base
from app.tables.fields import exported, of_records


class Model(Base):
    """A network with its weights."""

    __tablename__ = "model"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(
        String(80), unique=True, comment="The model's slug.", info={"name": "model"}
    )
    title: Mapped[str] = mapped_column(Text, comment="Its name for people.")
    variant: Mapped[str] = mapped_column(
        String(80), comment="The variant of InceptionV1 that it is."
    )
    weights_sha256: Mapped[str] = mapped_column(SHA256, comment="SHA-256 of the file of weights.")
    weights_file: Mapped[str] = mapped_column(Text, comment="The name of that file.")
    licence: Mapped[str] = mapped_column(Text, comment="The licence of the weights.")
    input_size: Mapped[int] = mapped_column(comment="Pixels along a side of the network's input.")
    created: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="When it was stored."
    )


class Layer(Base):
    """A layer of a model: its place, its width, and the ranges of its branches."""

    __tablename__ = "layer"
    __table_args__ = (UniqueConstraint("model_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"))
    name: Mapped[str] = mapped_column(
        String(80), comment="The layer's name.", info={"name": "layer"}
    )
    ordinal: Mapped[int] = mapped_column(comment="Its place in the forward pass, from 0.")
    channels: Mapped[int] = mapped_column(comment="How many units it has.")
    map_size: Mapped[int] = mapped_column(comment="Cells along a side of its map.")
    """At the model's input size."""
    stride: Mapped[int | None] = mapped_column(
        comment="Pixels between neighbouring cells; null for classes."
    )
    receptive_field: Mapped[int | None] = mapped_column(
        comment="Pixels along a side that a cell sees; or null."
    )
    branches: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON,
        info=exported(
            of_records(
                "branch_names", "texts", "The branches, in the order of their units.", "name"
            ),
            of_records("branch_starts", "integers", "The first unit of each branch.", "start"),
            of_records(
                "branch_stops", "integers", "The unit after the last of each branch.", "stop"
            ),
        ),
    )
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
    media_type: Mapped[str] = mapped_column(
        String(40), comment="What the picture is: `image/webp`, …"
    )
    width: Mapped[int] = mapped_column(comment="Pixels.")
    height: Mapped[int] = mapped_column(comment="Pixels.")
    bytes: Mapped[bytes] = mapped_column(LargeBinary)


class Recipe(Base):
    """Every number that a rendering or a scan depends on, as JSON, by the hash of that JSON."""

    __tablename__ = "recipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256, unique=True, comment="SHA-256 of the recipe.")
    body: Mapped[dict[str, Any]] = mapped_column(JSON, comment="The recipe, as JSON.")


class Run(Base):
    """One precompute: what ran, when, with which version, how far. Progress is only here."""

    __tablename__ = "run"
    __table_args__ = ({"info": CHANGES},)

    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The options that were given, by name: `{"model": "toy", "layers": ["conv2d0"]}`."""
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
