"""What makes the explorer quick and readable: sheets of thumbnails, a tour, labels, hidden
pictures, a place of each unit among those like it; and indexes that lists are answered from.

Every stored row is kept. What is new is empty until precompute, or its maker, fills it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"

LISTED = ("mean", "deviation", "skew", "maximum", "minimum", "density", "image_density", "place")


def upgrade() -> None:
    """Add a column, which no engine needs to copy rows for, the indexes, and the new tables."""
    op.add_column("statistics", sa.Column("place", sa.Integer(), nullable=True))
    op.create_index("ix_statistics_list", "statistics", ["dataset_id", "unit_id", *LISTED])
    op.create_index("ix_effect_output_id_value", "effect", ["output_id", "value"])
    _create_sheets()
    _create_highlights()
    _create_labels()
    op.create_table(
        "hidden",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_hidden"),
    )


def _create_sheets() -> None:
    op.create_table(
        "sheet",
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("technique", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("present", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name="fk_sheet_layer_id_layer"),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name="fk_sheet_image_sha256_image"
        ),
        sa.PrimaryKeyConstraint("layer_id", "technique", "number", name="pk_sheet"),
    )
    op.create_index("ix_sheet_image_sha256", "sheet", ["image_sha256"])


def _create_highlights() -> None:
    op.create_table(
        "highlight",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_highlight_model_id_model"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_highlight_unit_id_unit"),
        sa.PrimaryKeyConstraint("model_id", "rank", name="pk_highlight"),
    )


def _create_labels() -> None:
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name="fk_label_layer_id_layer"),
        sa.PrimaryKeyConstraint("id", name="pk_label"),
    )
    op.create_index("ix_label_layer_id", "label", ["layer_id"])
