"""Killed at random moments, over and over: whole after each, and complete and equal in the end."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.errors import StoreError
from tests.bad_days.nursery import Nursery, wait_until
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of
from tests.precompute.content import intact

# One line for each engine that computes: its options.
ENGINES = [pytest.param((), id="local")]
# On each kind of database; together more than fifty.
KILLS = 26
# Of so many moments in a run, these many stages are hit, or the moments were not random.
STAGES = 4
# What an undisturbed run says: two lines for each of eleven stages.
LINES = 22


@pytest.mark.parametrize("options", ENGINES)
def test_killed_again_and_again_it_ends_as_an_undisturbed_run(
    options: tuple[str, ...],
    new_database: Callable[[], str],
    nursery: Nursery,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")  # noqa: T201
    killer = Killer(nursery, options, random.Random(seed))
    while killer.kills < KILLS:
        database = new_database()
        killer.run_and_kill(database)
        require_same(database, undisturbed)
        assert not list(tmp_path.glob("*-scan"))
    print(f"{killer.kills} kills, by stage {dict(killer.stages)}")  # noqa: T201
    assert len(killer.stages) >= STAGES, killer.stages


class Killer:
    """Kills runs at random moments, and looks at what they leave.

    A moment is a random line of what a run says, and a random while after it: as long as a line
    has taken so far, so that it does not matter how busy the machine is.
    """

    def __init__(self, nursery: Nursery, options: tuple[str, ...], chance: random.Random) -> None:
        self.nursery, self.options, self.chance = nursery, options, chance
        self.stages: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        return self.stages.total()

    def run_and_kill(self, database: str) -> None:
        """Over and over, until a run gets through."""
        while (code := self._once(database)) != 0:
            assert code == -signal.SIGKILL
            self.stages[self._stage(database)] += 1

    def _once(self, database: str) -> int:
        """The exit code of a run that is killed, unless it ends before its line."""
        begun, line = time.monotonic(), self.chance.randrange(LINES)
        child = self.nursery.start(*WORDS, *self.options, "--database", database)
        wait_until(lambda: child.poll() is not None or len(child.told().splitlines()) >= line)
        time.sleep((time.monotonic() - begun) * self.chance.uniform(0, 2 / (line + 1)))
        return child.kill()

    def _stage(self, database: str) -> str:
        """What the run that was killed was at; its database is whole."""
        with suppress(StoreError):  # it is not made yet
            latest = next(iter(runs_of(database)), None)
            assert not list(intact(database))
            if latest is not None and latest.state == "running":
                return latest.stage or "loading"
        return "start"
