"""Pictures of whole layers, several members of one seed, the map's minimum, and notes.

Every stored picture is kept. What was rendered for the classes by "channel" is called "logit".
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

TABLE = "visualization"
MEMBER = ["technique", "seed", "member"]
OF_LAYER = sa.text("unit_id IS NULL")


def upgrade() -> None:
    """Widen the table of pictures; SQLite makes it anew and copies every row."""
    _add_columns()
    _fill_columns()
    _set_rules()


def _add_columns() -> None:
    first = sa.text("0")
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("layer_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("member", sa.Integer(), server_default=first, nullable=False))
        table.add_column(sa.Column("minimum", sa.Double(), nullable=True))
        table.add_column(sa.Column("note", sa.Text(), nullable=True))


def _fill_columns() -> None:
    op.execute(
        "UPDATE visualization SET layer_id ="
        " (SELECT unit.layer_id FROM unit WHERE unit.id = visualization.unit_id)"
    )
    op.execute(
        "UPDATE visualization SET technique = 'logit' WHERE technique = 'channel'"
        " AND layer_id IN (SELECT id FROM layer WHERE name = 'logits')"
    )


def _set_rules() -> None:
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("layer_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("unit_id", existing_type=sa.Integer(), nullable=True)
        table.drop_constraint("uq_visualization_unit_id_technique_seed", type_="unique")
        table.create_unique_constraint(
            "uq_visualization_unit_id_technique_seed_member", ["unit_id", *MEMBER]
        )
        table.create_foreign_key("fk_visualization_layer_id_layer", "layer", ["layer_id"], ["id"])
    op.create_index(
        "ix_visualization_layer_id_technique_seed_member",
        TABLE,
        ["layer_id", *MEMBER],
        unique=True,
        sqlite_where=OF_LAYER,
        postgresql_where=OF_LAYER,
    )
