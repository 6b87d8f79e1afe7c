"""Migrations make exactly the tables that the schema declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.store import migrations, schema
from app.store.engine import open_for_writing, reading, revision_of


def test_a_migrated_database_has_the_schemas_tables(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.Base.metadata) == []


def test_the_newest_migration_is_the_schemas_revision(engine: Engine) -> None:
    scripts = ScriptDirectory(str(next(iter(migrations.__path__))))
    assert scripts.get_heads() == [schema.REVISION]
    assert revision_of(engine) == schema.REVISION


def test_opening_a_ready_database_migrates_nothing(engine: Engine, store_url: str) -> None:
    again = open_for_writing(store_url)
    migrations.upgrade(again)
    assert revision_of(again) == schema.REVISION
    again.dispose()
