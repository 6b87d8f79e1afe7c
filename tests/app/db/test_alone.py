"""What may go on beside a run, and what has a database to itself, with a real process at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from app.cli import main
from app.db.engine import REVISION, database_url, open_for_writing, revision_of
from app.db.lock import COPY, RUN
from app.db.migrations import upgrade
from app.db.transactions import transaction
from tests.app.conftest import draw_picture, made_up_model
from tests.app.curated import fill_small, picture_of
from tests.app.db.conftest import NewStore
from tests.app.db.holding import another_process
from tests.precompute.content import content

LABELS = """
model = "toy"
source = "me"
[[label]]
units = "mixed3b:1"
label = "a spiral"
"""

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command; its exit code and what it said on stderr."""

    def run(*arguments: str) -> tuple[int, str]:
        return main.run(main.app, [*arguments]), capsys.readouterr().err

    return run


@pytest.fixture
def small(store_url: str) -> str:
    """A very small database that is well, and is a test's own."""
    engine = open_for_writing(store_url)
    fill_small(engine, made_up_model, draw_picture)
    engine.dispose()
    return store_url


def test_what_would_spoil_a_run_is_refused_while_one_goes_on(
    small: str, say: Say, tmp_path: Path
) -> None:
    with another_process(small, RUN):
        before = content(small)
        refused = [
            say("prune", "--broken", "--database", small),
            say("copy", "--from", str(other(tmp_path)), "--to", small),
        ]
        if "://" not in small:
            refused.append(say("prune", "--vacuum", "--database", small))
        assert content(small) == before
    for code, told in refused:
        assert code == 1
        assert "Another run fills the database" in told
        assert "run 1 of toy" in told
    assert say("prune", "--broken", "--database", small)[0] == 0


def other(folder: Path) -> Path:
    path = folder / "other.db"
    engine = open_for_writing(str(path))
    fill_small(engine, made_up_model, draw_picture)
    engine.dispose()
    return path


def test_everything_else_may_be_done_beside_a_run(small: str, say: Say, tmp_path: Path) -> None:
    labels = tmp_path / "labels.toml"
    labels.write_text(LABELS)
    hidden = picture_of(draw_picture, "mixed3b", 1).sha256
    with another_process(small, RUN):
        for command in (
            ("labels", "import", str(labels)),
            ("hide", hidden),
            ("unhide", hidden),
            ("refresh",),
            ("prune",),
            ("migrate",),
            ("backup", "--to", str(tmp_path / "kept.db")),
        ):
            assert say(*command, "--database", small) == (0, ""), command
        copied = ("copy", "--from", small, "--to", str(tmp_path / "copied.db"))
        assert say(*copied) == (0, "")


def test_a_run_is_refused_where_a_command_has_the_database_to_itself(small: str, say: Say) -> None:
    with another_process(small, COPY):
        code, told = say("prune", "--broken", "--database", small)
    assert code == 1
    assert "`microscope copy` has the database" in told


@pytest.mark.parametrize("command", ["migrate", "refresh"])
def test_the_tables_are_not_changed_under_a_run_of_an_older_version(
    store_url: str, say: Say, command: str
) -> None:
    engine = create_engine(database_url(store_url))
    with transaction(engine) as connection:
        upgrade(connection, "0004")
    with another_process(store_url, COPY):  # which opens nothing
        code, told = say(command, "--database", store_url)
        assert (code, "has the database" in told) == (1, True)
    assert revision_of(engine) == "0004"
    assert say(command, "--database", store_url) == (0, "")
    assert revision_of(engine) == REVISION
    engine.dispose()


def test_two_copies_onto_one_place_are_not_made_at_once(
    small: str, new_store: NewStore, say: Say
) -> None:
    target = new_store("sqlite" if "://" in small else "postgresql")
    with another_process(target, COPY):
        code, told = say("copy", "--from", small, "--to", target)
    assert code == 1
    assert "`microscope copy` has the database" in told
    assert say("copy", "--from", small, "--to", target) == (0, "")
    assert content(target) == content(small)
