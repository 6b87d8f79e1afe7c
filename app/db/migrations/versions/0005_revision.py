"""The database's revision, which the web side's ETags and page cache depend on."""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    table = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    # Two databases that are brought to this schema must not share a revision.
    op.bulk_insert(table, [{"id": 1, "token": token_hex(8)}])
