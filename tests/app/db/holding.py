"""A process that has the lock of a database, until it is ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.db.lock import RUN

HOLDER = """
import sys, time
from app.db.engine import open_for_writing
from app.db.lock import RUN, held
from app.db.writer.writer import Writer
with held(*sys.argv[1:]):
    if sys.argv[2] == RUN:
        engine = open_for_writing(sys.argv[1])
        Writer(engine).start_run("toy", {"model": "toy"}, "1")
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process(database: str, command: str = RUN) -> Iterator[subprocess.Popen[str]]:
    """It says that it is this command; a run notes itself as run 1."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database, command], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()
