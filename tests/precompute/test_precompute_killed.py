"""Killed at random moments and run again, precompute ends as an undisturbed run does."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

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
PATIENCE_SECONDS = 120


def command(database: Path) -> list[str]:
    program = "from app.cli import main; main()"
    return [sys.executable, "-c", program, *ARGUMENTS, "--database", str(database)]


def finish(database: Path) -> None:
    done = subprocess.run(
        command(database), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr


def stored(database: Path, what: str) -> int:
    """Rows of a table; or, for `scanning`, in how many runs the scan was the last stage."""
    query = f"SELECT count(*) FROM {what}"
    if what == "scanning":
        query = "SELECT count(*) FROM run WHERE stage = 'examples'"
    return counted(database, query)


def kill_when(database: Path, what: str, count: int, wait: float) -> None:
    """Runs it until so much is there, waits a moment, and kills it; it must still be running."""
    process = subprocess.Popen(
        command(database), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while stored(database, what) < count:
        assert process.poll() is None, f"it ended before {count} of {what} were there"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    assert process.returncode == -signal.SIGKILL


def test_five_times_killed_is_as_good_as_undisturbed(tmp_path: Path) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed.db", tmp_path / "disturbed.db"
    finish(undisturbed)
    chance = random.Random(5)
    for what, count in MOMENTS:
        kill_when(disturbed, what, count, wait=chance.uniform(0, 0.1))
        assert not list(intact(disturbed))
        assert stored(disturbed, "scan") < SCANNED
    finish(disturbed)
    expected = content(undisturbed)
    require_same(disturbed, expected)
    assert (len(expected["visualization"]), len(expected["scan"])) == (PICTURES, SCANNED)
    assert sum(row[3] == "top" for row in expected["example"]) == SCANNED * 4
    assert not list(tmp_path.glob("*-scan"))
