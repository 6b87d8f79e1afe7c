"""The schema's history, run from Python: `upgrade` makes or renews a database.

There is no alembic.ini and no command of alembic's own; alembic is imported here only, so a
server never loads it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database to `revision`, in the connection's transaction; an empty one is made."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
