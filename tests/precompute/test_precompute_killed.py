"""Killed at random moments and run again, precompute ends as an undisturbed run does."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.precompute.content import content, intact

ARGUMENTS = (
    "precompute", "--model", "toy", "--dataset", "drawn", "--layers", "conv2d0,mixed3a,logits",
    "--units", "0-15", "--steps", "6", "--size", "32", "--top", "4",
)  # fmt: skip
KILLS = 5


def command(database: Path) -> list[str]:
    program = "from app.cli import main; main()"
    return [sys.executable, "-c", program, *ARGUMENTS, "--database", str(database)]


def test_five_times_killed_is_as_good_as_undisturbed(tmp_path: Path) -> None:
    undisturbed, disturbed = tmp_path / "undisturbed.db", tmp_path / "disturbed.db"
    begun = time.monotonic()
    subprocess.run(command(undisturbed), check=True, capture_output=True, timeout=240)
    whole = time.monotonic() - begun
    for after in random.Random(5).sample(range(20, 95), KILLS):
        _killed(command(disturbed), after / 100 * whole)
        if disturbed.exists():
            assert not list(intact(disturbed))
    subprocess.run(command(disturbed), check=True, capture_output=True, timeout=240)
    assert not list(intact(disturbed))
    expected, found = content(undisturbed), content(disturbed)
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert len(expected["visualization"]) == 48
    assert len(expected["example"]) == 48 * 4


def _killed(words: list[str], seconds: float) -> None:
    """Starts it and kills it after a while; ending before is no harm."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
