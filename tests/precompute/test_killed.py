"""Killed at random moments and run again, precompute ends as an undisturbed run does."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from tests.nursery import Nursery
from tests.precompute.content import content, counted, intact, require_same

ARGUMENTS = (
    "precompute", "--model", "toy", "--dataset", "drawn", "--images", "400",
    "--layers", "conv2d0,mixed3a,logits", "--units", "0-15", "--steps", "10", "--size", "32",
    "--top", "4",
)  # fmt: skip
PICTURES, SCANNED = 48, 48
# A kill falls a random moment after so much is there: twice among the pictures, twice in the scan
# (in so many runs it has begun), and once while examples are stored.
MOMENTS = (
    ("visualization", 8),
    ("visualization", 32),
    ("scanning", 1),
    ("scanning", 2),
    ("scan", 16),
)


def finish(nursery: Nursery, database: Path) -> None:
    child = nursery.run(*ARGUMENTS, "--database", database)
    assert child.code == 0, child.told()


def stored(database: Path, what: str) -> int:
    """Rows of a table; or, for `scanning`, in how many runs the scan was the last stage."""
    query = f"SELECT count(*) FROM {what}"
    if what == "scanning":
        query = "SELECT count(*) FROM run WHERE stage = 'examples'"
    return counted(database, query)


def kill_when(nursery: Nursery, database: Path, moment: tuple[str, int], wait: float) -> None:
    """Runs it until so much is there, waits a moment, and kills it; it must still be running."""
    child = nursery.start(*ARGUMENTS, "--database", database)
    child.wait_for(lambda: stored(database, moment[0]) >= moment[1])
    time.sleep(wait)
    assert child.kill() == -signal.SIGKILL


def test_five_times_killed_is_as_good_as_undisturbed(tmp_path: Path, nursery: Nursery) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed.db", tmp_path / "disturbed.db"
    finish(nursery, undisturbed)
    chance = random.Random(5)
    for moment in MOMENTS:
        kill_when(nursery, disturbed, moment, wait=chance.uniform(0, 0.1))
        assert not list(intact(disturbed))
        assert stored(disturbed, "scan") < SCANNED
    finish(nursery, disturbed)
    expected = content(undisturbed)
    require_same(disturbed, expected)
    assert (len(expected["visualization"]), len(expected["scan"])) == (PICTURES, SCANNED)
    assert sum(row[3] == "top" for row in expected["example"]) == SCANNED * 4
    assert not list(tmp_path.glob("*-scan"))
