"""What `microscope status` tells people and programs: counts by layer, what runs, what died."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Engine, text

from app.cli import main, status
from app.db.engine import open_for_reading, open_for_writing
from app.db.transactions import writing
from app.db.writer.writer import Writer


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_for_reading(database)
    yield engine
    engine.dispose()


def printed(engine: Engine) -> list[list[str]]:
    """The table's cells, row by row."""
    page = StringIO()
    status.show(Console(file=page, width=160), status.gather(engine))
    lines = page.getvalue().replace("┃", "│").splitlines()
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]


def test_techniques_come_in_the_order_of_the_pages_then_data_sets(engine: Engine) -> None:
    columns = ["channel", "logit", "neuron", "negative", "diversity", "deepdream"]
    assert printed(engine)[0] == ["layer", "units", *columns, "foxes", "secrets"]


def test_units_are_counted_and_pictures_of_a_layer_count_the_layer(engine: Engine) -> None:
    _, conv, mixed, logits, total = printed(engine)
    assert conv == ["conv2d0", "16", "16", "–", "1", "1", "1", "1", "16", "–"]
    assert mixed == ["mixed3b", "24", "12", "–", "–", "1", "–", "–", "12", "1"]
    assert logits == ["logits", "4", "–", "4", "–", "–", "–", "–", "4", "–"]
    assert total == ["all", "44", "28", "4", "1", "2", "1", "1 layer", "32", "1"]


@pytest.fixture
def own(own: str) -> str:
    """A copy of the filled database, in which a run has just begun: how far is in it."""
    engine = open_for_writing(own)
    writer = Writer(engine)
    writer.beat(writer.start_run("toy", {}, "0.1.0"), "channel", 12, 48)
    engine.dispose()
    return own


def silent_for(database: str, minutes: int) -> None:
    """As if nothing had been heard of any run for so long."""
    engine = open_for_writing(database)
    with writing(engine) as connection:
        then = datetime.now(UTC) - timedelta(minutes=minutes)
        connection.execute(text("UPDATE run SET heartbeat = :then"), {"then": then})
    engine.dispose()


def told(capsys: pytest.CaptureFixture[str], database: str, *options: str) -> tuple[int, str]:
    """The exit code, and what was printed, on one line."""
    code = main.run(main.app, ["status", "--database", database, *options])
    return code, " ".join(capsys.readouterr().out.split())


def as_json(capsys: pytest.CaptureFixture[str], database: str) -> tuple[int, Any]:
    code, printed = told(capsys, database, "--json")
    return code, json.loads(printed)


def test_a_run_that_goes_on_is_told_with_how_far_it_is(
    capsys: pytest.CaptureFixture[str], own: str
) -> None:
    code, printed = told(capsys, own)
    assert code == 0
    assert "running, last heard of" in printed
    assert "channel, 12 of 48 (25%)" in printed


def test_a_run_that_was_not_heard_of_died_and_the_exit_code_says_so(
    capsys: pytest.CaptureFixture[str], own: str
) -> None:
    silent_for(own, minutes=7)
    code, printed = told(capsys, own)
    assert code == 3
    assert "died: no sign of life for 7 minutes; run it again to go on" in printed


def test_programs_are_told_the_same(capsys: pytest.CaptureFixture[str], own: str) -> None:
    code, found = as_json(capsys, own)
    (run,) = found["current_runs"]
    assert (code, found["is_well"], run["state"]) == (0, True, "running")
    assert (run["stage"], run["done"], run["total"]) == ("channel", 12, 48)
    assert 0 <= run["silent_seconds"] < 180
    assert [each["state"] for each in found["latest_runs"]] == ["running", "finished"]
    silent_for(own, minutes=7)
    code, found = as_json(capsys, own)
    (run,) = found["current_runs"]
    assert (code, found["is_well"], run["state"]) == (3, False, "stale")
    assert run["silent_seconds"] >= 420


def test_programs_are_told_what_is_stored(capsys: pytest.CaptureFixture[str], own: str) -> None:
    _, found = as_json(capsys, own)
    (model,) = found["models"]
    conv = model["layers"][0]
    assert (model["slug"], conv["name"], conv["units"]) == ("toy", "conv2d0", 16)
    assert conv["done"].items() >= {"channel": 16, "neuron": 1, "deepdream": 1, "foxes": 16}.items()
    assert [each["slug"] for each in found["datasets"]] == ["foxes", "secrets"]


@pytest.mark.parametrize(("state", "code"), [("failed", 3), ("interrupted", 0), ("finished", 0)])
def test_how_the_last_run_ended_is_the_exit_code(
    capsys: pytest.CaptureFixture[str], own: str, state: str, code: int
) -> None:
    engine = open_for_writing(own)
    writer = Writer(engine)
    writer.end_run(writer.start_run("other", {}, "0.1.0"), state)
    engine.dispose()
    assert told(capsys, own)[0] == code


def test_a_run_that_goes_on_is_shown_however_many_came_after_it(
    capsys: pytest.CaptureFixture[str], own: str
) -> None:
    engine = open_for_writing(own)
    writer = Writer(engine)
    for _ in range(status.LATEST + 2):
        writer.end_run(writer.start_run("other", {}, "0.1.0"), "finished")
    engine.dispose()
    assert "running, last heard of" in told(capsys, own)[1]
