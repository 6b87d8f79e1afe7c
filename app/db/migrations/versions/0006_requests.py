"""The revision of a database, what a run was asked for as JSON, and help texts of columns.

Version 0.1 stored the command of a run, such as `microscope precompute --model toy --seeds 2`.
"""

from __future__ import annotations

import shlex
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.tables import Base

revision = "0006"
down_revision: str | None = "0004"

FLAGS = ("private", "force")
LISTS = ("layers", "techniques")
NUMBERS = ("steps", "size", "seeds", "top", "images", "patience", "cpus")


def upgrade() -> None:
    """Add the table `revision`, and turn each run's command into its request."""
    table = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    # Two databases that are brought to this schema must not share a revision.
    op.bulk_insert(table, [{"id": 1, "token": token_hex(8)}])
    _convert_runs()
    if op.get_bind().dialect.name == "postgresql":
        _comment()


def _convert_runs() -> None:
    op.add_column("run", sa.Column("request", sa.JSON(), nullable=True))
    run = sa.table(
        "run", sa.column("id", sa.Integer), sa.column("command"), sa.column("request", sa.JSON)
    )
    connection = op.get_bind()
    for number, command in connection.execute(sa.select(run.c.id, run.c.command)).all():
        changed = sa.update(run).where(run.c.id == number)
        connection.execute(changed.values(request=request_of(command)))
    with op.batch_alter_table("run") as batch:
        batch.alter_column("request", existing_type=sa.JSON(), nullable=False)
        batch.drop_column("command")


def request_of(command: str) -> dict[str, Any]:
    """The options of a command by name; the command itself where it cannot be read."""
    unread = {"command": command}
    try:
        words = shlex.split(command)
        if words[:2] != ["microscope", "precompute"]:
            return unread
        return {name: _value(name, text) for name, text in _options(words[2:])}
    except ValueError:
        return unread


def _options(words: list[str]) -> list[tuple[str, str]]:
    """Names and values of options; of one without a value, an empty text."""
    found: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("--"):
            name, _, value = word.removeprefix("--").partition("=")
            found.append((name.replace("-", "_"), value))
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0], word)
        else:
            raise ValueError(word)
    return found


def _value(name: str, text: str) -> Any:
    if name in FLAGS and not text:
        return True
    if name in LISTS:
        return text.split(",")
    if name == "gpus":
        return float(text)
    return int(text) if name in NUMBERS else text


def _comment() -> None:
    """What SQLAlchemy's tables say of their columns; SQLite has no comments."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.comment and sa.inspect(op.get_bind()).has_table(table.name):
                op.alter_column(table.name, column.name, comment=column.comment)
