"""Migrations make exactly the tables that the schema declares, and keep what older ones hold."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from app import tables
from app.cli import main
from app.db import migrations
from app.db.check.report import check
from app.db.copy.transfer import copy_database
from app.db.engine import (
    BROUGHT_OVER,
    REFUSED,
    REVISION,
    database_url,
    open_for_reading,
    open_for_writing,
    revision_of,
)
from app.db.queries import run_status, unit_detail
from app.db.transactions import reading, transaction
from app.errors import DatabaseUnusable, StoreError
from app.evidence.visualizations import Visualization
from precompute.pipeline import record_run
from precompute.request import Request
from tests.app.db.conftest import NewStore

THEN = datetime(2026, 3, 7, 12, 30, tzinfo=UTC)
Rows = list[dict[str, Any]]


def differences(engine: Engine) -> Sequence[Any]:
    """What alembic would change to make the database as the schema declares it."""
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found: Sequence[Any] = compare_metadata(context, tables.Base.metadata)
        return found


def test_a_migrated_database_has_the_schemas_tables(engine: Engine) -> None:
    assert differences(engine) == []


def test_the_newest_migration_is_the_schemas_revision(engine: Engine) -> None:
    scripts = ScriptDirectory(str(next(iter(migrations.__path__))))
    assert scripts.get_heads() == [REVISION]
    assert revision_of(engine) == REVISION


def test_opening_a_ready_database_migrates_nothing(engine: Engine, store_url: str) -> None:
    again = open_for_writing(store_url)
    with transaction(again) as connection:
        migrations.upgrade(connection)
    assert revision_of(again) == REVISION
    again.dispose()


def digest(letter: str) -> str:
    """The hash of a picture, whose bytes are a letter."""
    return sha256(letter.encode()).hexdigest()


def image(letter: str) -> dict[str, Any]:
    return {
        "sha256": digest(letter),
        "media_type": "image/png",
        "width": 8,
        "height": 8,
        "bytes": letter.encode(),
    }


def layer(key: int, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "model_id": 1,
        "name": name,
        "ordinal": key,
        "channels": 2,
        "map_size": 4,
        "stride": None,
        "receptive_field": None,
        "branches": [{"name": "1x1", "start": 0, "stop": 2}],
    }


def picture(key: int, unit: int, technique: str, seed: int, letter: str) -> dict[str, Any]:
    return {
        "id": key,
        "layer_id": 1 + unit // 3,
        "unit_id": unit,
        "technique": technique,
        "seed": seed,
        "image_sha256": digest(letter),
        "recipe_id": 1,
        "activation": 0.1 + key,
        "maximum": 1e9 / 3,
        "seconds": 1.5,
        "member": 0,
        "minimum": None,
        "note": None,
        "created": THEN,
    }


MODEL = {
    "id": 1,
    "slug": "old",
    "title": "Old",
    "variant": "toy",
    "weights_sha256": "ab" * 32,
    "weights_file": "toy.safetensors",
    "licence": "CC0",
    "input_size": 224,
    "created": THEN,
}
DATASET = {
    "id": 1,
    "slug": "foxes",
    "title": "Foxes",
    "licence": "CC0",
    "fingerprint": "cd" * 32,
    "images": 5,
    "created": THEN,
}
PLACE = {"unit_id": 1, "dataset_id": 1}
RUN = {
    "id": 76,
    "model": "old",
    "command": "microscope precompute --model toy --dataset 'my photos' "
    "--layers conv2d0,logits --seeds 2 --private --gpus 0.5",
    "version": "0.1.0",
    "state": "finished",
    "stage": "examples",
    "done": 5,
    "total": 5,
    "message": "",
    "skipped": ["broken.jpg: truncated"],
    "started": THEN,
    "heartbeat": THEN,
}
STATISTICS: dict[str, Any] = PLACE | {
    "images": 5, "positions": 2**40, "mean": -0.5, "deviation": 1 / 3, "skew": 0.1, "maximum": 9.0,
    "minimum": -2.5, "density": 0.25, "image_density": 0.5, "top_images": 1, "place": 1,
    "quantiles": [[0.5, -0.25]],
    "histogram": {"low": -2.5, "high": 9.0, "counts": [1, 2], "positions": 16},
    "intervals": [], "class_means": [{"label": "fuchs", "value": 1.5}], "class_shares": [],
}  # fmt: skip

# A row or more in every table of version 0.1. PostgreSQL counts runs from 1, not knowing of these.
OLD: dict[str, Rows] = {
    "model": [MODEL],
    "layer": [layer(1, "mixed3b"), layer(2, "logits")],
    "unit": [
        {"id": key, "layer_id": 1 + key // 3, "index": (key - 1) % 2, "title": None}
        for key in (1, 2, 3, 4)
    ],
    "image": [image(name) for name in "abcd"],
    "recipe": [{"id": 1, "sha256": "ef" * 32, "body": {"steps": 256, "technique": "channel"}}],
    "visualization": [
        picture(1, 1, "channel", 0, "a"),
        picture(2, 1, "channel", 1, "b"),
        picture(3, 1, "negative", 0, "c"),
        picture(7, 4, "logit", 0, "c"),
    ],
    "dataset": [DATASET | {"private": False}],
    "dataset_image": [
        {"id": 1, "dataset_id": 1, "path": "a.jpg", "label": "fox", "image_sha256": digest("d")}
    ],
    "example": [
        PLACE | {"kind": "top", "rank": 1, "dataset_image_id": 1, "activation": 3.5, "y": 1, "x": 2,
                 "left": 0, "upper": 1, "right": 8, "lower": 9, "heat": b"\x00\xff"}
    ],
    "scan": [PLACE | {"recipe_id": 1, "top": 1, "images": 5, "created": THEN}],
    "statistics": [STATISTICS],
    "neighbour": [PLACE | {"within": True, "rank": 1, "other_id": 2, "correlation": 0.75}],
    "effect": [PLACE | {"rank": -1, "output_id": 4, "value": -1.25, "images": 5, "recipe_id": 1}],
    "sheet": [
        {"layer_id": 1, "technique": "channel", "number": 0, "image_sha256": digest("a"),
         "present": "10", "fingerprint": "0" * 64}
    ],
    "highlight": [
        {"model_id": 1, "rank": 1, "kind": "densest", "unit_id": 1, "value": 0.5, "detail": None}
    ],
    "label": [
        {"id": 3, "layer_id": 1, "start": 0, "stop": 2, "label": "ears", "family": None,
         "note": None, "source": "labels.csv"}
    ],
    "hidden": [{"sha256": "9" * 64, "reason": "asked", "created": THEN}],
    "run": [RUN, RUN | {"id": 77, "command": "rm -rf 'unbalanced"}],
}  # fmt: skip
REQUEST = {
    "model": "toy",
    "dataset": "my photos",
    "layers": ["conv2d0", "logits"],
    "seeds": 2,
    "private": True,
    "gpus": 0.5,
}


def made(url: str) -> str:
    """A database of version 0.1, with a row or more in every table."""
    engine = create_engine(database_url(url))
    with transaction(engine) as connection:
        migrations.upgrade(connection, BROUGHT_OVER)
    known = MetaData()
    with transaction(engine) as connection:
        known.reflect(connection)
        assert set(known.tables) - {"alembic_version"} == set(OLD)
        for table in known.sorted_tables:
            for row in OLD.get(table.name, []):
                assert set(row) >= set(table.c.keys()) - {"id"}, table.name
                connection.execute(insert(table), row)
    engine.dispose()
    return url


@pytest.fixture
def old_url(store_url: str) -> str:
    return made(store_url)


def stored(engine: Engine) -> dict[str, Rows]:
    """Every row of every table, but for what runs were asked for, in the columns of version 0.1."""
    known = MetaData()
    with reading(engine) as connection:
        known.reflect(connection)
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    select(*(known.tables[name].c[column] for column in kept(rows)[0]))
                ).mappings()
            ]
            for name, rows in OLD.items()
        }


def kept(rows: Rows) -> Rows:
    return [{name: value for name, value in row.items() if name != "command"} for row in rows]


def plain(rows: Rows) -> list[tuple[str, ...]]:
    """Rows to compare: in any order, moments without their zone, which SQLite does not keep."""
    return sorted(
        tuple(
            str(value.replace(tzinfo=None) if isinstance(value, datetime) else value)
            for _, value in sorted(row.items())
        )
        for row in rows
    )


def all_plain(found: dict[str, Rows]) -> dict[str, list[tuple[str, ...]]]:
    return {name: plain(kept(rows)) for name, rows in found.items()}


def test_an_upgrade_keeps_every_row_of_every_table(old_url: str) -> None:
    engine = open_for_writing(old_url)
    assert revision_of(engine) == REVISION
    assert differences(engine) == []
    assert all_plain(stored(engine)) == all_plain(OLD)
    unit = unit_detail.unit(engine, "old", "mixed3b", 0)
    assert [(view.technique, view.seed) for view in unit.visualizations] == [
        ("channel", 0),
        ("channel", 1),
        ("negative", 0),
    ]
    assert unit.statistics[0].summary.maximum == 9.0
    assert [each.correlation for each in unit.neighbours] == [0.75]
    assert [each.value for each in unit.effects] == [-1.25]
    engine.dispose()


def test_what_runs_were_asked_for_becomes_json(old_url: str) -> None:
    engine = open_for_writing(old_url)
    unread, read = run_status.runs(engine)
    assert read.request == REQUEST
    assert read.command == RUN["command"]
    assert unread.request == {"command": "rm -rf 'unbalanced"}
    assert unread.command == "rm -rf 'unbalanced"
    engine.dispose()


def test_two_upgraded_databases_have_revisions_of_their_own(
    old_url: str, new_store: NewStore
) -> None:
    other = made(new_store("sqlite"))
    tokens = set()
    for url in (old_url, other):
        engine = open_for_writing(url)
        tokens.add(run_status.read_state(engine).token)
        engine.dispose()
    assert len(tokens) == 2


def test_an_upgraded_database_is_copied_and_looked_over(old_url: str, new_store: NewStore) -> None:
    open_for_writing(old_url).dispose()
    target = new_store("sqlite" if "://" in old_url else "postgresql")
    copy_database(old_url, target, lambda what, done, total: None)
    engine = open_for_reading(target)
    kinds = {fault.kind for fault in check(engine, lambda what, done, total: None).faults}
    engine.dispose()
    # Its pictures were made up, and lists are made by `refresh`.
    assert kinds <= {"picture-decoding", "sheets", "tour", "views", "missing"}


def test_an_upgraded_database_keeps_its_rules(old_url: str) -> None:
    engine = open_for_writing(old_url)
    row = picture(8, 1, "channel", 0, "a")
    whole = row | {"unit_id": None, "technique": "deepdream", "id": 9}
    with engine.begin() as connection:
        connection.execute(insert(Visualization), whole)
        connection.execute(insert(Visualization), whole | {"id": 10, "layer_id": 2})
    for each in [row, row | {"layer_id": None, "seed": 5}, row | {"layer_id": 77, "seed": 5},
                 whole | {"id": 11}]:  # fmt: skip
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(insert(Visualization), each)
    engine.dispose()


def test_the_command_that_readers_name_upgrades(
    old_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DatabaseUnusable, match=r"older version.*0004.*microscope migrate"):
        open_for_reading(old_url)
    assert main.run(main.app, ["migrate", "--database", old_url]) == 0
    assert "is ready" in capsys.readouterr().out
    open_for_reading(old_url).dispose()


def test_an_upgrade_that_fails_changes_nothing(old_url: str) -> None:
    engine = create_engine(database_url(old_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE revision (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="already exists"):
        open_for_writing(old_url)
    require_old(old_url)


def require_old(url: str) -> None:
    """Nothing of a database of version 0.1 has changed."""
    engine = create_engine(database_url(url))
    assert revision_of(engine) == BROUGHT_OVER
    assert all_plain(stored(engine)) == all_plain(OLD)
    with reading(engine) as connection:
        commands = connection.scalars(text("SELECT command FROM run ORDER BY id")).all()
    assert commands == [row["command"] for row in OLD["run"]]
    engine.dispose()


@pytest.mark.parametrize("revision", REFUSED)
def test_a_database_of_an_unreleased_schema_is_refused_and_left_alone(
    old_url: str, revision: str
) -> None:
    outdate_to(old_url, revision)
    for opening in (open_for_reading, open_for_writing):
        with pytest.raises(DatabaseUnusable, match=r"development version.*new --database"):
            opening(old_url)
    outdate_to(old_url, BROUGHT_OVER)
    require_old(old_url)


def outdate_to(url: str, revision: str) -> None:
    engine = create_engine(database_url(url))
    with transaction(engine) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    engine.dispose()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0004", "run `microscope migrate` on it"),
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


def test_precompute_upgrades_an_older_database_and_refuses_a_newer(old_url: str) -> None:
    request = Request("toy", database=old_url, techniques=("channel",))
    with record_run(request):
        pass
    outdate(old_url, "9999")
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
    total = statements(made(new_store(kind)))
    made(store_url)
    assert total > 10
    for after in (total // 3, 2 * total // 3):
        killed = subprocess.run(
            [sys.executable, "-c", DYING, str(after), store_url], capture_output=True
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        require_old(store_url)
    assert main.run(main.app, ["migrate", "--database", store_url]) == 0
    engine = open_for_reading(store_url)
    assert differences(engine) == []
    engine.dispose()
