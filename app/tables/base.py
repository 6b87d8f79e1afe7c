"""The root of all tables: names for constraints, and what types mean in the database."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Double, MetaData, String
from sqlalchemy.orm import DeclarativeBase

SHA256 = String(64)

# The `info` of tables whose rows change or go often: `copy` moves them last.
CHANGES = {"changes": True}


class Base(DeclarativeBase):
    """Holds the metadata; constraints are named so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # SQLAlchemy 2.0 and 2.1 differ in what `float` becomes; single precision is never meant.
    type_annotation_map: ClassVar = {float: Double}
