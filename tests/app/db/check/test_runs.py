"""What runs were asked for, what they are at, and which of their commands are named."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete

from app.db.check.report import Report, examine
from app.tables import Sheet
from tests.app.db.check.samples import broken, found, mends, record, silent, spoil


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
        record(connection, state="finished", request={"command": "rm -rf 'unbalanced"})
        assert found(connection) == {}


def test_only_commands_of_precompute_are_named(toy: Engine) -> None:
    """Whoever hands a database on does not get to say what others run."""
    harmful = {"model": "toy; rm -rf / $(reboot)", "force; reboot": True}
    with broken(toy) as connection:
        spoil(connection)
        for request in ({"command": "rm -rf /"}, harmful):
            record(connection, state="finished", request=request)
        mend = found(connection, is_quick=False)["picture-bytes"].mend
    assert not any(each.startswith("rm") for each in mend)
    words = ["--model", "toy; rm -rf / $(reboot)", "--force; reboot"]
    assert shlex.split(mend[-1])[2:5] == words
