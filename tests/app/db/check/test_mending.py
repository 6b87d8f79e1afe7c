"""The command tells a person, changes nothing, and names what mends."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from app.cli import main
from app.db.check.report import check
from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.evidence.class_attribution import Effect
from app.evidence.similar_units import Neighbour
from app.evidence.visualizations import Visualization
from app.tables import Highlight, Image, Sheet
from tests.app.db.check.samples import (
    delete_from,
    duplicate,
    first,
    run,
    silent,
    spoil,
    stretch,
)
from tests.app.db.conftest import ENGINES, NewStore
from tests.precompute.content import content, intact


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
    assert main.run(main.app, ["check", "--database", path]) == 0
    assert "all is well" in capsys.readouterr().out
    engine = open_for_writing(path)
    with writing(engine) as connection:
        spoil(connection)
    engine.dispose()
    assert main.run(main.app, ["check", "--database", path]) == 1
    out = capsys.readouterr().out
    assert "1 picture has other bytes than its hash says (picture-bytes, 1):" in out
    assert f"  → microscope prune --broken --database {path}\n" in out
    assert main.run(main.app, ["check", "--quick", "--json", "--database", path]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["is_well"], told["pictures"], told["faults"]) == (True, 0, [])
    assert main.run(main.app, ["prune", "--broken", "--vacuum", "--database", path]) == 2
    assert main.run(main.app, ["prune", "--broken", "--database", path]) == 0
    assert "Removed 1 broken picture, " in capsys.readouterr().out


def test_nothing_is_removed_from_a_database_that_is_well(
    toy_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "toy.db")
    shutil.copy(toy_file, path)
    assert main.run(main.app, ["prune", "--broken", "--database", path]) == 0
    assert "Nothing is broken" in capsys.readouterr().out
    assert content(path) == content(toy_file)


def test_a_check_writes_nothing(toy_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "toy.db"
    shutil.copy(toy_file, path)
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert main.run(main.app, ["check", "--database", str(path)]) == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
