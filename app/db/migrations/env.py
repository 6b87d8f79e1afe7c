"""What alembic runs for every migration: on the connection that `upgrade` hands over."""

from __future__ import annotations

from alembic import context

from app.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
