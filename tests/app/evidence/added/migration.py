"""The tables of the two kinds that tests add."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.create_table(
        "strength",
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), primary_key=True),
        sa.Column("dataset_id", sa.Integer(), sa.ForeignKey("dataset.id"), primary_key=True),
        sa.Column("rank", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), sa.ForeignKey("recipe.id"), nullable=False),
    )
    op.create_table(
        "wiring",
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), primary_key=True),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("layer.id"), primary_key=True),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
    )
