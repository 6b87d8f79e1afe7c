"""Checking on both engines: a database that precompute made is well, and each fault is named."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from app import cli
from app.store import schema
from app.store.check import Report, check, examine
from app.store.check_faults import Fault, Remedies
from app.store.check_references import foreign_keys, references
from app.store.copy import copy_database
from app.store.engine import open_for_writing, writing
from app.store.schema import (
    DatasetImage,
    Effect,
    Example,
    Highlight,
    Image,
    Layer,
    Neighbour,
    Run,
    Scan,
    Sheet,
    Statistics,
    Unit,
    Visualization,
)
from tests.app.store.conftest import ENGINES, NewStore
from tests.precompute.content import content, intact

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]
TOY = (
    "precompute", "--model", "toy", "--dataset", "drawn", "--images", "8",
    "--layers", "conv2d0,logits", "--units", "0-2", "--steps", "1", "--size", "32", "--top", "3",
    "--techniques", "channel,logit,diversity,deepdream,examples,effects",
)  # fmt: skip


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def toy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the toy network's precompute makes it; nobody changes it."""
    path = tmp_path_factory.mktemp("toy") / "toy.db"
    made = run(*TOY, "--database", str(path))
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="module", params=ENGINES)
def toy_url(request: pytest.FixtureRequest, new_store: NewStore, toy_file: Path) -> str:
    return duplicate(toy_file, new_store(request.param))


def duplicate(file: Path, url: str) -> str:
    """The same content at another place."""
    if "://" in url:
        copy_database(str(file), url, silent)
    else:
        shutil.copy(file, url)
    return url


@pytest.fixture(scope="module")
def toy(toy_url: str) -> Iterator[Engine]:
    engine = open_for_writing(toy_url)
    yield engine
    engine.dispose()


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


def test_a_database_that_precompute_made_is_well(toy: Engine) -> None:
    report = check(toy, silent)
    assert report.faults == ()
    assert report.pictures > 30


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


def forge(connection: Connection) -> None:
    """A picture whose hash is right, and which is none."""
    data = b"no picture"
    name = sha256(data).hexdigest()
    head = {"media_type": "image/avif", "width": 32, "height": 32}
    connection.execute(insert(Image).values(sha256=name, bytes=data, **head))
    one = first(connection, Visualization.id)
    connection.execute(
        update(Visualization).where(Visualization.id == one).values(image_sha256=name)
    )


def stretch(connection: Connection) -> None:
    picture = first(connection, DatasetImage.image_sha256)
    statement = update(Image).where(Image.sha256 == picture)
    connection.execute(statement.values(width=Image.width + 1))


@pytest.mark.parametrize(
    ("damage", "kind", "place"),
    [
        (spoil, "picture-bytes", " of toy "),
        (forge, "picture-decoding", " of toy "),
        (stretch, "picture-size", "the view of "),
    ],
)
def test_a_picture_that_is_not_what_it_was_is_named(
    toy: Engine, damage: Callable[[Connection], None], kind: str, place: str
) -> None:
    with broken(toy) as connection:
        damage(connection)
        fault = found(connection, is_quick=False)[kind]
        assert kind not in found(connection)
    assert fault.count == 1
    assert place in fault.places[0]
    assert mends(fault, *AGAIN)


def test_each_reference_to_nothing_is_named(toy: Engine) -> None:
    tried = set()
    for key in foreign_keys():
        column, table = key.parent, key.parent.table
        nothing = "f" * 64 if column.name == "image_sha256" else 999_999
        with broken(toy) as connection:
            one = next(iter(table.primary_key.columns))
            changed = connection.execute(
                update(table)
                .where(one == select(func.min(one)).scalar_subquery(), column.is_not(None))
                .values({column.name: nothing})
            ).rowcount
            faults = list(references(connection, Remedies("toy.db", ())))
        if changed:
            says = f" rows of {table.name} refer to a row of {key.column.table.name}"
            assert any(says in fault.says for fault in faults), key
            tried.add((table.name, column.name))
    assert len(tried) > 20


def test_a_picture_on_the_wrong_layer_is_named(toy: Engine) -> None:
    with broken(toy) as connection:
        one = first(connection, Visualization.id, Visualization.unit_id.is_not(None))
        other = connection.scalar(select(func.max(Layer.id)))
        statement = update(Visualization).where(Visualization.id == one)
        connection.execute(statement.values(layer_id=other))
        fault = found(connection)["reference"]
    assert "another layer" in fault.says
    assert mends(fault, *AGAIN)


