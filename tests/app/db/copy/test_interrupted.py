"""Wherever a copy is stopped, it goes on, and is of one state of its source."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.cli import main
from app.db.copy import table_parts
from app.db.copy.transfer import copy_database
from app.db.engine import open_for_reading, open_for_writing
from app.errors import DatabaseUnusable
from tests.app.conftest import visualization
from tests.app.db.copy.samples import (
    StopError,
    change,
    drawn,
    rows_of,
    silent,
    stop_after,
    total,
)
from tests.precompute.content import content, intact


def stopped(source: str, target: str, told: Callable[[str, int, int], None]) -> bool:
    """Whether a copy was stopped before its end."""
    try:
        copy_database(source, target, told)
    except StopError:
        return True
    return False


@pytest.mark.usefixtures("small_parts")
def test_a_copy_that_is_stopped_again_and_again_goes_on_where_it_was(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[int] = []
    add_part = table_parts.add_part

    def counting(engine: Engine, name: str, part: table_parts.CopyPart, after: object) -> None:
        add_part(engine, name, part, after)  # type: ignore[arg-type]
        added.append(len(part.rows))

    monkeypatch.setattr("app.db.copy.transfer.add_part", counting)
    stops = 0
    while stopped(source, target, stop_after(22)):
        with pytest.raises(DatabaseUnusable, match="unfinished copy of"):
            open_for_reading(target)
        with pytest.raises(DatabaseUnusable, match="run the same `microscope copy` again"):
            open_for_writing(target)
        stops += 1
    assert stops > 2
    assert content(target) == content(source)
    assert sum(added) == total(source), "nothing is copied twice"


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("parts", [2, 7, 14])
def test_what_changed_since_a_copy_was_stopped_is_copied_anew(
    changing: str, target: str, parts: int
) -> None:
    with pytest.raises(StopError):
        copy_database(changing, target, stop_after(parts))
    again = [visualization("conv2d0", unit, image=picture) for unit, picture in enumerate(drawn())]
    change(changing, lambda writer: writer.put_visualizations("toy", again, replace=True))
    change(changing, lambda writer: writer.start_run("toy", {}, "0.1.0"))
    copy_database(changing, target, silent)
    assert content(target) == content(changing)
    assert rows_of(target) == rows_of(changing)


@pytest.mark.usefixtures("small_parts")
def test_what_a_writer_commits_meanwhile_waits_for_the_next_copy(
    changing: str, target: str
) -> None:
    before = content(changing)
    wanted = [visualization("mixed3b", 20)]

    def told(what: str, done: int, total: int) -> None:
        if wanted:
            new = wanted.pop()
            change(changing, lambda writer: writer.put_visualizations("toy", [new]))

    copy_database(changing, target, told)
    assert content(target) == before
    assert content(changing) != before


DYING = """
import itertools, os, signal, sys
from sqlalchemy import Engine, event
from app.db.copy import table_parts
table_parts.PART_ROWS = 5
left = itertools.count(int(sys.argv.pop(1)), -1)
def die(*_):
    if next(left) <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
# Before a commit all of a part is written, and none of it is there.
event.listen(Engine, "commit", die)
event.listen(Engine, "before_cursor_execute", die)
from app.cli.main import main
main()
"""


def test_a_copy_that_is_killed_again_and_again_ends_equal(source: str, target: str) -> None:
    command = ["copy", "--from", source, "--to", target]
    for statements in (60, 110):
        done = subprocess.run(
            [sys.executable, "-c", DYING, str(statements), *command], capture_output=True
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert main.run(main.app, command) == 0
    assert content(target) == content(source)
    assert not list(intact(target))
