"""What data sets say about every unit: fields and heat of examples, statistics, similar units,
effects on the classes; and data sets whose pictures are private.

Every stored row is kept. Examples gain empty columns; no data set was private before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Add the columns, which no engine needs to copy rows for, and the new tables."""
    for name in ("left", "upper", "right", "lower"):
        op.add_column("example", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("example", sa.Column("heat", sa.LargeBinary(), nullable=True))
    op.add_column(
        "dataset", sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _create_statistics()
    _create_neighbours()
    _create_effects()


def _create_statistics() -> None:
    numbers = ("mean", "deviation", "skew", "maximum", "minimum", "density", "image_density")
    lists = ("quantiles", "histogram", "intervals", "class_means", "class_shares")
    op.create_table(
        "statistics",
        *_place("statistics"),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("positions", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in numbers),
        sa.Column("top_images", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in lists),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", name="pk_statistics"),
    )


def _create_neighbours() -> None:
    op.create_table(
        "neighbour",
        *_place("neighbour"),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("correlation", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["unit.id"], name="fk_neighbour_other_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", "within", "rank", name="pk_neighbour"),
    )


def _create_effects() -> None:
    op.create_table(
        "effect",
        *_place("effect"),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("output_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["output_id"], ["unit.id"], name="fk_effect_output_id_unit"),
        sa.ForeignKeyConstraint(["recipe_id"], ["recipe.id"], name="fk_effect_recipe_id_recipe"),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", "rank", name="pk_effect"),
    )


def _place(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns that say of which unit and of which data set a row tells."""
    unit, dataset = f"fk_{table}_unit_id_unit", f"fk_{table}_dataset_id_dataset"
    return (
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=unit),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=dataset),
    )
