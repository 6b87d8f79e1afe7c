"""Giving up what a run was asked for: it is not missed any more, until it is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.cli import main
from app.db.check.issues import Fault
from app.db.check.report import check
from app.db.derived.refresh import refresh_all
from app.db.maintenance.abandon import abandon
from app.db.queries import run_status
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.errors import InputError, NotFound
from app.tables import Run
from tests.app.conftest import made_up_model

COMMAND = "microscope precompute --model toy --layers conv2d0 --units 0-2 --techniques channel"
REQUEST = {"model": "toy", "layers": ["conv2d0"], "units": "0-2", "techniques": ["channel"]}
OTHER = {"model": "toy", "layers": ["mixed3b"], "units": "0", "techniques": ["channel"]}


def begun(engine: Engine, request: dict[str, Any], state: str = "interrupted") -> int:
    """A run that came to its work and stored nothing; its number."""
    writer = Writer(engine)
    number = writer.start_run("toy", request, "0.1.0")
    writer.beat(number, "channel", 0, 3)
    if state != "running":
        writer.end_run(number, state)
    return number


def missed(engine: Engine) -> dict[str, Fault]:
    """What is missing or died, by its kind and the number of its run."""
    return {
        f"{fault.kind} {fault.says.split()[1]}": fault
        for fault in check(engine, lambda *_: None).faults
        if fault.kind in ("missing", "run-died")
    }


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A network, and nothing that is wrong with it."""
    Writer(engine).put_model(made_up_model())
    refresh_all(engine)
    return engine


def test_what_was_given_up_is_not_missed_and_everything_else_is(store: Engine) -> None:
    first, second = begun(store, REQUEST), begun(store, OTHER)
    assert set(missed(store)) == {f"missing {first}", f"missing {second}"}
    (run,) = abandon(store, [first])
    assert (run.id, run.command) == (first, COMMAND)
    (fault,) = missed(store).values()
    assert fault.says.startswith(f"Run {second} of toy")
    assert [run.state for run in run_status.runs(store)] == ["interrupted", "abandoned"]


def test_what_is_asked_for_again_is_missed_again(store: Engine) -> None:
    abandon(store, [begun(store, REQUEST)])
    again = begun(store, REQUEST, "failed")
    assert set(missed(store)) == {f"missing {again}"}


def test_an_earlier_run_of_the_same_command_stands_for_the_last(store: Engine) -> None:
    first, last = begun(store, REQUEST), begun(store, REQUEST)
    assert [run.id for run in abandon(store, [first])] == [last]
    assert missed(store) == {}


def test_a_run_that_died_can_be_given_up_and_one_that_goes_on_cannot(store: Engine) -> None:
    number = begun(store, REQUEST, "running")
    with pytest.raises(InputError, match=f"Run {number} of toy goes on"):
        abandon(store, [number])
    with writing(store) as connection:
        late = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(update(Run).values(heartbeat=late))
    assert set(missed(store)) == {f"missing {number}", f"run-died {number}"}
    abandon(store, [number])
    assert missed(store) == {}


def test_all_runs_that_are_named_are_given_up_or_none(store: Engine) -> None:
    number = begun(store, REQUEST)
    with pytest.raises(NotFound, match="There is no run 99 here"):
        abandon(store, [number, 99])
    assert set(missed(store)) == {f"missing {number}"}


def test_the_check_says_how_to_give_up_and_the_command_does_it(
    store: Engine, store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = begun(store, REQUEST)
    at = ("--database", store_url)
    assert main.run(main.app, ["check", *at]) == 1
    assert "`microscope abandon`, with the number of its run" in capsys.readouterr().out
    assert main.run(main.app, ["abandon", str(number), *at]) == 0
    assert capsys.readouterr().out == f"Run {number} of toy is given up: {COMMAND}\n"
    assert main.run(main.app, ["check", *at]) == 0
    assert main.run(main.app, ["abandon", "99", *at]) == 2
    assert main.run(main.app, ["status", *at]) == 0
    assert "abandoned" in capsys.readouterr().out


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    place = tmp_path / "none.db"
    assert main.run(main.app, ["abandon", "1", "--database", str(place)]) == 2
    assert not place.exists()
