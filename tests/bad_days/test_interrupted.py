"""Interrupted in every stage: noted, said, and gone on from; no interpreter ends under a thread."""

from __future__ import annotations

import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of
from tests.nursery import Child, Nursery
from tests.postgres import free_port

# As they come: each run is interrupted in the one after that in which the last was.
STAGES = (
    "channel",
    "thumbnails",
    "logit",
    "examples",
    "measuring examples",
    "storing examples",
    "effects",
)
SIGNALS = (signal.SIGINT, signal.SIGTERM)

DEMOS = 12
INTERRUPTED = 130


def test_interrupted_in_every_stage_it_goes_on_and_ends_as_an_undisturbed_run(
    new_database: Callable[[], str], nursery: Nursery, undisturbed: Undisturbed
) -> None:
    database = new_database()
    for number, stage in enumerate(STAGES):
        child = nursery.start(*WORDS, "--database", database)
        child.wait_for(partial(has_reached, child, stage))
        child.signal(SIGNALS[number % 2])
        assert child.wait() == INTERRUPTED, child.told()
        assert "the same command again goes on" in child.told().splitlines()[-1]
        assert "Traceback" not in child.told()
        latest, *_ = runs_of(database)
        assert (latest.id, latest.state) == (number + 1, "interrupted")
    assert nursery.run(*WORDS, "--database", database).code == 0
    require_same(database, undisturbed)
    assert runs_of(database)[0].state == "finished"


def has_reached(child: Child, stage: str) -> bool:
    """Whether a run has begun a stage."""
    return any(line.startswith(f"{stage}: ") for line in child.told().splitlines())


def test_a_demo_that_is_interrupted_under_its_readers_ends_in_order(
    nursery: Nursery, tmp_path: Path
) -> None:
    seed = time.time_ns()
    chance = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201
    for number in range(DEMOS):
        port = free_port()
        child = nursery.start(
            "demo", "--database", tmp_path / "demo.db", "--port", str(port),
            MICROSCOPE_HOME=str(tmp_path),
        )  # fmt: skip
        with read(f"http://127.0.0.1:{port}/") as is_read:
            child.wait_for(is_read.is_set)
            time.sleep(chance.uniform(0, 1))
            child.signal(SIGNALS[number % 2])
            assert child.wait() == INTERRUPTED, child.told()
        assert "Fatal Python error" not in child.told()
        assert "goes on from there" in child.told()


@contextmanager
def read(address: str) -> Iterator[threading.Event]:
    """Somebody reads a page over and over; the event is that it was answered."""
    is_read, is_over = threading.Event(), threading.Event()

    def read_on() -> None:
        while not is_over.wait(0.02):
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(address, timeout=30) as answer,
            ):
                answer.read()
                is_read.set()

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        yield is_read
    finally:
        is_over.set()
        reader.join(60)
