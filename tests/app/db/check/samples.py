"""What the tests of checks share: a database of the toy network, and ways to break it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from app.db.check.issues import Fault
from app.db.check.report import examine
from app.db.copy.transfer import copy_database
from app.evidence.visualizations import Visualization
from app.tables import Base, DatasetImage, Image, Run

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()"]


TOY = (
    "precompute", "--model", "toy", "--dataset", "drawn", "--images", "8",
    "--layers", "conv2d0,logits", "--units", "0-2", "--steps", "1", "--size", "32", "--top", "3",
    "--techniques", "channel,logit,diversity,deepdream,examples,effects",
)  # fmt: skip


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def duplicate(file: Path, url: str) -> str:
    """The same content at another place."""
    if "://" in url:
        copy_database(str(file), url, silent)
    else:
        shutil.copy(file, url)
    return url


@contextmanager
def broken(engine: Engine) -> Iterator[Connection]:
    """A transaction without rules for references, which is undone in the end."""
    with engine.execution_options(writes=True).connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        connection.rollback()


def found(connection: Connection, is_quick: bool = True) -> dict[str, Fault]:
    """The faults by kind; quick, but for those of pictures."""
    return {fault.kind: fault for fault in examine(connection, silent, is_quick).faults}


def first(connection: Connection, column: Any, *where: Any) -> Any:
    return connection.scalar(select(func.min(column)).where(*where))


def mends(fault: Fault, *commands: str) -> bool:
    """Whether these commands, in this order, are what mends it; all name the database."""
    assert all(" --database " in each for each in fault.mend)
    return len(fault.mend) == len(commands) and all(
        each.startswith(f"microscope {command}")
        for each, command in zip(fault.mend, commands, strict=True)
    )


AGAIN = ("prune --broken", "precompute --model toy")


def spoil(connection: Connection) -> None:
    picture = first(connection, Visualization.image_sha256)
    connection.execute(update(Image).where(Image.sha256 == picture).values(bytes=b"no picture"))


def stretch(connection: Connection) -> None:
    picture = first(connection, DatasetImage.image_sha256)
    statement = update(Image).where(Image.sha256 == picture)
    connection.execute(statement.values(width=Image.width + 1))


def delete_from(table: type[Base], *where: Any) -> Callable[[Connection], None]:
    def damage(connection: Connection) -> None:
        assert connection.execute(delete(table).where(*where)).rowcount

    return damage


def record(connection: Connection, **changed: Any) -> None:
    now = datetime.now(UTC)
    request = {"model": "toy", "layers": ["conv2d0"], "units": "0-9", "techniques": ["channel"]}
    row: dict[str, Any] = {
        "model": "toy",
        "request": request,
        "version": "0.1.0",
        "state": "running",
    }
    row |= {"started": now, "heartbeat": now, "total": 10, "done": 3, "stage": "channel"}
    connection.execute(insert(Run).values(**row | changed))