def delete_from(table: type[schema.Base], *where: Any) -> Callable[[Connection], None]:
    def damage(connection: Connection) -> None:
        assert connection.execute(delete(table).where(*where)).rowcount

    return damage


def blind(connection: Connection) -> None:
    connection.execute(update(DatasetImage).values(image_sha256=None))


ONE = select(func.min(Scan.unit_id)).scalar_subquery()


@pytest.mark.parametrize(
    ("damage", "kind", "says", "commands"),
    [
        (delete_from(Example, Example.rank == 1), "ranks", "examples", AGAIN),
        (delete_from(Neighbour, Neighbour.rank == 1), "ranks", "similar units", AGAIN),
        (delete_from(Effect, Effect.rank == 1), "ranks", "effects", AGAIN),
        (delete_from(Effect, Effect.rank == -2), "ranks", "effects", AGAIN),
        (delete_from(Visualization, Visualization.member == 1), "members", "belong", AGAIN),
        (delete_from(Visualization, Visualization.member == 3), "members", "belong", AGAIN),
        (
            delete_from(Example, Example.kind == "top", Example.rank == 3, Example.unit_id == ONE),
            "examples", "not as many", AGAIN,
        ),
        (blind, "views", "without their view", AGAIN),
        (
            delete_from(Statistics, Statistics.unit_id == ONE),
            "statistics", "no statistics", ("precompute --model toy",),
        ),
        (
            delete_from(Statistics, Statistics.unit_id == ONE),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Visualization, Visualization.technique == "logit"),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Visualization, Visualization.technique == "deepdream"),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Effect, Effect.unit_id == ONE),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (delete_from(Sheet, Sheet.technique == "channel"), "sheets", "Sheets", ("refresh",)),
        (delete_from(Highlight, Highlight.rank == 1), "tour", "The tour of toy", ("refresh",)),
        (delete_from(Visualization), "leftovers", "Nothing refers to", ("prune",)),
    ],
)  # fmt: skip
def test_what_is_not_complete_is_named_with_what_mends_it(
    toy: Engine,
    damage: Callable[[Connection], None],
    kind: str,
    says: str,
    commands: tuple[str, ...],
) -> None:
    with broken(toy) as connection:
        damage(connection)
        fault = found(connection)[kind]
    assert says in fault.says
    assert fault.count > 0
    assert mends(fault, *commands)


def test_a_network_that_lacks_a_unit_comes_from_a_backup(toy: Engine) -> None:
    with broken(toy) as connection:
        last = connection.scalar(select(func.max(Unit.id)))
        connection.execute(delete(Unit).where(Unit.id == last))
        fault = found(connection)["units"]
    assert fault.places == ("toy logits: 51 of 52 units",)
    assert "backup" in fault.mend[0]


def record(connection: Connection, **changed: Any) -> None:
    now = datetime.now(UTC)
    command = "microscope precompute --model toy --layers conv2d0 --units 0-9 --techniques channel"
    row: dict[str, Any] = {
        "model": "toy",
        "command": command,
        "version": "0.1.0",
        "state": "running",
    }
    row |= {"started": now, "heartbeat": now, "total": 10, "done": 3, "stage": "channel"}
    connection.execute(insert(Run).values(**row | changed))


def test_a_run_that_died_is_named_with_its_command(toy: Engine) -> None:
    with broken(toy) as connection:
        record(connection, heartbeat=datetime.now(UTC) - timedelta(hours=2))
        faults = found(connection)
        assert mends(faults["run-died"], "precompute --model toy --layers conv2d0 --units 0-9")
        assert faults["missing"].count == 7
        assert faults["missing"].places[0] == "channel of conv2d0:3, seed 0"
        record(connection, state="finished")
        assert set(found(connection)) == {"missing"}


def test_what_a_run_is_at_is_not_missing_yet(toy: Engine) -> None:
    with broken(toy) as connection:
        record(connection)
        connection.execute(delete(Sheet).where(Sheet.technique == "channel"))
        report: Report = examine(connection, silent)
    assert {fault.kind for fault in report.faults} == {"leftovers"}
    assert report.running == ("toy",)


def test_a_run_that_was_refused_asks_for_nothing(toy: Engine) -> None:
    with broken(toy) as connection:
        record(connection, state="failed", total=0, stage="")
        record(connection, state="finished", command="rm -rf 'unbalanced")
        assert found(connection) == {}


