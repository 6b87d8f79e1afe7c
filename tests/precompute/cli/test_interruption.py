"""Ctrl-C twice: what was being computed is not waited for."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from app.db.engine import open_for_reading
from app.db.queries.run_status import runs

# A run of which each task takes ten minutes, and which says when it waits for them.
PROGRAM = """
import signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from precompute.executors.local import in_threads
from precompute.cli.signals import interruptible
from precompute.pipeline import record_run
from precompute.request import Request

def forever(item):
    print("begun", flush=True)
    time.sleep(600)

end = ThreadPoolExecutor.shutdown
def say_and_end(pool, *given, **named):
    print("waits", flush=True)
    end(pool, *given, **named)
ThreadPoolExecutor.shutdown = say_and_end
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run in the background

with interruptible(), record_run(Request("toy", database=sys.argv[1])):
    for _ in in_threads(forever, range(1), 2):
        pass
"""


def test_the_second_ctrl_c_ends_at_once_and_the_run_is_noted(tmp_path: Path) -> None:
    database = tmp_path / "microscope.db"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, database], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for said in ("begun\n", "waits\n"):
        assert process.stdout.readline() == said
        process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "the same command again" in told.splitlines()[-1]
    engine = open_for_reading(str(database))
    (run,) = runs(engine)
    engine.dispose()
    assert run.state == "interrupted"
