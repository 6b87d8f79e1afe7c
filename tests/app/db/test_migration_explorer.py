"""The fourth schema: databases of the third keep every row. And what every upgrade outlives."""

from __future__ import annotations

import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, insert, text

from app import tables
from app.cli import main
from app.db import migrations
from app.db.check.report import check
from app.db.copy.transfer import copy_database
from app.db.engine import database_url, open_for_reading, open_for_writing, revision_of
from app.db.queries import unit_detail
from app.db.transactions import transaction
from app.errors import DatabaseUnusable
from precompute.pipeline import record_run
from precompute.request import Request
from tests.app.db.conftest import NewStore
from tests.app.db.test_migration_evidence import SECOND
from tests.app.db.test_migrations import (
    DATASET,
    EXAMPLE,
    OLD,
    RUN,
    Rows,
    differences,
    plain,
    stored,
)

PLACE = {"unit_id": 1, "dataset_id": 1}
STATISTICS: dict[str, Any] = PLACE | {
    "images": 5, "positions": 2**40, "mean": -0.5, "deviation": 1 / 3, "skew": 0.1, "maximum": 9.0,
    "minimum": -2.5, "density": 0.25, "image_density": 0.5, "top_images": 1,
    "quantiles": [[0.5, -0.25]],
    "histogram": {"low": -2.5, "high": 9.0, "counts": [1, 2], "positions": 16},
    "intervals": [], "class_means": [{"label": "fuchs", "value": 1.5}], "class_shares": [],
}  # fmt: skip
SEEN = {"left": 0, "upper": 1, "right": 8, "lower": 9, "heat": b"\x00\xff"}
# Pictures that are called by the hashes of their bytes.
HASHES = {letter * 64: sha256(letter.encode()).hexdigest() for letter in "abcd"}


def honest(rows: Rows) -> Rows:
    return [
        {name: HASHES.get(value, value) if isinstance(value, str) else value
         for name, value in row.items()}
        for row in rows
    ]  # fmt: skip


# A database as the third schema held it; PostgreSQL counts runs from 1 without knowing of these.
THIRD: dict[str, Rows] = {name: honest(rows) for name, rows in SECOND.items()} | {
    "run": [RUN | {"id": 77}],
    "dataset": [DATASET | {"private": True}],
    "example": [EXAMPLE | SEEN | {"activation": 3.5, "y": 1, "x": 2}],
    "statistics": [STATISTICS],
    "neighbour": [PLACE | {"within": True, "rank": 1, "other_id": 2, "correlation": 0.75}],
    "effect": [PLACE | {"rank": -1, "output_id": 4, "value": -1.25, "images": 5, "recipe_id": 1}],
}


def made(url: str, revision: str, rows: dict[str, Rows]) -> str:
    """A database of an earlier schema, with a row or more in every table."""
    engine = create_engine(database_url(url))
    with transaction(engine) as connection:
        migrations.upgrade(connection, revision)
    tables = MetaData()
    with transaction(engine) as connection:
        tables.reflect(connection)
        assert set(tables.tables) - {"alembic_version"} == set(rows)
        for table in tables.sorted_tables:
            for row in rows.get(table.name, []):
                assert set(row) >= set(table.c.keys()) - {"id"}, table.name
                connection.execute(insert(table), row)
    engine.dispose()
    return url


@pytest.fixture
def third_url(store_url: str) -> str:
    return made(store_url, "0003", THIRD)


def test_an_upgrade_keeps_every_row_of_every_table(third_url: str) -> None:
    engine = open_for_writing(third_url)
    assert revision_of(engine) == tables.REVISION
    assert differences(engine) == []
    found = stored(engine)
    for name, rows in THIRD.items():
        if name in found:
            wanted = [{key: row[key] for key in OLD[name][0]} for row in rows]
            assert plain(found[name]) == plain(wanted), name
    unit = unit_detail.unit(engine, "old", "mixed3b", 0)
    (statistics,) = unit.statistics
    assert (statistics.summary.maximum, statistics.positions) == (9.0, 2**40)
    (example,) = unit.examples
    assert (example.box, example.has_heat) == ((0, 1, 8, 9), True)
    assert [each.correlation for each in unit.neighbours] == [0.75]
    assert [each.value for each in unit.effects] == [-1.25]
    engine.dispose()


