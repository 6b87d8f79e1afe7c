"""What `microscope status` says of a run, on each engine: that it runs, how it ended, or died."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from app.cli.status import run_line
from app.db.queries import run_status
from app.db.views import RunView
from app.db.writer.writer import Writer


def only(engine: Engine) -> RunView:
    (run,) = run_status.runs(engine)
    return run


def begun(engine: Engine) -> tuple[Writer, int]:
    writer = Writer(engine)
    run = writer.start_run("toy", {}, "1")
    writer.beat(run, "channel", 3, 8)
    return writer, run


def test_a_run_that_goes_on_says_how_far_it_is(engine: Engine) -> None:
    begun(engine)
    told = run_line(only(engine), datetime.now(UTC))
    assert re.search(r"running, last heard of \d+ s ago; channel, 3 of 8", told)
    assert run_status.live_run(engine) is not None


@pytest.mark.parametrize("state", ["finished", "failed", "interrupted"])
def test_a_run_that_ended_says_how(state: str, engine: Engine) -> None:
    writer, run = begun(engine)
    writer.end_run(run, state, message="That was it.")
    assert f"{state}; channel" in run_line(only(engine), datetime.now(UTC))
    assert "That was it." in run_line(only(engine), datetime.now(UTC))
    assert run_status.live_run(engine) is None


def test_a_run_without_a_sign_of_life_has_died(engine: Engine) -> None:
    begun(engine)
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert not only(engine).is_alive(later)
    assert "died: no sign of life for 5 minutes" in run_line(only(engine), later)


def test_the_next_run_knows_that_those_before_it_were_killed(engine: Engine) -> None:
    writer, first = begun(engine)
    writer.end_run(first, "finished")
    writer.start_run("toy", {}, "1")
    writer.end_lost_runs()
    killed, finished = run_status.runs(engine)
    assert (finished.state, killed.state) == ("finished", "interrupted")
    assert "killed" in run_line(killed, datetime.now(UTC))