def test_only_commands_of_precompute_are_named(toy: Engine) -> None:
    """Whoever hands a database on does not get to say what others run."""
    harmful = "microscope precompute --model toy; rm -rf / $(reboot)"
    with broken(toy) as connection:
        spoil(connection)
        for command in ("rm -rf /", harmful):
            record(connection, state="finished", command=command)
        mend = found(connection, is_quick=False)["picture-bytes"].mend
    assert not any(each.startswith("rm") for each in mend)
    assert shlex.split(mend[-1])[2:8] == ["--model", "toy;", "rm", "-rf", "/", "$(reboot)"]


def test_a_damaged_file_is_told_with_all_that_can_be_read(toy_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    data = bytearray(toy_file.read_bytes())
    page = 4096
    for number in range(len(data) // page // 2, len(data) // page, 7):
        data[number * page : number * page + 200] = b"\xff" * 200
    path.write_bytes(bytes(data))
    done = run("check", "--json", "--database", str(path))
    assert done.returncode == 1, done.stderr
    faults = json.loads(done.stdout)["faults"]
    assert faults[0]["kind"] == "file"
    assert "backup" in faults[0]["mend"][0]


def harm(connection: Connection) -> None:
    """One fault or more of each kind that a command mends."""
    spoil(connection)
    stretch(connection)
    sheet = first(connection, Sheet.image_sha256)
    connection.execute(update(Image).where(Image.sha256 == sheet).values(bytes=b"no sheet"))
    connection.execute(insert(Image).values(
        sha256="a" * 64, media_type="image/png", width=1, height=1, bytes=b"left over"
    ))  # fmt: skip
    for damage in (
        delete_from(Visualization, Visualization.technique == "logit"),
        delete_from(Visualization, Visualization.member == 2),
        delete_from(Effect, Effect.rank == 1),
        delete_from(Neighbour, Neighbour.rank == 1),
        delete_from(Highlight, Highlight.rank == 1),
    ):
        damage(connection)


@pytest.mark.parametrize("kind", ENGINES)
def test_the_commands_that_are_named_mend_it(
    kind: str, toy_file: Path, new_store: NewStore
) -> None:
    url = duplicate(toy_file, new_store(kind))
    engine = open_for_writing(url)
    with writing(engine) as connection:
        harm(connection)
    done = []
    while faults := check(engine, silent).faults:
        command = next(each for fault in faults for each in fault.mend if each not in done)
        done.append(command)
        words = shlex.split(command)
        assert words[0] == "microscope"
        ended = run(*words[1:])
        assert ended.returncode == 0, ended.stderr
    engine.dispose()
    assert len(done) < 5
    assert content(url) == content(toy_file)
    assert not list(intact(url))


def test_the_command_says_what_is_wrong_and_ends_with_1(
    toy_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "toy.db")
    shutil.copy(toy_file, path)
    assert cli.run(cli.app, ["check", "--database", path]) == 0
    assert "all is well" in capsys.readouterr().out
    engine = open_for_writing(path)
    with writing(engine) as connection:
        spoil(connection)
    engine.dispose()
    assert cli.run(cli.app, ["check", "--database", path]) == 1
    out = capsys.readouterr().out
    assert "1 pictures have other bytes than their hash says (picture-bytes, 1):" in out
    assert f"  → microscope prune --broken --database {path}\n" in out
    assert cli.run(cli.app, ["check", "--quick", "--json", "--database", path]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["is_well"], told["pictures"], told["faults"]) == (True, 0, [])
    assert cli.run(cli.app, ["prune", "--broken", "--vacuum", "--database", path]) == 2
    assert cli.run(cli.app, ["prune", "--broken", "--database", path]) == 0
    assert "Removed 1 broken picture, " in capsys.readouterr().out


def test_nothing_is_removed_from_a_database_that_is_well(
    toy_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "toy.db")
    shutil.copy(toy_file, path)
    assert cli.run(cli.app, ["prune", "--broken", "--database", path]) == 0
    assert "Nothing is broken" in capsys.readouterr().out
    assert content(path) == content(toy_file)


def test_a_check_writes_nothing(toy_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "toy.db"
    shutil.copy(toy_file, path)
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert cli.run(cli.app, ["check", "--database", str(path)]) == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