def test_an_upgraded_database_is_copied_and_looked_over(
    third_url: str, new_store: NewStore
) -> None:
    open_for_writing(third_url).dispose()
    target = new_store("sqlite" if "://" in third_url else "postgresql")
    copy_database(third_url, target, lambda what, done, total: None)
    engine = open_for_reading(target)
    kinds = {fault.kind for fault in check(engine, lambda what, done, total: None).faults}
    engine.dispose()
    # Its pictures were made up, and lists are made by `refresh`.
    assert kinds <= {"picture-decoding", "sheets", "tour", "views", "missing"}


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0003", "run `microscope migrate` on it"),
        ("9999", "`pip install --upgrade inception-microscope`"),
        (None, "is empty: run `microscope precompute`"),
    ],
)
def test_every_command_says_what_to_run_on_a_database_of_another_version(
    version: str | None,
    told: str,
    store_url: str,
    new_store: NewStore,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outdate(store_url, version)
    other = new_store("sqlite")
    more = {"copy": ["--to", other], "backup": ["--to", other], "export": ["--out", f"{other}-out"]}
    more["hide"] = ["0" * 64]
    for command in ("serve", "status", "check", "copy", "backup", "export", "prune", "hide"):
        given = ["--from" if command == "copy" else "--database", store_url]
        code = main.run(main.app, [command, *given, *more.get(command, [])])
        printed = capsys.readouterr()
        assert (code, printed.out) == (2, ""), command
        assert told in printed.err, command
    assert not Path(other).exists()


def outdate(url: str, version: str | None) -> None:
    """As if another version had made it; for None, as before any has."""
    if version is None:
        if "://" not in url:
            Path(url).touch()
        return
    engine = open_for_writing(url)
    with transaction(engine) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    engine.dispose()


def test_precompute_upgrades_an_older_database_and_refuses_a_newer(third_url: str) -> None:
    request = Request("toy", database=third_url, techniques=("channel",))
    with record_run(request):
        pass
    outdate(third_url, "9999")
    with pytest.raises(DatabaseUnusable, match="pip install --upgrade"), record_run(request):
        pass


DYING = """
import itertools, os, signal, sys
from sqlalchemy import Engine, event
left = itertools.count(int(sys.argv[1]), -1)
def die(*_):
    if next(left) <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "after_cursor_execute", die)
from app.db.engine import open_for_writing
open_for_writing(sys.argv[2])
"""


def statements(url: str) -> int:
    """How many statements an upgrade takes."""
    code = DYING.replace("os.kill(os.getpid(), signal.SIGKILL)", "pass")
    code += "print(int(sys.argv[1]) - next(left))"
    done = subprocess.run(
        [sys.executable, "-c", code, "100000", url], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_an_upgrade_that_is_killed_leaves_what_was_there(
    store_url: str, new_store: NewStore
) -> None:
    """Between any two of its steps: an upgrade is one transaction on both engines."""
    kind = "postgresql" if "://" in store_url else "sqlite"
    total = statements(made(new_store(kind), "0001", OLD))
    made(store_url, "0001", OLD)
    assert total > 30
    for after in (total // 3, 3 * total // 4):
        killed = subprocess.run(
            [sys.executable, "-c", DYING, str(after), store_url], capture_output=True
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        engine = create_engine(database_url(store_url))
        assert revision_of(engine) == "0001"
        assert {name: plain(rows) for name, rows in stored(engine).items()} == {
            name: plain(rows) for name, rows in OLD.items()
        }
        engine.dispose()
    assert main.run(main.app, ["migrate", "--database", store_url]) == 0
    engine = open_for_reading(store_url)
    assert differences(engine) == []
    engine.dispose()
